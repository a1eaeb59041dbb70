"""Run the long proofs, or those that are named, and write docs/reliability.md."""

import inspect
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.table import Table

from app.settings import ROOT
from tests.keys import proof_keys
from tests.outbox import proof_mail
from tests.proof import campaigns, confirms, crash, desk, flood, lists, readers, sheets, timing, victim
from tests.proof.figures import BAR, Bound, Figures, failed
from tests.proof.places import POSTGRESQL, SQLITE, Run, anywhere, on, server, site, three
from tests.proof.suites import EXPECTED as SUITE
from tests.proof.suites import suite
from tests.signatures import proof_life

PAPER = ROOT / "docs" / "reliability.md"
COLUMNS = ("what", "figure", "has to be", "size", "how long", "machine", "date")


@dataclass(frozen=True)
class Proof:
    """`run` takes an empty folder and the sizes by name, and returns figures by name."""

    run: Run
    size: Mapping[str, int]
    expected: Mapping[str, Bound]


CONFIRMS = {"tokens": 1000, "parallel": 50, "pages": 1000, "replays": 1000}
PROOFS = {
    "crash, SQLite": Proof(on(server, SQLITE, crash.run), {"kills": 50, "stops": 20}, crash.EXPECTED[SQLITE]),
    "crash, PostgreSQL": Proof(on(server, POSTGRESQL, crash.run), {"kills": 20, "stops": 10}, crash.EXPECTED[POSTGRESQL]),
    "victim, SQLite": Proof(on(site, SQLITE, victim.run), {"posts": 10_000}, victim.EXPECTED),
    "victim, PostgreSQL": Proof(on(site, POSTGRESQL, victim.run), {"posts": 10_000}, victim.EXPECTED),
    "flood": Proof(on(server, SQLITE, flood.run), {"forms": 100_000, "networks": 5000, "people": 200, "seconds_after": 60}, flood.EXPECTED),
    "confirms, SQLite": Proof(on(site, SQLITE, confirms.run), {**CONFIRMS, "guesses": 1_000_000}, confirms.EXPECTED),
    "confirms, PostgreSQL": Proof(on(site, POSTGRESQL, confirms.run), {**CONFIRMS, "guesses": 100_000}, confirms.EXPECTED),
    "keys, SQLite": Proof(on(site, SQLITE, proof_keys.run), {"rows": 1000}, proof_keys.EXPECTED),
    "keys, PostgreSQL": Proof(on(site, POSTGRESQL, proof_keys.run), {"rows": 1000}, proof_keys.EXPECTED),
    "mail": Proof(anywhere(proof_mail.run), {"mails": 5000}, proof_mail.EXPECTED),
    "life": Proof(anywhere(proof_life.run), {"examples": 300, "steps": 60}, proof_life.EXPECTED),
    "scanners": Proof(
        suite("tests/browser/test_scanners.py", "A thousand confirm links opened by GET, HEAD and a browser that presses every button: no confirmation."),
        {"links": 1000},
        SUITE,
    ),
    "secrecy": Proof(
        suite("tests/test_secrecy.py", "Every file of the data directory and the log, searched in six encodings for what ten thousand signers typed."),
        {"signers": 10_000},
        SUITE,
    ),
    "desk, SQLite": Proof(on(site, SQLITE, desk.day), {"listed": 100_000, "waiting": 200}, desk.EXPECTED),
    "desk, PostgreSQL": Proof(on(site, POSTGRESQL, desk.day), {"listed": 100_000, "waiting": 200}, desk.EXPECTED),
    "campaigns, SQLite": Proof(on(site, SQLITE, campaigns.run), {"listed": 100_000, "every": 5}, campaigns.EXPECTED),
    "campaigns, PostgreSQL": Proof(on(site, POSTGRESQL, campaigns.run), {"listed": 100_000, "every": 5}, campaigns.EXPECTED),
    "sheets, SQLite": Proof(on(site, SQLITE, sheets.run), {"rows": 10_000, "bad": 500}, sheets.EXPECTED),
    "sheets, PostgreSQL": Proof(on(site, POSTGRESQL, sheets.run), {"rows": 10_000, "bad": 500}, sheets.EXPECTED),
    "races, SQLite": Proof(on(site, SQLITE, desk.races), {"races": 1000}, desk.RACES_EXPECTED),
    "races, PostgreSQL": Proof(on(site, POSTGRESQL, desk.races), {"races": 1000}, desk.RACES_EXPECTED),
    "lists, SQLite": Proof(on(three, SQLITE, lists.run), {"smallest": 1000, "larger": 100_000, "largest": 1_000_000}, lists.EXPECTED),
    "lists, PostgreSQL": Proof(on(three, POSTGRESQL, lists.run), {"smallest": 1000, "larger": 100_000, "largest": 1_000_000}, lists.EXPECTED),
    "readers, SQLite": Proof(on(server, SQLITE, readers.run), {"reads": 10_000, "names": 24_000}, readers.EXPECTED),
    "readers, PostgreSQL": Proof(on(server, POSTGRESQL, readers.run), {"reads": 10_000, "names": 24_000}, readers.EXPECTED),
    "keyboard": Proof(
        suite("tests/browser/test_desk.py", "Two hundred signatures, decided by one key press each, in a browser; by mouse and without scripts."),
        {"decisions": 200},
        SUITE,
    ),
    "typing": Proof(
        suite("tests/browser/test_speed.py", "Somebody types into the form within a second, on a processor four times slower and with an empty cache."),
        {"visits": 6},
        SUITE,
    ),
    "names": Proof(
        suite("tests/browser/test_hostile_names.py", "Six thousand hostile names on page, list, element, frame, feeds, letters and console in a browser."),
        {"names": 6000},
        SUITE,
    ),
    "sign-in": Proof(
        suite("tests/accounts/test_second_factor.py", "Ten thousand guessed passwords, replayed codes and challenges: nobody is signed in."),
        {"guesses": 10_000},
        SUITE,
    ),
    "timing, SQLite": Proof(on(server, SQLITE, timing.run), {"each": 2000}, timing.EXPECTED),
    "timing, PostgreSQL": Proof(on(server, POSTGRESQL, timing.run), {"each": 2000}, timing.EXPECTED),
}


