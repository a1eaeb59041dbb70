"""The application as an installation runs it: production settings, an https base address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.db import Database
from app.settings import get_settings
from app.web.templates import environment
from tests.site import Site

BASE = "https://sign.site.example"
_SETTINGS = {
    "UNDERSIGNED_ENV": "production",
    "UNDERSIGNED_BASE_URL": BASE,
    "UNDERSIGNED_SMTP_URL": "smtp://127.0.0.1:9?tls=off",
    "UNDERSIGNED_CONTROLLER": "House of Rivers & Lakes, 1 Quay, Riverton",
    "UNDERSIGNED_CONTACT": "privacy@site.example",
    "UNDERSIGNED_SITE_NAME": "Rivers Sign",
}


@contextmanager
def production(database: Database, folder: Path) -> Iterator[Site]:
    """A site under production settings; the settings of the tests come back afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _SETTINGS.items():
            patch.setenv(name, value)
        _forget()
        try:
            with Site(database, folder) as site:
                yield site
        finally:
            patch.undo()
            _forget()


def _forget() -> None:
    get_settings.cache_clear()
    environment.cache_clear()
