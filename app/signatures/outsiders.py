"""Pages for people who did not sign: report a name of the list, answer for an organisation."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from sqlmodel import Session
from starlette.responses import Response

from app.clock import utcnow
from app.db import Db, ReadDb
from app.signatures import queries, reporting
from app.signatures.forms import AnswerForm, ReportForm
from app.signatures.links import prove, proven
from app.signatures.models import Answer, Signature
from app.signatures.retention import CONFIRM_WITHIN
from app.signatures.routes import COOKIE, WRONG_CODE, shown_of
from app.signatures.wording import complaints
from app.statements.deps import StatementReading
from app.statements.models import Statement
from app.web import cookies
from app.web.forms import Problem, Submission, submitted
from app.web.limits import limits_of
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/report/{slug}/{number}")
def report_form(request: Request, db: ReadDb, shown: StatementReading, number: Number) -> Response:
    """The form."""
    return _report_page(request, db, shown, number, Submission[ReportForm]())


@router.post("/report/{slug}/{number}")
def report(
    request: Request, db: Db, shown: StatementReading, number: Number, form: Annotated[Submission[ReportForm], Depends(submitted(ReportForm))]
) -> Response:
    """Keep it for the moderators."""
    limits_of(request).check_network(request, "report", "10/hour")
    if form.data is None:
        return _report_page(request, db, shown, number, form, 422)
    row = queries.signatory(db, shown.statement.id, number)
    if not form.data.subject:
        reporting.report(db, row, form.data, utcnow())
    return acting_page(request, "signatures/reported.html", shown=shown)


def _report_page(request: Request, db: Session, shown: StatementReading, number: int, form: Submission[ReportForm], status: int = 200) -> Response:
    row, reasons = queries.signatory(db, shown.statement.id, number), complaints(scope_language(request.scope))
    return acting_page(request, "signatures/report.html", status, shown=shown, row=row, form=form, reasons=reasons)


@router.get("/answer/{token}")
def question(request: Request, db: ReadDb, token: str) -> Response:
    """What a moderator asks the organisation, for whoever has the code of the mail; writes nothing."""
    found = reporting.inquiry(db, token, utcnow())
    if found is None:
        return _over(request)
    asked, signature = found
    if not proven(asked, cookies.read(request, COOKIE)):
        return _ask_code(request, token, Submission[AnswerForm](), 200)
    return _question(request, db, token, signature)


@router.post("/answer/{token}")
def answer(request: Request, db: Db, token: str, form: Annotated[Submission[AnswerForm], Depends(submitted(AnswerForm))]) -> Response:
    """Yes, or not authorised."""
    limits_of(request).check_network(request, "answer", "60/minute")
    found = reporting.inquiry(db, token, utcnow())
    if found is None:
        return _over(request)
    asked, signature = found
    if form.data is None:
        return _ask_code(request, token, form)
    secret = None
    if not proven(asked, cookies.read(request, COOKIE)):
        secret = prove(db, asked, form.data.code, utcnow())
        if secret is None:
            return _ask_code(request, token, Submission[AnswerForm]({}, None, {"code": Problem(WRONG_CODE)}))
    if form.data.act == "code":
        response: Response = see_other(request, f"/answer/{token}")
    else:
        reporting.answer(db, asked, signature, Answer(form.data.act), utcnow())
        response = acting_page(request, "signatures/answered.html", shown=_shown(request, db, signature), yes=form.data.act == "yes")
    if secret:
        cookies.write(response, COOKIE, secret, int(CONFIRM_WITHIN.total_seconds()))
    return response


def _question(request: Request, db: Session, token: str, signature: Signature) -> Response:
    context: dict[str, Any] = {"shown": _shown(request, db, signature), "token": token, "typed": queries.particulars(db, signature)}
    return acting_page(request, "signatures/question.html", **context)


def _shown(request: Request, db: Session, signature: Signature) -> Any:
    return shown_of(request, db, db.get_one(Statement, signature.statement_id))


def _ask_code(request: Request, token: str, form: Submission[AnswerForm], status: int = 422) -> Response:
    return acting_page(request, "signatures/code.html", status, token=token, form=form, door="/answer/")


def _over(request: Request) -> Response:
    """One calm page for an answered, an expired and an invented link."""
    return acting_page(request, "signatures/link_over.html", 404, door="/answer/")
