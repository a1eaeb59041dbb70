"""Queue mail, in the caller's transaction; forget what was finished."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col

from app.keys.queries import keyring
from app.outbox.models import Mail, MailState, place
from app.sealing import Keyring

KEEP_DEAD = timedelta(days=7)
KEEP_ROWS = timedelta(days=30)


def enqueue(
    session: Session,
    name: str,
    to: str,
    language: str,
    now: datetime,
    context: Mapping[str, str],
    statement_id: UUID | None = None,
    expires_at: datetime | None = None,
    due_at: datetime | None = None,
    about: UUID | None = None,
) -> None:
    """Queue the mail `templates/emails/{name}/` to one address; `context` holds plain text for the template."""
    ring = keyring(session, statement_id)
    enqueue_all(session, [mail_row(ring, name, to, language, now, context, statement_id, expires_at, due_at, about)])


def mail_row(
    ring: Keyring,
    name: str,
    to: str,
    language: str,
    now: datetime,
    context: Mapping[str, str],
    statement_id: UUID | None = None,
    expires_at: datetime | None = None,
    due_at: datetime | None = None,
    about: UUID | None = None,
    lane: str = "",
) -> dict[str, Any]:
    """The row of a mail, sealed by the statement's keys, for `enqueue_all`."""
    key = uuid4()
    payload = json.dumps({"to": to, "context": dict(context)}, ensure_ascii=False).encode()
    return {
        "id": key,
        "name": name,
        "language": language,
        "lane": lane,
        "statement_id": statement_id,
        "about": about,
        "payload": ring.seal(payload, place(key, statement_id)),
        "due_at": due_at or now,
        "expires_at": expires_at,
        "created_at": now,
    }


def enqueue_all(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queue many mails at once."""
    if rows:
        session.execute(sa.insert(Mail), rows)


def drop_waiting(session: Session, about: UUID) -> None:
    """Take back the mails about a row that have not left yet."""
    session.execute(sa.delete(Mail).where(col(Mail.about) == about, col(Mail.state) == MailState.QUEUED))


def forget_about(session: Session, about: UUID) -> None:
    """Erase every mail about a row, sent or not."""
    session.execute(sa.delete(Mail).where(col(Mail.about) == about))


def forget_finished(session: Session, now: datetime) -> int:
    """Drop the content of dead letters after 7 days and every finished row after 30; the number of rows touched."""
    finished = col(Mail.finished_at)
    emptied = sa.update(Mail).where(col(Mail.state) == MailState.DEAD, finished < now - KEEP_DEAD, col(Mail.payload).is_not(None)).values(payload=None)
    dropped = sa.delete(Mail).where(finished < now - KEEP_ROWS)
    return sum(int(cast(Any, session.execute(statement)).rowcount) for statement in (emptied, dropped))
