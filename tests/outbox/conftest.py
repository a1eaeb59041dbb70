"""Every test begins with mail servers that never failed."""

from collections.abc import Iterator

import pytest

from app.outbox.breaker import breaker


@pytest.fixture(autouse=True)
def fresh_breakers() -> Iterator[None]:
    breaker.cache_clear()
    yield
    breaker.cache_clear()
