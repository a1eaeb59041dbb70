"""The card of one signature: everything that a moderator needs to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.accounts.models import Account
from app.errors import N_, NotFound
from app.keys.queries import keyring
from app.moderation.models import Decision
from app.moderation.queries import Item, opened
from app.organisations.queries import Namesake, by_name, known_domain, similar
from app.outbox.models import Mail
from app.signatures.beside import Inquiry
from app.signatures.evidence import Evidence
from app.signatures.identity import domain_of, same_people, sounds
from app.signatures.listing import evidence
from app.signatures.models import Kind, Signature, State
from app.signatures.particulars import Correction
from app.signatures.queries import address, correction, parting
from app.statements.models import Statement

_COMPARED = 5000


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
    evidence: Evidence
    known_domain: str
    similar: list[Namesake]
    people: list[Signature]
    inquiries: Sequence[Inquiry]
    nearby: int
    """How many signatures came from the same network lately, this one included; 0 when that is forgotten."""
    mails: Sequence[Mail]
    """The newest mails about it."""
    before: Sequence[str]
    """The other statements that its website's domain stands under."""

    @property
    def due(self) -> Past | None:
        """The decision that has no effect yet."""
        return next((past for past in self.past if past.decision.due_at), None)

    @property
    def other_domain(self) -> str:
        """The domain the directory knows this name by, where the one given is another."""
        return self.known_domain if self.known_domain not in {"", self.website_domain} else ""

    @property
    def domains_match(self) -> bool | None:
        """Whether the address is at the website's domain; None where there is nothing to compare."""
        return self.email_domain == self.website_domain if self.email_domain and self.website_domain else None


def card(session: Session, signature_id: UUID) -> Card:
    """One signature with its evidence; raises NotFound for none, or one that nobody confirmed."""
    signature = session.get(Signature, signature_id)
    if signature is None or signature.state in {State.PENDING, State.EXPIRED}:
        raise NotFound(N_("There is no such signature."))
    item = opened(session, signature, session.get_one(Statement, signature.statement_id))
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
        *_organisation(session, item),
        _namesakes(session, item),
        session.exec(select(Inquiry).where(Inquiry.signature_id == signature.id).order_by(col(Inquiry.created_at))).all(),
        _nearby(session, signature),
        session.exec(select(Mail).where(Mail.about == signature.id).order_by(col(Mail.created_at).desc()).limit(3)).all(),
        _before(session, signature, website),
    )


def _nearby(session: Session, signature: Signature) -> int:
    if not signature.cluster:
        return 0
    return session.exec(select(sa.func.count()).select_from(Signature).where(Signature.cluster == signature.cluster)).one()


def _before(session: Session, signature: Signature, website: str) -> Sequence[str]:
    """Where the domain has signed; only organisations have one in the list."""
    if not website:
        return []
    rows = select(Statement.slug).join(Signature).where(Signature.domain == website, Signature.state == State.PUBLISHED)
    return session.exec(rows.where(Statement.id != signature.statement_id).distinct().order_by(Statement.slug).limit(10)).all()


def _same(session: Session, item: Item, website: str) -> Sequence[Signature]:
    """Published signatures of what may be the same organisation: by its domain, or its name in any script."""
    if item.signature.kind is not Kind.ORGANISATION or not item.typed.organisation:
        return []
    alike: list[sa.ColumnElement[bool]] = [col(Signature.organisation_id).in_([found.id for found in by_name(session, item.typed.organisation)])]
    if website:
        alike.append(col(Signature.domain) == website)
    rows = select(Signature).where(
        Signature.statement_id == item.statement.id, Signature.state == State.PUBLISHED, Signature.id != item.signature.id, or_(*alike)
    )
    return session.exec(rows.order_by(col(Signature.number)).limit(10)).all()


def _organisation(session: Session, item: Item) -> tuple[Evidence, str, list[Namesake]]:
    """How far the organisation is known, the domain the directory knows it by, and entries of the directory that may be it."""
    name = item.typed.organisation
    if item.signature.kind is not Kind.ORGANISATION or not name:
        return Evidence.DECLARED, "", []
    others = [found for found in similar(session, name) if found.organisation.id != item.signature.organisation_id]
    return evidence(session, item.signature, item.typed), known_domain(session, name), others


def _namesakes(session: Session, item: Item) -> list[Signature]:
    """Published people of the same name in any script, and those of the newest whose name is nearly the same: a hint, never a verdict."""
    if item.signature.kind is Kind.ORGANISATION or not item.typed.name:
        return []
    people = col(Signature.statement_id) == item.statement.id, col(Signature.state) == State.PUBLISHED, col(Signature.id) != item.signature.id
    rows = sa.select(col(Signature.number), col(Signature.sounds)).where(*people, col(Signature.sounds).is_not(None))
    newest = session.execute(rows.order_by(col(Signature.number).desc()).limit(_COMPARED)).all()
    alike = [newest[place][0] for place in same_people(item.typed.name, [said for _, said in newest], 5)]
    found = select(Signature).where(*people)
    # In an order, or without the index's own condition, SQLite would walk the whole list.
    same = session.exec(found.where(col(Signature.sounds).is_not(None), Signature.sounds == sounds(item.typed.name)).limit(5)).all()
    near = session.exec(found.where(col(Signature.number).in_(alike))).all() if alike else []
    return sorted({one.id: one for one in (*same, *near)}.values(), key=lambda one: one.number or 0)


def _past(session: Session, signature: Signature) -> list[Past]:
    rows = session.exec(select(Decision, Account.email).join(Account).where(Decision.signature_id == signature.id).order_by(col(Decision.decided_at)))
    return [Past(row, by, decided_words(session, signature, row)) for row, by in rows]


def decided_words(session: Session, signature: Signature, decision: Decision) -> str:
    """What the moderator wrote; nothing when it was erased."""
    return keyring(session, signature.statement_id).open(decision.words, decision.place("words")).decode() if decision.words else ""
