"""Decisions that can be taken back for some seconds, and who is at which signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.accounts.models import Account, Person, Role
from app.audit.actions import record
from app.clock import utcnow
from app.db import Database
from app.errors import N_, Conflict, DomainError
from app.moderation.actions import locked, take_effect, write_down
from app.moderation.card import decided_words
from app.moderation.models import Act, Claim, Decision, Refusal
from app.moderation.queries import due, mark, statement_of
from app.moderation.wording import mailed_reason
from app.rows import upsert_all
from app.settings import get_settings
from app.signatures.models import Signature, State

CLAIMED = timedelta(minutes=5)
BATCH = 50
_DECIDED = N_("Somebody has decided about this signature already.")


def decide(session: Session, signature_id: UUID, moderator: Account | Person, act: Act, now: datetime, words: str = "", code: Refusal | None = None) -> None:
    """Approve or reject, with effect after the time in which it can be taken back; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    if signature.state is not State.CONFIRMED or due(session, signature_id):
        raise Conflict(_DECIDED)
    holder = session.get(Claim, signature_id)
    if holder and holder.account_id != moderator.id and holder.until > now:
        raise Conflict(N_("Somebody else is at this signature. Take it over first."))
    window, reason = get_settings().undo_seconds, mailed_reason(code, words, signature.page_language)
    if not window:
        take_effect(session, signature, act, now, reason)
    write_down(session, signature, moderator, act, now, code=code or "", words=reason, due_at=now + timedelta(seconds=window) if window else None)
    if holder:
        session.delete(holder)


@dataclass(frozen=True)
class Row:
    """A signature as a page showed it: `mark` is another one when what was typed has changed since."""

    id: UUID
    mark: str


def decide_rows(session: Session, rows: Sequence[Row], moderator: Person, act: Act, now: datetime, words: str = "", code: Refusal | None = None) -> int:
    """Decide about exactly what was shown; how many. What changed since, or somebody else is at, stays as it is."""
    # All rows are held before the first entry of the record, whose writers take turns: or two moderators wait in a circle.
    held = select(Signature).where(col(Signature.id).in_([row.id for row in rows])).order_by(col(Signature.id)).with_for_update()
    found, done = {signature.id: signature for signature in session.exec(held)}, 0
    for row in rows:
        signature = found.get(row.id)
        try:
            if signature and mark(signature) == row.mark and moderator.may(Role.MODERATOR, signature.statement_id):
                decide(session, row.id, moderator, act, now, words, code)
                done += 1
        except DomainError:
            continue
    record(session, f"bulk-{act.value}", now, moderator.id, count=done)
    return done


def undo_rows(session: Session, moderator: Person, decided_at: datetime, now: datetime) -> int:
    """Take back all of one's own decisions of one moment that have no effect yet; how many."""
    mine = col(Decision.account_id) == moderator.id, col(Decision.decided_at) == decided_at, col(Decision.due_at) > now
    found = session.exec(select(Decision).where(*mine).order_by(col(Decision.signature_id))).all()
    session.execute(sa.delete(Decision).where(*mine))
    for decision in found:
        claim(session, decision.signature_id, moderator, now)
        record(session, "undo", now, moderator.id, statement_of(session, decision.signature_id), decision.signature_id)
    return len(found)


def undo(session: Session, signature_id: UUID, moderator: Account | Person, now: datetime) -> None:
    """Take one's own decision back before it takes effect; raises Conflict."""
    mine = sa.delete(Decision).where(col(Decision.signature_id) == signature_id, col(Decision.account_id) == moderator.id, col(Decision.due_at) > now)
    if cast(Any, session.execute(mine)).rowcount != 1:
        raise Conflict(N_("It is too late: the decision has taken effect, or it is not yours."))
    claim(session, signature_id, moderator, now)
    record(session, "undo", now, moderator.id, statement_of(session, signature_id), signature_id)


def claim(session: Session, signature_id: UUID, moderator: Account | Person, now: datetime) -> None:
    """Be at a signature for five minutes, also where somebody else was."""
    row = {"signature_id": signature_id, "account_id": moderator.id, "until": now + CLAIMED}
    upsert_all(session, Claim, [row], "signature_id")


def waiting(now: Any) -> sa.Exists:
    """Whether the time of a decision has come."""
    return sa.exists().where(col(Decision.due_at) <= now)


def effect_due(database: Database) -> int:
    """Let the decisions whose time has come take effect; how many."""
    now = utcnow()
    rows = select(Decision).where(col(Decision.due_at) <= now).order_by(col(Decision.due_at)).limit(BATCH)
    with database.transaction() as session:
        ready = session.exec(rows.with_for_update(skip_locked=True)).all()
        for decision in ready:
            _effect(session, decision, now)
    return len(ready)


def sweep_claims(session: Session, now: datetime) -> None:
    """Forget who was at which signature."""
    session.execute(sa.delete(Claim).where(col(Claim.until) < now))


def _effect(session: Session, decision: Decision, now: datetime) -> None:
    signature = session.get_one(Signature, decision.signature_id, with_for_update=True)
    try:
        take_effect(session, signature, decision.act, now, decided_words(session, signature, decision))
    except DomainError:
        session.delete(decision)  # its signer took it back meanwhile, or it ran out
        return
    decision.due_at = None
