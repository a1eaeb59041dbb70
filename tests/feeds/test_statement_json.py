"""The statement as JSON, version 1: exact keys, a stored picture, and fingerprints that anyone can recompute."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests import cast
from tests.feeds.lists import AUTOMATIC, Json, got
from tests.site import ORIGIN, Site

SNAPSHOTS = Path(__file__).with_name("snapshots")
PATH = f"/statements/{cast.SLUG}.json"
PAPERS = """related:
  - {title: What the law says, url: "https://elsewhere.example/law", language: en}
  - {title: Рака і людзі, language: be}
news:
  - {date: 2026-11-20, title: A hearing is called, summary: On the third of December., url: "https://elsewhere.example/hearing", language: en}
  - {date: 2026-11-21, title: Слуханні прызначаны, language: be}
goal: 500
opens: 2026-01-02 09:00 Europe/Minsk
closes: 2099-12-15 18:00 Europe/Minsk
"""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\dZ")


def masked(found: Any) -> Any:
    """The same with what changes from run to run put out of sight: well-formed moments, and the day of a signature."""
    if isinstance(found, list):
        return [masked(one) for one in found]
    if not isinstance(found, dict):
        return found
    hidden = {key: "MOMENT" for key in ("published", "as_of", "date_published") if _MOMENT.fullmatch(str(found.get(key)))}
    hidden |= {"date": "DAY"} if "number" in found and _DAY.fullmatch(str(found.get("date"))) else {}
    return {key: hidden.get(key) or masked(value) for key, value in found.items()}


def compare(name: str, found: Json) -> None:
    """Against the stored picture; UNDERSIGNED_TEST_SNAPSHOTS=write takes a new one."""
    path = SNAPSHOTS / name
    text = json.dumps(masked(found), ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("UNDERSIGNED_TEST_SNAPSHOTS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def furnished(site: Site) -> Site:
    site.publish(cast.statement(front=cast.FIRST + PAPERS + AUTOMATIC), be=cast.belarusian())
    site.signed()
    site.signed(kind="individual")
    site.work()
    return site


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("statement.json", PATH),
        ("signatories.json", f"/statements/{cast.SLUG}/signatories.json"),
        ("changes.json", f"/statements/{cast.SLUG}/signatories.json?since=1"),
        ("feed.json", f"/statements/{cast.SLUG}/feed.json"),
    ],
)
def test_the_json_is_as_it_was_published(furnished: Site, name: str, path: str) -> None:
    compare(name, got(furnished, path))


def test_the_smallest_statement_has_every_key_too(site: Site) -> None:
    site.publish(cast.statement(summary="", date="", place="", addressees=""))
    found = got(site, PATH)
    compare("smallest_statement.json", found)
    assert list(found) == list(json.loads((SNAPSHOTS / "statement.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("dates", "state", "opens", "closes"),
    [
        ("", "open", None, None),
        ("opens: 2099-01-01 10:00 Europe/Minsk\n", "scheduled", "2099-01-01T07:00:00Z", None),
        ("closes: 2020-12-15 18:00 Europe/Minsk\n", "closed", None, "2020-12-15T15:00:00Z"),
        ("opens: 2020-07-01 10:00 Europe/London\ncloses: 2099-07-01 10:00 Europe/London\n", "open", "2020-07-01T09:00:00Z", "2099-07-01T09:00:00Z"),
    ],
)
def test_state_and_times_follow_the_file(site: Site, dates: str, state: str, opens: str | None, closes: str | None) -> None:
    site.publish(cast.statement(front=dates))
    found = got(site, PATH)
    assert (found["state"], found["opens"], found["closes"]) == (state, opens, closes)


def test_the_fingerprint_is_the_sha256_of_the_text_in_every_language(site: Site) -> None:
    site.publish(be=cast.belarusian())
    found = got(site, PATH)
    for text in found["texts"]:
        assert hashlib.sha256(site.browser.get(text["text_url"]).content).hexdigest() == text["fingerprint"]
        assert text["fingerprint"] in site.browser.get(text["url"]).text
    assert found["revision"]["fingerprint"] == found["texts"][0]["fingerprint"]
    assert found["languages"] == [text["language"] for text in found["texts"]] == ["en", "be"]


@pytest.mark.parametrize("code", ["fr", "uk"])
def test_a_translation_into_any_language_can_be_read_and_verified(site_on_sqlite: Site, code: str) -> None:
    """A page's own words have three languages; a statement may be translated into any."""
    other = cast.belarusian().replace("language: be", f"language: {code}")
    site_on_sqlite.publish(None, **{code: other})
    text = next(one for one in got(site_on_sqlite, PATH)["texts"] if one["language"] == code)
    answer = site_on_sqlite.browser.get(text["text_url"])
    assert hashlib.sha256(answer.content).hexdigest() == text["fingerprint"]
    page = site_on_sqlite.browser.get(text["url"])
    assert page.status_code == 200
    assert "Адкрыйце архівы рачной камісіі" in page.text


def test_the_text_is_canonical(site: Site) -> None:
    slug = site.publish(cast.statement(title="Ope\u0301n", body="One  \n\n\n\ntwo\t\n- three\n\n"))
    expected = (
        "Op\u00e9n\n\nTo: The Ministry of Waters; The Regional Council\n\nForty organisations ask for steps that need no new law.\n\nOne\n\ntwo\n- three\n"
    )
    assert site.browser.get(f"/statements/{slug}.txt").content == expected.encode()


def test_all_addresses_in_the_json_are_full_and_answer(furnished: Site) -> None:
    found = got(furnished, PATH)
    addresses = [found[name] for name in ("url", "signatories_url", "feed_url")] + [text[name] for text in found["texts"] for name in ("url", "text_url")]
    assert [address for address in addresses if not address.startswith(f"{ORIGIN}/")] == []
    assert {furnished.browser.get(address).status_code for address in addresses} == {200}


def test_counts_agree_on_every_face(furnished: Site) -> None:
    counts = {"organisations": 3, "individuals": 2, "withheld": 0}
    assert got(furnished, PATH)["counts"] == counts
    assert got(furnished, f"/statements/{cast.SLUG}/signatories.json")["counts"] == counts
    assert got(furnished, f"/statements/{cast.SLUG}/feed.json")["_undersigned"]["counts"] == counts
    assert "3 organisations and 2 people have signed." in furnished.browser.get(f"/statements/{cast.SLUG}").text


def test_what_stands_outside_the_text_changes_without_a_new_revision(site: Site) -> None:
    site.publish()
    before = got(site, PATH)
    site.publish(cast.statement(front=PAPERS))
    after = got(site, PATH)
    assert (after["revision"], after["texts"]) == (before["revision"], before["texts"])
    assert (after["goal"], len(after["news"]), len(after["related"])) == (500, 2, 2)
