"""Rights as parameter types: a console route names what its caller must be."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from app.accounts import actions
from app.accounts.models import Person, Role
from app.accounts.queries import session_of
from app.clock import utcnow
from app.db import ReadDb
from app.errors import N_, DomainError, Forbidden
from app.web import cookies

SESSION_COOKIE = "session"
_REFRESH = timedelta(minutes=1)
_NO = N_("Your account has no right to this.")


class SignInNeeded(DomainError):
    """Nobody is signed in, or not wholly; pages lead to `place`."""

    status = 401
    title = N_("Please sign in")

    def __init__(self, place: str = "/console/sign-in") -> None:
        super().__init__(N_("Your session is over, or you have not signed in."))
        self.place = place


def _arriving(request: Request, db: ReadDb) -> Person:
    """Somebody whose password was right, at least."""
    found = session_of(db, cookies.read(request, SESSION_COOKIE) or "", utcnow())
    if found is None:
        raise SignInNeeded
    return found


Arriving = Annotated[Person, Depends(_arriving)]


def _staff(request: Request, person: Arriving) -> Person:
    if person.session.proven_at is None:
        raise SignInNeeded("/console/second")
    if not person.somewhere(Role.VIEWER):
        raise Forbidden(_NO)
    if utcnow() - person.session.seen_at > _REFRESH:
        with request.app.state.database.transaction() as writing:
            actions.touch_session(writing, person.session, utcnow())
    return person


Staff = Annotated[Person, Depends(_staff)]


def _proven(request: Request, person: Staff) -> Person:
    """Somebody who proved lately who they are."""
    if not person.session.fresh(utcnow()):
        place = request.scope["path"] if request.method == "GET" else "/console/account"
        raise SignInNeeded(f"/console/prove?next={quote(place)}")
    return person


Proven = Annotated[Person, Depends(_proven)]


def _moderator(person: Staff) -> Person:
    if not person.somewhere(Role.MODERATOR):
        raise Forbidden(N_("Your account may look, but not decide."))
    return person


Moderator = Annotated[Person, Depends(_moderator)]


def _administrator(person: Staff) -> Person:
    if not person.may(Role.ADMINISTRATOR):
        raise Forbidden(_NO)
    return person


Administrator = Annotated[Person, Depends(_administrator)]


def _proven_administrator(person: Administrator, proven: Proven) -> Person:
    return proven


ProvenAdministrator = Annotated[Person, Depends(_proven_administrator)]


def _editor(person: Staff) -> Person:
    if not person.somewhere(Role.EDITOR):
        raise Forbidden(_NO)
    return person


Editor = Annotated[Person, Depends(_editor)]
