"""Rotation and shredding by figures: with few rows here, with a thousand under UNDERSIGNED_PROOF."""

import os

import pytest

from tests.keys.proof_keys import run
from tests.site import Site

ROWS = 1000 if os.environ.get("UNDERSIGNED_PROOF") else 50


@pytest.fixture
def figures(site: Site) -> dict[str, object]:
    return run(site, ROWS)


def test_rotation_under_load_and_shredding_lose_nothing_and_leave_nothing(figures: dict[str, object]) -> None:
    none = ["values that do not open", "values of an old key", "rows too many", "addresses in twice"]
    none += ["of them opened by all keys that are left", "of them matched by all keys that are left"]
    none += ["sealed values left in the database", "wrapped keys in the database's files after"]
    assert {name: figures[name] for name in none} == dict.fromkeys(none, 0)
    assert figures["sealed values copied before"] == figures["of them opened by the statement's keys"]
    assert figures["indexes copied before"] == figures["of them matched by the statement's keys"]
    assert figures["wrapped keys in the database's files before"] == 3  # the current two, and the old index key
