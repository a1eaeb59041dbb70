"""Home, the statement, its signatories, the privacy notice, what machines may read."""

import json
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.clock import utcnow
from app.db import ReadDb
from app.i18n import LOCALES
from app.pages.metadata import alternates, canonical_address, json_ld
from app.publication.models import Integrity
from app.publication.wording import removal_names
from app.settings import ROOT
from app.signatures import browsing, queries
from app.signatures.finding import COUNTED, FEW
from app.signatures.forms import SignForm
from app.signatures.models import Kind, Signature
from app.signatures.retention import NOTICE_VERSION, SCHEDULE
from app.signatures.wording import count_sentence, hidden_sentence, withheld_sentence
from app.statements.deps import StatementReading
from app.statements.models import Phase
from app.statements.queries import Reading, shelf
from app.web.forms import Submission
from app.web.responses import public, public_page
from app.web.templates import absolute, safe_html, scope_language

router = APIRouter(include_in_schema=False)
NEWEST = 24
SECTION = 50
_CLOSED = ("/console", "/confirm/", "/dev/")
_ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {prefix}{path}\n" for prefix in ("", *(f"/{code}" for code in LOCALES)) for path in _CLOSED)


@router.get("/")
def home(request: Request, db: ReadDb) -> Response:
    """Open, coming and closed statements."""
    return public_page(request, "pages/home.html", shelves=shelf(db, scope_language(request.scope).code, utcnow()))


@router.get("/privacy")
def privacy(request: Request) -> Response:
    """Who is responsible, what is kept, how long, and the reader's rights."""
    return public_page(request, "pages/privacy.html", schedule=SCHEDULE, version=NOTICE_VERSION)


@router.get("/docs/api")
def api(request: Request) -> Response:
    """The public JSON, described for people; the description for machines is /openapi.json."""
    return public_page(request, "pages/api.html", paths=request.app.openapi()["paths"])


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The public JSON, described for machines."""
    return public(request, json.dumps(request.app.openapi()), "application/json")


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """What crawlers leave alone."""
    return public(request, _ROBOTS, "text/plain; charset=utf-8")


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """The icon, for browsers that ask at the root."""
    return public(request, (ROOT / "static" / "icon.svg").read_bytes(), "image/svg+xml")


@router.get("/statements/{slug}")
def statement(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """The letter, the form, and who has signed."""
    first = queries.first_signatories(db, shown.statement.id)
    newest = queries.newest(db, shown.statement.id, NEWEST, with_first=False)
    reasons = removal_names(scope_language(request.scope))
    context = _frame(request, db, shown, "") | {"first": first, "newest": newest, "json_ld": json_ld(shown, first)}
    context |= {"integrity": db.get(Integrity, shown.statement.id), "reasons": reasons}
    return public_page(request, "pages/statement.html", form=Submission[SignForm](), body=safe_html(shown.text.html), **context)


@router.get("/statements/{slug}/signatories")
def signatories(
    request: Request,
    db: ReadDb,
    shown: StatementReading,
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Literal["organisation", "individual", ""] = "",
    country: Annotated[str, Query(max_length=20)] = "",
    order: str = "signed",
    after: Annotated[str | None, Query(max_length=6000)] = None,
) -> Response:
    """The whole list: organisations and people apart, searched, filtered, ordered."""
    words = scope_language(request.scope)
    q, country, chosen = q.replace("\0", "").strip(), country.replace("\0", ""), Kind(kind) if kind else None
    sections = []
    for one in [chosen] if chosen else list(Kind):
        asked = browsing.asked(db, shown.statement.id, one, q, country, order)
        page = browsing.page(db, asked, words, after if chosen else None, queries.PAGE if chosen else SECTION)
        sections.append((one, browsing.count(db, asked), page, _by_deadline(page.rows, shown.statement.ends_at() if order == "signed" else None)))
    countries = sorted(browsing.by_country(db, shown.statement.id).items(), key=lambda pair: (-pair[1], words.sort_key(words.country(pair[0]))))
    context = {
        "asked": {"q": q, "kind": chosen, "country": country, "order": order},
        "sections": sections,
        "countries": countries,
        "after": after,
        "few": COUNTED if order == "signed" else FEW,
    }
    return public_page(request, "pages/signatories.html", **_frame(request, db, shown, "/signatories"), **context)


def _by_deadline(rows: list[Signature], ends: datetime | None) -> list[tuple[bool, list[Signature]]]:
    """Whether they signed after the deadline, and who did."""
    parts = [(late, [row for row in rows if (ends is not None and row.created_at > ends) is late]) for late in (False, True)]
    return [(late, found) for late, found in parts if found]


def _frame(request: Request, db: ReadDb, shown: Reading, path: str) -> dict[str, object]:
    """What every page about a statement shows."""
    tally, words, statement = queries.tally(db, shown.statement.id), scope_language(request.scope), shown.statement
    return {
        "shown": shown,
        "tally": tally,
        "counted": count_sentence(tally, words),
        "withheld": withheld_sentence(tally, words),
        "hidden": hidden_sentence(statement, words),
        "phase": (phase := statement.phase(utcnow())),
        "taking": phase is Phase.OPEN and statement.hidden_at is None,
        "zone": ZoneInfo(statement.zone) if statement.zone else None,
        "canonical": canonical_address(shown, path),
        "alternates": alternates(shown) if not path else [],
        "base": absolute(""),
    }
