"""oEmbed 1.0: whoever is given the address of a statement can show its list."""

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest

from app.clock import utcnow
from app.db import Database
from app.statements.actions import unpublish
from app.widget.oembed import HEIGHT, WIDTH
from tests import cast
from tests.site import ORIGIN, Site
from tests.web.markup import parse

PAGE = f"/statements/{cast.SLUG}"
TITLE = "Open the archives of the river commission"


def ask(site: Site, url: str = ORIGIN + PAGE, **more: str) -> httpx.Response:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in {"url": url, **more}.items())
    return site.browser.get(f"/oembed?{query}", headers={"Accept": "*/*"})


def both(site: Site) -> None:
    site.publish(be=cast.belarusian())


EMBED = f"/embed/{cast.SLUG}"
OURS = [
    *(
        ORIGIN + path
        for path in (PAGE, f"{PAGE}/", f"{PAGE}?utm_source=letter", f"{PAGE}#sign", f"{PAGE}?a=b#c", f"/en{PAGE}", f"/be{PAGE}", f"/be{PAGE}/", f"/ru{PAGE}")
    ),
    *(ORIGIN + path for path in (EMBED, f"/be{EMBED}", f"{EMBED}?layout=full&theme=dark", f"{PAGE}?next=https://elsewhere.example/", f"{PAGE}#/../../console")),
    *(f"https://localhost:8000{PAGE}", f"http://LOCALHOST:8000{PAGE}", f"HTTP://LocalHost:8000/be{PAGE}"),
]
FOREIGN = [
    *("", " ", "nonsense", PAGE, PAGE[1:], f"//localhost:8000{PAGE}", f"http:{PAGE}", ORIGIN, f"{ORIGIN}/", f"{ORIGIN}/privacy", f"{ORIGIN}/console"),
    *(
        f"{ORIGIN}/pl{PAGE}",
        f"{ORIGIN}/be/en{PAGE}",
        f"{ORIGIN}{PAGE}/signatories",
        f"{ORIGIN}{PAGE}/sign",
        f"{ORIGIN}{PAGE}/embed",
        f"{ORIGIN}{PAGE}.json",
        f"{ORIGIN}{PAGE}//",
    ),
    *(f"{ORIGIN}/statements/nobody", f"{ORIGIN}/embed/nobody", f"{ORIGIN}/badge/{cast.SLUG}.svg", f"{ORIGIN}/statements/", f"{ORIGIN}{PAGE.upper()}"),
    *(
        f"https://elsewhere.example{PAGE}",
        f"http://localhost:8001{PAGE}",
        f"http://localhost{PAGE}",
        f"ftp://localhost:8000{PAGE}",
        f"http://127.0.0.1:8000{PAGE}",
    ),
    *(
        f"http://localhost:8000@evil.example{PAGE}",
        f"http://me@localhost:8000{PAGE}",
        f"http://me:secret@localhost:8000{PAGE}",
        f"http://@localhost:8000{PAGE}",
    ),
    *(
        f"http://localhost:8000.evil.example{PAGE}",
        f"http://xlocalhost:8000{PAGE}",
        f"http://localhost.:8000{PAGE}",
        f"http://localhost:8000\\@evil.example{PAGE}",
    ),
    *(
        f"http://[::1]:8000{PAGE}",
        f"http://[localhost:8000{PAGE}",
        f"http://[localhost]:8000{PAGE}",
        f"http://localhost:99999{PAGE}",
        f"http://localhost:x{PAGE}",
    ),
    *(
        f"{ORIGIN}/statements/../console",
        f"{ORIGIN}/statements/%00",
        f"{ORIGIN}/statements/{cast.SLUG}%2Fsign",
        quote(ORIGIN + PAGE, safe=""),
        f"{ORIGIN}/statements/{'a' * 81}",
    ),
    *("javascript:alert(1)", f"javascript://localhost:8000{PAGE}", f"data:text/html,{PAGE}", f"file://{PAGE}", "\0", "\ufffe", "https://" + "a" * 5000),
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
    ({"maxwidth": "320.9", "maxheight": "240."}, (320, 240)),
    ({"maxwidth": "0000000320", "maxheight": "+240"}, (320, HEIGHT)),
    ({"maxwidth": " 320 ", "maxheight": "1e2"}, (320, HEIGHT)),
    ({"maxwidth": "600", "maxheight": "700"}, (600, 700)),
    ({"maxwidth": "599", "maxheight": "1000000"}, (599, HEIGHT)),
    ({"maxwidth": "3_2_0", "maxheight": "0x10"}, (WIDTH, HEIGHT)),
    ({"maxwidth": "NaN", "maxheight": "Infinity"}, (WIDTH, HEIGHT)),
    ({"maxwidth": "0.5", "maxheight": "320px"}, (WIDTH, HEIGHT)),
    ({"maxwidth": "５００", "maxheight": "\0"}, (WIDTH, HEIGHT)),
]
TITLES = [
    "Rivers & banks, \"quoted\" and 'not'",
    "Rivers <b>&</b> “banks” ]]> &amp; &#60;",
    "</a></blockquote><script>alert(1)</script>",
    'x" onload="alert(1)',
    "ارفعوا السرية (عن الأرشيف) > 2026",
    "Адкрыйце архівы 🌊 – 开放档案",
]


