"""`Last-Modified`, and readers who ask by date alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx
import pytest

from app.clock import utcnow
from app.publication.dating import Dates, http_date
from tests.publication.test_snapshots import FACES, PAGE, lane, published
from tests.site import Site

AT = datetime(2026, 11, 26, 9, 0, 0, 400_000, tzinfo=UTC)
Settle = Callable[[Site], None]


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch) -> Settle:
    """Let three seconds pass, and the node look."""
    passed = timedelta()

    def act(site: Site) -> None:
        nonlocal passed
        snapshots = lane(site)
        passed += timedelta(seconds=3)
        for module in ("snapshots", "fastlane"):
            monkeypatch.setattr(f"app.publication.{module}.utcnow", lambda: utcnow() + passed)
        site.wait(snapshots.look())

    return act


def dated(answer: httpx.Response) -> datetime:
    return parsedate_to_datetime(answer.headers["last-modified"])


def http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def test_every_ready_face_says_since_when_it_stands(site: Site, settle: Settle) -> None:
    published(site)
    settle(site)
    began = utcnow()
    answers = [site.browser.get(face) for face in FACES for _ in range(2)]
    assert {abs(dated(answer) - began) < timedelta(seconds=5) for answer in answers} == {True}
    assert len({answer.headers["last-modified"] for answer in answers}) == 1
    assert {len(answer.headers.get_list("last-modified")) for answer in answers} == {1}
    head = site.browser.head(PAGE)
    assert (head.content, head.headers["last-modified"]) == (b"", answers[0].headers["last-modified"])


def test_a_state_is_not_dated_before_every_node_has_seen_it(site_on_sqlite: Site, settle: Settle) -> None:
    published(site_on_sqlite)
    assert "last-modified" not in site_on_sqlite.browser.get(PAGE).headers, "nobody has looked yet"
    lane(site_on_sqlite)
    answer = site_on_sqlite.browser.get(PAGE, headers={"If-Modified-Since": http(utcnow())})
    assert (answer.status_code, "last-modified" in answer.headers) == (200, False)
    settle(site_on_sqlite)
    assert "last-modified" in site_on_sqlite.browser.get(PAGE).headers


def test_what_changed_has_a_later_date_and_is_sent_to_those_who_have_the_earlier(site: Site, settle: Settle) -> None:
    published(site)
    settle(site)
    before = {face: site.browser.get(face) for face in FACES}
    site.signed(organisation="Second Invented House", website="", email="second@post-office.org")
    site.work()
    settle(site)
    for face in FACES:
        answer = site.browser.get(face, headers={"If-Modified-Since": before[face].headers["last-modified"]})
        assert (answer.status_code, dated(answer) > dated(before[face])) == (200, True), face


ASKED: dict[str, tuple[dict[str, str], int]] = {
    "the date itself": ({"If-Modified-Since": "{date}"}, 304),
    "a second later": ({"If-Modified-Since": "{later}"}, 304),
    "in the form of RFC 850": ({"If-Modified-Since": "{rfc850}"}, 304),
    "in the form of asctime": ({"If-Modified-Since": "{asctime}"}, 304),
    "a second earlier": ({"If-Modified-Since": "{earlier}"}, 200),
    "a date to come": ({"If-Modified-Since": "{future}"}, 200),
    "long ago": ({"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 200),
    "nothing": ({"If-Modified-Since": ""}, 200),
    "words": ({"If-Modified-Since": "yesterday"}, 200),
    "another zone": ({"If-Modified-Since": "{zoned}"}, 200),
    "as ISO has it": ({"If-Modified-Since": "{iso}"}, 200),
    "no such day": ({"If-Modified-Since": "Thu, 32 Nov 2026 09:00:00 GMT"}, 200),
    "the year nought": ({"If-Modified-Since": "Sat, 01 Jan 0000 00:00:00 GMT"}, 200),
    "very much": ({"If-Modified-Since": "{date}" * 200}, 200),
    "two dates": ({"If-Modified-Since": "{date}, {date}"}, 200),
    "an unknown ETag beats the date": ({"If-Modified-Since": "{date}", "If-None-Match": '"another"'}, 200),
    "a known ETag beats the date": ({"If-Modified-Since": "{earlier}", "If-None-Match": "{etag}"}, 304),
}


@pytest.mark.parametrize(("headers", "status"), ASKED.values(), ids=ASKED)
def test_who_asks_by_date_is_answered_by_date(site_on_sqlite: Site, settle: Settle, headers: dict[str, str], status: int) -> None:
    published(site_on_sqlite)
    settle(site_on_sqlite)
    known = site_on_sqlite.browser.get(PAGE)
    at = dated(known)
    words = {
        "date": http(at),
        "later": http(at + timedelta(seconds=1)),
        "earlier": http(at - timedelta(seconds=1)),
        "future": http(at + timedelta(hours=1)),
        "rfc850": f"{at:%A, %d-%b-%y %H:%M:%S} GMT",
        "asctime": f"{at:%a %b} {at.day:2} {at:%H:%M:%S %Y}",
        "zoned": format_datetime(at),
        "iso": at.isoformat(),
        "etag": known.headers["etag"],
    }
    asked = {name: value.format(**words) for name, value in headers.items()}
    for method in ("GET", "HEAD"):
        answer: httpx.Response = site_on_sqlite.wait(site_on_sqlite.browser.client.request(method, PAGE, headers=asked))
        assert answer.status_code == status
        assert (answer.content != b"") == (status == 200 and method == "GET")
        assert (answer.headers["etag"], "last-modified" in answer.headers) == (known.headers["etag"], status == 200)


def test_a_state_that_comes_back_has_a_date_of_its_own() -> None:
    dates = Dates()
    for second, state in enumerate((b"a", b"a", b"a", b"b", b"a", b"a", b"a")):
        dates.saw({"one": state}, AT + timedelta(seconds=second))
    found = dates.of("one", b"a")
    assert found
    assert found.moment == AT.replace(microsecond=0) + timedelta(seconds=6)
    assert (dates.of("one", b"b"), dates.of("two", b"a")) == (None, None)


def test_two_nodes_never_give_one_date_to_two_states() -> None:
    """Whoever was given the earlier state with its date gets the later one from any node, though both moved within a second."""
    looks = [AT + timedelta(milliseconds=step) for step in range(0, 8000, 250)]
    for offset in range(0, 250, 50):
        given: dict[bytes, set[datetime]] = {b"early": set(), b"late": set()}
        for node in (0, offset):
            dates = Dates()
            for look in (moment + timedelta(milliseconds=node) for moment in looks):
                state = b"early" if look < looks[10] else b"late"
                dates.saw({"one": state}, look)
                if found := dates.of("one", state):
                    given[state].add(found.moment)
        assert max(given[b"early"]) < min(given[b"late"])


def test_the_three_forms_are_one_date() -> None:
    forms = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994")
    assert {http_date(form) for form in forms} == {datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)}
