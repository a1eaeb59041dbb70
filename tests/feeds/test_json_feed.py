"""JSON Feed 1.1, the one that the widget and feed readers follow."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests import cast
from tests.feeds.lists import AUTOMATIC, first, got, many, pages
from tests.site import ORIGIN, Site

FEED = f"/statements/{cast.SLUG}/feed.json"
SCHEMA = json.loads(Path(__file__).with_name("json_feed_1_1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def test_the_schema_refuses_what_the_specification_forbids() -> None:
    good = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "content_text": "a"}]}
    VALIDATOR.validate(good)
    wrongs: tuple[dict[str, object], ...] = (
        {"version": "1"},
        {"items": [{"id": "1"}]},
        {"items": [{"content_text": "a"}]},
        {"items": [{"id": 1, "content_text": "a"}]},
        {"_own": 1},
        {"own": {}},
    )
    assert [wrong for wrong in wrongs if VALIDATOR.is_valid({**good, **wrong})] == []


def test_an_empty_list_is_a_valid_feed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    feed = got(site_on_sqlite, FEED)
    VALIDATOR.validate(feed)
    assert feed["items"] == []
    assert "next_url" not in feed


def test_the_feed_passes_the_schema_and_names_itself(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST), be=cast.belarusian())
    answer = site.browser.get(FEED)
    feed = answer.json()
    VALIDATOR.validate(feed)
    assert answer.headers["content-type"].startswith("application/feed+json")
    assert feed["feed_url"] == ORIGIN + FEED
    assert feed["home_page_url"] == f"{ORIGIN}/statements/{cast.SLUG}"
    assert [item["id"] for item in feed["items"]] == [f"{ORIGIN}/statements/{cast.SLUG}/signatories#s{n}" for n in (3, 2, 1)]


def test_pages_follow_next_url_to_the_end_without_repeats(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(230)))
    feeds = list(pages(site_on_sqlite, FEED, "next_url"))
    seen = [item["_undersigned"]["number"] for feed in feeds for item in feed["items"]]
    assert [len(feed["items"]) for feed in feeds] == [100, 100, 30]
    assert seen == list(range(230, 0, -1))
    for feed in feeds:
        VALIDATOR.validate(feed)
    assert feeds[1]["feed_url"] == feeds[0]["next_url"]


@pytest.mark.parametrize("count", [99, 100, 101])
def test_a_full_last_page_leads_nowhere(site_on_sqlite: Site, count: int) -> None:
    site_on_sqlite.publish(cast.statement(front=many(count)))
    assert [len(feed["items"]) for feed in pages(site_on_sqlite, FEED, "next_url")] == ([100, 1] if count == 101 else [count])


def test_each_item_is_one_sentence_in_the_statements_language(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST, language="be", title="Рачны архіў"))
    for prefix in ("", "/en", "/ru"):
        feed = got(site_on_sqlite, prefix + FEED)
        assert feed["language"] == "be"
        assert [item["content_text"] for item in feed["items"]] == [
            "Подпіс: Jean Exemple. (Францыя)",
            "Подпіс: Прававая дапамога (ад імя арганізацыі: Ян Прыклад, дырэктар). (Беларусь)",
            "Подпіс: Centre for Clear Water (ад імя арганізацыі: Alesia Prykladnaya, chair of the board). (Беларусь)",
        ]


def test_the_whole_feed_is_in_the_statements_language_under_every_prefix(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    assert got(site_on_sqlite, f"/be{FEED}")["title"] == got(site_on_sqlite, FEED)["title"]


def test_items_carry_the_fields_of_the_list(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    feed, listed = got(site_on_sqlite, FEED), got(site_on_sqlite, f"/statements/{cast.SLUG}/signatories.json")
    assert [item["_undersigned"] for item in feed["items"]] == listed["items"][::-1]
    assert feed["_undersigned"] == {name: listed[name] for name in ("counts", "list_revision", "as_of")} | {"state": "open", "first": listed["items"]}


def test_an_item_keeps_its_id_when_a_newer_one_comes_and_another_goes(site: Site) -> None:
    slug = site.publish(cast.statement(front=first({"name": "Uno"}, {"name": "Duo"}) + AUTOMATIC))
    before = {item["_undersigned"]["name"]: item["id"] for item in got(site, FEED)["items"]}
    site.signed(kind="individual", name="Tria")
    site.publish(cast.statement(front=first({"name": "Duo"}) + AUTOMATIC))
    site.work()
    after = {item["_undersigned"]["name"]: item["id"] for item in got(site, FEED)["items"]}
    assert after == {"Duo": before["Duo"], "Tria": f"{ORIGIN}/statements/{slug}/signatories#s3"}


def test_markup_in_names_stays_text(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=first({"organisation": 'Bread & "Rose" (house)', "name": "A. O'Hara"})))
    item = got(site_on_sqlite, FEED)["items"][0]
    assert item["content_text"] == 'Bread & "Rose" (house) signed, represented by A. O\'Hara.'
