"""The `undersigned` command: here in this process on a test's database, or as a process of its own."""

import io
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from app import cli
from app.db import Database
from app.settings import get_settings

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """How the command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error."""
        assert self.err.endswith("\n"), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.rstrip("\n")


def undersigned(*words: str, url: str, typed: str = "") -> Said:
    """Run the command through its own `main` on the database at `url`."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    opened: list[Database] = []

    def database(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    with (
        patch.dict(os.environ, {"DATABASE_URL": url, "NO_COLOR": "1"}),
        patch.object(sys, "argv", ["undersigned", *words]),
        patch.object(sys, "stdin", io.StringIO(typed)),
        patch.object(cli, "Database", database),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        get_settings.cache_clear()
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception:  # what the interpreter does with it
            code = 1
            traceback.print_exc()
    for one in opened:  # a process leaves its connections by ending
        one.engine.dispose()
    get_settings.cache_clear()
    return Said(code, out.getvalue(), err.getvalue())


def process(*words: str, folder: Path, **environment: str) -> Said:
    """Run the command as users do; nothing of the test's own environment but what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSIGNED_") and name != "DATABASE_URL"}
    given = {**kept, "UNDERSIGNED_DATA_DIR": str(folder), "NO_COLOR": "1", **environment}
    ended = subprocess.run([sys.executable, "-m", "app.cli", *words], cwd=ROOT, env=given, capture_output=True, text=True, timeout=60, check=False)
    return Said(ended.returncode, ended.stdout, ended.stderr)
