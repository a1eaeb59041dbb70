"""Rights as parameter types: a console route names what its caller must be."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from app.accounts import actions
from app.accounts.models import Account, Role
from app.accounts.queries import session_of
from app.clock import utcnow
from app.db import ReadDb
from app.errors import N_, DomainError, Forbidden
from app.web import cookies

SESSION_COOKIE = "session"
_REFRESH = timedelta(minutes=1)


class SignInNeeded(DomainError):
    """Nobody is signed in; pages lead to the sign-in form."""

    status = 401
    title = N_("Please sign in")

    def __init__(self) -> None:
        super().__init__(N_("Your session is over, or you have not signed in."))


def _staff(request: Request, db: ReadDb) -> Account:
    found = session_of(db, cookies.read(request, SESSION_COOKIE) or "", utcnow())
    if found is None:
        raise SignInNeeded
    account, session = found
    if utcnow() - session.seen_at > _REFRESH:
        with request.app.state.database.transaction() as writing:
            actions.touch_session(writing, session, utcnow())
    return account


Staff = Annotated[Account, Depends(_staff)]


def _moderator(account: Staff) -> Account:
    if not account.role.includes(Role.MODERATOR):
        raise Forbidden(N_("Your account may look, but not decide."))
    return account


Moderator = Annotated[Account, Depends(_moderator)]
