"""A mailed link opened where the statement was not signed, and what its reader may say."""

import pytest
from playwright.sync_api import Browser, Page, expect

from app.signatures.models import State
from tests import cast
from tests.browser.acts import fill_in, window
from tests.browser.live import COOKIE, Live, Pending

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def opened_elsewhere(live: Live, page: Page, pending: Pending) -> None:
    """Open the link in a browser that did not sign, and type the code."""
    page.goto(live.base + pending.link)
    page.locator("#code").fill(pending.code)
    page.locator("button[value=code]").click()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_another_browser_needs_the_code_and_may_mistype_it(live: Live, chromium: Browser, scripted: bool) -> None:
    typed = cast.organisation(email=f"other-browser-{scripted}@rivers-house.org".lower())
    pending = live.pending(typed)
    wrong = f"{(int(pending.code) + 1) % 1_000_000:06d}"
    with window(chromium, scripted) as page:
        page.goto(live.base + pending.link)
        assert typed["organisation"] not in page.content()
        assert page.locator("button").count() == 1
        page.locator("#code").fill(wrong)
        page.locator("button[value=code]").click()
        problem = page.locator("#code-problem")
        expect(problem).to_be_visible()
        expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#code")).to_have_attribute("aria-describedby", "code-problem")
        assert page.locator(".field:has(#code)").locator("#code-problem").count() == 1
        page.locator("#code").fill(f" {pending.code[:3]} {pending.code[3:]} ")
        page.locator("button[value=code]").click()
        for value in (typed["organisation"], typed["name"], typed["role"], typed["mandate"], typed["email"]):
            expect(page.locator(".typed")).to_contain_text(value)
        assert live.state(pending.id) is State.PENDING
        page.locator("button[value=confirm]").click()
        expect(page.locator(".typed")).to_have_count(0)
    assert live.state(pending.id) is State.CONFIRMED


def test_what_somebody_else_wrote_is_erased_and_written_anew(live: Live, chromium: Browser) -> None:
    false = cast.individual(name="Falsenamed Stranger", email="squatted@post-office.org")
    pending = live.pending(false)
    with window(chromium) as page:
        opened_elsewhere(live, page, pending)
        expect(page.locator(".typed")).to_contain_text("Falsenamed Stranger")
        page.locator("button[value=mistaken]").click()
        form = page.locator("form.sign")
        expect(form).to_contain_text("squatted@post-office.org")
        assert "Falsenamed" not in page.content()
        assert page.locator("#email").count() == 0
        fill_in(page, cast.individual(name="Alena Own Hand"))
        page.locator("button[value=sign]").click()
        expect(page.locator("form.sign")).to_have_count(0)
    assert live.state(pending.id) is State.CONFIRMED
    card = live.get(f"/console/signatures/{pending.id}", live.staff()).text
    assert "Alena Own Hand" in card
    assert "Falsenamed" not in card


def test_the_form_written_anew_says_what_is_missing_and_keeps_the_rest(live: Live, chromium: Browser) -> None:
    pending = live.pending(cast.individual(email="hasty@post-office.org"))
    with window(chromium) as page:
        opened_elsewhere(live, page, pending)
        page.locator("button[value=mistaken]").click()
        fill_in(page, cast.organisation(mandate=""))
        page.locator("button[value=sign]").click()
        expect(page.locator("#mandate-problem")).to_be_visible()
        expect(page.locator("#organisation")).to_have_value("Fictional House of Rivers")
        page.locator("#mandate").fill("decision of the board")
        page.locator("button[value=sign]").click()
        expect(page.locator("form.sign")).to_have_count(0)
    assert live.state(pending.id) is State.CONFIRMED


def test_who_did_not_sign_has_everything_erased(live: Live, chromium: Browser) -> None:
    pending = live.pending(cast.organisation(email="not-me@rivers-house.org"))
    with window(chromium) as page:
        opened_elsewhere(live, page, pending)
        page.locator("button[value='not-me']").click()
        expect(page.locator(".typed")).to_have_count(0)
        assert "Fictional House" not in page.content()
        assert live.state(pending.id) is None
        answer = page.goto(live.base + pending.link)
        assert answer is not None
        assert answer.status == 404
    assert live.post(pending.link, {"act": "confirm"}, {COOKIE: pending.cookie}).status_code == 404


def test_a_used_and_an_invented_link_get_one_calm_page(live: Live, chromium: Browser) -> None:
    pending = live.pending(cast.individual(email="twice@post-office.org"))
    assert live.post(pending.link, {"act": "confirm"}, {COOKIE: pending.cookie}).status_code == 200
    with window(chromium) as page:
        page.goto(live.base + pending.link)
        used = page.locator("main").inner_html()
        page.goto(f"{live.base}/en/confirm/{'A' * 43}")
        assert page.locator("main").inner_html() == used
        page.locator("main a.button").click()
        page.wait_for_url(f"{live.base}/en/")
