"""The two-person rule: what one administrator asks for, another has to agree to (OWASP ASVS 5.0, V2.3.5)."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.accounts.models import Account, Assent, Grant, Person, Role
from app.audit.actions import record
from app.errors import N_, Conflict, Forbidden, NotFound

OPEN = timedelta(hours=24)
SETTLED = timedelta(days=7)
"""How long somebody who was raised, or put down, by another does not change what needs two."""


def needed(session: Session, now: datetime, statement_id: UUID | None = None) -> bool:
    """Whether grave acts need a second person: where two administer the statement, or all, or did until lately."""
    rows = select(sa.func.count()).select_from(Account).where(or_(_administering(statement_id), col(Account.stepped_down_at) > now - SETTLED))
    return session.exec(rows).one() >= 2


def ask(session: Session, act: str, person: Person, now: datetime, statement_id: UUID | None = None, subject: object = "") -> Assent:
    """Ask for another's agreement within 24 hours; asked twice it is one question."""
    mine = (Assent.act == act, Assent.asked_by == person.id, Assent.statement_id == statement_id, Assent.subject == str(subject), col(Assent.expires_at) > now)
    found = session.exec(select(Assent).where(*mine)).first()
    if found is None:
        found = Assent(act=act, statement_id=statement_id, subject=str(subject), asked_by=person.id, asked_at=now, expires_at=now + OPEN)
        session.add(found)
        record(session, "ask-assent", now, person.id, statement_id, found.id, what=act)
    return found


def give(session: Session, assent_id: UUID, person: Person, now: datetime) -> None:
    """Agree as the second person; raises NotFound, Conflict, Forbidden for whom the asker chose lately."""
    assent = _open(session, assent_id, person, now)
    if assent.asked_by == person.id:
        raise Conflict(N_("You asked for this yourself; it needs another person."))
    if person.account.raised_by == assent.asked_by and person.account.raised_at and person.account.raised_at > now - SETTLED:
        raise Forbidden(N_("Who asks for this gave you your rights less than seven days ago. It needs somebody else."))
    if assent.given_by is not None:
        raise Conflict(N_("Somebody has agreed to this already."))
    assent.given_by = person.id
    record(session, "give-assent", now, person.id, assent.statement_id, assent.id, what=assent.act)


def refuse(session: Session, assent_id: UUID, person: Person, now: datetime) -> None:
    """Refuse, or take back what one asked for; raises NotFound."""
    assent = _open(session, assent_id, person, now)
    session.delete(assent)
    record(session, "refuse-assent", now, person.id, assent.statement_id, assent.id, what=assent.act)


def given(session: Session, act: str, person: Person, now: datetime, statement_id: UUID | None = None, subject: object = "") -> bool:
    """Whether this person may do this now: another has agreed, or nobody has to."""
    agreed = select(Assent.id).where(*_agreed(act, person, now, statement_id, subject))
    return not needed(session, now, statement_id) or session.exec(agreed).first() is not None


def spend(session: Session, act: str, person: Person, now: datetime, statement_id: UUID | None = None, subject: object = "") -> None:
    """Use up the agreement for doing it once; raises Forbidden without one where it is needed."""
    if not needed(session, now, statement_id):
        return
    used = sa.delete(Assent).where(*_agreed(act, person, now, statement_id, subject))
    if cast(Any, session.execute(used)).rowcount < 1:
        raise Forbidden(N_("This needs a second administrator’s agreement first."))


def able(session: Session, person: Person, now: datetime, statement_id: UUID | None = None) -> list[str]:
    """The addresses of those who could agree to what this person asks for."""
    rows = select(Account).where(_administering(statement_id), Account.id != person.id)
    found = session.exec(rows.order_by(Account.email))
    return [one.email for one in found if not (one.raised_by == person.id and one.raised_at and one.raised_at > now - SETTLED)]


def waiting(session: Session, person: Person, now: datetime) -> list[Assent]:
    """What is asked for and not done yet, at which this person may look, the oldest first."""
    rows = session.exec(select(Assent).where(col(Assent.expires_at) > now).order_by(col(Assent.asked_at)))
    return [one for one in rows if one.asked_by == person.id or person.may(Role.ADMINISTRATOR, one.statement_id)]


def sweep_assents(session: Session, now: datetime) -> None:
    """Forget what nobody agreed to, or did, in time."""
    session.execute(sa.delete(Assent).where(col(Assent.expires_at) <= now))


def _administering(statement_id: UUID | None) -> Any:
    """The accounts that administer the statement, by itself or with all others; for None all of them."""
    granted = select(Grant.account_id).where(Grant.statement_id == statement_id, Grant.role == Role.ADMINISTRATOR)
    return sa.and_(or_(col(Account.role) == Role.ADMINISTRATOR, col(Account.id).in_(granted)), col(Account.disabled_at).is_(None))


def _agreed(act: str, person: Person, now: datetime, statement_id: UUID | None, subject: object) -> tuple[Any, ...]:
    mine = (col(Assent.act) == act, col(Assent.asked_by) == person.id, col(Assent.subject) == str(subject), col(Assent.expires_at) > now)
    return (*mine, Assent.statement_id == statement_id, col(Assent.given_by).is_not(None))


def _open(session: Session, assent_id: UUID, person: Person, now: datetime) -> Assent:
    found = session.get(Assent, assent_id, with_for_update=True)
    if found is None or found.expires_at <= now or not (found.asked_by == person.id or person.may(Role.ADMINISTRATOR, found.statement_id)):
        raise NotFound(N_("This request is over, or it was done."))
    return found
