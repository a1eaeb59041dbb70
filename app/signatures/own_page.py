"""The signer's own page: what is stored, what is public, and everything they may do about it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from app.clock import utcnow
from app.db import Db, ReadDb
from app.signatures import ownership, queries
from app.signatures.forms import OwnForm, Typed
from app.signatures.links import prove, proven
from app.signatures.models import STANDING, Signature, State
from app.signatures.retention import CONFIRM_WITHIN
from app.signatures.routes import COOKIE, NOT_ASKED, WRONG_CODE, shown_of
from app.statements.models import Statement
from app.web import cookies
from app.web.forms import Problem, Submission, check, submitted
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other

router = APIRouter(prefix="/manage", include_in_schema=False)


@router.get("/{token}")
def page(request: Request, db: ReadDb, token: str, act: Literal["", "correct"] = "", done: str = "") -> Response:
    """Everything about the signature, for the browser that is proven; any other is asked for the code. Writes nothing."""
    found = queries.managed(db, token)
    if found is None:
        return _nothing(request)
    link, signature = found
    if not proven(link, cookies.read(request, COOKIE)):
        return _ask_code(request, token, Submission[OwnForm](), 200)
    if act == "correct" and signature.state in STANDING:
        return _correct_form(request, db, token, signature, Submission[Typed](ownership.typed_form(db, signature)))
    return _overview(request, db, token, signature, done)


@router.post("/{token}")
def act(request: Request, db: Db, token: str, form: Annotated[Submission[OwnForm], Depends(submitted(OwnForm))]) -> Response:
    """Act for the person who holds the cookie or types the code."""
    limits_of(request).check_network(request, "manage", "120/minute")
    found = queries.managed(db, token, lock=True)
    if found is None:
        return _nothing(request)
    link, signature = found
    if form.data is None:
        return _ask_code(request, token, form)
    secret = None
    if not proven(link, cookies.read(request, COOKIE)):
        secret = prove(db, link, form.data.code, utcnow())
        if secret is None:
            return _ask_code(request, token, Submission[OwnForm]({}, None, {"code": Problem(WRONG_CODE)}))
    response = _do(request, db, token, signature, form.data, form)
    if secret:
        cookies.write(response, COOKIE, secret, int(CONFIRM_WITHIN.total_seconds()))
    return response


def _do(request: Request, db: Session, token: str, signature: Signature, asked: OwnForm, form: Submission[OwnForm]) -> Response:
    """What a proven person chose."""
    now, done = utcnow(), ""
    match asked.act:
        case "correct":
            return _correct(request, db, token, signature, form)
        case "hide":
            ownership.hide(db, signature, now)
            done = "hidden"
        case "show":
            ownership.show(db, signature, now)
            done = "shown"
        case "withdraw":
            ownership.withdraw(db, signature, asked.reason, now)
            done = "withdrawn"
        case "download":
            return _download(db, signature)
        case "erase" | "not-me":
            if asked.act == "not-me":
                ownership.mute(db, signature, now)
            ownership.erase(db, signature, now)
            return _erased(request, db, signature)
    return see_other(request, f"/manage/{token}{'?done=' if done else ''}{done}")


def _correct(request: Request, db: Session, token: str, signature: Signature, form: Submission[OwnForm]) -> Response:
    again, statement = check(Typed, form.typed), db.get_one(Statement, signature.statement_id)
    if again.data is None or not statement.takes(again.data.kind):
        problems = again.problems or {"kind": Problem(NOT_ASKED)}
        return _correct_form(request, db, token, signature, Submission(again.typed, None, problems), 422)
    ownership.correct(db, signature, again.data, utcnow())
    return see_other(request, f"/manage/{token}?done={'corrected' if signature.state is State.CONFIRMED else 'proposed'}")


def _correct_form(request: Request, db: Session, token: str, signature: Signature, form: Submission[Typed], status: int = 200) -> Response:
    shown = shown_of(request, db, db.get_one(Statement, signature.statement_id))
    return acting_page(request, "signatures/correct.html", status, shown=shown, token=token, form=form, signature=signature)


def _overview(request: Request, db: Session, token: str, signature: Signature, done: str) -> Response:
    statement = db.get_one(Statement, signature.statement_id)
    stored: dict[str, Any] = {
        "typed": queries.particulars(db, signature),
        "email": queries.address(db, signature),
        "correction": queries.correction(db, signature),
    }
    standing = signature.state in STANDING
    shown = shown_of(request, db, statement)
    return acting_page(request, "signatures/manage.html", shown=shown, token=token, signature=signature, done=done, standing=standing, **stored)


def _download(db: Session, signature: Signature) -> Response:
    statement = db.get_one(Statement, signature.statement_id)
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{statement.slug}-my-signature.json"'}
    return Response(ownership.copy(db, statement, signature), 200, headers, "application/json")


def _erased(request: Request, db: Session, signature: Signature) -> Response:
    shown = shown_of(request, db, db.get_one(Statement, signature.statement_id))
    response = acting_page(request, "signatures/erased.html", shown=shown)
    cookies.clear(response, COOKIE)
    return response


def _ask_code(request: Request, token: str, form: Submission[OwnForm], status: int = 422) -> Response:
    return acting_page(request, "signatures/code.html", status, token=token, form=form, door="/manage/")


def _nothing(request: Request) -> Response:
    """One calm page for an erased and an invented link."""
    return acting_page(request, "signatures/link_over.html", 404, door="/manage/")
