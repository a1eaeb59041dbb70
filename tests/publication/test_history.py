"""How the counts moved, hour by hour."""

from datetime import UTC, datetime, timedelta

import pytest

from app.publication import history
from tests import cast
from tests.signatures.hands import staff
from tests.site import Site

AT = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)
PLACE = f"/statements/{cast.SLUG}/history.json"


def recorded(site: Site, monkeypatch: pytest.MonkeyPatch, now: datetime) -> int:
    monkeypatch.setattr(history, "utcnow", lambda: now)
    return history.record(site.database)


def test_each_hour_keeps_the_counts_it_ended_with(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    moderator = staff(site)
    assert [recorded(site, monkeypatch, AT), recorded(site, monkeypatch, AT + timedelta(minutes=5))] == [1, 0]
    for minutes in (10, 70):
        site.signed(kind="individual", name=f"Person {minutes} Invented", email=f"p{minutes}@post-office.org")
        site.approve_all(moderator)
        assert recorded(site, monkeypatch, AT + timedelta(minutes=minutes)) == 1
    found = site.browser.get(PLACE).json()
    assert [(item["hour"], item["organisations"], item["individuals"], item["withheld"]) for item in found["items"]] == [
        ("2026-11-25T10:00:00Z", 2, 2, 0),
        ("2026-11-25T11:00:00Z", 2, 3, 0),
    ]
    assert found["statement"].endswith(f"/statements/{cast.SLUG}")


def test_a_statement_without_an_hour_has_an_empty_history(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    assert site_on_sqlite.browser.get(PLACE).json()["items"] == []
