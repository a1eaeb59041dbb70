"""The element's file: small, the same bytes for ever under its own address, checked by its digest."""

import base64
import gzip
import hashlib
import re
from html import unescape

from app.widget.script import VERSIONS, integrity, script, version
from tests import cast
from tests.site import ORIGIN, Site
from tests.web.markup import parse

PICKER = f"/statements/{cast.SLUG}/embed"


def test_the_element_is_small() -> None:
    assert len(gzip.compress(script().encode(), 9)) <= 5120


def test_the_present_version_is_kept_for_sites_that_name_it() -> None:
    assert (VERSIONS / f"{version()}.js").read_text(encoding="utf-8") == script(), "run `make widget`"


def test_every_kept_version_stays_at_its_address(site_on_sqlite: Site) -> None:
    for path in VERSIONS.glob("*.js"):
        answer = site_on_sqlite.browser.get(f"/widget/{path.stem}.js")
        assert hashlib.sha256(answer.content).hexdigest()[:16] == path.stem
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["access-control-allow-origin"] == "*"
    assert site_on_sqlite.browser.get("/widget/0123456789abcdef.js").status_code == 404


def test_the_snippet_names_the_bytes_it_loads(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    raw = re.search(r'<code id="element">(.*?)</code>', site_on_sqlite.browser.get(PICKER).text, re.DOTALL)
    assert raw
    loaded = parse(unescape(raw[1])).one("script").attrs
    content = site_on_sqlite.browser.get(loaded["src"]).content
    assert loaded["integrity"] == integrity() == f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
    assert (loaded["crossorigin"], loaded["src"]) == ("anonymous", f"{ORIGIN}/widget/{version()}.js")


def test_what_is_chosen_stands_in_every_snippet_and_is_shown(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST), be=cast.belarusian())
    page = parse(site_on_sqlite.browser.get(f"{PICKER}?layout=full&theme=dark&language=be").text)
    shown = page.one("main").one("undersigned-signatories").attrs
    assert (shown["layout"], shown["theme"], shown["lang"]) == ("full", "dark", "be")
    assert page.one("iframe").attrs["src"] == f"/be/embed/{cast.SLUG}?layout=full&theme=dark"
    for code in ("element", "frame"):
        assert {"full", "dark", "be"} <= set(re.findall(r"\w+", page.one("code", id=code).text))


def test_whoever_changes_the_language_keeps_their_choice(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    for asked, kept in (("", ""), ("?layout=names&theme=&language=ru", ""), ("?layout=full&theme=dark&language=be", "?layout=full&theme=dark")):
        links = parse(site_on_sqlite.browser.get(PICKER + asked).text).one("header").one("nav").all("a")
        assert [link.attrs["href"] for link in links] == [f"{prefix}{PICKER}{kept}" for prefix in ("", "/be", "/ru")]


def test_a_choice_that_is_none_is_refused(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    for place in (PICKER, f"/embed/{cast.SLUG}"):
        assert site_on_sqlite.browser.get(f"{place}?layout=everything").status_code == 422
        assert site_on_sqlite.browser.get(f"{place}?theme=pink").status_code == 422


def test_each_layout_of_the_frame_shows_what_it_promises(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    names = {layout: parse(site.browser.get(f"/embed/{cast.SLUG}?layout={layout}").text).one("main") for layout in ("count", "names", "organisations", "full")}
    listed = {layout: [row.text for row in page.all("li")] for layout, page in names.items()}
    assert listed["count"] == []
    assert set(listed["organisations"]) < set(listed["names"]) == set(listed["full"])
    assert [len(page.all("form")) for page in names.values()] == [0, 0, 0, 1]
