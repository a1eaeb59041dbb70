"""The directory of organisations as the secretariat works at it: look for one, and make one of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, or_, select

from app.accounts.models import Person
from app.audit.actions import record
from app.errors import N_, Conflict, NotFound
from app.organisations import keeping
from app.organisations.models import Organisation, OrganisationDomain, OrganisationName
from app.organisations.naming import skeleton
from app.organisations.queries import Namesake, similar
from app.signatures.models import Signature
from app.statements.models import Statement

SHOWN = 50
ONE = N_("This is one and the same organisation.")
_SIGNATURES = 200


@dataclass(frozen=True)
class Entry:
    """An organisation with its names, its further domains, and how many signatures of it are public."""

    organisation: Organisation
    names: Sequence[OrganisationName]
    domains: Sequence[str]
    signed: int

    @property
    def hosts(self) -> list[str]:
        """Every domain it is known by, its website's first."""
        return [host for host in (self.organisation.domain, *self.domains) if host]

    def title(self, language: str) -> str:
        """Its name in a language, or the first it has."""
        return min(self.names, key=lambda one: (one.language != language, one.language != "", one.key)).name


@dataclass(frozen=True)
class Listing:
    """One page of the directory, and how many entries were found in all."""

    entries: Sequence[Entry]
    total: int

    @property
    def pages(self) -> int:
        """How many there are, at least one."""
        return max(1, -(-self.total // SHOWN))


def listing(session: Session, q: str, page: int) -> Listing:
    """The entries with `q` in a name, in any script, in a domain or as acronym; all for "". By name."""
    found = select(OrganisationName.organisation_id).where(*_matching(q)).group_by(col(OrganisationName.organisation_id))
    total = session.exec(select(func.count()).select_from(found.subquery())).one()
    ordered = found.order_by(func.min(OrganisationName.key), col(OrganisationName.organisation_id))
    return Listing(entries(session, session.exec(ordered.limit(SHOWN).offset((page - 1) * SHOWN)).all()), total)


def _matching(q: str) -> list[sa.ColumnElement[bool]]:
    text = q.strip()
    if not text:
        return []
    fits = [
        col(OrganisationName.name).icontains(text, autoescape=True),
        col(Organisation.domain).contains(text.lower(), autoescape=True),
        col(Organisation.website).icontains(text, autoescape=True),
        func.lower(Organisation.acronym) == text.lower(),
    ]
    if key := skeleton(text):
        fits.append(col(OrganisationName.key).contains(key, autoescape=True))
    rows = select(Organisation.id).join(OrganisationName).where(or_(*fits))
    further = select(OrganisationDomain.organisation_id).where(col(OrganisationDomain.domain).contains(text.lower(), autoescape=True))
    return [or_(col(OrganisationName.organisation_id).in_(rows), col(OrganisationName.organisation_id).in_(further))]


def entries(session: Session, keys: Sequence[UUID]) -> list[Entry]:
    """The entries of these, in this order; those that are gone are left out."""
    found = {one.id: one for one in session.exec(select(Organisation).where(col(Organisation.id).in_(keys)))}
    names: dict[UUID, list[OrganisationName]] = {}
    order = (col(OrganisationName.language), col(OrganisationName.key))
    for one in session.exec(select(OrganisationName).where(col(OrganisationName.organisation_id).in_(keys)).order_by(*order)):
        names.setdefault(one.organisation_id, []).append(one)
    domains: dict[UUID, list[str]] = {}
    for further in session.exec(select(OrganisationDomain).where(col(OrganisationDomain.organisation_id).in_(keys)).order_by(OrganisationDomain.domain)):
        domains.setdefault(further.organisation_id, []).append(further.domain)
    counted = select(Signature.organisation_id, func.count()).where(col(Signature.organisation_id).in_(keys)).group_by(col(Signature.organisation_id))
    signed = dict(session.exec(counted).all())
    return [Entry(found[key], names[key], domains.get(key, ()), signed.get(key, 0)) for key in keys if key in found and key in names]


def entry(session: Session, key: UUID) -> Entry:
    """One entry; raises NotFound."""
    return both(session, key)[0]


def both(session: Session, *keys: UUID) -> list[Entry]:
    """All of these entries; raises NotFound when one is missing."""
    found = entries(session, keys)
    if len(found) < len(keys):
        raise NotFound(N_("This organisation is not in the directory any more."))
    return found


def signatures(session: Session, key: UUID) -> list[tuple[Signature, Statement]]:
    """Its public signatures, newest first, at most two hundred."""
    rows = select(Signature, Statement).join(Statement).where(Signature.organisation_id == key)
    return list(session.exec(rows.order_by(col(Signature.published_at).desc(), col(Signature.id)).limit(_SIGNATURES)))


def alike(session: Session, found: Entry) -> list[Namesake]:
    """Other entries that may be the same organisation, by any of its names."""
    best: dict[UUID, Namesake] = {}
    for name in {one.key: one.name for one in found.names}.values():
        for other in similar(session, name):
            if other.organisation.id != found.organisation.id:
                best.setdefault(other.organisation.id, other)
    return sorted(best.values(), key=lambda one: -one.likeness)[:5]


def signed_twice(session: Session, one: UUID, other: UUID) -> list[str]:
    """The addresses (slugs) of the statements that both have signed."""
    rows = select(Statement.slug).join(Signature).where(col(Signature.organisation_id).in_((one, other)))
    twice = rows.group_by(col(Statement.slug)).having(func.count(sa.distinct(col(Signature.organisation_id))) == 2)
    return list(session.exec(twice.order_by(Statement.slug)))


def merge(session: Session, kept_id: UUID, other_id: UUID, person: Person, now: datetime) -> None:
    """Make one entry of two: the signatures of `other_id` become those of `kept_id`, on every statement, and lists stay as they are.

    Raises NotFound, and Conflict (`ONE`) for one and the same.
    """
    if kept_id == other_id:
        raise Conflict(ONE)
    kept, other = keeping.held(session, kept_id, other_id)
    (before,) = both(session, other_id)
    # Whoever gives the other entry a signature at this moment holds its row by the foreign key: this waits, and sees it.
    session.execute(sa.update(Signature).where(col(Signature.organisation_id) == other_id).values(organisation_id=kept_id))
    keeping.absorb(session, kept, other)
    detail = {"merged": other_id, "names": [one.name for one in before.names], "domain": before.organisation.domain or "", "signatures": before.signed}
    record(session, "merge-organisations", now, person.id, None, kept_id, **detail)
