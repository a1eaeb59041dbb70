"""Names of the recorded acts, for the console."""

from app.errors import N_
from app.i18n import Language

ACTS = {
    "sign-in": N_("Signed in"),
    "half-sign-in": N_("Password right, second factor missing"),
    "wrong-password": N_("Wrong password"),
    "prove": N_("Proved it once more"),
    "sign-out": N_("Signed out"),
    "revoke-session": N_("Signed out another browser"),
    "invite": N_("Invited"),
    "accept-invitation": N_("Took up an invitation"),
    "give-rights": N_("Changed rights"),
    "disable-account": N_("Closed an account"),
    "enable-account": N_("Opened an account again"),
    "set-up-app": N_("Set up an authenticator app"),
    "set-up-passkey": N_("Added a passkey"),
    "drop-passkey": N_("Forgot a passkey"),
    "recovery-codes": N_("Made new recovery codes"),
    "change-password": N_("Changed the password"),
    "open": N_("Opened a signature"),
    "approve": N_("Approved"),
    "reject": N_("Rejected"),
    "remove": N_("Removed"),
    "search": N_("Searched"),
    "bulk-approve": N_("Approved several at once"),
    "bulk-reject": N_("Rejected several at once"),
    "undo": N_("Took a decision back"),
    "restore": N_("Restored"),
    "correct": N_("Correction accepted"),
    "decline": N_("Correction declined"),
    "release": N_("Released from the screening"),
    "ask": N_("Asked the organisation"),
    "settle": N_("Report settled"),
    "export-record": N_("Exported the record"),
    "ask-assent": N_("Asked for a second person’s agreement"),
    "give-assent": N_("Agreed as the second person"),
    "refuse-assent": N_("Refused, or took back, what needs a second person"),
    "export-all": N_("Exported everything of a statement"),
}


def acts(words: Language) -> dict[str, str]:
    """The acts of the record."""
    return {act: words.gettext(text) for act, text in ACTS.items()}
