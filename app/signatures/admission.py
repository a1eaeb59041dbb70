"""What the door notes about a post before it is written: its proof of work, traps it fell into, quotas it is over."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from app.settings import get_settings
from app.signatures.evidence import disposable, free_mail
from app.signatures.forms import SignForm
from app.signatures.screening import Proof, age, difficulty, verify
from app.statements.models import Statement
from app.web.limits import Limits, limits_of

TOO_FAST = timedelta(seconds=3)
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True)
class Admission:
    """How a post is taken.

    `flags` are for the moderator: `no-proof`, `trap`, `fast`, `disposable`; `cluster` marks the network for a day;
    `screened` is kept without mail, others have to `wait` for theirs while too many leave.
    """

    proof: Proof | None = None
    flags: tuple[str, ...] = ()
    cluster: str = ""
    screened: bool = False
    wait: timedelta = timedelta()


def admit(request: Request, statement: Statement, form: SignForm, now: datetime) -> Admission:
    """Look at a post; raises TooMany for a network that floods."""
    limits, domain = limits_of(request), form.email.rpartition("@")[2]
    cluster = limits.check_network(request, "sign", "60/minute", "600/hour")
    limits.count(f"posts {int(time.time()) // _MINUTE}", 2 * _MINUTE)
    proof = verify(form.proof, statement.id, now) if form.proof else None
    since = age(form.since, statement.id, now) if form.since else None
    fast = proof is None and since is not None and since < TOO_FAST
    noted = {"no-proof": proof is None, "trap": bool(form.subject), "fast": fast, "disposable": disposable(domain)}
    flags = tuple(flag for flag, found in noted.items() if found)
    screened, proven = noted["trap"] or fast, proof is not None and limits.allows("proof", "1/hour", proof.mark.hex())
    if screened or not limits.allows("mail", "8/day", form.canonical):
        return Admission(proof, flags, cluster, screened, timedelta(days=1))
    return Admission(proof, flags, cluster, wait=_wait(limits, domain, cluster, proven))


def level(request: Request) -> int:
    """How hard a challenge has to be now: more posts, more work."""
    limits, minute = limits_of(request), int(time.time()) // _MINUTE
    return difficulty(max(limits.counted(f"posts {one}") for one in (minute, minute - 1)))


def _wait(limits: Limits, domain: str, cluster: str, proven: bool) -> timedelta:
    """How much later than others a mail leaves, since its domain or its network has had its share of the hour.

    Half of all mail is for posts with a proof of work; a domain gets a share of that half, the great providers half of
    it; a network without proofs gets twenty an hour. Counted like all limits: in Redis, or by this process alone; what
    may leave in all is kept in the database (`outbox.pace`).
    """
    half = get_settings().mails_per_hour // 2
    share = half // 2 if free_mail(domain) else half // 30 if proven else half // 300
    shares = {f"mails {proven} {limits.mark(domain)}": max(1, share)} | ({} if proven else {f"mails {cluster}": 20})
    return max(max(0, limits.count(name, _HOUR) - most) * timedelta(hours=1) / most for name, most in shares.items())
