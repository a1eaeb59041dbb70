"""Pure: which signatures a removal campaign is about."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from anyascii import anyascii
from sqlmodel import col

from app.i18n import fold
from app.signatures.identity import domain_of
from app.signatures.models import Signature
from app.signatures.particulars import Particulars


@dataclass(frozen=True)
class Conditions:
    """All that are not empty have to hold; moments are aware, `cluster` is the mark of a network."""

    since: datetime | None = None
    until: datetime | None = None
    domain: str = ""
    cluster: str = ""
    name: str = ""
    country: str = ""
    flag: str = ""

    def in_sql(self) -> list[sa.ColumnElement[bool]]:
        """What the database can tell: the rest is sealed."""
        found: list[sa.ColumnElement[bool]] = []
        if self.since:
            found.append(col(Signature.created_at) >= self.since)
        if self.until:
            found.append(col(Signature.created_at) < self.until)
        if self.cluster:
            found.append(col(Signature.cluster) == self.cluster)
        if self.flag:
            found.append(sa.literal(" ").concat(Signature.flags).concat(" ").contains(f" {self.flag} ", autoescape=True))
        return found

    def matcher(self) -> Callable[[Particulars | None, str], bool]:
        """A function of what was typed and of the address, "" where it is erased."""
        pattern = re.compile(re.escape(_plain(self.name)).replace(r"\*", ".*")) if self.name else None

        def matches(typed: Particulars | None, email: str) -> bool:
            if self.domain and self.domain not in {domain_of(email), domain_of(typed.website) if typed and typed.website else ""}:
                return False
            if self.country and (typed is None or typed.country != self.country):
                return False
            return pattern is None or (typed is not None and any(pattern.search(_plain(text)) for text in (typed.name, typed.organisation)))

        return matches

    @property
    def opens(self) -> bool:
        """Whether anything sealed has to be opened."""
        return bool(self.domain or self.name or self.country)

    def dump(self, note: str) -> bytes:
        """UTF-8 JSON, with a note beside it."""
        return json.dumps({"note": note, **asdict(self)}, ensure_ascii=False, default=str).encode()

    @classmethod
    def load(cls, raw: bytes) -> tuple["Conditions", str]:
        """The inverse of `dump`."""
        found: dict[str, Any] = json.loads(raw)
        note = found.pop("note")
        moments = {key: datetime.fromisoformat(found[key]) if found[key] else None for key in ("since", "until")}
        return cls(**{**found, **moments}), note


def _plain(text: str) -> str:
    """Folded and transliterated, so that a pattern meets a name in any script."""
    return fold(anyascii(fold(text)))
