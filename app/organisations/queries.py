"""Read the directory."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.organisations.models import Organisation, OrganisationDomain, OrganisationName
from app.organisations.naming import alike_among, skeleton


@dataclass(frozen=True)
class Namesake:
    """An organisation of the directory, its name that is most like the one asked about, and how much: up to 100."""

    organisation: Organisation
    name: str
    likeness: float


def by_domain(session: Session, domain: str) -> Organisation | None:
    """The organisation with this registrable domain; no other can have it."""
    further = select(OrganisationDomain.organisation_id).where(OrganisationDomain.domain == domain)
    return session.exec(select(Organisation).where(or_(col(Organisation.domain) == domain, col(Organisation.id).in_(further)))).first()


def by_name(session: Session, name: str) -> list[Organisation]:
    """Organisations known by this name in any spelling or script, the longest known first: look-alikes have entries of their own."""
    named = select(OrganisationName.organisation_id).where(OrganisationName.key == skeleton(name))
    return list(session.exec(select(Organisation).where(col(Organisation.id).in_(named)).order_by(col(Organisation.created_at), col(Organisation.id))))


def known_domain(session: Session, name: str) -> str:
    """The domain of the longest known organisation of this name that has one; "" when there is none."""
    return next((found.domain for found in by_name(session, name) if found.domain), "")


def similar(session: Session, name: str, limit: int = 5) -> list[Namesake]:
    """Organisations that may be the one of this name, most alike first, each once."""
    names = select(OrganisationName.organisation_id, OrganisationName.name)
    known = session.exec(names.order_by(col(OrganisationName.key), col(OrganisationName.organisation_id), col(OrganisationName.language))).all()
    best: dict[UUID, tuple[str, float]] = {}
    for likeness, place in alike_among(name, [spelling for _, spelling in known]):
        best.setdefault(known[place][0], (known[place][1], likeness))
    return [Namesake(session.get_one(Organisation, found), *how) for found, how in list(best.items())[:limit]]
