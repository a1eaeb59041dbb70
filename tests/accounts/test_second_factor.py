"""The second factor: in production nobody gets in without, and each code counts once."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from app.accounts.actions import create
from app.accounts.models import RecoveryCode, Role, StaffSession
from app.clock import utcnow
from app.db import Database
from tests.accounts.authenticator import Authenticator
from tests.signatures.hands import SESSION, move_clock, posting, staff, stored, together
from tests.site import PASSWORD, Browser, Site, forms
from tests.web.production import BASE, production

ADDRESS = "moderator@site.example"
GUESSES = 10_000 if os.environ.get("UNDERSIGNED_PROOF") else 200
CODES = r"<code>(\w{4}-\w{4}-\w{4})</code>"


def with_app(site: Site, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an authenticator app; the app, and the recovery codes of the page that follows."""
    page = browser.get("/console/set-up")
    app = pyotp.TOTP(next(form.values["secret"] for form in forms(page) if "secret" in form.values))
    done = browser.submit(page, code=app.at(utcnow()))
    assert done.status_code == 200, done.text
    return app, re.findall(CODES, done.text)


def code(app: pyotp.TOTP, seconds: int = 90) -> str:
    """What the app shows so many seconds from now, when the site's clock was moved as far."""
    return app.at(utcnow() + timedelta(seconds=seconds))


def known(site: Site) -> tuple[pyotp.TOTP, list[str]]:
    """An account with a password, an app and recovery codes."""
    with site.database.transaction() as session:
        create(session, ADDRESS, Role.MODERATOR, PASSWORD, utcnow())
    browser = site.new_browser("198.51.100.4")
    browser.post("/console/sign-in", {"email": ADDRESS, "password": PASSWORD})
    return with_app(site, browser)


