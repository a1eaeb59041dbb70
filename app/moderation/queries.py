"""The queue, and what a moderator needs to decide."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.accounts.models import Account
from app.db import UTCDateTime
from app.errors import N_, NotFound
from app.keys.queries import keyring
from app.moderation.models import Claim, Decision, SavedFilter
from app.outbox.models import Mail
from app.signatures import finding
from app.signatures.beside import Report
from app.signatures.identity import domain_of
from app.signatures.models import WAITING_ROW, Kind, Signature, State
from app.signatures.particulars import Particulars
from app.signatures.queries import address, particulars
from app.statements.models import Statement

SHOWN, BULK = 50, 100
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
class Row(Item):
    """A signature with its two domains."""

    email_domain: str
    website_domain: str

    @property
    def same_domain(self) -> bool:
        """Whether the address is at the website's domain."""
        return self.email_domain == self.website_domain != ""


@dataclass(frozen=True)
class Reported(Item):
    """A report about a published signature, opened in memory."""

    report: Report
    words: str
    contact: str


Where = set[UUID] | None
"""The statements that somebody has a right to; None for all."""


def within(where: Where, column: Any = Signature.statement_id) -> list[Any]:
    """The condition for a query."""
    return [] if where is None else [col(column).in_(where)]


def statement_of(session: Session, signature_id: UUID) -> UUID:
    """Which statement a signature belongs to; raises NotFound."""
    found = session.exec(select(Signature.statement_id).where(Signature.id == signature_id)).first()
    if found is None:
        raise NotFound(N_("There is no such signature."))
    return found


def statement_of_report(session: Session, report_id: UUID) -> UUID:
    """Which statement a report belongs to; raises NotFound."""
    found = session.exec(select(Report.statement_id).where(Report.id == report_id)).first()
    if found is None:
        raise NotFound(N_("There is no such report."))
    return found


def statement_of_mail(session: Session, mail_id: UUID) -> UUID | None:
    """Which statement a mail is about, None for none; raises NotFound."""
    mail = session.get(Mail, mail_id)
    if mail is None:
        raise NotFound(N_("There is no such mail."))
    return mail.statement_id


def waiting_by_statement(session: Session) -> dict[UUID, tuple[int, datetime]]:
    """For each statement with a queue: how many wait, and when the newest of them was confirmed."""
    rows = sa.select(col(Signature.statement_id), sa.func.count(), sa.func.max(SINCE)).where(WAITING).group_by(col(Signature.statement_id))
    return {statement_id: (count, newest) for statement_id, count, newest in session.execute(rows)}


def waiting(session: Session, where: Where = None) -> tuple[int, datetime | None]:
    """How many signatures wait for a decision, and when the newest of them was confirmed."""
    count, newest = session.execute(sa.select(sa.func.count(), sa.func.max(SINCE)).where(WAITING, *within(where))).one()
    return count, newest


_DUE = sa.exists().where(col(Decision.signature_id) == col(Signature.id), col(Decision.due_at).is_not(None))
WAITING = sa.and_(WAITING_ROW, ~_DUE)
SINCE = sa.func.coalesce(col(Signature.corrected_at), col(Signature.confirmed_at), type_=UTCDateTime())


def mark(signature: Signature) -> str:
    """Another one for every change of what was typed or of the state."""
    said = signature.state.encode() + (signature.particulars or b"") + (signature.correction or b"")
    return hashlib.sha256(said).hexdigest()[:16]


def claims(session: Session, items: Sequence[Item], now: datetime) -> dict[UUID, tuple[UUID, str]]:
    """Who is at which of these signatures: account and address."""
    ids = [item.signature.id for item in items]
    rows = session.exec(select(Claim, Account.email).join(Account).where(col(Claim.signature_id).in_(ids), col(Claim.until) > now))
    return {claim.signature_id: (claim.account_id, email) for claim, email in rows}


def due(session: Session, signature_id: UUID) -> bool:
    """Whether somebody has decided, with an effect that is still to come."""
    return session.exec(select(Decision.id).where(Decision.signature_id == signature_id, col(Decision.due_at).is_not(None))).first() is not None


