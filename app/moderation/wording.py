"""Names of states, acts and reasons, for the console."""

from app.errors import N_
from app.i18n import Language

_STATES = {
    "confirmed": N_("waits for a decision"),
    "approved": N_("approved, about to be published"),
    "published": N_("published"),
    "rejected": N_("rejected"),
    "removed": N_("removed"),
}
_ACTS = {"approve": N_("Approved"), "reject": N_("Rejected"), "remove": N_("Removed")}
_REMOVALS = {
    "on-request": N_("The signer asked for it"),
    "not-authorised": N_("The organisation did not authorise it"),
    "duplicate": N_("It stands there twice"),
    "false": N_("It is false"),
    "other": N_("Another reason"),
}


def names(words: Language) -> dict[str, dict[str, str]]:
    """What a console page needs to speak of states, acts and reasons."""
    tables = {"state_names": _STATES, "act_names": _ACTS, "removal_names": _REMOVALS}
    return {table: {key: words.gettext(text) for key, text in entries.items()} for table, entries in tables.items()}
