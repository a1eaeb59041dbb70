"""A moderator's day: one key press for each decision, the same by mouse and without scripts."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.accounts.actions import create
from app.accounts.models import Role
from app.clock import utcnow
from app.moderation.queries import BULK
from app.signatures.models import State
from tests import cast
from tests.browser.acts import window
from tests.browser.live import MODERATOR, PASSWORD, SESSION, Live, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
COUNT = 200 if os.environ.get("UNDERSIGNED_PROOF") else 8


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(tmp_path_factory.mktemp("desk")) as live:
        live.publish(cast.statement())
        with live.database.transaction() as session:
            create(session, MODERATOR, Role.MODERATOR, PASSWORD, utcnow())
        yield live


def waiting(site: Live) -> list[State | None]:
    """So many people signed and confirmed."""
    numbers = [site.confirmed(cast.individual(name=f"Fictional Person {n}", email=f"person{n}@post-office.org")) for n in range(COUNT)]
    return [site.state(number) for number in numbers]


def come(page: Page, site: Live) -> None:
    page.context.add_cookies([{"name": SESSION, "value": site.staff()[SESSION], "url": site.base}])
    page.goto(f"{site.base}/console")


def decided(page: Page) -> None:
    expect(page.locator(".flash")).to_contain_text("ed.")


def test_every_signature_costs_one_key_press(site: Live, chromium: Browser) -> None:
    assert set(waiting(site)) == {State.CONFIRMED}
    with window(chromium) as page:
        come(page, site)
        expect(page.locator("[data-keys]")).to_be_visible()
        for _ in range(COUNT):
            with page.expect_navigation():
                page.keyboard.press("a")
        expect(page.locator("h1")).to_have_text("The queue is empty")


def test_keys_skip_open_the_reason_and_rest_while_somebody_writes(site: Live, chromium: Browser) -> None:
    waiting(site)
    with window(chromium) as page:
        come(page, site)
        first = page.locator("h1").inner_text()
        with page.expect_navigation():
            page.keyboard.press("s")
        assert page.locator("h1").inner_text() != first
        with page.expect_navigation():
            page.keyboard.press("j")
        page.keyboard.press("r")
        expect(page.locator("#code")).to_be_focused()
        page.locator("#reason").focus()
        page.keyboard.type("a saga")
        expect(page.locator("#reason")).to_have_value("a saga")
        page.locator("[data-keys-on]").uncheck()
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("a")
        expect(page.locator("#reason")).to_have_value("a saga")


@pytest.mark.parametrize("scripted", [True, False])
def test_the_same_by_mouse_and_without_scripts(site: Live, chromium: Browser, scripted: bool) -> None:
    waiting(site)
    with window(chromium, scripted) as page:
        come(page, site)
        for _ in range(3):
            page.get_by_role("button", name="Approve").click()
            decided(page)
        page.get_by_text("Reject with a reason").click()
        page.locator("#reason").fill("It stands there twice.")
        page.locator("form[action$='/reject'] button").click()
        decided(page)
        page.get_by_role("link", name="Many at once").click()
        for begun in range(0, COUNT - 4, BULK):
            for box in page.locator("input[name=row]").all():
                box.check()
            page.get_by_role("button", name="Approve what is ticked").click()
            expect(page.locator(".flash")).to_contain_text(f"{min(BULK, COUNT - 4 - begun)} signatures are decided.")
