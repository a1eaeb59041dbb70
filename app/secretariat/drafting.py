"""Write drafts: nothing that was typed is ever refused or lost; publish them, show them to partners, take them back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.accounts.models import Person, Role
from app.audit.actions import record
from app.errors import N_, Conflict, Forbidden
from app.keys.queries import keyring
from app.secretariat import actions
from app.secretariat.comparing import changed, words_of
from app.secretariat.drafts import Sheet, Translation, of_statement
from app.secretariat.models import Draft, DraftText, PreviewLink, opened, seal
from app.secretariat.sources import source_of
from app.statements import queries as statements
from app.statements.models import Statement
from app.statements.source import Source, build
from app.statements.written import EMPTY, Typed, typed_source, typed_text
from app.tokens import new_token

_NO = N_("Your account has no right to this statement.")


class Moved(Conflict):
    """Somebody saved it since the page was opened."""

    def __init__(self) -> None:
        super().__init__(N_("Somebody else saved this meanwhile."))


def create(session: Session, person: Person, now: datetime, typed: Mapping[str, str] = EMPTY, statement_id: UUID | None = None) -> Draft:
    """A new draft."""
    row = Draft(statement_id=statement_id, created_by=person.id, created_at=now, saved_by=person.id, saved_at=now)
    row.content = seal(keyring(session, None), row, "content", {"typed": dict(typed), "touched": {}})
    session.add(row)
    session.flush()
    record(session, "create-draft", now, person.id, statement_id, draft=row.id)
    return row


def edit(session: Session, statement: Statement, person: Person, now: datetime) -> Draft:
    """The draft that edits a published statement; begun from what is published where there is none."""
    found = of_statement(session, statement.id)
    if found:
        return found
    source = source_of(session, statement)
    typed = typed_source(source)
    row = create(session, person, now, typed, statement.id)
    for text in source.translations:
        add_text(session, row, typed, typed_text(text), person, now)
    return row


def save(session: Session, draft_id: UUID, version: int, typed: Typed, person: Person, now: datetime) -> None:
    """Keep what was typed; raises Moved when somebody saved since `version`."""
    row = session.get_one(Draft, draft_id)
    _save(session, row, version, typed, person, now)
    record(session, "save-draft", now, person.id, row.statement_id, draft=draft_id)


def _save(session: Session, row: Draft | DraftText, version: int, typed: Typed, person: Person, now: datetime, **more: Any) -> None:
    ring = keyring(session, None)
    before = opened(ring, row, "content")
    touched = before["touched"] | dict.fromkeys(changed(before["typed"], typed), version + 1)
    content = seal(ring, row, "content", {"typed": typed, "touched": touched})
    values = {"content": content, "version": version + 1, "saved_by": person.id, "saved_at": now, **more}
    model: Any = type(row)
    written = session.execute(sa.update(model).where(model.id == row.id, model.version == version).values(**values))
    if cast(Any, written).rowcount != 1:
        raise Moved


def add_text(session: Session, draft: Draft, source: Mapping[str, str], typed: Mapping[str, str], person: Person, now: datetime) -> DraftText:
    """A translation beside the draft."""
    ring = keyring(session, None)
    row = DraftText(draft_id=draft.id, created_at=now, saved_by=person.id, saved_at=now)
    row.content = seal(ring, row, "content", {"typed": dict(typed), "touched": {}})
    row.seen = seal(ring, row, "seen", words_of(source))
    session.add(row)
    session.flush()
    return row


def save_text(session: Session, sheet: Sheet, one: Translation, version: int, typed: Typed, fits: bool, person: Person, now: datetime) -> None:
    """Keep a translation; it `fits` the source as it is now when its author saw that source. Raises Moved."""
    more = {"seen": seal(keyring(session, None), one.row, "seen", words_of(sheet.typed))} if fits else {}
    _save(session, one.row, version, typed, person, now, **more)
    touch(session, sheet, person, now)


def drop_text(session: Session, sheet: Sheet, one: Translation, person: Person, now: datetime) -> None:
    """Delete a translation from the draft; one that is published stays published."""
    session.execute(sa.delete(DraftText).where(col(DraftText.id) == one.row.id))
    touch(session, sheet, person, now)


def touch(session: Session, sheet: Sheet, person: Person, now: datetime) -> None:
    """Note that somebody works at a draft."""
    session.execute(sa.update(Draft).where(col(Draft.id) == sheet.row.id).values(saved_at=now))
    record(session, "save-draft", now, person.id, sheet.row.statement_id, draft=sheet.row.id)


def delete(session: Session, draft: Draft, person: Person, now: datetime) -> None:
    """Erase a draft, its translations and its links."""
    session.execute(sa.delete(Draft).where(col(Draft.id) == draft.id))
    record(session, "delete-draft", now, person.id, draft.statement_id, draft=draft.id)


def ready(session: Session, sheet: Sheet, person: Person) -> Source:
    """The source that a draft is; raises InvalidSource, Conflict for a changed address, Forbidden."""
    source = build(*sheet.papers())
    found = statements.find(session, source.slug)
    own = session.get(Statement, sheet.row.statement_id) if sheet.row.statement_id else None
    if own and (found is None or found.id != own.id):
        raise Conflict(N_("The address of a published statement cannot change: write `%(slug)s` there again."), slug=own.slug)
    if not person.may(Role.EDITOR, found.id if found else None):
        raise Forbidden(_NO)
    return source


def publish(session: Session, sheet: Sheet, mark: str, person: Person, now: datetime) -> Statement:
    """Publish a draft, which ends it; raises Moved when it is not the one that was looked at, InvalidSource, Conflict, Forbidden."""
    if sheet.mark() != mark:
        raise Moved
    source = ready(session, sheet, person)
    statement = actions.publish(session, source, now)
    seen = (col(Draft.id) == sheet.row.id, col(Draft.version) == sheet.row.version, col(Draft.saved_at) == sheet.row.saved_at)
    if cast(Any, session.execute(sa.delete(Draft).where(*seen))).rowcount != 1:
        raise Moved  # what somebody saved since it was read must not go with it
    record(session, "publish-statement", now, person.id, statement.id, draft=sheet.row.id, fingerprint=source.original.fingerprint)
    return statement


def show_to_partners(session: Session, draft: Draft, days: int, person: Person, now: datetime) -> str:
    """A link's token, good for so many days; only its hash is kept."""
    token, hashed = new_token()
    session.add(PreviewLink(draft_id=draft.id, token_hash=hashed, created_by=person.id, created_at=now, expires_at=now + timedelta(days=days)))
    record(session, "make-preview", now, person.id, draft.statement_id, draft=draft.id, days=days)
    return token


def take_back_link(session: Session, draft: Draft, link_id: UUID, person: Person, now: datetime) -> None:
    """End a link at once."""
    session.execute(sa.delete(PreviewLink).where(col(PreviewLink.id) == link_id, col(PreviewLink.draft_id) == draft.id))
    record(session, "revoke-preview", now, person.id, draft.statement_id, draft=draft.id)


def sweep_previews(session: Session, now: datetime) -> None:
    """Forget the links whose time is over."""
    session.execute(sa.delete(PreviewLink).where(col(PreviewLink.expires_at) < now))