def main(names: list[str]) -> int:
    """Run the proofs whose name, or its part before the comma, is given, or all; the exit code."""
    called = {name: {name, name.partition(",")[0]} for name in PROOFS}
    if unknown := set(names).difference(*called.values()):
        sys.exit(f"no proof is called {', '.join(sorted(unknown))}; there are: {'; '.join(PROOFS)}")
    chosen = {name: proof for name, proof in PROOFS.items() if not names or called[name] & set(names)}
    with BAR:
        return int(any([not proved(name, proof) for name, proof in chosen.items()]))  # noqa: C419 - one that fails must not keep the others from running


def proved(name: str, proof: Proof, paper: Path = PAPER) -> bool:
    """Run one, show its figures and keep them in the paper; whether all are what they have to be."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = proof.run(Path(folder), **proof.size)
        except Exception:
            BAR.console.print_exception(max_frames=8)
            return False
    wrong = failed(figures, proof.expected)
    show(name, figures, wrong)
    rows = lines(name, proof, figures, time.monotonic() - began)
    paper.write_text(written(paper.read_text(encoding="utf-8") if paper.exists() else "", name, rows), encoding="utf-8")
    return not wrong


def show(name: str, figures: Figures, wrong: Figures) -> None:
    """A table on the terminal; what is not as it has to be in red."""
    table = Table("what", "figure", "", title=name)
    for what in (*figures, *(missing for missing in wrong if missing not in figures)):
        table.add_row(what, str(figures.get(what)), "FAILED" if what in wrong else "", style="red" if what in wrong else "")
    BAR.console.print(table)


def lines(name: str, proof: Proof, figures: Figures, seconds: float) -> list[str]:
    """The rows of one proof in the paper."""
    size = ", ".join(f"{amount:,} {what.replace('_', ' ')}" for what, amount in proof.size.items())
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    rest = (size, f"{seconds:,.0f} s", machine, date.today().isoformat())  # noqa: DTZ011 - the date on the wall
    bounds, wrong = {what: bound.words for what, bound in proof.expected.items()}, failed(figures, proof.expected)
    return ["| " + " | ".join((f"{name}: {what}", _cell(figures[what], what in wrong), bounds.get(what, ""), *rest)) + " |" for what in figures]


def _cell(figure: object, wrong: bool) -> str:
    said = f"{figure:,}" if isinstance(figure, int | float) else str(figure)
    return f"**{said} (failed)**" if wrong else said


def written(paper: str, name: str, rows: list[str]) -> str:
    """The paper with these rows in place of the proof's older ones; of the others it keeps what it has."""
    kept = [line for line in paper.splitlines() if line.startswith("| ") and not line.startswith((f"| {name}: ", f"| {COLUMNS[0]} |"))]
    names = list(PROOFS)
    order = sorted((*kept, *rows), key=lambda line: next((place for place, one in enumerate(names) if line.startswith(f"| {one}: ")), len(names)))
    said = [f"- **{one}**: {' '.join((inspect.getdoc(proof.run) or '').split())}" for one, proof in PROOFS.items()]
    head = ["# Reliability", "", "Written by `make proof`; the same proofs run small in `make test`.", "", *said, ""]
    return "\n".join([*head, "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS), *order, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
