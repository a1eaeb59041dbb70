"""The list as JSON, version 1, and what changed in it since a revision."""

import re
from typing import Any

import pytest

from app.publication.publisher import publish_due
from app.signatures import queries
from tests import cast
from tests.feeds.lists import AUTOMATIC, LIST, Json, first, got, many, numbers, pages, signature_of
from tests.site import ORIGIN, Site

KEYS = ["version", "statement", "list_revision", "as_of", "counts", "items", "next"]
ITEM = ["number", "kind", "name", "role", "organisation", "website", "country", "language", "first", "source", "revision", "date"]
ONE, TWO, THREE = ({"name": name} for name in ("Uno Unov", "Duo Duov", "Tria Triova"))


def changes(site: Site, since: int) -> Json:
    """What came and what went, all pages in one."""
    found = list(pages(site, f"{LIST}?since={since}", "next"))
    return {"came": [item["number"] for page in found for item in page["items"]], "went": found[0]["withdrawn"]}


def test_the_keys_are_the_contracts_in_its_order(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    page = got(site, LIST)
    assert list(page) == KEYS
    assert [list(item) for item in page["items"]] == [ITEM] * 3
    assert list(page["counts"]) == ["organisations", "individuals", "withheld"]
    assert (page["version"], page["statement"], page["next"]) == (1, f"{ORIGIN}/statements/{cast.SLUG}", None)


def test_times_are_utc_to_the_second_and_days_for_signatures(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    page = got(site, LIST)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page["as_of"])
    assert {bool(re.fullmatch(r"\d{4}-\d\d-\d\d", item["date"])) for item in page["items"]} == {True}


def test_a_signatory_of_each_kind_is_told_as_they_signed(site: Site) -> None:
    site.publish(cast.statement(front=AUTOMATIC))
    site.signed()
    site.signed(kind="individual")
    site.work()
    organisation, individual = got(site, LIST)["items"]
    day = site.rows()[0].created_at.date().isoformat()
    known = {"first": False, "source": "form", "revision": 1, "date": day}
    assert organisation == known | {
        "number": 1,
        "kind": "organisation",
        "name": "Tamar Magalithidze",
        "role": "president",
        "organisation": "Fictional House of Rivers",
        "website": "https://rivers-house.org",
        "country": "GE",
        "language": None,
    }
    assert individual == known | {
        "number": 2,
        "kind": "individual",
        "name": "Мікола Выдуманы",
        "role": "настаўнік",
        "organisation": None,
        "website": None,
        "country": "BY",
        "language": None,
    }


def test_what_only_moderators_may_see_is_in_no_data(site: Site) -> None:
    slug = site.publish(cast.statement(front=AUTOMATIC))
    site.signed()
    site.signed(kind="individual", email="hidden@post-office.org", name="Vera Geheim", visibility="withheld")
    site.signed(kind="individual", email="waiting@post-office.org", name="Nadia Wartend")
    for face in (".json", ".txt", "/signatories.json", "/signatories.json?since=0", "/signatories.csv", "/feed.json", "/feed.atom"):
        text = site.browser.get(f"/statements/{slug}{face}").text
        assert [word for word in ("Geheim", "@rivers-house.org", "@post-office.org", "decision of the board") if word in text] == [], face


def test_numbers_ascend_and_pages_of_a_hundred_follow_next(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(250)))
    found = list(pages(site_on_sqlite, LIST, "next"))
    assert [len(page["items"]) for page in found] == [100, 100, 50]
    assert [item["number"] for page in found for item in page["items"]] == list(range(1, 251))
    assert found[0]["next"] == f"{ORIGIN}{LIST}?after=100"


@pytest.mark.parametrize("count", [0, 1, 100])
def test_a_list_of_one_page_has_no_next(site_on_sqlite: Site, count: int) -> None:
    site_on_sqlite.publish(cast.statement(front=many(count) if count else ""))
    assert (len(numbers(site_on_sqlite)), got(site_on_sqlite, LIST)["next"]) == (count, None)


def test_after_the_last_number_there_is_an_empty_page(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(3)))
    page = got(site_on_sqlite, f"{LIST}?after=2147483647")
    assert (page["items"], page["next"], page["counts"]) == ([], None, {"organisations": 1, "individuals": 2, "withheld": 0})


def test_since_tells_who_came_and_who_went(site: Site) -> None:
    site.publish(cast.statement(front=first(ONE, TWO) + AUTOMATIC))
    known = got(site, LIST)["list_revision"]
    site.signed(kind="individual", name="Tria Triova")
    site.work()
    site.publish(cast.statement(front=first(ONE) + AUTOMATIC))
    page = got(site, f"{LIST}?since={known}")
    assert list(page) == [*KEYS, "withdrawn"]
    assert ([item["name"] for item in page["items"]], page["withdrawn"]) == (["Tria Triova"], [2])


