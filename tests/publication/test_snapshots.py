"""Public addresses are answered from ready bytes, never from yesterday's."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from app.publication import snapshots as kept
from app.publication.fastlane import FastLane
from app.publication.snapshots import Snapshots
from tests import cast
from tests.feeds.lists import AUTOMATIC
from tests.signatures.hands import staff, together
from tests.site import Site

PAGE = f"/statements/{cast.SLUG}"
FACES = (
    *("/", "/be/", PAGE, f"/be{PAGE}", f"{PAGE}/signatories", f"{PAGE}/signatories?order=name", f"{PAGE}/signatories.json", f"{PAGE}.json"),
    f"{PAGE}/signatories?q=&kind=individual&country=&order=signed",
    *(f"{PAGE}.txt", f"{PAGE}/feed.json", f"{PAGE}/feed.atom", f"/embed/{cast.SLUG}", f"/badge/{cast.SLUG}.svg", f"/be/badge/{cast.SLUG}.svg"),
    *(f"{PAGE}/card.png", f"/be{PAGE}/card.png", f"{PAGE}/qr.svg"),
)


def lane(site: Site) -> Snapshots:
    """Its snapshots, after a look at the states."""
    app: Any = site.app
    assert isinstance(app, FastLane)
    site.wait(app.snapshots.look())
    return app.snapshots


@pytest.fixture
def statements(site: Site) -> Iterator[list[str]]:
    """Every statement the database is asked from now on."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    event.listen(site.database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(site.database.engine, "before_cursor_execute", note)


def published(site: Site) -> None:
    site.publish(cast.statement(AUTOMATIC), be=cast.belarusian())
    site.signed()
    site.work()


def head(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"etag", "vary", "content-encoding", "content-length"}}


def test_a_ready_answer_is_the_same_and_asks_no_database(site: Site, statements: list[str]) -> None:
    published(site)
    before = {face: site.browser.get(face) for face in FACES}
    lane(site)
    built = {face: site.browser.get(face) for face in FACES}
    statements.clear()
    ready = {face: site.browser.get(face) for face in FACES}
    assert statements == []
    for face in FACES:
        assert (ready[face].content, head(ready[face])) == (before[face].content, head(before[face])), face
        assert (ready[face].content, ready[face].headers) == (built[face].content, built[face].headers), face


def test_each_form_has_its_etag_and_whoever_has_one_is_sent_nothing(site_on_sqlite: Site) -> None:
    published(site_on_sqlite)
    lane(site_on_sqlite)
    get = site_on_sqlite.browser.get
    packed, plain = get(PAGE, headers={"Accept-Encoding": "br, gzip"}), get(PAGE, headers={"Accept-Encoding": "identity"})
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert (packed.content == plain.content, packed.headers["etag"] == plain.headers["etag"]) == (True, False)
    assert {one.headers["vary"] for one in (packed, plain)} == {"Accept-Encoding"}
    for known in (packed.headers["etag"], plain.headers["etag"], f'"other", W/{plain.headers["etag"]}', "*"):
        answer = get(PAGE, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, "etag" in answer.headers, "content-security-policy" in answer.headers) == (304, b"", True, True)
    assert get(PAGE, headers={"If-None-Match": '"another"'}).status_code == 200
    assert get(PAGE, headers=[("If-None-Match", plain.headers["etag"]), ("If-None-Match", '"another"')]).status_code == 304
    answer = site_on_sqlite.browser.head(PAGE)
    assert (answer.status_code, answer.content, int(answer.headers["content-length"]) > 0) == (200, b"", True)


@pytest.mark.parametrize(
    ("wanted", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=1.0, *;q=0", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("", False),
    ],
)
def test_whoever_refuses_a_form_is_not_sent_it(site_on_sqlite: Site, wanted: str, packed: bool) -> None:
    published(site_on_sqlite)
    lane(site_on_sqlite)
    answer = site_on_sqlite.browser.get(PAGE, headers={"Accept-Encoding": wanted})
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert "Magalithidze" in answer.text


def test_what_changed_is_read_after_the_next_look_and_nothing_of_the_old_is_kept(site: Site) -> None:
    published(site)
    snapshots = lane(site)
    for face in FACES:
        site.browser.get(face)
    site.signed(organisation="Second Invented House", website="", email="second@post-office.org")
    site.work()
    moderator = staff(site)
    site.wait(snapshots.look())
    assert "Second Invented House" in site.browser.get(f"{PAGE}/signatories").text
    for row in site.rows():
        assert moderator.post(f"/console/signatures/{row.id}/remove", {"code": "other"}).status_code == 303
    assert [face for face in FACES if b"Second Invented House" in site.browser.get(face).content] == []
    assert not any(b"Invented" in one.plain.body["body"] for one in snapshots._kept.values())


