"""What a moderator sees before deciding."""

import re
from datetime import UTC, datetime

import pytest

from app.clock import utcnow
from tests import cast
from tests.signatures.hands import change, sign_many, staff
from tests.site import Browser, Site
from tests.web.markup import parse

WHEN = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)


def waiting(site: Site, slug: str = cast.SLUG, **changes: str) -> str:
    form = cast.individual(**changes) if changes.get("kind") == "individual" else cast.organisation(**changes)
    sign_many(site, [form], slug)
    change(site, form["email"], lambda row: row.confirm(utcnow()), slug)
    return f"/console/signatures/{max(site.rows(), key=lambda row: row.created_at).id}"


def listed(site: Site, slug: str = cast.SLUG, **changes: str) -> None:
    waiting(site, slug, **changes)
    change(site, changes["email"], lambda row: row.approve(utcnow()), slug)
    site.work()


def words(browser: Browser, path: str) -> str:
    return parse(browser.get(path).text).one("main").text


def test_the_queue_opens_its_oldest_signature_with_all_that_was_typed(site: Site) -> None:
    site.publish()
    waiting(site)
    waiting(site, email="late@rivers-house.org", organisation="Late House")
    text = words(staff(site), "/console")
    typed = cast.organisation()
    assert [typed[name] for name in ("name", "role", "organisation", "mandate", "email") if typed[name] not in text] == []
    assert [
        word for word in (f"/statements/{cast.SLUG}", "An organisation", "to be named in the list", "Georgia", "rivers-house.org") if word not in text
    ] == []
    assert "Late House" not in text


