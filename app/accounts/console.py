"""Signing in and out of the console."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts import actions
from app.accounts.deps import SESSION_COOKIE, Staff
from app.accounts.forms import SignInForm
from app.accounts.models import ABSOLUTE
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_
from app.web import cookies
from app.web.forms import Problem, Submission, submitted
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other

router = APIRouter(prefix="/console", include_in_schema=False)
_WRONG = N_("This address and password do not belong together.")


@router.get("/sign-in")
def sign_in_form(request: Request) -> Response:
    """The form."""
    return acting_page(request, "accounts/sign_in.html", form=Submission[SignInForm]())


@router.post("/sign-in")
def sign_in(request: Request, reading: ReadDb, db: Db, form: Annotated[Submission[SignInForm], Depends(submitted(SignInForm))]) -> Response:
    """Check the password and open a session; a fresh secret each time, so none can be planted."""
    limits_of(request).check_network(request, "sign-in", "30/15 minutes")
    if form.data is None:
        return acting_page(request, "accounts/sign_in.html", 422, form=form)
    allowed = limits_of(request).allows("sign-in account", "10/15 minutes", form.data.email.lower())
    account = actions.authenticate(reading, form.data.email, form.data.password) if allowed else None
    if account is None:
        return acting_page(request, "accounts/sign_in.html", 422, form=Submission[SignInForm](form.typed, None, {"password": Problem(_WRONG)}))
    response = see_other(request, "/console")
    cookies.write(response, SESSION_COOKIE, actions.open_session(db, account, utcnow()), int(ABSOLUTE.total_seconds()))
    return response


@router.post("/sign-out")
def sign_out(request: Request, db: Db, staff: Staff) -> Response:
    """End the session and forget what the browser kept."""
    actions.end_session(db, cookies.read(request, SESSION_COOKIE) or "")
    response = see_other(request, "/console/sign-in")
    cookies.clear(response, SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
