"""A browser, live sites and a page of another site; all of them end with this folder."""

import os
import shutil
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests import cast
from tests.browser.live import MODERATOR, Elsewhere, Live, another_site, running, running_on_postgres
from tests.conftest import absent

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; on macOS the one Playwright installed."""
    executable = next(filter(None, map(shutil.which, _NAMES)), None)
    if executable is None and sys.platform != "darwin":
        absent("Chromium (make test says how to install it)")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        except Error:
            if executable:
                raise
            absent("Chromium (.venv/bin/playwright install chromium)")
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def elsewhere() -> Iterator[Elsewhere]:
    """Another origin."""
    with another_site() as site:
        yield site


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site on the embedded database, with a statement in two languages and a moderator."""
    with running(tmp_path_factory.mktemp("live")) as site:
        site.publish(cast.statement(), be=cast.belarusian())
        site.create_account(MODERATOR, "moderator")
        yield site


@pytest.fixture
def live_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The same on PostgreSQL, with a worker of its own."""
    with running_on_postgres(tmp_path_factory.mktemp("postgres")) as site:
        site.publish(cast.statement(), be=cast.belarusian())
        site.create_account(MODERATOR, "moderator")
        yield site
