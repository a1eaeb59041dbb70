"""Keyset cursors: opaque to readers, checked when they come back."""

import base64
import binascii
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import N_, DomainError

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """Some rows and where the next ones begin."""

    rows: list[RowT]
    after: str | None = None


def encode_cursor(number: int, key: bytes = b"") -> str:
    """The place after a row: its number and, for sorted lists, its sort key."""
    return base64.urlsafe_b64encode(number.to_bytes(8, "big") + key).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> tuple[int, bytes]:
    """The inverse; raises DomainError for anything we did not make."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not 8 <= len(raw) <= 4096 or any(raw[:4]) or raw[4] >= 128:  # numbers are columns of four bytes with a sign
        raise DomainError(N_("The page mark in this address is not valid. Please begin again from the first page."))
    return int.from_bytes(raw[:8], "big"), raw[8:]
