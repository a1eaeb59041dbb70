"""Passkeys: who has one signs in by it alone; whatever is not a fresh answer of it signs nobody in."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.accounts.models import Challenge, Passkey, Role, StaffSession
from app.accounts.passkeys import sweep_challenges
from app.clock import utcnow
from tests.accounts.authenticator import PRESENT, Authenticator
from tests.signatures.hands import move_clock, posting, staff, stored, together
from tests.site import Browser, Site

SIGN_IN = "/console/sign-in/passkey"


def enrolled(site: Site, email: str = "moderator@site.example") -> Authenticator:
    """An account with a passkey; its browser is signed out."""
    browser, device = staff(site, email=email), Authenticator()
    options = browser.post("/console/set-up/passkey-options").json()
    answer = browser.post("/console/set-up/passkey", {"answer": device.create(options), "name": "key on the key ring"})
    assert answer.status_code == 200, answer.text
    browser.post("/console/sign-out")
    return device


def options(browser: Browser) -> dict[str, object]:
    found = browser.post("/console/passkey-options")
    assert found.headers["cache-control"] == "no-store"
    said: dict[str, object] = found.json()
    return said


def inside(browser: Browser) -> bool:
    return browser.get("/console").status_code == 200


def test_a_passkey_signs_in_without_a_password(site: Site) -> None:
    device, browser = enrolled(site), site.new_browser()
    asked = options(browser)
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == ("localhost", "required", [])
    answer = browser.post(SIGN_IN, {"answer": device.get(asked)})
    assert (answer.status_code, answer.headers["location"], inside(browser)) == (303, "/console", True)


def test_each_passkey_opens_the_account_it_belongs_to(site_on_sqlite: Site) -> None:
    devices = {email: enrolled(site_on_sqlite, email) for email in ("one@site.example", "two@site.example")}
    for email, device in devices.items():
        browser = site_on_sqlite.new_browser()
        browser.post(SIGN_IN, {"answer": device.get(options(browser))})
        assert email in browser.get("/console/account").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8001"},
        {"house": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"id": b"a credential nobody knows"},
    ],
)
def test_an_answer_for_another_site_or_of_nobody_signs_nobody_in(site_on_sqlite: Site, wrong: dict[str, object]) -> None:
    device, browser = enrolled(site_on_sqlite), site_on_sqlite.new_browser()
    asked = options(browser)
    for name, value in wrong.items():
        setattr(device, name, value)
    assert browser.post(SIGN_IN, {"answer": device.get(asked)}).status_code == 400
    assert (inside(browser), stored(site_on_sqlite, StaffSession)) == (False, 0)


def test_an_answer_of_another_key_under_the_same_name_signs_nobody_in(site_on_sqlite: Site) -> None:
    device, browser = enrolled(site_on_sqlite), site_on_sqlite.new_browser()
    assert browser.post(SIGN_IN, {"answer": Authenticator(id=device.id).get(options(browser))}).status_code == 400
    assert not inside(browser)


def test_an_answer_counts_once_also_when_many_send_it_at_once(site: Site) -> None:
    device = enrolled(site)
    browsers = [site.new_browser(f"203.0.{n}.7") for n in range(8)]
    sent = device.get(options(browsers[0]))
    answers = together(site, [posting(browser, SIGN_IN, {"answer": sent}) for browser in browsers])
    assert sorted(answer.status_code for answer in answers) == [303, *[400] * 7]
    assert browsers[0].post(SIGN_IN, {"answer": sent}).status_code == 400


def test_a_challenge_that_we_did_not_give_or_that_is_old_is_not_answered(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    device, browser = enrolled(site_on_sqlite), site_on_sqlite.new_browser()
    assert browser.post(SIGN_IN, {"answer": device.get({"challenge": "b3VycyBpdCBpcyBub3Q"})}).status_code == 400
    asked = options(browser)
    move_clock(monkeypatch, timedelta(minutes=6))
    assert browser.post(SIGN_IN, {"answer": device.get(asked)}).status_code == 400
    with site_on_sqlite.database.transaction() as session:
        sweep_challenges(session, utcnow() + timedelta(minutes=6))
    assert stored(site_on_sqlite, Challenge) == 0


def test_a_copied_authenticator_is_found_by_its_counter(site: Site) -> None:
    device = enrolled(site)
    copy = Authenticator(key=device.key, id=device.id, count=device.count)
    first, second = site.new_browser(), site.new_browser()
    for _ in range(2):
        assert first.post(SIGN_IN, {"answer": device.get(options(first))}).status_code == 303
    assert second.post(SIGN_IN, {"answer": copy.get(options(second))}).status_code == 400
    assert not inside(second)


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", '{"id": 1}', '{"response": {"clientDataJSON": "e30"}}', "x" * 30_000, '{"response": {"clientDataJSON": "!"}}']
)
def test_nonsense_is_refused_calmly(site_on_sqlite: Site, answer: str) -> None:
    assert site_on_sqlite.browser.post(SIGN_IN, {"answer": answer}).status_code == 400


def test_a_passkey_is_enrolled_for_the_account_whose_challenge_it_answers(site_on_sqlite: Site) -> None:
    one, two = staff(site_on_sqlite, email="one@site.example"), staff(site_on_sqlite, email="two@site.example")
    asked = one.post("/console/set-up/passkey-options").json()
    assert two.post("/console/set-up/passkey", {"answer": Authenticator().create(asked)}).status_code == 400
    unverified = Authenticator(flags=PRESENT)
    assert one.post("/console/set-up/passkey", {"answer": unverified.create(asked)}).status_code == 400
    assert stored(site_on_sqlite, Passkey) == 0


def test_a_passkey_of_a_closed_account_opens_nothing(site_on_sqlite: Site) -> None:
    device, browser = enrolled(site_on_sqlite), site_on_sqlite.new_browser()
    administrator = staff(site_on_sqlite, role=Role.ADMINISTRATOR, email="chief@site.example")
    with site_on_sqlite.database.reading() as session:
        owner = session.exec(select(Passkey)).one().account_id
    assert administrator.post(f"/console/people/{owner}/disable").status_code == 303
    assert browser.post(SIGN_IN, {"answer": device.get(options(browser))}).status_code == 400


def test_a_passkey_is_forgotten_by_its_owner_alone(site_on_sqlite: Site) -> None:
    device, other = enrolled(site_on_sqlite), staff(site_on_sqlite, email="other@site.example")
    browser = site_on_sqlite.new_browser()
    browser.post(SIGN_IN, {"answer": device.get(options(browser))})
    with site_on_sqlite.database.reading() as session:
        known = session.exec(select(Passkey)).one().id
    assert other.post(f"/console/account/passkeys/{known}/drop").status_code == 404
    assert browser.post(f"/console/account/passkeys/{known}/drop").status_code == 303
    assert stored(site_on_sqlite, Passkey) == 0
