"""All names gone from every face, in a real browser, within two seconds; and back when two agree."""

import pytest
from playwright.sync_api import Browser, Page, expect

from app.accounts.actions import create
from app.accounts.models import Role
from app.clock import utcnow
from app.signatures.wording import HIDDEN
from tests import cast
from tests.browser.acts import sign_in, window
from tests.browser.live import PASSWORD, Elsewhere, Live, until
from tests.browser.test_journey import FACES, SOON, faces_with, seen_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "Nadzeya Schavanaya"
PANIC = f"/console/statements/{cast.SLUG}/panic"


def test_names_go_within_two_seconds_and_come_back_when_two_agree(live: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    hide_and_show(live, elsewhere, chromium)


def test_it_is_so_on_postgresql_with_a_worker_beside_the_server(live_on_postgres: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    hide_and_show(live_on_postgres, elsewhere, chromium)


def hide_and_show(live: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    with live.database.transaction() as session:
        for email in ("one@site.example", "two@site.example"):
            create(session, email, Role.ADMINISTRATOR, PASSWORD, utcnow())
    signature = live.confirmed(cast.individual(name=NAME, email="nadzeya@post-office.org"))
    live.post(f"/console/signatures/{signature}/approve", cookies=live.staff())
    until(lambda: faces_with(live, "", NAME) == list(FACES), SOON, "the name on every face")
    with window(chromium) as one, window(chromium) as two, window(chromium) as reader:
        assert [place for place, text in seen_on(reader, live, elsewhere, "", True).items() if NAME not in text] == []
        sign_in(one, live.base, "one@site.example")
        sign_in(two, live.base, "two@site.example")
        one.goto(live.base + PANIC)
        one.locator("summary", has_text="Hide all names").click()
        press(one, "hide")
        until(lambda: not faces_with(live, "", NAME), SOON, "the name gone from every face")
        reader.wait_for_timeout(SOON * 1000)
        seen = seen_on(reader, live, elsewhere, "", True)
        assert [place for place, text in seen.items() if NAME in text or HIDDEN not in text] == []
        press(one, "show")
        assert faces_with(live, "", NAME) == []
        two.goto(live.base + "/console/assents")
        press(two, "give")
        one.goto(live.base + PANIC)
        press(one, "show")
        until(lambda: faces_with(live, "", NAME) == list(FACES), SOON, "the name back on every face")
        reader.wait_for_timeout(SOON * 1000)
        assert [place for place, text in seen_on(reader, live, elsewhere, "", True).items() if NAME not in text] == []


def press(page: Page, act: str) -> None:
    page.locator(f"form[action$='/{act}'] button").click()
    expect(page.locator(".flash")).to_be_visible()
