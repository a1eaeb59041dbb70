"""Limits of several nodes: counted together in Redis, apart while it is away; nobody's network is written down."""

import os
import secrets
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError

from app.web.limits import Limits
from tests.conftest import absent

# Each worker of the test run empties a database of its own, or one would empty the other's in the midst of a test.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS = os.environ.get("UNDERSIGNED_TEST_REDIS", "redis://127.0.0.1:6379").rstrip("/") + f"/{8 + _WORKER % 8}"


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A database of Redis that is empty before and after."""
    client = Redis.from_url(REDIS, socket_timeout=2)
    try:
        client.ping()
    except RedisError:
        absent(f"Redis at {REDIS} (UNDERSIGNED_TEST_REDIS names another)")
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def test_two_nodes_count_together(redis: Redis) -> None:
    here, there = Limits(REDIS), Limits(REDIS)
    allowed = [node.allows("sign", "5/minute", "203.0.113.0") for node in (here, there) * 4]
    assert allowed == [True] * 5 + [False] * 3
    assert there.allows("sign", "5/minute", "198.51.100.0")


def test_two_nodes_see_one_flood(redis: Redis) -> None:
    here, there = Limits(REDIS), Limits(REDIS)
    for node in (here, there, here):
        node.count("posts 1", 60)
    assert (here.counted("posts 1"), there.counted("posts 1"), there.counted("posts 2")) == (3, 3, 0)


def test_the_mark_of_a_network_is_the_same_on_every_node_and_stands_nowhere_in_the_clear(redis: Redis) -> None:
    here, there = Limits(REDIS), Limits(REDIS)
    assert here.mark("203.0.113.0") == there.mark("203.0.113.0")
    here.allows("sign", "5/minute", "203.0.113.0")
    names = [str(name) for name in redis.keys("*")]
    assert names
    assert [name for name in names if "203.0.113" in name] == []


def test_what_redis_keeps_is_gone_after_a_day(redis: Redis) -> None:
    node = Limits(REDIS)
    node.allows("sign", "5/minute", "203.0.113.0")
    node.count("posts 1", 60)
    assert [name for name in redis.keys("*") if not 0 < int(str(redis.ttl(name))) <= 24 * 3600] == []


def test_a_new_day_has_a_new_key(redis: Redis) -> None:
    before = Limits(REDIS).mark("203.0.113.0")
    redis.delete("undersigned:key-of-the-day")
    assert Limits(REDIS).mark("203.0.113.0") != before


def test_while_redis_is_away_each_node_counts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    node = Limits("redis://127.0.0.1:9/0")
    assert [node.allows("sign", "2/minute", "203.0.113.0") for _ in range(3)] == [True, True, False]
    node.count("posts 1", 60)
    assert node.counted("posts 1") == 1


def test_memory_forgets_what_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("app.web.limits.time.monotonic", lambda: now[0])
    node = Limits()
    assert [node.allows("sign", "2/minute", "a") for _ in range(3)] == [True, True, False]
    now[0] += 61
    assert node.allows("sign", "2/minute", "a")


def test_a_flood_of_networks_does_not_grow_memory_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("app.web.limits.time.monotonic", lambda: now[0])
    node = Limits()
    for _ in range(3):
        for _ in range(25_000):
            node.allows("sign", "2/minute", secrets.token_hex(8))
        now[0] += 61
    assert len(node._own._counts) < 60_000
