"""The directory in the console: found by any name, named in several languages, one entry made of two."""

import re
import threading
from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.accounts.models import Role
from app.audit.models import Entry
from app.clock import utcnow
from app.organisations.actions import recognise
from app.organisations.models import Organisation, OrganisationDomain, OrganisationName
from app.organisations.queries import by_domain
from app.secretariat import directory
from app.signatures.models import Signature, State
from tests import cast
from tests.accounts.test_rights import granted
from tests.feeds.lists import AUTOMATIC, LIST
from tests.secretariat.hands import writer
from tests.signatures.hands import staff
from tests.site import Browser, Site

HOME = "/console/organisations"
RIVERS, OTHER = "Fictional House of Rivers", "Выдуманы дом рэк"


def listed(site: Site, *others: Mapping[str, str]) -> dict[str, UUID]:
    """A statement that two entries of one organisation have signed, and more if said; the entries by name."""
    site.publish(cast.statement(AUTOMATIC))
    site.signed()
    site.signed(organisation=OTHER, website="dom-rek.example.org", email="pisar@dom-rek.example.org", country="BY")
    for number, more in enumerate(others):
        site.signed(cast.SLUG, None, **{"email": f"more{number}@post-office.org", "website": "", **more})
    site.work()
    with site.database.reading() as session:
        return {one.name: one.organisation_id for one in session.exec(select(OrganisationName))}


def entries(site: Site) -> list[Organisation]:
    with site.database.reading() as session:
        return list(session.exec(select(Organisation)))


def names(site: Site, key: UUID) -> set[tuple[str, str]]:
    with site.database.reading() as session:
        return {(one.language, one.name) for one in session.exec(select(OrganisationName).where(OrganisationName.organisation_id == key))}


def acts(site: Site) -> list[str]:
    with site.database.reading() as session:
        return [one.act for one in session.exec(select(Entry).order_by(col(Entry.number)))]


def merged(site: Site, browser: Browser, kept: UUID, other: UUID) -> int:
    return browser.post(f"{HOME}/{kept}/merge/{other}", {"keep": str(kept)}).status_code


@pytest.mark.parametrize("q", ["rivers", "дом рэк", "Vydumany dom", "dom-rek.example.org", "ДОМ"])
def test_an_organisation_is_found_by_any_name_in_any_script_and_by_its_domain(site: Site, q: str) -> None:
    listed(site)
    page = writer(site).get(f"{HOME}?q={q}").text
    assert (RIVERS in page, OTHER in page) == (q == "rivers", q != "rivers")


