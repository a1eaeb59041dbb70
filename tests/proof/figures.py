"""What a proof finds, what it has to be, and how far it has come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Figures = Mapping[str, object]

# Shown only while `python -m tests.proof` has started it.
BAR = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())


@dataclass(frozen=True)
class Bound:
    """What a figure has to be, in words and as a test."""

    words: str
    holds: Callable[[Any], bool]


def exactly(number: float) -> Bound:
    """Nothing else."""
    return Bound(f"{number:,}", lambda found: found == number)


def at_least(number: float) -> Bound:
    """This or more."""
    return Bound(f"≥ {number:,}", lambda found: found >= number)


def at_most(number: float) -> Bound:
    """This or less."""
    return Bound(f"≤ {number:,}", lambda found: found <= number)


def below(number: float) -> Bound:
    """Less than this."""
    return Bound(f"< {number:,}", lambda found: found < number)


def failed(figures: Figures, expected: Mapping[str, Bound]) -> dict[str, object]:
    """The figures that are not what they have to be; None for a missing one."""
    return {name: figures.get(name) for name, bound in expected.items() if name not in figures or not bound.holds(figures[name])}
