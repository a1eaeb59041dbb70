"""Run the server, and the worker on its own."""

import asyncio
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

import uvicorn
from uvicorn.supervisors import multiprocess

from app.db import Database
from app.jobs import Runner
from app.main import configure_log

FAREWELL = 1.5  # seconds in which a client on an open connection has its next answer, and with it the word that this was the last


class PoliteServer(uvicorn.Server):
    """Told to stop, it takes no new connection, answers what still comes on the open ones, and says that it closes them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn would cut connections between two requests, and a form that is on its way would be lost."""
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        ends = time.monotonic() + FAREWELL
        while self.server_state.connections and time.monotonic() < ends and not self.force_exit:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)


class _PoliteProcess(multiprocess.Process):
    """A server process of several."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = PoliteServer(self.config)
        return self._server


# Uvicorn has no other way to say which server its processes run.
multiprocess.Process = _PoliteProcess  # type: ignore[misc]


def run_server(host: str, port: int, workers: int) -> None:
    """Serve until a signal; no access log, since addresses carry tokens. X-Forwarded-For is read by `web.limits` alone."""
    config = uvicorn.Config(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=15,
    )
    if workers > 1:
        multiprocess.Multiprocess(config, sockets=[config.bind_socket()]).run()
        return
    server = PoliteServer(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def run_worker(database: Database) -> None:
    """Run the jobs until SIGTERM or SIGINT."""
    configure_log()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner = Runner(database)
    runner.start()
    stop.wait()
    runner.stop()
