"""What people do in a browser."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser.live import PASSWORD

_TEXT = ("organisation", "name", "role", "website", "email", "mandate")


@contextmanager
def window(chromium: Browser, scripted: bool = True) -> Iterator[Page]:
    """One person's browser, without a past."""
    context = chromium.new_context(java_script_enabled=scripted)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def fill_in(page: Page, typed: Mapping[str, str]) -> None:
    """Fill the sign form of a page; fields that are not shown are left alone."""
    page.locator(f"[name=kind][value={typed['kind']}]").check()
    for name in _TEXT:
        if typed.get(name) and page.locator(f"#{name}").is_visible():
            page.locator(f"#{name}").fill(typed[name])
    page.locator("#country").select_option(typed["country"])
    page.locator(f"[name=visibility][value={typed['visibility']}]").check()
    page.locator("#consent").check()


def sign_in(page: Page, base: str, email: str) -> None:
    """Sign in to the console, beginning at its door."""
    page.goto(f"{base}/console")
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.locator("form[action$='/console/sign-in'] button").click()
    page.wait_for_url("**/console")
