"""Measure the server against the same server without the work, in one run; writes docs/benchmarks.md."""

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import httpx
from rich.console import Console
from rich.table import Table

from tests import cast

ROOT = Path(__file__).parents[2]
SECONDS, CONNECTIONS, PORT = 4.0, 32, 8907
SIGN = f"/statements/{cast.SLUG}/sign"


def names(count: int) -> str:
    """Many first signatories."""
    return "first_signatories:\n" + "".join(
        f"  - {{name: Person {n} Example, role: member, organisation: Organisation {n}, country: BY}}\n" for n in range(count)
    )


@contextmanager
def server(factory: str, folder: Path, database: str = "") -> Iterator[None]:
    """A server process of its own."""
    settings = {
        "UNDERSIGNED_ENV": "development",
        "UNDERSIGNED_DATA_DIR": str(folder),
        "UNDERSIGNED_BASE_URL": f"http://127.0.0.1:{PORT}",
        "DATABASE_URL": database,
    }
    settings |= {"UNDERSIGNED_TRUSTED_PROXIES": "127.0.0.0/8", "PYTHONPATH": str(ROOT)}
    environment = os.environ | settings
    if factory.startswith("app."):
        (folder / "statement.md").write_text(cast.statement(names(100)))
        for command in (["migrate"], ["publish", str(folder / "statement.md"), "--yes"]):
            subprocess.run([sys.executable, "-m", "app.cli", *command], env=environment, cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    line = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(PORT), "--no-access-log", "--log-level", "error", "--no-proxy-headers"]
    process = subprocess.Popen(line, env=environment, cwd=ROOT)
    try:
        for _ in range(100):
            try:
                httpx.get(f"http://127.0.0.1:{PORT}/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def get(path: str) -> Callable[[int], bytes]:
    """A GET request."""
    return lambda _: f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAccept: text/html\r\n\r\n".encode()


def post(path: str) -> Callable[[int], bytes]:
    """A POST of a signature: another address and network each time."""

    def request(n: int) -> bytes:
        body = urlencode(cast.organisation(email=f"person{n}@organisation{n}.org")).encode()
        network = f"{10 + n // 65536}.{n // 256 % 256}.{n % 256}.1"
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nOrigin: http://127.0.0.1:{PORT}\r\nX-Forwarded-For: {network}\r\n"
        return f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    return request


async def _load(request: Callable[[int], bytes], expected: int) -> tuple[float, float, float]:
    """Requests a second, median and 99th percentile in milliseconds, over keep-alive connections."""
    took: list[float] = []
    end = time.perf_counter() + SECONDS
    counter = iter(range(10**9))

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        while time.perf_counter() < end:
            began = time.perf_counter()
            writer.write(request(next(counter)))
            head = await reader.readuntil(b"\r\n\r\n")
            assert int(head[9:12]) == expected, head
            length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            took.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    cuts = statistics.quantiles(took, n=100)
    return len(took) / SECONDS, cuts[49] * 1000, cuts[98] * 1000


def measure(request: Callable[[int], bytes], expected: int) -> tuple[float, float, float]:
    """One load run."""
    return asyncio.run(_load(request, expected))


PAGES = {
    "Statement page, 100 signatories": f"/statements/{cast.SLUG}",
    "signatories.json, 100 items": f"/statements/{cast.SLUG}/signatories.json",
    "feed.json": f"/statements/{cast.SLUG}/feed.json",
}


def main() -> None:
    """Run all and write the table."""
    results: list[tuple[str, tuple[float, float, float], tuple[float, float, float]]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done: dict[str, tuple[float, float, float]] = {}
        with server("app.main:create_app", folder):
            for what, path in PAGES.items():
                (folder / path.rsplit("/", 1)[-1].replace(cast.SLUG, "page")).write_bytes(httpx.get(f"http://127.0.0.1:{PORT}{path}").content)
                done[what] = measure(get(path), 200)
            done["Sign, SQLite synchronous=FULL"] = measure(post(SIGN), 303)
        postgres = os.environ.get("UNDERSIGNED_BENCH_POSTGRES", "")
        if postgres:
            with server("app.main:create_app", folder, postgres):
                done["Sign, PostgreSQL"] = measure(post(SIGN), 303)
        with server("tests.bench.ceiling:create", folder):
            ceilings = {what: measure(get("/" + path.rsplit("/", 1)[-1].replace(cast.SLUG, "page")), 200) for what, path in PAGES.items()}
            sign = measure(post("/sign"), 303)
        results = [(what, found, ceilings.get(what, sign)) for what, found in done.items()]
    report(results)


def report(results: list[tuple[str, tuple[float, float, float], tuple[float, float, float]]]) -> None:
    """Print the table and write docs/benchmarks.md."""
    columns = ["what", "per second", "ceiling", "ratio", "p50 ms", "p99 ms"]
    rows = [
        [what, f"{found[0]:,.0f}", f"{ceiling[0]:,.0f}", f"{found[0] / ceiling[0]:.2f}", f"{found[1]:.1f}", f"{found[2]:.1f}"]
        for what, found, ceiling in results
    ]
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"  # noqa: DTZ011
    lines = ["# Benchmarks", "", f"`make bench`: {machine}; one server process, {CONNECTIONS} connections, the load generator on the same machine.", ""]
    lines += [
        "The ceiling is the same server without the work, in the same run: a FastAPI route that returns the same bytes, and for signing",
        "a route that reads and validates the same form and stores nothing.",
        "",
    ]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), *("| " + " | ".join(row) + " |" for row in rows), ""]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
