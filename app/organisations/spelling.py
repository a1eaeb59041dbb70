"""Fold a word to what stays equal when it is written in another script or by another romanisation.

Belarusian (official 2023, BGN/PCGN 1979, Łacinka), Russian (ISO 9, BGN/PCGN, passports), Ukrainian (2010), and words typed without
their marks meet in one form, which is no longer meant to be read: Вясна, Viasna, Vyasna and Vjasna are all `vasna`.
"""

import re

from anyascii import anyascii

# Letters whose mark is a sound of its own; the others lose their marks without harm.
_MARKED = str.maketrans({"č": "ch", "š": "sh", "ž": "zh", "ŝ": "shch"})
_LATIN, _CYRILLIC = "aceopxykmtbhi", "асеорхукмтвні"
_TO_LATIN, _TO_CYRILLIC = str.maketrans(_CYRILLIC, _LATIN), str.maketrans(_LATIN, _CYRILLIC)
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[Ѐ-ӿ])")
# х is kh, ch or h, ч is ch, cz or tsch, г is h or g: one letter for them all. ц is ts, tz or c, and c is к elsewhere; ш, щ and с differ by marks that get lost.
_SOUNDS = {
    **dict.fromkeys(("schtsch", "shch", "szcz", "sch", "sh", "sz"), "s"),
    **dict.fromkeys(("tsch", "ch", "cz", "kh", "gh", "g"), "h"),
    **dict.fromkeys(("ts", "tz", "ck", "c", "q"), "k"),
    **dict.fromkeys(("y", "j"), "i"),
    "zh": "z",
    "ph": "f",
    "th": "t",
    "x": "ks",
    "w": "v",
}
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_VOWELS = (
    (re.compile("i+o"), "e"),  # ё
    (re.compile("i+(?=[aeu])"), ""),  # я, ю, є: ISO 9 writes them without the glide
    (re.compile("o"), "a"),  # Магілёў, Могилёв: Belarusian writes as it speaks
    (re.compile("(?<=[ae])u"), "v"),  # ў
    (re.compile("^v(?=[^aeiu])"), "u"),  # Уладзімір, Владимир
    (re.compile(r"([a-z])\1+"), r"\1"),
)


def fold(word: str) -> str:
    """ASCII letters and digits; "" for a word of signs only."""
    text = anyascii(_one_script(word.lower()).translate(_MARKED)).lower()
    text = _SOUND.sub(lambda found: _SOUNDS[found.group()], "".join(c for c in text if c.isalnum()))
    for pattern, written in _VOWELS:
        text = pattern.sub(written, text)
    return text


def _one_script(word: str) -> str:
    """A word with look-alikes from the other script, in the script that explains all its letters: nobody mixes them but to deceive."""
    read = (word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)) if _MIXED.match(word) else ()
    return next((found for found in read if not _MIXED.match(found)), word)
