"""Names of states, acts and reasons, for the console."""

from app.errors import N_
from app.i18n import Language

_STATES = {
    "screened": N_("held back by the screening"),
    "pending": N_("waits for the signer’s confirmation"),
    "confirmed": N_("waits for a decision"),
    "approved": N_("approved, about to be published"),
    "published": N_("published"),
    "rejected": N_("rejected"),
    "removed": N_("removed"),
    "withdrawn": N_("withdrawn by the signer"),
}
_ACTS = {
    "approve": N_("Approved"),
    "reject": N_("Rejected"),
    "remove": N_("Removed"),
    "restore": N_("Restored"),
    "correct": N_("Correction accepted"),
    "decline": N_("Correction declined"),
    "release": N_("Released from the screening"),
    "ask": N_("Asked the organisation"),
    "settle": N_("Report settled"),
}
_REMOVALS = {
    "on-request": N_("The signer asked for it"),
    "not-authorised": N_("The organisation did not authorise it"),
    "duplicate": N_("It stands there twice"),
    "false": N_("It is false"),
    "other": N_("Another reason"),
}


_EVIDENCE = {
    "declared": N_("declared by its representative alone"),
    "domain": N_("signed from an address at the organisation’s own domain"),
    "confirmed": N_("confirmed by the organisation"),
}
_FLAGS = {
    "no-proof": N_("no proof of work (a browser without scripts, or a program)"),
    "replay": N_("a proof of work that was used before"),
    "trap": N_("filled a field that people do not see"),
    "fast": N_("sent within three seconds"),
    "disposable": N_("disposable e-mail address"),
}


def names(words: Language) -> dict[str, dict[str, str]]:
    """What a console page needs to speak of states, acts and reasons."""
    tables = {"state_names": _STATES, "act_names": _ACTS, "removal_names": _REMOVALS, "flag_names": _FLAGS, "evidence_names": _EVIDENCE}
    return {table: {key: words.gettext(text) for key, text in entries.items()} for table, entries in tables.items()}
