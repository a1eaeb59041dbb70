"""Keep the directory: describe an entry, name it, make one of two."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Conflict, NotFound
from app.organisations.models import Organisation, OrganisationDomain, OrganisationName
from app.organisations.naming import skeleton
from app.organisations.queries import by_domain

_GONE = N_("This organisation is not in the directory any more.")


def held(session: Session, *keys: UUID) -> list[Organisation]:
    """The entries, held for this transaction in one order so that nobody waits in a circle; raises NotFound."""
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(keys)).order_by(col(Organisation.id)).with_for_update())
    found = {one.id: one for one in rows}
    if not set(keys) <= set(found):
        raise NotFound(_GONE)
    return [found[key] for key in keys]


def describe(session: Session, organisation: Organisation, website: str, domain: str, country: str, acronym: str) -> None:
    """Say what is known of it; raises Conflict when another entry is known by the domain."""
    owner = by_domain(session, domain) if domain else None
    if owner is not None and owner.id != organisation.id:
        raise Conflict(N_("Another organisation in the directory has this website. If the two are one, merge them."))
    if domain and domain != organisation.domain:
        _known_by(session, organisation, organisation.domain)
        session.execute(sa.delete(OrganisationDomain).where(col(OrganisationDomain.domain) == domain))
        organisation.domain = domain
    organisation.website, organisation.country, organisation.acronym = website, country, acronym


def name(session: Session, organisation: Organisation, language: str, text: str) -> None:
    """Add a name, or write one anew in another spelling."""
    key = skeleton(text)
    session.merge(OrganisationName(organisation_id=organisation.id, language=language, key=key, name=text))


def unname(session: Session, organisation: Organisation, language: str, key: str) -> None:
    """Take a name away; raises NotFound, and Conflict for the only one."""
    names = session.exec(select(OrganisationName).where(OrganisationName.organisation_id == organisation.id)).all()
    wanted = next((one for one in names if (one.language, one.key) == (language, key)), None)
    if wanted is None:
        raise NotFound(N_("The organisation does not have this name any more."))
    if len(names) == 1:
        raise Conflict(N_("This is its only name. Add another one first."))
    session.delete(wanted)


def absorb(session: Session, kept: Organisation, other: Organisation) -> None:
    """Give `kept` the names and domains of `other`, so that it is found by them, fill what it lacks, and delete `other`.

    Both are held, and no row refers to `other` any more.
    """
    for one in session.exec(select(OrganisationName).where(OrganisationName.organisation_id == other.id)).all():
        if session.get(OrganisationName, (kept.id, one.language, one.key)) is None:
            session.add(OrganisationName(organisation_id=kept.id, language=one.language, key=one.key, name=one.name))
    session.execute(sa.update(OrganisationDomain).where(col(OrganisationDomain.organisation_id) == other.id).values(organisation_id=kept.id))
    domain, other.domain = other.domain, None
    session.flush()
    if kept.domain is None:
        kept.domain = domain
    else:
        _known_by(session, kept, domain)
    kept.website, kept.country, kept.acronym = kept.website or other.website, kept.country or other.country, kept.acronym or other.acronym
    session.flush()
    session.execute(sa.delete(Organisation).where(col(Organisation.id) == other.id))


def _known_by(session: Session, organisation: Organisation, domain: str | None) -> None:
    if domain:
        session.merge(OrganisationDomain(domain=domain, organisation_id=organisation.id))