def test_an_individual_is_shown_as_one_with_the_affiliation_for_identification(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    path = waiting(site_on_sqlite, kind="individual", organisation="School of the Invented", visibility="withheld")
    text = words(staff(site_on_sqlite), path)
    shown = ("An individual", "counted, never to be named", "School of the Invented", "настаўнік", "Мікола Выдуманы", "Belarus")
    assert [word for word in shown if word not in text] == []
    assert "Mandate" not in text


def test_it_says_when_it_was_signed_and_confirmed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    path = waiting(site_on_sqlite)
    change(site_on_sqlite, "tamar@rivers-house.org", created_at=WHEN, confirmed_at=WHEN.replace(hour=17))
    text = words(staff(site_on_sqlite), path)
    assert ("14 March 2026, 15:09 UTC" in text, "14 March 2026, 17:09 UTC" in text) == (True, True)


@pytest.mark.parametrize(
    ("email", "website", "verdict"),
    [
        ("tamar@rivers-house.org", "rivers-house.org", "Same domain"),
        ("tamar@mail.rivers-house.org", "https://www.rivers-house.org/about", "Same domain"),
        ("tamar@rivers.co.uk", "https://house.co.uk", "Different domains"),
        ("tamar@gov.uk.example.org", "gov.uk", None),
        ("tamar@post-office.org", "rivers-house.org", "Different domains"),
        ("tamar@rivers-house.org.evil.example", "rivers-house.org", "Different domains"),
        ("tamar@пример.org", "https://xn--e1afmkfd.org/", "Same domain"),
        ("tamar@rivers-house.org", "", None),
    ],
)
def test_the_domain_of_the_address_is_compared_with_the_websites(site_on_sqlite: Site, email: str, website: str, verdict: str | None) -> None:
    site_on_sqlite.publish()
    form = cast.organisation(email=email, website=website if website != "gov.uk" else "")
    sign_many(site_on_sqlite, [{**form, "email": "tamar@xn--e1afmkfd.org"} if "пример" in email else form])
    row = site_on_sqlite.rows()[0]
    with site_on_sqlite.database.transaction() as session:
        session.get_one(type(row), row.id).confirm(utcnow())
    text = words(staff(site_on_sqlite), f"/console/signatures/{row.id}")
    assert {said for said in ("Same domain", "Different domains") if said in text} == ({verdict} if verdict else set())


@pytest.mark.parametrize(
    "like",
    [
        {"organisation": "Fictional House of Rivers", "website": ""},
        {"organisation": "FICTIONAL house of Rivérs", "website": "other-site.org"},
        {"organisation": "Quite Another Name", "website": "https://www.rivers-house.org/en"},
    ],
)
def test_the_same_organisation_in_the_list_is_found_by_name_and_by_domain(site: Site, like: dict[str, str]) -> None:
    site.publish()
    listed(site, email="first@rivers-house.org", name="Nino Invented", **like)
    text = words(staff(site), waiting(site))
    assert "Not found by name or domain." not in text
    assert "Nino Invented" in text


def test_another_organisation_and_the_list_of_another_statement_are_not_the_same(site: Site) -> None:
    site.publish()
    other = site.publish(cast.statement(slug="another-appeal"))
    listed(site, email="first@mountains-house.org", organisation="House of Mountains", website="mountains-house.org")
    listed(site, other, email="second@rivers-house.org")
    path = waiting(site, email="third@rivers-house.org")
    assert "Not found by name or domain." in words(staff(site), path)


def test_an_organisation_whose_name_merely_ends_with_the_same_letters_is_not_the_same(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    listed(site_on_sqlite, email="first@mountains-house.org", organisation="Teleco", website="mountains-house.org")
    assert "Not found by name or domain." in words(staff(site_on_sqlite), waiting(site_on_sqlite, organisation="Eco"))


def test_a_signature_is_not_the_same_as_itself(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    listed(site_on_sqlite, email="tamar@rivers-house.org")
    text = words(staff(site_on_sqlite), f"/console/signatures/{site_on_sqlite.rows()[0].id}")
    assert "Not found by name or domain." in text


def test_the_queue_is_oldest_first_and_counts_what_waits(site: Site) -> None:
    site.publish()
    for n in range(3):
        waiting(site, kind="individual", email=f"person{n}@post-office.org", name=f"Person {'ABC'[n]}")
    page = parse(staff(site).get("/console").text)
    queue = page.one("ul", class_="queue").text
    assert [queue.index(f"Person {letter}") for letter in "ABC"] == sorted(queue.index(f"Person {letter}") for letter in "ABC")
    assert re.search(r"Queue 3\b", page.text)


def test_a_long_queue_is_a_page_of_bounded_length(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    sign_many(site_on_sqlite, (cast.individual(email=f"person{n}@post-office.org") for n in range(120)))
    with site_on_sqlite.database.transaction() as session:
        for row in site_on_sqlite.rows():
            session.get_one(type(row), row.id).confirm(utcnow())
    page = staff(site_on_sqlite).get("/console")
    assert (len(parse(page.text).all("li")) <= 60, "120" in page.text) == (True, True)


def test_an_empty_queue_says_so(site_on_sqlite: Site) -> None:
    assert "The queue is empty" in words(staff(site_on_sqlite), "/console")


@pytest.mark.parametrize("q", ["rivers", "RIVERS", "magalithidze", "Ríver", ""])
def test_published_names_are_found_to_be_removed(site: Site, q: str) -> None:
    site.publish()
    listed(site, email="tamar@rivers-house.org")
    listed(site, email="second@hills.org", organisation="House of Hills", name="Ana Invented", website="hills.org")
    text = words(staff(site), f"/console/published?q={q}")
    assert ("Fictional House of Rivers" in text, "House of Hills" in text) == (True, not q)


@pytest.mark.parametrize("query", ["q=%00", "q=%25", "q=_", "q=%5C", "page=0", "page=x", "page=9999", "q=" + "x" * 5000])
def test_an_odd_search_is_no_breakdown(site: Site, query: str) -> None:
    site.publish()
    listed(site, email="tamar@rivers-house.org")
    page = staff(site).get(f"/console/published?{query}")
    assert page.status_code in {200, 422}
    assert "Fictional House of Rivers" not in page.text or query == "q=%00"


def test_a_withheld_name_is_in_no_search_of_published_names(site: Site) -> None:
    site.publish()
    listed(site, email="tamar@rivers-house.org", visibility="withheld")
    moderator = staff(site)
    assert "No name is published yet." in words(moderator, "/console/published")
    assert "No published name matches." in words(moderator, "/console/published?q=Fictional")


def test_the_pages_of_the_console_are_never_stored(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    path, moderator = waiting(site_on_sqlite), staff(site_on_sqlite)
    assert {moderator.get(address).headers["cache-control"] for address in ("/console", path, "/console/published", "/console/sign-in")} == {"no-store"}
