"""Pure: how an entry follows the one before, and the head that is kept outside the database.

The digest of an entry is SHA-256 over the digest before it and the entry itself, so that whoever changes, swaps or takes
out an entry has to change every later one. The head (number and digest of the last entry) stands in a file under a MAC
of the root key, so that this is found too, and a cut tail with it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

START = bytes(32)


@dataclass(frozen=True)
class Fact:
    """What an entry says: who (None: nobody who is known) did what, where, to what, when."""

    at: datetime
    account_id: UUID | None
    act: str
    statement_id: UUID | None = None
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Head:
    """The part of the chain that must be there: everything after the entry `after`, up to `number`.

    What stands before it was deleted in time, or was written by other nodes before this one wrote its first entry; their
    heads vouch for it.
    """

    number: int = 0
    digest: str = START.hex()
    after: int = 0
    before: str = START.hex()

    def mac(self, key: bytes) -> str:
        """HMAC-SHA256 over the head, hex."""
        return hmac.digest(key, _canonical(asdict(self)), "sha256").hex()


@dataclass(frozen=True)
class Link:
    """A fact in its place."""

    number: int
    fact: Fact
    digest: bytes


def digest(previous: bytes, number: int, fact: Fact) -> bytes:
    """The digest of an entry."""
    said = [number, fact.at.isoformat(), str(fact.account_id), fact.act, str(fact.statement_id), fact.subject, fact.detail]
    return hashlib.sha256(previous + _canonical(said)).digest()


def broken(links: Iterable[Link], head: Head) -> Iterator[int]:
    """The numbers at which the chain, read in order, is not what it was; the missing end counts as one."""
    expected, previous, end = head.after + 1, bytes.fromhex(head.before), START
    for link in links:
        if link.number <= head.after:
            continue
        if link.number != expected or link.digest != digest(previous, link.number, link.fact):
            yield link.number
        if link.number == head.number:
            end = link.digest
        expected, previous = link.number + 1, link.digest
    if head.number > head.after and end.hex() != head.digest:
        yield head.number


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
