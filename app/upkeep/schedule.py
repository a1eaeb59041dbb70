"""The retention schedule at work: for each rule which rows it is about, since when, and what it erases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from app.accounts.actions import sweep_sessions
from app.accounts.assents import sweep_assents
from app.accounts.passkeys import sweep_challenges
from app.audit.actions import forget_until
from app.audit.models import Entry
from app.db import Database, UTCDateTime
from app.moderation.deciding import sweep_claims
from app.moderation.models import WORKING, Campaign, CampaignItem, Decision
from app.outbox.models import Mail, MailState
from app.outbox.pace import forget_clocks
from app.secretariat.drafting import sweep_previews
from app.secretariat.models import Draft
from app.signatures.beside import Inquiry, MailedLink, Muted, Report, UsedChallenge
from app.signatures.collected import AT_WORK, Collection
from app.signatures.models import Origin, Signature, State, Visibility
from app.signatures.retention import SCHEDULE, Rule
from app.statements.models import Statement
from app.webhooks.sending import sweep_log

BATCH = 500
_STARTED = (State.PENDING, State.SCREENED)
_TURNED_AWAY = (State.REJECTED, State.REMOVED)
# A statement ends at the earlier of its two moments; a signature that was published later begins its time then.
_ENDS = sa.case(
    (col(Statement.closed_at) < col(Statement.closes_at), col(Statement.closed_at)), else_=sa.func.coalesce(Statement.closes_at, Statement.closed_at)
)
_ENDED = sa.select(_ENDS).where(col(Statement.id) == col(Signature.statement_id)).scalar_subquery()


@dataclass(frozen=True)
class Duty:
    """What one rule asks of the job: `holds` finds the rows, `since` is the moment their time runs from.

    `erase` is what the columns become, or a function of the rows, or nothing where the row itself goes.
    """

    key: str
    table: type[SQLModel]
    since: Any
    holds: Sequence[Any] = ()
    erase: dict[str, Any] | Callable[[Session, list[Any]], None] | None = None

    @property
    def rule(self) -> Rule:
        """The rule of the schedule."""
        return next(rule for rule in SCHEDULE if rule.key == self.key)

    @property
    def after(self) -> timedelta:
        """How long the rows may stay."""
        return self.rule.after or timedelta()


def _expire(session: Session, keys: list[Any]) -> None:
    """Forget what was typed and was never confirmed or decided, with its links."""
    for signature in session.exec(select(Signature).where(col(Signature.id).in_(keys)).with_for_update()):
        signature.expire()
    session.execute(sa.delete(MailedLink).where(col(MailedLink.signature_id).in_(keys)))


def _turn_away(session: Session, keys: list[Any]) -> None:
    # The mark of a removed first signatory stays, so that publishing the file again does not bring the name back.
    kept = sa.case((col(Signature.source) == Origin.SECRETARIAT, col(Signature.address_index)), else_=None)
    gone = {"particulars": None, "correction": None, "corrected_at": None, "address": None, "address_index": kept}
    session.execute(sa.update(Signature).where(col(Signature.id).in_(keys)).values(**gone))


def _forget_campaign(session: Session, keys: list[Any]) -> None:
    session.execute(sa.update(Campaign).where(col(Campaign.id).in_(keys)).values(said=None))
    session.execute(sa.delete(CampaignItem).where(col(CampaignItem.campaign_id).in_(keys)))


def _forget_record(session: Session, keys: list[Any]) -> None:
    """The record is a chain: its beginning goes, and the file with its head says so."""
    forget_until(session, max(keys))


_LATER = sa.case((col(Signature.published_at) > _ENDED, col(Signature.published_at)), else_=_ENDED)
_STANDS_NOT = select(Signature.id).where(col(Signature.state).in_((*_TURNED_AWAY, State.WITHDRAWN)))
_DECIDED = sa.select(col(Signature.decided_at)).where(col(Signature.id) == col(MailedLink.signature_id)).scalar_subquery()
DUTIES = (
    Duty("unconfirmed", Signature, col(Signature.created_at), (col(Signature.state).in_(_STARTED),), _expire),
    Duty("undecided", Signature, col(Signature.confirmed_at), (col(Signature.state) == State.CONFIRMED,), _expire),
    Duty("address", Signature, col(Signature.decided_at), (col(Signature.address).is_not(None),), {"address": None}),
    Duty(
        "index",
        Signature,
        _ENDED,
        (col(Signature.address_index).is_not(None), col(Signature.source) != Origin.SECRETARIAT, col(Signature.decided_at).is_not(None)),
        {"address_index": None},
    ),
    Duty(
        "withheld",
        Signature,
        _LATER,
        (col(Signature.visibility) == Visibility.WITHHELD, col(Signature.state) == State.PUBLISHED, col(Signature.particulars).is_not(None)),
        {"particulars": None, "correction": None, "corrected_at": None},
    ),
    Duty(
        "turned-away",
        Signature,
        col(Signature.decided_at),
        (col(Signature.state).in_(_TURNED_AWAY), sa.or_(col(Signature.particulars).is_not(None), col(Signature.correction).is_not(None))),
        _turn_away,
    ),
    Duty("parting", Signature, col(Signature.decided_at), (col(Signature.parting).is_not(None),), {"parting": None}),
    Duty("links", MailedLink, _DECIDED, (col(MailedLink.signature_id).in_(_STANDS_NOT),)),
    Duty("muted", Muted, col(Muted.created_at)),
    Duty("dead-mail", Mail, col(Mail.finished_at), (col(Mail.state) == MailState.DEAD, col(Mail.payload).is_not(None)), {"payload": None}),
    Duty("mail", Mail, col(Mail.finished_at), (col(Mail.finished_at).is_not(None),)),
    Duty("reports", Report, col(Report.settled_at), (col(Report.settled_at).is_not(None),)),
    Duty("inquiries", Inquiry, col(Inquiry.created_at)),
    Duty("words", Decision, col(Decision.decided_at), (col(Decision.words).is_not(None),), {"words": None}),
    Duty("campaigns", Campaign, col(Campaign.changed_at), (col(Campaign.said).is_not(None), col(Campaign.stage).not_in(WORKING)), _forget_campaign),
    Duty("sheets", Collection, col(Collection.changed_at), (col(Collection.rows).is_not(None), col(Collection.step).not_in(AT_WORK)), {"rows": None}),
    Duty("decisions", Decision, col(Decision.decided_at)),
    Duty("record", Entry, col(Entry.at), (), _forget_record),
    Duty("drafts", Draft, col(Draft.saved_at)),
    Duty("cluster", Signature, col(Signature.decided_at), (col(Signature.cluster).is_not(None),), {"cluster": None}),
)


@dataclass(frozen=True)
class Kept:
    """What a rule holds now: how many rows, how many of them are due, and when the next one is."""

    rule: Rule
    rows: int
    due: int
    next_at: datetime | None


def kept(session: Session, now: datetime) -> list[Kept]:
    """What is kept under every rule, for the console and the dry run."""
    return [_kept(session, duty, now) for duty in DUTIES]


def _kept(session: Session, duty: Duty, now: datetime) -> Kept:
    moment = sa.type_coerce(duty.since, UTCDateTime)
    rows, oldest = session.execute(sa.select(sa.func.count(), sa.func.min(moment, type_=UTCDateTime())).select_from(duty.table).where(*duty.holds)).one()
    due = session.execute(sa.select(sa.func.count()).select_from(duty.table).where(*_due(duty, now))).scalar_one()
    return Kept(duty.rule, rows, due, oldest + duty.after if oldest else None)


def keep_schedule(session: Session, now: datetime, duties: Sequence[Duty] | None = None) -> int:
    """Erase what the schedule no longer allows, one batch of each kind; how many rows."""
    erased = sum(_erase(session, duty, now) for duty in (DUTIES if duties is None else duties))
    session.execute(sa.delete(UsedChallenge).where(col(UsedChallenge.expires_at) < now))
    forget_clocks(session, now)
    sweep_challenges(session, now)
    sweep_claims(session, now)
    sweep_assents(session, now)
    sweep_previews(session, now)
    sweep_log(session, now)
    return erased + sweep_sessions(session, now)


def sweep(database: Database, now: datetime) -> int:
    """The whole schedule, in short transactions; afterwards nothing of what went is left in SQLite's write-ahead log."""
    total, erased = 0, 1
    while erased:
        with database.reading() as session:  # the long look at every row holds up nobody who wants to write
            duties = [duty for duty in DUTIES if _keys(session, duty, now, 1)]
        with database.transaction() as session:
            erased = keep_schedule(session, now, duties)
        total += erased
    if total:
        database.empty_log()
    return total


def _due(duty: Duty, now: datetime) -> list[Any]:
    found = [*duty.holds, sa.type_coerce(duty.since, UTCDateTime) < now - duty.after]
    if duty.key == "unconfirmed":
        # A link that was mailed late lives its own 72 hours, and its signature with it.
        alive = select(MailedLink.signature_id).where(col(MailedLink.expires_at) > now)
        found.append(col(Signature.id).not_in(alive))
    return found


def _keys(session: Session, duty: Duty, now: datetime, limit: int) -> list[Any]:
    key = sa.inspect(duty.table).primary_key[0]
    return list(session.execute(sa.select(key).where(*_due(duty, now)).order_by(key).limit(limit)).scalars())


def _erase(session: Session, duty: Duty, now: datetime) -> int:
    key = sa.inspect(duty.table).primary_key[0]
    keys = _keys(session, duty, now, BATCH)
    if not keys:
        return 0
    if callable(duty.erase):
        duty.erase(session, keys)
        return len(keys)
    change = sa.update(duty.table).values(**duty.erase) if duty.erase else sa.delete(duty.table)
    return int(cast(Any, session.execute(change.where(key.in_(keys)))).rowcount)
