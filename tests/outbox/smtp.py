"""A real SMTP server on this machine: STARTTLS, AUTH, and whatever answers a test wants."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "letters@site.example", "p@ss:w/rd%"


@dataclass
class Post:
    """What arrived, and what to answer: `answers[command]` is used up from the front, then everything is accepted."""

    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.raw]

    def to(self) -> list[str]:
        return [str(message["To"]) for message in self.messages]

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages]

    def _next(self, command: str) -> str | None:
        with self.lock:
            self.said.append(command)
            waiting = self.answers.get(command) or []
            return waiting.pop(0) if waiting else None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if answer := self._next("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if answer := self._next("RCPT"):
            return answer.replace("ADDRESS", address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self._next("DATA")
        if answer is None or answer == "drop":
            with self.lock:
                self.raw.append(envelope.content)
        if answer == "drop":
            server.transport.abort()
        return answer if answer and answer != "drop" else "250 OK"

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, PASSWORD), handled=False)


@dataclass(frozen=True)
class Papers:
    """A certificate authority's certificate, and a context for a server that it certified."""

    authority: Path
    context: ssl.SSLContext


def papers(folder: Path, host: str = "localhost", days: int = 1) -> Papers:
    """Make a certificate authority and a server certificate for `host`; a negative number of days is an expired one."""
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented Authority")])
    begin, end = now - datetime.timedelta(days=10), now + datetime.timedelta(days=max(days, 1))
    root = (
        x509.CertificateBuilder(issuer, issuer, keys[0].public_key(), x509.random_serial_number(), begin, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[0].public_key()), critical=False)
        .sign(keys[0], hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    leaf = (
        x509.CertificateBuilder(issuer, subject, keys[1].public_key(), x509.random_serial_number(), begin, now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
        .sign(keys[0], hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    authority, pair = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    secret = keys[1].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pair.write_bytes(secret + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    return Papers(authority, context)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(post: Post, tls: ssl.SSLContext | None = None) -> Iterator[Post]:
    """Run the server; with `tls` it demands STARTTLS and AUTH."""
    post.port = post.port or free_port()
    secured: dict[str, Any] = {"tls_context": tls, "require_starttls": True, "authenticator": post.login, "auth_required": True} if tls else {}
    # Only the answers: the library reads every attribute at each connection, and `messages` parses all that arrived.
    answers = SimpleNamespace(**{name: getattr(post, name) for name in dir(type(post)) if name.startswith("handle_")})
    controller = Controller(answers, hostname="127.0.0.1", port=post.port, enable_SMTPUTF8=False, **secured)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def plain(post: Post) -> str:
    """The address of a server on this machine without TLS."""
    return f"smtp://127.0.0.1:{post.port}?tls=off"


def secured(post: Post, user: str = "letters%40site.example:p%40ss%3Aw%2Frd%25@") -> str:
    """The address of a server with STARTTLS."""
    return f"smtp://{user}localhost:{post.port}"
