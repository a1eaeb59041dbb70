"""The retention schedule at work."""

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.signatures.models import MailedLink, Origin, Signature, State, Visibility
from app.signatures.retention import ADDRESS_AFTER_DECISION, CONFIRM_WITHIN, REJECTED_AFTER_DECISION, WITHHELD_AFTER_CLOSING
from app.statements.models import Statement

_BATCH = 500


def keep_schedule(session: Session, now: datetime) -> int:
    """Erase what the schedule no longer allows, one batch of each kind; how many rows changed."""
    return _expire(session, now) + _forget_addresses(session, now) + _forget_turned_away(session, now) + _forget_withheld(session, now)


def _expire(session: Session, now: datetime) -> int:
    """Unconfirmed signatures. A link mailed late lives its own 72 hours."""
    alive = select(MailedLink.signature_id).where(col(MailedLink.expires_at) > now)
    rows = session.exec(
        select(Signature)
        .where(col(Signature.state).in_((State.PENDING, State.SCREENED)), col(Signature.created_at) < now - CONFIRM_WITHIN, col(Signature.id).not_in(alive))
        .limit(_BATCH)
        .with_for_update()
    ).all()
    for signature in rows:
        signature.expire()
        session.execute(sa.delete(MailedLink).where(col(MailedLink.signature_id) == signature.id))
    return len(rows)


def _forget_addresses(session: Session, now: datetime) -> int:
    decided = col(Signature.decided_at) < now - ADDRESS_AFTER_DECISION
    return _changed(session, sa.update(Signature).where(decided, col(Signature.address).is_not(None)).values(address=None))


def _forget_turned_away(session: Session, now: datetime) -> int:
    # The mark of a removed first signatory stays, so that publishing the file again does not bring the name back.
    kept = sa.case((col(Signature.source) == Origin.SECRETARIAT, col(Signature.address_index)), else_=None)
    over = col(Signature.state).in_((State.REJECTED, State.REMOVED)), col(Signature.decided_at) < now - REJECTED_AFTER_DECISION
    return _changed(session, sa.update(Signature).where(*over, col(Signature.particulars).is_not(None)).values(particulars=None, address_index=kept))


def _forget_withheld(session: Session, now: datetime) -> int:
    edge = now - WITHHELD_AFTER_CLOSING
    closed = select(Statement.id).where(sa.or_(col(Statement.closes_at) < edge, col(Statement.closed_at) < edge))
    over = (
        col(Signature.visibility) == Visibility.WITHHELD,
        col(Signature.state) == State.PUBLISHED,
        col(Signature.statement_id).in_(closed),
        col(Signature.published_at) < edge,
        col(Signature.particulars).is_not(None),
    )
    return _changed(session, sa.update(Signature).where(*over).values(particulars=None))


def _changed(session: Session, statement: sa.Update) -> int:
    return int(cast(Any, session.execute(statement)).rowcount)
