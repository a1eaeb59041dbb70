"""To which addresses the server speaks on its own: public ones, by name, and none inside (CWE-918)."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore
import idna

from app.errors import N_

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
_PUBLIC_V6 = IPv6Network("2000::/3")
# Within the public part of IPv6: what wraps an IPv4 address, and what is set aside (RFC 6890; RFC 4380; RFC 3056; RFC 9637).
_NOT_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NOT_V4 = tuple(ip_network(text) for text in ("192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"))
_INSIDE = re.compile(r"(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|arpa|test|invalid|onion|alt)$")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_REST = re.compile(r"[!-\[\]-~]*")
"""Printable ASCII without the backslash, which some read as a slash."""


class Refused(Exception):
    """An address that is not spoken to; the message is a catalog entry."""


def checked(url: str) -> str:
    """The address in its usual form: https, a public name, port 443 or one above 1023; raises Refused."""
    if not _REST.fullmatch(url.partition("://")[2].partition("/")[2]) or any(not one.isprintable() or one.isspace() or one == "\\" for one in url):
        raise Refused(N_("Please give a plain address such as https://example.org/hook."))
    try:
        parts = urlsplit(url)
        host, port = idna.encode(parts.hostname or "", uts46=True).decode().lower(), parts.port or 443
    except (ValueError, UnicodeError):
        raise Refused(N_("Please give a plain address such as https://example.org/hook.")) from None
    if parts.scheme != "https":
        raise Refused(N_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused(N_("Please leave out the name, password or # in the address."))
    if not _HOST.fullmatch(host) or _INSIDE.search(host):
        raise Refused(N_("Please give a public name such as example.org, not a number or a name of an inner network."))
    if port != 443 and port < 1024:
        raise Refused(N_("Please use port 443, or one above 1023."))
    place = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return f"https://{host}{'' if port == 443 else f':{port}'}{place}"


def public(address: Address) -> bool:
    """Whether an address is one of the open net."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_V4)
    plain = address.scope_id is None and address.ipv4_mapped is None and address in _PUBLIC_V6
    return plain and address.is_global and not any(address in net for net in _NOT_V6)


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a name, by the system; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Guard(httpcore.NetworkBackend):
    """Opens connections for httpcore to the very address it has checked, within so many seconds for the whole exchange.

    A name is resolved once: whoever answers differently the next time is not asked a next time. One inner address among
    several refuses them all.
    """

    seconds: float = 15.0
    allowed: Callable[[Address], bool] = public
    resolve: Resolve = resolved

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - `seconds` bound the whole exchange
        local_address: str | None = None,  # noqa: ARG002 - nobody asks for one
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - nobody asks for any
    ) -> httpcore.NetworkStream:
        """A connection to a checked address of `host`; raises Refused, httpcore.ConnectError, httpcore.ConnectTimeout."""
        ends = time.monotonic() + self.seconds
        try:
            found = [ip_address(text) for text in self.resolve(host, port)]
        except (OSError, ValueError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        if not found or not all(self.allowed(address) for address in found):
            raise Refused(N_("This name leads to an inner network."))
        return _Hasty(_first(found, port, ends), ends)


def _first(addresses: list[Address], port: int, ends: float) -> httpcore.NetworkStream:
    """A connection to the first of the addresses that takes one: not every machine has both kinds."""
    *before, last = dict.fromkeys(addresses)
    for address in before:
        with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
            return httpcore.SyncBackend().connect_tcp(str(address), port, max(0.001, (ends - time.monotonic()) / 2))
    return httpcore.SyncBackend().connect_tcp(str(last), port, max(0.001, ends - time.monotonic()))


class _Hasty(httpcore.NetworkStream):
    """A connection that ends at a moment, however slowly the other side speaks."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream, self._ends = stream, ends

    def _within(self, seconds: float | None) -> float:
        left = max(0.001, self._ends - time.monotonic())
        return min(seconds or left, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> httpcore.NetworkStream:
        return _Hasty(self._stream.start_tls(ssl_context, server_hostname, self._within(timeout)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
