"""Publish a statement from its source, close it, take it down."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.errors import N_, Conflict
from app.keys import actions as keys
from app.statements import queries
from app.statements.markup import to_html
from app.statements.models import Reference, Revision, Statement, Text
from app.statements.source import Source, SourceText

_FROZEN = N_(
    "the %(language)s text of `%(slug)s` differs from the published one. Signatures are bound to revision %(number)s and its text never changes "
    "under a signer; dates, policies, first signatories, related articles and news may change. Until it opens, and while nobody has signed, the text "
    "could be replaced too. Undo the change, or publish under a new slug."
)
_LANGUAGE = N_("`%(slug)s` is published in %(old)s; the language of the original cannot change.")


def publish(session: Session, source: Source, now: datetime, replace: bool) -> Statement:
    """Create revision 1, or update it; raises Conflict for a changed text unless it is to `replace` the published one."""
    found = queries.find(session, source.slug)
    if found is None:
        statement = Statement(slug=source.slug, language=source.original.language, created_at=now)
        session.add(statement)
        session.flush()
        revision = Revision(statement_id=statement.id, number=1, fingerprint=source.original.fingerprint, published_at=now)
        session.add(revision)
        keys.issue(session, statement.id, now)
    else:
        statement, revision = found, queries.revision(session, found)
    for column, value in described(source).items():
        setattr(statement, column, value)
    session.flush()
    _write_texts(session, statement, revision, source, now, replace)
    _write_references(session, statement, source)
    statement.unpublished_at, statement.unpublish_reason = None, ""
    statement.edition += 1
    return statement


def described(source: Source) -> dict[str, Any]:
    """The columns of a statement that its source sets; none of them is in the canonical text."""
    return {
        "issued_on": source.date,
        "place": source.place,
        "takes_organisations": "organisations" in source.signers,
        "takes_individuals": "individuals" in source.signers,
        "automatic_organisations": "organisations" in source.automatic,
        "automatic_individuals": "individuals" in source.automatic,
        "opens_at": source.opens[0] if source.opens else None,
        "closes_at": source.closes[0] if source.closes else None,
        "zone": next((moment[1] for moment in (source.closes, source.opens) if moment), ""),
        "goal": source.goal,
        "contact": source.contact,
        "noindex": source.noindex,
        "demonstration": source.demonstration,
    }


def _write_texts(session: Session, statement: Statement, revision: Revision, source: Source, now: datetime, replace: bool) -> None:
    published = {text.language: text for text in queries.texts(session, revision)}
    for text in new_texts(session, statement, revision, source, replace):
        row = published.get(text.language) or Text(revision_id=revision.id, **columns(text))
        for column, value in columns(text).items():
            setattr(row, column, value)
        session.add(row)
    if revision.fingerprint != source.original.fingerprint:
        revision.fingerprint, revision.published_at = source.original.fingerprint, now


def new_texts(session: Session, statement: Statement, revision: Revision, source: Source, replace: bool) -> list[SourceText]:
    """Texts that are not published like this yet; raises Conflict where one differs that may not be replaced."""
    published = {text.language: text for text in queries.texts(session, revision)}
    if statement.language != source.original.language:
        raise Conflict(_LANGUAGE, slug=source.slug, old=statement.language)
    for text in (source.original, *source.translations):
        if not replace and text.language in published and published[text.language].fingerprint != text.fingerprint:
            raise Conflict(_FROZEN, language=text.language, slug=statement.slug, number=revision.number)
    fingerprints = {language: row.fingerprint for language, row in published.items()}
    return [text for text in (source.original, *source.translations) if fingerprints.get(text.language) != text.fingerprint]


def columns(text: SourceText) -> dict[str, Any]:
    """The columns of a text."""
    return {
        "language": text.language,
        "title": text.title,
        "summary": text.summary,
        "addressees": list(text.addressees),
        "canonical": text.canonical,
        "fingerprint": text.fingerprint,
        "html": to_html(text.body),
    }


def _write_references(session: Session, statement: Statement, source: Source) -> None:
    session.execute(sa.delete(Reference).where(col(Reference.statement_id) == statement.id))
    for position, item in enumerate((*source.related, *source.news)):
        session.add(
            Reference(
                statement_id=statement.id,
                position=position,
                issued_on=item.date,
                title=item.title,
                summary=item.summary,
                url=item.url,
                language=item.language,
            )
        )


def close(session: Session, slug: str, at: datetime, now: datetime) -> Statement:
    """Close a statement now or later; raises NotFound, and Conflict when it is closed already."""
    statement = queries.get(session, slug)
    statement.close(at, now)
    return statement


def unpublish(session: Session, slug: str, reason: str, now: datetime) -> Statement:
    """Take a statement down, with a reason that its page shows; raises NotFound, Conflict."""
    statement = queries.get(session, slug)
    statement.unpublish(reason, now)
    return statement
