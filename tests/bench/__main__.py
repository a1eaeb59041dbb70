"""Measure the server against the same server without the work, in one run; writes docs/benchmarks.md."""

import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import httpx
from rich.console import Console
from rich.table import Table
from sqlmodel import col, select

import app.tables  # noqa: F401 - the signatures' tables refer to others
from app.clock import utcnow
from app.db import Database
from app.keys.queries import keyring
from app.outbox.models import Mail
from app.settings import Settings, get_settings
from app.signatures.admission import Admission
from app.signatures.forms import SignForm
from app.signatures.signing import Post, sign_all
from app.statements.queries import get
from app.tokens import new_token
from tests import cast
from tests.bench.disk import SYNC_MS, cluster, slow, sync_ms
from tests.bench.servers import BASE, CONNECTIONS, PORT, ROOT, Figure, prepare, server, wrk
from tests.faults.web_server import serving, shipped
from tests.outbox.smtp import free_port

OURS, CEILING, NAIVE = "app.main:create_app", "tests.bench.ceiling:unwritten", "tests.bench.ceiling:one_by_one"
BARE = "tests.bench.ceiling:Bare"
SIGN = f"/statements/{cast.SLUG}/sign"
PAGES = {
    "Statement page, 100 signatories": f"/statements/{cast.SLUG}",
    "List page": f"/statements/{cast.SLUG}/signatories",
    "signatories.json, 100 items": f"/statements/{cast.SLUG}/signatories.json",
    "feed.json": f"/statements/{cast.SLUG}/feed.json",
    "Embed": f"/embed/{cast.SLUG}",
}
LINKS, TURNS, READINGS = 6_000, 3, 15
_UVICORN = ("date", "server")  # what uvicorn itself says, to everybody


@dataclass(frozen=True)
class Row:
    """One line of the table: what each turn found; `naive` is one commit for each request, where that was measured."""

    what: str
    found: Sequence[Figure]
    ceiling: Sequence[Figure]
    naive: Sequence[Figure] = ()

    def cells(self) -> list[str]:
        """What is printed. A ratio is the median of the turns' ratios: other machines on the same host come and go."""
        times = f"{_ratio(self.found, self.naive):.1f} × {middle(self.naive).rate:,.0f}" if self.naive else ""
        ratio, ours = f"{_ratio(self.found, self.ceiling):.2f}", middle(self.found)
        return [self.what, f"{ours.rate:,.0f}", f"{middle(self.ceiling).rate:,.0f}", ratio, times, f"{ours.p50:.1f}", f"{ours.p99:.1f}"]


