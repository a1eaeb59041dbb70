"""Queue mail, in the caller's transaction; take it back; queue dead letters again."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, NotFound
from app.keys.queries import keyring
from app.outbox.models import Mail, MailState, place
from app.rows import insert_all, new_id
from app.sealing import Keyring


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
    key = new_id()
    payload = json.dumps({"to": to, "context": dict(context)}, ensure_ascii=False).encode()
    return {
        "id": key,
        "name": name,
        "language": language,
        "lane": lane,
        "statement_id": statement_id,
        "about": about,
        "payload": ring.seal(payload, place("payload", key, statement_id)),
        "due_at": due_at or now,
        "expires_at": expires_at,
        "created_at": now,
    }


def enqueue_all(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queue many mails at once."""
    insert_all(session, Mail, rows)


def drop_waiting(session: Session, about: UUID) -> None:
    """Take back the mails about a row that have not left yet, dead letters too."""
    session.execute(sa.delete(Mail).where(col(Mail.about) == about, col(Mail.state) != MailState.SENT))


def forget_about(session: Session, about: UUID) -> None:
    """Erase every mail about a row, sent or not."""
    session.execute(sa.delete(Mail).where(col(Mail.about) == about))


def retry(session: Session, mail_id: UUID, now: datetime) -> None:
    """Queue a dead letter again; raises NotFound, or Conflict when its link ran out or its content was erased."""
    mail = session.get(Mail, mail_id, with_for_update=True)
    if mail is None:
        raise NotFound(N_("There is no such mail."))
    mail.retry(now)


def retry_all(session: Session, mail_ids: Sequence[UUID], now: datetime, where: Collection[UUID] | None = None) -> int:
    """Queue those of these dead letters again that still can be, and are about one of the statements if any are named; how many."""
    rows = session.exec(select(Mail).where(col(Mail.id).in_(mail_ids)).with_for_update())
    able = [mail for mail in rows if not mail.hindrance(now) and (where is None or mail.statement_id in where)]
    for mail in able:
        mail.retry(now)
    return len(able)


def end_lapsed(session: Session, now: datetime) -> int:
    """End the mails that wait although their link ran out; how many."""
    free = sa.or_(col(Mail.leased_until).is_(None), col(Mail.leased_until) < now)
    lapsed = sa.update(Mail).where(col(Mail.state) == MailState.QUEUED, col(Mail.expires_at) < now, free)
    ended = session.execute(lapsed.values(state=MailState.DEAD, finished_at=now, failure="expired", payload=None, leased_until=None))
    return int(cast(Any, ended).rowcount)
