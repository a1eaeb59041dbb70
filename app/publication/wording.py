"""Why names were taken off a list, for the public."""

from app.errors import N_
from app.i18n import Language

_REASONS = {
    "on-request": N_("at the signer’s request"),
    "not-authorised": N_("not authorised by the organisation"),
    "duplicate": N_("stood there twice"),
    "false": N_("false"),
    "other": N_("for another reason"),
}


def removal_names(words: Language) -> dict[str, str]:
    """What each reason of a removal is called."""
    return {code: words.gettext(text) for code, text in _REASONS.items()}
