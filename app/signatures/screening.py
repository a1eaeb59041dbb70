"""Screening of the sign form: proof of work and the time trap; pure but for `now` and the root key.

A challenge is ALTCHA's, version 2: find the counter whose PBKDF2-SHA256 key begins with the given bytes. Everything in it
is signed, so the server keeps nothing until a solution arrives; a solution counts once, which its `mark` is for.
"""

import base64
import hashlib
import hmac
import json
import secrets
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from altcha import Payload, create_challenge, verify_solution

from app.sealing import derive
from app.settings import get_settings
from app.tokens import same

LIFETIME = timedelta(minutes=20)
STAMP_LIFETIME = timedelta(hours=2)
_LONGEST = 2000  # a true payload has about 800 characters
# Iterations of one try. The same at every level, since each challenge costs the server one try (1–2 ms) to make; so many that
# the call from script to cryptography vanishes beside them, or a program without a browser would have the advantage.
_COST = 5000
# From so many posts a minute, so many counters to choose from. Two cores try 1,400 a second and find the answer half-way on
# average: after 0.15 s when calm, unseen while people type; after 3 s in a flood, when 3,000 posts a minute keep 300 cores
# busy at a browser's speed. The answer may be the very first counter: above a lower bound everybody who reads this would
# begin there, and do a third of a browser's work.
_LEVELS = ((0, 400), (60, 1000), (300, 2000), (1000, 4000), (3000, 8000))


@dataclass(frozen=True)
class Proof:
    """Work that was done for one statement."""

    mark: bytes
    """32 bytes, the challenge's signature: the same for every payload made of one challenge, so it must be unique."""
    expires_at: datetime
    """When the mark may be forgotten, since the challenge is refused from then on."""


def difficulty(posts_in_last_minute: int) -> int:
    """The level for `challenge`, from 0 (calm) to 4 (flood)."""
    return bisect_right(_LEVELS, posts_in_last_minute, key=lambda level: level[0]) - 1


def challenge(statement_id: UUID, cost_level: int, now: datetime) -> dict[str, object]:
    """What the browser gets as JSON: ALTCHA's `parameters` and `signature`, and `lifetime` in seconds."""
    made = create_challenge(
        "PBKDF2/SHA-256",
        _COST,
        counter=secrets.randbelow(_LEVELS[cost_level][1]),
        # The library would compare its own `expires_at` with the machine's clock instead of `now`.
        data={"statement": str(statement_id), "expires": int((now + LIFETIME).timestamp())},
        hmac_secret=_key("challenge"),
        hmac_key_secret=_key("solution"),
    )
    return {**made.to_dict(), "lifetime": int(LIFETIME.total_seconds())}


def verify(payload: str, statement_id: UUID, now: datetime) -> Proof | None:
    """The proof in a payload (base64 of ALTCHA's JSON); None for anything but a solved, living challenge of this statement."""
    given = _parsed(payload)
    if given is None or not verify_solution(given, _key("challenge"), hmac_key_secret=_key("solution")).verified:
        return None
    data, signature = given.challenge.parameters.data or {}, given.challenge.signature or ""
    expires_at = datetime.fromtimestamp(data["expires"], UTC)
    if data["statement"] != str(statement_id) or now >= expires_at:
        return None
    return Proof(bytes.fromhex(signature), expires_at)


def _parsed(payload: str) -> Payload | None:
    """None also for a challenge with more or fewer fields than we sign."""
    if len(payload) > _LONGEST:
        return None
    try:
        given = json.loads(base64.b64decode(payload, validate=True))
        read = Payload.from_dict(given)
        return read if read.challenge.to_dict() == given["challenge"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def stamp(statement_id: UUID, now: datetime) -> str:
    """When a form was handed out: Unix time in seconds, a dot, HMAC-SHA256 in hex."""
    made = str(int(now.timestamp()))
    return f"{made}.{_signed(statement_id, made)}"


def age(stamp: str, statement_id: UUID, now: datetime) -> timedelta | None:
    """How long ago the form was handed out, up to a second too much; None when forged, of another statement, over two hours old or of the future."""
    made, _, signature = stamp.partition(".")
    if not same(signature.encode("utf-8", "surrogatepass"), _signed(statement_id, made).encode()):
        return None
    since = now - datetime.fromtimestamp(int(made), UTC)
    return since if timedelta(0) <= since <= STAMP_LIFETIME else None


def _signed(statement_id: UUID, made: str) -> str:
    return hmac.new(_key("stamp"), f"{statement_id} {made}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@cache
def _key(purpose: str) -> bytes:
    return derive(get_settings().root_key(), f"screening/{purpose}")
