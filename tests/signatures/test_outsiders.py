"""People who did not sign: they report a name of the list, or answer for an organisation."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from app.clock import utcnow
from app.i18n import LOCALES
from app.moderation.notices import notify_of_reports
from app.organisations.models import Organisation
from app.signatures.beside import Inquiry, Report
from app.signatures.evidence import Evidence
from app.signatures.models import State
from tests import cast
from tests.signatures.hands import mails, move_clock, staff, stored, title
from tests.signatures.test_own_page import inside, published
from tests.site import ORIGIN, Browser, Site

REPORT = f"/report/{cast.SLUG}/1"
HEAD_OFFICE = "office@rivers-house.org"


def second(site: Site) -> Browser:
    return staff(site, email="second@site.example")


def asked(site: Site) -> tuple[str, str]:
    """A moderator asks the organisation of the only signature; the link and the code of the letter."""
    answer = second(site).post(f"/console/signatures/{site.rows()[0].id}/inquire", {"to": HEAD_OFFICE})
    assert answer.status_code == 303
    text = site.letters(HEAD_OFFICE)[-1].part("plain")
    link, code = re.search(r"http\S+/answer/\S+", text), re.search(r"\b(\d{3}) (\d{3})\b", text)
    assert link
    assert code
    assert "Tamar" not in text
    return link.group().removeprefix(ORIGIN), code[1] + code[2]


def test_every_name_of_the_list_can_be_reported_and_the_moderators_read_it(site: Site) -> None:
    published(site)
    assert f'href="{REPORT}"' in site.browser.get(f"/statements/{cast.SLUG}/signatories").text
    page = site.browser.get(REPORT)
    assert "Fictional House of Rivers" in page.text
    answer = site.browser.submit(page, reason="not-authorised", words="She left in spring.", contact="neighbour@post-office.org")
    assert (answer.status_code, title(answer), stored(site, Report)) == (200, "Thank you", 1)
    shown = second(site).get("/console/reports").text
    assert [text for text in ("Fictional House of Rivers", "She left in spring.", "neighbour@post-office.org", "did not authorise") if text not in shown] == []


def test_a_settled_report_leaves_the_desk(site: Site) -> None:
    published(site)
    site.browser.submit(site.browser.get(REPORT), reason="other")
    moderator = second(site)
    with site.database.reading() as session:
        report = session.exec(select(Report)).one()
    codes = [moderator.post(f"/console/reports/{report.id}/settle").status_code for _ in range(2)]
    assert (codes, "Nothing is reported." in moderator.get("/console/reports").text) == ([303, 409], True)


@pytest.mark.parametrize(("field", "value"), [("reason", ""), ("reason", "boredom"), ("contact", "not an address"), ("words", "w" * 2001)])
def test_a_wrong_field_of_a_report_is_named_and_nothing_is_kept(site_on_sqlite: Site, field: str, value: str) -> None:
    published(site_on_sqlite)
    page = site_on_sqlite.browser.post(REPORT, {"reason": "other", field: value})
    assert (page.status_code, f'href="#{field}"' in page.text, stored(site_on_sqlite, Report)) == (422, True, 0)


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "99999999999"])
def test_nobody_is_reported_at_a_number_where_nobody_stands(site_on_sqlite: Site, number: str) -> None:
    published(site_on_sqlite)
    answers = {
        site_on_sqlite.browser.get(f"/report/{cast.SLUG}/{number}").status_code,
        site_on_sqlite.browser.post(f"/report/{cast.SLUG}/{number}", {"reason": "other"}).status_code,
    }
    assert answers <= {404, 422}
    assert stored(site_on_sqlite, Report) == 0


def test_a_program_that_fills_the_hidden_field_is_thanked_and_not_heard(site_on_sqlite: Site) -> None:
    published(site_on_sqlite)
    answer = site_on_sqlite.browser.post(REPORT, {"reason": "other", "subject": "x"})
    assert (answer.status_code, stored(site_on_sqlite, Report)) == (200, 0)


def test_a_network_reports_ten_names_an_hour(site_on_sqlite: Site) -> None:
    published(site_on_sqlite)
    codes = [site_on_sqlite.browser.post(REPORT, {"reason": "other"}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_moderators_are_told_of_a_report_once_an_hour(site: Site) -> None:
    published(site)
    site.browser.post(REPORT, {"reason": "other"})
    with site.database.transaction() as session:
        told = [notify_of_reports(session, utcnow() + timedelta(minutes=minutes)) for minutes in (0, 5, 70)]
    assert told == [1, 0, 0]
    assert [mail.name for mail in mails(site)][-1] == "reported"


def test_an_organisation_that_says_yes_stands_confirmed_in_the_list(site: Site) -> None:
    published(site)
    link, code = asked(site)
    office = site.new_browser()
    page = office.get(office.post(link, {"act": "code", "code": code}).headers["location"])
    assert "Tamar Magalithidze" in page.text
    assert title(office.submit(page, press="yes")) == "Thank you"
    assert site.rows()[0].evidence is Evidence.CONFIRMED
    assert "confirmed by the organisation" in site.browser.get(f"/statements/{cast.SLUG}/signatories").text
    assert office.get(link).status_code == 404


def test_an_organisation_that_says_no_is_heard_as_a_report(site: Site) -> None:
    published(site)
    link, code = asked(site)
    site.new_browser().post(link, {"act": "no", "code": code})
    assert (site.rows()[0].evidence, stored(site, Report), site.rows()[0].state) == (Evidence.DOMAIN, 1, State.PUBLISHED)
    moderator = site.new_browser("198.51.100.4")
    assert "not authorised" in staff(site, email="third@site.example").get(f"/console/signatures/{site.rows()[0].id}").text
    assert moderator.get("/console/reports").status_code == 303


@pytest.mark.parametrize("act", ["code", "yes", "no"])
def test_without_the_code_nobody_answers_for_an_organisation(site_on_sqlite: Site, act: str) -> None:
    published(site_on_sqlite)
    link, code = asked(site_on_sqlite)
    stranger = site_on_sqlite.new_browser()
    pages = [stranger.get(link), stranger.post(link, {"act": act}), stranger.post(link, {"act": act, "code": f"{(int(code) + 1) % 1_000_000:06d}"})]
    assert [page for page in pages if "Tamar" in page.text] == []
    with site_on_sqlite.database.reading() as session:
        assert session.exec(select(Inquiry)).one().answer is None


def test_a_question_is_over_after_two_weeks(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    published(site_on_sqlite)
    link, code = asked(site_on_sqlite)
    move_clock(monkeypatch, timedelta(days=15))
    monkeypatch.setattr("app.signatures.outsiders.utcnow", lambda: utcnow() + timedelta(days=15))
    assert site_on_sqlite.browser.post(link, {"act": "yes", "code": code}).status_code == 404


def test_erasing_a_signature_erases_what_was_asked_and_said_about_it(site: Site) -> None:
    browser, link = published(site)
    asked(site)
    site.browser.post(REPORT, {"reason": "other", "words": "She left in spring."})
    browser.post(link, {"act": "erase"})
    assert (stored(site, Inquiry), stored(site, Report), stored(site, Organisation)) == (0, 0, 0)


def test_the_directory_entry_arises_with_the_first_public_signature_and_goes_with_the_last(site: Site) -> None:
    site.publish()
    site.signed()
    assert stored(site, Organisation) == 0
    site.approve_all(site.moderator())
    with site.database.reading() as session:
        entry = session.exec(select(Organisation)).one()
    assert (entry.domain, entry.country, site.rows()[0].organisation_id) == ("rivers-house.org", "GE", entry.id)
    browser, link = inside(site)
    browser.post(link, {"act": "hide"})
    assert stored(site, Organisation) == 0
    browser.post(link, {"act": "show"})
    assert stored(site, Organisation) == 1


@pytest.mark.parametrize(
    ("email", "website", "label"),
    [
        ("tamar@rivers-house.org", "rivers-house.org", "signed from its own domain"),
        ("tamar@post-office.org", "rivers-house.org", "declared by its representative"),
        ("rivers.house@gmail.com", "https://facebook.com/riversHouse", "declared by its representative"),
    ],
)
def test_the_list_says_how_far_an_organisation_is_known(site_on_sqlite: Site, email: str, website: str, label: str) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.signed(email=email, website=website)
    site_on_sqlite.approve_all(site_on_sqlite.moderator())
    assert label in site_on_sqlite.browser.get(f"/statements/{cast.SLUG}/signatories").text


@pytest.mark.parametrize("code", LOCALES)
def test_the_pages_are_there_in_every_language(site_on_sqlite: Site, code: str) -> None:
    published(site_on_sqlite)
    assert f'<html lang="{code}"' in site_on_sqlite.browser.get(f"/{code}{REPORT}").text
    link, _ = asked(site_on_sqlite)
    assert f'<html lang="{code}"' in site_on_sqlite.browser.get(f"/{code}/{link.split('/', 2)[2]}").text
