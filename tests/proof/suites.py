"""Proofs that are tests of the suite at their full size, in a process of their own."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app.settings import ROOT
from tests.proof.figures import BAR, Figures, exactly
from tests.proof.places import Run

EXPECTED = {"failed": exactly(0)}


def suite(name: str, said: str) -> Run:
    """A proof that runs the tests of one file at full size; `said` is what they hold."""

    def run(folder: Path, **_size: int) -> Figures:
        # The settings say -q once; said twice pytest no longer tells how many passed.
        line = [sys.executable, "-m", "pytest", name, "-n", "0", "--basetemp", str(folder / "pytest")]
        done = subprocess.run(line, env=os.environ | {"UNDERSIGNED_PROOF": "1"}, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            BAR.console.print(f"exit code {done.returncode}", done.stdout[-4000:], done.stderr[-2000:], markup=False)
        return _counted(done.stdout)

    run.__doc__ = said
    return run


def _counted(said: str) -> Mapping[str, object]:
    """How many passed and failed, by pytest's last line."""
    found = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?)\b", said)}
    return {"passed": found.get("passed", 0), "failed": found.get("failed", 0) + found.get("error", 0) + found.get("errors", 0) + (not found)}
