"""Every sentence is in every catalog, and nothing else is."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.i18n import LOCALES, language

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
TRIMMED = {"trimmed": "true"}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.atom", "jinja2")]
OPTIONS = {"**.html": TRIMMED, "**.txt": TRIMMED, "**.atom": TRIMMED}
TRANSLATED = [code for code in LOCALES if code != "en"]


def _sentences() -> set[str]:
    found = set()
    for folder in ("app", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, METHODS, OPTIONS, KEYWORDS, directory_filter=lambda _folder: True):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found - {"%(text)s"}


def _catalog(code: str) -> Catalog:
    return read_po(BytesIO((ROOT / "app" / "locale" / code / "LC_MESSAGES" / "messages.po").read_bytes()), locale=code)


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_catalog_is_complete_and_carries_nothing_stale(code: str) -> None:
    written = {entry.id[0] if isinstance(entry.id, tuple) else entry.id: entry for entry in _catalog(code) if entry.id}
    assert _sentences() - set(written) == set(), "missing: run `make messages` and translate"
    assert set(written) - _sentences() - {"%(text)s"} == set(), "stale: run `make messages`"
    assert [key for key, entry in written.items() if entry.fuzzy or not all(entry.string if isinstance(entry.string, tuple) else (entry.string,))] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_and_plural_forms_are_right(code: str) -> None:
    catalog = _catalog(code)
    assert [str(error) for entry in catalog for error in entry.check(catalog)] == []
    assert catalog.num_plurals == 3


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", ["1 organisation", "2 organisations", "5 organisations", "21 organisations"]),
        ("be", ["1 арганізацыя", "2 арганізацыі", "5 арганізацый", "21 арганізацыя"]),
        ("ru", ["1 организация", "2 организации", "5 организаций", "21 организация"]),
    ],
)
def test_plurals_follow_the_language(code: str, expected: list[str]) -> None:
    words = language(code)
    assert [words.ngettext("%(count)s organisation", "%(count)s organisations", n) for n in (1, 2, 5, 21)] == expected


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_two_sentences_run_together(template: Path) -> None:
    """The line break after a block is left out of the page, and with it the space that it seems to be."""
    assert re.findall(r"\{% endtrans %\}(?:\{% endif %\})?\n(?:\{% (?:trans|if)\b|\{\{).*", template.read_text(encoding="utf-8")) == []
