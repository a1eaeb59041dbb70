"""Keys of rows that many write."""

import time
from uuid import RFC_4122

from app.rows import new_id


def test_keys_are_of_version_7_no_two_alike_and_stand_in_the_order_of_time() -> None:
    before = time.time_ns() // 1_000_000
    keys = [new_id() for _ in range(20_000)]
    after = time.time_ns() // 1_000_000
    assert {(key.version, key.variant) for key in keys} == {(7, RFC_4122)}
    assert len(set(keys)) == len(keys)
    moments = [key.int >> 80 for key in keys]
    assert moments == sorted(moments)
    assert before <= moments[0] <= moments[-1] <= after


def test_every_bit_of_chance_is_one() -> None:
    ones = zeros = 0
    for key in (new_id() for _ in range(200)):
        ones |= key.int
        zeros |= ~key.int
    chance = ((1 << 12) - 1) << 64 | ((1 << 62) - 1)
    assert ones & zeros & chance == chance
