"""Names of roles, for the console."""

from app.accounts.models import Role
from app.errors import N_
from app.i18n import Language

_ROLES = {
    Role.VIEWER: N_("may look"),
    Role.MODERATOR: N_("decides about signatures"),
    Role.EDITOR: N_("writes statements"),
    Role.ADMINISTRATOR: N_("administers"),
}


def roles(words: Language) -> dict[Role, str]:
    """What each role means, in one or two words."""
    return {role: words.gettext(text) for role, text in _ROLES.items()}
