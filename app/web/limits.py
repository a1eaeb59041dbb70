"""Rate limits under keys that forget: an address or a network is only ever seen as an HMAC under a key of the day."""

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from fastapi import Request
from limits import parse
from limits.storage import RedisStorage
from redis.exceptions import RedisError

from app.errors import N_, TooMany
from app.settings import get_settings

_DAY = 24 * 60 * 60
_REREAD = 60.0
_SWEEP = 20_000
_WAIT = N_("Many requests came from your network in a short time. Please wait a few minutes and try again; nothing you typed was published.")


class _Memory:
    """Counters of this process. The library's own walks over all of them every few milliseconds, which a flood makes dear."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, float]] = {}
        self._lock, self._until_sweep = threading.Lock(), _SWEEP

    def incr(self, key: str, expiry: int) -> int:
        """Count, and now and then forget what is over."""
        now = time.monotonic()
        with self._lock:
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._counts[key] = (count + 1, ends)
            self._until_sweep -= 1
            if self._until_sweep <= 0:
                self._counts = {kept: value for kept, value in self._counts.items() if value[1] > now}
                self._until_sweep = max(_SWEEP, len(self._counts))
        return count + 1

    def get(self, key: str) -> int:
        """The present count."""
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.monotonic() else 0


class Limits:
    """Counters that nobody can read after a day: in memory, lost at restart, or in Redis, shared by all nodes.

    While Redis is away each node counts by itself.
    """

    def __init__(self, redis_url: str = "") -> None:
        self._own = _Memory()
        self._redis = RedisStorage(redis_url, socket_timeout=1, socket_connect_timeout=1) if redis_url else None
        self._key, self._renew_at = secrets.token_bytes(32), time.monotonic() + (0 if self._redis else _DAY)

    @property
    def local(self) -> bool:
        """Whether counting never waits for another machine."""
        return self._redis is None

    def mark(self, value: str) -> str:
        """What stands for `value` today: an HMAC under the key of the day."""
        if time.monotonic() >= self._renew_at:
            self._renew()
        return hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def _renew(self) -> None:
        if self._redis is None:
            self._key, self._renew_at = secrets.token_bytes(32), time.monotonic() + _DAY
            return
        self._renew_at, name = time.monotonic() + _REREAD, "undersigned:key-of-the-day"
        try:
            self._redis.storage.set(name, secrets.token_bytes(32), nx=True, ex=_DAY)
            self._key = self._redis.storage.get(name) or self._key
        except RedisError:
            pass  # the last key known serves until Redis is back

    def allows(self, rule: str, limit: str, value: str) -> bool:
        """Count one act of `value` under `rule`; False when `limit` ("20/hour") is used up."""
        return self._within(rule, limit, self.mark(value))

    def _within(self, rule: str, limit: str, mark: str) -> bool:
        most, seconds = _bound(limit)
        return self.count(f"{rule} {limit} {mark}", seconds) <= most

    def count(self, name: str, seconds: int) -> int:
        """Count one of something for so long, whoever did it; how many there are now."""
        return self._on_shared(lambda storage: storage.incr(f"undersigned:{name}", seconds))

    def counted(self, name: str) -> int:
        """What `count` has counted."""
        return self._on_shared(lambda storage: storage.get(f"undersigned:{name}"))

    def _on_shared(self, act: Callable[[RedisStorage | _Memory], int]) -> int:
        if self._redis:
            try:
                return act(self._redis)
            except RedisError:
                pass
        return act(self._own)

    def check_network(self, request: Request, rule: str, *limits: str) -> str:
        """Count one act of the caller's network, and give what stands for it today; raises TooMany."""
        mark = self.mark(network(request))
        for limit in limits:
            if not self._within(rule, limit, mark):
                raise TooMany(_WAIT, retry_after=_bound(limit)[1])
        return mark


@lru_cache
def _bound(limit: str) -> tuple[int, int]:
    item = parse(limit)
    return item.amount, item.get_expiry()


def limits_of(request: Request) -> Limits:
    """The application's counters."""
    limits: Limits = request.app.state.limits
    return limits


def network(request: Request) -> str:
    """The caller's network prefix: IPv4 /24, IPv6 /56 (RFC 6177)."""
    address = _client(request)
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    width = 24 if address.version == 4 else 56
    return f"{int(address) >> (address.max_prefixlen - width)}/{address.version}"


def _client(request: Request) -> IPv4Address | IPv6Address | None:
    chain = [part.strip() for part in ",".join(request.headers.getlist("x-forwarded-for")).split(",") if part.strip()]
    chain.append(request.client.host if request.client else "")
    trusted = get_settings().trusted_proxies
    while chain:
        try:
            address = ip_address(chain.pop())
        except ValueError:
            return None
        if not chain or not any(address in net for net in trusted):
            return address
    return None
