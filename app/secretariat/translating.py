"""The console's pages of a translation: the source on one side, the translation on the other."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.clock import utcnow
from app.db import Db, ReadDb
from app.secretariat import drafting, drafts
from app.secretariat.comparing import words_of
from app.secretariat.deps import TextDesk, Translating
from app.secretariat.wording import field_labels
from app.secretariat.writing import Words, framed, people, version_of
from app.statements.source import Paper, examine
from app.statements.written import TEXT_FIELDS, Typed, known, original
from app.web.forms import Submission
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/drafts/{draft_id}/texts", include_in_schema=False)


@router.get("/{text_id}")
def page(request: Request, desk: Translating, db: ReadDb, done: str = "") -> Response:
    """Both texts."""
    complaints = examine(*desk.sheet.papers())[1] if desk.text.row.version > 1 else []
    return _page(request, db, desk, desk.sheet.form_of(desk.text, complaints), done=done)


@router.post("/{text_id}")
def save(request: Request, desk: Translating, reading: ReadDb, db: Db, words: Words) -> Response:
    """Keep the translation, or delete it, or say that it fits the source as it is now."""
    here, sheet = f"/console/drafts/{desk.sheet.row.id}", desk.sheet
    if words.get("act") == "delete":
        drafting.drop_text(db, sheet, desk.text, desk.staff, utcnow())
        return see_other(request, f"{here}?done=saved#translations")
    wanted, version = _text_of(words), version_of(words)
    if version == desk.text.row.version:
        fits = words.get("act") == "fits" or words.get("source") == str(sheet.row.version) or not sheet.stale(desk.text)
        try:
            drafting.save_text(db, sheet, desk.text, version, wanted, fits, desk.staff, utcnow())
        except drafting.Moved:
            db.expire_all()
            sheet = drafts.sheet(db, sheet.row.id)
        else:
            return see_other(request, f"{here}/texts/{desk.text.row.id}?done=saved")
    text = next((one for one in sheet.translations if one.row.id == desk.text.row.id), desk.text)
    clash = {name for name, moved in text.touched.items() if moved > version}
    return _page(request, reading, TextDesk(desk.staff, sheet, text), Submission(wanted), 409, clash=clash)


@router.get("/{text_id}/preview")
def preview(request: Request, desk: Translating) -> Response:
    """The translation as its page would be."""
    return _preview(request, desk, desk.text.typed)


@router.post("/{text_id}/preview")
def preview_typed(request: Request, desk: Translating, words: Words) -> Response:
    """What is typed now as its page would be; nothing is written."""
    return _preview(request, desk, _text_of(words))


def _preview(request: Request, desk: TextDesk, words: Typed) -> Response:
    whole = desk.sheet.typed | {name: words.get(name, "") for name in TEXT_FIELDS}
    return framed(request, Paper(drafts.ORIGINAL, original(whole).encode()))


def _text_of(words: Typed) -> Typed:
    return {name: value for name, value in known(words).items() if name in TEXT_FIELDS}


def _page(request: Request, db: ReadDb, desk: TextDesk, form: Submission[Any], status: int = 200, done: str = "", clash: set[str] | None = None) -> Response:
    context: dict[str, Any] = {
        "sheet": desk.sheet,
        "text": desk.text,
        "form": form,
        "done": done,
        "clash": clash or set(),
        "source": words_of(desk.sheet.typed),
        "stale": desk.sheet.stale(desk.text),
        "labels": field_labels(scope_language(request.scope), {}),
        "people": people(db),
    }
    return acting_page(request, "secretariat/translation.html", status, staff=desk.staff, **context)
