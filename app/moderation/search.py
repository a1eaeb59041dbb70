"""One search box for moderators: it knows an address, a domain and a name by their looks."""

from dataclasses import dataclass
from enum import StrEnum

from anyascii import anyascii
from sqlmodel import Session, col, select

from app.errors import DomainError
from app.i18n import fold
from app.keys.queries import keyring
from app.moderation.queries import SHOWN, Item, Where, opened, within
from app.signatures import finding
from app.signatures.identity import canonical_address, domain_of, registrable_domain
from app.signatures.models import Signature, State
from app.signatures.queries import address
from app.statements.models import Statement
from app.statements.queries import every

OPENED = 5000
_SEALED = (State.SCREENED, State.CONFIRMED, State.APPROVED, State.REJECTED, State.REMOVED)


class Looks(StrEnum):
    """What was asked for."""

    ADDRESS = "address"
    DOMAIN = "domain"
    NAME = "name"


@dataclass(frozen=True)
class Found:
    """What a search found; `partly` when there was more sealed than may be opened for one search."""

    looks: Looks
    items: list[Item]
    partly: bool = False


def search(session: Session, where: Where, q: str) -> Found:
    """Signatures that match, at most fifty: those in the list, and the newest five thousand others, opened in memory."""
    text = q.strip()
    if "@" in text.lstrip("@"):
        return Found(Looks.ADDRESS, _by_address(session, where, text))
    host = text.removeprefix("@").lower()
    domain = registrable_domain(host) if "." in host and " " not in host else ""
    looks = Looks.DOMAIN if domain else Looks.NAME
    sealed = _sealed(session, where)
    listed = _listed(session, where, domain, finding.needle(text))
    spellings = (fold(text), fold(anyascii(text)))
    matching = (item for item in sealed if (_at(session, item, domain) if domain else any(one in _names(item) for one in spellings)))
    return Found(looks, [*listed, *matching][:SHOWN], len(sealed) == OPENED)


def _by_address(session: Session, where: Where, text: str) -> list[Item]:
    found: list[Item] = []
    for statement in every(session):
        if where is not None and statement.id not in where:
            continue
        try:
            indexes = keyring(session, statement.id).indexes(canonical_address(text))
        except DomainError:
            continue  # its keys were destroyed, and every address with them
        rows = select(Signature).where(Signature.statement_id == statement.id, col(Signature.address_index).in_(indexes))
        found += [opened(session, row, statement) for row in session.exec(rows)]
    return found[:SHOWN]


def _listed(session: Session, where: Where, domain: str, name: str) -> list[Item]:
    rows = select(Signature, Statement).join(Statement).where(Signature.state == State.PUBLISHED, *within(where))
    rows = rows.where(Signature.domain == domain) if domain else rows.where(finding.holds(session, name))
    return [opened(session, *row) for row in session.exec(rows.order_by(col(Signature.published_at).desc()).limit(SHOWN))]


def _sealed(session: Session, where: Where) -> list[Item]:
    rows = select(Signature, Statement).join(Statement).where(col(Signature.state).in_(_SEALED), col(Signature.particulars).is_not(None), *within(where))
    return [opened(session, *row) for row in session.exec(rows.order_by(col(Signature.created_at).desc()).limit(OPENED))]


def _at(session: Session, item: Item, domain: str) -> bool:
    email = address(session, item.signature)
    return domain in {domain_of(email) if email else "", domain_of(item.typed.website) if item.typed.website else ""}


def _names(item: Item) -> str:
    both = f"{item.typed.name}\n{item.typed.organisation}"
    return f"{fold(both)}\n{fold(anyascii(both))}"
