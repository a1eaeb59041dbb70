"""Servers to measure, each in a process of its own, and wrk to measure them with."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests import cast

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
CONNECTIONS, PORT = 64, 8907
BASE = f"http://127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Figure:
    """Requests a second, median and 99th percentile in milliseconds."""

    rate: float
    p50: float
    p99: float


def names(count: int) -> str:
    """Many first signatories."""
    return "first_signatories:\n" + "".join(
        f"  - {{name: Person {n} Example, role: member, organisation: Organisation {n}, country: BY}}\n" for n in range(count)
    )


def environment(folder: Path, database: str = "") -> dict[str, str]:
    """The settings of a server under measurement."""
    settings = {"UNDERSIGNED_ENV": "development", "UNDERSIGNED_DATA_DIR": str(folder), "UNDERSIGNED_BASE_URL": BASE, "DATABASE_URL": database}
    return os.environ | settings | {"UNDERSIGNED_TRUSTED_PROXIES": "127.0.0.0/8", "PYTHONPATH": str(ROOT)}


def prepare(folder: Path, database: str = "") -> None:
    """An installation that holds the cast's statement with a hundred first signatories."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "statement.md").write_text(cast.statement(names(100)))
    for command in (["migrate"], ["publish", str(folder / "statement.md"), "--yes"]):
        line = [sys.executable, "-m", "app.cli", *command]
        subprocess.run(line, env=environment(folder, database), cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL)


@contextmanager
def server(factory: str, folder: Path, database: str = "", more: dict[str, str] | None = None, port: int = PORT) -> Iterator[str]:
    """The address of a server process, once it answers, with more in its environment."""
    base = f"http://127.0.0.1:{port}"
    line = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--no-access-log", "--log-level", "error", "--no-proxy-headers"]
    process = subprocess.Popen(line, env=environment(folder, database) | (more or {}), cwd=ROOT)
    try:
        for _ in range(200):
            try:
                httpx.get(f"{base}/healthz")
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield base
    finally:
        process.terminate()
        process.wait()


def wrk(address: str, script: str = "", known: str = "", seconds: int = 5, **variables: str) -> Figure:
    """One run of wrk, by a reader who has the ETag `known`, if any; raises RuntimeError when an answer was not 2xx or 3xx."""
    if not shutil.which("wrk"):
        sys.exit("make bench needs wrk (Debian: apt-get install wrk)")
    line = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "10s", *(["-s", str(HERE / script)] if script else [])]
    line += [*(["-H", f"If-None-Match: {known}"] if known else []), address]
    found = subprocess.run(line, env=os.environ | {"BENCH_ORIGIN": BASE} | variables, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in found or "Socket errors" in found:
        raise RuntimeError(found)
    return Figure(float(re.findall(r"Requests/sec:\s+([\d.]+)", found)[0]), _ms(found, "50%"), _ms(found, "99%"))


def _ms(found: str, line: str) -> float:
    value, unit = re.findall(rf"{line}\s+([\d.]+)(us|ms|s)\b", found)[0]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
