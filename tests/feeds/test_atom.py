"""Atom, as feed readers parse it."""

import re
import xml.etree.ElementTree as ET

import feedparser
import pytest

from app.errors import InvalidSource
from tests import cast
from tests.feeds.lists import AUTOMATIC, first, got, many
from tests.site import ORIGIN, Site

FEED = f"/statements/{cast.SLUG}/feed.atom"
PAGE = f"{ORIGIN}/statements/{cast.SLUG}"
ATOM = "{http://www.w3.org/2005/Atom}"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ODD = ('Bread & Roses, "the house"', "Sam & 'Co'", "&amp; Sons", "Ünïcødé 𝒢 中文", "]] Society &#60;")


def parsed(site: Site, path: str = FEED) -> feedparser.FeedParserDict:
    answer = site.browser.get(path)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert not NOT_XML.search(answer.text)
    found = feedparser.parse(answer.content, response_headers={"content-type": answer.headers["content-type"]})
    assert found.bozo == 0, found.get("bozo_exception")
    return found


def test_the_feed_parses_and_names_itself(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    found = parsed(site)
    links = {link["rel"]: link["href"] for link in found.feed.links}
    assert found.version == "atom10"
    assert found.feed.id == f"{PAGE}/feed.atom"
    assert links == {"self": f"{PAGE}/feed.atom", "alternate": PAGE}
    assert found.feed.title == "Signatories: Open the archives of the river commission"
    assert found.feed.author


def test_entries_have_the_ids_and_words_of_the_json_feed(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    items = got(site, f"/statements/{cast.SLUG}/feed.json")["items"]
    entries = parsed(site).entries
    assert [entry.id for entry in entries] == [item["id"] for item in items]
    assert [entry.content[0].value for entry in entries] == [item["content_text"] for item in items]
    assert [entry.updated for entry in entries] == [item["date_published"] for item in items]
    assert [entry.link for entry in entries] == [item["url"] for item in items]


def test_updated_is_when_the_list_last_changed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    assert parsed(site_on_sqlite).feed.updated == got(site_on_sqlite, f"/statements/{cast.SLUG}.json")["as_of"]


def test_updated_moves_when_somebody_is_removed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    before = site_on_sqlite.browser.get(FEED).headers["etag"]
    site_on_sqlite.publish(cast.statement(front=first({"name": "Jean Exemple", "country": "FR", "language": "fr"})))
    assert [entry.title for entry in parsed(site_on_sqlite).entries] == ["Jean Exemple"]
    assert site_on_sqlite.browser.get(FEED).headers["etag"] != before


def test_an_empty_list_is_a_valid_feed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    found = parsed(site_on_sqlite)
    assert found.entries == []
    assert found.feed.updated


def test_every_element_that_the_standard_requires_is_there_once(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    root = ET.fromstring(site_on_sqlite.browser.get(FEED).content)
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.findtext(f"{ATOM}updated") or "")
    assert len(root.findall(f"{ATOM}entry")) == 3


def test_names_with_markup_come_through_unchanged(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=first(*({"organisation": name} for name in ODD)), title="'Права & <b>суд</b> ]]>'"))
    entries = parsed(site_on_sqlite).entries
    root = ET.fromstring(site_on_sqlite.browser.get(FEED).content)
    assert [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")] == list(ODD[::-1])
    assert root.findtext(f"{ATOM}title") == "Signatories: Права & <b>суд</b> ]]>"
    assert len(entries) == len(ODD)


@pytest.mark.parametrize("escape", [r"\uFFFE", r"\uFFFF", r"\x01", r"\x7f", r"\U0010FFFF", r"\u0085"])
def test_a_character_that_xml_cannot_hold_never_reaches_the_feed(site_on_sqlite: Site, escape: str) -> None:
    try:
        site_on_sqlite.publish(cast.statement(title=f'"Open {escape} archives"'))
    except InvalidSource:
        assert site_on_sqlite.browser.get(FEED).status_code == 404
    else:
        parsed(site_on_sqlite)


@pytest.mark.parametrize("prefix", ["/be", "/ru"])
def test_the_feed_is_one_in_every_language_of_the_site(site_on_sqlite: Site, prefix: str) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    own, other = parsed(site_on_sqlite), parsed(site_on_sqlite, prefix + FEED)
    assert (other.feed.id, [entry.id for entry in other.entries]) == (own.feed.id, [entry.id for entry in own.entries])


def test_the_language_of_the_feed_is_the_statements(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST, language="be", title="Рачны архіў"))
    assert parsed(site_on_sqlite).feed.language == "be"
    assert parsed(site_on_sqlite).feed.title.endswith("Рачны архіў")


def test_the_newest_hundred_stand_in_the_feed(site_on_sqlite: Site) -> None:
    site = site_on_sqlite
    site.publish(cast.statement(front=many(130) + AUTOMATIC))
    site.signed()
    site.work()
    titles = [entry.title for entry in parsed(site).entries]
    assert len(titles) == 100
    assert titles[:2] == ["Fictional House of Rivers", "House 130"]
