"""Enter organisations into the directory and take them out."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.organisations.models import Organisation, OrganisationName
from app.organisations.naming import acronym, skeleton
from app.organisations.queries import by_domain, by_name


def recognise(session: Session, name: str, language: str, website: str, domain: str, country: str, now: datetime) -> Organisation:
    """The entry of an organisation whose signature becomes public, made when there is none.

    `domain` is the registrable domain of its own website, "" when it has none or shares a platform's. Its owner is the organisation,
    whatever it calls itself, for names come in many languages. A name anybody can type: it leads to an entry only where nothing speaks
    against it (`_namesake`), since two entries for one organisation are a nuisance and one entry for two lends an impostor a name.
    A name that is new in its language is added and what is empty is filled; nothing is overwritten.
    """
    try:
        with session.begin_nested():
            return _entered(session, name, language, website, domain, country, now)
    except IntegrityError:  # another transaction entered it meanwhile, and can be seen now
        return _entered(session, name, language, website, domain, country, now)


def forget_unsigned(session: Session, organisation_id: UUID, still_signed: bool) -> None:
    """Take an organisation and its names out of the directory once no public signature of it is left."""
    if not still_signed:
        session.execute(sa.delete(Organisation).where(col(Organisation.id) == organisation_id))


def _entered(session: Session, name: str, language: str, website: str, domain: str, country: str, now: datetime) -> Organisation:
    found = (by_domain(session, domain) if domain else None) or _namesake(session, name, domain, country)
    if found is None:
        found = Organisation(created_at=now)
        session.add(found)
    found.learn(website, domain, country, acronym(name))
    session.flush()
    key = (found.id, language, skeleton(name))
    if session.get(OrganisationName, key) is None:
        session.add(OrganisationName(organisation_id=found.id, language=language, key=skeleton(name), name=name))
        session.flush()
    return found


def _namesake(session: Session, name: str, domain: str, country: str) -> Organisation | None:
    """The entry that may be meant by a name that no domain leads to.

    One that has another domain never is, nor one of another country. Somebody without a domain may be the only namesake that has one; among
    several nobody could tell.
    """
    fitting = [found for found in by_name(session, name) if not country or found.country in {"", country}]
    without = next((found for found in fitting if found.domain is None), None)
    return without or (fitting[0] if len(fitting) == 1 and not domain else None)
