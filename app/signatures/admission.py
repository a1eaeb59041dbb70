"""What the door notes about a post before it is written: its proof of work, traps it fell into, quotas it is over."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from app.outbox.pace import PLAIN, PROVEN, Rate, lane_rate
from app.settings import get_settings
from app.signatures.evidence import disposable, free_mail
from app.signatures.forms import SignForm
from app.signatures.identity import canonical_address
from app.signatures.screening import Proof, age, difficulty, verify
from app.statements.models import Statement
from app.web.limits import limits_of, network

TOO_FAST = timedelta(seconds=3)
_MINUTE = 60


@dataclass(frozen=True)
class Admission:
    """How a post is taken.

    `flags` are for the moderator: `no-proof`, `trap`, `fast`, `disposable`; `cluster` marks the network for a day;
    `screened` is kept without mail; `held_back` waits a day for its mail.
    """

    proof: Proof | None = None
    flags: tuple[str, ...] = ()
    cluster: str = ""
    screened: bool = False
    held_back: bool = False


def admit(request: Request, statement: Statement, form: SignForm, now: datetime) -> Admission:
    """Look at a post; raises TooMany for a network that floods."""
    limits = limits_of(request)
    limits.check_network(request, "sign", "60/minute", "600/hour")
    limits.count(f"posts {int(time.time()) // _MINUTE}", 2 * _MINUTE)
    proof = verify(form.proof, statement.id, now) if form.proof else None
    since = age(form.since, statement.id, now) if form.since else None
    cluster, fast = limits.mark(network(request)), proof is None and since is not None and since < TOO_FAST
    noted = {"no-proof": proof is None, "trap": bool(form.subject), "fast": fast, "disposable": disposable(form.email.rpartition("@")[2])}
    flags = tuple(flag for flag, found in noted.items() if found)
    held_back = not limits.allows("mail", "8/day", canonical_address(form.email))
    return Admission(proof, flags, cluster, noted["trap"] or fast, held_back)


def level(request: Request) -> int:
    """How hard a challenge has to be now: more posts, more work."""
    limits, minute = limits_of(request), int(time.time()) // _MINUTE
    return difficulty(max(limits.counted(f"posts {one}") for one in (minute, minute - 1)))


def rates_of(email: str, cluster: str, proven: bool) -> tuple[Rate, ...]:
    """What a mail has to keep to.

    Half of all mail is for posts with a proof of work; a domain gets a share of that half at once and the same again
    within an hour, the great providers half of it; a network without proofs gets twenty an hour.
    """
    half, domain = get_settings().mails_per_hour // 2, email.rpartition("@")[2]
    share = half // 2 if free_mail(domain) else half // 30 if proven else half // 300
    whole = (lane_rate(PROVEN if proven else PLAIN), Rate(f"domain {proven} {domain}", share, share))
    return whole if proven or not cluster else (*whole, Rate(f"network {cluster}", 20, 20))
