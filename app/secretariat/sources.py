"""A published statement as the source that would publish it again; drafts and statements as files."""

import io
import zipfile
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session

from app.secretariat.queries import entered_first
from app.statements import lists, queries
from app.statements.canonical import canonical
from app.statements.models import Statement, Text
from app.statements.source import KINDS, Source, SourceText

_EPOCH = (1980, 1, 1, 0, 0, 0)


def source_of(session: Session, statement: Statement) -> Source:
    """What is published, as its file would say it."""
    shown = queries.reading(session, statement, None)
    first = sorted(entered_first(session, statement).values(), key=lambda pair: pair[0].position)
    zone = ZoneInfo(statement.zone).key if statement.zone else "UTC"
    return Source(
        slug=statement.slug,
        original=_text(shown.text),
        translations=tuple(_text(text) for text in shown.texts if text.language != statement.language),
        date=statement.issued_on,
        place=statement.place,
        signers=tuple(kind for kind in KINDS if getattr(statement, f"takes_{kind}")),
        automatic=tuple(kind for kind in KINDS if getattr(statement, f"automatic_{kind}")),
        opens=(statement.opens_at, zone) if statement.opens_at else None,
        closes=(statement.closes_at, zone) if statement.closes_at else None,
        goal=statement.goal,
        contact=statement.contact,
        noindex=statement.noindex,
        demonstration=statement.demonstration,
        first_signatories=tuple(
            lists.FirstSignatory(row.kind.value, one.name, one.role, one.organisation, one.website, one.country, one.language) for row, one in first
        ),
        related=tuple(lists.Reference(one.title, one.url, one.language) for one in shown.related),
        news=tuple(lists.Reference(one.title, one.url, one.language, one.issued_on, one.summary) for one in shown.news),
    )


def _text(row: Text) -> SourceText:
    """The canonical text begins with title, addressees and summary; the body is what follows."""
    head = canonical(row.title, row.addressees, row.summary, "").decode().rstrip("\n")
    body = row.canonical.decode().removeprefix(head).strip("\n")
    return SourceText(row.language, row.title, row.summary, tuple(row.addressees), body)


def packed(stem: str, original: str, translations: Sequence[tuple[str, str]]) -> tuple[str, str, bytes]:
    """Name, media type and bytes of a download: one file, or a ZIP of it and its translations (language, text)."""
    if not translations:
        return f"{stem}.md", "text/markdown; charset=utf-8", original.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ((f"{stem}.md", original), *((f"{stem}.{language}.md", text) for language, text in translations)):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return f"{stem}.zip", "application/zip", buffer.getvalue()
