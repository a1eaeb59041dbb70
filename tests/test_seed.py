"""The real appeal, from its page to every face of the list."""

import csv
import hashlib
import io
import re
import unicodedata

import pytest

from app.db import Database
from app.statements import queries
from tests.site import Site
from tests.statements.seed import Appeal, parse
from tests.statements.tree import Node, tree

SLUG = "restorative-measures"
AT = f"/statements/{SLUG}"


@pytest.fixture(scope="session")
def appeal(seed: str) -> Appeal:
    return parse(seed)


@pytest.fixture
def published(site: Site, appeal: Appeal) -> Site:
    site.publish(appeal.file(SLUG))
    return site


def page(site: Site, url: str) -> Node:
    answer = site.browser.get(url)
    assert answer.status_code == 200
    return tree(answer.text)


def section(of: Node, title: str) -> Node:
    return next(node for node in of.all("section") if node.all("h2") and node.one("h2").text == title)


def test_the_parser_finds_every_part_and_loses_no_word(seed: str, appeal: Appeal) -> None:
    counts = [len(part) for part in (appeal.demands, appeal.legislative, appeal.signatories, appeal.related, appeal.news)]
    assert counts == [5, 2, 7, 3, 3]
    assert [item.language for item in appeal.news] == ["be", "be", "en"]
    assert [" of " in one.role for one in appeal.signatories] == [False, False, False, True, False, False, False]
    words = re.findall(r"\w+", appeal.title + " " + appeal.lede + " " + appeal.body)
    assert words == re.findall(r"\w+", seed)[: len(words)]


def test_the_page_shows_five_demands_two_legislative_ones_and_the_closing_in_order(published: Site, appeal: Appeal) -> None:
    shown = page(published, AT)
    body = shown.one("div", "body")
    assert (shown.one("h1").text, shown.one("p", "lede").text) == (appeal.title, appeal.lede)
    assert [node.tag for node in body.elements] == ["p"] * len(appeal.preamble) + ["ol"] + ["p"] * len(appeal.transition) + ["ul", "p"]
    assert [item.text for item in body.one("ol").all("li")] == list(appeal.demands)
    assert [item.text for item in body.one("ul").all("li")] == list(appeal.legislative)
    assert body.elements[-1].text == appeal.closing
    assert body.attrs["lang"] == "en"


def test_the_page_shows_seven_first_signatories_in_order(published: Site, appeal: Appeal) -> None:
    items = page(published, AT).one("ul", "first").all("li")
    assert [(item.one("b").text, item.one("span").text) for item in items] == [(one.name, f"{one.role}, {one.organisation}") for one in appeal.signatories]
    assert {item.attrs["lang"] for item in items} == {"en"}
    assert page(published, AT).one("h2", "count").text == "7 organisations have signed."


@pytest.mark.parametrize("prefix", ["", "/be", "/ru"])
def test_related_articles_and_news_carry_their_own_language(published: Site, appeal: Appeal, prefix: str) -> None:
    shown = page(published, prefix + AT)
    about = [node for node in shown.all("section", "aside") if node.all("ul", "plain-list")]
    related = about[0].all("li")
    assert [(item.text, item.attrs["lang"]) for item in related] == [(title, "en") for title in appeal.related]
    news = shown.one("ul", "news").elements
    assert [item.one("time").attrs["datetime"] for item in news] == [item.date for item in appeal.news]
    assert [item.one("div").attrs["lang"] for item in news] == ["be", "be", "en"]
    assert [(item.one("b").text, item.one("p").text) for item in news] == [(item.title, item.summary) for item in appeal.news]


def test_the_json_holds_the_same_in_the_same_order(published: Site, appeal: Appeal) -> None:
    found = published.browser.get(f"{AT}.json").json()
    assert (found["title"], found["summary"], found["language"], found["addressees"]) == (appeal.title, appeal.lede, "en", [])
    assert found["related"] == [{"title": title, "url": None, "language": "en"} for title in appeal.related]
    told = [(item["date"], item["title"], item["summary"], item["language"], item["url"]) for item in found["news"]]
    assert told == [(item.date, item.title, item.summary, item.language, None) for item in appeal.news]
    assert found["counts"] == {"organisations": 7, "individuals": 0, "withheld": 0}
    assert (found["revision"]["number"], found["state"]) == (1, "open")


def test_the_list_holds_the_seven_as_page_json_csv_and_feed(published: Site, appeal: Appeal) -> None:
    wanted = [(one.name, one.role, one.organisation) for one in appeal.signatories]
    items = published.browser.get(f"{AT}/signatories.json").json()["items"]
    assert [(item["name"], item["role"], item["organisation"]) for item in items] == wanted
    assert [item["number"] for item in items] == [1, 2, 3, 4, 5, 6, 7]
    assert {(item["kind"], item["first"], item["source"], item["language"], item["revision"]) for item in items} == {
        ("organisation", True, "secretariat", "en", 1)
    }
    lines = csv.DictReader(io.StringIO(published.browser.get(f"{AT}/signatories.csv").content.decode("utf-8-sig")))
    assert [(line["name"], line["role"], line["organisation"]) for line in lines] == wanted
    shown = page(published, f"{AT}/signatories").one("ol", "signatories").all("li")
    assert [(item.one("b").text, item.one("span").text) for item in shown] == [(organisation, f"{name}, {role}") for name, role, organisation in wanted]
    feed = published.browser.get(f"{AT}/feed.json").json()["items"]
    assert [item["_undersigned"]["organisation"] for item in reversed(feed)] == [one.organisation for one in appeal.signatories]


def test_the_canonical_text_is_the_contract_byte_for_byte(published: Site, appeal: Appeal) -> None:
    served = published.browser.get(f"{AT}.txt").content
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", f"{appeal.title}\n\n{appeal.lede}\n\n{appeal.body}").split("\n")]
    assert served == ("\n".join(lines) + "\n").encode()
    found = published.browser.get(f"{AT}.json").json()
    told = {found["revision"]["fingerprint"], *(text["fingerprint"] for text in found["texts"])}
    assert told == {hashlib.sha256(served).hexdigest()}
    assert hashlib.sha256(served).hexdigest() in published.browser.get(AT).text


def test_the_rows_keep_the_text_once_and_the_names_sealed(published: Site, appeal: Appeal) -> None:
    rows = published.rows()
    assert [row.organisation for row in sorted(rows, key=lambda row: row.position)] == [one.organisation for one in appeal.signatories]
    assert all(row.particulars and one.name.encode() not in row.particulars for row in rows for one in appeal.signatories)
    assert published.letters() == []
    assert texts(published.database) == 1


def texts(database: Database) -> int:
    with database.reading() as session:
        return len(queries.texts(session, queries.revision(session, queries.get(session, SLUG))))
