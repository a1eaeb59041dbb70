"""The dashboard of one statement, and what came from one network."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select

from app.accounts.models import Role
from app.audit.models import Entry
from app.clock import utcnow
from app.moderation import board
from app.signatures.models import Signature
from app.statements.models import Statement
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import mails, staff, the_statement
from tests.site import Browser, Site
from tests.web.markup import parse

PAGE = f"/console/statements/{cast.SLUG}"
MARK = "a" * 32


def text(browser: Browser, path: str = PAGE) -> str:
    return " ".join(parse(browser.get(path).text).one("main").text.split())


def from_one_network(site: Site, count: int, minutes: float = 0.3) -> None:
    """So many signatures of one network, one each so many minutes."""
    confirmed(site, count, kind="individual")
    with site.database.transaction() as session:
        for n, row in enumerate(session.exec(select(Signature))):
            row.cluster, row.created_at = MARK, utcnow() - timedelta(hours=2, minutes=minutes * n)


def test_a_statement_nobody_signed_has_an_empty_board(site: Site) -> None:
    site.publish()
    said = text(staff(site, Role.VIEWER))
    assert ("Nobody has signed yet." in said, "Who stands in the list" in said, "none undelivered" in said) == (True, False, True)


def test_the_list_of_statements_leads_to_it_and_it_leads_to_everything_else(site: Site) -> None:
    site.publish()
    browser = staff(site, Role.VIEWER)
    assert f'href="{PAGE}"' in browser.get("/console/statements").text
    links = {link.attrs["href"] for link in parse(browser.get(PAGE).text).one("main").all("a")}
    assert links >= {"/console/statements", f"/statements/{cast.SLUG}", f"/console?statement={cast.SLUG}", f"{PAGE}/panic"}


def test_the_queue_has_an_age(site: Site) -> None:
    rows = confirmed(site, 3)
    with site.database.transaction() as session:
        for days, key in zip((3, 1.5, 0.5), rows, strict=True):
            session.get_one(Signature, key).confirmed_at = utcnow() - timedelta(days=days)
    with site.database.reading() as session:
        queue = board.queue(session, the_statement(site).id, utcnow())
    assert (queue.waiting, queue.over_one_day, queue.over_two_days) == (3, 2, 1)
    assert queue.oldest
    assert queue.median
    assert [round((utcnow() - moment) / timedelta(days=1), 1) for moment in (queue.oldest, queue.median)] == [3.0, 1.5]
    assert "1 of them for more than two days" in text(staff(site))


def test_the_chart_has_a_bar_for_each_hour_and_its_table_says_the_same(site: Site) -> None:
    confirmed(site, 3)
    with site.database.transaction() as session:
        session.execute(sa.update(Signature).values(created_at=utcnow() - timedelta(hours=5)))
    main = parse(staff(site).get(PAGE).text).one("main")
    bars, table = main.one("svg").all("rect")[1:], main.one("figure").one("figcaption").text
    assert (len(bars), [bar.attrs["height"] for bar in bars]) == (6, ["156.00", *["0.00"] * 5])
    assert (main.one("svg").attrs["role"], "style" in main.one("svg").attrs, "highest: 3" in table) == ("img", False, True)
    assert main.one("details").all("tr")[-1].one("td").text == "3"


def test_after_two_days_the_bars_are_days_and_of_many_the_last_ninety(site: Site) -> None:
    confirmed(site, 2)
    for days, count in ((3, 4), (400, board.DAYS)):
        with site.database.transaction() as session:
            session.execute(sa.update(Signature).values(created_at=utcnow() - timedelta(days=days)))
        with site.database.reading() as session:
            found = board.board(session, the_statement(site), utcnow())
        assert (found.hourly, len(found.series)) == (False, count)


def test_countries_and_kinds_are_those_of_the_list(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    with site.database.reading() as session:
        found = board.board(session, the_statement(site), utcnow())
    assert (sum(found.kinds.values()), found.countries) == (3, [("BY", 2), ("FR", 1)])


def test_the_mail_of_the_statement_is_counted(site: Site) -> None:
    confirmed(site, 3)
    with site.database.transaction() as session:
        dead, sent, _waits = (session.merge(mail) for mail in mails(site))
        dead.failed(utcnow(), "refused 550", None)
        sent.sent(utcnow(), keep=False)
    said = text(staff(site))
    assert [words in said for words in ("waiting: 1", "sent in the last 24 hours: 1", "not delivered: 1")] == [True] * 3


def test_many_of_one_network_are_told_and_shown_exactly(site: Site) -> None:
    from_one_network(site, 24)
    confirmed(site, 1, email="another@rivers-house.org")
    browser = staff(site)
    main = parse(browser.get(PAGE).text).one("main")
    (link,) = [one for one in main.all("a") if one.attrs["href"].endswith("/network")]
    assert (link.text, MARK in link.attrs["href"]) == ("24 signatures from one network within 10 minutes", False)
    page = parse(browser.get(link.attrs["href"]).text).one("main")
    assert (len(page.one("tbody").all("tr")), MARK in browser.get(link.attrs["href"]).text) == (24, False)
    with site.database.reading() as session:
        assert len(session.exec(select(Entry).where(Entry.act == "look-at-cluster")).all()) == 2


def test_as_many_in_hours_are_no_burst(site: Site) -> None:
    from_one_network(site, 24, minutes=20)
    with site.database.reading() as session:
        assert board.bursts(session, the_statement(site).id, utcnow()) == []


def test_a_network_that_was_forgotten_shows_nothing(site: Site) -> None:
    (row,) = confirmed(site, 1)
    with site.database.transaction() as session:
        session.get_one(Signature, row).cluster = None
    assert "It is no longer known" in text(staff(site), f"/console/signatures/{row}/network")


def test_the_next_deadlines_stand_in_their_order() -> None:
    now = utcnow()
    statement = Statement(slug="x", language="en", created_at=now, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=2))
    assert [what for what, _ in board.deadlines(statement, now)] == ["closes", "index", "withheld"]


def test_without_a_right_there_is_no_board(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    assert staff(site_on_sqlite).get("/console/statements/nowhere").status_code == 404
