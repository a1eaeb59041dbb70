"""Signing and confirming."""

import asyncio
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError, TooMany
from app.signatures import actions, queries, screening, signing
from app.signatures.admission import admit, level
from app.signatures.confirming import Confirming, Result
from app.signatures.forms import ConfirmForm, Signer, SignForm
from app.signatures.intake import intakes_of
from app.signatures.links import prove, proven
from app.signatures.models import Signature, State, Visibility
from app.signatures.retention import CONFIRM_WITHIN
from app.signatures.signing import Post
from app.statements.deps import OpenStatement, StatementReading, recent
from app.statements.models import Statement
from app.statements.queries import Reading, reading
from app.tokens import new_token
from app.web import cookies
from app.web.errors import wants_html
from app.web.forms import Problem, Submission, check, submitted, typed
from app.web.headers import NO_STORE
from app.web.layers import wait_outside
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(include_in_schema=False)
COOKIE = "pending"
# Longer than any commit on a calm machine, so that no answer tells by its time what became of an address.
ANSWER_AFTER = 0.04
WRONG_CODE = N_("This is not the code from the mail, or too many wrong ones were typed. After five wrong codes please wait 15 minutes.")
NOT_ASKED = N_("This statement does not ask for signatures of this kind.")


class KindNotAsked(DomainError):
    """The statement takes only the other kind of signer."""

    status = 422


@router.get("/statements/{slug}/sign")
def sign_form(request: Request, _open: OpenStatement, shown: StatementReading, kind: Literal["organisation", "individual"] | None = None) -> Response:
    """The form on a page of its own."""
    return _form(request, shown, Submission[SignForm]({"kind": kind} if kind else {}))


async def sign(request: Request) -> Response:
    """Take a signature; the answer is the same for every address, and comes after the same time."""
    began, shown = time.monotonic(), await recent(request, request.path_params["slug"])
    form, statement = check(SignForm, await typed(request)), shown.statement
    statement.must_be_open(utcnow())
    if form.data is None:
        return await run_in_threadpool(_form, request, shown, form)
    if not statement.takes(form.data.kind):
        raise KindNotAsked(NOT_ASKED)
    secret, cookie_hash = new_token()
    asked = (request, statement, form.data, utcnow())
    try:
        admission = admit(*asked) if limits_of(request).local else await run_in_threadpool(admit, *asked)
        post = Post(statement.id, form.data, scope_language(request.scope).code, cookie_hash, admission)
        wait_outside(request)
        await intakes_of(request).signing.submit(post)
    except TooMany as refusal:
        if not wants_html(request.scope):
            raise
        return await run_in_threadpool(_form, request, shown, form, refusal)
    await asyncio.sleep(began + ANSWER_AFTER - time.monotonic())
    response = see_other(request, f"/statements/{statement.slug}/check-your-mail")
    cookies.write(response, COOKIE, secret, int(CONFIRM_WITHIN.total_seconds()))
    return response


# A route without parameters to solve: solving none costs a twentieth of a signature.
router.add_route("/statements/{slug}/sign", sign, methods=["POST"])


def _form(request: Request, shown: Reading, form: Submission[SignForm], refusal: TooMany | None = None) -> Response:
    """The form, empty or to be mended or sent later; it keeps its time, or whoever is quick now would look like a program."""
    statement, since, now = shown.statement, form.typed.get("since", ""), utcnow()
    if screening.age(since, statement.id, now) is None:
        since = screening.stamp(statement.id, now)
    status, headers = (refusal.status, refusal.headers) if refusal else (422 if form.problems else 200, {})
    response = acting_page(request, "signatures/sign.html", status, shown=shown, form=form, since=since, refusal=refusal)
    response.headers.update(headers)
    return response


@router.get("/statements/{slug}/challenge")
def challenge(request: Request, statement: OpenStatement) -> Response:
    """A proof of work for one signature, harder while many sign."""
    limits_of(request).check_network(request, "challenge", "120/minute")
    return JSONResponse(screening.challenge(statement.id, level(request), utcnow()), 200, {"Cache-Control": NO_STORE})


@router.get("/statements/{slug}/check-your-mail")
def check_your_mail(request: Request, shown: StatementReading, again: str = "") -> Response:
    """What happens next."""
    return acting_page(request, "signatures/check_your_mail.html", shown=shown, again=again)


@router.post("/statements/{slug}/check-your-mail")
def send_again(request: Request, db: Db, shown: StatementReading) -> Response:
    """Another letter for the browser that signed; the answer is the same for every browser."""
    limits_of(request).check_network(request, "again", "20/hour")
    signing.ask_again(db, shown.statement, cookies.read(request, COOKIE) or "", utcnow())
    return see_other(request, f"/statements/{shown.statement.slug}/check-your-mail?again=1")


