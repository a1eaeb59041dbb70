"""Signatures that were collected elsewhere: handed in as a sheet, looked at, entered, taken back."""

import io
import re
from collections.abc import Sequence

import pytest
from openpyxl import Workbook
from sqlmodel import select

from app.accounts.models import Role
from app.audit.models import Entry
from app.clock import utcnow
from app.keys.rotation import rotate
from app.outbox.models import Mail
from app.secretariat import collecting
from app.secretariat.collecting import collections_due
from app.signatures.collected import Collection
from app.statements.queries import get
from tests import cast
from tests.proof import sheets
from tests.proof.figures import failed
from tests.signatures.hands import staff, stored
from tests.site import Browser, Site

PLACE = f"/console/statements/{cast.SLUG}/import"
PUBLIC = f"/statements/{cast.SLUG}"
HEADER = ("Name", "Role", "Organisation", "Country", "E-mail", "Named")
PEOPLE = (
    ("Alena Prykladnaya", "teacher", "", "Belarus", "alena@post-office.org", "yes"),
    ("Ян Прыклад", "", "", "Беларусь", "", ""),
    ("Hidden Person", "", "", "PL", "", "no"),
)


def csv(rows: Sequence[Sequence[str]], separator: str = ",", coding: str = "utf-8") -> bytes:
    return "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows).encode(coding)


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(written)
    return written.getvalue()


