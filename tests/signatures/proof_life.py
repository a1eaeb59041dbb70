"""Figures about the life of signatures: how many acts were tried in random order, and which transitions were seen."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.figures import Bound, at_least
from tests.signatures.deeds import Signatures
from tests.signatures.laws import MOVES
from tests.signatures.machine import FIGURES

EXPECTED = {"steps": at_least(10_000), "transitions never seen": Bound("none", lambda found: found == [])}


def run(examples: int, steps: int, repeatable: bool = False) -> dict[str, object]:
    """Play so many examples of so many steps each, and raise for the shortest one that breaks a law; the figures by name."""
    FIGURES.clear()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=repeatable,
        deadline=None,
        database=None,
        print_blob=not repeatable,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Signatures, settings=chosen)
    moves = {f"{old or 'nothing'} → {new or 'nothing'}" for old, news in MOVES.items() for new in news}
    return {
        "steps": FIGURES["steps"],
        "acts": FIGURES["acts"],
        "of them refused": FIGURES["refused"],
        "transitions never seen": sorted(moves - FIGURES.keys()),
        **{move: FIGURES[move] for move in sorted(moves)},
    }
