"""oEmbed 1.0: whoever is given the address of a statement can show its list."""

import re
from html import unescape
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest

from app.clock import utcnow
from app.statements.actions import unpublish
from app.widget.oembed import HEIGHT, WIDTH
from tests import cast
from tests.site import ORIGIN, Site

PAGE = f"/statements/{cast.SLUG}"
TITLE = "Open the archives of the river commission"


def ask(site: Site, url: str = ORIGIN + PAGE, **more: str) -> httpx.Response:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in {"url": url, **more}.items())
    return site.browser.get(f"/oembed?{query}", headers={"Accept": "*/*"})


def both(site: Site) -> None:
    site.publish(be=cast.belarusian())


OURS = [
    *(PAGE, f"{PAGE}/", f"{PAGE}?utm_source=letter", f"{PAGE}#sign", f"{PAGE}?a=b#c", f"/en{PAGE}", f"/be{PAGE}", f"/be{PAGE}/"),
    *(f"/embed/{cast.SLUG}", f"/be/embed/{cast.SLUG}"),
]
FOREIGN = [
    *(
        "",
        "nonsense",
        PAGE,
        ORIGIN,
        f"{ORIGIN}/",
        f"{ORIGIN}/privacy",
        f"{ORIGIN}/pl{PAGE}",
        f"{ORIGIN}{PAGE}/signatories",
        f"{ORIGIN}{PAGE}/sign",
        f"{ORIGIN}/statements/nobody",
    ),
    *(f"https://elsewhere.example{PAGE}", f"http://localhost:8001{PAGE}", f"http://localhost{PAGE}", f"ftp://localhost:8000{PAGE}"),
    *(f"http://localhost:8000@evil.example{PAGE}", f"http://me@localhost:8000{PAGE}", f"http://localhost:8000.evil.example{PAGE}"),
    *(f"http://[localhost:8000{PAGE}", f"http://localhost:99999{PAGE}", f"{ORIGIN}/statements/../console", f"{ORIGIN}/statements/%00", "javascript:alert(1)"),
]
SIZES: list[tuple[dict[str, str], tuple[int, int]]] = [
    ({}, (WIDTH, HEIGHT)),
    ({"maxwidth": "320"}, (320, HEIGHT)),
    ({"maxheight": "240"}, (WIDTH, 240)),
    ({"maxwidth": "1", "maxheight": "1"}, (1, 1)),
    ({"maxwidth": "5000", "maxheight": "5000"}, (WIDTH, HEIGHT)),
    ({"maxwidth": "0", "maxheight": ""}, (WIDTH, HEIGHT)),
    ({"maxwidth": "-5", "maxheight": "wide"}, (WIDTH, HEIGHT)),
    ({"maxwidth": "٣٠٠", "maxheight": "9" * 400}, (WIDTH, HEIGHT)),
]


@pytest.mark.parametrize("path", OURS)
def test_every_spelling_of_a_statements_address_is_its_list(site_on_sqlite: Site, path: str) -> None:
    both(site_on_sqlite)
    answer = ask(site_on_sqlite, ORIGIN + path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = answer.json()
    assert (found["version"], found["type"], found["width"], found["height"]) == ("1.0", "rich", WIDTH, HEIGHT)
    prefix = next((code for code in ("/en", "/be") if path.startswith(f"{code}/")), "")
    source, link = re.search(r'<iframe src="([^"]+)"', found["html"]), re.match(r'<blockquote><a href="([^"]+)">', found["html"])
    assert source
    assert link
    assert (source[1], link[1]) == (f"{ORIGIN}{prefix}/embed/{cast.SLUG}", f"{ORIGIN}{prefix}{PAGE}")
    assert (found["title"] == TITLE) == (prefix != "/be")


@pytest.mark.parametrize("url", FOREIGN)
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_any_other_address_is_not_found(site_on_sqlite: Site, url: str, kind: str) -> None:
    both(site_on_sqlite)
    answer = ask(site_on_sqlite, url, format=kind)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(("asked", "size"), SIZES)
def test_the_frame_is_never_larger_than_asked_for(site_on_sqlite: Site, asked: dict[str, str], size: tuple[int, int]) -> None:
    both(site_on_sqlite)
    found = ask(site_on_sqlite, **asked).json()
    assert (found["width"], found["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in found["html"]


def test_both_formats_say_the_same_and_no_third_is_offered(site: Site) -> None:
    both(site)
    found: dict[str, Any] = ask(site).json()
    answer = ask(site, format="xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert {one.tag: one.text for one in ET.fromstring(answer.text)} == {name: str(value) for name, value in found.items()}
    assert [ask(site, format=other).status_code for other in ("yaml", "XML", "")] == [501, 501, 501]


def test_a_title_cannot_leave_its_attribute(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement().replace(TITLE, "Rivers <b>&</b> “banks”"))
    for kind in ("json", "xml"):
        answer = ask(site_on_sqlite, format=kind)
        html = answer.json()["html"] if kind == "json" else ET.fromstring(answer.text).findtext("html")
        assert html is not None
        assert "<b>" not in html
        assert html.count("Rivers &lt;b&gt;&amp;&lt;/b&gt;") == 2


def test_what_was_taken_down_is_not_found(site_on_sqlite: Site) -> None:
    both(site_on_sqlite)
    with site_on_sqlite.database.transaction() as session:
        unpublish(session, cast.SLUG, "A mistake.", utcnow())
    assert ask(site_on_sqlite).status_code == 404


def test_consumers_on_other_sites_may_ask_and_keep_it(site_on_sqlite: Site) -> None:
    both(site_on_sqlite)
    answer = ask(site_on_sqlite, dnt="1", unknown="x")
    assert (answer.status_code, answer.headers["access-control-allow-origin"], "etag" in answer.headers) == (200, "*", True)
    assert ask(site_on_sqlite, maxwidth="300").headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize("prefix", ["", "/be"])
def test_the_page_leads_to_it_early_in_its_head(site: Site, prefix: str) -> None:
    both(site)
    page = site.browser.get(prefix + PAGE).text
    found = re.findall(r'<link rel="alternate" type="(application/json\+oembed|text/xml\+oembed)" title="[^"]+" href="([^"]+)">', page[:150_000])
    assert [kind for kind, _ in found] == ["application/json+oembed", "text/xml+oembed"]
    for _, address in found:
        answer = site.browser.get(unescape(address).removeprefix(ORIGIN))
        assert (answer.status_code, f"{prefix}/embed/{cast.SLUG}" in unescape(answer.text)) == (200, True)
    assert "oembed" not in site.browser.get(f"{PAGE}/signatories").text
