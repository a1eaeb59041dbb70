"""What the staff does is in the record, in the transaction of the act; its end cannot be cut off unseen."""

import csv
import io
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app.accounts.models import Role
from app.audit import head
from app.audit.actions import forget_until, record
from app.audit.models import Entry
from app.audit.queries import checked
from app.clock import utcnow
from app.db import Database
from app.errors import DomainError
from app.settings import get_settings
from tests import cast
from tests.signatures.hands import posting, staff, together
from tests.site import PASSWORD, Site


def entries(database: Database) -> list[Entry]:
    with database.reading() as session:
        return list(session.exec(select(Entry).order_by(col(Entry.number))))


def acts(site: Site) -> list[str]:
    return [entry.act for entry in entries(site.database)]


def written(database: Database, count: int) -> None:
    for number in range(count):
        with database.transaction() as session:
            record(session, "open", utcnow(), None, subject=number)


def failing(database: Database) -> None:
    with database.transaction() as session:
        record(session, "open", utcnow(), None)
        raise ZeroDivisionError


def wrong(database: Database) -> list[int]:
    with database.reading() as session:
        return checked(session)[1]


def test_a_moderators_walk_is_recorded(site: Site) -> None:
    site.publish()
    site.signed()
    moderator = site.moderator()
    moderator.post("/console/sign-in", {"email": "moderator@site.example", "password": "a wrong password"})
    site.approve_all(moderator)
    moderator.post("/console/sign-out")
    assert acts(site) == ["sign-in", "wrong-password", "open", "approve", "sign-out"]
    (approved,) = (entry for entry in entries(site.database) if entry.act == "approve")
    assert (approved.statement_id, approved.subject) == (site.rows()[0].statement_id, str(site.rows()[0].id))
    assert wrong(site.database) == []


def test_the_record_names_nobody_who_signed(site: Site) -> None:
    site.publish()
    address = site.signed()
    site.approve_all(site.moderator())
    kept = "\n".join(map(repr, entries(site.database)))
    assert [word for word in (address, cast.organisation()["organisation"], cast.organisation()["name"], PASSWORD) if word in kept] == []


def test_an_act_that_fails_leaves_no_entry_and_the_head_where_it_was(database: Database) -> None:
    written(database, 2)
    before = head.read()
    with pytest.raises(ZeroDivisionError):
        failing(database)
    assert (len(entries(database)), head.read()) == (2, before)


def test_many_acts_at_once_make_one_chain(site: Site) -> None:
    browsers = [staff(site, email=f"person{n}@site.example") for n in range(6)]
    together(site, [posting(browser, "/console/sign-out", {}) for browser in browsers])
    numbers = [entry.number for entry in entries(site.database)]
    assert (numbers, wrong(site.database)) == (list(range(1, 13)), [])


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit_entry SET act = 'approve' WHERE number = 3",
        "UPDATE audit_entry SET subject = 'x' WHERE number = 6",
        "DELETE FROM audit_entry WHERE number = 4",
        "DELETE FROM audit_entry WHERE number = 6",
        "DELETE FROM audit_entry WHERE number > 2",
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET number = number + 100 WHERE number = 2",
    ],
)
def test_what_is_done_to_the_table_behind_our_back_is_found(database: Database, damage: str) -> None:
    written(database, 6)
    with database.transaction() as session:
        session.execute(sa.text(damage))
    assert wrong(database) != []


def test_a_changed_or_missing_head_is_found(database: Database) -> None:
    written(database, 3)
    path = get_settings().data_dir / "audit.head"
    kept = path.read_text()
    path.write_text(kept.replace('"number": 3', '"number": 2'))
    with database.reading() as session, pytest.raises(DomainError, match="changed"):
        checked(session)
    path.write_text("nonsense")
    with database.reading() as session, pytest.raises(DomainError, match="changed"):
        checked(session)
    path.unlink()
    with database.reading() as session, pytest.raises(DomainError, match="missing"):
        checked(session)


def test_a_head_never_goes_back(database: Database) -> None:
    written(database, 3)
    newest = head.read()
    head.advance(2, bytes(32), bytes(32))
    assert head.read() == newest


def test_entries_whose_time_is_over_are_forgotten_and_the_rest_stays_whole(database: Database) -> None:
    written(database, 6)
    with database.transaction() as session:
        forget_until(session, 4)
    assert ([entry.number for entry in entries(database)], wrong(database)) == ([5, 6], [])
    written(database, 1)
    assert wrong(database) == []
    with database.transaction() as session:
        session.execute(sa.text("DELETE FROM audit_entry WHERE number = 5"))
    assert wrong(database) != []


def test_the_record_is_for_administrators_filtered_and_exported(site: Site) -> None:
    site.publish()
    site.signed()
    site.approve_all(site.moderator())
    chief = staff(site, Role.ADMINISTRATOR, "chief@site.example")
    page = chief.get("/console/record").text
    assert ("The record is whole, from 1 to" in page, "moderator@site.example" in page) == (True, True)
    assert "No.</th>" in chief.get("/console/record?act=approve").text
    assert "Nothing in the record matches." in chief.get("/console/record?act=approve&since=2999-01-01").text
    for odd in ("account=x", "since=x", "before=-1", "before=" + "9" * 40, "act=" + "x" * 500, "subject=%00"):
        assert chief.get(f"/console/record?{odd}").status_code == 200
    export = chief.get("/console/record/export")
    rows = list(csv.DictReader(io.StringIO(export.text.lstrip("\ufeff"))))
    assert [row["act"] for row in rows] == acts(site)[:-1]
    assert (acts(site)[-1], export.headers["cache-control"]) == ("export-record", "no-store")


def test_no_cell_of_the_export_starts_a_formula(site_on_sqlite: Site) -> None:
    chief = staff(site_on_sqlite, Role.ADMINISTRATOR, "=cmd@site.example")
    rows = list(csv.DictReader(io.StringIO(chief.get("/console/record/export").text.lstrip("\ufeff"))))
    assert {row["account"] for row in rows} == {"'=cmd@site.example"}


def test_a_cut_record_is_shown_as_such(site_on_sqlite: Site) -> None:
    chief = staff(site_on_sqlite, Role.ADMINISTRATOR)
    chief.get("/console/record/export")
    with site_on_sqlite.database.transaction() as session:
        session.execute(sa.text("DELETE FROM audit_entry WHERE number = 2"))
    assert "1 entry is not what it was: 2." in chief.get("/console/record").text


def test_the_heads_file_is_written_whole(database: Database, tmp_path: Path) -> None:
    written(database, 1)
    path = get_settings().data_dir / "audit.head"
    assert set(json.loads(path.read_text())) == {"number", "digest", "after", "before", "mac"}
    assert path.stat().st_mode & 0o077 == 0
