"""Names of mails, of why they were not delivered, and of where signatures stand, for the console's overviews."""

from app.errors import N_
from app.i18n import Language

_MAILS = {
    "confirm": N_("Link to confirm a signature"),
    "already_signed": N_("This address has signed already"),
    "approved": N_("Signature approved"),
    "rejected": N_("Signature rejected"),
    "removed": N_("Signature removed"),
    "corrected": N_("Correction accepted"),
    "not_corrected": N_("Correction declined"),
    "inquiry": N_("Question to the organisation"),
    "waiting": N_("To the moderators: signatures wait"),
    "reported": N_("To the moderators: signatures were reported"),
    "alert": N_("To the moderators: something needs a look"),
}
# By the first word of `Mail.failure`.
_FAILURES = {
    "refused": N_("the mail server refused it for good"),
    "delayed": N_("the mail server asked to wait"),
    "interrupted": N_("the mail server broke off before it took the mail"),
    "unanswered": N_("the mail server never said whether it took the mail"),
    "unreachable": N_("the mail server could not be reached"),
    "broken": N_("the mail could not be put together"),
    "expired": N_("its link ran out first"),
}
_STANDING = {
    "screened": N_("Held back by the screening"),
    "pending": N_("Not confirmed yet"),
    "confirmed": N_("Waiting for a decision"),
    "approved": N_("About to be published"),
    "published": N_("In the list"),
    "rejected": N_("Rejected by a moderator"),
    "removed": N_("Taken off the list by a moderator"),
    "withdrawn": N_("Withdrawn by the signer"),
    "expired": N_("Run out, and erased"),
}
_DEADLINES = {
    "opens": N_("It opens"),
    "closes": N_("It closes"),
    "index": N_("The keyed fingerprints of the addresses are erased"),
    "withheld": N_("What those who are not named typed is erased"),
}
_KINDS = {"organisation": N_("Organisations"), "individual": N_("People")}


def labels(words: Language) -> dict[str, dict[str, str]]:
    """What the overviews need to speak of mails, failures and states; what is in no table goes by its own name."""
    tables = {"mail_names": _MAILS, "failure_names": _FAILURES, "standing_names": _STANDING, "deadline_names": _DEADLINES, "kind_names": _KINDS}
    return {table: {key: words.gettext(text) for key, text in entries.items()} for table, entries in tables.items()}
