"""Signing and confirming."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError
from app.signatures import actions, queries
from app.signatures.forms import ConfirmForm, Signer, SignForm
from app.signatures.identity import canonical_address
from app.signatures.models import Signature
from app.signatures.retention import CONFIRM_WITHIN
from app.statements.deps import OpenStatement, StatementReading
from app.statements.models import Statement
from app.statements.queries import Reading, reading
from app.web import cookies
from app.web.forms import Problem, Submission, check, submitted
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(include_in_schema=False)
COOKIE = "pending"
_WRONG_CODE = N_("This is not the code from the mail, or too many wrong ones were typed. After five wrong codes please wait 15 minutes.")
_NOT_ASKED = N_("This statement does not ask for signatures of this kind.")


class KindNotAsked(DomainError):
    """The statement takes only the other kind of signer."""

    status = 422


@router.get("/statements/{slug}/sign")
def sign_form(request: Request, statement: OpenStatement, shown: StatementReading, kind: Literal["organisation", "individual"] | None = None) -> Response:
    """The form on a page of its own."""
    return acting_page(request, "signatures/sign.html", shown=shown, form=Submission[SignForm]({"kind": kind} if kind else {}))


@router.post("/statements/{slug}/sign")
def sign(
    request: Request, db: Db, statement: OpenStatement, shown: StatementReading, form: Annotated[Submission[SignForm], Depends(submitted(SignForm))]
) -> Response:
    """Take a signature; the answer is the same for every address."""
    if form.data is None:
        return acting_page(request, "signatures/sign.html", 422, shown=shown, form=form)
    if not statement.takes(form.data.kind):
        raise KindNotAsked(_NOT_ASKED)
    limits = limits_of(request)
    limits.check_network(request, "sign", "60/minute", "600/hour")
    person = canonical_address(form.data.email)
    may_mail = limits.allows("mail", "3/day", f"{statement.id} {person}") & limits.allows("mail", "8/day", person)
    secret = actions.sign(db, statement, form.data, scope_language(request.scope).code, may_mail, utcnow())
    response = see_other(request, f"/statements/{statement.slug}/check-your-mail")
    cookies.write(response, COOKIE, secret, int(CONFIRM_WITHIN.total_seconds()))
    return response


@router.get("/statements/{slug}/check-your-mail")
def check_your_mail(request: Request, shown: StatementReading) -> Response:
    """What happens next."""
    return acting_page(request, "signatures/check_your_mail.html", shown=shown)


@router.get("/confirm/{token}")
def confirm_page(request: Request, db: ReadDb, token: str) -> Response:
    """Show what was typed to the browser that typed it, ask any other for the code; writes nothing."""
    found = queries.by_token(db, token, utcnow())
    if found is None:
        return _link_over(request)
    confirmation, signature = found
    if actions.proven(confirmation, cookies.read(request, COOKIE)):
        return _typed(request, db, token, signature)
    return acting_page(request, "signatures/code.html", token=token, form=Submission[ConfirmForm]())


@router.post("/confirm/{token}")
def confirm(request: Request, db: Db, token: str, form: Annotated[Submission[ConfirmForm], Depends(submitted(ConfirmForm))]) -> Response:
    """Act for the person who holds the cookie or types the code."""
    limits_of(request).check_network(request, "confirm", "120/minute")
    found = queries.by_token(db, token, utcnow(), lock=True)
    if found is None:
        return _link_over(request)
    confirmation, signature = found
    if form.data is None:
        return acting_page(request, "signatures/code.html", 422, token=token, form=form)
    secret = None
    if not actions.proven(confirmation, cookies.read(request, COOKIE)):
        secret = actions.prove(db, confirmation, signature, form.data.code, utcnow())
        if secret is None:
            return acting_page(request, "signatures/code.html", 422, token=token, form=Submission[ConfirmForm]({}, None, {"code": Problem(_WRONG_CODE)}))
    response = _act(request, db, token, form, signature)
    if secret:
        cookies.write(response, COOKIE, secret, int(CONFIRM_WITHIN.total_seconds()))
    return response


def _act(request: Request, db: Session, token: str, form: Submission[ConfirmForm], signature: Signature) -> Response:
    """What a proven person chose."""
    statement = db.get_one(Statement, signature.statement_id)
    match form.data.act if form.data else "code":
        case "confirm" if signature.particulars is not None:
            actions.confirm(db, statement, signature, utcnow())
            return _done(request, db, statement, signature)
        case "not-me":
            actions.disown(db, signature)
            return acting_page(request, "signatures/disowned.html", shown=_shown(request, db, statement))
        case "mistaken":
            actions.clear_mistaken(signature)
        case "sign" if signature.particulars is None:
            return _rewrite(request, db, token, form, statement, signature)
    return see_other(request, f"/confirm/{token}")


def _rewrite(request: Request, db: Session, token: str, form: Submission[ConfirmForm], statement: Statement, signature: Signature) -> Response:
    again = check(Signer, form.typed)
    if again.data is None or not statement.takes(again.data.kind):
        problems = again.problems or {"kind": Problem(_NOT_ASKED)}
        return _rewrite_form(request, db, token, signature, Submission(again.typed, None, problems), 422)
    actions.rewrite(db, statement, signature, again.data, utcnow())
    return _done(request, db, statement, signature)


def _typed(request: Request, db: Session, token: str, signature: Signature) -> Response:
    typed = queries.particulars(db, signature)
    if typed is None:
        return _rewrite_form(request, db, token, signature, Submission[Signer]({"kind": signature.kind}))
    shown = _shown(request, db, db.get_one(Statement, signature.statement_id))
    return acting_page(request, "signatures/confirm.html", shown=shown, token=token, signature=signature, typed=typed, email=queries.address(db, signature))


def _rewrite_form(request: Request, db: Session, token: str, signature: Signature, form: Submission[Signer], status: int = 200) -> Response:
    shown = _shown(request, db, db.get_one(Statement, signature.statement_id))
    return acting_page(request, "signatures/rewrite.html", status, shown=shown, token=token, form=form, email=queries.address(db, signature))


def _done(request: Request, db: Session, statement: Statement, signature: Signature) -> Response:
    shown = _shown(request, db, statement)
    response = acting_page(request, "signatures/confirmed.html", shown=shown, signature=signature, automatic=statement.automatic(signature.kind))
    cookies.clear(response, COOKIE)
    return response


def _link_over(request: Request) -> Response:
    """One calm page for a used, an expired and an invented link."""
    return acting_page(request, "signatures/link_over.html", 404)


def _shown(request: Request, db: Session, statement: Statement) -> Reading:
    request.scope["own_language"] = statement.language
    return reading(db, statement, request.scope.get("language"))
