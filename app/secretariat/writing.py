"""The console's pages where statements are written: the drafts, one draft, its preview, files handed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts.deps import Editor
from app.accounts.models import Person, Role
from app.accounts.queries import everyone
from app.audit.actions import record
from app.clock import utcnow
from app.db import Db, ReadDb
from app.secretariat import drafting, drafts
from app.secretariat.deps import Creator, Drafting
from app.secretariat.drafts import Sheet
from app.secretariat.importing import take_in
from app.secretariat.previewing import letter
from app.secretariat.sources import packed
from app.secretariat.wording import field_labels, key_labels
from app.statements.queries import every
from app.statements.source import SLUG, Paper, examine
from app.statements.written import GROUPS, Typed, arranged, known, original, rows, translation
from app.web.forms import Submission, handed_in, typed
from app.web.headers import NO_STORE
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/drafts", include_in_schema=False)
Words = Annotated[dict[str, str], Depends(typed)]
Files = Annotated[list[tuple[str, bytes]], Depends(handed_in)]
_TRANSLATE = "translate"


@router.get("")
def page(request: Request, staff: Editor, db: ReadDb, done: str = "", about: str = "") -> Response:
    """The drafts, and the statements that can be edited."""
    statements = [one for one in every(db) if staff.may(Role.EDITOR, one.id)]
    sheets = drafts.listed(db, staff.where(Role.EDITOR))
    context: dict[str, Any] = {"sheets": sheets, "statements": statements, "slugs": {one.id: one.slug for one in statements}, "people": people(db)}
    return acting_page(request, "secretariat/drafts.html", staff=staff, done=done, about=about, now=utcnow(), **context)


@router.post("")
def create(request: Request, staff: Creator, db: Db) -> Response:
    """A new draft."""
    return see_other(request, f"/console/drafts/{drafting.create(db, staff, utcnow()).id}")


@router.post("/import")
def take_files(request: Request, staff: Creator, db: Db, files: Files) -> Response:
    """Statement files become drafts; what is wrong with them is said with file, line and key."""
    taken = take_in(db, [Paper(name, raw) for name, raw in files], staff, utcnow())
    record(db, "import-files", utcnow(), staff.id, files=len(files))
    return acting_page(request, "secretariat/imported.html", staff=staff, taken=taken)


@router.get("/{draft_id}")
def draft(request: Request, desk: Drafting, db: ReadDb, done: str = "") -> Response:
    """One draft."""
    sheet = desk.sheet
    complaints = examine(*sheet.papers())[1] if sheet.row.version > 1 else []
    return _page(request, desk.staff, db, sheet, sheet.form(complaints), done=done)


@router.post("/{draft_id}")
def save(request: Request, desk: Drafting, reading: ReadDb, db: Db, words: Words) -> Response:
    """Keep what was typed, after what the pressed button does with the lists; a second editor sees what the first one changed."""
    act, sheet = words.get("act", ""), desk.sheet
    wanted = arranged(known(words), act)
    version = version_of(words)
    if version == sheet.row.version:
        try:
            drafting.save(db, sheet.row.id, version, wanted, desk.staff, utcnow())
        except drafting.Moved:
            db.expire_all()
            sheet = drafts.sheet(db, sheet.row.id)
        else:
            return see_other(request, f"/console/drafts/{sheet.row.id}{_begun(db, sheet, wanted, words, desk.staff) if act == _TRANSLATE else _back_to(act)}")
    clash = {name for name, moved in sheet.touched.items() if moved > version}
    return _page(request, desk.staff, reading, sheet, Submission(wanted), 409, clash=clash)


@router.get("/{draft_id}/preview")
def preview(request: Request, desk: Drafting) -> Response:
    """The draft as its page would be."""
    return framed(request, desk.sheet.papers()[0])


@router.post("/{draft_id}/preview")
def preview_typed(request: Request, desk: Drafting, words: Words) -> Response:
    """What is typed now as its page would be; nothing is written."""
    return framed(request, Paper(drafts.ORIGINAL, original(known(words)).encode()))


@router.post("/{draft_id}/delete")
def delete(request: Request, desk: Drafting, db: Db) -> Response:
    """Erase the draft."""
    drafting.delete(db, desk.sheet.row, desk.staff, utcnow())
    return see_other(request, "/console/drafts?done=deleted")


@router.get("/{draft_id}/file")
def file(request: Request, desk: Drafting) -> Response:
    """The draft as a statement file, or a ZIP with its translations; a broken draft is a broken file."""
    sheet = desk.sheet
    slug = sheet.typed.get("slug", "")
    others = [(one.language if SLUG.fullmatch(one.language.lower()) else f"{n}", translation(one.typed)) for n, one in enumerate(sheet.translations, 1)]
    with request.app.state.database.transaction() as db:
        record(db, "export-statement", utcnow(), desk.staff.id, sheet.row.statement_id, draft=sheet.row.id)
    return download(*packed(slug if SLUG.fullmatch(slug) else "statement", original(sheet.typed), others))


def download(name: str, media_type: str, content: bytes) -> Response:
    """A file to be saved."""
    return Response(content, 200, {"Cache-Control": NO_STORE, "X-Robots-Tag": "noindex", "Content-Disposition": f'attachment; filename="{name}"'}, media_type)


def framed(request: Request, paper: Paper) -> Response:
    """A letter for the frame beside the Markdown."""
    return acting_page(request, "secretariat/preview.html", **letter(paper, (), None, utcnow()).context())


def version_of(words: Typed) -> int:
    """The version that the page of a form showed; none is older than all."""
    given = words.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _begun(db: Db, sheet: Sheet, source: Typed, words: Typed, person: Person) -> str:
    """Where the new translation is written."""
    row = drafting.add_text(db, sheet.row, source, {"language": words.get("into", "").strip()[:200]}, person, utcnow())
    return f"/texts/{row.id}"


def _back_to(act: str) -> str:
    """Where the page opens again: at the row that moved."""
    what, _, rest = act.partition(":")
    group, _, number = rest.partition(":")
    if group not in GROUPS:
        return "?done=saved"
    place = int(number) + {"up": -1, "down": 1}.get(what, 0) if number.isdigit() else 0
    return f"?done=saved#{group}.{place}" if place > 0 and what != "remove" else f"?done=saved#{group}"


def _page(
    request: Request, staff: Person, db: ReadDb, sheet: Sheet, form: Submission[Any], status: int = 200, done: str = "", clash: set[str] | None = None
) -> Response:
    words = scope_language(request.scope)
    context: dict[str, Any] = {
        "sheet": sheet,
        "form": form,
        "done": done,
        "clash": clash or set(),
        "groups": {group: rows(form.typed, group) for group in GROUPS},
        "labels": field_labels(words, form.typed, sheet.typed),
        "people": people(db),
        "links": drafts.links(db, sheet.row.id, utcnow()),
        "now": utcnow(),
    }
    return acting_page(request, "secretariat/draft.html", status, staff=staff, countries=words.countries(), key_labels=key_labels(words), **context)


def people(db: ReadDb) -> dict[Any, str]:
    """Who saved what, by their addresses."""
    return {one.id: one.email for one in everyone(db)}
