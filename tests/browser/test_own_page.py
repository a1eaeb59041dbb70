"""A signer's own page, a reader's report and an organisation's answer, in a real browser, with scripts and without."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from app.signatures.models import Signature, State
from tests import cast
from tests.browser.acts import fill_in, window
from tests.browser.live import SESSION, Live, Pending, until

pytestmark = [pytest.mark.browser]

PAGE = "/statements/open-archives"
LIST = f"{PAGE}/signatories"


def published(live: Live, name: str) -> tuple[Pending, str]:
    """An organisation in the list, and the path of its signer's own page."""
    mailbox = re.sub(r"\W+", "-", name.lower())
    paper = cast.organisation(organisation=name, email=f"{mailbox}@rivers-house.org")
    pending = live.pending(paper)
    live.post(pending.link, {"act": "confirm", "code": pending.code})
    live.post(f"/console/signatures/{pending.id}/approve", cookies=live.staff())
    until(lambda: name in live.get(LIST).text, what="the list")
    return pending, pending.link.replace("/confirm/", "/manage/")


def enter(live: Live, page: Page, pending: Pending, door: str) -> None:
    page.goto(live.base + door)
    page.locator("#code").fill(pending.code)
    page.locator("button[value=code]").click()
    expect(page.locator(".typed").first).to_be_visible()


def at_the_desk(live: Live, page: Page) -> None:
    """Come as the moderator who is signed in already, for sign-ins are limited."""
    page.context.add_cookies([{"name": SESSION, "value": live.staff()[SESSION], "url": live.base}])


def deed(page: Page, value: str) -> None:
    """Open the drawer that holds a button, and press it."""
    page.locator("details.deed", has=page.locator(f"button[value={value}]")).locator("summary").click()
    page.locator(f"button[value={value}]").click()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_a_signer_hides_shows_corrects_and_withdraws(live: Live, chromium: Browser, scripted: bool) -> None:
    name = f"Invented Chamber of {'Weavers' if scripted else 'Potters'}"
    pending, door = published(live, name)
    with window(chromium, scripted) as page:
        enter(live, page, pending, door)
        page.locator("button[value=hide]").click()
        expect(page.locator("[role=status]")).to_contain_text("counted and not named")
        until(lambda: name not in live.get(LIST).text, 2, "the name off the list")
        page.locator("button[value=show]").click()
        expect(page.locator("[role=status]")).to_contain_text("shown in the list")
        until(lambda: name in live.get(LIST).text, 2, "the name in the list again")
        page.get_by_role("link", name="Correct it").click()
        page.locator("#organisation").fill(f"{name} and Dyers")
        page.locator("button[value=correct]").click()
        expect(page.locator("[role=status]")).to_contain_text("A moderator reads the correction")
        with window(chromium, scripted) as desk:
            at_the_desk(live, desk)
            desk.goto(f"{live.base}/console")
            desk.locator(".queue a", has_text=name).click()
            desk.locator("form[action$='/accept-correction'] button").click()
            expect(desk.locator("[role=status]")).to_contain_text("The correction stands.")
        until(lambda: f"{name} and Dyers" in live.get(LIST).text, 2, "the correction in the list")
        page.goto(live.base + door)
        deed(page, "withdraw")
        expect(page.locator("[role=status]")).to_contain_text("withdrawn")
        until(lambda: name not in live.get(LIST).text, 2, "the name off the list")
        assert live.state(pending.id) is State.WITHDRAWN


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_a_signer_takes_a_copy_and_erases_everything(live: Live, chromium: Browser, scripted: bool) -> None:
    name = f"Invented Guild of {'Masons' if scripted else 'Coopers'}"
    pending, door = published(live, name)
    with window(chromium, scripted) as page:
        enter(live, page, pending, door)
        with page.expect_download() as copy:
            page.locator("button[value=download]").click()
        assert name in copy.value.path().read_text(encoding="utf-8")
        deed(page, "erase")
        expect(page.locator("h1")).to_have_text("Your signature is erased")
        assert name not in live.get(LIST).text
        page.goto(live.base + door)
        expect(page.locator("#code")).to_have_count(0)


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_a_reader_reports_a_name_and_the_organisation_says_no(live: Live, chromium: Browser, scripted: bool) -> None:
    name = f"Invented Board of {'Pilots' if scripted else 'Rowers'}"
    pending, _ = published(live, name)
    office = f"office-{scripted}@rivers-house.org".lower()
    with window(chromium, scripted) as page:
        page.goto(live.base + LIST)
        page.locator("li", has_text=name).locator("a[href*='/report/']").click()
        expect(page.locator("form.sign")).to_contain_text(name)
        page.locator("#reason").select_option("not-authorised")
        page.locator("form.sign button").click()
        expect(page.locator("h1")).to_have_text("Thank you")
    with window(chromium, scripted) as desk:
        at_the_desk(live, desk)
        desk.goto(f"{live.base}/console/reports")
        desk.locator("td a", has_text=name).click()
        desk.locator("details.ask summary").click()
        desk.locator("#to").fill(office)
        desk.locator("form[action$='/inquire'] button").click()
        expect(desk.locator(".facts")).to_contain_text("no answer yet")
    until(lambda: bool(live.letters(office)), what="the question")
    text = live.get(live.letters(office)[0]).text
    link, code = re.search(r'href="http[^"]+?(/\w\w/answer/[^"]+)"', text), re.search(r"\b(\d{3}) (\d{3})\b", text)
    assert link
    assert code
    with window(chromium, scripted) as page:
        page.goto(live.base + link[1])
        page.locator("#code").fill(code[1] + code[2])
        page.locator("button[value=code]").click()
        expect(page.locator(".typed")).to_contain_text(name)
        page.locator("button[value=no]").click()
        expect(page.locator("h1")).to_have_text("Thank you")
    assert "not authorised" in live.get(f"/console/signatures/{pending.id}", live.staff()).text


def test_the_own_page_is_worked_by_keyboard_alone(live: Live, chromium: Browser) -> None:
    pending, door = published(live, "Invented Order of Lamplighters")
    with window(chromium) as page:
        page.goto(live.base + door)
        page.locator("#code").focus()
        page.keyboard.type(pending.code)
        page.keyboard.press("Enter")
        expect(page.locator(".typed").first).to_be_visible()
        page.locator("button[value=hide]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("button[value=show]")).to_be_visible()
        page.locator("details.deed summary").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("#reason")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("[role=status]")).to_contain_text("withdrawn")


def test_a_browser_with_scripts_brings_a_proof_of_work_and_one_without_is_flagged(live: Live, chromium: Browser) -> None:
    marks = {}
    for scripted in (True, False):
        paper = cast.individual(email=f"proof-{scripted}@post-office.org".lower())
        with window(chromium, scripted) as page:
            page.goto(live.base + PAGE)
            fill_in(page, paper)
            page.locator("#sign button").click()
            page.wait_for_url("**/check-your-mail")
        pending = live.read(live.letters(paper["email"])[0], "")
        with live.database.reading() as session:
            marks[scripted] = session.get_one(Signature, pending.id).marks()
    assert marks == {True: [], False: ["no-proof"]}