def test_who_acted_reads_what_they_did_before_any_look(site: Site) -> None:
    published(site)
    lane(site)
    moderator = staff(site)
    assert "Magalithidze" in moderator.get(PAGE).text
    assert moderator.post(f"/console/statements/{cast.SLUG}/panic/hide").status_code == 303
    assert "Magalithidze" not in moderator.get(PAGE).text


def test_published_anew_a_statement_shows_its_news(site: Site) -> None:
    published(site)
    snapshots = lane(site)
    assert "A heavy rain" not in site.browser.get(PAGE).text
    site.publish(cast.statement(f"{AUTOMATIC}news:\n  - {{date: 2026-11-24, title: A heavy rain}}\n"), be=cast.belarusian())
    site.wait(snapshots.look())
    assert "A heavy rain" in site.browser.get(PAGE).text


def test_many_who_ask_at_once_cost_one_building(site: Site, statements: list[str]) -> None:
    published(site)
    lane(site)
    statements.clear()
    site.browser.get(PAGE)
    once = len(statements)
    site.browser.get(f"/be{PAGE}")
    statements.clear()
    answers = together(site, [site.new_browser().client.get(f"{PAGE}/signatories") for _ in range(30)])
    assert {answer.status_code for answer in answers} == {200}
    assert len(statements) < 3 * once


def test_many_who_read_after_an_act_share_one_look(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    published(site)
    snapshots = lane(site)
    looks, read = list[int](), snapshots._read

    def counted() -> Mapping[str, bytes]:
        looks.append(1)
        return read()

    monkeypatch.setattr(snapshots, "_read", counted)
    snapshots.doubt()
    answers = together(site, [site.new_browser().client.get(face) for face in FACES for _ in range(5)])
    assert ({answer.status_code for answer in answers}, len(looks)) == ({200}, 1)


def test_without_a_database_the_last_good_answers_stand(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    published(site_on_sqlite)
    snapshots = lane(site_on_sqlite)
    before = {face: site_on_sqlite.browser.get(face).content for face in FACES}

    def gone() -> None:
        raise OSError("the server is away")

    monkeypatch.setattr(site_on_sqlite.database, "reading", gone)
    snapshots.doubt()
    assert {face: site_on_sqlite.browser.get(face).content for face in FACES} == before


def test_what_is_kept_has_bounds(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    published(site_on_sqlite)
    monkeypatch.setattr(kept, "BYTES", 200_000)
    snapshots = lane(site_on_sqlite)
    for number in range(60):
        assert site_on_sqlite.browser.get(f"{PAGE}/signatories.json?after={number}").status_code == 200
        assert site_on_sqlite.browser.get(f"{PAGE}/signatories?country={number}").status_code == 200
    assert 0 < sum(one.size for one in snapshots._kept.values()) <= 200_000
    assert snapshots._size == sum(one.size for one in snapshots._kept.values())


@pytest.mark.parametrize("path", [f"{PAGE}/signatories?q=rivers", f"{PAGE}?utm=1", f"{PAGE}/sign", "/privacy", f"/xx{PAGE}", "/statements/nobody", f"{PAGE}/"])
def test_other_addresses_are_answered_as_ever(site_on_sqlite: Site, path: str) -> None:
    published(site_on_sqlite)
    before = site_on_sqlite.browser.get(path)
    snapshots = lane(site_on_sqlite)
    after = site_on_sqlite.browser.get(path)
    assert (after.status_code, len(snapshots._kept)) == (before.status_code, 0)


@pytest.mark.parametrize("query", ["kind=nobody", "order=none"])
def test_a_refusal_comes_although_the_request_can_be_read_only_once(site_on_sqlite: Site, query: str) -> None:
    """As a server hands it over: a second read waits until the reader leaves."""
    published(site_on_sqlite)
    lane(site_on_sqlite)
    said, given = list[Any](), iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        message = next(given, None)
        return message or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        said.append(message)

    path = f"{PAGE}/signatories"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
        "client": ("127.0.0.1", 1),
    }
    site_on_sqlite.wait(asyncio.wait_for(site_on_sqlite.app(scope, receive, send), 5))
    assert 400 <= said[0]["status"] < 500


def test_it_looks_by_itself(site_on_sqlite: Site) -> None:
    published(site_on_sqlite)
    app: Any = site_on_sqlite.app

    async def watching() -> bool:
        task = asyncio.create_task(app.snapshots.watch())
        await asyncio.sleep(0.5)
        task.cancel()
        return app.snapshots.state(cast.SLUG) is not None

    assert site_on_sqlite.wait(watching())
