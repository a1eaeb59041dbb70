"""Read removal campaigns: which there are, how far one is, whom it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.accounts.models import Account
from app.errors import N_, DomainError, NotFound
from app.keys.queries import keyring
from app.moderation.conditions import Conditions
from app.moderation.forms import CampaignForm
from app.moderation.models import Campaign, CampaignItem
from app.moderation.queries import SHOWN, Item, Where, opened, within
from app.signatures.models import Signature
from app.statements.models import Statement


@dataclass(frozen=True)
class Found:
    """A campaign, what it says about itself (None once that is erased), and a page of those it is about."""

    campaign: Campaign
    statement: Statement
    by: str
    conditions: Conditions | None
    note: str
    items: list[tuple[CampaignItem, Item]]
    more: bool


def statement_of_campaign(session: Session, campaign_id: UUID) -> UUID:
    """Which statement a campaign is about; raises NotFound."""
    return _campaign(session, campaign_id).statement_id


def campaigns(session: Session, where: Where) -> Sequence[tuple[Campaign, Statement, str]]:
    """The newest campaigns, with their statements and who drafted them."""
    rows = select(Campaign, Statement, Account.email).join(Statement, col(Statement.id) == col(Campaign.statement_id)).join(Account)
    return session.exec(rows.where(*within(where, Campaign.statement_id)).order_by(col(Campaign.created_at).desc()).limit(SHOWN)).all()


def campaign(session: Session, campaign_id: UUID, page: int) -> Found:
    """One campaign, with those it is about in the order of their numbers; raises NotFound."""
    found = _campaign(session, campaign_id)
    statement = session.get_one(Statement, found.statement_id)
    conditions, note = _said(session, found)
    rows = select(CampaignItem, Signature).join(Signature).where(CampaignItem.campaign_id == campaign_id)
    rows = rows.order_by(col(CampaignItem.signature_id)).limit(SHOWN + 1).offset((page - 1) * SHOWN)
    items = [(item, opened(session, signature, statement)) for item, signature in session.exec(rows)]
    return Found(found, statement, session.get_one(Account, found.account_id).email, conditions, note, items[:SHOWN], len(items) > SHOWN)


def conditions(session: Session, statement: Statement, form: CampaignForm) -> Conditions:
    """What was typed, with the network of the signature that was named; raises DomainError where nobody knows its network."""
    near = session.get(Signature, form.near) if form.near else None
    if form.near and (near is None or near.statement_id != statement.id or not near.cluster):
        raise DomainError(N_("Of this signature’s network nothing is known any more."))
    cluster = near.cluster or "" if near else ""
    return Conditions(form.since, form.until, form.domain, cluster, form.name, form.country, form.flag)


def _campaign(session: Session, campaign_id: UUID) -> Campaign:
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise NotFound(N_("There is no such campaign."))
    return found


def _said(session: Session, found: Campaign) -> tuple[Conditions | None, str]:
    if found.said is None:
        return None, ""
    return Conditions.load(keyring(session, found.statement_id).open(found.said, found.place("said")))
