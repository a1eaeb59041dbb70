"""Somebody who is told: an https server on this machine under a public name; and one that listens where nobody must knock."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

from app.webhooks.guard import Address, Guard
from tests.outbox.smtp import papers

HOST = "hooks.example.org"
PUBLIC = "127.0.0.9"
"""Stands for an address of the open net."""


def open_net(address: Address) -> bool:
    """The rule of a test, in which one address of loopback is the open net."""
    return address == IPv4Address(PUBLIC)


@dataclass
class Receiver:
    """What came, and what is answered: status and headers, used up from the front, then 204."""

    port: int = 0
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/hook"

    @property
    def guard(self) -> Guard:
        """One by whose resolver the name is where this server is."""
        return Guard(5, open_net, lambda _host, _port: [PUBLIC])


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """A receiver that answers."""
    one, certified = Receiver(), papers(folder, HOST)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            one.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = one.answers.pop(0) if one.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((PUBLIC, 0), Handler)
    server.socket = certified.context.wrap_socket(server.socket, server_side=True)
    one.port, one.trusted = server.server_address[1], ssl.create_default_context(cafile=str(certified.authority))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Inside:
    """A port of the inner network, and how many connections it saw."""

    port: int
    knocks: int = 0


@contextmanager
def inside() -> Iterator[Inside]:
    """It listens on every address of this machine."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as door:
        found = Inside(door.getsockname()[1])

        def count() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                found.knocks += 1
                caller.close()

        thread = threading.Thread(target=count, daemon=True)
        thread.start()
        yield found
        door.shutdown(socket.SHUT_RDWR)
        thread.join(5)
