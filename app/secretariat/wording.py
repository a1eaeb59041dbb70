"""Names of roles and of what needs a second person, for the console."""

from app.accounts.models import Role
from app.errors import N_
from app.i18n import Language

_ROLES = {
    Role.VIEWER: N_("may look"),
    Role.MODERATOR: N_("decides about signatures"),
    Role.EDITOR: N_("writes statements"),
    Role.ADMINISTRATOR: N_("administers"),
}
_GRAVE = {
    "export-all": N_("Export of all personal data of a statement"),
    "campaign": N_("Removal of many signatures"),
    "show-names": N_("Showing hidden names again"),
}


def grave_acts(words: Language) -> dict[str, str]:
    """What may need a second person."""
    return {act: words.gettext(text) for act, text in _GRAVE.items()}


def roles(words: Language) -> dict[Role, str]:
    """What each role means, in one or two words."""
    return {role: words.gettext(text) for role, text in _ROLES.items()}
