"""A real server in a process of its own, on a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from app.clock import utcnow
from app.db import Database
from app.secretariat.actions import publish
from app.settings import ROOT, Settings, get_settings
from app.statements.source import load
from tests import cast
from tests.outbox.smtp import free_port

START = 120
"""Seconds that a server may take to come up on a machine that is busy."""
FROM_HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


class Server:
    """Start it, ask it, kill it; everything it prints goes to a file in its folder."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder / "server.log"
        self.base = f"http://127.0.0.1:{self.port}"
        own = {
            "UNDERSIGNED_ENV": "development",
            "UNDERSIGNED_DATA_DIR": str(folder),
            "UNDERSIGNED_KEY_FILE": str(get_settings().data_dir / "root.key"),
            "UNDERSIGNED_TRUSTED_PROXIES": "127.0.0.0/8",
            "UNDERSIGNED_MAILS_PER_HOUR": "10000000",
            "PYTHONUNBUFFERED": "1",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSIGNED_") and name != "DATABASE_URL"}
        self.environment = kept | own | environment
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, given: str = "") -> None:
        """One `undersigned` command in the same folder; it has to succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments], env=self.environment, cwd=ROOT, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def start(self, *options: str) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port), *options]
            self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        with self.client() as client:
            until = time.monotonic() + START
            while time.monotonic() < until:
                if self.process.poll() is not None:
                    raise AssertionError(self.log.read_text())
                with suppress(httpx.TransportError):
                    if client.get("/readyz").status_code == 200:
                        return
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def database(self) -> Database:
        """The server's database, from here."""
        return Database(Settings(database_url=self.environment.get("DATABASE_URL", ""), data_dir=self.folder).database)

    def client(self, network: str = "203.0.113.7") -> httpx.Client:
        return httpx.Client(base_url=self.base, headers={**FROM_HERE, "X-Forwarded-For": network}, timeout=30, verify=False)


@contextmanager
def prepared(folder: Path, template: Path, **environment: str) -> Iterator[Server]:
    """A server, not yet started, on a folder that holds the cast's statement."""
    folder.mkdir(mode=0o700)
    shutil.copy(template, folder / "undersigned.sqlite3")
    (folder / "undersigned.sqlite3").chmod(0o600)
    with _published(Server(folder, **environment)) as server:
        yield server


@contextmanager
def installed(folder: Path, **environment: str) -> Iterator[Server]:
    """The same, where nothing is yet but perhaps an empty database at DATABASE_URL."""
    folder.mkdir(mode=0o700)
    server = Server(folder, **environment)
    server.run("migrate")
    with _published(server):
        yield server


@contextmanager
def _published(server: Server) -> Iterator[Server]:
    paper = server.folder.with_name("statement.md")
    paper.write_text(cast.statement(), encoding="utf-8")
    database = server.database()
    with database.transaction() as session:
        publish(session, load(paper), utcnow())
    database.engine.dispose()
    try:
        yield server
    finally:
        server.stop()


def opened(folder: Path) -> Database:
    """The server's database, from here."""
    return Database(f"sqlite:///{folder / 'undersigned.sqlite3'}")
