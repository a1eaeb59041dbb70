"""Removal campaigns: a dry run that finds exactly whom it is about, the removal in batches, its end, and its undoing."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.accounts import assents
from app.accounts.models import Person
from app.audit.actions import record
from app.clock import utcnow
from app.db import Database, take_turn
from app.errors import N_, Conflict, NotFound
from app.keys.queries import keyring
from app.moderation.conditions import Conditions
from app.moderation.models import WORKING, Act, Campaign, CampaignItem, Decision, Removal, Stage
from app.rows import insert_all
from app.sealing import Keyring
from app.signatures.listing import delist_all
from app.signatures.models import Signature, State, place
from app.signatures.particulars import Particulars
from app.statements.models import Statement

ACT = "campaign"
LOOKED, BATCH = 1000, 200
_STANDS = (State.PUBLISHED, State.CONFIRMED)
_AT_WORK = col(Campaign.stage).in_(WORKING)


def draft(session: Session, statement: Statement, person: Person, conditions: Conditions, code: Removal, note: str, now: datetime) -> Campaign:
    """Begin with the dry run."""
    made = Campaign(statement_id=statement.id, account_id=person.id, code=code, created_at=now, changed_at=now)
    made.said = keyring(session, statement.id).seal(conditions.dump(note), made.place("said"))
    session.add(made)
    record(session, "draft-campaign", now, person.id, statement.id, made.id)
    return made


def start(session: Session, campaign_id: UUID, person: Person, now: datetime) -> None:
    """Remove what the dry run found. Raises NotFound, Conflict; Forbidden without a second person where one is needed."""
    found = held(session, campaign_id)
    if not found.found:
        raise Conflict(N_("The dry run found nobody."))
    found.step((Stage.COUNTED,), Stage.RUNNING, now)
    assents.spend(session, ACT, person, now, found.statement_id, found.id)
    record(session, "start-campaign", now, person.id, found.statement_id, found.id, found=found.found)


def cancel(session: Session, campaign_id: UUID, person: Person, now: datetime) -> None:
    """Stop after the batch at work; what is removed stays so until it is undone. Raises NotFound, Conflict."""
    found = held(session, campaign_id)
    found.step((Stage.COUNTING, Stage.COUNTED, Stage.RUNNING), Stage.CANCELLED, now)
    record(session, "cancel-campaign", now, person.id, found.statement_id, found.id, removed=found.removed)


def undo(session: Session, campaign_id: UUID, person: Person, now: datetime) -> None:
    """Give everybody who was removed the state they had. Raises NotFound, Conflict."""
    found = held(session, campaign_id)
    if found.removed == found.restored:
        raise Conflict(N_("There is nothing to undo."))
    found.step((Stage.CANCELLED, Stage.DONE), Stage.UNDOING, now)
    record(session, "undo-campaign", now, person.id, found.statement_id, found.id)


def held(session: Session, campaign_id: UUID) -> Campaign:
    """A campaign that nobody else moves before this transaction ends; raises NotFound."""
    found = session.get(Campaign, campaign_id, with_for_update=True)
    if found is None:
        raise NotFound(N_("There is no such campaign."))
    return found


def waiting(_now: Any) -> sa.Exists:
    """Whether there is a campaign to go on with."""
    return sa.exists().where(_AT_WORK)


def campaigns_due(database: Database) -> int:
    """One batch of one campaign; whether there was one."""
    return take_turn(database, select(Campaign).where(_AT_WORK).order_by(col(Campaign.changed_at)), _batch_of)


def _batch_of(session: Session, campaign: Campaign) -> None:
    {Stage.COUNTING: _count, Stage.RUNNING: _remove, Stage.UNDOING: _restore}[campaign.stage](session, campaign, utcnow())


def _count(session: Session, campaign: Campaign, now: datetime) -> None:
    ring = keyring(session, campaign.statement_id)
    conditions, _ = Conditions.load(ring.open(campaign.said or b"", campaign.place("said")))
    matches = conditions.matcher()
    rows = sa.select(col(Signature.id), col(Signature.state), col(Signature.particulars), col(Signature.address))
    rows = rows.where(col(Signature.statement_id) == campaign.statement_id, col(Signature.state).in_(_STANDS), *conditions.in_sql())
    if campaign.cursor:
        rows = rows.where(col(Signature.id) > campaign.cursor)
    looked = session.execute(rows.order_by(col(Signature.id)).limit(LOOKED)).all()
    opened = partial(_opened, ring, campaign.statement_id)
    found = [(key, state) for key, state, *said in looked if not conditions.opens or matches(*opened(key, *said))]
    insert_all(session, CampaignItem, [{"campaign_id": campaign.id, "signature_id": key, "state": state} for key, state in found])
    campaign.looked, campaign.found = campaign.looked + len(looked), campaign.found + len(found)
    if looked:
        campaign.cursor = looked[-1][0]
    if len(looked) < LOOKED:
        campaign.step((Stage.COUNTING,), Stage.COUNTED, now)


def _opened(ring: Keyring, statement_id: UUID, key: UUID, typed: bytes | None, address: bytes | None) -> tuple[Particulars | None, str]:
    said = Particulars.load(ring.open(typed, place("particulars", key, statement_id))) if typed else None
    return said, ring.open(address, place("address", key, statement_id)).decode() if address else ""


def _remove(session: Session, campaign: Campaign, now: datetime) -> None:
    batch = _batch(session, campaign, col(CampaignItem.done).is_(None))
    able = [(item, signature) for item, signature in batch if signature.state is item.state]
    delist_all(session, [signature for _, signature in able if signature.state is State.PUBLISHED], now)
    for item, signature in able:
        if item.state is State.CONFIRMED:
            signature.reject(now)
    for item, signature in batch:
        item.done = (item, signature) in able
    insert_all(session, Decision, [_decision(campaign, item, now) for item, _ in able])
    campaign.removed, campaign.skipped = campaign.removed + len(able), campaign.skipped + len(batch) - len(able)
    if len(batch) < BATCH:
        campaign.step((Stage.RUNNING,), Stage.DONE, now)


def _decision(campaign: Campaign, item: CampaignItem, now: datetime, act: Act | None = None) -> dict[str, Any]:
    act = act or (Act.REMOVE if item.state is State.PUBLISHED else Act.REJECT)
    code = campaign.code.value if act is Act.REMOVE else ""
    return {"id": uuid4(), "signature_id": item.signature_id, "account_id": campaign.account_id, "act": act, "code": code, "decided_at": now}


def _restore(session: Session, campaign: Campaign, now: datetime) -> None:
    batch = _batch(session, campaign, col(CampaignItem.done).is_(True))
    back = [item for item, signature in batch if _stands_again(session, signature, now)]
    for item, _ in batch:
        item.done = None if item in back else False
    insert_all(session, Decision, [_decision(campaign, item, now, Act.RESTORE) for item in back])
    campaign.restored, campaign.skipped = campaign.restored + len(back), campaign.skipped + len(batch) - len(back)
    if len(batch) < BATCH:
        campaign.step((Stage.UNDOING,), Stage.UNDONE, now)


def _stands_again(session: Session, signature: Signature, now: datetime) -> bool:
    """Whether it could be given back its state: not what was erased, nor whose signer has signed again meanwhile."""
    try:
        with session.begin_nested():
            signature.restore(now)
            session.flush()
    except (Conflict, IntegrityError):
        session.refresh(signature)
        return False
    return True


def _batch(session: Session, campaign: Campaign, which: sa.ColumnElement[bool]) -> Sequence[tuple[CampaignItem, Signature]]:
    rows = select(CampaignItem, Signature).join(Signature).where(CampaignItem.campaign_id == campaign.id, which)
    return session.exec(rows.order_by(col(CampaignItem.signature_id)).limit(BATCH).with_for_update(of=Signature)).all()
