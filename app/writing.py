"""What the command line writes while it tells how far it is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from sqlmodel import Session

from app.secretariat import exporting
from app.secretariat.exporting import LISTED, Format
from app.statements.models import Statement


def write_list(session: Session, statement: Statement, form: Format, output: Path | None, out: Console) -> None:
    """Write the public list to a file, or to standard output where none is named."""
    rows = exporting.listed(session, statement)
    if output is None:
        sys.stdout.buffer.writelines(exporting.written(form, LISTED, rows))
        return
    slug, total = statement.slug, exporting.named(session, statement)
    with progress(out, "written") as tell, output.open("wb") as file:
        file.writelines(exporting.written(form, LISTED, _told(rows, total, tell)))
    out.print(f"{total:,} signatories of {slug} were written to {output}.", markup=False)


def _told(rows: Iterator[exporting.Row], total: int, tell: Callable[[int, int], None]) -> Iterator[exporting.Row]:
    for done, row in enumerate(rows, 1):
        yield row
        tell(done, total)


@contextmanager
def progress(out: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, elsewhere a line for every tenth; takes (done, total)."""
    if out.is_terminal:
        with Progress(console=out) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    said: set[int] = set()

    def tell(done: int, total: int) -> None:
        tenth = done * 10 // max(total, 1)
        if tenth not in said:
            said.add(tenth)
            out.print(f"{what}: {done:,} of {total:,}")

    yield tell
