"""Run the server, and the worker on its own."""

import signal
import threading

import uvicorn

from app.db import Database
from app.jobs import Runner
from app.main import configure_log


def run_server(host: str, port: int, workers: int) -> None:
    """Serve until a signal; no access log, since addresses carry tokens. X-Forwarded-For is read by `web.limits` alone."""
    uvicorn.run(
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
