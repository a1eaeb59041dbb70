"""Alerts and notices: to those on duty alone, in their language, about their statements, and not twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.accounts.models import Account, Grant, Role
from app.clock import utcnow
from app.moderation import notices
from app.moderation.notices import alert_due, noticed, notify_of_queue
from app.signatures.models import Signature
from app.statements.actions import close
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import mails, staff, the_statement
from tests.site import Site


def account(site: Site, email: str, role: Role | None = Role.MODERATOR, **columns: Any) -> None:
    with site.database.transaction() as session:
        session.add(Account(email=email, role=role, password_hash="none", created_at=utcnow(), **columns))


def alerted(site: Site, monkeypatch: pytest.MonkeyPatch, now: datetime | None = None) -> int:
    monkeypatch.setattr(notices, "utcnow", lambda: now or utcnow())
    return alert_due(site.database)


def kinds(site: Site, now: datetime | None = None) -> set[str]:
    with site.database.reading() as session:
        return {kind for _, kind in noticed(session, now or utcnow())}


def late(site: Site) -> None:
    """Somebody waits for three days."""
    (row,) = confirmed(site, 1)
    with site.database.transaction() as session:
        session.get_one(Signature, row).confirmed_at = utcnow() - timedelta(days=3)


def test_a_quiet_statement_alerts_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(site, 3)
    account(site, "moderator@site.example")
    assert (kinds(site), alerted(site, monkeypatch)) == (set(), 0)


def test_twenty_of_one_network_in_ten_minutes_are_a_burst(site: Site) -> None:
    confirmed(site, 20, kind="individual")
    with site.database.transaction() as session:
        rows = list(session.exec(select(Signature)))
        for row in rows[:19]:
            row.cluster = "b" * 32
    assert kinds(site) == set()
    with site.database.transaction() as session:
        session.get_one(Signature, rows[19].id).cluster = "b" * 32
    assert kinds(site) == {"burst"}
    assert kinds(site, utcnow() + timedelta(minutes=11)) == set()


def test_what_waits_for_more_than_two_days_is_late(site: Site) -> None:
    late(site)
    assert kinds(site) == {"late"}


def test_a_dead_letter_is_told_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(site, 1)
    account(site, "moderator@site.example")
    with site.database.transaction() as session:
        (mail,) = (session.merge(mail) for mail in mails(site))
        mail.failed(utcnow(), "refused 550", None)
    assert (kinds(site), alerted(site, monkeypatch)) == ({"mail"}, 1)
    assert (kinds(site), alerted(site, monkeypatch, utcnow() + timedelta(hours=2))) == (set(), 0)


def test_a_statement_that_closes_with_a_queue_is_told_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(site, 1)
    account(site, "moderator@site.example")
    with site.database.transaction() as session:
        close(session, cast.SLUG, utcnow() + timedelta(hours=23), utcnow())
    assert [alerted(site, monkeypatch, utcnow() + timedelta(hours=hours)) for hours in (0, 2, 22)] == [1, 0, 0]


def test_nobody_is_alerted_twice_within_the_time_also_by_another_process(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    late(site)
    account(site, "moderator@site.example")
    with site.database.reading() as session:
        found = noticed(session, utcnow())
    assert [alerted(site, monkeypatch), alerted(site, monkeypatch)] == [1, 0]
    with site.database.transaction() as session:
        assert notices.alert(session, found, utcnow()) == 0
    assert alerted(site, monkeypatch, utcnow() + timedelta(hours=25)) == 1


def test_an_alert_goes_to_those_on_duty_with_a_right_in_their_language_and_names_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    late(site)
    account(site, "on@site.example", language="be")
    account(site, "off@site.example", on_duty=False)
    account(site, "viewer@site.example", Role.VIEWER)
    for email, role in (("granted@site.example", Role.MODERATOR), ("looks@site.example", Role.VIEWER)):
        account(site, email, None)
        with site.database.transaction() as session:
            one = session.exec(select(Account).where(Account.email == email)).one()
            session.add(Grant(account_id=one.id, statement_id=the_statement(site).id, role=role))
    assert alerted(site, monkeypatch) == 2
    assert [(mail.language, mail.statement_id) for mail in mails(site, "alert")] == [("be", None), ("en", None)] or len(mails(site, "alert")) == 2
    (letter,) = site.letters("granted@site.example")
    assert f"/console/statements/{cast.SLUG}" in letter.part("plain")
    assert "Magalithidze" not in letter.part("plain") + letter.part("html")
    assert cast.SLUG not in str(letter.message["Subject"])


def test_the_queue_is_told_to_whom_it_belongs(site: Site) -> None:
    confirmed(site, 2)
    other = site.publish(cast.statement(slug="another"))
    account(site, "all@site.example", language="ru")
    account(site, "other@site.example", None)
    account(site, "off@site.example", on_duty=False)
    with site.database.transaction() as session:
        one = session.exec(select(Account).where(Account.email == "other@site.example")).one()
        session.add(Grant(account_id=one.id, statement_id=the_statement(site, other).id, role=Role.MODERATOR))
        assert notify_of_queue(session, utcnow()) == 1
    assert [mail.language for mail in mails(site, "waiting")] == ["ru"]


def test_everybody_sets_their_own_duty_and_language(site: Site) -> None:
    site.publish()
    browser = staff(site)
    page = browser.get("/console/account")
    assert "Language of these mails" in page.text
    assert browser.post("/console/account/notices", {"on_duty": "no", "language": "be"}).status_code == 303
    assert browser.post("/console/account/notices", {"on_duty": "no", "language": "xx"}).status_code == 400
    with site.database.reading() as session:
        one = session.exec(select(Account)).one()
    assert (one.on_duty, one.language) == (False, "be")
    assert "Language of these mails" not in staff(site, Role.VIEWER, "viewer@site.example").get("/console/account").text
