"""Who works here: invited by a link that is good once, given rights, closed, and never by mail."""

import re

import pytest
from sqlmodel import select

from app.accounts.models import Account, Invitation, Role
from app.outbox.models import Mail
from app.statements.models import Statement
from tests.accounts.test_passkeys import enrolled
from tests.signatures.hands import staff, stored
from tests.site import PASSWORD, Browser, Site

NEW = "new@site.example"


def chief(site: Site) -> Browser:
    return staff(site, Role.ADMINISTRATOR, "chief@site.example")


def invite(browser: Browser, **changes: str) -> str:
    """Invite somebody; the path of the link."""
    page = browser.post("/console/people/invite", {"email": NEW, "role": "moderator", **changes})
    assert page.status_code == 200, page.text
    link = re.search(r"http://[^/]+(/console/invitation/[^<]+)<", page.text)
    assert link
    return link[1]


def person(site: Site, email: str = NEW) -> Account:
    with site.database.reading() as session:
        return session.exec(select(Account).where(Account.email == email)).one()


def test_an_invitation_is_taken_up_once_and_leads_to_the_second_factor(site: Site) -> None:
    link, browser = invite(chief(site)), site.new_browser()
    assert NEW in browser.get(link).text
    answer = browser.post(link, {"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/set-up")
    assert browser.get("/console").headers["location"] == "/console/second"
    assert site.new_browser().post(link, {"password": "another password that is long"}).status_code == 404
    assert (site.new_browser().get(link).status_code, stored(site, Invitation), stored(site, Mail)) == (404, 0, 0)


def test_a_short_password_is_said_beside_the_field_and_the_link_stays_good(site_on_sqlite: Site) -> None:
    link, browser = invite(chief(site_on_sqlite)), site_on_sqlite.new_browser()
    for short in ("", "elevenchars"):
        page = browser.post(link, {"password": short})
        assert (page.status_code, "at least 12 characters" in page.text) == (422, True)
    assert browser.post(link, {"password": PASSWORD}).status_code == 303


def test_a_newer_link_ends_the_older_one_and_all_the_account_had(site: Site) -> None:
    administrator = chief(site)
    enrolled(site, NEW)
    mine = staff(site, email="third@site.example")
    account = person(site)
    first = administrator.post(f"/console/people/{account.id}/invite").text
    second = administrator.post(f"/console/people/{account.id}/invite").text
    links = [re.findall(r"(/console/invitation/[^<]+)<", page)[0] for page in (first, second)]
    assert [site.browser.get(link).status_code for link in links] == [404, 200]
    assert site.browser.post("/console/sign-in", {"email": NEW, "password": PASSWORD}).status_code == 422
    assert mine.get("/console").status_code == 200


@pytest.mark.parametrize(("changes", "problem"), [({"email": "x"}, "complete e-mail"), ({"email": "chief@site.example"}, "already"), ({"role": ""}, "fill in")])
def test_what_is_wrong_is_said_beside_the_field(site_on_sqlite: Site, changes: dict[str, str], problem: str) -> None:
    page = chief(site_on_sqlite).post("/console/people/invite", {"email": NEW, "role": "moderator", **changes})
    assert (page.status_code, 'class="problem"' in page.text) == (422, True)
    assert stored(site_on_sqlite, Account) == 1


def test_rights_are_given_for_all_statements_or_one_and_taken_back(site: Site) -> None:
    site.publish()
    administrator = chief(site)
    with site.database.reading() as session:
        statement = session.exec(select(Statement)).one()
    invite(administrator, statement=str(statement.id))
    account = person(site)
    page = administrator.get("/console/people").text
    assert (account.role, f"{statement.slug}: decides about signatures" in page) == (None, True)
    administrator.post(f"/console/people/{account.id}/rights", {"role": "editor"})
    assert person(site).role is Role.EDITOR
    administrator.post(f"/console/people/{account.id}/rights", {"role": "moderator", "statement": str(statement.id)})
    assert (person(site).role, "Take back" in administrator.get(f"/console/people/{account.id}").text) == (None, True)
    administrator.post(f"/console/people/{account.id}/take/{statement.id}")
    assert "Take back" not in administrator.get(f"/console/people/{account.id}").text


def test_the_last_administrator_stays(site: Site) -> None:
    administrator = chief(site)
    account = person(site, "chief@site.example")
    assert administrator.post(f"/console/people/{account.id}/disable").status_code == 409
    assert administrator.post(f"/console/people/{account.id}/rights", {"role": "viewer"}).status_code == 409
    staff(site, Role.ADMINISTRATOR, "second@site.example")
    assert administrator.post(f"/console/people/{account.id}/disable").status_code == 303
    assert administrator.get("/console").headers["location"] == "/console/sign-in"


def test_a_closed_account_is_opened_again(site_on_sqlite: Site) -> None:
    administrator = chief(site_on_sqlite)
    invite(administrator)
    account = person(site_on_sqlite)
    administrator.post(f"/console/people/{account.id}/disable")
    assert person(site_on_sqlite).disabled_at
    administrator.post(f"/console/people/{account.id}/enable")
    assert person(site_on_sqlite).disabled_at is None