def halfway(site: Site, network: str = "198.51.100.5") -> Browser:
    """A browser that typed the right password."""
    browser = site.new_browser(network)
    answer = browser.post("/console/sign-in", {"email": ADDRESS, "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/second")
    return browser


def inside(browser: Browser) -> bool:
    return browser.get("/console").status_code == 200


def later(monkeypatch: pytest.MonkeyPatch, seconds: int = 90) -> None:
    move_clock(monkeypatch, timedelta(seconds=seconds))


def test_password_and_code_open_the_console_and_the_password_alone_does_not(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = known(site)
    browser = halfway(site)
    assert (inside(browser), browser.get("/console").headers["location"]) == (False, "/console/second")
    later(monkeypatch)
    assert browser.submit(browser.get("/console/second"), number=0, code=code(app)).status_code == 303
    assert inside(browser)


def test_a_code_counts_once_also_when_many_send_it_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = known(site)
    later(monkeypatch)
    browsers = [halfway(site, f"198.51.{n}.5") for n in range(5)]
    typed = code(app)
    answers = together(site, [posting(browser, "/console/second", {"code": typed}) for browser in browsers])
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422, 422]
    assert sum(inside(browser) for browser in browsers) == 1


def test_the_code_that_set_the_app_up_and_older_ones_are_spent(site_on_sqlite: Site) -> None:
    app, _ = known(site_on_sqlite)
    browser = halfway(site_on_sqlite)
    for steps in (0, -1):
        assert browser.post("/console/second", {"code": app.at(utcnow() + timedelta(seconds=30 * steps))}).status_code == 422


def test_a_recovery_code_stands_in_once(site: Site) -> None:
    _, codes = known(site)
    assert len(set(codes)) == 10
    first, second = halfway(site), halfway(site, "198.51.7.5")
    assert first.post("/console/second", {"code": f" {codes[3].upper()} "}).status_code == 303
    assert second.post("/console/second", {"code": codes[3]}).status_code == 422
    assert (inside(first), inside(second), stored(site, RecoveryCode)) == (True, False, 9)


def test_new_recovery_codes_void_the_old_ones(site_on_sqlite: Site) -> None:
    _, codes = known(site_on_sqlite)
    browser = halfway(site_on_sqlite)
    browser.post("/console/second", {"code": codes[0]})
    fresh = re.findall(CODES, browser.post("/console/account/recovery-codes").text)
    other = halfway(site_on_sqlite, "198.51.9.5")
    assert (len(fresh), other.post("/console/second", {"code": codes[1]}).status_code) == (10, 422)


def test_five_wrong_codes_in_five_minutes_are_enough(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    app, codes = known(site_on_sqlite)
    later(monkeypatch)
    browser = halfway(site_on_sqlite)
    for n in range(5):
        assert browser.post("/console/second", {"code": f"{n:06d}"}).status_code == 422
    assert browser.post("/console/second", {"code": code(app)}).status_code == 422
    assert browser.post("/console/second", {"code": codes[0]}).status_code == 422
    assert not inside(browser)


def test_guessed_passwords_sign_nobody_in(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site_on_sqlite.database.transaction() as session:
        create(session, ADDRESS, Role.MODERATOR, PASSWORD, utcnow())
    checked: list[str] = []
    monkeypatch.setattr("app.accounts.actions._passwords.verify", lambda password, _hash: checked.append(password))
    statuses = set()
    for n in range(GUESSES):
        browser = site_on_sqlite.new_browser(f"{20 + n // 6000}.{n // 25 % 240}.7.1")
        statuses.add(browser.post("/console/sign-in", {"email": ADDRESS, "password": f"guess {n}"}).status_code)
    assert (statuses, len(checked), stored(site_on_sqlite, StaffSession)) == ({422}, 10, 0)


def test_a_half_signed_in_browser_reaches_nothing_else_and_only_for_ten_minutes(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    known(site_on_sqlite)
    browser = halfway(site_on_sqlite)
    for path in ("/console", "/console/account", "/console/published", "/console/mail", "/console/set-up"):
        assert browser.get(path).headers["location"] == "/console/second"
    assert browser.post("/console/set-up/app", {"secret": pyotp.random_base32(), "code": "123456"}).headers["location"] == "/console/second"
    later(monkeypatch, 601)
    assert browser.get("/console/second").headers["location"] == "/console/sign-in"


def test_the_secret_changes_when_the_second_factor_is_proven(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = known(site)
    later(monkeypatch)
    browser = halfway(site)
    planted = str(browser.client.cookies[SESSION])
    browser.post("/console/second", {"code": code(app)})
    thief = site.new_browser("192.0.2.1")
    thief.client.cookies.set(SESSION, planted, domain="localhost.local", path="/")
    assert (inside(browser), inside(thief)) == (True, False)


def test_grave_acts_ask_to_prove_it_once_more_after_ten_minutes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = known(site)
    later(monkeypatch)
    browser = halfway(site)
    browser.post("/console/second", {"code": code(app)})
    later(monkeypatch, 900)
    assert browser.post("/console/account/recovery-codes").headers["location"] == "/console/prove?next=/console/account"
    place = browser.get("/console/set-up").headers["location"]
    proof = browser.submit(browser.get(place), number=0, code=code(app, 900))
    assert (proof.status_code, proof.headers["location"]) == (303, "/console/account")
    assert browser.post("/console/account/recovery-codes").status_code == 200


@pytest.mark.parametrize("place", ["https://evil.example", "//evil.example", "/console//evil.example", "/console/../x\\y", "/statements"])
def test_proving_leads_nowhere_but_into_the_console(site_on_sqlite: Site, place: str) -> None:
    assert staff(site_on_sqlite).get("/console/prove", params={"next": place}).status_code == 400


def test_in_production_a_password_alone_leads_to_setting_up_and_no_further(sqlite: Database, tmp_path: Path) -> None:
    with production(sqlite, tmp_path) as site:
        with sqlite.transaction() as session:
            create(session, ADDRESS, Role.MODERATOR, PASSWORD, utcnow())
        browser = site.new_browser()
        browser.client.base_url = BASE
        headers = {"Origin": BASE}
        answer = browser.post("/console/sign-in", {"email": ADDRESS, "password": PASSWORD}, headers=headers)
        assert list(answer.cookies) == ["__Host-undersigned-session"]
        assert browser.get("/console").headers["location"] == "/console/second"
        assert browser.get("/console/second").headers["location"] == "/console/set-up"
        options = browser.post("/console/set-up/passkey-options", headers=headers).json()
        device = Authenticator(origin=BASE, house="sign.site.example")
        done = browser.post("/console/set-up/passkey", {"answer": device.create(options)}, headers=headers)
        assert (len(re.findall(CODES, done.text)), browser.get("/console").status_code) == (10, 200)
        key = re.search(r"/console/account/passkeys/([^/]+)/drop", browser.get("/console/account").text)
        assert key
        assert browser.post(f"/console/account/passkeys/{key[1]}/drop", headers=headers).status_code == 409
