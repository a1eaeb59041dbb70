"""What many callers bring: a network each, and work they did."""

import base64
import json
from typing import Any

from altcha import Challenge, solve_challenge


def network(number: int) -> str:
    """An address in a /24 of its own, for numbers below ten million."""
    return f"{11 + number // 62_500}.{number // 250 % 250}.{number % 250}.9"


def solved(issued: dict[str, Any]) -> str:
    """The field `proof` that a browser makes of a challenge."""
    signed = {name: issued[name] for name in ("parameters", "signature")}
    solution = solve_challenge(Challenge.from_dict(signed))
    assert solution
    made = {"challenge": signed, "solution": {"counter": solution.counter, "derivedKey": solution.derived_key}}
    return base64.b64encode(json.dumps(made).encode()).decode()