def hand_in(browser: Browser, raw: bytes, attested_by: str = "the secretary of the coalition") -> str:
    """The page of the sheet."""
    answer = browser.post(PLACE, {"attested_by": attested_by}, files={"file": ("sheet.csv", raw)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def entered(browser: Browser, site: Site, place: str) -> None:
    assert browser.post(f"{place}/enter").status_code == 303
    while collections_due(site.database):
        pass
    site.work()


def editor(site: Site) -> Browser:
    site.publish()
    return staff(site, Role.EDITOR)


@pytest.mark.parametrize("raw", [csv((HEADER, *PEOPLE)), csv((HEADER, *PEOPLE), ";"), csv((HEADER, *PEOPLE), "\t", "utf-16"), xlsx((HEADER, *PEOPLE))])
def test_a_sheet_is_read_and_entered_and_says_publicly_where_it_comes_from(site: Site, raw: bytes) -> None:
    browser = editor(site)
    place = hand_in(browser, raw)
    page = browser.get(place).text
    assert [name in page for name, *_ in PEOPLE] == [True, True, True]
    assert site.browser.get(f"{PUBLIC}/signatories.json").json()["items"] == []
    entered(browser, site, place)
    items = site.browser.get(f"{PUBLIC}/signatories.json").json()["items"]
    assert [(one["name"], one["country"], one["source"]) for one in items] == [(name, "BY", "import") for name, *_ in PEOPLE[:2]]
    assert "collected by the secretariat, attested by the secretary of the coalition" in site.browser.get(f"{PUBLIC}/signatories").text
    assert (stored(site, Mail), {row.address for row in site.rows()}) == (0, {None})


def test_a_second_run_adds_nobody_nor_does_who_signed_by_the_form(site: Site) -> None:
    browser = editor(site)
    site.signed(kind="individual", name="Somebody Else", email="Alena@post-office.org")
    for _ in range(2):
        entered(browser, site, hand_in(browser, csv((HEADER, *PEOPLE, PEOPLE[1]))))
    assert [row.source.value for row in site.rows()] == ["form", "import", "import"]
    with site.database.reading() as session:
        assert [(one.added, one.known) for one in session.exec(select(Collection).order_by(Collection.created_at)).all()] == [(2, 2), (0, 4)]  # type: ignore[arg-type]


def test_rows_that_cannot_be_read_are_said_with_number_and_reason(site: Site) -> None:
    browser = editor(site)
    place = hand_in(
        browser, csv((HEADER, ("", "", "", "BY", "", ""), ("Good Person", "", "", "BY", "", ""), ("Bad Country", "", "", "Atlantis", "not an address", "")))
    )
    page = browser.get(place).text
    assert "2 rows cannot be read" in page
    assert "Please choose a country from the list." in page
    report = browser.get(f"{place}/refused").text
    assert re.search(r"^2,.*Please write your name", report, re.MULTILINE)
    assert re.search(r"^4,.*complete e-mail address", report, re.MULTILINE)
    entered(browser, site, place)
    assert [row.name for row in site.rows()] == ["Good Person"]


def test_the_columns_can_be_said_and_what_stands_where_a_cell_is_empty(site: Site) -> None:
    browser = editor(site)
    place = hand_in(browser, csv((("A", "B"), ("Tamar Example", "House of Waters"))))
    assert "1 row cannot be read" in browser.get(place).text
    said = {"name": "0", "organisation": "1", "role": "1", "kind_else": "organisation", "country_else": "GE"}
    assert browser.post(f"{place}/columns", said).status_code == 303
    entered(browser, site, place)
    (row,) = site.rows()
    assert (row.kind.value, row.organisation, row.country) == ("organisation", "House of Waters", "GE")


def test_where_two_administer_many_are_taken_back_only_when_another_agrees(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "FEW", 2)
    first, second = (staff(site, Role.ADMINISTRATOR, f"{name}@site.example") for name in ("first", "second"))
    browser = editor(site)
    place = hand_in(browser, csv((HEADER, *PEOPLE)))
    entered(browser, site, place)
    assert browser.post(f"{place}/take-back").status_code == 403
    assert "Ask an administrator" in browser.get(place).text
    assert browser.post(f"{place}/ask").status_code == 303
    assert [browser.post(f"{place}/take-back").status_code, first.post(f"{place}/take-back").status_code] == [403, 403]
    page = second.get("/console/assents").text
    (asked,) = set(re.findall(r"/console/assents/([0-9a-f-]{36})/give", page))
    assert (place in page, second.post(f"/console/assents/{asked}/give").status_code) == (True, 303)
    assert [browser.post(f"{place}/take-back").status_code for _ in range(2)] == [303, 403]


def test_a_whole_sheet_can_be_taken_back_and_entered_again(site: Site) -> None:
    browser = editor(site)
    place = hand_in(browser, csv((HEADER, *PEOPLE)))
    entered(browser, site, place)
    assert browser.post(f"{place}/take-back").status_code == 303
    while collections_due(site.database):
        pass
    assert site.browser.get(f"{PUBLIC}/signatories.json").json()["items"] == []
    assert all(row.particulars is None and row.address_index is None for row in site.rows())
    entered(browser, site, hand_in(browser, csv((HEADER, *PEOPLE))))
    assert len(site.browser.get(f"{PUBLIC}/signatories.json").json()["items"]) == 2


@pytest.mark.parametrize("raw", [b"", b"Name\r\n", b"PK\x03\x04 no workbook", b"\x00\xff\xfe"])
def test_what_is_no_sheet_is_refused_with_a_sentence(site_on_sqlite: Site, raw: bytes) -> None:
    answer = editor(site_on_sqlite).post(PLACE, {"attested_by": "kept as typed"}, files={"file": ("sheet.xlsx", raw)})
    assert (answer.status_code, 'id="file-problem"' in answer.text, "kept as typed" in answer.text) == (422, True, True)


def test_a_sheet_of_fifty_megabytes_is_refused_with_a_sentence(site_on_sqlite: Site) -> None:
    answer = editor(site_on_sqlite).post(PLACE, {"attested_by": "x"}, files={"file": ("sheet.csv", b"x" * 50 * 1024 * 1024)})
    assert (answer.status_code, "larger than this site accepts" in answer.text) == (413, True)


def test_the_rows_are_sealed_turn_with_the_keys_and_the_record_names_nobody(site: Site) -> None:
    browser = editor(site)
    place = hand_in(browser, csv((HEADER, *PEOPLE)))
    with site.database.reading() as session:
        statement = get(session, cast.SLUG)
        assert all(b"Alena" not in (one.rows or b"") for one in session.exec(select(Collection)).all())
        assert not any("Alena" in one.detail for one in session.exec(select(Entry)).all())
    rotate(site.database, statement.id, utcnow(), lambda *_: None)
    assert "Alena Prykladnaya" in browser.get(place).text


def test_a_sheet_of_another_statement_is_not_found(site_on_sqlite: Site) -> None:
    browser = editor(site_on_sqlite)
    place = hand_in(browser, csv((HEADER, *PEOPLE)))
    other = site_on_sqlite.publish(cast.statement(slug="another"))
    assert browser.get(place.replace(cast.SLUG, other)).status_code == 404


def test_many_rows_small(site: Site) -> None:
    assert failed(sheets.run(site, 300, 15), sheets.EXPECTED) == {}
