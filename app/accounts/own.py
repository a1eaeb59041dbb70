"""One's own account: set it up, change what one signs in with, end sessions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts import actions, codes, passkeys, queries
from app.accounts.console import Answered, as_json, signed_in, with_session
from app.accounts.deps import Arriving, Proven, SignInNeeded, Staff
from app.accounts.forms import AppForm, NoticesForm, PasswordForm
from app.accounts.models import Account, Person
from app.accounts.wording import browser
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError
from app.i18n import LOCALES, language_name
from app.web.forms import Problem, Submission, submitted
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other
from app.web.templates import safe_html

router = APIRouter(prefix="/console", include_in_schema=False)
NewPassword = Annotated[Submission[PasswordForm], Depends(submitted(PasswordForm))]
Noticing = Annotated[Submission[NoticesForm], Depends(submitted(NoticesForm))]
NewApp = Annotated[Submission[AppForm], Depends(submitted(AppForm))]


def _setting_up(person: Arriving, db: ReadDb) -> Person:
    """Whoever has no second factor yet, or proved lately who they are: nobody else changes what signs in."""
    first = person.session.proven_at is None and not queries.factors(db, person.account).any
    if not first and not person.session.fresh(utcnow()):
        raise SignInNeeded("/console/prove?next=/console/account" if person.session.proven_at else "/console/second")
    return person


SettingUp = Annotated[Person, Depends(_setting_up)]


@router.get("/invitation/{token}")
def invitation(request: Request, db: ReadDb, token: str) -> Response:
    """The page an invitation leads to."""
    account = actions.invited(db, token, utcnow())
    return acting_page(request, "accounts/invitation.html", form=Submission[PasswordForm](), email=account.email)


@router.post("/invitation/{token}")
def accept(request: Request, reading: ReadDb, db: Db, token: str, form: NewPassword) -> Response:
    """A password; the second factor comes next."""
    limits_of(request).check_network(request, "invitation", "30/15 minutes")
    try:
        account = actions.accept(db, token, form.data.password if form.data else "", utcnow())
    except DomainError as error:
        if error.status != 400:
            raise
        return _again(request, actions.invited(reading, token, utcnow()), error)
    return signed_in(request, actions.open_session(db, account, utcnow(), proven=False, browser=browser(request), how="invitation"), "/console/set-up")


@router.get("/set-up")
def set_up(request: Request, person: SettingUp) -> Response:
    """Choose a second factor."""
    return _choose(request, person, codes.new_secret(), Submission[AppForm]())


@router.post("/set-up/app")
def set_up_app(request: Request, person: SettingUp, reading: ReadDb, db: Db, form: NewApp) -> Response:
    """The app shows the right code: it is the second factor from now on."""
    account = queries.account(db, person.id)
    try:
        codes.keep_app(db, account, form.data.secret if form.data else "", form.data.code if form.data else "", utcnow())
    except DomainError as error:
        secret = form.typed.get("secret", "")
        return _choose(
            request, person, secret if codes.is_secret(secret) else codes.new_secret(), Submission[AppForm]({}, None, {"code": Problem(error.sentence)}), 422
        )
    return _done(request, person, db, account, "app")


@router.post("/set-up/passkey-options")
def set_up_passkey_options(person: SettingUp, db: Db) -> Response:
    """A challenge for a new passkey."""
    return as_json(passkeys.creation_options(db, person.account, utcnow()))


@router.post("/set-up/passkey")
def set_up_passkey(request: Request, person: SettingUp, db: Db, form: Answered) -> Response:
    """Keep the passkey that the browser made."""
    account = queries.account(db, person.id)
    passkeys.enrol(db, account, form.data.answer if form.data else "", (form.data.name if form.data else "") or browser(request), utcnow())
    return _done(request, person, db, account, "passkey")


@router.get("/account")
def page(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """What one signs in with, and where one is signed in."""
    return _page(request, staff, db, done)


@router.post("/account/password")
def password(request: Request, staff: Proven, reading: ReadDb, db: Db, form: NewPassword) -> Response:
    """Another password; all other sessions end."""
    account = queries.account(db, staff.id)
    try:
        actions.change_password(db, account, form.data.password if form.data else "", staff.session, utcnow())
    except DomainError as error:
        return _page(request, staff, reading, "", _problem(error), 422)
    return see_other(request, "/console/account?done=password")


@router.post("/account/notices")
def notices(request: Request, staff: Proven, db: Db, form: Noticing) -> Response:
    """Which mails one gets; both fields are lists, so that nothing else can be chosen by hand."""
    if form.data is None:
        raise DomainError(N_("Please choose one of the options."))
    actions.set_notices(db, queries.account(db, staff.id), form.data.on_duty == "yes", form.data.language, utcnow())
    return see_other(request, "/console/account?done=notices")


@router.post("/account/passkeys/{passkey_id}/drop")
def drop_passkey(request: Request, staff: Proven, db: Db, passkey_id: UUID) -> Response:
    """Forget a passkey."""
    actions.drop_passkey(db, staff.account, passkey_id, utcnow())
    return see_other(request, "/console/account?done=dropped")


@router.post("/account/recovery-codes")
def recovery_codes(request: Request, staff: Proven, db: Db) -> Response:
    """Ten new codes, shown this once."""
    return _codes(request, staff.account, codes.new_recovery_codes(db, staff.account, utcnow()))


@router.post("/account/sessions/{session_id}/end")
def end_session(request: Request, staff: Staff, db: Db, session_id: UUID) -> Response:
    """Sign out another browser."""
    actions.revoke(db, staff.account, session_id, utcnow())
    return see_other(request, "/console/account?done=ended")


def _done(request: Request, person: Person, db: Db, account: Account, how: str) -> Response:
    """The first factor completes the sign-in and brings recovery codes; a further one is only kept."""
    if queries.factors(db, account).codes:
        return see_other(request, "/console/account?done=set-up")
    answer = _codes(request, account, codes.new_recovery_codes(db, account, utcnow()))
    if person.session.proven_at is None:
        return with_session(answer, actions.prove(db, person.session, utcnow(), how))
    return answer


def _choose(request: Request, person: Person, secret: str, form: Submission[AppForm], status: int = 200) -> Response:
    context = {"secret": secret, "drawn": safe_html(codes.drawn(person.account, secret)), "first": person.session.proven_at is None}
    return acting_page(request, "accounts/set_up.html", status, form=form, person=person, **context)


def _codes(request: Request, account: Account, fresh: list[str]) -> Response:
    return acting_page(request, "accounts/recovery_codes.html", codes=fresh, email=account.email)


def _page(request: Request, staff: Person, db: ReadDb, done: str, form: Submission[PasswordForm] | None = None, status: int = 200) -> Response:
    now = utcnow()
    chosen = Submission[NoticesForm]({"on_duty": "yes" if staff.account.on_duty else "no", "language": staff.account.language})
    found = {
        "notices": chosen,
        "languages": [(code, language_name(code)) for code in LOCALES],
        "factors": queries.factors(db, staff.account),
        "passkeys": queries.passkeys(db, staff.id),
        "sessions": queries.sessions(db, staff.id, now),
    }
    return acting_page(request, "accounts/account.html", status, staff=staff, form=form or Submission[PasswordForm](), done=done, **found)


def _again(request: Request, account: Account, error: DomainError) -> Response:
    return acting_page(request, "accounts/invitation.html", 422, form=_problem(error), email=account.email)


def _problem(error: DomainError) -> Submission[PasswordForm]:
    return Submission[PasswordForm]({}, None, {"password": Problem(error.sentence, error.values)})
