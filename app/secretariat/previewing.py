"""A draft as the page of its statement would show it, as far as it can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.statements.actions import columns, described
from app.statements.lists import FirstSignatory
from app.statements.markup import to_html
from app.statements.models import Phase, Reference, Statement, Text
from app.statements.source import Paper, examine
from app.web.templates import safe_html

_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Letter:
    """What the pieces of the statement's page need."""

    statement: Statement
    text: Text
    body: Any
    languages: list[str]
    first: Sequence[FirstSignatory]
    related: list[Reference]
    news: list[Reference]
    issued: date | datetime
    phase: Phase
    zone: ZoneInfo | None

    def context(self) -> dict[str, Any]:
        """Names for the templates."""
        return vars(self) | {"shown": self}


def letter(original: Paper, translations: Sequence[Paper], language: str | None, now: datetime) -> Letter:
    """The letter in one of its languages, or in its own; nothing is refused."""
    source, _ = examine(original, translations)
    texts = [source.original, *(text for text in source.translations if text.language)]
    text = next((one for one in texts if one.language == language), source.original)
    statement = Statement(slug=source.slug, language=source.original.language, created_at=now, **described(source))
    references = [
        Reference(statement_id=statement.id, position=0, issued_on=one.date, title=one.title, summary=one.summary, url=one.url, language=one.language)
        for one in (*source.related, *source.news)
    ]
    return Letter(
        statement=statement,
        text=Text(revision_id=_NOBODY, **columns(text)),
        body=safe_html(to_html(text.body)),
        languages=[one.language for one in texts if one.language],
        first=source.first_signatories,
        related=references[: len(source.related)],
        news=references[len(source.related) :],
        issued=statement.issued_on or now,
        phase=statement.phase(now),
        zone=ZoneInfo(statement.zone) if statement.zone else None,
    )
