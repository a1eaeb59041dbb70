"""On paper a statement is a letter."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.acts import window
from tests.browser.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE = "/statements/open-archives"


@pytest.mark.parametrize("prefix", ["", "/be"])
def test_paper_shows_the_letter_and_nothing_to_press(live: Live, chromium: Browser, prefix: str) -> None:
    with window(chromium) as page:
        page.goto(f"{live.base}{prefix}{PAGE}")
        expect(page.locator("[data-print]")).to_be_visible()
        page.emulate_media(media="print", color_scheme="dark")
        for shown in ("h1", ".body", ".meta", "#signatories"):
            expect(page.locator(shown).first).to_be_visible()
        for hidden in ("form", "nav", "button", ".toolbar", ".skip", "input", "select"):
            assert [one.inner_text() for one in page.locator(hidden).all() if one.is_visible()] == [], hidden
        colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_a_list_on_paper_has_no_search(live: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(f"{live.base}{PAGE}/signatories")
        page.emulate_media(media="print")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("form")).to_be_hidden()
        expect(page.locator("nav")).to_be_hidden()


def test_the_code_of_the_address_is_on_paper_and_no_screen_asks_for_it(live: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        asked: list[str] = []
        page.on("requestfinished", lambda request: asked.append(request.url))
        page.goto(live.base + PAGE, wait_until="networkidle")
        page.locator(".foot").scroll_into_view_if_needed()
        expect(page.locator(".on-paper")).to_be_hidden()
        page.wait_for_timeout(300)
        code = f"{live.base}{PAGE}/qr.svg"
        assert code not in asked
        page.pdf(format="A4")
        assert code in asked
        page.emulate_media(media="print")
        expect(page.locator(".on-paper img")).to_be_visible()
        expect(page.locator(".on-paper figcaption")).to_contain_text(live.base + PAGE)


def test_a_letter_prints_to_a_document(live: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(live.base + PAGE)
        assert page.pdf(format="A4").startswith(b"%PDF-")
