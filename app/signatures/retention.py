"""How long each kind of data is kept: one table, from which the job works and the privacy notice is written."""

from dataclasses import dataclass
from datetime import timedelta

from app.errors import N_

NOTICE_VERSION = "2026-11-25"
CONFIRM_WITHIN = timedelta(hours=72)


@dataclass(frozen=True)
class Rule:
    """What is kept, how long (`after` counts from where `keep` says, None for what a job need not look at), what happens then."""

    key: str
    after: timedelta | None
    what: str
    keep: str
    then: str


SCHEDULE = (
    Rule("unconfirmed", CONFIRM_WITHIN, N_("A signature that was not confirmed"), N_("72 hours"), N_("everything you typed is erased")),
    Rule(
        "undecided",
        timedelta(days=180),
        N_("A confirmed signature about which nobody decides"),
        N_("180 days"),
        N_("everything you typed is erased; you may sign again"),
    ),
    Rule(
        "address",
        timedelta(days=7),
        N_("Your e-mail address"),
        N_("until 7 days after the decision about your signature"),
        N_("the address is erased; a keyed fingerprint of it remains, so that nobody signs twice"),
    ),
    Rule("index", timedelta(days=7), N_("The keyed fingerprint of your address"), N_("until 7 days after the statement closes"), N_("it is erased")),
    Rule(
        "public",
        None,
        N_("Your name, role, organisation, website and country in the public list, and the mandate you named to the moderators"),
        N_("as long as the statement is published"),
        N_("erased from the list at once when you hide, withdraw or erase your signature, or it is removed"),
    ),
    Rule(
        "withheld",
        timedelta(days=90),
        N_("Name and particulars of a signer who is counted but not named"),
        N_("until 90 days after the statement closes"),
        N_("erased; the count remains"),
    ),
    Rule("turned-away", timedelta(days=14), N_("A signature that was rejected or removed"), N_("14 days"), N_("everything you typed is erased")),
    Rule("parting", timedelta(days=14), N_("What you wrote when you withdrew"), N_("14 days"), N_("it is erased")),
    Rule("links", timedelta(days=14), N_("The link to a signature that does not stand any more"), N_("14 days"), N_("it leads nowhere")),
    Rule("muted", timedelta(days=730), N_("That an address wants no more mail about a statement"), N_("2 years, as a keyed mark"), N_("it is erased")),
    Rule(
        "dead-mail",
        timedelta(days=7),
        N_("Mails to you"),
        N_("until they are sent; an undeliverable one 7 days"),
        N_("recipient and content are erased at once; that a mail was sent is kept 30 days"),
    ),
    Rule("mail", timedelta(days=30), N_("That a mail was sent"), N_("30 days"), N_("it is erased")),
    Rule("reports", timedelta(days=14), N_("A report about a name of a list"), N_("until 14 days after it is settled"), N_("it is erased")),
    Rule("inquiries", timedelta(days=30), N_("A question to an organisation and its answer"), N_("30 days"), N_("erased; what the list says of it remains")),
    Rule("words", timedelta(days=90), N_("What moderators wrote about a decision"), N_("90 days"), N_("erased; that there was a decision remains")),
    Rule(
        "campaigns",
        timedelta(days=90),
        N_("By which conditions many signatures were removed at once"),
        N_("until 90 days after it ended"),
        N_("erased; that there was a decision remains"),
    ),
    Rule(
        "sheets",
        timedelta(days=7),
        N_("A sheet of signatures that the secretariat collected elsewhere"),
        N_("until 7 days after it was last worked with"),
        N_("it is erased; the signatures that were entered from it remain, without addresses"),
    ),
    Rule("decisions", timedelta(days=730), N_("Who decided what, and when"), N_("2 years"), N_("it is erased")),
    Rule("record", timedelta(days=730), N_("What moderators did in the console; it names you nowhere"), N_("2 years"), N_("it is erased")),
    Rule(
        "drafts",
        timedelta(days=180),
        N_("A draft of a statement, which may name its first signatories"),
        N_("until it is published or deleted, at most 180 days after it was last saved"),
        N_("it is erased"),
    ),
    Rule(
        "cluster",
        timedelta(days=7),
        N_("Network addresses"),
        N_("never stored"),
        N_("a keyed mark, unreadable after 24 hours, stops floods; it leaves a signature 7 days after the decision"),
    ),
)


def rule(key: str) -> Rule:
    """The rule with this key."""
    return next(one for one in SCHEDULE if one.key == key)
