"""The list as a spreadsheet: nothing in it is a formula."""

import csv
import io
from collections.abc import Iterator

import pytest

from app.signatures import queries
from app.signatures.models import Signature
from tests import cast
from tests.feeds.lists import LIST, first, got, many
from tests.site import Site

FILE = f"/statements/{cast.SLUG}/signatories.csv"
HEADER = ["number", "kind", "name", "role", "organisation", "website", "country", "language", "first", "source", "revision", "date"]
RISKY = ("=mc²", "+972 Magazine", "-x", "@home")


def table(site: Site, path: str = FILE) -> list[list[str]]:
    return list(csv.reader(io.StringIO(site.browser.get(path).content.decode("utf-8-sig"), newline="")))


def test_the_file_begins_with_a_byte_order_mark_and_a_header(site: Site) -> None:
    slug = site.publish()
    answer = site.browser.get(FILE)
    assert answer.content.startswith(b"\xef\xbb\xbfnumber,kind,")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{slug}-signatories.csv"'
    assert table(site) == [HEADER]


@pytest.mark.parametrize("face", ["csv", "ndjson"])
def test_who_asks_for_the_headers_alone_does_not_make_us_go_through_the_list(site_on_sqlite: Site, face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    path, row, gone = FILE.removesuffix("csv") + face, site_on_sqlite.rows()[0], list[int]()

    def long(*_: object) -> Iterator[Signature]:
        for number in range(20_000):
            gone.append(number)
            yield row

    headers = site_on_sqlite.browser.get(path).headers
    monkeypatch.setattr(queries, "everyone", long)
    answer = site_on_sqlite.browser.head(path)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", headers["etag"])
    assert len(gone) < 1000


def test_every_row_says_what_the_json_says(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST + "moderation: {organisations: automatic}\n"))
    site.signed()
    site.work()
    header, *rows = table(site)
    said = [dict(zip(header, row, strict=True)) for row in rows]
    assert said == [{name: _text(value) for name, value in item.items()} for item in got(site, LIST)["items"]]


def _text(value: object) -> str:
    return {None: "", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", RISKY)
def test_a_cell_that_would_start_a_formula_is_prefixed(site_on_sqlite: Site, name: str) -> None:
    person = {"name": name, "role": name, "organisation": name}
    site_on_sqlite.publish(cast.statement(front=first({**person, "kind": "organisation"}, {**person, "kind": "individual"})))
    header, *rows = table(site_on_sqlite)
    for row in rows:
        assert [dict(zip(header, row, strict=True))[column] for column in ("name", "role", "organisation")] == [f"'{name}"] * 3
    assert [item["organisation"] for item in got(site_on_sqlite, LIST)["items"]] == [name, name]


@pytest.mark.parametrize("name", RISKY)
def test_a_risky_name_from_the_form_is_prefixed_too(site_on_sqlite: Site, name: str) -> None:
    site_on_sqlite.publish(cast.statement(front="moderation: {organisations: automatic}\n"))
    site_on_sqlite.signed(organisation=name, role="+1 of the board")
    site_on_sqlite.work()
    _, row = table(site_on_sqlite)
    assert f"'{name}" in row
    assert "'+1 of the board" in row


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "－", "＠"])
def test_no_cell_begins_with_a_sign_that_a_spreadsheet_acts_on(site_on_sqlite: Site, start: str) -> None:
    """The signs of OWASP's page on CSV injection, the full-width ones included."""
    site_on_sqlite.publish(cast.statement(front=first(*({"organisation": f"{start}{rest}", "name": f"{start} Ann"} for rest in ("1", "cmd", "SUM(A1)", "'x")))))
    assert [cell for row in table(site_on_sqlite) for cell in row if cell[:1] in {*"=+-@\t\r\n＝＋－＠"}] == []
    assert len(table(site_on_sqlite)) == 5


@pytest.mark.parametrize("name", ["\tTab", "Tab\there", "=1\t+1", "line\nbreak", "carriage\rreturn"])
def test_a_name_with_a_tab_or_a_line_break_inside_is_never_taken(site_on_sqlite: Site, name: str) -> None:
    slug = site_on_sqlite.publish()
    site_on_sqlite.browser.post(f"/statements/{slug}/sign", cast.organisation(organisation=name))
    site_on_sqlite.work()
    kept = [row.state.value for row in site_on_sqlite.rows()]
    assert kept == ([] if name != "\tTab" else ["pending"])  # white space around a name is cut, inside it is refused


def test_quotes_commas_and_every_script_come_back_as_they_were(site_on_sqlite: Site) -> None:
    names = ('Bread, "Roses" and Co', "Арганізацыя «Ўлонне», філія", 'ends with "', "'already quoted'", "მდინარეები; სახლი", "مركز الأنهار", "a,b,c")
    site_on_sqlite.publish(cast.statement(front=first(*({"organisation": name} for name in names))))
    assert tuple(row[HEADER.index("organisation")] for row in table(site_on_sqlite)[1:]) == names


def test_a_long_list_comes_whole_and_in_order(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(205)))
    assert [row[0] for row in table(site_on_sqlite)[1:]] == [str(n) for n in range(1, 206)]


def test_the_list_comes_whole_when_the_database_is_read_in_pieces(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = queries.in_order_of_signing
    site.publish(cast.statement(front=many(55)))
    monkeypatch.setattr(queries, "in_order_of_signing", lambda session, statement, after, limit: whole(session, statement, after, 10))
    assert [row[0] for row in table(site)[1:]] == [str(n) for n in range(1, 56)]
