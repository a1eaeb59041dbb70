"""One table of security headers over every address outside the console, whatever the answer is and wherever it comes from."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.db import Database
from app.widget.script import version
from tests import cast
from tests.accounts.test_rights import application
from tests.publication.test_snapshots import lane
from tests.site import ORIGIN, Site
from tests.web.production import BASE, production

ADDRESSES = {
    **dict.fromkeys(("/", "/privacy", "/docs/api", "/robots.txt", "/favicon.ico", "/healthz", "/readyz"), "page"),
    **dict.fromkeys(("/statements/{slug}", "/statements/{slug}/signatories", "/statements/{slug}/sign", "/statements/{slug}/challenge"), "page"),
    **dict.fromkeys(("/statements/{slug}/check-your-mail", "/confirm/{token}", "/manage/{token}", "/answer/{token}", "/report/{slug}/{number}"), "page"),
    **dict.fromkeys(("/preview/{token}", "/dev/mailbox", "/dev/mailbox/{mail_id}"), "page"),
    **dict.fromkeys(("/openapi.json", "/oembed", "/widget.js", "/widget/{version}.js", "/badge/{slug}.svg"), "open"),
    **dict.fromkeys((f"/statements/{{slug}}{end}" for end in (".json", ".txt", "/history.json", "/feed.json", "/feed.atom", "/card.png", "/qr.svg")), "open"),
    **dict.fromkeys((f"/statements/{{slug}}/signatories.{end}" for end in ("json", "csv", "ndjson")), "open"),
    "/statements/{slug}/embed": "framing",
    "/embed/{slug}": "embed",
}
"""Every route that needs no account, and which row of `HEADERS` it has."""
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
HEADERS: dict[str, dict[str, str | None]] = {
    "page": {"x-frame-options": "DENY", "cross-origin-resource-policy": "same-origin", "access-control-allow-origin": None},
    "framing": {"x-frame-options": "DENY", "cross-origin-resource-policy": "same-origin", "access-control-allow-origin": None},
    "open": {"x-frame-options": "DENY", "cross-origin-resource-policy": "cross-origin", "access-control-allow-origin": "*"},
    "embed": {"x-frame-options": None, "cross-origin-resource-policy": "cross-origin", "access-control-allow-origin": None},
}
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin",
    "cross-origin-opener-policy": "same-origin",
    "access-control-allow-credentials": None,
    "server": None,
    "x-powered-by": None,
}
POLICIES: dict[str, dict[str, str]] = {"framing": {"frame-src": "'self'"}, "embed": {"frame-ancestors": "*"}}
PLACES = {"{slug}": cast.SLUG, "{token}": "invented", "{number}": "1", "{version}": version(), "{mail_id}": "00000000-0000-4000-8000-000000000000"}


def example(route: str, slug: str = cast.SLUG) -> str:
    """An address of a route."""
    for name, value in (PLACES | {"{slug}": slug}).items():
        route = route.replace(name, value)
    return route + (f"?url={ORIGIN}/statements/{slug}" if route == "/oembed" else "")


def routes(site: Site) -> set[str]:
    """Every path that is read without an account, the mailbox included, which production has not."""
    found = {"/dev/mailbox", "/dev/mailbox/{mail_id}"}
    for route in application(site).routes:
        for one in route.effective_route_contexts() if hasattr(route, "effective_route_contexts") else [route]:
            context: Any = one
            if "GET" in (getattr(context, "methods", None) or ()) and not context.path.startswith("/console"):
                found.add(context.path)
    return found


def unguarded(answer: httpx.Response, face: str, secure: bool) -> list[str]:
    """What an answer says otherwise than its row."""
    policy = dict(part.strip().split(" ", 1) for part in answer.headers.get("content-security-policy", "- -").split(";"))
    wrong = [f"content-security-policy: {policy}"] if policy != POLICY | POLICIES.get(face, {}) else []
    wrong += [f"{name}: {answer.headers.get(name)}" for name, value in (EVERYWHERE | HEADERS[face]).items() if answer.headers.get(name) != value]
    allowed = answer.headers.get("permissions-policy", "*")
    wrong += (
        [f"permissions-policy: {allowed}"]
        if not {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(allowed.split(", ")) or "*" in allowed
        else []
    )
    wrong += [f"hsts: {secure}"] if ("strict-transport-security" in answer.headers) is not secure else []
    return wrong + [f"{name} twice" for name in set(answer.headers) if name in EVERYWHERE | HEADERS[face] and len(answer.headers.get_list(name)) > 1]


def send(site: Site, method: str, path: str, headers: Mapping[str, str] | None = None, content: bytes = b"") -> httpx.Response:
    answer: httpx.Response = site.wait(site.browser.client.request(method, path, headers=headers, content=content or None))
    return answer


def known(site: Site, path: str) -> httpx.Response:
    """304, where there is an ETag."""
    etag = send(site, "GET", path).headers.get("etag")
    return send(site, "GET", path, {"If-None-Match": etag} if etag else {})


ASKED: dict[str, Callable[[Site, str, str], httpx.Response]] = {
    "a browser": lambda site, route, _: send(site, "GET", example(route)),
    "a program": lambda site, route, _: send(site, "GET", example(route), {"Accept": "*/*", "Origin": "https://elsewhere.example"}),
    "uncompressed": lambda site, route, _: send(site, "GET", example(route), {"Accept-Encoding": "identity"}),
    "HEAD": lambda site, route, _: send(site, "HEAD", example(route)),
    "who has it": lambda site, route, _: known(site, example(route)),
    "a slash too many": lambda site, route, _: send(site, "GET", f"{example(route).partition('?')[0]}/"),
    "nobody's": lambda site, route, _: send(site, "GET", example(route, "nobody")),
    "nobody's, for programs": lambda site, route, _: send(site, "GET", example(route, "nobody"), {"Accept": "application/json"}),
    "a wrong value": lambda site, route, _: send(
        site, "GET", f"{example(route)}{'&' if '?' in example(route) else '?'}after=!&kind=x&layout=x&before=x&format=x"
    ),
    "OPTIONS": lambda site, route, _: send(site, "OPTIONS", example(route), {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PUT"}),
    "PUT": lambda site, route, own: send(site, "PUT", example(route), {"Origin": own, "Sec-Fetch-Site": "same-origin"}),
    "from another site": lambda site, route, _: send(site, "POST", example(route), {"Origin": "https://elsewhere.example"}),
    "too much": lambda site, route, own: send(site, "POST", example(route), {"Origin": own, "Content-Length": "99999999"}, b"x"),
}
EXPECTED = {"a slash too many": {308, 200}, "OPTIONS": {404, 405}, "PUT": {404, 405}, "from another site": {403}, "too much": {413}}


@contextmanager
def plain(database: Database, folder: Path) -> Iterator[Site]:
    """As the tests have it: http."""
    with Site(database, folder) as site:
        yield site


@dataclass(frozen=True)
class Nodes:
    """Two nodes of one installation: on one nothing is ever ready, the other has looked at the states."""

    cold: Site
    warm: Site
    secure: bool

    @property
    def origin(self) -> str:
        return BASE if self.secure else ORIGIN


@pytest.fixture(scope="module", params=[False, True], ids=["http", "https"])
def nodes(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Served over http and over https; read only."""
    folder = tmp_path_factory.mktemp("nodes")
    shutil.copy(sqlite_template, folder / "undersigned.sqlite3")
    database = Database(f"sqlite:///{folder / 'undersigned.sqlite3'}")
    with (production if request.param else plain)(database, folder) as cold, Site(database, folder) as warm:
        cold.publish(cast.statement(front=cast.FIRST), be=cast.belarusian())
        lane(warm)
        yield Nodes(cold, warm, request.param)
    database.engine.dispose()


