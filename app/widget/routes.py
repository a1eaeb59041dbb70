"""`/widget.js` and `/embed/{slug}`."""

import json
from functools import cache

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.db import ReadDb
from app.i18n import LOCALES, language
from app.settings import ROOT
from app.signatures import queries
from app.signatures.wording import HIDDEN, count_sentence, hidden_sentence, withheld_sentence
from app.statements.deps import StatementReading
from app.web.responses import public, public_page
from app.web.templates import scope_language

router = APIRouter(include_in_schema=False)
SHOWN = 50
# A number of each plural category that CLDR has for the site's languages.
_SAMPLES = (0, 1, 2, 5)


@router.get("/embed/{slug}")
def embed(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """The list in a frame: no script, no form, no cookie."""
    tally, words = queries.tally(db, shown.statement.id), scope_language(request.scope)
    said = {"counted": count_sentence(tally, words), "withheld": withheld_sentence(tally, words), "hidden": hidden_sentence(shown.statement, words)}
    context = {"tally": tally, **said}
    newest = queries.newest(db, shown.statement.id, SHOWN, with_first=False)
    return public_page(request, "widget/embed.html", shown=shown, first=queries.first_signatories(db, shown.statement.id), newest=newest, **context)


@router.get("/widget.js")
def widget(request: Request) -> Response:
    """The element, with its sentences in every language of the site."""
    return public(request, _script(), "text/javascript; charset=utf-8")


@cache
def _script() -> str:
    source = (ROOT / "static" / "widget.js").read_text(encoding="utf-8")
    sentences = json.dumps({code: _sentences(code) for code in LOCALES}, ensure_ascii=False)
    return source.replace("{/* sentences */}", sentences)


def _sentences(code: str) -> dict[str, object]:
    words = language(code)

    def forms(one: str, many: str) -> dict[str, str]:
        plural = words.locale.plural_form
        return {plural(n): words.translations.ungettext(one, many, n) for n in _SAMPLES}

    return {
        "organisations": forms("%(count)s organisation", "%(count)s organisations"),
        "people": forms("%(count)s person", "%(count)s people"),
        "both": words.gettext("%(organisations)s and %(people)s have signed."),
        "onlyOrganisations": forms("%(count)s organisation has signed.", "%(count)s organisations have signed."),
        "onlyPeople": forms("%(count)s person has signed.", "%(count)s people have signed."),
        "nobody": words.gettext("Nobody has signed yet."),
        "withheld": forms("%(count)s more is counted and not named, for their safety.", "%(count)s more are counted and not named, for their safety."),
        "hidden": words.gettext(HIDDEN),
        "asOf": words.gettext("As of %(moment)s"),
        "all": words.gettext("Read and sign the statement"),
        "list": words.gettext("Signatories"),
    }
