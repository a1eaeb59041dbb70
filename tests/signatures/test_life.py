"""Whatever is done to signatures, in whatever order: what is illegal is refused and changes nothing, and the laws hold after every act."""

import os

from tests.signatures.proof_life import run

PROOF = bool(os.environ.get("UNDERSIGNED_PROOF"))


def test_no_order_of_acts_breaks_a_law() -> None:
    figures = run(300, 60) if PROOF else run(25, 40, repeatable=True)
    print(figures)
    assert int(str(figures["steps"])) >= (10_000 if PROOF else 500)
    assert not PROOF or figures["transitions never seen"] == []
