"""A server that is told to stop answers what reaches it on open connections, and only turns away new ones."""

import asyncio
import os
import signal
from pathlib import Path

from tests.faults.server import Server, prepared
from tests.proof.places import POSTGRESQL
from tests.proof.places import server as on_postgresql

CONNECTIONS = 40
ASK = b"GET /healthz/ HTTP/1.1\r\nHost: localhost\r\n\r\n"  # a redirect: without a thread, so that the next comes at once


async def asking(port: int, pid: int, answered: list[bytes]) -> str:
    """Ask on one connection until the server says that it closes it; what went wrong, or nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            writer.write(ASK)
            answer = await reader.readuntil(b"\r\n\r\n")
            answered.append(answer)
            if len(answered) == 10 * CONNECTIONS:
                os.kill(pid, signal.SIGTERM)
            if b"connection: close" in answer.lower():
                return ""
    except (asyncio.IncompleteReadError, OSError) as error:
        return type(error).__name__
    finally:
        writer.close()


async def stopped_amid(server: Server) -> list[str]:
    """Tell it to stop while all connections are busy."""
    answered: list[bytes] = []
    return list(filter(None, await asyncio.gather(*(asking(server.port, server.pid, answered) for _ in range(CONNECTIONS)))))


def test_no_request_on_an_open_connection_goes_unanswered_when_the_server_stops(tmp_path: Path, sqlite_template: Path) -> None:
    with prepared(tmp_path / "data", sqlite_template) as server:
        server.start()
        assert asyncio.run(stopped_amid(server)) == []


def test_several_server_processes_stop_the_same_way(tmp_path: Path) -> None:
    with on_postgresql(tmp_path, POSTGRESQL) as server:
        server.start("--workers", "2")
        assert asyncio.run(stopped_amid(server)) == []
