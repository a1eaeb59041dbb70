"""Every face for programs is valid at any length of the list: nobody is left out, nobody comes twice."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.db import Database
from tests import cast
from tests.feeds.lists import LIST, Json, crowd, got, pages
from tests.feeds.test_atom import ATOM, NOT_XML
from tests.feeds.test_json_feed import VALIDATOR
from tests.site import ORIGIN, Site
from tests.test_names import HOSTILE
from tests.web.markup import parse

S = f"/statements/{cast.SLUG}"
NAMES = ("Alena Invented", "Мікола Выдуманы", "Łucja & 'Co'", '"Bread" <b>and</b> Roses', "ნინო გამოგონილი", "نادية المختلقة", "山田 太郎", "a,b;c", "=1+1")
HOSTILE_NAMES = [one["value"] for one in HOSTILE if "\0" not in one["value"]]
SIZES = (1, 100, 10_000)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(scope="module", params=SIZES, ids="{:,}".format)
def listed(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, int]]:
    """A site with a list of that length, for reading."""
    folder = tmp_path_factory.mktemp("long")
    shutil.copy(sqlite_template, folder / "undersigned.sqlite3")
    database = Database(f"sqlite:///{folder / 'undersigned.sqlite3'}")
    with Site(database, folder) as site:
        site.publish(cast.statement())
        crowd(site, [NAMES[number % len(NAMES)] for number in range(request.param)])
        yield site, request.param
    database.engine.dispose()


def test_the_pages_of_the_feed_hold_everybody_once_newest_first(listed: tuple[Site, int]) -> None:
    site, size = listed
    feeds = list(pages(site, f"{S}/feed.json", "next_url"))
    for feed in feeds if size < 1000 else (feeds[0], feeds[1], feeds[-1]):
        VALIDATOR.validate(feed)
    items = [item for feed in feeds for item in feed["items"]]
    assert [item["id"] for item in items] == [f"{ORIGIN}{S}/signatories#s{number}" for number in range(size, 0, -1)]
    assert {bool(_MOMENT.fullmatch(item["date_published"])) for item in items} == {True}
    addresses = [feed["feed_url"] for feed in feeds]
    assert addresses == [f"{ORIGIN}{S}/feed.json", *(feed["next_url"] for feed in feeds[:-1])]
    assert len(set(addresses)) == len(feeds)
    assert max(len(json.dumps(feed, ensure_ascii=False).encode()) for feed in feeds) < 100_000, "a feed is light (JSON Feed 1.1)"


def test_the_link_of_an_item_leads_to_a_page_that_shows_it(listed: tuple[Site, int]) -> None:
    site, size = listed
    for place in {"feed.json", f"feed.json?before={size // 2 + 1}", "feed.json?before=2"}:
        for item in site.browser.get(f"{S}/{place}").json()["items"][:3]:
            page = parse(site.browser.get(item["url"]).text)
            assert page.one("li", id=f"s{item['_undersigned']['number']}").one("b").text.startswith(item["_undersigned"]["name"].split()[0])


def test_the_pages_of_the_list_hold_everybody_once_in_order(listed: tuple[Site, int]) -> None:
    site, size = listed
    found = list(pages(site, LIST, "next"))
    assert [item["number"] for page in found for item in page["items"]] == list(range(1, size + 1))
    assert {sum(page["counts"].values()) for page in found} == {size}
    assert [len(page["items"]) for page in found] == [100] * (size // 100) + [size % 100] * (size % 100 > 0)
    assert found[-1]["next"] is None


def test_the_files_hold_what_the_pages_hold(listed: tuple[Site, int]) -> None:
    site, size = listed
    *lines, end = site.browser.get(f"{S}/signatories.ndjson").text.split("\n")
    items: list[Json] = [json.loads(line) for line in lines]
    assert ([item["number"] for item in items], end) == (list(range(1, size + 1)), "")
    for after in {0, size // 2, max(0, size - 100)}:
        assert got(site, f"{LIST}?after={after}")["items"] == items[after : after + 100]
    header, *rows = csv.reader(io.StringIO(site.browser.get(f"{S}/signatories.csv").content.decode("utf-8-sig"), newline=""))
    assert [_typed(dict(zip(header, row, strict=True))) for row in rows] == [{name: _text(value) for name, value in item.items()} for item in items]


def _typed(row: dict[str, str]) -> dict[str, str]:
    """Without the sign that keeps a cell from being a formula."""
    return {name: cell.removeprefix("'") for name, cell in row.items()}


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_atom_holds_what_the_standard_requires(listed: tuple[Site, int]) -> None:
    site, size = listed
    held(site.browser.get(f"{S}/feed.atom").content, min(size, 100))


def held(content: bytes, entries: int) -> list[ET.Element]:
    """RFC 4287, 4.1.1 and 4.1.2, as far as this feed goes; its entries."""
    assert not NOT_XML.search(content.decode())
    feed = ET.fromstring(content)
    found = feed.findall(f"{ATOM}entry")
    assert (feed.tag, bool(feed.attrib[_XML_LANG]), len(found)) == (f"{ATOM}feed", True, entries)
    assert len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1
    for one in (feed, *found):
        assert [len(one.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        links = [(link.attrib.get("rel", "alternate"), link.attrib.get("type"), link.attrib.get("hreflang")) for link in one.findall(f"{ATOM}link")]
        assert len(set(links)) == len(links), "4.1.1: no two alternate links of one type and language"
        assert all(link.attrib["href"].startswith(ORIGIN) for link in one.findall(f"{ATOM}link"))
        assert _MOMENT.fullmatch(one.findtext(f"{ATOM}updated") or "")
    ids = [one.findtext(f"{ATOM}id") for one in (feed, *found)]
    assert len(set(ids)) == len(ids)
    newest = max((_moment(entry) for entry in found), default=_moment(feed))
    assert _moment(feed) >= newest
    return found


def _moment(element: ET.Element) -> datetime:
    return datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")


def test_hostile_names_break_no_face(site_on_sqlite: Site) -> None:
    """Names as the form would never let them in: markup, formulas, marks without end, what XML cannot hold."""
    site_on_sqlite.publish(cast.statement())
    names = [*HOSTILE_NAMES, *(f"Ann{chr(code)}Odd" for code in (*range(1, 32), 0x7F, 0x85, 0x2028, 0xFFFE, 0xFFFF, 0x1FFFE)), "]]>", "&#0;", "<!--", "<?xml?>"]
    for start in range(0, len(names), 100):
        some = names[start : start + 100]
        crowd(site_on_sqlite, some)
        feed: Json = site_on_sqlite.browser.get(f"{S}/feed.json").json()
        VALIDATOR.validate(feed)
        assert [item["_undersigned"]["name"] for item in feed["items"]][: len(some)] == some[::-1]
        entries = held(site_on_sqlite.browser.get(f"{S}/feed.atom").content, len(feed["items"]))
        assert all(entry.findtext(f"{ATOM}title") for entry in entries)
    lines = site_on_sqlite.browser.get(f"{S}/signatories.ndjson").content.decode().split("\n")
    assert [json.loads(line)["name"] for line in lines[:-1]] == names
    rows = list(csv.reader(io.StringIO(site_on_sqlite.browser.get(f"{S}/signatories.csv").content.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(names) + 1
