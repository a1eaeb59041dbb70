"""How one statement does, on one page."""

from datetime import timedelta

import pytest

from app.accounts.models import Role
from app.clock import utcnow
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import change, staff
from tests.site import Browser, Site
from tests.web.markup import parse

PLACE = f"/console/statements/{cast.SLUG}"


def words(browser: Browser) -> str:
    return parse(browser.get(PLACE).text).one("main").text


def test_a_statement_without_signatures_says_so(site: Site) -> None:
    site.publish()
    text = words(staff(site, Role.VIEWER))
    assert "No signature has come by the form" in text
    assert "Nothing waits for a decision." in text


def test_signatures_are_counted_by_hour_at_first_and_by_day_later(site: Site) -> None:
    site.publish()
    confirmed(site, 3, kind="individual")
    moderator = staff(site)
    page = moderator.get(PLACE).text
    assert ("by hour" in page, page.count("<rect")) == (True, 1)
    for row in site.rows()[:2]:
        with site.database.transaction() as session:
            session.get_one(type(row), row.id).created_at = utcnow() - timedelta(days=4)
    page = moderator.get(PLACE).text
    assert ("by day" in page, page.count("<rect")) == (True, 5)
    assert [cell.text for cell in parse(page).one("figcaption").all("td")] == ["2", "0", "0", "0", "1"]


def test_many_from_one_network_are_a_burst_with_a_way_to_all_of_them(site: Site) -> None:
    site.publish()
    moderator = staff(site)
    confirmed(site, 12, kind="individual")
    assert "Bursts" not in words(moderator)
    for row in site.rows():
        with site.database.transaction() as session:
            found = session.get_one(type(row), row.id)
            found.cluster, found.created_at = "one mark", utcnow().replace(minute=5)
    page = moderator.get(PLACE).text
    assert "12 from one network within ten minutes" in page
    assert "one mark" not in page
    assert "near=" in page


def test_it_tells_of_the_queue_the_countries_and_what_comes_next(site: Site) -> None:
    site.publish(cast.statement(closes="2999-12-15 18:00 Europe/Minsk"))
    site.signed(kind="individual", email="named@post-office.org", country="BY")
    moderator = staff(site)
    site.approve_all(moderator)
    confirmed(site, 2, kind="individual")
    change(site, site_email := "individual1@rivers-house.org", confirmed_at=utcnow() - timedelta(days=3))
    text = words(moderator)
    assert site_email not in text
    for said in ("Belarus", "1 longer than two days", "The statement closes", "1 person"):
        assert said in text


@pytest.mark.parametrize("path", ["/console/statements/no-such-statement"])
def test_an_unknown_statement_is_not_found(site_on_sqlite: Site, path: str) -> None:
    assert staff(site_on_sqlite).get(path).status_code == 404
