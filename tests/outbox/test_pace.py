"""Rates: what is too much is delayed by just as much as it is too much, and never dropped."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.clock import utcnow
from app.keys.queries import keyring
from app.outbox.actions import enqueue_all, mail_row
from app.outbox.models import MailPace, MailState
from app.outbox.pace import Rate, allowance, forget_clocks, paced
from app.settings import get_settings
from tests.signatures.hands import mails
from tests.site import Site

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RATE = Rate("plain", per_hour=60, burst=10)


def dues(site: Site, count: int, rate: Rate = RATE, now: datetime = NOW) -> list[float]:
    with site.database.transaction() as session:
        return [(due - now).total_seconds() for due in paced(session, [rate] * count, now)]


def test_a_burst_leaves_at_once_and_the_rest_in_even_steps(site: Site) -> None:
    assert dues(site, 13) == [0] * 10 + [60, 120, 180]


def test_what_was_used_is_remembered_and_comes_back_with_time(site: Site) -> None:
    dues(site, 10)
    assert dues(site, 2) == [60, 120]
    assert dues(site, 1, now=NOW + timedelta(hours=1)) == [0]


def test_rates_do_not_hinder_each_other(site: Site) -> None:
    other = Rate("other", per_hour=60, burst=1)
    with site.database.transaction() as session:
        found = [(due - NOW).total_seconds() for due in paced(session, [RATE, other] * 3, NOW)]
    assert found == [0, 0, 0, 60, 0, 120]


def test_clocks_that_stand_still_are_forgotten(site: Site) -> None:
    dues(site, 3)
    with site.database.transaction() as session:
        forget_clocks(session, NOW + timedelta(minutes=2))
        assert len(session.exec(select(MailPace)).all()) == 1
        forget_clocks(session, NOW + timedelta(minutes=4))
        assert session.exec(select(MailPace)).all() == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 40)), min_size=1, max_size=12), burst=st.integers(1, 20))
def test_in_no_hour_more_leaves_than_the_rate_and_one_burst(site_on_sqlite: Site, steps: list[tuple[int, int]], burst: int) -> None:
    rate, now, left = Rate(f"lane {burst} {steps}", per_hour=60, burst=burst), NOW, []
    for pause, wanted in steps:
        now += timedelta(seconds=pause)
        with site_on_sqlite.database.transaction() as session:
            left += [now] * allowance(session, rate, now, wanted)
    for start in left:
        assert sum(start <= moment < start + timedelta(hours=1) for moment in left) <= 60 + burst


def test_no_more_leaves_than_the_cap_allows_and_proofs_go_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "mails_per_hour", 6000)
    site.publish()
    with site.database.transaction() as session:
        ring = keyring(session, None)
        rows = [
            mail_row(ring, "waiting", f"{lane}{n}@site.example", "en", utcnow(), {"count": "1"}, lane=lane) for lane in ("plain", "proven") for n in range(40)
        ]
        enqueue_all(session, rows)
    site.work()
    sent = [mail.lane for mail in mails(site) if mail.state is MailState.SENT]
    assert (sent.count("proven"), sent.count("plain"), len(mails(site))) == (10, 10, 80)
