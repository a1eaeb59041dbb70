"""Counts and signatories as sentences."""

from app.errors import N_
from app.i18n import Language
from app.signatures.models import Kind, Signature
from app.signatures.tallies import Tally
from app.statements.models import Statement

HIDDEN = N_("For the signatories’ safety their names are not shown at the moment.")
_COMPLAINTS = {
    "not-authorised": N_("The organisation did not authorise it"),
    "not-them": N_("This person did not sign"),
    "offensive": N_("It insults or advertises"),
    "twice": N_("It stands there twice"),
    "other": N_("Another reason"),
}


def count_sentence(tally: Tally, words: Language) -> str:
    """Who has signed, as a sentence."""
    organisations, individuals = tally.organisations, tally.individuals
    if organisations and individuals:
        named = words.ngettext("%(count)s organisation", "%(count)s organisations", organisations)
        people = words.ngettext("%(count)s person", "%(count)s people", individuals)
        return words.gettext("%(organisations)s and %(people)s have signed.", organisations=named, people=people)
    if organisations:
        return words.ngettext("%(count)s organisation has signed.", "%(count)s organisations have signed.", organisations)
    if individuals:
        return words.ngettext("%(count)s person has signed.", "%(count)s people have signed.", individuals)
    return words.gettext("Nobody has signed yet.")


def withheld_sentence(tally: Tally, words: Language) -> str:
    """How many are counted and not named; empty for none."""
    if not tally.withheld_shown:
        return ""
    return words.ngettext(
        "%(count)s more is counted and not named, for their safety.", "%(count)s more are counted and not named, for their safety.", tally.withheld_shown
    )


def hidden_sentence(statement: Statement, words: Language) -> str:
    """That no name is shown; empty while they are."""
    return words.gettext(HIDDEN) if statement.hidden_at else ""


def sentence(row: Signature, words: Language) -> str:
    """One signatory in one sentence."""
    country = words.country(row.country)
    if row.kind is Kind.ORGANISATION:
        through = ", ".join(part for part in (row.name, row.role) if part)
        if through:
            text = words.gettext("%(organisation)s signed, represented by %(person)s.", organisation=row.organisation, person=through)
        else:
            text = words.gettext("%(organisation)s signed.", organisation=row.organisation)
    else:
        text = words.gettext("%(person)s signed.", person=", ".join(part for part in (row.name, row.role, row.organisation) if part))
    return f"{text} ({country})" if country else text


def complaints(words: Language) -> dict[str, str]:
    """Why a name of the list may be reported."""
    return {key: words.gettext(text) for key, text in _COMPLAINTS.items()}