def test_every_route_without_an_account_has_a_row(site_on_sqlite: Site) -> None:
    assert routes(site_on_sqlite) == set(ADDRESSES)


@pytest.mark.parametrize("asked", ASKED)
def test_every_answer_carries_its_row_cold_and_warm(nodes: Nodes, asked: str) -> None:
    wrong, statuses = {}, set[int]()
    for route, face in ADDRESSES.items():
        for turn, site in (("cold", nodes.cold), ("made", nodes.warm), ("ready", nodes.warm)):
            answer = ASKED[asked](site, route, nodes.origin)
            statuses.add(answer.status_code)
            # A redirect is no data, and is guarded like any page at least.
            if (found := unguarded(answer, face, nodes.secure)) and (answer.status_code != 308 or unguarded(answer, "page", nodes.secure)):
                wrong[turn, route, answer.status_code] = found
    assert wrong == {}
    assert statuses <= EXPECTED.get(asked, statuses)


@pytest.mark.parametrize("prefix", ["/be", "/ru"])
def test_in_every_language(nodes: Nodes, prefix: str) -> None:
    for route, face in ADDRESSES.items():
        for site in (nodes.cold, nodes.warm):
            assert unguarded(send(site, "GET", prefix + example(route)), face, nodes.secure) == [], route


@pytest.mark.parametrize("status", [503, 500])
def test_when_the_database_is_away_and_when_something_breaks(nodes: Nodes, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    def fail() -> None:
        raise sa.exc.OperationalError("", {}, OSError()) if status == 503 else RuntimeError

    monkeypatch.setattr(nodes.cold.database, "reading", fail)
    seen = set[int]()
    for route, face in ADDRESSES.items():
        for accept in ("text/html", "application/json"):
            answer = send(nodes.cold, "GET", example(route), {"Accept": accept})
            seen.add(answer.status_code)
            assert unguarded(answer, face, nodes.secure) == [], (route, answer.status_code)
    assert status in seen


def test_a_frame_is_allowed_in_one_place_alone() -> None:
    assert [route for route, face in ADDRESSES.items() if HEADERS[face]["x-frame-options"] is None] == ["/embed/{slug}"]