def test_an_empty_directory_and_a_search_without_a_find_say_so(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    assert "No organisation stands in a list yet." in browser.get(HOME).text
    assert "Nothing matches." in browser.get(f"{HOME}?q=zzz").text


def test_the_directory_has_pages(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "SHOWN", 1)
    listed(site_on_sqlite)
    browser = writer(site_on_sqlite)
    pages = [browser.get(f"{HOME}?page={number}").text for number in (1, 2)]
    assert sorted((RIVERS in page, OTHER in page) for page in pages) == [(False, True), (True, False)]
    assert ("page=2" in pages[0], "page=1" in pages[1]) == (True, True)


def test_a_name_in_another_language_leads_to_the_organisation_and_changes_no_list(site: Site) -> None:
    keys, browser = listed(site), writer(site)
    before = site.browser.get(LIST).text
    assert browser.post(f"{HOME}/{keys[RIVERS]}/names", {"language": "DE", "name": "Erdachtes Haus der Flüsse"}).status_code == 303
    assert ("de", "Erdachtes Haus der Flüsse") in names(site, keys[RIVERS])
    assert site.browser.get(LIST).text == before
    with site.database.transaction() as session:
        assert recognise(session, "Erdachtes Haus der Flüsse", "de", "", "", "GE", utcnow()).id == keys[RIVERS]


def test_a_name_is_taken_away_but_never_the_last(site: Site) -> None:
    key, browser = listed(site)[RIVERS], writer(site)
    browser.post(f"{HOME}/{key}/names", {"language": "de", "name": "Erdachtes Haus"})
    fields = [dict(re.findall(r'name="(language|key)" value="([^"]*)"', form)) for form in browser.get(f"{HOME}/{key}").text.split("<form")]
    first, last = (one for one in fields if "key" in one)
    assert browser.post(f"{HOME}/{key}/unname", first).status_code == 303
    refused = browser.post(f"{HOME}/{key}/unname", last)
    assert (refused.status_code, "its only name" in refused.text, len(names(site, key))) == (422, True, 1)


def test_what_cannot_be_is_said_beside_the_field_and_stays(site_on_sqlite: Site) -> None:
    keys = listed(site_on_sqlite)
    browser, place = writer(site_on_sqlite), f"{HOME}/{keys[RIVERS]}"
    page = browser.post(f"{place}/names", {"language": "no such", "name": "Erdachtes Haus"})
    assert (page.status_code, "Erdachtes Haus" in page.text, 'id="language-problem"' in page.text) == (422, True, True)
    page = browser.post(f"{place}/details", {"acronym": "FHR", "website": "javascript:alert(1)", "country": "GE"})
    assert (page.status_code, "FHR" in page.text, 'id="website-problem"' in page.text) == (422, True, True)
    page = browser.post(f"{place}/details", {"acronym": "", "website": "https://dom-rek.example.org/", "country": ""})
    assert (page.status_code, "merge them" in page.text) == (422, True)
    assert {one.acronym for one in entries(site_on_sqlite)} == {""}


def test_a_new_website_is_a_new_domain_and_the_old_one_stays_known(site: Site) -> None:
    key, browser = listed(site)[RIVERS], writer(site)
    assert browser.post(f"{HOME}/{key}/details", {"acronym": "FHR", "website": "rivers.example.net", "country": "GE"}).status_code == 303
    with site.database.reading() as session:
        found = {domain: by_domain(session, domain) for domain in ("rivers-house.org", "example.net")}
        assert {one.id for one in found.values() if one} == {key}
        assert None not in found.values()


def test_one_entry_is_made_of_two_and_found_by_everything_that_either_had(site: Site) -> None:
    keys, browser = listed(site), writer(site)
    before = site.browser.get(LIST).text
    page = browser.get(f"{HOME}/{keys[RIVERS]}/merge/{keys[OTHER]}").text
    assert all(part in page for part in (RIVERS, OTHER, "Both stand in the same list", cast.SLUG))
    assert merged(site, browser, keys[RIVERS], keys[OTHER]) == 303
    assert [one.id for one in entries(site)] == [keys[RIVERS]]
    assert {name for _, name in names(site, keys[RIVERS])} == {RIVERS, OTHER}
    assert {row.organisation_id for row in site.rows()} == {keys[RIVERS]}
    assert (site.browser.get(LIST).text, acts(site)[-1]) == (before, "merge-organisations")
    with site.database.transaction() as session:
        again = recognise(session, "A third name", "en", "https://example.org/", "example.org", "BY", utcnow())
        assert again.id == keys[RIVERS]


def test_merging_goes_on_through_a_chain_and_ends_where_it_began(site: Site) -> None:
    keys, browser = listed(site, {"organisation": "Third Invented Society", "website": "third-society.org"}), writer(site)
    third = keys["Third Invented Society"]
    assert [merged(site, browser, keys[OTHER], keys[RIVERS]), merged(site, browser, third, keys[OTHER])] == [303, 303]
    assert [one.id for one in entries(site)] == [third]
    assert ({row.organisation_id for row in site.rows()}, len(names(site, third))) == ({third}, 3)
    with site.database.reading() as session:
        assert len(session.exec(select(OrganisationDomain)).all()) == 2
    assert [merged(site, browser, third, third), merged(site, browser, third, keys[OTHER])] == [409, 404]


def test_without_a_choice_nothing_is_merged_and_the_page_says_so(site_on_sqlite: Site) -> None:
    keys, browser = listed(site_on_sqlite), writer(site_on_sqlite)
    for keep in ("", str(UUID(int=4))):
        page = browser.post(f"{HOME}/{keys[RIVERS]}/merge/{keys[OTHER]}", {"keep": keep})
        assert (page.status_code, "Please choose which entry stays." in page.text) == (422, True)
    assert len(entries(site_on_sqlite)) == 2


def test_look_alikes_are_offered_and_never_merged_by_themselves(site_on_sqlite: Site) -> None:
    keys = listed(site_on_sqlite, {"organisation": "Fictional House of the Rivers", "website": "other-rivers.org"})
    page = writer(site_on_sqlite).get(f"{HOME}/{keys[RIVERS]}").text
    assert [f"/merge/{keys[name]}" in page for name in ("Fictional House of the Rivers", OTHER)] == [True, False]


def test_a_signature_that_comes_while_two_are_merged_belongs_to_the_one_that_stays(site: Site) -> None:
    keys = listed(site)
    row = next(one for one in site.rows() if one.organisation_id == keys[RIVERS])
    administrator = staff(site, Role.ADMINISTRATOR, "chief@site.example")
    coming, answers = threading.Event(), list[int]()

    def merging() -> None:
        coming.wait(10)
        answers.append(merged(site, administrator, keys[RIVERS], keys[OTHER]))

    thread = threading.Thread(target=merging)
    thread.start()
    with site.database.transaction() as session:
        session.get_one(Signature, row.id).organisation_id = keys[OTHER]
        session.flush()
        coming.set()
        thread.join(0.5)
    thread.join(20)
    assert (answers, {one.organisation_id for one in site.rows()}) == ([303], {keys[RIVERS]})


def test_who_writes_single_statements_may_look_and_change_nothing(site_on_sqlite: Site) -> None:
    key = listed(site_on_sqlite)[RIVERS]
    browser = granted(site_on_sqlite, Role.EDITOR, site_on_sqlite.rows()[0].statement_id)
    assert browser.get(f"{HOME}/{key}").status_code == 200
    for path, form in (("names", {"name": "Another"}), ("details", {"acronym": "A"}), (f"merge/{key}", {"keep": str(key)})):
        assert browser.post(f"{HOME}/{key}/{path}", form).status_code == 403
    assert len(names(site_on_sqlite, key)) == 1


def test_an_organisation_leaves_with_its_last_signature_whatever_was_merged_into_it(site: Site) -> None:
    keys, browser = listed(site), writer(site)
    merged(site, browser, keys[RIVERS], keys[OTHER])
    moderator = staff(site, email="second@site.example")
    for row in site.rows():
        assert moderator.post(f"/console/signatures/{row.id}/remove", {"code": "duplicate"}).status_code == 303
    assert (entries(site), {row.state for row in site.rows()}) == ([], {State.REMOVED})
