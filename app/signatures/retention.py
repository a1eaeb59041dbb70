"""How long each kind of data is kept: one table, from which the job works and the privacy notice is written."""

from dataclasses import dataclass
from datetime import timedelta

from app.errors import N_

NOTICE_VERSION = "2026-11-22"
CONFIRM_WITHIN = timedelta(hours=72)
ADDRESS_AFTER_DECISION = timedelta(days=7)
REJECTED_AFTER_DECISION = timedelta(days=14)
WITHHELD_AFTER_CLOSING = timedelta(days=90)


@dataclass(frozen=True)
class Rule:
    """What is kept, how long, and what happens then."""

    what: str
    keep: str
    then: str


SCHEDULE = (
    Rule(N_("A signature that was not confirmed"), N_("72 hours"), N_("everything you typed is erased")),
    Rule(
        N_("Your e-mail address"),
        N_("until 7 days after the decision about your signature"),
        N_("the address is erased; a keyed fingerprint of it remains, so that nobody signs twice"),
    ),
    Rule(
        N_("Your name, role, organisation, website and country in the public list"),
        N_("as long as the statement is published"),
        N_("erased from the list at once when your signature is removed"),
    ),
    Rule(N_("Name and particulars of a signer who is counted but not named"), N_("until 90 days after the statement closes"), N_("erased; the count remains")),
    Rule(N_("A signature that was rejected or removed"), N_("14 days"), N_("everything you typed is erased")),
    Rule(
        N_("Mails to you"),
        N_("until they are sent; an undeliverable one 7 days"),
        N_("recipient and content are erased at once; that a mail was sent is kept 30 days"),
    ),
    Rule(N_("Network addresses"), N_("never stored"), N_("only a keyed mark lives in memory for at most 24 hours, to stop floods")),
)
