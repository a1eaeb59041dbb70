"""The queue, and what a moderator needs to decide."""

import json
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
from app.organisations.queries import Namesake, known_domain, similar
from app.signatures.beside import Inquiry, Report
from app.signatures.evidence import Evidence
from app.signatures.identity import domain_of, same_person
from app.signatures.listing import evidence
from app.signatures.models import Kind, Signature, State
from app.signatures.particulars import Correction, Particulars
from app.signatures.queries import address, correction, particulars, parting
from app.statements.models import Statement

SHOWN = 50
_COMPARED = 5000


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
class Reported(Item):
    """A report about a published signature, opened in memory."""

    report: Report
    words: str
    contact: str


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

    @property
    def other_domain(self) -> str:
        """The domain the directory knows this name by, where the one given is another."""
        return self.known_domain if self.known_domain not in {"", self.website_domain} else ""

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


def reports(session: Session) -> list[Reported]:
    """The reports that nobody has settled, oldest first."""
    rows = select(Report, Signature, Statement).join(Signature, col(Report.signature_id) == col(Signature.id)).join(Statement)
    found = session.exec(rows.where(col(Report.settled_at).is_(None)).order_by(col(Report.created_at)).limit(SHOWN))
    return [_reported(session, report, signature, statement) for report, signature, statement in found]


def _reported(session: Session, report: Report, signature: Signature, statement: Statement) -> Reported:
    said = json.loads(keyring(session, report.statement_id).open(report.words, report.place("words"))) if report.words else {}
    return Reported(**vars(_item(session, signature, statement)), report=report, words=said.get("words", ""), contact=said.get("contact", ""))


def newest_report(session: Session) -> datetime | None:
    """When the newest report that nobody has settled came in."""
    return session.exec(select(Report.created_at).where(col(Report.settled_at).is_(None)).order_by(col(Report.created_at).desc()).limit(1)).first()


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
        *_organisation(session, item),
        _namesakes(session, item),
        session.exec(select(Inquiry).where(Inquiry.signature_id == signature.id).order_by(col(Inquiry.created_at))).all(),
    )


def _item(session: Session, signature: Signature, statement: Statement) -> Item:
    return Item(signature, statement, particulars(session, signature) or signature.shown())


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


def _organisation(session: Session, item: Item) -> tuple[Evidence, str, list[Namesake]]:
    """How far the organisation is known, the domain the directory knows it by, and entries of the directory that may be it."""
    name = item.typed.organisation
    if item.signature.kind is not Kind.ORGANISATION or not name:
        return Evidence.DECLARED, "", []
    others = [found for found in similar(session, name) if found.organisation.id != item.signature.organisation_id]
    return evidence(session, item.signature, item.typed), known_domain(session, name), others


def _namesakes(session: Session, item: Item) -> list[Signature]:
    """Published people whose name is nearly the same in any script: a hint, never a verdict."""
    if item.signature.kind is Kind.ORGANISATION or not item.typed.name:
        return []
    people = Signature.statement_id == item.statement.id, Signature.state == State.PUBLISHED, Signature.kind == Kind.INDIVIDUAL
    rows = select(Signature).where(*people, Signature.id != item.signature.id, col(Signature.name).is_not(None))
    named = session.exec(rows.order_by(col(Signature.number).desc()).limit(_COMPARED))
    return [row for row in named if same_person(item.typed.name, row.name or "")][:5]


def _past(session: Session, signature: Signature) -> list[Past]:
    rows = session.exec(select(Decision, Account.email).join(Account).where(Decision.signature_id == signature.id).order_by(col(Decision.decided_at)))
    return [Past(row, by, _words(session, signature, row)) for row, by in rows]


def _words(session: Session, signature: Signature, decision: Decision) -> str:
    """What the moderator wrote; nothing when it was erased."""
    return keyring(session, signature.statement_id).open(decision.words, decision.place("words")).decode() if decision.words else ""
