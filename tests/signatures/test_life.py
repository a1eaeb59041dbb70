"""Whatever is done to signatures, in whatever order: what is illegal is refused and changes nothing, and the laws hold after every act."""

from tests.signatures.proof_life import run


def test_no_order_of_acts_breaks_a_law() -> None:
    figures = run(25, 40, repeatable=True)
    assert int(str(figures["steps"])) >= 500
