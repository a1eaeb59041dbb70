"""The signer's own page: everything that is stored, and everything its signer may do about it."""

import json
import re
from datetime import timedelta

import pytest

from app.clock import utcnow
from app.i18n import LOCALES
from app.outbox.models import Mail
from app.signatures.beside import MailedLink, Muted
from app.signatures.models import State, Visibility
from app.signatures.queries import correction, particulars, parting
from app.signatures.tallies import SortKey, Tally
from app.statements.actions import close
from tests import cast
from tests.signatures.hands import SIGN, change, mails, stored, title
from tests.site import ORIGIN, Browser, Site, forms

EMAIL = "tamar@rivers-house.org"


def door(site: Site, to: str = EMAIL) -> tuple[str, str]:
    """The newest letter's link to the signer's own page, and its code."""
    text = site.letters(to)[-1].part("plain")
    link, code = re.search(r"http\S+/manage/\S+", text), re.search(r"\b(\d{3}) (\d{3})\b", text)
    assert link
    assert code
    return link.group().removeprefix(ORIGIN), code[1] + code[2]


def inside(site: Site, to: str = EMAIL) -> tuple[Browser, str]:
    """A browser that has typed the code, and the page's address."""
    browser = site.new_browser()
    link, code = door(site, to)
    answer = browser.post(link, {"act": "code", "code": code})
    assert answer.status_code == 303
    return browser, answer.headers["location"]


def published(site: Site) -> tuple[Browser, str]:
    """A published signature, and its signer on their own page."""
    site.publish()
    email = site.signed()
    site.approve_all(site.moderator())
    return inside(site, email)


def tally(site: Site) -> tuple[int, int, int, int]:
    with site.database.reading() as session:
        row = session.get_one(Tally, site.rows()[0].statement_id)
    return row.organisations, row.individuals, row.withheld, row.list_revision


def faces(site: Site) -> str:
    """Every public face of the list."""
    page = f"/statements/{cast.SLUG}"
    return "".join(site.browser.get(f"{page}{face}").text for face in ("", "/signatories", "/signatories.json", "/signatories.csv", "/feed.json", "/feed.atom"))


def test_before_the_confirmation_the_link_leads_nowhere_and_afterwards_to_the_signature(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.organisation())
    link, code = door(site)
    assert site.browser.get(link).status_code == 404
    site.browser.post(link.replace("/manage/", "/confirm/"), {"act": "confirm"})
    page = site.new_browser()
    assert page.post(link, {"act": "code", "code": code}).status_code == 303
    shown = page.get(link)
    assert [
        value for name, value in cast.organisation().items() if name in {"name", "role", "organisation", "email", "mandate"} and value not in shown.text
    ] == []


@pytest.mark.parametrize("act", ["code", "correct", "hide", "show", "withdraw", "download", "erase", "not-me", "publish", ""])
def test_without_the_code_nothing_is_seen_and_nothing_is_done(site_on_sqlite: Site, act: str) -> None:
    published(site_on_sqlite)
    link, code = door(site_on_sqlite)
    before = site_on_sqlite.rows()[0].model_dump()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    stranger = site_on_sqlite.new_browser()
    pages = [stranger.get(link), stranger.get(f"{link}?act=correct"), *(stranger.post(link, {"act": act, "code": typed}) for typed in ("", wrong))]
    assert {page.status_code for page in pages} == {200, 422}
    assert [page for page in pages if "Tamar" in page.text or "rivers-house" in page.text] == []
    assert site_on_sqlite.rows()[0].model_dump() == before


def test_five_wrong_codes_lock_the_door_for_a_quarter_of_an_hour(site_on_sqlite: Site) -> None:
    published(site_on_sqlite)
    link, code = door(site_on_sqlite)
    stranger = site_on_sqlite.new_browser()
    for step in range(1, 6):
        stranger.post(link, {"act": "code", "code": f"{(int(code) + step) % 1_000_000:06d}"})
    assert stranger.post(link, {"act": "withdraw", "code": code}).status_code == 422
    assert site_on_sqlite.rows()[0].state is State.PUBLISHED


