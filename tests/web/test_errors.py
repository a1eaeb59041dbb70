"""When something is missing or breaks: a human page, a problem for programs, and nothing personal anywhere."""

import re
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import NoReturn

import httpx
import pytest

from app.clock import utcnow
from app.i18n import language
from app.main import configure_log
from app.statements.actions import unpublish
from tests import cast
from tests.site import Site
from tests.web.markup import inline, parse

SECRET = "tamar@rivers-house.org 203.0.113.7 Vera Geheim"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def boom(*_: object, **__: object) -> NoReturn:
    raise RuntimeError(SECRET)


def protected(answer: httpx.Response) -> bool:
    return all(answer.headers.get(name) == value for name, value in HEADERS.items()) and "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.fixture
def log(site_on_sqlite: Site, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Everything that was written to standard output, standard error or a Python logger since the test began."""
    written = StringIO()

    def so_far() -> str:
        return "".join(capfd.readouterr()) + caplog.text + written.getvalue()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        configure_log()
    yield so_far
    configure_log()


def translated(sentence: str, code: str) -> str:
    text = language(code).gettext(sentence)
    assert (text == sentence) == (code == "en"), "a translation is missing"
    return text


@pytest.fixture
def broken(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose queries for the counts fail with something personal in the message."""
    site_on_sqlite.publish(be=cast.belarusian())
    monkeypatch.setattr("app.signatures.queries.tally", boom)
    return site_on_sqlite


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_a_missing_page_is_said_in_the_language_of_the_address(site_on_sqlite: Site, code: str) -> None:
    answer = site_on_sqlite.browser.get(f"/{code}/nothing-here")
    page = parse(answer.text)
    assert answer.status_code == 404
    assert protected(answer)
    assert page.one("html").attrs["lang"] == code
    assert page.one("h1").text == translated("There is no page here", code)
    assert page.one("a", class_="button").attrs["href"] == f"/{code}/"


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_a_failure_is_a_human_page_in_the_language_of_the_address(broken: Site, code: str) -> None:
    answer = broken.browser.get(f"/{code}/statements/open-archives")
    page = parse(answer.text)
    assert answer.status_code == 500
    assert protected(answer)
    assert page.one("html").attrs["lang"] == code
    assert page.one("h1").text == translated("Something went wrong on our side", code)
    assert inline(page) == []


@pytest.mark.parametrize("path", [".json", "/signatories.json", "/feed.json", "/feed.atom"])
def test_a_failure_is_a_problem_for_programs(broken: Site, path: str) -> None:
    answer = broken.browser.get(f"/statements/open-archives{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["status"] == 500
    assert answer.headers["access-control-allow-origin"] == "*"
    assert protected(answer)


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_a_program_at_a_pages_address_gets_a_problem(broken: Site, accept: str) -> None:
    for path, status in (("/statements/open-archives", 500), ("/nothing-here", 404)):
        answer = broken.browser.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_failure_shows_and_logs_nothing_personal(broken: Site, log: Callable[[], str]) -> None:
    asked = ("/statements/open-archives", "/statements/open-archives.json", "/be/statements/open-archives/signatories?q=Geheim")
    pages = [broken.browser.get(path).text for path in asked]
    logged = log()
    assert logged.count("request failed") == 3
    assert [word for word in (*SECRET.split(), "Traceback", "site-packages", "RuntimeError") if word in "".join(pages)] == []
    assert [word for word in (*SECRET.split(), "q=") if word in logged] == []


def test_a_failure_is_logged_once_with_its_place(broken: Site, log: Callable[[], str]) -> None:
    broken.browser.get("/statements/open-archives")
    lines = [line for line in log().splitlines() if "request failed" in line]
    assert len(lines) == 1
    assert "RuntimeError" in lines[0]
    assert "test_errors.py" in lines[0]


def test_a_failed_post_writes_nothing_and_logs_nothing_typed(site_on_sqlite: Site, log: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    slug = site_on_sqlite.publish()
    monkeypatch.setattr("app.signatures.signing.enqueue_all", boom)
    answer = site_on_sqlite.browser.post(f"/statements/{slug}/sign", cast.organisation())
    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers
    assert site_on_sqlite.rows() == []
    logged = log()
    assert "request failed" in logged
    assert [word for word in (*SECRET.split(), "Magalithidze", "Fictional") if word in logged + answer.text] == []


def test_a_page_that_breaks_while_it_is_rendered_is_a_500_too(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = site_on_sqlite.publish()
    monkeypatch.setattr("app.pages.routes.json_ld", boom)
    assert site_on_sqlite.browser.get(f"/statements/{slug}").status_code == 500
    assert site_on_sqlite.browser.head(f"/statements/{slug}").content == b""


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Length": "999999"}, 413), ({"Content-Length": "x"}, 413), ({"Content-Length": "\u00b2"}, 413), ({"Content-Type": "multipart/form-data"}, 400)],
)
def test_a_broken_form_is_refused_in_words(site_on_sqlite: Site, headers: dict[str, str], status: int) -> None:
    slug = site_on_sqlite.publish()
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = site_on_sqlite.browser.post(f"/be/statements/{slug}/sign", None, content=b"--", headers=sent)
    assert answer.status_code == status
    assert protected(answer)
    assert parse(answer.text).one("html").attrs["lang"] == "be"


def test_a_refusal_repeats_nothing_of_a_hostile_address(site_on_sqlite: Site) -> None:
    for path in (
        "/<script>alert(1)</script>",
        "/be/%22onload=alert(1)",
        "/statements/%3Cb%3E.json",
        "//evil.example/%2e%2e",
        "/x'%22><img src=//evil.example>",
    ):
        answer = site_on_sqlite.browser.get(path)
        assert answer.status_code == 404
        if "text/html" in answer.headers["content-type"]:
            assert inline(parse(answer.text)) == []
            assert [link for link in parse(answer.text).all("a") if re.match(r"[/\\]{2}", link.attrs["href"])] == []
            assert parse(answer.text).all("img") == []


def test_the_page_of_a_statement_that_was_taken_down_gives_the_reason(site_on_sqlite: Site) -> None:
    slug = site_on_sqlite.publish()
    with site_on_sqlite.database.transaction() as session:
        unpublish(session, slug, "100% <wrong>, say its authors", utcnow())
    answer = site_on_sqlite.browser.get(f"/statements/{slug}")
    assert answer.status_code == 410
    assert "100% <wrong>, say its authors" in parse(answer.text).one("p", class_="lede").text
