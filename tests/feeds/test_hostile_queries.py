"""Whatever stands in an address, the answer is a page or a refusal, never a failure; on both databases."""

import base64
import json
import re
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app import i18n
from app.errors import InvalidSource
from app.web.templates import environment
from tests import cast
from tests.feeds.lists import first
from tests.site import Site
from tests.web.markup import inline, parse

S = f"/statements/{cast.SLUG}"


def cursor(number: int, key: bytes = b"") -> str:
    """A page mark as the application writes it, with anything inside."""
    return base64.urlsafe_b64encode(number.to_bytes(8, "big") + key).rstrip(b"=").decode()


# As they stand in the address: some are not even valid percent-encoding or UTF-8.
VALUES = (
    *("", "%00", "a%00b", "%", "%zz", "%ff%fe", "%ed%a0%80", "%c0%ae", "+", "%2B", "%0d%0aSet-Cookie:%20a=b", "%E2%80%AE%D9%85", "%F3%A0%81%81", "%EF%BF%BF"),
    *(
        "0",
        "-1",
        "1e9",
        "1.5",
        "00001",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "9" * 300,
        "%D9%A1",
        "NaN",
        "None",
        "0x10",
        "1_0",
    ),
    *(
        "'",
        '"',
        "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "%25",
        "%25%25%5F",
        "_",
        "\\\\",
        "a\\",
        "');%20DROP%20TABLE%20signature;--",
        "%7B%7B7*7%7D%7D",
        "$%7Bx%7D",
        "%(count)s",
    ),
    *(
        "a" * 5000,
        quote("Ў" * 199),
        quote("\u0301" * 150),
        quote("👩‍👩‍👧" * 20),
        quote("İSTANBUL ẞ ﬁ Ǆ"),
        "%E0%B8%B3",
        "..%2f..%2fetc%2fpasswd",
        "[]",
        "a&a=b&a=c",
        ";",
    ),
    *(
        cursor(0),
        cursor(2**62),
        cursor(2**63 - 1),
        cursor(1, b"\xff" * 4000),
        cursor(3, b"\x00"),
        cursor(5, b"\x00" * 4),
        cursor(2**31, b"\xff\xff\xff\xff"),
        "AAAA",
        "=",
        "====",
        "A" * 6000,
    ),
)
PLACES = (
    *(
        "signatories?q={}",
        "signatories?q={}&order=name",
        "signatories?q={}&order=country&kind=individual",
        "signatories?country={}",
        "signatories?kind={}",
        "signatories?order={}",
    ),
    *("signatories?kind=individual&after={}", "signatories?kind=organisation&order=name&after={}", "signatories?kind=individual&order=country&after={}"),
    *(
        "signatories.json?after={}",
        "signatories.json?since={}",
        "signatories.json?since=0&after={}",
        "feed.json?before={}",
        "sign?kind={}",
        "{}",
        "{}.json",
        "signatories?{}",
        "feed.atom?x={}",
    ),
)


@pytest.fixture
def listed(site: Site) -> Site:
    site.publish(
        cast.statement(front=first({"name": "100% Ann_\\"[:-1], "country": "BY"}, {"organisation": "Bread & 'Roses'", "country": "GE"}, {"name": "Ўласаў"}))
    )
    return site


def answered(site: Site, path: str) -> None:
    """A page or a refusal, with nothing of the address in it that a browser would run."""
    answer = site.browser.get(path)
    assert answer.status_code in {200, 307, 308, 400, 404, 410, 422}, path
    assert "set-cookie" not in answer.headers
    if "text/html" in answer.headers.get("content-type", "") and re.search("%22|%3C|'|<|\"", path):
        assert inline(parse(answer.text)) == [], path


def test_no_hostile_value_breaks_an_address(listed: Site) -> None:
    for place, value in product(PLACES, VALUES):
        answered(listed, f"{S}/{place.format(value)}")


RAW = (
    b"%",
    b"%zz",
    b"%2",
    b"\xff\xfe",
    b"a\x00b",
    b"\xd0",
    b"%u0041",
    b"&&==&",
    b"=",
    b"a" * 20_000,
    b"&" * 2_000,
    "Ў".encode(),
    b"%%%00%%",
    b"\r\n\r\n",
    b"<script>",
)


