"""Disks to measure on: this machine's own, and one whose syncs take as long as those of a rented server.

How much one commit for many requests saves depends on what a sync costs, from 0.1 ms (a disk that keeps its cache through a power cut) to 10 ms.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
SYNC_MS = 4.0
_SYNCS, _PORT = 200, 8909


def sync_ms(folder: Path) -> float:
    """What a sync costs here, in milliseconds: the mean of some hundreds, each after 4 kB."""
    with (folder / "sync").open("wb", buffering=0) as file:
        begun = time.perf_counter()
        for _ in range(_SYNCS):
            file.write(os.urandom(4096))
            os.fdatasync(file.fileno())
    return (time.perf_counter() - begun) * 1000 / _SYNCS


def slow(folder: Path) -> dict[str, str]:
    """The environment in which each sync takes `SYNC_MS` at least; needs a C compiler."""
    if not shutil.which("cc"):
        sys.exit("make bench needs a C compiler (Debian: apt-get install gcc)")
    library = folder / "slow_sync.so"
    line = ["cc", "-O2", "-shared", "-fPIC", f"-DSYNC_NS={int(SYNC_MS * 1e6)}", str(HERE / "slow_sync.c"), "-o", str(library), "-ldl"]
    subprocess.run(line, check=True)
    return {"LD_PRELOAD": str(library)}


@contextmanager
def cluster(folder: Path, disk: dict[str, str]) -> Iterator[str]:
    """The address of a PostgreSQL of its own on `disk`; nothing where PostgreSQL's programs are not found."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        yield ""
        return
    data = folder / "cluster"
    data.mkdir()
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root, and its user has to reach its files
        shutil.chown(data, "postgres")
        for above in (folder, folder.parent):
            above.chmod(0o755)
    _as_owner([str(programs[-1] / "initdb"), "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C.UTF-8", str(data)], {})
    control = [str(programs[-1] / "pg_ctl"), "-w", "-D", str(data), "-l", str(data / "log"), "-o", f"-p {_PORT} -h 127.0.0.1 -k {data}"]
    _as_owner([*control, "start"], disk)
    try:
        yield f"postgresql://bench@127.0.0.1:{_PORT}/postgres"
    finally:
        _as_owner([*control, "-m", "fast", "stop"], {})


def _as_owner(line: list[str], more: dict[str, str]) -> None:
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(line, env=os.environ | more, cwd="/", check=True, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]
