"""`/widget.js`, `/embed/{slug}`, the pictures of a statement, and the page where one of them is chosen."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from app.clock import utcnow
from app.db import ReadDb
from app.errors import NotFound
from app.i18n import LOCALES, direction
from app.settings import get_settings
from app.signatures import queries
from app.signatures.models import Kind
from app.signatures.wording import count_sentence, hidden_sentence, withheld_sentence
from app.statements.deps import StatementReading
from app.statements.models import Phase
from app.web.responses import public, public_page
from app.web.templates import absolute, render_in, scope_language
from app.widget.card import Card, picture
from app.widget.qr import code
from app.widget.script import integrity, offered, script, version

router = APIRouter(include_in_schema=False)
SHOWN = 50
Layout = Literal["count", "names", "organisations", "full"]
Theme = Literal["", "light", "dark"]
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/embed/{slug}")
def embed(request: Request, db: ReadDb, shown: StatementReading, layout: Layout = "names", theme: Theme = "") -> Response:
    """The list in a frame, whole without a script; the one it has only tells how high it is."""
    tally, words = queries.tally(db, shown.statement.id), scope_language(request.scope)
    said = {"counted": count_sentence(tally, words), "withheld": withheld_sentence(tally, words), "hidden": hidden_sentence(shown.statement, words)}
    context = {"tally": tally, "layout": layout, "theme": theme, "open": shown.statement.phase(utcnow()) is Phase.OPEN, **said}
    return public_page(request, "widget/embed.html", shown=shown, **context, **_named(db, shown.statement.id, layout))


def _named(db: Session, statement_id: UUID, layout: Layout) -> dict[str, object]:
    """The first signatories, and the newest of each kind that the layout keeps apart."""
    kinds: dict[str, list[Kind | None]] = {"count": [], "names": [None], "organisations": [Kind.ORGANISATION], "full": list(Kind)}
    first = [row for row in queries.first_signatories(db, statement_id) if None in kinds[layout] or row.kind in kinds[layout]]
    return {"first": first, "groups": [(kind, queries.newest(db, statement_id, SHOWN, with_first=False, kind=kind)) for kind in kinds[layout]]}


@router.get("/statements/{slug}/embed")
def picker(request: Request, db: ReadDb, shown: StatementReading, layout: Layout = "names", theme: Theme = "", language: str = "") -> Response:
    """Where the owner of a site chooses how the list looks there, sees it, and copies what to paste."""
    own = language if language in LOCALES else scope_language(request.scope).code
    said = count_sentence(queries.tally(db, shown.statement.id), scope_language(request.scope))
    script_file = {"address": absolute(f"/widget/{version()}.js"), "integrity": integrity(), "newest": absolute("/widget.js")}
    return public_page(request, "widget/picker.html", shown=shown, layout=layout, theme=theme, own=own, counted=said, script=script_file)


@dataclass(frozen=True)
class Field:
    """One half of a badge: its text, and its width in pixels by a rough measure, to which the text is fitted."""

    text: str

    @property
    def length(self) -> int:
        """Letters of seven pixels."""
        return 7 * len(self.text)

    @property
    def width(self) -> int:
        """Eight pixels on each side, and room for two letters at least."""
        return 16 + max(14, self.length)


@router.get("/badge/{slug}.svg")
def badge(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """How many have signed, as a small picture for any page."""
    tally, words = queries.tally(db, shown.statement.id), scope_language(request.scope)
    label, figure = Field(words.gettext("Signatories")), Field(words.number(tally.organisations + tally.individuals + tally.withheld_shown))
    picture = render_in(request.scope, "widget/badge.svg", label=label, figure=figure, title=shown.text.title, counted=count_sentence(tally, words))
    return public(request, picture, "image/svg+xml")


@router.get("/statements/{slug}/card.png")
def card(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """What other sites show beside a link to the statement."""
    tally, words = queries.tally(db, shown.statement.id), scope_language(request.scope)
    dated = words.gettext("As of %(moment)s", moment=words.date(tally.as_of))
    backwards = direction(shown.text.language) == "rtl"
    found = Card(get_settings().site_name, shown.text.title, backwards, count_sentence(tally, words), dated)
    return public(request, picture(found), "image/png")


@router.get("/statements/{slug}/qr.svg")
def qr(request: Request, shown: StatementReading) -> Response:
    """The address of the statement for paper."""
    address = absolute(shown.prefix + shown.path)
    title = scope_language(request.scope).gettext("QR code that leads to %(address)s", address=address)
    return public(request, code(address, title), "image/svg+xml")


@router.get("/widget.js")
def widget(request: Request) -> Response:
    """The element, with its sentences in every language of the site."""
    return public(request, script(), "text/javascript; charset=utf-8")


@router.get("/widget/{version}.js")
def versioned(request: Request, version: str) -> Response:
    """The same under the name of its bytes, which never change; raises NotFound for a version that never was."""
    found = offered(version)
    if found is None:
        raise NotFound
    answer = public(request, found, "text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = FOR_EVER
    return answer