def test_looking_changes_nothing(site: Site) -> None:
    browser, link = published(site)
    before = site.rows()[0].model_dump()
    assert [browser.get(link).status_code, browser.head(link).status_code, browser.get(f"{link}?act=correct").status_code] == [200, 200, 200]
    assert site.rows()[0].model_dump() == before


def test_hiding_takes_the_name_off_every_face_at_once_and_showing_brings_it_back_at_its_old_number(site: Site) -> None:
    browser, link = published(site)
    number = site.rows()[0].number
    browser.submit(browser.get(link), number=0, press="hide")
    row = site.rows()[0]
    assert (row.visibility, row.number, row.name, row.organisation, "Fictional House" in faces(site)) == (Visibility.WITHHELD, number, None, None, False)
    assert (tally(site)[:3], stored(site, SortKey)) == ((0, 0, 1), 0)
    browser.submit(browser.get(link), number=0, press="show")
    assert (site.rows()[0].number, tally(site)[:3]) == (number, (1, 0, 0))
    assert faces(site).count("Fictional House") >= 6


def test_mirrors_learn_of_hiding_and_showing(site: Site) -> None:
    browser, link = published(site)
    address = f"/statements/{cast.SLUG}/signatories.json"
    before = site.browser.get(address).json()["list_revision"]
    browser.post(link, {"act": "hide"})
    gone = site.browser.get(f"{address}?since={before}").json()
    browser.post(link, {"act": "show"})
    back = site.browser.get(f"{address}?since={before}").json()
    assert (gone["withdrawn"], gone["items"], back["withdrawn"], [item["number"] for item in back["items"]]) == ([1], [], [], [1])


def test_withdrawing_takes_it_off_at_once_erases_what_was_typed_and_keeps_the_reason_for_moderators(site: Site) -> None:
    browser, link = published(site)
    answer = browser.post(link, {"act": "withdraw", "reason": "They came to our office."})
    row = site.rows()[0]
    assert (answer.status_code, row.state, row.particulars, row.address, row.address_index) == (303, State.WITHDRAWN, None, None, None)
    assert ("Fictional House" in faces(site), tally(site)[:3]) == (False, (0, 0, 0))
    with site.database.reading() as session:
        assert parting(session, row) == "They came to our office."
    page = browser.get(answer.headers["location"])
    assert "Your signature is withdrawn." in page.text
    assert "Tamar" not in page.text


def test_who_has_withdrawn_may_sign_again(site: Site) -> None:
    browser, link = published(site)
    browser.post(link, {"act": "withdraw"})
    site.signed()
    assert [row.state for row in site.rows()] == [State.WITHDRAWN, State.CONFIRMED]


def test_before_the_decision_a_correction_replaces_what_was_typed(site: Site) -> None:
    site.publish()
    email = site.signed()
    browser, link = inside(site, email)
    page = browser.get(f"{link}?act=correct")
    browser.submit(page, press="correct", role="chair of the board")
    with site.database.reading() as session:
        found = particulars(session, site.rows()[0])
    assert found
    assert (found.role, found.name, site.rows()[0].correction) == ("chair of the board", "Tamar Magalithidze", None)


def test_a_correction_of_a_published_name_waits_for_a_moderator_and_the_old_one_stays(site: Site) -> None:
    browser, link = published(site)
    answer = browser.submit(browser.get(f"{link}?act=correct"), press="correct", name="Tamar Vydumanaya")
    assert "A moderator reads the correction" in browser.get(answer.headers["location"]).text
    assert ("Tamar Magalithidze" in faces(site), "Vydumanaya" in faces(site)) == (True, False)
    with site.database.reading() as session:
        found = correction(session, site.rows()[0])
    assert found
    assert (found.kind, found.typed.name) == ("organisation", "Tamar Vydumanaya")


