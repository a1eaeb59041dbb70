"""Signing in and out: one answer for every mistake, sessions that end."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.accounts import deps
from app.accounts.actions import create, disable, end_session, end_sessions, sweep_sessions
from app.accounts.models import Account, Role, StaffSession
from app.accounts.queries import by_email, session_of
from app.clock import utcnow
from app.errors import Conflict, DomainError, NotFound
from app.tokens import hash_token
from tests.signatures.hands import SESSION, move_clock, posting, staff, stored, together
from tests.site import PASSWORD, Browser, Site

SIGN_IN = "/console/sign-in"
ADDRESS = "moderator@site.example"


def account(site: Site, email: str = ADDRESS, role: Role = Role.MODERATOR) -> None:
    with site.database.transaction() as session:
        create(session, email, role, PASSWORD, utcnow())


def signed_in(browser: Browser) -> bool:
    return browser.get("/console").status_code == 200


def test_the_right_password_opens_the_console(site: Site) -> None:
    account(site)
    answer = site.browser.post(SIGN_IN, {"email": f"  {ADDRESS.upper()} ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"], answer.headers["cache-control"]) == (303, "/console", "no-store")
    assert signed_in(site.browser)


def test_the_cookie_of_a_session_is_hidden_from_scripts_and_from_other_sites(site_on_sqlite: Site) -> None:
    account(site_on_sqlite)
    cookie = site_on_sqlite.browser.post(SIGN_IN, {"email": ADDRESS, "password": PASSWORD}).headers["set-cookie"]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} in (
        {"httponly", "max-age=43200", "path=/", "samesite=lax"},
        {"httponly", "max-age=43200", "path=/", "samesite=strict"},
    )


def test_a_wrong_password_an_unknown_address_and_a_disabled_account_get_the_same_page(site: Site) -> None:
    account(site)
    account(site, "disabled1@site.example")
    with site.database.transaction() as session:
        disable(session, by_email(session, "disabled1@site.example"), None, utcnow())
    tries = [(ADDRESS, "a wrong password"), ("nobody123@site.example", PASSWORD), ("disabled1@site.example", PASSWORD)]
    pages = []
    for email, password in tries:
        answer = site.browser.post(SIGN_IN, {"email": email, "password": password})
        pages.append((answer.status_code, {**answer.headers, "content-length": ""}, answer.text.replace(email, "")))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0][0] == 422
    assert "This address and password do not belong together." in pages[0][2]
    assert (stored(site, StaffSession), "set-cookie" in pages[0][1]) == (0, False)


def test_a_password_is_never_shown_again(site_on_sqlite: Site) -> None:
    page = site_on_sqlite.browser.post(SIGN_IN, {"email": ADDRESS, "password": "a-mistyped-password"})
    assert "a-mistyped-password" not in page.text
    assert ADDRESS in page.text


@pytest.mark.parametrize(
    "sent", [{}, {"email": ADDRESS}, {"password": PASSWORD}, {"email": "x" * 300, "password": "y"}, {"email": ADDRESS, "password": "p" * 300}]
)
def test_half_a_form_is_a_page_with_problems(site_on_sqlite: Site, sent: dict[str, str]) -> None:
    assert site_on_sqlite.browser.post(SIGN_IN, sent).status_code == 422


def test_after_ten_wrong_passwords_the_right_one_has_to_wait_and_gets_the_same_page(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    account(site_on_sqlite)
    monkeypatch.setattr("app.accounts.actions._passwords.verify", lambda password, _hash: password == PASSWORD)
    for n in range(10):
        wrong = site_on_sqlite.new_browser(f"203.0.{n}.7").post(SIGN_IN, {"email": ADDRESS, "password": "a wrong password"})
    late = site_on_sqlite.new_browser("198.51.100.9").post(SIGN_IN, {"email": ADDRESS.upper(), "password": PASSWORD})
    assert (late.status_code, late.text.replace(ADDRESS.upper(), ADDRESS)) == (422, wrong.text)


def test_a_network_that_tries_too_often_waits(site_on_sqlite: Site) -> None:
    for n in range(30):
        site_on_sqlite.browser.post(SIGN_IN, {"email": "", "password": str(n)})
    answer = site_on_sqlite.browser.post(SIGN_IN, {"email": ADDRESS, "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"].isdigit()) == (429, True)


def test_a_cookie_planted_before_signing_in_opens_nothing_afterwards(site: Site) -> None:
    account(site)
    for planted in ("planted", "A" * 43):
        site.browser.client.cookies.set(SESSION, planted, domain="localhost.local", path="/")
        assert not signed_in(site.browser)
        site.browser.post(SIGN_IN, {"email": ADDRESS, "password": PASSWORD})
        assert signed_in(site.browser)
        victim = site.new_browser()
        victim.client.cookies.set(SESSION, planted, domain="localhost.local", path="/")
        assert not signed_in(victim)
        site.browser.client.cookies.clear()


def test_each_signing_in_is_a_session_of_its_own_and_only_hashes_are_kept(site: Site) -> None:
    account(site)
    browsers = [site.new_browser(f"203.0.{n}.7") for n in range(2)]
    secrets = [browser.post(SIGN_IN, {"email": ADDRESS, "password": PASSWORD}).cookies[SESSION] for browser in browsers]
    with site.database.reading() as session:
        kept = {row.token_hash for row in session.exec(select(StaffSession))}
    assert kept == {hash_token(secret) for secret in secrets}
    assert len(set(secrets)) == 2


def test_a_session_that_rests_for_half_an_hour_is_over(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = staff(site)
    move_clock(monkeypatch, timedelta(minutes=29, seconds=50))
    assert signed_in(browser)
    move_clock(monkeypatch, timedelta(minutes=59, seconds=40))
    assert signed_in(browser)
    move_clock(monkeypatch, timedelta(minutes=90))
    assert browser.get("/console").headers["location"] == "/console/sign-in"


def test_a_session_is_over_after_twelve_hours_however_busy(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = staff(site_on_sqlite)
    for minutes in range(20, 12 * 60, 20):
        move_clock(monkeypatch, timedelta(minutes=minutes))
        assert signed_in(browser)
    move_clock(monkeypatch, timedelta(hours=11, minutes=59, seconds=50))
    assert signed_in(browser)
    move_clock(monkeypatch, timedelta(hours=12, seconds=1))
    assert not signed_in(browser)


def test_signing_out_ends_the_session_also_for_a_copied_cookie(site: Site) -> None:
    browser = staff(site)
    thief = site.new_browser("192.0.2.1")
    thief.client.cookies.set(SESSION, str(browser.client.cookies[SESSION]), domain="localhost.local", path="/")
    assert signed_in(thief)
    answer = browser.post("/console/sign-out")
    assert (answer.status_code, answer.headers["location"], answer.headers["clear-site-data"]) == (303, "/console/sign-in", '"cache"')
    assert (signed_in(browser), signed_in(thief), stored(site, StaffSession)) == (False, False, 0)
    assert SESSION not in browser.client.cookies


def test_a_disabled_account_has_no_session_left(site: Site) -> None:
    one, two = staff(site, email="one@site.example"), staff(site, email="two@site.example")
    with site.database.transaction() as session:
        disable(session, by_email(session, "one@site.example"), None, utcnow())
        end_sessions(session, by_email(session, "two@site.example"))
    assert (signed_in(one), signed_in(two), stored(site, StaffSession)) == (False, False, 0)


def test_a_session_that_ends_while_it_is_being_used_stays_ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = staff(site)
    secret = str(browser.client.cookies[SESSION])
    move_clock(monkeypatch, timedelta(minutes=5))

    def ended_meanwhile(*given: object) -> object:
        found = session_of(*given)  # type: ignore[arg-type]
        with site.database.transaction() as session:
            end_session(session, secret, utcnow())
        return found

    with monkeypatch.context() as racing:
        racing.setattr(deps, "session_of", ended_meanwhile)
        browser.get("/console")
    assert (stored(site, StaffSession), signed_in(browser)) == (0, False)


def test_many_requests_of_one_session_at_once_are_all_answered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = staff(site)
    move_clock(monkeypatch, timedelta(minutes=5))
    answers = together(site, [browser.client.get("/console") for _ in range(20)])
    assert {answer.status_code for answer in answers} == {200}


def test_sessions_that_are_over_are_swept(site: Site) -> None:
    staff(site)
    with site.database.transaction() as session:
        assert sweep_sessions(session, utcnow() + timedelta(minutes=29)) == 0
        assert sweep_sessions(session, utcnow() + timedelta(minutes=31)) == 1


def test_passwords_are_kept_as_argon2id_hashes(site_on_sqlite: Site) -> None:
    account(site_on_sqlite)
    with Session(site_on_sqlite.database.engine) as session:
        kept = session.exec(select(Account)).one()
    assert kept.password_hash
    assert kept.password_hash.startswith("$argon2id$")
    assert PASSWORD not in kept.password_hash


def test_an_account_needs_a_whole_address_a_long_password_and_to_be_new(site_on_sqlite: Site) -> None:
    account(site_on_sqlite)
    with site_on_sqlite.database.transaction() as session:
        for email, password, error in (("x", PASSWORD, DomainError), ("new@site.example", "elevenchars", DomainError), (ADDRESS.upper(), PASSWORD, Conflict)):
            with pytest.raises(error):
                create(session, email, Role.VIEWER, password, utcnow())
        with pytest.raises(NotFound):
            by_email(session, "nobody@site.example")
    assert stored(site_on_sqlite, Account) == 1


def test_a_password_that_was_accepted_once_opens_the_console(site_on_sqlite: Site) -> None:
    long = "long " * 60
    with site_on_sqlite.database.transaction() as session:
        try:
            create(session, ADDRESS, Role.VIEWER, long, utcnow())
        except DomainError:
            return
    assert site_on_sqlite.browser.post(SIGN_IN, {"email": ADDRESS, "password": long}).status_code == 303


def test_two_people_who_sign_in_at_once_both_get_in(site: Site) -> None:
    for name in ("one", "two"):
        account(site, f"{name}@site.example")
    browsers = [site.new_browser(f"203.0.{n}.7") for n in range(2)]
    tries = zip(browsers, ("one", "two"), strict=True)
    answers = together(site, [posting(browser, SIGN_IN, {"email": f"{name}@site.example", "password": PASSWORD}) for browser, name in tries])
    assert [answer.status_code for answer in answers] == [303, 303]
