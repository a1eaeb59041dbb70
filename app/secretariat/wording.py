"""Names of roles, of the fields of a statement and of what needs a second person, for the console."""

from collections.abc import Mapping

from app.accounts.models import Role
from app.errors import N_
from app.i18n import Language
from app.statements.written import GROUPS, rows

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
    "take-back-sheet": N_("Taking a sheet of signatures back"),
}


def grave_acts(words: Language) -> dict[str, str]:
    """What may need a second person."""
    return {act: words.gettext(text) for act, text in _GRAVE.items()}


def roles(words: Language) -> dict[Role, str]:
    """What each role means, in one or two words."""
    return {role: words.gettext(text) for role, text in _ROLES.items()}


_FIELDS = {
    "slug": N_("Address of the page"),
    "language": N_("Language of the text"),
    "title": N_("Title"),
    "summary": N_("Summary"),
    "body": N_("Text"),
    "addressees": N_("Addressees"),
    "date": N_("Date"),
    "place": N_("Place"),
    "signers": N_("Who may sign"),
    "signers.organisations": N_("Organisations"),
    "signers.individuals": N_("Individuals"),
    "moderation": N_("Who decides about signatures"),
    "moderation.organisations": N_("Signatures of organisations"),
    "moderation.individuals": N_("Signatures of individuals"),
    "opens": N_("Opens"),
    "closes": N_("Closes"),
    "goal": N_("Goal"),
    "contact": N_("Contact address"),
    "noindex": N_("Keep search engines away"),
    "demonstration": N_("This is a demonstration"),
}
_GROUPS = {
    "first_signatories": N_("First signatory %(number)s: %(field)s"),
    "related": N_("Related article %(number)s: %(field)s"),
    "news": N_("News %(number)s: %(field)s"),
}
_KEYS = {
    "name": N_("Name"),
    "role": N_("Role"),
    "organisation": N_("Organisation"),
    "country": N_("Country"),
    "website": N_("Website"),
    "language": N_("Language of the entry"),
    "kind": N_("Signs as"),
    "title": N_("Title"),
    "url": N_("Web address"),
    "date": N_("Date"),
    "summary": N_("Summary"),
}


def field_labels(words: Language, *typed: Mapping[str, str]) -> dict[str, str]:
    """A label for every field of a statement, and of its lists as long as the longest that was typed."""
    found = {name: words.gettext(label) for name, label in _FIELDS.items()}
    for group, keys in GROUPS.items():
        for number in range(1, max(len(rows(one, group)) for one in typed) + 1):
            found |= {f"{group}.{number}.{key}": words.gettext(_GROUPS[group], number=number, field=words.gettext(_KEYS[key])) for key in keys}
    return found


def key_labels(words: Language) -> dict[str, str]:
    """A short label for every key of a member of a list."""
    return {key: words.gettext(label) for key, label in _KEYS.items()}


_STEPS = {
    "handed-in": N_("handed in, nothing is entered yet"),
    "entering": N_("being entered"),
    "entered": N_("entered"),
    "taking-back": N_("being taken back"),
    "taken-back": N_("taken back"),
}
_FIELD_TITLES = {
    "kind": N_("Who signs"),
    "name": N_("Name"),
    "role": N_("Role"),
    "organisation": N_("Organisation"),
    "website": N_("Website"),
    "country": N_("Country"),
    "visibility": N_("Named in the list or not"),
    "email": N_("E-mail"),
    "language": N_("Language of the name"),
}


def sheet_names(words: Language) -> dict[str, dict[str, str]]:
    """How far a sheet is, and what its columns may hold."""
    tables = {"step_names": _STEPS, "field_titles": _FIELD_TITLES}
    return {table: {key: words.gettext(text) for key, text in entries.items()} for table, entries in tables.items()}


HOOK_EVENTS = {
    "signatures.published": N_("Names were published"),
    "signatures.withdrawn": N_("Names left the list"),
    "statement.closed": N_("The statement closed"),
    "statement.milestone": N_("A milestone was reached"),
    "test.ping": N_("A test"),
}
_HOOK_FAILURES = {
    "refused": N_("not sent: its name leads to an inner network"),
    "unreachable": N_("it could not be reached"),
    "insecure": N_("its certificate is not valid"),
    "slow": N_("it took longer than 15 seconds"),
    "broken": N_("the connection broke off"),
}


def hook_events(words: Language) -> dict[str, str]:
    """The events of webhooks, by their names."""
    return {name: words.gettext(said) for name, said in HOOK_EVENTS.items()}


def hook_outcome(outcome: str | None, words: Language) -> str:
    """What the last try of a message met."""
    if outcome is None:
        return words.gettext("waits")
    if not outcome.isdigit():
        return words.gettext(_HOOK_FAILURES[outcome])
    if outcome[0] == "3":
        return words.gettext("%(code)s: a redirect, which is not followed", code=outcome)
    return outcome
