"""Everything by keyboard alone, with the focus in sight."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.signatures.models import State
from tests.browser.acts import window
from tests.browser.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE = "/statements/open-archives"
FAR = 150
# A box that is drawn by its label (opacity 0) shows its focus there.
_STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const drawn = getComputedStyle(here).opacity === "0" ? here.closest("label") : here;
  const style = getComputedStyle(drawn), box = drawn.getBoundingClientRect();
  const bar = document.querySelector(".toolbar")?.getBoundingClientRect();
  const covered = bar && bar.height && !here.closest(".toolbar") && box.bottom > bar.top && box.top >= bar.top && box.top < bar.bottom;
  return {
    what: `${here.tagName.toLowerCase()} ${here.name || here.id || here.className || here.textContent.trim().slice(0, 30)} ${here.getAttribute("href") || ""}`,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    covered: Boolean(covered),
  };
}"""


def stops(page: Page) -> list[dict[str, Any]]:
    """Every place Tab reaches, once round the page."""
    found: list[dict[str, Any]] = []
    for _ in range(FAR):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None or (found and page.evaluate("document.activeElement.matches('.skip')")):
            return found
        found.append(stop)
    raise AssertionError(f"the focus never left the page: {[stop['what'] for stop in found[-5:]]}")


def tab_to(page: Page, selector: str) -> None:
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_focus_is_in_sight_at_every_stop_and_never_caught(live: Live, chromium: Browser, width: int) -> None:
    with window(chromium) as page:
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(live.base + PAGE)
        found = stops(page)
        assert "skip" in found[0]["what"]
        assert {name for name in ("kind", "name", "country", "email", "consent") if not any(name in stop["what"].split() for stop in found)} == set()
        assert any("/privacy" in stop["what"] for stop in found[-4:])
        assert [stop["what"] for stop in found if not stop["outlined"]] == []
        assert [stop["what"] for stop in found if not stop["inside"]] == []
        assert [stop["what"] for stop in found if stop["covered"]] == []


def test_the_skip_link_leads_to_the_text(live: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(live.base + PAGE)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("Boolean(document.activeElement.closest('main'))")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_the_form_is_filled_and_sent_by_keyboard_alone(live: Live, chromium: Browser, scripted: bool) -> None:
    email = f"keyboard-{scripted}@post-office.org".lower()
    with window(chromium, scripted) as page:
        page.goto(live.base + PAGE)
        tab_to(page, "[name=kind]")
        page.keyboard.press("ArrowRight")
        for name, text in (("organisation", "Invented School"), ("name", "Alena Prykladnaya"), ("role", "teacher"), ("country", "Georgia"), ("email", email)):
            tab_to(page, f"#{name}")
            page.keyboard.type(text)
        tab_to(page, "[name=visibility]")
        page.keyboard.press("ArrowDown")
        tab_to(page, "#consent")
        page.keyboard.press("Space")
        tab_to(page, "#sign button")
        page.keyboard.press("Enter")
        page.wait_for_url("**/check-your-mail")
    letter = live.read(live.letters(email)[0], "")
    assert live.state(letter.id) is State.PENDING
    with window(chromium, scripted) as page:
        page.goto(live.base + letter.link)
        tab_to(page, "#code")
        page.keyboard.type(letter.code)
        page.keyboard.press("Enter")
        for text in ("Invented School", "Alena Prykladnaya", "teacher", "Georgia"):
            expect(page.locator(".typed")).to_contain_text(text)
        tab_to(page, "button[value=confirm]")
        page.keyboard.press("Enter")
        expect(page.locator(".typed")).to_have_count(0)
    assert live.state(letter.id) is State.CONFIRMED


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_each_line_of_the_summary_moves_the_focus_to_its_field(live: Live, chromium: Browser, scripted: bool) -> None:
    with window(chromium, scripted) as page:
        page.goto(live.base + PAGE)
        page.evaluate("document.querySelector('#sign').noValidate = true")
        tab_to(page, "#sign button")
        page.keyboard.press("Enter")
        expect(page.locator(".problems")).to_be_visible()
        fields = [(link.get_attribute("href") or "").removeprefix("#") for link in page.locator(".problems a").all()]
        assert set(fields) == {"name", "role", "organisation", "mandate", "country", "email", "consent"}
        for field in fields:
            page.locator(f".problems a[href='#{field}']").focus()
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == field
            expect(page.locator(f"#{field}")).to_be_in_viewport()
            described = str(page.evaluate("document.activeElement.getAttribute('aria-describedby')")).split()
            assert f"{field}-problem" in described


def test_a_choice_that_is_missing_is_reached_from_the_summary_too(live: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(f"{live.base}{PAGE}/sign")
        page.evaluate("document.querySelectorAll('[name=kind]').forEach((one) => { one.checked = false; })")
        page.evaluate("document.querySelector('#sign').noValidate = true")
        page.locator("#sign button").click()
        page.locator(".problems a[href='#kind']").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "kind"
