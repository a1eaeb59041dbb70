"""The queue, and what a moderator needs to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.accounts.models import Account
from app.db import UTCDateTime
from app.errors import N_, NotFound
from app.i18n import fold
from app.keys.queries import keyring
from app.moderation.models import Decision
from app.signatures.identity import domain_of
from app.signatures.models import Kind, Signature, State
from app.signatures.particulars import Correction, Particulars
from app.signatures.queries import address, correction, particulars, parting
from app.statements.models import Statement

SHOWN = 50


@dataclass(frozen=True)
class Item:
    """A signature, opened in memory."""

    signature: Signature
    statement: Statement
    typed: Particulars

    @property
    def since(self) -> datetime:
        """When it began to wait."""
        return self.signature.corrected_at or self.signature.confirmed_at or self.signature.created_at

    @property
    def title(self) -> str:
        """What the list would show first."""
        return self.typed.organisation if self.signature.kind is Kind.ORGANISATION else self.typed.name


@dataclass(frozen=True)
class Past:
    """A decision with its moderator and opened words."""

    decision: Decision
    by: str
    words: str


@dataclass(frozen=True)
class Card(Item):
    """Everything about one signature."""

    email: str | None
    email_domain: str
    website_domain: str
    same: Sequence[Signature]
    past: list[Past]
    wish: Correction | None
    parting: str

    @property
    def domains_match(self) -> bool | None:
        """Whether the address is at the website's domain; None where there is nothing to compare."""
        return self.email_domain == self.website_domain if self.email_domain and self.website_domain else None


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many signatures wait for a decision, and when the newest of them was confirmed."""
    count, newest = session.execute(sa.select(sa.func.count(), sa.func.max(_SINCE)).where(_WAITING)).one()
    return count, newest


_WAITING = or_(col(Signature.state) == State.CONFIRMED, col(Signature.corrected_at).is_not(None))
_SINCE = sa.func.coalesce(col(Signature.corrected_at), col(Signature.confirmed_at), type_=UTCDateTime())


def queue(session: Session) -> list[Item]:
    """The oldest signatures that wait for a decision."""
    rows = session.exec(select(Signature, Statement).join(Statement).where(_WAITING).order_by(_SINCE, col(Signature.id)).limit(SHOWN))
    return [_item(session, signature, statement) for signature, statement in rows]


def screened(session: Session) -> list[Item]:
    """The newest signatures that the screening holds back."""
    rows = select(Signature, Statement).join(Statement).where(Signature.state == State.SCREENED)
    return [_item(session, *row) for row in session.exec(rows.order_by(col(Signature.created_at).desc()).limit(SHOWN))]


def published(session: Session, q: str, page: int) -> list[Item]:
    """The newest published signatures that are named, or those that match `q`."""
    rows = select(Signature, Statement).join(Statement).where(Signature.state == State.PUBLISHED, col(Signature.number).is_not(None))
    if q:
        rows = rows.where(col(Signature.folded).contains(fold(q), autoescape=True))
    rows = rows.order_by(col(Signature.published_at).desc(), col(Signature.number).desc()).limit(SHOWN).offset((page - 1) * SHOWN)
    return [_item(session, *row) for row in session.exec(rows)]


def card(session: Session, signature_id: UUID) -> Card:
    """One signature with its evidence; raises NotFound for none, or one that nobody confirmed."""
    signature = session.get(Signature, signature_id)
    if signature is None or signature.state in {State.PENDING, State.EXPIRED}:
        raise NotFound(N_("There is no such signature."))
    item = _item(session, signature, session.get_one(Statement, signature.statement_id))
    email = address(session, signature)
    website = domain_of(item.typed.website) if item.typed.website else ""
    return Card(
        signature,
        item.statement,
        item.typed,
        email,
        domain_of(email) if email else "",
        website,
        _same(session, item, website),
        _past(session, signature),
        correction(session, signature),
        parting(session, signature),
    )


def _item(session: Session, signature: Signature, statement: Statement) -> Item:
    return Item(signature, statement, particulars(session, signature) or Particulars(""))


def _same(session: Session, item: Item, website: str) -> Sequence[Signature]:
    """Published signatures of what may be the same organisation: its domain, or its name folded."""
    if item.signature.kind is not Kind.ORGANISATION or not item.typed.organisation:
        return []
    alike = [col(Signature.folded).endswith(f"\n{fold(item.typed.organisation)}", autoescape=True)]
    if website:
        alike.append(col(Signature.domain) == website)
    rows = select(Signature).where(
        Signature.statement_id == item.statement.id, Signature.state == State.PUBLISHED, Signature.id != item.signature.id, or_(*alike)
    )
    return session.exec(rows.order_by(col(Signature.number)).limit(10)).all()


def _past(session: Session, signature: Signature) -> list[Past]:
    rows = session.exec(select(Decision, Account.email).join(Account).where(Decision.signature_id == signature.id).order_by(col(Decision.decided_at)))
    ring = keyring(session, signature.statement_id)
    return [Past(row, by, ring.open(row.words, row.place()).decode() if row.words else "") for row, by in rows]
