"""Approve, reject, remove: the transition, the record and the mail, in one transaction."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.accounts.models import Account, Person
from app.audit import actions as audit
from app.errors import N_, Conflict, Gone, NotFound
from app.keys.queries import keyring
from app.moderation.models import Act, Decision, Removal, SavedFilter
from app.outbox.actions import enqueue
from app.signatures import reporting
from app.signatures.beside import Report
from app.signatures.links import mint
from app.signatures.listing import become, delist, relist
from app.signatures.models import Kind, Signature
from app.signatures.particulars import Correction
from app.signatures.queries import address, correction, muted
from app.signatures.signing import ask
from app.statements.models import Statement


def approve(session: Session, signature_id: UUID, moderator: Account | Person, now: datetime) -> Signature:
    """Let a confirmed signature into the list; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    take_effect(session, signature, Act.APPROVE, now)
    write_down(session, signature, moderator, Act.APPROVE, now)
    return signature


def reject(session: Session, signature_id: UUID, moderator: Account | Person, reason: str, now: datetime) -> Signature:
    """Keep a confirmed signature out and mail the reason; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    take_effect(session, signature, Act.REJECT, now, reason)
    write_down(session, signature, moderator, Act.REJECT, now, words=reason)
    return signature


def take_effect(session: Session, signature: Signature, act: Act, now: datetime, reason: str = "") -> None:
    """What an approval or a rejection does to the signature, and its mail; raises Conflict when it has moved on."""
    if act is Act.APPROVE:
        signature.approve(now)
        _tell(session, signature, "approved", now)
    else:
        signature.reject(now)
        _tell(session, signature, "rejected", now, reason=reason)


def remove(session: Session, signature_id: UUID, moderator: Account | Person, code: Removal, note: str, now: datetime) -> Signature:
    """Take a published name off every face at once; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    delist(session, signature, now)
    write_down(session, signature, moderator, Act.REMOVE, now, code.value, note)
    _tell(session, signature, "removed", now)
    return signature


def restore(session: Session, signature_id: UUID, moderator: Account | Person, now: datetime) -> Signature:
    """Take back a rejection or a removal; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    signature.restore(now)
    _take_address(session)
    write_down(session, signature, moderator, Act.RESTORE, now)
    return signature


def release(session: Session, signature_id: UUID, moderator: Account | Person, now: datetime) -> Signature:
    """Let what the screening held back be confirmed by mail; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    signature.release(now)
    _take_address(session)
    write_down(session, signature, moderator, Act.RELEASE, now)
    ask(session, signature, now)
    return signature


def accept_correction(session: Session, signature_id: UUID, moderator: Account | Person, now: datetime) -> Signature:
    """What the signer wrote takes the place of what stood there, on every face; raises NotFound, Conflict."""
    signature, wish = _corrected(session, signature_id)
    become(session, signature, Kind(wish.kind))
    relist(session, signature, wish.typed, now)
    signature.correction = signature.corrected_at = None
    write_down(session, signature, moderator, Act.CORRECT, now)
    _tell(session, signature, "corrected", now)
    return signature


def decline_correction(session: Session, signature_id: UUID, moderator: Account | Person, reason: str, now: datetime) -> Signature:
    """The list stays as it is, and the reason is mailed; raises NotFound, Conflict."""
    signature, _ = _corrected(session, signature_id)
    signature.correction = signature.corrected_at = None
    write_down(session, signature, moderator, Act.DECLINE, now, words=reason)
    _tell(session, signature, "not_corrected", now, reason=reason)
    return signature


def inquire(session: Session, signature_id: UUID, moderator: Account | Person, to: str, now: datetime) -> Signature:
    """Ask the organisation at an address it publishes itself; raises NotFound, Conflict."""
    signature = locked(session, signature_id)
    reporting.inquire(session, signature, to, now)
    write_down(session, signature, moderator, Act.ASK, now, words=to)
    return signature


def settle(session: Session, report_id: UUID, moderator: Account | Person, now: datetime) -> None:
    """A report needs nothing more; raises NotFound, Conflict when it was settled before."""
    report = session.get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound(N_("There is no such report."))
    if report.settled_at:
        raise Conflict(N_("Somebody has settled this report already."))
    report.settled_at = now
    write_down(session, session.get_one(Signature, report.signature_id), moderator, Act.SETTLE, now, report.reason.value)


def save_filter(session: Session, moderator: Person, name: str, query: str) -> None:
    """Keep a filter of the queue under a name; an older one of this name goes."""
    session.execute(sa.delete(SavedFilter).where(col(SavedFilter.account_id) == moderator.id, col(SavedFilter.name) == name))
    session.add(SavedFilter(account_id=moderator.id, name=name, query=query))


def forget_filter(session: Session, moderator: Person, filter_id: UUID) -> None:
    """Forget one of one's own filters."""
    session.execute(sa.delete(SavedFilter).where(col(SavedFilter.id) == filter_id, col(SavedFilter.account_id) == moderator.id))


def _corrected(session: Session, signature_id: UUID) -> tuple[Signature, Correction]:
    signature = locked(session, signature_id)
    wish = correction(session, signature)
    if wish is None:
        raise Conflict(N_("There is no correction any more: it was decided or taken back."))
    return signature, wish


def _take_address(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(N_("Meanwhile this address has signed again. That signature stands instead.")) from None


def locked(session: Session, signature_id: UUID) -> Signature:
    """A signature that nobody else changes before this transaction ends; raises NotFound."""
    signature = session.get(Signature, signature_id, with_for_update=True)
    if signature is None:
        raise NotFound(N_("There is no such signature."))
    return signature


def write_down(
    session: Session,
    signature: Signature,
    moderator: Account | Person,
    act: Act,
    now: datetime,
    code: str = "",
    words: str = "",
    due_at: datetime | None = None,
) -> None:
    """Keep a decision beside the signature and in the record; with `due_at` it has no effect yet."""
    audit.record(session, act.value, now, moderator.id, signature.statement_id, signature.id, **({"code": code} if code else {}))
    decision = Decision(signature_id=signature.id, account_id=moderator.id, act=act, code=code, decided_at=now, due_at=due_at)
    if words:
        with suppress(Gone):  # after the keys were destroyed no words can be kept, but a name may still have to go
            decision.words = keyring(session, signature.statement_id).seal(words.encode(), decision.place("words"))
    session.add(decision)


def _tell(session: Session, signature: Signature, mail: str, now: datetime, reason: str = "") -> None:
    to = address(session, signature)
    if to is not None and not muted(session, signature.statement_id, to):
        statement = session.get_one(Statement, signature.statement_id)
        about = {
            "slug": statement.slug,
            "contact": statement.contact,
            "visibility": signature.visibility.value,
            "reason": reason,
            "held": "yes" if statement.held else "",
        }
        about |= mint(session, signature.id, now)
        enqueue(session, mail, to, signature.page_language, now, about, statement.id, about=signature.id)
