"""The element's one file: `static/widget.js` with its sentences in every language of the site."""

import base64
import hashlib
import json
from functools import cache

from app.i18n import LOCALES, direction, language
from app.settings import ROOT
from app.signatures.wording import HIDDEN

VERSIONS = ROOT / "static" / "widget"
"""Every version that was ever offered under its own address, so that a page which names one by its digest goes on working."""
# A number of each plural category that CLDR has for the site's languages.
_SAMPLES = (0, 1, 2, 5)


@cache
def script() -> str:
    """The present version."""
    source = (ROOT / "static" / "widget.js").read_text(encoding="utf-8")
    sentences = json.dumps({code: _sentences(code) for code in LOCALES}, ensure_ascii=False, separators=(",", ":"))
    return source.replace("{/* sentences */}", sentences)


@cache
def version() -> str:
    """What the address of the present version is called."""
    return hashlib.sha256(script().encode()).hexdigest()[:16]


@cache
def integrity() -> str:
    """Its digest, as a script element names it (Subresource Integrity, 3.1)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(script().encode()).digest()).decode()


def offered(name: str) -> str | None:
    """The version of that name, the present one or an earlier one; None for any other name."""
    if name == version():
        return script()
    kept = {path.stem: path for path in VERSIONS.glob("*.js")}
    return kept[name].read_text(encoding="utf-8") if name in kept else None


def _sentences(code: str) -> dict[str, object]:
    words = language(code)

    def forms(one: str, many: str) -> dict[str, str]:
        plural = words.locale.plural_form
        return {plural(n): words.translations.ungettext(one, many, n) for n in _SAMPLES}

    return {
        "code": code,
        "months": list(words.locale.months["format"]["wide"].values()),
        "group": words.locale.number_symbols["latn"]["group"],
        "dir": direction(code),
        "organisations": forms("%(count)s organisation", "%(count)s organisations"),
        "people": forms("%(count)s person", "%(count)s people"),
        "both": words.gettext("%(organisations)s and %(people)s have signed."),
        "onlyOrganisations": forms("%(count)s organisation has signed.", "%(count)s organisations have signed."),
        "onlyPeople": forms("%(count)s person has signed.", "%(count)s people have signed."),
        "nobody": words.gettext("Nobody has signed yet."),
        "withheld": forms("%(count)s more is counted and not named, for their safety.", "%(count)s more are counted and not named, for their safety."),
        "hidden": words.gettext(HIDDEN),
        "asOf": words.gettext("As of %(moment)s"),
        "sign": words.gettext("Read and sign the statement"),
        "read": words.gettext("Read the statement"),
        "list": words.gettext("Signatories"),
        "organisationsTitle": words.gettext("Organisations"),
        "peopleTitle": words.gettext("People"),
        "whole": words.gettext("All signatories"),
        "find": words.gettext("Find a name"),
        "search": words.gettext("Search the whole list"),
    }
