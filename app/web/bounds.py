"""How much a request may carry: one table of the addresses that need more than a sign form."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Bytes of the whole body, fields, bytes of a field, files."""

    body: int = 64 * 1024
    fields: int = 40
    part: int = 32 * 1024
    files: int = 0


USUAL = Bounds()
_WRITING = Bounds(body=1024 * 1024, fields=5000, part=600 * 1024)
_IMPORTING = Bounds(body=6 * 1024 * 1024, files=12)
_SHEET = Bounds(body=10 * 1024 * 1024 + 64 * 1024, files=1)
_MORE = (
    (re.compile(r"/console/statements/[a-z0-9-]+/import"), _SHEET),
    (re.compile(r"/console/drafts/import"), _IMPORTING),
    (re.compile(r"/console/drafts/[0-9a-f-]{36}(/preview|/texts/[0-9a-f-]{36}(/preview)?)?"), _WRITING),
)


def bounds_for(path: str) -> Bounds:
    """What a request to `path` (without its language prefix) may carry."""
    return next((bounds for pattern, bounds in _MORE if pattern.fullmatch(path)), USUAL)
