"""How far each statement's signatures came."""

from datetime import timedelta

import sqlalchemy as sa

from app.accounts.models import Role
from app.clock import utcnow
from app.i18n import language
from app.moderation.labels import labels
from app.moderation.overview import STATEMENTS
from app.outbox.actions import enqueue
from app.outbox.models import Mail, MailState
from app.signatures.models import Signature, State
from tests import cast
from tests.signatures.hands import change, mails, sign_many, staff
from tests.site import Browser, Site
from tests.web.markup import Element, parse

PAGE = "/console/statements"


def funnel(browser: Browser, slug: str = cast.SLUG) -> Element:
    """The part of the page about one statement."""
    main = parse(browser.get(PAGE).text).one("main")
    return next(section for section in main.all("section") if section.one("h2").text == slug)


def table(section: Element, caption: str) -> dict[str, int]:
    """A table's rows by their names."""
    found = next(one for one in section.all("table") if one.one("caption").text == caption)
    return {row.one("th").text: int(row.all("td")[0].text) for row in found.all("tr")}


def far(browser: Browser, slug: str = cast.SLUG) -> list[int]:
    """Received, mailed, confirmed, let in, in the list."""
    return list(table(funnel(browser, slug), "How far the signatures came").values())


def signed(site: Site, number: int, slug: str = cast.SLUG) -> list[str]:
    """So many new addresses that signed."""
    first = len(site.rows())
    return [link.email for link in sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(first, first + number)), slug)]


def confirmed(site: Site, number: int, slug: str = cast.SLUG) -> list[str]:
    emails = signed(site, number, slug)
    for email in emails:
        change(site, email, lambda row: row.confirm(utcnow()), slug)
    return emails


def test_a_statement_nobody_signed_shows_zeros(site: Site) -> None:
    site.publish()
    browser = staff(site, Role.VIEWER)
    assert far(browser) == [0, 0, 0, 0, 0]
    assert "Where they stand now" not in funnel(browser).text


def test_without_statements_the_page_says_so(site_on_sqlite: Site) -> None:
    assert "No statement is published here yet." in parse(staff(site_on_sqlite).get(PAGE).text).one("main").text


def test_each_step_counts_those_that_came_so_far(site: Site) -> None:
    site.publish()
    browser = staff(site)
    signed(site, 2)
    assert far(browser) == [2, 0, 0, 0, 0]
    site.work()
    assert far(browser) == [2, 2, 0, 0, 0]
    emails = confirmed(site, 4)
    for email in emails[:2]:
        change(site, email, lambda row: row.approve(utcnow()))
    change(site, emails[2], lambda row: row.reject(utcnow()))
    assert far(browser) == [6, 6, 4, 2, 0]
    site.work()
    assert far(browser) == [6, 6, 4, 2, 2]
    standing = {"Not confirmed yet": 2, "Waiting for a decision": 1, "In the list": 2, "Rejected by a moderator": 1}
    assert table(funnel(browser), "Where they stand now") == standing


def test_what_left_the_list_was_let_in_all_the_same(site: Site) -> None:
    site.publish()
    moderator = staff(site)
    (email,) = confirmed(site, 1)
    change(site, email, lambda row: row.approve(utcnow()))
    site.work()
    assert moderator.post(f"/console/signatures/{site.rows()[0].id}/remove", {"code": "other"}).status_code == 303
    assert far(moderator) == [1, 1, 1, 1, 0]
    assert table(funnel(moderator), "Where they stand now") == {"Taken off the list by a moderator": 1}


def test_a_mail_that_waits_or_was_given_up_is_not_counted_as_mailed(site: Site) -> None:
    site.publish()
    signed(site, 3)
    with site.database.transaction() as session:
        dead, sent, _waits = (session.merge(mail) for mail in mails(site))
        dead.failed(utcnow(), "refused 550", None)
        sent.sent(utcnow(), keep=False)
    assert far(staff(site)) == [3, 1, 0, 0, 0]


def test_two_mails_to_one_signer_count_once(site: Site) -> None:
    site.publish()
    (email,) = signed(site, 1)
    with site.database.transaction() as session:
        row = site.rows()[0]
        enqueue(session, "confirm", email, "en", utcnow(), {"token": "x" * 43, "code": "123 456"}, row.statement_id, about=row.id)
    site.work()
    assert ([mail.state for mail in mails(site)], far(staff(site))) == ([MailState.SENT] * 2, [1, 1, 0, 0, 0])


def test_when_the_record_of_a_mail_is_gone_the_page_says_that_it_does_not_know(site: Site) -> None:
    site.publish()
    emails = signed(site, 3)
    site.work()
    with site.database.transaction() as session:
        session.execute(sa.update(Signature).values(created_at=utcnow() - timedelta(days=31)))
        session.execute(sa.delete(Mail))
    change(site, emails[0], lambda row: row.confirm(utcnow()))
    browser = staff(site)
    assert far(browser) == [3, 1, 1, 0, 0]
    assert "Of 2 signatures it is no longer known whether their mail left." in funnel(browser).text


def test_a_signature_that_expired_was_received(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    (email,) = signed(site_on_sqlite, 1)
    change(site_on_sqlite, email, lambda row: row.expire())
    browser = staff(site_on_sqlite)
    assert (far(browser), table(funnel(browser), "Where they stand now")) == ([1, 0, 0, 0, 0], {"Run out, and erased": 1})


def test_first_signatories_are_counted_apart_since_no_mail_brought_them(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    site.work()
    browser = staff(site)
    assert far(browser) == [0, 0, 0, 0, 0]
    assert "Beside these, the secretariat entered 3 signatures without form and mail." in funnel(browser).text


def test_every_statement_has_its_own_the_newest_first(site: Site) -> None:
    site.publish()
    confirmed(site, 2)
    other = site.publish(cast.statement(slug="another-appeal"))
    confirmed(site, 1, other)
    browser = staff(site)
    assert [heading.text for heading in parse(browser.get(PAGE).text).one("main").all("h2")][:2] == [other, cast.SLUG]
    assert (far(browser, other), far(browser)) == ([1, 1, 1, 0, 0], [2, 2, 2, 0, 0])


def test_many_statements_come_in_pages(site_on_sqlite: Site) -> None:
    for number in range(STATEMENTS + 1):
        site_on_sqlite.publish(cast.statement(slug=f"appeal-{number}"))
    browser = staff(site_on_sqlite)
    first, second = (parse(browser.get(f"{PAGE}?page={page}").text).one("main") for page in (1, 2))
    assert (len(first.all("section")), [section.one("h2").text for section in second.all("section")]) == (STATEMENTS, ["appeal-0"])
    assert "There are no more statements." in parse(browser.get(f"{PAGE}?page=3").text).one("main").text


def test_a_bar_is_as_long_as_its_share_and_read_to_nobody(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    confirmed(site_on_sqlite, 1)
    signed(site_on_sqlite, 3)
    bars = funnel(staff(site_on_sqlite)).all("progress")
    assert [(bar.attrs["value"], bar.attrs["max"], bar.attrs["aria-hidden"]) for bar in bars] == [(n, "4", "true") for n in ("4", "1", "1", "0", "0")]


def test_the_page_explains_every_step(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    main = parse(staff(site_on_sqlite).get(PAGE).text).one("main")
    steps = table(main.one("section"), "How far the signatures came")
    assert [term.text for term in main.one("dl").all("dt")] == list(steps)


def test_every_state_has_a_name() -> None:
    names = labels(language("en"))["standing_names"]
    assert [state.value for state in State if state.value not in names] == []
