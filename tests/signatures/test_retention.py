"""What is kept, to the minute: nothing goes earlier, nothing stays longer."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from app.clock import utcnow
from app.outbox.actions import enqueue
from app.outbox.models import Mail, MailState
from app.signatures.beside import MailedLink
from app.signatures.models import Signature, State, Visibility
from app.signatures.retention import SCHEDULE
from app.statements.actions import close
from app.upkeep.schedule import keep_schedule
from tests import cast
from tests.signatures.hands import change, mails, sign_many, stored, the_statement
from tests.site import Site

MINUTE = timedelta(minutes=1)
NOW = utcnow()
EMAIL = "mikola@post-office.org"


def sweep(site: Site, later: timedelta) -> None:
    with site.database.transaction() as session:
        while keep_schedule(session, NOW + later):
            session.flush()


def brought(site: Site, state: State, visibility: Visibility = Visibility.PUBLIC) -> None:
    """One signature in this state, every step of its way taken at NOW."""
    (link,) = sign_many(site, [cast.individual(visibility=visibility.value)], now=NOW)

    def walk(row: Signature) -> None:
        if state is not State.PENDING:
            row.confirm(NOW)
        if state in {State.APPROVED, State.PUBLISHED, State.REMOVED}:
            row.approve(NOW)
        if state in {State.PUBLISHED, State.REMOVED}:
            row.publish(NOW)
        if state is State.REMOVED:
            row.remove(NOW)
        if state is State.REJECTED:
            row.reject(NOW)

    change(site, link.email, walk)


def left(site: Site) -> tuple[bool, bool, bool]:
    """Whether particulars, address and index are still there."""
    row = site.rows()[-1]
    return row.particulars is not None, row.address is not None, row.address_index is not None


@pytest.mark.parametrize(("after", "state", "kept"), [(-MINUTE, State.PENDING, True), (MINUTE, State.EXPIRED, False)])
def test_an_unconfirmed_signature_is_erased_after_72_hours(site: Site, after: timedelta, state: State, kept: bool) -> None:
    site.publish()
    brought(site, State.PENDING)
    sweep(site, timedelta(hours=72) + after)
    assert (site.rows()[0].state, left(site), stored(site, MailedLink)) == (state, (kept,) * 3, int(kept))


def test_a_second_link_prolongs_an_unconfirmed_signature_until_that_link_is_over(site: Site) -> None:
    site.publish()
    brought(site, State.PENDING)
    with site.database.transaction() as session:
        session.exec(select(MailedLink)).one().expires_at = NOW + timedelta(hours=140)
    sweep(site, timedelta(hours=139))
    assert site.rows()[0].state is State.PENDING
    sweep(site, timedelta(hours=141))
    assert (site.rows()[0].state, left(site)) == (State.EXPIRED, (False, False, False))


def test_an_expired_address_may_sign_again(site: Site) -> None:
    site.publish()
    brought(site, State.PENDING)
    sweep(site, timedelta(hours=73))
    sign_many(site, [cast.individual()])
    assert sorted(row.state for row in site.rows()) == [State.EXPIRED, State.PENDING]


@pytest.mark.parametrize("state", [State.APPROVED, State.PUBLISHED, State.REJECTED, State.REMOVED])
@pytest.mark.parametrize(("after", "kept"), [(-MINUTE, True), (MINUTE, False)])
def test_the_address_goes_seven_days_after_the_decision(site_on_sqlite: Site, state: State, after: timedelta, kept: bool) -> None:
    site_on_sqlite.publish()
    brought(site_on_sqlite, state)
    sweep(site_on_sqlite, timedelta(days=7) + after)
    assert left(site_on_sqlite) == (True, kept, True)


def test_before_a_decision_the_address_stays(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    brought(site_on_sqlite, State.CONFIRMED)
    sweep(site_on_sqlite, timedelta(days=60))
    assert left(site_on_sqlite) == (True, True, True)


@pytest.mark.parametrize("state", [State.REJECTED, State.REMOVED])
@pytest.mark.parametrize(("after", "kept"), [(-MINUTE, True), (MINUTE, False)])
def test_of_a_rejected_or_removed_signature_nothing_typed_is_left_after_14_days(site: Site, state: State, after: timedelta, kept: bool) -> None:
    site.publish()
    brought(site, state)
    sweep(site, timedelta(days=14) + after)
    assert left(site) == (kept, False, kept)


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.WITHHELD])
@pytest.mark.parametrize(("after", "kept"), [(-MINUTE, True), (MINUTE, False)])
def test_a_name_that_is_withheld_goes_90_days_after_closing_and_a_public_one_stays(site: Site, visibility: Visibility, after: timedelta, kept: bool) -> None:
    slug = site.publish()
    brought(site, State.PUBLISHED, visibility)
    with site.database.transaction() as session:
        close(session, slug, NOW, NOW)
    sweep(site, timedelta(days=90) + after)
    assert (site.rows()[0].state, left(site)[0]) == (State.PUBLISHED, kept or visibility is Visibility.PUBLIC)


def test_a_withheld_name_stays_while_the_statement_is_open(site: Site) -> None:
    site.publish()
    brought(site, State.PUBLISHED, Visibility.WITHHELD)
    sweep(site, timedelta(days=400))
    assert left(site)[0]


def test_a_closing_day_in_the_statement_file_counts_as_closing(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    brought(site_on_sqlite, State.PUBLISHED, Visibility.WITHHELD)
    site_on_sqlite.publish(cast.statement(closes=f"{NOW:%Y-%m-%d} 00:00 Europe/Minsk"))
    sweep(site_on_sqlite, timedelta(days=92))
    assert not left(site_on_sqlite)[0]


def test_the_schedule_keeps_up_with_more_rows_than_one_batch(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    sign_many(site_on_sqlite, (cast.individual(email=f"person{n}@post-office.org") for n in range(501)), now=NOW)
    sweep(site_on_sqlite, timedelta(hours=73))
    assert {row.state for row in site_on_sqlite.rows()} == {State.EXPIRED}
    assert {row.particulars for row in site_on_sqlite.rows()} == {None}


def test_a_sweep_with_nothing_to_do_changes_nothing(site: Site) -> None:
    site.publish()
    for state in (State.PENDING, State.PUBLISHED, State.REJECTED):
        sign_many(site, [cast.individual(email=f"{state.value}@post-office.org")], now=NOW)
        change(site, f"{state.value}@post-office.org", partial(stand, state))
    before = [row.model_dump() for row in site.rows()]
    sweep(site, timedelta(hours=71))
    assert [row.model_dump() for row in site.rows()] == before


def stand(state: State, row: Signature) -> None:
    row.state = state


def finished(site: Site, state: MailState) -> None:
    with site.database.transaction() as session:
        enqueue(session, "waiting", EMAIL, "en", NOW, {"count": "1"})
    with site.database.transaction() as session:
        mail = session.exec(select(Mail)).one()
        if state is MailState.SENT:
            mail.sent(NOW, keep=False)
        elif state is MailState.DEAD:
            mail.failed(NOW, "refused 550", None)


@pytest.mark.parametrize(
    ("state", "later", "rows", "payload"),
    [
        (MailState.SENT, timedelta(days=30) - MINUTE, 1, False),
        (MailState.SENT, timedelta(days=30) + MINUTE, 0, False),
        (MailState.DEAD, timedelta(days=7) - MINUTE, 1, True),
        (MailState.DEAD, timedelta(days=7) + MINUTE, 1, False),
        (MailState.DEAD, timedelta(days=30) + MINUTE, 0, False),
        (MailState.QUEUED, timedelta(days=60), 1, True),
    ],
)
def test_finished_mails_lose_their_content_and_then_their_row(site: Site, state: MailState, later: timedelta, rows: int, payload: bool) -> None:
    finished(site, state)
    with site.database.transaction() as session:
        keep_schedule(session, NOW + later)
    found = mails(site)
    assert (len(found), any(mail.payload for mail in found)) == (rows, payload)


def test_the_privacy_notice_says_every_rule_of_the_schedule(site_on_sqlite: Site) -> None:
    page = site_on_sqlite.browser.get("/privacy").text
    assert [rule.what for rule in SCHEDULE if rule.what not in page or rule.keep not in page] == []


def test_erased_values_are_overwritten_in_the_file(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    brought(site_on_sqlite, State.PENDING)
    sealed = site_on_sqlite.rows()[0].particulars
    assert sealed
    sweep(site_on_sqlite, timedelta(hours=73))
    with Session(site_on_sqlite.database.engine) as session:
        session.connection().exec_driver_sql("COMMIT")
        session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        session.connection().exec_driver_sql("BEGIN")
    left_in = [path.name for path in site_on_sqlite.folder.iterdir() if path.is_file() and sealed[3:] in path.read_bytes()]
    assert left_in == []
    assert the_statement(site_on_sqlite).slug == cast.SLUG
