"""Rate limits under keys that forget: an address or a network is only ever seen as an HMAC under a key of the day."""

import hashlib
import hmac
import secrets
import time
from ipaddress import IPv4Address, IPv6Address, ip_address

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.errors import N_, TooMany
from app.settings import get_settings

_DAY = 24 * 60 * 60
_WAIT = N_("Many requests came from your network in a short time. Please wait a few minutes and try again; nothing you typed was published.")


class Limits:
    """Counters in memory, lost at restart, unreadable after a day."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._key, self._born = secrets.token_bytes(32), time.monotonic()

    def _mark(self, value: str) -> str:
        if time.monotonic() - self._born > _DAY:
            self._key, self._born = secrets.token_bytes(32), time.monotonic()
        return hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def allows(self, rule: str, limit: str, value: str) -> bool:
        """Count one act of `value` under `rule`; False when `limit` ("20/hour") is used up."""
        return self._limiter.hit(_item(limit), rule, self._mark(value))

    def check_network(self, request: Request, rule: str, *limits: str) -> None:
        """Count one act of the caller's network; raises TooMany."""
        for limit in limits:
            if not self.allows(f"{rule} {limit}", limit, network(request)):
                raise TooMany(_WAIT, retry_after=_item(limit).get_expiry())


def _item(limit: str) -> RateLimitItem:
    return parse(limit)


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