@pytest.mark.parametrize("url", OURS)
def test_every_spelling_of_a_statements_address_is_its_list(standing: Site, url: str) -> None:
    answer = ask(standing, url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = answer.json()
    assert (found["version"], found["type"], found["width"], found["height"]) == ("1.0", "rich", WIDTH, HEIGHT)
    prefix = next((code for code in ("/en", "/be", "/ru") if urlsplit(url).path.startswith(f"{code}/")), "")
    source, link = re.search(r'<iframe src="([^"]+)"', found["html"]), re.match(r'<blockquote><a href="([^"]+)">', found["html"])
    assert source
    assert link
    assert (source[1], link[1]) == (f"{ORIGIN}{prefix}/embed/{cast.SLUG}", f"{ORIGIN}{prefix}{PAGE}")
    assert (found["title"] == TITLE) == (prefix != "/be")


@pytest.fixture(scope="module")
def standing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that these many questions only read."""
    folder = tmp_path_factory.mktemp("oembed")
    shutil.copy(sqlite_template, folder / "undersigned.sqlite3")
    database = Database(f"sqlite:///{folder / 'undersigned.sqlite3'}")
    with Site(database, folder) as site:
        both(site)
        yield site
    database.engine.dispose()


@pytest.mark.parametrize("url", FOREIGN)
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_any_other_address_is_not_found(standing: Site, url: str, kind: str) -> None:
    answer = ask(standing, url, format=kind)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["status"]) == (404, "application/problem+json", 404)


@pytest.mark.parametrize(
    "query", ["", "?", "?format=json", "?format=xml", "?URL=x", f"?uri={ORIGIN}{PAGE}", f"?url[]={ORIGIN}{PAGE}", "?maxwidth=300", "?%00", "?url"]
)
def test_without_an_address_there_is_nothing(standing: Site, query: str) -> None:
    answer = standing.browser.get(f"/oembed{query}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(("asked", "size"), SIZES)
def test_the_frame_is_never_larger_than_asked_for(standing: Site, asked: dict[str, str], size: tuple[int, int]) -> None:
    found = ask(standing, **asked).json()
    assert (found["width"], found["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in found["html"]
    assert ET.fromstring(ask(standing, format="xml", **asked).text).findtext("width") == str(size[0])


def test_a_bound_that_is_given_twice_is_kept_once_at_least(standing: Site) -> None:
    answer = standing.browser.get(f"/oembed?url={quote(ORIGIN + PAGE)}&maxwidth=300&maxwidth=200&format=json")
    assert answer.json()["width"] in {200, 300}


@pytest.mark.parametrize("kind", ["yaml", "XML", "JSON", "", " json", "json,xml", "application/json", "\0"])
def test_no_third_format_is_offered(standing: Site, kind: str) -> None:
    """2.3.4: what is asked for is sent, or refused with 501; the names of formats are in small letters."""
    answer = ask(standing, format=kind)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["status"]) == (501, "application/problem+json", 501)


@pytest.mark.parametrize("title", TITLES)
def test_whatever_a_title_holds_both_formats_say_it_and_it_stays_text(site_on_sqlite: Site, title: str) -> None:
    site_on_sqlite.publish(cast.statement(title=json.dumps(title, ensure_ascii=False)))
    found: dict[str, Any] = ask(site_on_sqlite).json()
    answer = ask(site_on_sqlite, format="xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    said = ET.fromstring(answer.content)
    assert ({one.tag: one.text for one in said}, said.tag) == ({name: str(value) for name, value in found.items()}, "oembed")
    assert set(found) >= {"type", "version", "html", "width", "height"}, "2.3.4.4: what is required of the type rich"
    page = parse(found["html"])
    assert [element.tag for element in page.all()] == ["blockquote", "a", "iframe"]
    assert (found["title"], page.one("a").text, page.one("iframe").attrs["title"]) == (title, " ".join(title.split()), title)
    assert set(page.one("iframe").attrs) == {"src", "width", "height", "title"}


def test_what_was_taken_down_is_not_found(site_on_sqlite: Site) -> None:
    both(site_on_sqlite)
    with site_on_sqlite.database.transaction() as session:
        unpublish(session, cast.SLUG, "A mistake.", utcnow())
    assert ask(site_on_sqlite).status_code == 404


def test_consumers_on_other_sites_may_ask_and_keep_it(standing: Site) -> None:
    answer = ask(standing, dnt="1", unknown="x")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert ask(standing, maxwidth="300").headers["etag"] != answer.headers["etag"]
    assert ask(standing, format="xml").headers["etag"] != answer.headers["etag"]
    place = f"/oembed?url={quote(ORIGIN + PAGE, safe='')}"
    known = standing.browser.get(place, headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = standing.browser.head(place)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(answer.content)))
    refused: httpx.Response = standing.wait(standing.browser.client.options(place))
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_consumers_refusal_may_be_read_from_other_sites_too(standing: Site, kind: str) -> None:
    answer = ask(standing, "https://elsewhere.example/", format=kind)
    assert (answer.headers["access-control-allow-origin"], answer.headers["cache-control"]) == ("*", "no-store")


@pytest.mark.parametrize(("prefix", "own"), [("", ""), ("/en", ""), ("/be", "/be"), ("/ru", "")])
def test_the_page_leads_to_it_early_in_its_head(site: Site, prefix: str, own: str) -> None:
    """In every language of the site; a page without a translation leads to the original's list."""
    both(site)
    page = site.browser.get(prefix + PAGE).text
    found = re.findall(r'<link rel="alternate" type="(application/json\+oembed|text/xml\+oembed)" title="[^"]+" href="([^"]+)">', page[:150_000])
    assert [kind for kind, _ in found] == ["application/json+oembed", "text/xml+oembed"]
    for kind, address in found:
        answer = site.browser.get(unescape(address).removeprefix(ORIGIN), headers={"Accept": "*/*"})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind.removesuffix("+oembed"))
        html = answer.json()["html"] if "json" in kind else ET.fromstring(answer.text).findtext("html")
        frame = parse(str(html)).one("iframe").attrs["src"]
        assert frame == f"{ORIGIN}{own}{EMBED}"
        assert site.browser.get(frame).status_code == 200
    assert "oembed" not in site.browser.get(f"{PAGE}/signatories").text