def test_since_the_newest_revision_nothing_happened(site: Site) -> None:
    site.publish(cast.statement(front=first(ONE)))
    page = got(site, f"{LIST}?since={got(site, LIST)['list_revision']}")
    assert (page["items"], page["withdrawn"]) == ([], [])


def test_since_zero_is_the_whole_list(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(120)))
    assert changes(site_on_sqlite, 0)["came"] == list(range(1, 121))


def test_a_corrected_signatory_comes_again_under_the_same_number(site: Site) -> None:
    site.publish(cast.statement(front=first(ONE | {"role": "member"}, TWO)))
    known = got(site, LIST)["list_revision"]
    site.publish(cast.statement(front=first(ONE | {"role": "chair"}, TWO)))
    assert changes(site, known) == {"came": [1], "went": []}
    assert got(site, LIST)["items"][0]["role"] == "chair"


def test_a_signatory_who_was_corrected_and_then_removed_is_withdrawn_for_everyone_who_knew_them(site: Site) -> None:
    site.publish(cast.statement(front=first(ONE, TWO | {"role": "member"})))
    known = got(site, LIST)["list_revision"]
    site.publish(cast.statement(front=first(ONE, TWO | {"role": "chair"})))
    site.publish(cast.statement(front=first(ONE)))
    assert changes(site, known) == {"came": [], "went": [2]}


def test_a_follower_who_asks_since_holds_the_same_list_as_one_who_reads_it_whole(site_on_sqlite: Site) -> None:
    site = site_on_sqlite
    held: dict[int, Any] = {}
    known = 0
    for names in ("AB", "ABC", "BC", "CDB", "D", "", "AE"):
        site.publish(cast.statement(front=first(*({"name": f"{name} Person", "role": f"of {len(names)}"} for name in names)) if names else ""))
        page = got(site, f"{LIST}?since={known}")
        held |= {item["number"]: item for item in page["items"]}
        held = {number: item for number, item in held.items() if number not in page["withdrawn"]}
        known = page["list_revision"]
        assert list(dict(sorted(held.items())).values()) == got(site, LIST)["items"], names


def test_a_page_and_its_revision_are_of_one_moment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower continues from `list_revision`: whoever the page does not hold must be newer than it."""
    site.publish(cast.statement(front=first(ONE) + AUTOMATIC))
    site.signed(kind="individual", name="Tria Triova")
    whole = queries.in_order_of_signing

    def while_the_publisher_works(*asked: Any) -> Any:
        page = whole(*asked)
        publish_due(site.database)
        return page

    monkeypatch.setattr(queries, "in_order_of_signing", while_the_publisher_works)
    page = got(site, LIST)
    monkeypatch.undo()
    missed = [item["name"] for item in got(site, f"{LIST}?since={page['list_revision']}")["items"]]
    assert sorted([*(item["name"] for item in page["items"]), *missed]) == ["Tria Triova", "Uno Unov"]
    assert len(page["items"]) == sum(page["counts"].values())


def test_one_removed_in_the_console_is_withdrawn(site: Site) -> None:
    site.publish(cast.statement(front=first(ONE, TWO)))
    moderator, known = site.moderator(), got(site, LIST)["list_revision"]
    moderator.post(f"/console/signatures/{signature_of(site, number=2)}/remove", {"code": "on-request"})
    assert changes(site, known) == {"came": [], "went": [2]}


@pytest.mark.parametrize("since", ["7", "2147483647"])
def test_a_revision_the_list_never_had_is_gone(site: Site, since: str) -> None:
    site.publish(cast.statement(front=first(ONE)))
    answer = site.browser.get(f"{LIST}?since={since}")
    assert (answer.status_code, answer.headers["content-type"]) == (410, "application/problem+json")
    assert answer.json()["status"] == 410
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1.5", "after=", "since=x", "since=-1", "since=1e3", "after=99999999999999999999", "since=%00"])
def test_garbage_is_a_problem_with_status_422(site_on_sqlite: Site, query: str) -> None:
    site_on_sqlite.publish()
    answer = site_on_sqlite.browser.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_two_statements_have_lists_of_their_own(site: Site) -> None:
    site.publish(cast.statement(front=first(ONE, TWO)))
    site.publish(cast.statement(slug="another", front=first(THREE)))
    assert numbers(site) == [1, 2]
    assert numbers(site, "/statements/another/signatories.json") == [1]
