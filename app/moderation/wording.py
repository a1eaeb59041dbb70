"""Names of states, acts and reasons, for the console."""

from app.audit.wording import ACTS
from app.errors import N_
from app.i18n import Language, language
from app.moderation.models import Refusal

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
_REMOVALS = {
    "on-request": N_("The signer asked for it"),
    "not-authorised": N_("The organisation did not authorise it"),
    "duplicate": N_("It stands there twice"),
    "false": N_("It is false"),
    "other": N_("Another reason"),
}


# What the moderators read, and what is mailed; nothing more than that it was rejected where the reason would teach a forger.
_REFUSALS = {
    Refusal.DUPLICATE: (N_("Stands there already"), N_("You or your organisation stand in the list already.")),
    Refusal.NO_NAME: (N_("No full name"), N_("A signature needs a full name, as the list shows it. Please sign again with yours.")),
    Refusal.NO_MANDATE: (
        N_("No mandate"),
        N_("It is not clear to us that you may sign for the organisation. You may sign as a person, or again with its mandate."),
    ),
    Refusal.NOT_ASKED: (N_("Not asked to sign"), N_("This statement does not ask for signatures of this kind.")),
    Refusal.IMPERSONATION: (N_("In somebody else’s name (the mail does not say so)"), ""),
    Refusal.NONSENSE: (N_("Not meant seriously (the mail does not say so)"), ""),
}
_UNSAID = N_("The moderators could not accept it. Write to us if you think that this is a mistake.")
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


_MAIL_STATES = {"queued": N_("waits to be sent"), "sent": N_("sent"), "dead": N_("not delivered")}
_STAGES = {
    "counting": N_("dry run at work"),
    "counted": N_("dry run finished, nothing is removed yet"),
    "running": N_("removal at work"),
    "cancelled": N_("cancelled"),
    "done": N_("finished"),
    "undoing": N_("being undone"),
    "undone": N_("undone"),
}


def campaign_names(words: Language) -> dict[str, str]:
    """How far a removal campaign is."""
    return {stage: words.gettext(text) for stage, text in _STAGES.items()}


def mailed_reason(code: Refusal | None, words: str, page_language: str) -> str:
    """What the signer reads, in their language: the sentence of the table and the moderator's own words."""
    if code is None:
        return words
    sentence = language(page_language).gettext(_REFUSALS[code][1] or _UNSAID)
    return f"{sentence}\n\n{words}" if words else sentence


def names(words: Language) -> dict[str, dict[str, str]]:
    """What a console page needs to speak of states, acts and reasons."""
    tables = {
        "state_names": _STATES,
        "act_names": ACTS,
        "removal_names": _REMOVALS,
        "refusal_names": {code.value: said[0] for code, said in _REFUSALS.items()},
        "flag_names": _FLAGS,
        "evidence_names": _EVIDENCE,
        "mail_states": _MAIL_STATES,
    }
    return {table: {key: words.gettext(text) for key, text in entries.items()} for table, entries in tables.items()}
