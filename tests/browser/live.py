"""The real server as a process of its own, its mailbox, its rows; and a page of another site."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlmodel import col, select

from app.db import Database
from app.settings import ROOT, Settings
from app.signatures.beside import MailedLink
from app.signatures.models import Signature, State
from app.tokens import hash_token
from tests import cast
from tests.conftest import POSTGRES, absent

MODERATOR, PASSWORD = "moderator@site.example", "correct horse battery staple"
COOKIE, SESSION = "undersigned-pending", "undersigned-session"
PATIENCE = 30.0


def until(happened: Callable[[], object], within: float = PATIENCE, what: str = "it") -> float:
    """Look again and again; the seconds it took."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < within, f"{what} did not happen within {within} s"
        time.sleep(0.03)
    return time.monotonic() - began


def command(environment: Mapping[str, str], *arguments: str, stdin: str = "") -> None:
    """Run the command line as its users do."""
    line = [sys.executable, "-m", "app.cli", *arguments]
    done = subprocess.run(line, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Pending:
    """A signature that waits for its confirmation, and what only its author holds."""

    id: UUID
    link: str
    code: str
    cookie: str


@dataclass
class Live:
    """A running site."""

    base: str
    folder: Path
    environment: Mapping[str, str]
    database: Database
    client: httpx.Client
    _callers: int = 0
    _staff: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str = "") -> None:
        """One `undersigned` command."""
        command(self.environment, *arguments, stdin=stdin)

    def publish(self, *texts: str, **translations: str) -> None:
        """Publish statement files in one command; `translations` (be, ru) belong to the first."""
        paths = []
        for place, text in enumerate(texts):
            path = self.folder / f"statement-{place}.md"
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
        for code, text in translations.items():
            (self.folder / f"statement-0.{code}.md").write_text(text, encoding="utf-8")
        self.run("publish", "--yes", *paths)

    def create_account(self, email: str, role: str) -> None:
        self.run("accounts", "create", email, "--role", role, "--password-stdin", stdin=f"{PASSWORD}\n")

    def network(self) -> str:
        """The address of a caller nobody has met."""
        self._callers += 1
        return f"100.{64 + self._callers // 250}.{self._callers % 250}.7"

    def get(self, path: str, cookies: Mapping[str, str] | None = None) -> httpx.Response:
        return self._send("GET", path, cookies=cookies)

    def post(self, path: str, data: Mapping[str, str] | None = None, cookies: Mapping[str, str] | None = None) -> httpx.Response:
        return self._send("POST", path, data, cookies)

    def head(self, path: str) -> httpx.Response:
        return self._send("HEAD", path)

    def _send(self, method: str, path: str, data: Mapping[str, str] | None = None, cookies: Mapping[str, str] | None = None) -> httpx.Response:
        headers = {"X-Forwarded-For": self.network(), "Accept": "text/html", "Origin": self.base, "Sec-Fetch-Site": "same-origin"}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = self.client.request(method, path, data=data, headers=headers)
        self.client.cookies.clear()
        return answer

    def mailbox(self) -> dict[str, list[str]]:
        """The letters of the mailbox, newest first, by recipient."""
        found: dict[str, list[str]] = {}
        for path, recipient in re.findall(r'href="(/dev/mailbox/[^"]+)">[^<]*</a><span>([^<]*)</span>', self.get("/dev/mailbox").text):
            found.setdefault(unescape(recipient), []).append(path)
        return found

    def letters(self, to: str) -> list[str]:
        """The letters to one address, newest first."""
        return self.mailbox().get(to, [])

    def sign(self, form: Mapping[str, str], slug: str = cast.SLUG, prefix: str = "") -> str:
        """Send the form; the cookie it set."""
        answer = self.post(f"{prefix}/statements/{slug}/sign", form)
        assert answer.status_code == 303, answer.text
        return answer.cookies[COOKIE]

    def pending(self, form: Mapping[str, str], slug: str = cast.SLUG, prefix: str = "") -> Pending:
        """Sign, and read the letter."""
        cookie = self.sign(form, slug, prefix)
        return self.read(self.letters(form["email"])[0], cookie)

    def read(self, letter: str, cookie: str) -> Pending:
        """What a letter says."""
        text = self.get(letter).text
        link, code = re.search(r'href="http[^"]+?(/\w\w/confirm/[^"]+)"', text), re.search(r"\b(\d{3}) (\d{3})\b", text)
        assert link, text
        assert code, text
        return Pending(self.signature_of(link[1]), link[1], code[1] + code[2], cookie)

    def confirmed(self, form: Mapping[str, str], slug: str = cast.SLUG, prefix: str = "") -> UUID:
        """Sign and confirm; the signature then waits for a moderator."""
        pending = self.pending(form, slug, prefix)
        assert self.post(pending.link, {"act": "confirm"}, {COOKIE: pending.cookie}).status_code == 200
        return pending.id

    def staff(self) -> dict[str, str]:
        """The cookie of the signed-in moderator; signs in once, for sign-ins are limited."""
        if not self._staff:
            answer = self.post("/console/sign-in", {"email": MODERATOR, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            self._staff[SESSION] = answer.cookies[SESSION]
        return self._staff

    def signature_of(self, link: str) -> UUID:
        """Which signature a mailed link belongs to."""
        with self.database.reading() as session:
            row = session.get_one(MailedLink, hash_token(link.rsplit("/", 1)[-1]))
            return row.signature_id

    def state(self, signature: UUID) -> State | None:
        """Where a signature stands; None when its row is gone."""
        with self.database.reading() as session:
            row = session.get(Signature, signature)
            return row.state if row else None

    def states(self, signatures: list[UUID]) -> list[State]:
        """Where several stand, in no order."""
        with self.database.reading() as session:
            return [row.state for row in session.exec(select(Signature).where(col(Signature.id).in_(signatures)))]


@contextmanager
def running(folder: Path, database_url: str = "") -> Iterator[Live]:
    """A site that answers; with `database_url`, a worker runs beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://localhost:{port}"
    environment = {
        **os.environ,
        "UNDERSIGNED_ENV": "development",
        "UNDERSIGNED_DATA_DIR": str(folder / "var"),
        "UNDERSIGNED_BASE_URL": base,
        "UNDERSIGNED_TRUSTED_PROXIES": "127.0.0.0/8",
        "UNDERSIGNED_MAILS_PER_HOUR": "10000000",
        "UNDERSIGNED_UNDO_SECONDS": "0",
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("DATABASE_URL", None)
    if database_url:
        environment["DATABASE_URL"] = database_url
    url = database_url or f"sqlite:///{folder / 'var' / 'undersigned.sqlite3'}"
    with httpx.Client(base_url=base) as client, _process(environment, folder / "server.log", "serve", "--port", str(port)):
        until(partial(_answers, client), what="the server's first answer")
        live = Live(base, folder, environment, Database(url), client)
        try:
            yield live
        finally:
            live.database.engine.dispose()
    assert (folder / "server.log").read_text(encoding="utf-8").count("request failed") == 0, "the server's log tells of a failure"


def _answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/readyz").status_code == 200
    return False


@contextmanager
def _process(environment: Mapping[str, str], log: Path, *arguments: str) -> Iterator[None]:
    """One process of the command; ended by its own id."""
    with log.open("w", encoding="utf-8") as kept:
        process = subprocess.Popen([sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=environment, stdout=kept, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running_on_postgres(folder: Path) -> Iterator[Live]:
    """A site on a PostgreSQL database of its own, and its worker."""
    admin_url = Settings(database_url=POSTGRES).database
    name = f"undersigned_browser_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    except sa.exc.OperationalError:
        absent(f"PostgreSQL at {POSTGRES} (UNDERSIGNED_TEST_POSTGRES names another)")
    url = sa.make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    environment = {**os.environ, "UNDERSIGNED_ENV": "development", "UNDERSIGNED_DATA_DIR": str(folder / "var"), "DATABASE_URL": url}
    try:
        command(environment, "migrate")
        with running(folder, url) as live, _process(live.environment, folder / "worker.log", "worker"):
            yield live
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@dataclass
class Elsewhere:
    """A site of somebody else, at another origin."""

    base: str
    pages: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, body: str, head: str = "") -> str:
        """Serve a page; its address."""
        self.pages[path] = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elsewhere</title>{head}</head><body>{body}</body></html>'
        return f"{self.base}{path}"


@contextmanager
def another_site() -> Iterator[Elsewhere]:
    """A small server on 127.0.0.1, which is not the site's `localhost`."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Elsewhere(f"http://127.0.0.1:{server.server_address[1]}", pages)
        finally:
            server.shutdown()
            thread.join()