@dataclass(frozen=True)
class Wanted:
    """Which of those that wait: of one statement, of one kind, with a flag of the screening, with an address at the website's domain."""

    statement: str = ""
    kind: Kind | None = None
    flag: str = ""
    same_domain: bool = False

    def query(self) -> str:
        """As the query of an address; empty for all of them."""
        asked = {"statement": self.statement, "kind": self.kind or "", "flag": self.flag, "domain": "same" if self.same_domain else ""}
        return urlencode({key: value for key, value in asked.items() if value})

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What the database can tell; the domains are sealed."""
        found: list[sa.ColumnElement[bool]] = [col(Statement.slug) == self.statement] if self.statement else []
        if self.kind:
            found.append(col(Signature.kind) == self.kind)
        if self.flag:
            found.append(sa.literal(" ").concat(Signature.flags).concat(" ").contains(f" {self.flag} ", autoescape=True))
        return found


def queue(session: Session, where: Where, after: UUID | None = None, wanted: Wanted = Wanted()) -> list[Item]:
    """The oldest signatures that wait for a decision and match; with `after` those that come after a signature."""
    rows = _matching(where, wanted)
    if after:
        since = session.exec(select(SINCE).where(col(Signature.id) == after)).first()
        rows = rows.where(sa.tuple_(SINCE, col(Signature.id)) > sa.tuple_(sa.literal(since, UTCDateTime()), sa.literal(after, sa.Uuid()))) if since else rows
    if wanted.same_domain:
        return list(islice((row for row in _rows(session, rows) if row.same_domain), SHOWN))
    oldest = rows.with_only_columns(col(Signature.id)).order_by(SINCE, col(Signature.id)).limit(SHOWN)  # the index alone tells, without the rows
    found = select(Signature, Statement).join(Statement).where(col(Signature.id).in_(oldest)).order_by(SINCE, col(Signature.id))
    return [opened(session, signature, statement) for signature, statement in session.exec(found)]


def waiting_by_slug(session: Session, where: Where) -> list[tuple[str, int]]:
    """The statements for which signatures wait, by slug, with how many."""
    rows = sa.select(col(Statement.slug), sa.func.count()).join_from(Signature, Statement).where(WAITING, *within(where))
    return [(slug, count) for slug, count in session.execute(rows.group_by(col(Statement.slug)).order_by(col(Statement.slug)))]


def saved_filters(session: Session, account_id: UUID) -> Sequence[SavedFilter]:
    """Somebody's filters, by name."""
    return session.exec(select(SavedFilter).where(SavedFilter.account_id == account_id).order_by(SavedFilter.name)).all()


def chosen(session: Session, where: Where, wanted: Wanted) -> list[Row]:
    """The oldest confirmed ones that match, opened in memory, with what tells two of them apart."""
    found = _rows(session, _matching(where, wanted).where(Signature.state == State.CONFIRMED))
    return list(islice((row for row in found if not wanted.same_domain or row.same_domain), BULK))


def _matching(where: Where, wanted: Wanted) -> Any:
    return select(Signature, Statement).join(Statement).where(WAITING, *within(where), *wanted.conditions())


def _rows(session: Session, rows: Any) -> Iterator[Row]:
    return (_row(session, *row) for row in session.exec(rows.order_by(SINCE, col(Signature.id)).limit(_COMPARED)))


def _row(session: Session, signature: Signature, statement: Statement) -> Row:
    item, email = opened(session, signature, statement), address(session, signature)
    return Row(signature, statement, item.typed, domain_of(email) if email else "", domain_of(item.typed.website) if item.typed.website else "")


def undoable(session: Session, signature_id: UUID, account_id: UUID, now: datetime) -> Decision | None:
    """The decision of somebody about a signature that they can take back still."""
    mine = Decision.signature_id == signature_id, Decision.account_id == account_id, col(Decision.due_at) > now
    return session.exec(select(Decision).where(*mine)).first()


def screened(session: Session, where: Where) -> list[Item]:
    """The newest signatures that the screening holds back."""
    rows = select(Signature, Statement).join(Statement).where(Signature.state == State.SCREENED, *within(where))
    return [opened(session, *row) for row in session.exec(rows.order_by(col(Signature.created_at).desc()).limit(SHOWN))]


def reports(session: Session, where: Where) -> list[Reported]:
    """The reports that nobody has settled, oldest first."""
    rows = select(Report, Signature, Statement).join(Signature, col(Report.signature_id) == col(Signature.id)).join(Statement)
    found = session.exec(rows.where(col(Report.settled_at).is_(None), *within(where)).order_by(col(Report.created_at)).limit(SHOWN))
    return [_reported(session, report, signature, statement) for report, signature, statement in found]


def _reported(session: Session, report: Report, signature: Signature, statement: Statement) -> Reported:
    said = json.loads(keyring(session, report.statement_id).open(report.words, report.place("words"))) if report.words else {}
    return Reported(**vars(opened(session, signature, statement)), report=report, words=said.get("words", ""), contact=said.get("contact", ""))


def newest_reports(session: Session) -> dict[UUID, datetime]:
    """For each statement with reports that nobody has settled: when the newest came in."""
    newest = sa.func.max(Report.created_at, type_=UTCDateTime())
    rows = sa.select(col(Report.statement_id), newest).where(col(Report.settled_at).is_(None)).group_by(col(Report.statement_id))
    return {row[0]: row[1] for row in session.execute(rows)}


def published(session: Session, where: Where, q: str, page: int) -> list[Item]:
    """The newest published signatures that are named, or those that match `q`."""
    rows = select(Signature, Statement).join(Statement).where(Signature.state == State.PUBLISHED, col(Signature.number).is_not(None), *within(where))
    if q:
        rows = rows.where(finding.holds(session, finding.needle(q)))
    rows = rows.order_by(col(Signature.published_at).desc(), col(Signature.number).desc()).limit(SHOWN).offset((page - 1) * SHOWN)
    return [opened(session, *row) for row in session.exec(rows)]


def opened(session: Session, signature: Signature, statement: Statement) -> Item:
    """A signature with what was typed."""
    return Item(signature, statement, particulars(session, signature) or signature.shown())
