"""A passkey of a virtual authenticator in Chromium: enrolled, used to sign in, and asked for before something grave."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.accounts.actions import create
from app.accounts.models import Role
from app.clock import utcnow
from tests.browser.live import MODERATOR, PASSWORD, Live, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "automaticPresenceSimulation": True}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(tmp_path_factory.mktemp("passkeys")) as live:
        with live.database.transaction() as session:
            create(session, MODERATOR, Role.ADMINISTRATOR, PASSWORD, utcnow())
        yield live


def sign_in(page: Page, site: Live) -> None:
    page.goto(f"{site.base}/console/sign-in")
    page.locator("#email").fill(MODERATOR)
    page.locator("#password").fill(PASSWORD)
    page.locator("form[action$='/console/sign-in'] button").click()


def test_a_passkey_is_made_signs_in_alone_and_proves_it_once_more(site: Live, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "isUserVerified": True}})["authenticatorId"]
    page.bring_to_front()

    sign_in(page, site)
    page.goto(f"{site.base}/console/set-up")
    page.locator("#passkey-name").fill("virtual key")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)

    page.goto(f"{site.base}/console/account")
    expect(page.get_by_role("rowheader", name="virtual key")).to_be_visible()
    page.get_by_role("button", name="Sign out").last.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site.base}/console")

    page.goto(f"{site.base}/console/prove?next=/console/people")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site.base}/console/people")

    sign_in_again = context.new_page()
    context.clear_cookies()
    sign_in(sign_in_again, site)
    expect(sign_in_again).to_have_url(f"{site.base}/console/second")
    sign_in_again.close()

    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{site.base}/console/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_url(f"{site.base}/console/sign-in")
    context.close()


def test_without_scripts_the_page_offers_the_password_alone(site: Live, chromium: Browser) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.base}/console/sign-in")
        expect(page.get_by_role("button")).to_have_count(1)