def test_no_query_breaks_an_address_as_raw_bytes(listed: Site) -> None:
    """Past a client that would encode them properly."""
    for place, value in product((place for place in PLACES if "?" in place and "&" not in place), RAW):
        path, _, query = place.partition("?")
        sent = query.replace("{}", "").encode() + value
        assert listed.wait(_status(listed, f"{S}/{path}", sent)) in {200, 400, 410, 422}, (path, sent[:50])


async def _status(site: Site, path: str, query: bytes) -> int:
    began: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            began.append(message["status"])

    scope = {"type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query, "root_path": ""}
    await site.app(
        {**scope, "headers": [(b"host", b"localhost:8000")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "http_version": "1.1"}, receive, send
    )
    return began[0]


def test_no_hostile_value_breaks_a_path(site_on_sqlite: Site) -> None:
    paths = ("/{}", "/be/{}", "/statements/{}", "/ru/statements/{}.json", "/embed/{}", "/static/{}", "/confirm/{}", "/console/signatures/{}", "/dev/mailbox/{}")
    for path, value in product(paths, VALUES):
        answer = site_on_sqlite.browser.get(path.format(value.replace("?", "%3F")))
        assert answer.status_code < 500, (path, value)


HEADERS = ("If-None-Match", "If-Modified-Since", "Accept", "Accept-Language", "Cookie", "X-Forwarded-For", "Range", "Host")
SENT = (
    b"",
    b"\xff\xfe",
    b"a" * 8000,
    b'"' * 99,
    b",,;;bytes=9-1,0-0",
    b"undersigned-session=%00; undersigned-pending=\xff",
    b"::ffff:1.2.3.4, 1.2.3.4.5",
    b"*",
)


def test_no_hostile_header_breaks_a_page(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    for header, value, path in product(HEADERS, SENT, (f"{S}/signatories.json", f"{S}/sign", "/console", "/static/css/base.css")):
        assert site_on_sqlite.browser.get(path, headers={header: value}).status_code < 500, (path, header, value)


@settings(max_examples=40, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(q=st.text(max_size=40), country=st.text(max_size=8), order=st.sampled_from(["signed", "name", "country"]), after=st.binary(max_size=40))
def test_any_search_is_answered(listed: Site, q: str, country: str, order: str, after: bytes) -> None:
    mark = base64.urlsafe_b64encode(after).rstrip(b"=").decode()
    words = quote(q.encode("utf-8", "surrogatepass"))
    place = quote(country.encode("utf-8", "surrogatepass"))
    answered(listed, f"{S}/signatories?q={words}&country={place}&order={order}&kind=individual" + (f"&after={mark}" if mark else ""))


def test_invented_languages_in_addresses_do_not_fill_the_memory(site_on_sqlite: Site) -> None:
    for number in range(50):
        assert site_on_sqlite.browser.get(f"/de-x{number:04}/statements/nowhere").status_code == 404
    for cached in (i18n.valid_tag, i18n.language, i18n.language_name, i18n.direction, environment):
        info = getattr(cached, "cache_info", None)
        assert info is None or info().maxsize is not None or info().currsize < 50, cached


@pytest.mark.parametrize("tag", ['de-DE."><b>', "de-DE@x", "de-DE.utf8", "de-DE.\r\nX: y"])
def test_what_is_no_language_tag_is_refused_in_a_statement(site_on_sqlite: Site, tag: str) -> None:
    with pytest.raises(InvalidSource):
        site_on_sqlite.publish(cast.statement(language=json.dumps(tag)))


def test_a_search_takes_its_signs_literally(listed: Site) -> None:
    for q, found in (
        ("%", ["100% Ann_"]),
        ("_", ["100% Ann_"]),
        ("100%", ["100% Ann_"]),
        ("%ann", []),
        ("a_n", []),
        ("\\", []),
        ("'roses'", ["Bread & 'Roses'"]),
    ):
        page = parse(listed.browser.get(f"{S}/signatories?q={quote(q)}").text)
        assert [row.one("b").text for row in page.one("main").all("li")] == found, q
