"""What is different where people really sign: https, no mailbox, cookies bound to the host."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.db import Database
from tests import cast
from tests.site import Site
from tests.web.markup import parse
from tests.web.production import BASE, production


@pytest.fixture
def live(sqlite: Database, tmp_path: Path) -> Iterator[Site]:
    with production(sqlite, tmp_path) as site:
        site.publish(be=cast.belarusian())
        yield site


PATHS = ("/", "/be/statements/open-archives", "/statements/open-archives.json", "/nothing", "/console/sign-in", "/healthz", "/static/css/base.css")


@pytest.mark.parametrize("path", PATHS)
def test_over_https_every_answer_asks_for_https_for_a_year(live: Site, path: str) -> None:
    hsts = live.browser.get(path).headers["strict-transport-security"]
    age = re.match(r"max-age=(\d+)", hsts)
    assert age
    assert int(age[1]) >= 31_536_000


@pytest.mark.parametrize("path", ["/dev/mailbox", "/dev/mailbox/00000000-0000-4000-8000-000000000000", "/be/dev/mailbox", "/dev/mailbox/x", "/dev"])
def test_the_mailbox_does_not_exist_in_production(live: Site, path: str) -> None:
    prefix = "/be" if path.startswith("/be/") else ""
    answer, nothing = live.browser.get(path), live.browser.get(f"{prefix}/nothing")
    assert (answer.status_code, nothing.status_code) == (404, 404)
    assert parse(answer.text).one("main").text == parse(nothing.text).one("main").text


@pytest.mark.parametrize("path", ["/", "/statements/open-archives", "/statements/open-archives/check-your-mail", "/console/sign-in", "/robots.txt"])
def test_no_page_of_production_speaks_of_the_try_out(live: Site, path: str) -> None:
    text = live.browser.get(path).text
    assert "mailbox" not in text
    assert "try-out" not in text


def test_every_full_address_is_the_public_one(live: Site) -> None:
    for path in ("/statements/open-archives", "/embed/open-archives", "/statements/open-archives.json", "/statements/open-archives/feed.atom"):
        text = live.browser.get(path).text
        assert BASE in text
        assert "localhost" not in text


def _post(site: Site, path: str, data: dict[str, str], origin: str) -> httpx.Response:
    answer: httpx.Response = site.wait(site.browser.client.post(path, data=data, headers={"Origin": origin}))
    return answer


def test_the_cookie_of_signing_is_bound_to_the_host_and_hidden_from_scripts(live: Site) -> None:
    answer = _post(live, "/statements/open-archives/sign", cast.individual(), BASE)
    name, _, rest = answer.headers["set-cookie"].partition("=")
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name.startswith("__Host-")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
    assert not any(attribute.startswith("domain") for attribute in attributes)


@pytest.mark.parametrize("origin", ["http://sign.site.example", "https://sign.site.example:8443", "http://localhost:8000", "https://site.example"])
def test_only_the_public_origin_may_post(live: Site, origin: str) -> None:
    assert _post(live, "/statements/open-archives/sign", cast.individual(), origin).status_code == 403
    assert live.rows() == []


def test_the_privacy_notice_names_the_controller_and_a_contact(live: Site) -> None:
    for code in ("en", "be", "ru"):
        page = parse(live.browser.get(f"/{code}/privacy").text)
        assert "House of Rivers & Lakes, 1 Quay, Riverton" in page.one("main").text
        assert page.one("main").all("a", href="mailto:privacy@site.example")
        assert "Rivers Sign" in page.one("title").text