def middle(found: Sequence[Figure]) -> Figure:
    """The turn with the median rate."""
    return sorted(found, key=lambda figure: figure.rate)[len(found) // 2]


def _ratio(found: Sequence[Figure], other: Sequence[Figure]) -> float:
    return median(one.rate / two.rate for one, two in zip(found, other, strict=True))


def pages(folder: Path) -> Iterator[Row]:
    """Public addresses, warm, against a bare ASGI application that sends the same bytes and the same headers; and to readers who have them."""
    prepare(folder)
    with server(OURS, folder) as ours:
        answers = {path: httpx.get(ours + path, headers={"Accept-Encoding": "identity"}) for path in PAGES.values()}
        said = {path: ([pair for pair in one.headers.items() if pair[0] not in _UVICORN], one.text) for path, one in answers.items()}
        (folder / "answers.json").write_text(json.dumps(said))
        with server(BARE, folder, port=PORT + 1) as bare:
            for what, path in PAGES.items():
                yield Row(what, *_beside((ours + path, bare + path)))
                yield Row(f"{what}, 304", *_beside((ours + path, bare + path), answers[path].headers["etag"]))


def _beside(addresses: tuple[str, str], known: str = "") -> tuple[list[Figure], list[Figure]]:
    """What two addresses reach, in many short turns one right after the other: a machine's speed wavers, and an idle server costs the other nothing."""
    found: tuple[list[Figure], list[Figure]] = ([], [])
    for address in addresses:
        httpx.get(address)
    for _ in range(READINGS):
        for address, figures in zip(addresses, found, strict=True):
            figures.append(wrk(address, known=known, seconds=1))
    return found


def files(folder: Path) -> Iterator[Row]:
    """nginx on the folder of snapshots by the configuration of `deploy/`, against nginx on one plain file of the same bytes."""
    snapshots, plain, ports = folder / "snapshots", folder / "plain", (free_port(), free_port())
    prepare(folder)
    plain.mkdir()
    with server(OURS, folder, more={"UNDERSIGNED_SNAPSHOT_DIR": str(snapshots)}) as ours:
        while not any(snapshots.rglob("*.html")):
            httpx.get(ours + PAGES["List page"])
        for path in PAGES.values():
            (plain / _flat(path)).write_bytes(httpx.get(ours + path, headers={"Accept-Encoding": "identity"}).content)
    theirs = f"server {{ listen 127.0.0.1:{ports[1]}; root {plain}; access_log off; }}"
    with (
        serving(folder / "nginx-ready", shipped(ports[0], PORT, snapshots), ports[0]) as ready,
        serving(folder / "nginx-plain", theirs, ports[1]) as other,
    ):
        for what, path in PAGES.items():
            yield Row(f"nginx from files: {what}", *_beside((ready + path, f"{other}/{_flat(path)}")))


def _flat(path: str) -> str:
    return path.strip("/").replace("/", "-")


def signing(folder: Path, name: str, url: str, disk: dict[str, str]) -> Iterator[Row]:
    """Signing, against the same route with the intake's write removed, and against one commit for each request."""
    prepare(folder, url)
    body = urlencode({key: value for key, value in cast.organisation().items() if key != "email"})
    found: dict[str, list[Figure]] = {CEILING: [], OURS: [], NAIVE: []}
    for turn in range(TURNS):
        for place, (factory, figures) in enumerate(found.items()):
            with server(factory, folder, url, disk):
                for start in (0, 500_000):  # the first run warms up: some mail leaves at once, then the lanes hold it
                    figure = wrk(BASE + SIGN, "sign.lua", BENCH_PATH=SIGN, BENCH_BODY=body, BENCH_START=str((3 * turn + place) * 1_000_000 + start))
                figures.append(figure)
    yield Row(f"Sign, {name}", found[OURS], found[CEILING], found[NAIVE])


def confirming(folder: Path, name: str, url: str, disk: dict[str, str]) -> Iterator[Row]:
    """Confirming with the cookie of the browser that signed; the ceiling again writes nothing."""
    found: dict[str, list[Figure]] = {CEILING: [], OURS: []}
    for turn in range(TURNS):
        links = folder / "links"
        links.write_text(_links(folder, url, turn * LINKS))
        for factory, figures in found.items():
            with server(factory, folder, url, disk):
                figures.append(wrk(f"{BASE}/", "confirm.lua", BENCH_LINKS=str(links)))
    yield Row(f"Confirm, {name}", found[OURS], found[CEILING])


def _links(folder: Path, url: str, first: int) -> str:
    """Fresh signatures that wait for confirmation: path and cookie of each, a line each."""
    os.environ["UNDERSIGNED_ENV"] = "development"
    get_settings().key_file = folder / "root.key"
    database = Database(Settings(data_dir=folder, database_url=url, env="development").database)
    secrets: dict[str, str] = {}
    for start in range(first, first + LINKS, 500):
        made = [new_token() for _ in range(500)]
        forms = [SignForm.model_validate(cast.individual(email=f"c{start + n}@post-office.org")) for n in range(500)]
        with database.transaction() as session:
            statement = get(session, cast.SLUG)
            sign_all(session, [Post(statement.id, form, "en", hashed, Admission()) for form, (_, hashed) in zip(forms, made, strict=True)], utcnow())
        secrets |= {form.email: secret for form, (secret, _) in zip(forms, made, strict=True)}
    with database.reading() as session:
        ring = keyring(session, statement.id)
        letters = [
            json.loads(ring.open(mail.payload or b"", mail.place("payload")))
            for mail in session.exec(select(Mail).where(Mail.name == "confirm", col(Mail.payload).is_not(None)))
        ]
    database.engine.dispose()
    return "\n".join(f"/confirm/{one['context']['token']} undersigned-pending={secrets[one['to']]}" for one in letters if one["to"] in secrets)


def main() -> None:
    """Run all and write the table."""
    with tempfile.TemporaryDirectory() as name:
        own, rows = sync_ms(Path(name)), list[Row]()
        for what, disk in ((f"syncs of {own:.1f} ms", {}), (f"syncs of {own + SYNC_MS:.1f} ms", slow(Path(name)))):
            folder = Path(name) / what.replace(" ", "-")
            rows += _written(folder / "sqlite", f"SQLite, {what}", "", disk)
            with cluster(folder, disk) as url:
                rows += _written(folder / "postgres", f"PostgreSQL, {what}", url, disk) if url else []
        rows += pages(Path(name) / "pages")
        rows += files(Path(name) / "files")
    report(rows)


def _written(folder: Path, what: str, url: str, disk: dict[str, str]) -> Iterator[Row]:
    """Both rows of what is written, on one database."""
    yield from signing(folder, what, url, disk)
    yield from confirming(folder, what, url, disk)


def report(rows: list[Row]) -> None:
    """Print the table and write docs/benchmarks.md."""
    columns = ["what", "per second", "ceiling", "ratio", "× one commit each", "p50 ms", "p99 ms"]
    table = Table(*columns)
    for row in rows:
        table.add_row(*row.cells())
    Console().print(table)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"  # noqa: DTZ011
    lines = ["# Benchmarks", "", f"`make bench`: {machine}; one server process, wrk with {CONNECTIONS} connections on the same machine.", ""]
    lines += [
        f"Medians of {TURNS} turns (of reading, {READINGS} short ones), and of their ratios. What is written is measured twice, with SQLite at synchronous=FULL: on the disk as it is, and with",
        f"each sync of server and database made {SYNC_MS:.0f} ms longer, as on the disk of a rented server; the fewer the commits, the less that costs.",
        "The ceiling is the same server without the work, in the same run: for pages a bare ASGI application that sends the same bytes and headers, for",
        "signing and confirming the whole application with the write of the intake taken out, for nginx the same on plain files.",
        "“× one commit each” is the same with one commit for each request.",
        "",
    ]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), *("| " + " | ".join(row.cells()) + " |" for row in rows), ""]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
