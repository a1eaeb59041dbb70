"""Signing in and out of the console, and proving once more who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts import actions, codes, passkeys, queries
from app.accounts.deps import SESSION_COOKIE, Arriving, Staff
from app.accounts.forms import AnswerForm, CodeForm, SignInForm
from app.accounts.models import ABSOLUTE, Account, Person
from app.accounts.wording import browser
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError
from app.settings import get_settings
from app.web import cookies
from app.web.forms import Problem, Submission, submitted
from app.web.headers import NO_STORE
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other

router = APIRouter(prefix="/console", include_in_schema=False)
_WRONG = N_("This address and password do not belong together.")
Typed = Annotated[Submission[SignInForm], Depends(submitted(SignInForm))]
Coded = Annotated[Submission[CodeForm], Depends(submitted(CodeForm))]
Answered = Annotated[Submission[AnswerForm], Depends(submitted(AnswerForm))]


@router.get("/sign-in")
def sign_in_form(request: Request) -> Response:
    """The form."""
    return acting_page(request, "accounts/sign_in.html", form=Submission[SignInForm]())


@router.post("/sign-in")
def sign_in(request: Request, reading: ReadDb, db: Db, form: Typed) -> Response:
    """Check the password and open a session; a fresh secret each time, so none can be planted."""
    limits_of(request).check_network(request, "sign-in", "30/15 minutes")
    if form.data is None:
        return acting_page(request, "accounts/sign_in.html", 422, form=form)
    allowed = limits_of(request).allows("sign-in account", "10/15 minutes", form.data.email.lower())
    account = actions.authenticate(reading, form.data.email, form.data.password) if allowed else None
    if account is None:
        actions.note_failure(db, form.data.email, utcnow())
        return acting_page(request, "accounts/sign_in.html", 422, form=Submission[SignInForm](form.typed, None, {"password": Problem(_WRONG)}))
    enough = get_settings().development and not queries.factors(reading, account).any
    return signed_in(request, actions.open_session(db, account, utcnow(), proven=enough, browser=browser(request)), "/console" if enough else "/console/second")


@router.post("/passkey-options")
def passkey_options(request: Request, db: Db) -> Response:
    """A challenge for whoever has a passkey here."""
    limits_of(request).check_network(request, "passkey", "60/15 minutes")
    return as_json(passkeys.request_options(db, None, utcnow()))


@router.post("/sign-in/passkey")
def sign_in_by_passkey(request: Request, db: Db, form: Answered) -> Response:
    """A passkey is two factors in one."""
    limits_of(request).check_network(request, "sign-in", "30/15 minutes")
    account = passkeys.recognise(db, form.data.answer if form.data else "", None, utcnow())
    return signed_in(request, actions.open_session(db, account, utcnow(), proven=True, browser=browser(request), how="passkey"), "/console")


@router.get("/second")
def second_form(request: Request, person: Arriving, db: ReadDb) -> Response:
    """The second factor; who has none sets one up."""
    if person.session.proven_at or not queries.factors(db, person.account).any:
        return see_other(request, "/console" if person.session.proven_at else "/console/set-up")
    return _ask(request, person, db, "/console/second")


@router.post("/second")
def second(request: Request, person: Arriving, reading: ReadDb, db: Db, form: Coded) -> Response:
    """A code completes the sign-in."""
    return _prove_by_code(request, person, reading, db, form, "/console/second", "/console")


@router.get("/prove")
def prove_form(request: Request, person: Staff, db: ReadDb, next: str = "/console") -> Response:  # noqa: A002 - the address says it
    """Prove it once more, before something grave."""
    return _ask(request, person, db, "/console/prove", _inside(next))


@router.post("/prove")
def prove(request: Request, person: Staff, reading: ReadDb, db: Db, form: Coded, next: str = "/console") -> Response:  # noqa: A002
    """A code; where there is no second factor yet, the password."""
    return _prove_by_code(request, person, reading, db, form, "/console/prove", _inside(next))


@router.post("/own-passkey-options")
def own_passkey_options(request: Request, person: Arriving, db: Db) -> Response:
    """A challenge for the passkeys of whoever has signed in by half, or proves it once more."""
    return as_json(passkeys.request_options(db, person.account, utcnow()))


@router.post("/prove/passkey")
def prove_by_passkey(request: Request, person: Arriving, db: Db, form: Answered, next: str = "/console") -> Response:  # noqa: A002
    """A passkey completes the sign-in, or proves it once more."""
    passkeys.recognise(db, form.data.answer if form.data else "", person.account, utcnow())
    return signed_in(request, actions.prove(db, person.session, utcnow(), "passkey"), _inside(next))


@router.post("/sign-out")
def sign_out(request: Request, db: Db, person: Arriving) -> Response:
    """End the session and forget what the browser kept."""
    actions.end_session(db, cookies.read(request, SESSION_COOKIE) or "", utcnow())
    response = see_other(request, "/console/sign-in")
    cookies.clear(response, SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _prove_by_code(request: Request, person: Person, reading: ReadDb, db: Db, form: Submission[CodeForm], place: str, then: str) -> Response:
    fits = form.data is not None and limits_of(request).allows("second factor", "5/5 minutes", str(person.id)) and _fits(db, person.account, form.data.code)
    if not fits:
        wrong = Submission[CodeForm]({}, None, {"code": form.problems.get("code") or Problem(codes.WRONG)})
        return _ask(request, person, reading, place, then, wrong, 422)
    return signed_in(request, actions.prove(db, person.session, utcnow(), "code"), then)


def _fits(db: Db, account: Account, code: str) -> bool:
    if queries.factors(db, account).any:
        return codes.fits(db, account, code, utcnow())
    return get_settings().development and actions.authenticate(db, account.email, code) is not None


def _ask(
    request: Request, person: Person, db: ReadDb, place: str, then: str = "/console", form: Submission[CodeForm] | None = None, status: int = 200
) -> Response:
    context = {"place": place, "then": then, "factors": queries.factors(db, person.account), "again": person.session.proven_at is not None}
    return acting_page(request, "accounts/second.html", status, form=form or Submission[CodeForm](), person=person, **context)


def signed_in(request: Request, secret: str, then: str) -> Response:
    """Set the cookie and go on."""
    return with_session(see_other(request, then), secret)


def with_session(response: Response, secret: str) -> Response:
    """The answer with the cookie of a session."""
    cookies.write(response, SESSION_COOKIE, secret, int(ABSOLUTE.total_seconds()))
    return response


def _inside(place: str) -> str:
    """A page of the console, and of no other site."""
    if not place.startswith("/console") or "\\" in place or "//" in place:
        raise DomainError(N_("A value in the address is not valid."))
    return place


def as_json(options: str) -> Response:
    """Ready JSON, never stored."""
    return Response(options, 200, {"Cache-Control": NO_STORE}, "application/json")
