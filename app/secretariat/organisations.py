"""The console's pages about the directory of organisations."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.accounts.deps import Editor, Proven
from app.accounts.models import Person
from app.audit.actions import record
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import Conflict
from app.organisations import keeping
from app.secretariat import directory
from app.secretariat.deps import Keeper
from app.secretariat.forms import MergeForm, NameForm, OrganisationForm, UnnameForm
from app.signatures.evidence import own_domain
from app.signatures.identity import domain_of
from app.web.forms import Problem, Submission, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/organisations", include_in_schema=False)
Describing = Annotated[Submission[OrganisationForm], Depends(submitted(OrganisationForm))]
Naming = Annotated[Submission[NameForm], Depends(submitted(NameForm))]
Unnaming = Annotated[Submission[UnnameForm], Depends(submitted(UnnameForm))]
Merging = Annotated[Submission[MergeForm], Depends(submitted(MergeForm))]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


@router.get("")
def page(request: Request, staff: Editor, db: ReadDb, q: str = "", page: PageNumber = 1, beside: UUID | None = None) -> Response:
    """The directory; `beside` names an entry whose other half is looked for."""
    half = directory.entry(db, beside) if beside else None
    context: dict[str, Any] = {"found": directory.listing(db, q[:200], page), "q": q[:200], "page": page, "half": half}
    return acting_page(request, "secretariat/organisations.html", **context, **_common(request, staff))


@router.get("/{organisation_id}")
def organisation(request: Request, staff: Editor, db: ReadDb, organisation_id: UUID, done: str = "") -> Response:
    """One entry."""
    return _entry(request, staff, db, organisation_id, done)


@router.post("/{organisation_id}/details")
def describe(request: Request, staff: Keeper, reading: ReadDb, db: Db, organisation_id: UUID, form: Describing) -> Response:
    """What is known of it."""
    if form.data is None:
        return _entry(request, staff, reading, organisation_id, details=form)
    (held,) = keeping.held(db, organisation_id)
    try:
        keeping.describe(db, held, form.data.website, own_domain(domain_of(form.data.website)), form.data.country, form.data.acronym)
    except Conflict as error:
        db.rollback()
        return _entry(request, staff, reading, organisation_id, details=_with(form, "website", error))
    record(db, "describe-organisation", utcnow(), staff.id, None, organisation_id, **form.data.model_dump())
    return _to(request, organisation_id, "described")


@router.post("/{organisation_id}/names")
def name(request: Request, staff: Keeper, reading: ReadDb, db: Db, organisation_id: UUID, form: Naming) -> Response:
    """A name more."""
    if form.data is None:
        return _entry(request, staff, reading, organisation_id, names=form)
    (held,) = keeping.held(db, organisation_id)
    keeping.name(db, held, form.data.language, form.data.name)
    record(db, "name-organisation", utcnow(), staff.id, None, organisation_id, **form.data.model_dump())
    return _to(request, organisation_id, "named")


@router.post("/{organisation_id}/unname")
def unname(request: Request, staff: Keeper, reading: ReadDb, db: Db, organisation_id: UUID, form: Unnaming) -> Response:
    """A name less."""
    if form.data is None:
        return _entry(request, staff, reading, organisation_id, names=Submission[NameForm]({}, None, form.problems))
    (held,) = keeping.held(db, organisation_id)
    try:
        keeping.unname(db, held, form.data.language, form.data.key)
    except Conflict as error:
        db.rollback()
        return _entry(request, staff, reading, organisation_id, names=_with(Submission[NameForm](), "name", error))
    record(db, "unname-organisation", utcnow(), staff.id, None, organisation_id, **form.data.model_dump())
    return _to(request, organisation_id, "unnamed")


@router.get("/{organisation_id}/merge/{other_id}")
def compare(request: Request, staff: Editor, proven: Proven, db: ReadDb, organisation_id: UUID, other_id: UUID) -> Response:
    """The two side by side."""
    return _compare(request, staff, db, organisation_id, other_id)


@router.post("/{organisation_id}/merge/{other_id}")
def merge(request: Request, staff: Keeper, proven: Proven, reading: ReadDb, db: Db, organisation_id: UUID, other_id: UUID, form: Merging) -> Response:
    """Make one of the two."""
    pair = {organisation_id, other_id}
    if form.data is None or form.data.keep not in pair:
        return _compare(request, staff, reading, organisation_id, other_id, 422)
    other = next(iter(pair - {form.data.keep}), form.data.keep)
    directory.merge(db, form.data.keep, other, staff, utcnow())
    return _to(request, form.data.keep, "merged")


def _entry(
    request: Request,
    staff: Person,
    db: ReadDb,
    key: UUID,
    done: str = "",
    details: Submission[OrganisationForm] | None = None,
    names: Submission[NameForm] | None = None,
) -> Response:
    found = directory.entry(db, key)
    one = found.organisation
    context: dict[str, Any] = {
        "found": found,
        "done": done,
        "details": details or Submission[OrganisationForm]({"acronym": one.acronym, "website": one.website, "country": one.country}),
        "form": names or Submission[NameForm](),
        "signatures": directory.signatures(db, key),
        "alike": directory.alike(db, found),
    }
    return acting_page(request, "secretariat/organisation.html", 422 if details or names else 200, **context, **_common(request, staff))


def _compare(request: Request, staff: Person, db: ReadDb, one: UUID, other: UUID, status: int = 200) -> Response:
    if one == other:
        raise Conflict(directory.ONE)
    twice = directory.signed_twice(db, one, other)
    found = directory.both(db, one, other)
    return acting_page(request, "secretariat/merge.html", status, found=found, twice=twice, unsaid=status != 200, **_common(request, staff))


def _with(form: Submission[Any], name: str, error: Conflict) -> Submission[Any]:
    return Submission[Any](form.typed, None, {name: Problem(error.sentence)})


def _to(request: Request, organisation_id: UUID, done: str) -> Response:
    return see_other(request, f"/console/organisations/{organisation_id}?done={done}")


def _common(request: Request, staff: Person) -> dict[str, Any]:
    return {"staff": staff, "countries": scope_language(request.scope).countries()}
