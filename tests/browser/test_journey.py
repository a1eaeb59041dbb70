"""From the form to every face of the list and off again, in a real browser."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from app.signatures.models import State
from tests import cast
from tests.browser.acts import fill_in, sign_in, window
from tests.browser.live import MODERATOR, Elsewhere, Live, until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE, LIST = "/statements/open-archives", "/statements/open-archives/signatories"
FACES = (PAGE, LIST, f"{LIST}.json", f"{LIST}.csv", f"{PAGE}/feed.json", f"{PAGE}/feed.atom", "/embed/open-archives")
SOON = 2.0
ORGANISATIONS = {
    "en scripted": "Hypothetical House of Bridges",
    "en plain": "Invented Union of Ferrymen",
    "be scripted": "Дом выдуманых рэк",
    "be plain": "Саюз прыдуманых паромшчыкаў",
}
PEOPLE = {"en scripted": "Symon Pryvidny", "en plain": "Nasta Kazachnaya", "be scripted": "Сымон Прывідны", "be plain": "Наста Казачная"}


def typed_by(kind: str, which: str) -> dict[str, str]:
    mailbox = which.replace(" ", "-")
    if kind == "organisation":
        return cast.organisation(organisation=ORGANISATIONS[which], email=f"{mailbox}@rivers-house.org")
    return cast.individual(name=PEOPLE[which], email=f"{mailbox}@post-office.org")


def shown_name(typed: Mapping[str, str]) -> str:
    return typed["organisation"] if typed["kind"] == "organisation" else typed["name"]


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
@pytest.mark.parametrize("language", ["en", "be"])
@pytest.mark.parametrize("kind", ["organisation", "individual"])
def test_a_signature_walks_from_the_form_to_every_face_and_off_again(
    live: Live, elsewhere: Elsewhere, chromium: Browser, kind: str, language: str, scripted: bool
) -> None:
    typed = typed_by(kind, f"{language} {'scripted' if scripted else 'plain'}")
    walk(live, elsewhere, chromium, typed, "" if language == "en" else f"/{language}", scripted)


def test_it_walks_the_same_way_on_postgresql_with_a_worker_beside_the_server(live_on_postgres: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    walk(live_on_postgres, elsewhere, chromium, typed_by("organisation", "be scripted"), "/be", True)


def walk(live: Live, elsewhere: Elsewhere, chromium: Browser, typed: Mapping[str, str], prefix: str, scripted: bool) -> None:
    name, base = shown_name(typed), live.base + prefix
    with window(chromium, scripted) as page:
        page.goto(base + PAGE)
        fill_in(page, typed)
        page.locator("#sign button").click()
        page.wait_for_url(f"{base}{PAGE}/check-your-mail")
        page.locator('a.button[href="/dev/mailbox"]').click()
        page.locator(".shelf li", has_text=typed["email"]).locator("a").click()
        page.locator('.mail a[href*="/confirm/"]').click()
        assert page.url.startswith(f"{live.base}{prefix or '/en'}/confirm/")
        signature = live.signature_of(page.url)
        for value in (name, typed["name"], typed["email"]):
            expect(page.locator(".typed")).to_contain_text(value)
        assert live.state(signature) is State.PENDING
        page.locator("button[value=confirm]").click()
        expect(page.locator("button[value=confirm]")).to_have_count(0)
        assert live.state(signature) is State.CONFIRMED
    assert faces_with(live, prefix, name) == []
    with window(chromium, scripted) as page:
        sign_in(page, base, MODERATOR)
        page.locator(".queue a", has_text=name).click()
        page.locator("form[action$='/approve'] button").click()
        page.wait_for_url(f"{base}/console?done=approved**")
        until(lambda: faces_with(live, prefix, name) == list(FACES), SOON, "the name on every face")
        assert [place for place, text in seen_by_a_reader(live, elsewhere, chromium, prefix, scripted).items() if name not in text] == []
        assert live.state(signature) is State.PUBLISHED
        page.locator("a[href$='/console/published']").click()
        page.locator("td a", has_text=name).click()
        page.locator(".acts summary").click()
        page.locator("#code").select_option("on-request")
        page.locator("form[action$='/remove'] button").click()
        expect(page.locator("form[action$='/remove']")).to_have_count(0)
        until(lambda: not faces_with(live, prefix, name), SOON, "the name gone from every face")
        assert [place for place, text in seen_by_a_reader(live, elsewhere, chromium, prefix, scripted).items() if name in text] == []
    assert live.state(signature) is State.REMOVED
    assert len(live.letters(typed["email"])) == 3  # the link, the approval, the removal


def faces_with(live: Live, prefix: str, name: str) -> list[str]:
    return [face for face in FACES if name in live.get(prefix + face).text]


def seen_by_a_reader(live: Live, elsewhere: Elsewhere, chromium: Browser, prefix: str, scripted: bool) -> dict[str, str]:
    """What a browser without a past shows."""
    with window(chromium, scripted) as page:
        return seen_on(page, live, elsewhere, prefix, scripted)


def seen_on(page: Page, live: Live, elsewhere: Elsewhere, prefix: str, scripted: bool) -> dict[str, str]:
    """The page, and the widget and the frame on the page of another origin."""
    address = live.base + prefix + PAGE
    element = (
        f'<undersigned-signatories statement="{live.base}{PAGE}" lang="{prefix[1:] or "en"}"><a href="{address}">The statement</a></undersigned-signatories>'
    )
    script, frame = (
        f'<script type="module" src="{live.base}/widget.js"></script>',
        f'<iframe src="{live.base}{prefix}/embed/open-archives" title="List"></iframe>',
    )
    page.goto(address)
    found = {"page": page.locator("main").inner_text()}
    page.goto(elsewhere.put("/embedding", element + script + frame))
    found["frame"] = page.frame_locator("iframe").locator("main").inner_text()
    if scripted:
        expect(page.locator("undersigned-signatories .count")).to_be_visible()
        found["widget"] = str(page.evaluate("document.querySelector('undersigned-signatories').shadowRoot.textContent"))
    else:
        expect(page.locator("undersigned-signatories a")).to_be_visible()
    return found


def test_a_browser_that_has_just_shown_a_name_loses_it_as_soon(live: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    name, staff = "Zosia Znikomaya", live.staff()
    signature = live.confirmed(cast.individual(name=name, email="zosia@post-office.org"))
    live.post(f"/console/signatures/{signature}/approve", cookies=staff)
    until(lambda: faces_with(live, "", name) == list(FACES), SOON, "the name on every face")
    with window(chromium) as page:
        assert [place for place, text in seen_on(page, live, elsewhere, "", True).items() if name not in text] == []
        live.post(f"/console/signatures/{signature}/remove", {"code": "on-request"}, staff)
        page.wait_for_timeout(SOON * 1000)
        assert [place for place, text in seen_on(page, live, elsewhere, "", True).items() if name in text] == []


def test_the_widget_keeps_its_link_when_the_list_cannot_be_reached(live: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    element = f'<undersigned-signatories statement="{live.base}/statements/nowhere"><a href="{live.base}">The statement</a></undersigned-signatories>'
    with window(chromium) as page:
        answered = page.expect_response("**/feed.json")
        with answered as answer:
            page.goto(elsewhere.put("/broken", f'{element}<script type="module" src="{live.base}/widget.js"></script>'))
        assert answer.value.status == 404
        expect(page.locator("undersigned-signatories a")).to_be_visible()
