"""One table of addresses, and what holds for all of them: status, caches, security headers, languages, no script inside."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from app.clock import utcnow
from app.db import Database
from app.signatures.models import Origin, State
from app.statements.actions import unpublish
from tests import cast
from tests.site import Browser, Site
from tests.web.markup import Element, inline, linked, loaded, ours, parse

PUBLIC = "public, max-age=2, stale-while-revalidate=5, stale-if-error=60"
PREFIXES = ("", "/en", "/be", "/ru")
BELARUSIAN = "rechny-arkhiu"


@dataclass(frozen=True)
class Row:
    """What is expected at an address, in every language."""

    path: str
    status: int = 200
    public: bool = True
    html: bool = True
    faces: str = "page"  # page, embed, or open to other sites
    staff: bool = False
    own: str = "en"  # the language without a prefix

    @property
    def prefixes(self) -> tuple[str, ...]:
        return PREFIXES if self.html else ("",)


def _acting(path: str, status: int = 200, staff: bool = False, own: str = "en") -> Row:
    return Row(path, status, public=False, staff=staff, own=own)


def _data(path: str, faces: str = "open") -> Row:
    return Row(path, html=False, faces=faces)


def _problem(path: str, status: int) -> Row:
    return Row(path, status, public=False, html=False, faces="open")


S = "/statements/open-archives"
TABLE = (
    Row("/"),
    Row("/privacy"),
    Row("/docs/api"),
    Row(S),
    Row(f"{S}/signatories"),
    Row(f"{S}/signatories?kind=individual&order=name&q=вы&country=BY"),
    Row("/embed/open-archives", faces="embed"),
    Row("/embed/open-archives?layout=full&theme=dark", faces="embed"),
    Row(f"{S}/embed"),
    Row(f"{S}/embed?layout=count&theme=light&language=ru"),
    Row("/statements/later"),
    Row("/statements/over"),
    Row("/statements/over/signatories?order=country"),
    Row(f"/statements/{BELARUSIAN}", own="be"),
    Row(f"/statements/{BELARUSIAN}/signatories", own="be"),
    Row(f"/embed/{BELARUSIAN}", faces="embed", own="be"),
    _data(f"{S}.json"),
    _data(f"{S}.txt"),
    _data(f"{S}/signatories.json"),
    _data(f"{S}/signatories.json?since=0"),
    _data(f"{S}/signatories.csv"),
    _data(f"{S}/signatories.ndjson"),
    _data(f"{S}/history.json"),
    _data(f"{S}/feed.json"),
    _data(f"{S}/feed.atom"),
    _data(f"{S}/card.png"),
    _data(f"{S}/qr.svg"),
    _data("/widget.js"),
    _data("/openapi.json"),
    _data("/robots.txt", faces="page"),
    _data("/favicon.ico", faces="page"),
    _acting(f"{S}/sign"),
    _acting(f"{S}/sign?kind=individual"),
    _acting(f"/statements/{BELARUSIAN}/sign", own="be"),
    _acting(f"{S}/check-your-mail"),
    _acting("/confirm/{token}"),
    _acting("/dev/mailbox"),
    _acting("/dev/mailbox/{mail}"),
    _acting("/console/sign-in"),
    _acting("/console", staff=True),
    _acting("/console?done=approved", staff=True),
    _acting("/console/published", staff=True),
    _acting("/console/published?q=Мікола", staff=True),
    _acting("/console/mail", staff=True),
    _acting("/console/mail?again=1&page=2", staff=True),
    _acting("/console/mail?page=0", 422, staff=True),
    _acting("/console/statements", staff=True),
    _acting("/console/signatures/{waiting}", staff=True),
    _acting("/console/signatures/{published}", staff=True),
    _acting("/nothing", 404),
    _acting("/confirm/invented", 404),
    _acting("/statements/nowhere", 404),
    _acting("/statements/NOT-A-SLUG", 404),
    Row("/embed/nowhere", 404, public=False, faces="embed"),
    Row("/static/nothing.css", 404, public=False, faces="open"),
    _acting("/statements/gone", 410),
    _acting("/statements/gone/signatories", 410),
    _acting("/statements/over/sign", 409),
    _acting("/statements/later/sign", 409),
    _acting(f"{S}/signatories?order=wild", 400),
    _acting(f"{S}/signatories?kind=neither", 422),
    _acting(f"{S}/signatories?kind=individual&after=!", 400),
    _acting(f"/statements/{BELARUSIAN}/signatories?order=wild", 400, own="be"),
    _acting("/console/sign-out", 405),
    _acting("/console/signatures/00000000-0000-4000-8000-000000000000", 404, staff=True),
    _problem("/statements/nowhere.json", 404),
    _problem("/statements/nowhere/signatories.csv", 404),
    _problem("/statements/nowhere/feed.atom", 404),
    _problem("/statements/nowhere.txt", 404),
    _problem("/statements/nowhere/card.png", 404),
    _problem("/statements/gone.json", 410),
    _problem("/statements/gone/card.png", 410),
    _problem("/statements/gone/qr.svg", 410),
    _problem(f"{S}/signatories.json?since=999", 410),
    _problem(f"{S}/signatories.json?after=x", 422),
    _problem(f"{S}/feed.json?before=-1", 422),
    Row("/healthz", public=False, html=False),
    Row("/readyz", public=False, html=False),
)
every_row = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.path)
every_page = pytest.mark.parametrize("row", [row for row in TABLE if row.html], ids=lambda row: row.path)
every_public_row = pytest.mark.parametrize("row", [row for row in TABLE if row.public], ids=lambda row: row.path)


@dataclass
class House:
    """A site with everything in it that the table names; read only."""

    site: Site
    staff: Browser
    signer: Browser
    names: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[Row, str], httpx.Response] = field(default_factory=dict, repr=False)

    def get(self, row: Row, prefix: str = "", **headers: str) -> httpx.Response:
        """The answer; one without further headers is fetched once."""
        if headers or (row, prefix) not in self.answers:
            answer = self._browser(row).get(self.address(row, prefix), headers=headers)
            return answer if headers else self.answers.setdefault((row, prefix), answer)
        return self.answers[row, prefix]

    def head(self, row: Row, prefix: str = "") -> httpx.Response:
        return self._browser(row).head(self.address(row, prefix))

    def address(self, row: Row, prefix: str) -> str:
        return prefix + row.path.format(**self.names)

    def _browser(self, row: Row) -> Browser:
        return self.staff if row.staff else self.signer if "{token}" in row.path else self.site.browser


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(sqlite_template, folder / "undersigned.sqlite3")
    database = Database(f"sqlite:///{folder / 'undersigned.sqlite3'}")
    with Site(database, folder) as site:
        yield _furnish(site)
    database.engine.dispose()


def _furnish(site: Site) -> House:
    news = "related:\n  - {title: Глядзі таксама, url: 'https://elsewhere.example/a', language: be}\nnews:\n  - {date: 2026-11-20, title: A hearing}\n"
    site.publish(cast.statement(front=cast.FIRST + news + "demonstration: true\n"), be=cast.belarusian())
    (site.folder / "statement.be.md").unlink()
    site.publish(cast.statement(slug="later", opens="2099-01-01 10:00 Europe/Minsk", closes="2099-02-01 10:00 Europe/Minsk"))
    site.publish(cast.statement(slug="over", closes="2020-01-01 10:00 Europe/Minsk", title="Closed long ago"))
    site.publish(cast.statement(slug="gone"))
    site.publish(cast.statement(slug=BELARUSIAN, language="be", title="Рачны архіў"))
    _take_down(site, "gone")
    house = House(site, site.moderator(), site.new_browser())
    site.signed()
    site.signed(kind="individual")
    site.approve_all(house.staff)
    site.signed(kind="individual", email="waiting@post-office.org", name="Vera Wartend")
    house.signer.post(f"{S}/sign", cast.individual(email="typing@post-office.org"))
    link, _ = site.link_and_code("typing@post-office.org")
    rows = site.rows()
    house.names = {
        "token": link.rpartition("/")[2],
        "mail": str(site.letters()[0].id),
        "waiting": next(str(row.id) for row in rows if row.state is State.CONFIRMED),
        "published": next(str(row.id) for row in rows if row.state is State.PUBLISHED and row.source is Origin.FORM),
    }
    return house


def _take_down(site: Site, slug: str) -> None:
    with site.database.transaction() as session:
        unpublish(session, slug, "on request of the authors", utcnow())


@every_row
def test_every_address_answers_as_the_table_says(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        answer = house.get(row, prefix)
        assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (row.status, row.html), prefix


@every_row
def test_caches_keep_public_answers_for_seconds_and_nothing_else(house: House, row: Row) -> None:
    expected = PUBLIC if row.public else "no-store"
    assert {house.get(row, prefix).headers.get("cache-control") for prefix in row.prefixes} == {expected}


@every_row
def test_every_answer_carries_the_security_headers(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        headers = house.get(row, prefix).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == ("same-origin" if row.faces == "page" else "cross-origin")
        assert headers.get("x-frame-options") == (None if row.path.startswith("/embed/") else "DENY")
        assert {"camera=()", "geolocation=()", "microphone=()"} <= set(headers["permissions-policy"].split(", "))
        assert "strict-transport-security" not in headers, "the tests' base address is http"
        assert "server" not in headers


@every_row
def test_every_answer_carries_a_policy_without_anything_unsafe(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        text = house.get(row, prefix).headers["content-security-policy"]
        policy = dict(directive.strip().split(" ", 1) for directive in text.split(";"))
        assert policy["default-src"] == "'none'"
        assert (policy["script-src"], policy["style-src"], policy["img-src"], policy["form-action"]) == ("'self'",) * 4
        assert policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == ("*" if row.path.startswith("/embed/") else "'none'")
        assert not re.search(r"unsafe|data:|blob:|https?:|nonce", text)


@every_row
def test_other_sites_may_read_what_is_public_data_and_never_with_credentials(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        headers = house.get(row, prefix, Origin="https://elsewhere.example").headers
        assert headers.get("access-control-allow-origin") == ("*" if row.faces == "open" else None)
        assert "access-control-allow-credentials" not in headers


@every_public_row
def test_no_public_address_sets_a_cookie(house: House, row: Row) -> None:
    assert [prefix for prefix in row.prefixes if "set-cookie" in house.get(row, prefix).headers] == []


@every_public_row
def test_equal_content_has_an_equal_strong_etag(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        first, again = house.get(row, prefix), house.get(row, prefix, **{"Cache-Control": "no-cache"})
        assert re.fullmatch(r'"[\x21\x23-\x7e]+"', first.headers.get("etag", "")), "a strong ETag (RFC 9110, 8.8.3)"
        assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])


@every_public_row
def test_a_reader_who_has_the_bytes_gets_304_without_a_body(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        etag = house.get(row, prefix).headers.get("etag", "")
        for asked in (etag, f'"other", {etag}', f"W/{etag}"):
            answer = house.get(row, prefix, **{"If-None-Match": asked})
            assert (answer.status_code, answer.content) == (304, b"")
            assert (answer.headers["etag"], answer.headers["cache-control"]) == (etag, PUBLIC)
    assert house.get(row, "", **{"If-None-Match": '"other"'}).status_code == 200


@every_row
def test_head_is_get_without_a_body(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        whole, head = house.get(row, prefix, **{"Cache-Control": "no-cache"}), house.head(row, prefix)
        assert head.content == b""
        if row.staff:  # the queue says how long something has waited
            del whole.headers["content-length"], head.headers["content-length"]
        assert (head.status_code, dict(head.headers)) == (whole.status_code, dict(whole.headers))


@every_page
def test_the_address_alone_decides_the_language_of_a_page(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        code = prefix.removeprefix("/") or row.own
        answer = house.get(row, prefix, **{"Accept-Language": "fr, ru;q=0.9"})
        root = parse(answer.text).one("html")
        assert (root.attrs["lang"], root.attrs["dir"]) == (code, "ltr"), prefix
        if row.status == 200:
            assert answer.headers["content-language"] == code


@every_page
def test_no_page_holds_a_script_or_a_style_of_its_own(house: House, row: Row) -> None:
    assert [found for prefix in row.prefixes for found in inline(parse(house.get(row, prefix).text))] == []


@every_page
def test_no_page_loads_anything_from_another_host(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        page = parse(house.get(row, prefix).text)
        elsewhere = [address for address in loaded(page) if not ours(address) and not re.match(r"/[^/]", address)]
        assert elsewhere == []
        frames = [frame.attrs["src"] for frame in page.all("iframe")]
        assert [frame for frame in frames if not frame.startswith("/") or row.path.split("?")[0] != f"{S}/embed"] == []
        assert page.all("object") + page.all("embed") + page.all("base") == []


@every_page
def test_every_mark_inside_a_page_leads_somewhere(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        page = parse(house.get(row, prefix).text)
        ids = [element.attrs["id"] for element in page.all() if "id" in element.attrs]
        assert len(ids) == len(set(ids)), sorted(ids)
        assert [mark for mark in _marks(page) if mark not in ids] == []


@every_page
def test_every_page_says_what_it_is(house: House, row: Row) -> None:
    for prefix in row.prefixes:
        page = parse(house.get(row, prefix).text)
        assert page.one("title").text
        assert len(page.all("h1")) == 1
        assert len(page.all("main")) == 1
        assert len(page.all("meta", charset="utf-8")) == 1


@pytest.mark.parametrize("row", [row for row in TABLE if row.html and not row.public], ids=lambda row: row.path)
def test_crawlers_are_kept_from_pages_of_people_who_act(house: House, row: Row) -> None:
    if row.status == 200:
        assert {house.get(row, prefix).headers.get("x-robots-tag") for prefix in row.prefixes} == {"noindex"}


@pytest.mark.parametrize("row", [row for row in TABLE if row.status >= 400 and not row.html], ids=lambda row: row.path)
def test_programs_get_their_refusals_as_problem_json(house: House, row: Row) -> None:
    answer = house.get(row, "", Accept="application/json")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == row.status
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize("name", ["css/tokens.css", "css/base.css", "css/console.css", "js/statement.js", "icon.svg"])
def test_our_files_load_nothing_from_elsewhere(house: House, name: str) -> None:
    answer = house.site.browser.get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("public, max-age=")
    text = re.sub(r"http://www\.w3\.org/\S+", "", answer.text)
    assert not re.search(r"https?://|url\(\s*['\"]?//|@import", text)


@pytest.mark.parametrize("path", [S, f"/statements/{BELARUSIAN}"])
def test_languages_of_a_statement_name_each_other(house: House, path: str) -> None:
    alternates = _alternates(house.site.browser.get(path))
    assert alternates["x-default"] == "http://localhost:8000" + path
    for code, address in alternates.items():
        other = house.site.browser.get(address)
        assert other.status_code == 200
        assert _alternates(other) == alternates
        assert _canonical(other) == address
        assert code in {"x-default", parse(other.text).one("html").attrs["lang"]}


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        (S, S),
        (f"/en{S}", S),
        (f"/be{S}", f"/be{S}"),
        (f"/ru{S}", S),
        (f"/be{S}/signatories", f"/be{S}/signatories"),
        (f"/ru{S}/signatories?q=a&order=name", f"{S}/signatories"),
        (f"/be/statements/{BELARUSIAN}", f"/statements/{BELARUSIAN}"),
    ],
)
def test_each_text_has_one_canonical_address(house: House, address: str, canonical: str) -> None:
    assert _canonical(house.site.browser.get(address)) == "http://localhost:8000" + canonical


def test_the_canonical_text_is_sent_under_its_own_language(house: House) -> None:
    answers = {prefix: house.site.browser.get(f"{prefix}{S}.txt") for prefix in PREFIXES}
    assert {prefix: answer.headers["content-language"] for prefix, answer in answers.items()} == {"": "en", "/en": "en", "/be": "be", "/ru": "en"}


@pytest.mark.parametrize("path", ["/privacy/", f"{S}/", f"{S}/signatories/"])
def test_a_slash_too_many_keeps_the_language_and_the_host(house: House, path: str) -> None:
    answer = house.site.browser.get(f"/be{path}", headers={"Host": "evil.example"})
    if answer.is_redirect:
        assert answer.headers["location"] in {f"/be{path[:-1]}", f"http://localhost:8000/be{path[:-1]}"}
        assert answer.headers["cache-control"] == "no-store"
    else:
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/%5Cevil.example/",
        "/be//evil.example/",
        "/%2Fevil.example/",
        "/https:/evil.example/",
        "//",
        "/be//",
        "/%0d%0aX-Own:%201/",
        "/x/?next=//evil.example",
    ],
)
def test_no_slash_leads_to_another_host(house: House, path: str) -> None:
    answer = house.site.wait(house.site.browser.client.get(httpx.URL("http://localhost:8000").copy_with(raw_path=path.encode())))
    assert answer.status_code in {200, 307, 308, 404}
    assert "x-own" not in answer.headers
    assert re.fullmatch(r"(http://localhost:8000)?/(?![/\\]).*|", answer.headers.get("location", ""))


@pytest.mark.parametrize("head", ["xx", "de-DE.%22%3E%3Cb%3E", "de-DE.%0d%0aX-Own:%201", "de-DE@x", "en_GB", "de--DE", "a" * 36, "%00", "be%20", "-", "root"])
def test_an_invented_language_is_no_address(house: House, head: str) -> None:
    for path in (S, f"{S}.txt", f"{S}/sign", "/embed/open-archives"):
        answer = house.site.browser.get(f"/{head}{path}")
        assert answer.status_code == 404, path
        assert "x-own" not in answer.headers


def test_no_answer_repeats_the_host_that_the_client_claims(house: House) -> None:
    for row in TABLE:
        answer = house.get(row, "", Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers), row.path


def _marks(page: Element) -> list[str]:
    """Every id that the page refers to."""
    found = [element.attrs["href"][1:] for element in page.all("a") if element.attrs.get("href", "").startswith("#")]
    found += [element.attrs["for"] for element in page.all("label") if "for" in element.attrs]
    for name in ("aria-labelledby", "aria-describedby", "data-copy"):
        found += [mark for element in page.all() for mark in element.attrs.get(name, "").split()]
    return found


def _alternates(page: httpx.Response) -> dict[str, str]:
    return {link.attrs["hreflang"]: link.attrs["href"] for link in parse(page.text).all("link", rel="alternate") if "hreflang" in link.attrs}


def _canonical(page: httpx.Response) -> str:
    return parse(page.text).one("link", rel="canonical").attrs["href"]


def test_every_link_and_file_of_our_pages_answers(house: House) -> None:
    """From home in each language, three steps deep."""
    seen: dict[str, int] = {}
    depth = [f"{prefix}/" for prefix in PREFIXES]
    broken: list[tuple[str, str, int]] = []
    for _ in range(4):
        found: dict[str, str] = {}
        for address in depth:
            answer = house.site.browser.get(address)
            if "text/html" in answer.headers["content-type"] and answer.status_code == 200:
                found |= {name.partition("#")[0]: address for name in linked(parse(answer.text), address)}
        new = {name: source for name, source in found.items() if name not in seen}
        for name, source in new.items():
            answer = house.site.browser.get(name)
            seen[name] = answer.status_code
            if answer.status_code != 200 and (answer.status_code, name.endswith("/sign")) != (409, True):
                broken.append((name, source, answer.status_code))
        depth = [name for name in new if "/dev/" not in name]  # letters hold links that were used
    assert broken == []
    assert {f"http://localhost:8000{prefix}{path}" for prefix in PREFIXES for path in (S, f"{S}/signatories", "/privacy", "/docs/api")} - set(seen) == set()
