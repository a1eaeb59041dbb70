"""The database goes away and comes back: readers notice nothing, whoever signs is told to wait, and all is well again by itself."""

import select
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import sqlalchemy as sa

from tests import cast
from tests.faults.server import installed
from tests.proof.places import POSTGRESQL, empty

S = f"/statements/{cast.SLUG}"
FACES = (S, f"{S}/signatories", f"{S}.json", f"{S}.txt", f"{S}/signatories.json", f"{S}/feed.json", f"{S}/feed.atom", f"/embed/{cast.SLUG}", f"/be{S}", "/")


class Gate:
    """Passes bytes on to a server while it is open."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.open, self._pairs = True, list[socket.socket]()
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        self.open = False
        for one in self._pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self.open:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._pairs += [near, far]
                threading.Thread(target=self._pump, args=(near, far), daemon=True).start()

    def _pump(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, suppress(OSError):
            while True:
                for one in select.select([near, far], [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    (far if one is near else near).sendall(data)

    def close(self) -> None:
        self.shut()
        self._listener.close()


def signed(client: httpx.Client, email: str) -> httpx.Response:
    return client.post(f"{S}/sign", data=cast.individual(email=email), headers={"Origin": str(client.base_url).rstrip("/")})


def test_readers_are_served_while_the_database_is_away_and_signing_resumes_by_itself(tmp_path: Path) -> None:
    with empty(POSTGRESQL) as url:
        address = sa.make_url(url)
        gate = Gate(address.host or "127.0.0.1", address.port or 5432)
        through = address.set(host="127.0.0.1", port=gate.port).render_as_string(hide_password=False)
        with installed(tmp_path / "data", DATABASE_URL=through) as server:
            server.start()
            with server.client() as client:
                time.sleep(1)  # the first look at the states
                before = {face: client.get(face).text for face in FACES}
                gate.shut()
                time.sleep(1)
                assert {face: client.get(face).text for face in FACES} == before
                away = signed(client, "away@post-office.org")
                assert (away.status_code, away.headers.get("retry-after") is not None) == (503, True)
                assert "Traceback" not in away.text
                gate.open = True
                deadline = time.monotonic() + 30
                while (answer := signed(client, "back@post-office.org")).status_code != 303 and time.monotonic() < deadline:
                    time.sleep(0.5)
                assert answer.status_code == 303
                assert client.get(f"{S}/signatories.json?after=5").status_code == 200  # not ready before: made anew
            server.stop()
        gate.close()
