"""The console's pages about the staff: who has which right; invite, change, disable."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts import actions as accounts
from app.accounts import queries as account_queries
from app.accounts.deps import ProvenAdministrator
from app.accounts.models import Person
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import DomainError
from app.secretariat.forms import InviteForm, RightsForm
from app.secretariat.wording import roles
from app.statements.queries import every
from app.web.forms import Problem, Submission, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import absolute, link, scope_language

router = APIRouter(prefix="/console/people", include_in_schema=False)
Inviting = Annotated[Submission[InviteForm], Depends(submitted(InviteForm))]
Giving = Annotated[Submission[RightsForm], Depends(submitted(RightsForm))]


@router.get("")
def page(request: Request, staff: ProvenAdministrator, db: ReadDb) -> Response:
    """Everybody."""
    return _page(request, staff, db)


@router.post("/invite")
def invite(request: Request, staff: ProvenAdministrator, reading: ReadDb, db: Db, form: Inviting) -> Response:
    """A new account; the one-time link is shown this once, to be handed over in person."""
    if form.data is None:
        return _page(request, staff, reading, form, 422)
    try:
        account = accounts.create(db, form.data.email, None, None, utcnow())
    except DomainError as error:
        return _page(request, staff, reading, Submission[InviteForm](form.typed, None, {"email": Problem(error.sentence)}), 422)
    db.flush()
    accounts.give(db, account, form.data.role, form.data.statement, staff.id, utcnow())
    return _invited(request, staff, accounts.invite(db, account, staff.id, utcnow()), account.email)


@router.get("/{account_id}")
def person(request: Request, staff: ProvenAdministrator, db: ReadDb, account_id: UUID, done: str = "") -> Response:
    """One account."""
    return _person(request, staff, db, account_id, done)


@router.post("/{account_id}/rights")
def rights(request: Request, staff: ProvenAdministrator, reading: ReadDb, db: Db, account_id: UUID, form: Giving) -> Response:
    """What the account may do."""
    if form.data is None:
        return _person(request, staff, reading, account_id, "", form, 422)
    accounts.give(db, account_queries.account(db, account_id), form.data.role, form.data.statement, staff.id, utcnow())
    return see_other(request, f"/console/people/{account_id}?done=rights")


@router.post("/{account_id}/take/{statement_id}")
def take(request: Request, staff: ProvenAdministrator, db: Db, account_id: UUID, statement_id: UUID) -> Response:
    """Take back the right to one statement."""
    accounts.take(db, account_queries.account(db, account_id), statement_id, staff.id, utcnow())
    return see_other(request, f"/console/people/{account_id}?done=rights")


@router.post("/{account_id}/invite")
def invite_again(request: Request, staff: ProvenAdministrator, db: Db, account_id: UUID) -> Response:
    """A new one-time link for somebody who lost everything: password, factors and sessions are void at once."""
    account = account_queries.account(db, account_id)
    return _invited(request, staff, accounts.invite(db, account, staff.id, utcnow()), account.email)


@router.post("/{account_id}/disable")
def disable(request: Request, staff: ProvenAdministrator, db: Db, account_id: UUID) -> Response:
    """Close the account and its sessions."""
    accounts.disable(db, account_queries.account(db, account_id), staff.id, utcnow())
    return see_other(request, f"/console/people/{account_id}?done=disabled")


@router.post("/{account_id}/enable")
def enable(request: Request, staff: ProvenAdministrator, db: Db, account_id: UUID) -> Response:
    """Open it again."""
    accounts.enable(db, account_queries.account(db, account_id), staff.id, utcnow())
    return see_other(request, f"/console/people/{account_id}?done=enabled")


def _page(request: Request, staff: Person, db: ReadDb, form: Submission[InviteForm] | None = None, status: int = 200) -> Response:
    people = [(one, account_queries.grants(db, one.id), account_queries.factors(db, one)) for one in account_queries.everyone(db)]
    return acting_page(request, "secretariat/people.html", status, people=people, form=form or Submission[InviteForm](), **_common(request, staff, db))


def _person(
    request: Request, staff: Person, db: ReadDb, account_id: UUID, done: str, form: Submission[RightsForm] | None = None, status: int = 200
) -> Response:
    one = account_queries.account(db, account_id)
    context = {"one": one, "grants": account_queries.grants(db, one.id), "factors": account_queries.factors(db, one), "done": done}
    return acting_page(request, "secretariat/person.html", status, form=form or Submission[RightsForm](), **context, **_common(request, staff, db))


def _invited(request: Request, staff: Person, token: str, email: str) -> Response:
    address = absolute(link(request.scope, f"/console/invitation/{token}"))
    return acting_page(request, "secretariat/invited.html", staff=staff, address=address, email=email)


def _common(request: Request, staff: Person, db: ReadDb) -> dict[str, Any]:
    return {"staff": staff, "statements": {one.id: one.slug for one in every(db)}, "role_names": roles(scope_language(request.scope))}
