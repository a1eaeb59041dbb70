"""The clock run day by day: no row is ever older than the schedule, and the erased leave nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.cli import cli
from app.clock import utcnow
from app.moderation.actions import reject, remove
from app.outbox.actions import enqueue
from app.outbox.models import Mail, MailState
from app.signatures import ownership, reporting
from app.signatures.forms import ReportForm
from app.signatures.models import Complaint, Signature, State
from app.signatures.retention import SCHEDULE
from app.statements.actions import close
from app.tables import metadata
from app.upkeep.schedule import DUTIES, kept, sweep
from tests import cast
from tests.signatures.hands import sign_many, staff, the_statement
from tests.site import Site

START = utcnow()
FATES = ("pending", "confirmed", "published", "withheld", "rejected", "removed", "withdrawn", "muted", "reported", "asked")


def crowd(site: Site, count: int) -> None:
    """Signers of every fate, their steps spread over the first ten days."""
    staff(site)
    people = [cast.organisation(email=f"person{n}@house{n}.org", visibility="withheld" if FATES[n % 10] == "withheld" else "public") for n in range(count)]
    sign_many(site, people, now=START)
    for number, row in enumerate(site.rows()):
        with site.database.transaction() as session:
            _walk(site, session, session.get_one(Signature, row.id), FATES[number % 10], START + timedelta(days=number % 10, hours=1))


def _walk(site: Site, session: object, row: Signature, fate: str, now: datetime) -> None:
    from sqlmodel import Session

    from app.accounts.models import Account
    from app.publication.publisher import publish_approved

    assert isinstance(session, Session)
    moderator = session.exec(select(Account)).one()
    if fate == "pending":
        return
    row.confirm(now)
    if fate == "confirmed":
        return
    if fate == "rejected":
        reject(session, row.id, moderator, "a reason that names Tamar", now)
        return
    row.approve(now)
    session.flush()
    publish_approved(session, now)
    match fate:
        case "removed":
            from app.moderation.models import Removal

            remove(session, row.id, moderator, Removal.OTHER, "a note", now)
        case "withdrawn":
            ownership.withdraw(session, row, "a parting word", now)
        case "muted":
            ownership.mute(session, row, now)
        case "reported":
            reporting.report(session, row, ReportForm(reason=Complaint.OTHER, words="words"), now)
        case "asked":
            reporting.inquire(session, row, "office@house.org", now)


def days(count: int) -> Iterator[datetime]:
    yield from (START + timedelta(days=day) for day in range(count))


@pytest.mark.parametrize("closes", [20, None])
def test_run_day_by_day_for_120_days_no_row_is_older_than_the_schedule(site: Site, closes: int | None) -> None:
    site.publish()
    crowd(site, 30)
    with site.database.transaction() as session:
        enqueue(session, "waiting", "somebody@site.example", "en", START, {"count": "1"})
        session.exec(select(Mail).where(Mail.name == "waiting")).one().state = MailState.DEAD
        for mail in session.exec(select(Mail)):
            mail.finished_at = START
        if closes:
            close(session, cast.SLUG, START + timedelta(days=closes), START)
    for now in days(121):
        sweep(site.database, now)
        with site.database.reading() as session:
            late = [one.rule.key for one in kept(session, now) if one.due or (one.next_at and one.next_at < now)]
        assert late == [], now
    states = {row.state for row in site.rows()}
    assert states >= {State.EXPIRED, State.PUBLISHED, State.REJECTED, State.REMOVED, State.WITHDRAWN}


def test_every_rule_of_the_schedule_that_has_a_time_has_a_duty_and_a_row_of_the_console(site_on_sqlite: Site) -> None:
    assert {rule.key for rule in SCHEDULE if rule.after} == {duty.key for duty in DUTIES}
    page = staff(site_on_sqlite).get("/console/kept")
    assert page.status_code == 200
    assert [rule.what for rule in SCHEDULE if rule.after and rule.what not in page.text] == []


def test_the_dry_run_says_what_is_due_and_erases_nothing(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    site_on_sqlite.publish()
    sign_many(site_on_sqlite, [cast.individual()], now=START - timedelta(days=4))
    monkeypatch.setattr("app.cli._database", lambda: site_on_sqlite.database)
    said = CliRunner().invoke(cli, ["retention", "--dry-run"]).output
    assert "A signature that was not confirmed: 72 hours; 1 kept, 1 due" in said
    assert site_on_sqlite.rows()[0].state is State.PENDING
    assert "1 erased." in CliRunner().invoke(cli, ["retention"]).output
    assert site_on_sqlite.rows()[0].state is State.EXPIRED


def test_erasure_leaves_no_trace_in_any_column_of_any_table(site: Site) -> None:
    site.publish()
    crowd(site, 10)
    for row in site.rows():
        with site.database.transaction() as session:
            signature = session.get_one(Signature, row.id)
            if signature.confirmed_at:
                ownership.erase(session, signature, START)
    known = ("Tamar", "Magalithidze", "Fictional House", "person", "rivers-house", "a parting word", "a note")
    with site.database.engine.connect() as connection:
        found = [
            (table.name, text) for table in metadata.sorted_tables for line in connection.execute(sa.select(table)) for text in known if text in repr(line)
        ]
        sealed = connection.execute(
            sa.text(
                "SELECT count(*) FROM signature WHERE confirmed_at IS NOT NULL AND (particulars IS NOT NULL OR address IS NOT NULL OR address_index IS NOT NULL OR parting IS NOT NULL OR correction IS NOT NULL)"
            )
        ).scalar_one()
        about = connection.execute(
            sa.text(
                "SELECT (SELECT count(*) FROM report) + (SELECT count(*) FROM inquiry) + (SELECT count(*) FROM organisation) + (SELECT count(*) FROM decision WHERE words IS NOT NULL)"
            )
        ).scalar_one()
    assert (found, sealed, about) == ([], 0, 0)
    assert the_statement(site).slug == cast.SLUG