def test_a_wrong_field_of_a_correction_is_named_and_what_was_typed_is_kept(site_on_sqlite: Site) -> None:
    browser, link = published(site_on_sqlite)
    page = browser.submit(browser.get(f"{link}?act=correct"), press="correct", name="", role="chair")
    assert (page.status_code, title(page).startswith("Problem:"), "Please write your name." in page.text) == (422, True, True)
    assert forms(page)[-1].values["role"] == "chair"
    assert site_on_sqlite.rows()[0].correction is None


def test_a_mistaken_signature_of_an_organisation_becomes_a_personal_one(site: Site) -> None:
    site.publish()
    browser, link = inside(site, site.signed())
    browser.submit(browser.get(f"{link}?act=correct"), press="correct", kind="individual")
    site.approve_all(site.moderator())
    assert (site.rows()[0].kind.value, tally(site)[:2]) == ("individual", (0, 1))


def test_the_copy_holds_everything_and_is_a_download(site: Site) -> None:
    browser, link = published(site)
    answer = browser.post(link, {"act": "download"})
    found = json.loads(answer.content)
    assert (answer.headers["content-type"], "attachment" in answer.headers["content-disposition"], answer.headers["cache-control"]) == (
        "application/json",
        True,
        "no-store",
    )
    assert (found["email"], found["typed"]["mandate"], found["public"]["name"], found["state"]) == (
        EMAIL,
        cast.organisation()["mandate"],
        "Tamar Magalithidze",
        "published",
    )


@pytest.mark.parametrize("act", ["erase", "not-me"])
def test_erasing_leaves_nothing_and_the_link_is_dead(site: Site, act: str) -> None:
    browser, link = published(site)
    answer = browser.post(link, {"act": act})
    row = site.rows()[0]
    assert (answer.status_code, title(answer), browser.get(link).status_code) == (200, "Your signature is erased", 404)
    assert (row.state, row.particulars, row.address_index, stored(site, MailedLink), stored(site, Mail)) == (State.WITHDRAWN, None, None, 0, 0)
    assert "Fictional House" not in faces(site)
    assert stored(site, Muted) == (1 if act == "not-me" else 0)


def test_an_address_that_said_it_was_not_them_gets_no_more_mail_and_nobody_can_tell(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.organisation())
    link, code = site.link_and_code(EMAIL)
    site.new_browser().post(link, {"act": "not-me", "code": code})
    sent = len(mails(site))
    answer = site.new_browser().post(SIGN, cast.organisation(email="tamar+again@rivers-house.org"))
    assert (answer.status_code, site.rows(), len(mails(site))) == (303, [], sent)
    assert site.new_browser().post(SIGN, cast.individual()).status_code == 303
    assert len(mails(site)) == sent + 1


def test_it_works_on_a_statement_that_has_closed_or_was_taken_down(site: Site) -> None:
    browser, link = published(site)
    with site.database.transaction() as session:
        close(session, cast.SLUG, utcnow(), utcnow())
    assert browser.get(link).status_code == 200
    assert browser.post(link, {"act": "withdraw"}).status_code == 303
    assert site.rows()[0].state is State.WITHDRAWN


@pytest.mark.parametrize("state", [State.REJECTED, State.REMOVED])
def test_what_a_moderator_turned_away_can_be_seen_and_erased_but_not_changed(site_on_sqlite: Site, state: State) -> None:
    browser, link = published(site_on_sqlite)
    change(site_on_sqlite, EMAIL, state=state, decided_at=utcnow() - timedelta(days=1))
    assert "A moderator" in browser.get(link).text
    assert {browser.post(link, {"act": act, **cast.organisation()}).status_code for act in ("hide", "show", "withdraw", "correct")} == {409}
    assert browser.post(link, {"act": "erase"}).status_code == 200


@pytest.mark.parametrize("code", LOCALES)
def test_the_page_is_there_in_every_language(site_on_sqlite: Site, code: str) -> None:
    browser, link = published(site_on_sqlite)
    pages = [browser.get(f"/{code}/{link.split('/', 2)[2]}{query}") for query in ("", "?act=correct", "?done=hidden")]
    assert {page.status_code for page in pages} == {200}
    assert all(f'<html lang="{code}"' in page.text for page in pages)
