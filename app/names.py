"""Which names a list of signatories may carry: any script, nothing that breaks the page or advertises.

Categories and scripts after the Unicode Character Database; graphemes after UAX #29; bidi controls after UAX #9.
"""

import unicodedata

import regex

from app.errors import N_

PERSON_LIMIT = 120
ORGANISATION_LIMIT = 200
_PUNCTUATION = {"Pd", "Ps", "Pe", "Pi", "Pf", "Pc", "Po"}
_SYMBOLS = set("+=´`×№®™°")
_NOT_IN_NAMES = set("\\{}")
_JOINERS = {"\u200c", "\u200d"}
_WHITE = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_KEPT = {" ", "\u00a0", "\u202f", "\u3000"}
_BLANK_LETTERS = set("\u115f\u1160\u3164\uffa0")
_RUN = regex.compile(f"[ {_WHITE}]+")
_GRAPHEME = regex.compile(r"\X")
# Letters, digits and what stands between them in most names: no rule here refuses any of these, so the long looks are left out.
_USUAL = regex.compile(r"[[\p{L}\p{N} ,'’\-]--[\u115f\u1160\u3164\uffa0]]*", regex.V1)
_BIDI = regex.compile(r"[\u202a-\u202e\u2066-\u2069\u061c\u200e\u200f]")
_ADDRESS = regex.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SCHEME = regex.compile(r"\b[a-z][a-z0-9+.-]{1,20}:/|\b(?:javascript|data|mailto|tel|vbscript|file|blob):\S", regex.IGNORECASE)
_PATH = regex.compile(r"[\p{L}\p{N}-]\.(?:\p{L}{2,}|xn--[a-z0-9-]+)/|\bwww\.", regex.IGNORECASE)
_TEMPLATE = regex.compile(r"\$\(|<\w")
_MARK_RUN = regex.compile(r"\p{Mn}+")
_GENERIC_MARKS = regex.compile(r"[\p{scx=Zinh}\p{sc=Zinh}\p{sc=Zyyy}]")
_EMPTY = N_("Please write a name with letters.")
_CHARACTER = N_("This character cannot stand in a name: %(character)s")
_INVISIBLE = N_("There is an invisible or control character in this name. Please type it again by hand.")
_LINK = N_("Please write the name alone, without web or e-mail addresses.")
_MARKS = N_("Too many marks stand on one letter.")
_LENGTH = N_("This is too long: at most %(limit)s characters.")


class NameProblem(ValueError):
    """Why a name is refused: a catalog entry and its values."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        return self.sentence % self.values if self.values else self.sentence


def clean(text: str) -> str:
    """NFC, outer white space gone, inner runs of spaces one space; a single no-break or ideographic space stays."""
    inner = unicodedata.normalize("NFC", text).strip()
    return str(_RUN.sub(lambda run: run.group() if run.group() in _KEPT else " ", inner))


def check_name(text: str, limit: int) -> str:
    """The cleaned name, 1 to `limit` graphemes; raises NameProblem with a sentence."""
    if len(text) > limit * 20:  # before the costlier looks
        raise NameProblem(_LENGTH, limit=limit)
    name = check_line(text, limit)
    if not any(unicodedata.category(c)[0] in "LN" for c in name):
        raise NameProblem(_EMPTY)
    return name


def check_line(text: str, limit: int) -> str:
    """The same rules for a line that may be empty: roles, affiliations, mandates."""
    if len(text) > limit * 20:
        raise NameProblem(_LENGTH, limit=limit)
    line = clean(text)
    if len(line) <= limit and _USUAL.fullmatch(line):
        return line
    _check_characters(line)
    _check_marks(line)
    if _ADDRESS.search(line) or _SCHEME.search(line) or _PATH.search(line) or _TEMPLATE.search(line):
        raise NameProblem(_LINK)
    if len(_GRAPHEME.findall(line)) > limit:
        raise NameProblem(_LENGTH, limit=limit)
    return line


def _check_characters(line: str) -> None:
    for place, character in enumerate(line):
        category = unicodedata.category(character)
        if character in _BLANK_LETTERS or (place == 0 and category[0] == "M"):
            raise NameProblem(_INVISIBLE)
        if category[0] in "LMN" or character in _KEPT:
            continue
        if character in _JOINERS and _between_letters(line, place):
            continue
        if category[0] in "CZ" or _BIDI.match(character):
            raise NameProblem(_INVISIBLE)
        if (category in _PUNCTUATION and character not in _NOT_IN_NAMES) or category == "Sc" or character in _SYMBOLS:
            continue
        raise NameProblem(_CHARACTER, character=character)


def _between_letters(line: str, place: int) -> bool:
    around = line[place - 1 : place] + line[place + 1 : place + 2]
    return len(around) == 2 and all(unicodedata.category(c)[0] in "LM" and not _GENERIC_MARKS.match(c) for c in around)


def _check_marks(line: str) -> None:
    """At most two marks on a letter; scripts that stack their own vowel signs (Burmese, Khmer, Thai) may have five."""
    for run in _MARK_RUN.finditer(line):
        marks = run.group()
        generic = sum(bool(_GENERIC_MARKS.match(mark)) for mark in marks)
        if generic > 2 or len(marks) > 5 or run.start() == 0 or line[run.start() - 1] == " ":
            raise NameProblem(_MARKS)
        if all("VARIATION SELECTOR" in unicodedata.name(mark, "") for mark in marks) and unicodedata.category(line[run.start() - 1])[0] != "L":
            raise NameProblem(_INVISIBLE)
