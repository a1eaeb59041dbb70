"""Taking a statement's signatures away: the public list for the staff, everything for two administrators together."""

import csv
import io
import json
import zipfile

import pytest
from sqlmodel import select

from app.accounts import assents
from app.accounts.models import Account, Assent, Person, Role, StaffSession
from app.audit.models import Entry
from app.clock import utcnow
from app.feeds.faces import COLUMNS
from app.secretariat.exporting import LISTED
from app.signatures.models import Signature, State
from app.web.workbook import xlsx_pieces
from tests import cast
from tests.secretariat.test_people import chief
from tests.signatures.hands import staff
from tests.site import Browser, Site
from tests.statements.command import undersigned

PLACE = f"/console/statements/{cast.SLUG}/export"


def signed(site: Site) -> None:
    """One in the list, one that waits."""
    site.publish()
    site.signed()
    moderator = staff(site, email="approver@site.example")
    site.approve_all(moderator)
    site.work()
    site.signed(kind="individual")


def agree(site: Site, email: str) -> None:
    """The second person agrees to what was asked."""
    with site.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == email)).one()
        person = Person(account, session.exec(select(StaffSession).where(StaffSession.account_id == account.id)).one())
        assents.give(session, session.exec(select(Assent)).one().id, person, utcnow())


def taken(site: Site) -> list[str]:
    """What the record says about full exports."""
    with site.database.reading() as session:
        return [entry.detail for entry in session.exec(select(Entry).where(Entry.act == "export-all"))]


def everything(browser: Browser, form: str = "csv") -> tuple[int, str]:
    answer = browser.post(f"{PLACE}/all", {"form": form})
    return answer.status_code, answer.text


def test_the_public_list_is_the_same_as_on_the_public_page(site: Site) -> None:
    signed(site)
    viewer = staff(site, Role.VIEWER, "viewer@site.example")
    public = site.browser.get(f"/statements/{cast.SLUG}/signatories.csv").text
    assert LISTED == COLUMNS
    assert viewer.get(f"{PLACE}/list/csv").text == public
    rows = json.loads(viewer.get(f"{PLACE}/list/json").text)
    assert [row["organisation"] for row in rows] == ["Fictional House of Rivers"]
    with zipfile.ZipFile(io.BytesIO(viewer.get(f"{PLACE}/list/xlsx").content)) as book:
        assert book.testzip() is None
        assert "Fictional House of Rivers" in book.read("xl/worksheets/sheet1.xml").decode()
    page = viewer.get(f"{PLACE}/print").text
    assert ("Fictional House of Rivers" in page, "mikola" in page.lower()) == (True, False)
    assert "personal data" not in viewer.get(PLACE).text


def test_an_administrator_alone_takes_everything_and_it_is_in_the_record(site: Site) -> None:
    signed(site)
    status, text = everything(chief(site))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert (status, sorted(row["email"] for row in rows)) == (200, ["mikola@post-office.org", "tamar@rivers-house.org"])
    assert {row["state"] for row in rows} == {"published", "confirmed"}
    assert taken(site) == ['{"count": 2, "form": "csv"}']


def test_what_does_not_open_is_marked_and_costs_no_other_row(site: Site) -> None:
    signed(site)
    with site.database.transaction() as session:
        row = session.exec(select(Signature).where(Signature.state == State.CONFIRMED)).one()
        row.particulars = (row.particulars or b"")[:-1] + b"x"
    status, text = everything(chief(site))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert (status, [(row["name"], row["unreadable"]) for row in sorted(rows, key=lambda row: row["name"])]) == (
        200,
        [("", "true"), ("Tamar Magalithidze", "false")],
    )


def test_where_two_are_needed_one_person_takes_nothing(site: Site) -> None:
    signed(site)
    first = chief(site)
    second = staff(site, Role.ADMINISTRATOR, "second@site.example")
    assert {everything(browser, form)[0] for browser in (first, second) for form in ("csv", "xlsx", "json")} == {403}
    assert first.post(f"{PLACE}/ask").status_code == 303
    assert "second@site.example" in first.get(PLACE).text
    assert everything(first)[0] == 403  # asked is not agreed
    with pytest.raises(Exception, match="yourself"):
        agree(site, "chief@site.example")
    agree(site, "second@site.example")
    assert everything(second)[0] == 403  # the agreement is for who asked
    assert everything(first, "pdf")[0] == 400
    assert "good for one export" in first.get(PLACE).text
    assert everything(first, "json")[0] == 200
    assert everything(first, "json")[0] == 403  # nor again
    assert taken(site) == ['{"count": 2, "form": "json"}']


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR, Role.EDITOR])
def test_no_lesser_role_takes_everything(site: Site, role: Role) -> None:
    signed(site)
    browser = staff(site, role, "lesser@site.example")
    assert {everything(browser)[0], browser.post(f"{PLACE}/ask").status_code} == {403}
    assert taken(site) == []


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    whole = b"".join(xlsx_pieces(["name"], [["=1+1"], ["<b>\x00"], [None], [True], [7]]))
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert '<c t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>' in sheet
    assert "&lt;b&gt;<" in sheet


def test_the_command_writes_the_public_list(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    signed(site)
    url = site.database.engine.url.render_as_string(hide_password=False)
    file = tmp_path_factory.mktemp("export") / "list.csv"
    said = undersigned("export", cast.SLUG, "--format", "csv", "-o", str(file), url=url)
    assert (said.code, "1 signatories" in said.out) == (0, True)
    assert file.read_bytes().decode() == site.browser.get(f"/statements/{cast.SLUG}/signatories.csv").text
    assert undersigned("export", "nothing-here", "--format", "csv", url=url).code == 2
