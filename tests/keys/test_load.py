"""Rotation and shredding by figures, with few rows."""

import pytest

from tests.keys.proof_keys import EXPECTED, run
from tests.proof.figures import failed
from tests.site import Site


@pytest.fixture
def figures(site: Site) -> dict[str, object]:
    return run(site, rows=50)


def test_rotation_under_load_and_shredding_lose_nothing_and_leave_nothing(figures: dict[str, object]) -> None:
    assert failed(figures, EXPECTED) == {}
    assert figures["sealed values copied before"] == figures["of them opened by the statement's keys"]
    assert figures["indexes copied before"] == figures["of them matched by the statement's keys"]
    assert figures["wrapped keys in the database's files before"] == 3  # the current two, and the old index key