@router.get("/confirm/{token}")
def confirm_page(request: Request, db: ReadDb, token: str) -> Response:
    """Show what was typed to the browser that typed it, ask any other for the code; writes nothing."""
    found = queries.by_token(db, token, utcnow())
    if found is None:
        return _link_over(request)
    link, signature = found
    if proven(link, cookies.read(request, COOKIE)):
        return _typed(request, db, token, signature)
    return acting_page(request, "signatures/code.html", token=token, form=Submission[ConfirmForm](), door="/confirm/")


@router.post("/confirm/{token}")
async def confirm(request: Request, token: str, form: Annotated[Submission[ConfirmForm], Depends(submitted(ConfirmForm))]) -> Response:
    """Act for the person who holds the cookie or types the code."""
    limits_of(request).check_network(request, "confirm", "120/minute")
    if form.data is None or form.data.act != "confirm":
        return await run_in_threadpool(_otherwise, request, token, form)
    asked = Confirming(token, cookies.read(request, COOKIE), form.data.code)
    wait_outside(request)
    outcome = await intakes_of(request).confirming.submit(asked)
    if outcome.result is Result.CONFIRMED:
        shown = await recent(request, outcome.slug)
        return await run_in_threadpool(_done, request, shown, outcome.visibility, outcome.automatic)
    if outcome.result is Result.WRONG_CODE:
        return await run_in_threadpool(_ask_code, request, token, Submission[ConfirmForm]({}, None, {"code": Problem(WRONG_CODE)}))
    return await run_in_threadpool(_link_over, request) if outcome.result is Result.OVER else see_other(request, f"/confirm/{token}")


def _otherwise(request: Request, token: str, form: Submission[ConfirmForm]) -> Response:
    """Anything but a confirmation."""
    with request.app.state.database.transaction() as db:
        found = queries.by_token(db, token, utcnow(), lock=True)
        if found is None:
            return _link_over(request)
        link, signature = found
        secret = None
        if form.data is None:
            return _ask_code(request, token, form)
        if not proven(link, cookies.read(request, COOKIE)):
            secret = prove(db, link, form.data.code, utcnow())
            if secret is None:
                return _ask_code(request, token, Submission[ConfirmForm]({}, None, {"code": Problem(WRONG_CODE)}))
        response = _act(request, db, token, form, signature)
    if secret:
        cookies.write(response, COOKIE, secret, int(CONFIRM_WITHIN.total_seconds()))
    return response


def _ask_code(request: Request, token: str, form: Submission[ConfirmForm]) -> Response:
    return acting_page(request, "signatures/code.html", 422, token=token, form=form, door="/confirm/")


def _act(request: Request, db: Session, token: str, form: Submission[ConfirmForm], signature: Signature) -> Response:
    """What a proven person chose."""
    statement = db.get_one(Statement, signature.statement_id)
    match form.data.act if form.data else "code":
        case "not-me":
            actions.disown(db, signature, utcnow())
            return acting_page(request, "signatures/disowned.html", shown=shown_of(request, db, statement))
        case "mistaken":
            actions.clear_mistaken(signature)
        case "sign" if signature.particulars is None:
            return _rewrite(request, db, token, form, statement, signature)
    return see_other(request, f"/confirm/{token}")


def _rewrite(request: Request, db: Session, token: str, form: Submission[ConfirmForm], statement: Statement, signature: Signature) -> Response:
    again = check(Signer, form.typed)
    if again.data is None or not statement.takes(again.data.kind):
        problems = again.problems or {"kind": Problem(NOT_ASKED)}
        return _rewrite_form(request, db, token, signature, Submission(again.typed, None, problems), 422)
    actions.rewrite(db, statement, signature, again.data, utcnow())
    return _done(request, shown_of(request, db, statement), signature.visibility, signature.state is State.APPROVED)


def _typed(request: Request, db: Session, token: str, signature: Signature) -> Response:
    typed = queries.particulars(db, signature)
    if typed is None:
        return _rewrite_form(request, db, token, signature, Submission[Signer]({"kind": signature.kind}))
    shown = shown_of(request, db, db.get_one(Statement, signature.statement_id))
    return acting_page(request, "signatures/confirm.html", shown=shown, token=token, signature=signature, typed=typed, email=queries.address(db, signature))


def _rewrite_form(request: Request, db: Session, token: str, signature: Signature, form: Submission[Signer], status: int = 200) -> Response:
    shown = shown_of(request, db, db.get_one(Statement, signature.statement_id))
    return acting_page(request, "signatures/rewrite.html", status, shown=shown, token=token, form=form, email=queries.address(db, signature))


def _done(request: Request, shown: Reading, visibility: Visibility | None, automatic: bool) -> Response:
    response = acting_page(request, "signatures/confirmed.html", shown=shown, visibility=visibility, automatic=automatic)
    cookies.clear(response, COOKIE)
    return response


def _link_over(request: Request) -> Response:
    """One calm page for a used, an expired and an invented link."""
    return acting_page(request, "signatures/link_over.html", 404, door="/confirm/")


def shown_of(request: Request, db: Session, statement: Statement) -> Reading:
    """The statement as this page speaks of it, also when it was closed or taken down."""
    request.scope["own_language"] = statement.language
    return reading(db, statement, request.scope.get("language"))
