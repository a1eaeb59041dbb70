"""Lines for pictures: which letters the fonts that come along hold, how wide words are in them, and where lines break."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import icu
import regex
from fontTools.ttLib import TTFont

Weight = Literal["Regular", "Bold"]
_FOLDER = Path(__file__).parent / "fonts"
_BESIDE = tuple(_FOLDER / f"Noto{script}-Bold.ttf" for script in ("NaskhArabic", "SerifArmenian", "SerifGeorgian", "SerifHebrew"))
_SERIF: dict[Weight, Path] = {"Regular": _FOLDER / "NotoSerif-Regular.ttf", "Bold": _FOLDER / "NotoSerif-Bold.ttf"}
FONTS = [str(path) for path in (*_SERIF.values(), *_BESIDE)]
"""The fonts, first those whose letters come first."""
_LONGEST = 400
"""Characters of a text that are looked at: a title has at most 300."""
_JOINERS = "\u200c\u200d"
_ARABIC = range(0x0600, 0x0900)
_EVEN = 0.1
"""Ems to which lines are made even."""


@cache
def _advances(weight: Weight) -> dict[str, float]:
    """How wide each letter is, in ems and by itself: joined and kerned letters take no more."""
    found: dict[str, float] = {}
    for path in (*_BESIDE, _SERIF[weight]):
        with TTFont(path) as font:
            em, advances = font["head"].unitsPerEm, font["hmtx"]
            found |= {chr(code): advances[glyph][0] / em for code, glyph in font.getBestCmap().items()}
    return found


def plain(text: str) -> str:
    """`text` in one line without what is not to be seen: control characters, marks of direction (UAX #9), spare white space."""
    kinds = [(one, unicodedata.category(one)) for one in text[:_LONGEST]]
    shown = (" " if kind in {"Cc", "Zl", "Zp"} else one for one, kind in kinds if one in _JOINERS or kind not in {"Cf", "Cs"})
    return " ".join("".join(shown).split(" "))


def held(text: str, weight: Weight) -> bool:
    """Whether there is something to draw, and the fonts hold every letter of it."""
    return bool(text.strip()) and _advances(weight).keys() >= set(text)


@dataclass(frozen=True)
class Setting:
    """Lines of one size; size and leading (from line to line) in pixels."""

    size: int
    leading: float
    lines: list[str]


@dataclass(frozen=True)
class Box:
    """Where text may stand: pixels, and at most so many lines."""

    width: int
    height: int
    lines: int

    def fill(self, text: str, weight: Weight, sizes: tuple[int, ...]) -> Setting:
        """`text`, which the fonts hold, in the largest of the sizes that has room for it; in the last one it is cut, words too."""
        pieces, share = _pieces(text), 1.5 if any(ord(one) in _ARABIC for one in text) else 1.2  # Arabic reaches higher and deeper
        for size in sizes:
            room, most = self.width / size, min(self.lines, int(self.height / (size * share)))
            if max(_width(piece, weight) for piece in pieces) <= room and len(_filled(pieces, room, weight)) <= most:
                return Setting(size, size * share, [line.strip() for line in _balanced(pieces, room, weight)])
        lines = _filled([part for piece in pieces for part in _parts(piece, room, weight)], room, weight)
        kept = lines if len(lines) <= most else [*lines[: most - 1], _cut(lines[most - 1], room, weight)]
        return Setting(size, size * share, [line.strip() for line in kept])


def _width(text: str, weight: Weight) -> float:
    """In ems, without the space at its end."""
    advances = _advances(weight)
    return sum(advances[one] for one in text.rstrip())


def _pieces(text: str) -> list[str]:
    """Between them a line may break (UAX #14)."""
    breaks = icu.BreakIterator.createLineInstance(icu.Locale.getRoot())
    breaks.setText(text)
    return [text[start:end] for start, end in pairwise([0, *breaks])]


def _filled(pieces: list[str], room: float, weight: Weight) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and _width(lines[-1] + piece, weight) > room:
            lines.append("")
        lines[-1] += piece
    return lines


def _balanced(pieces: list[str], room: float, weight: Weight) -> list[str]:
    """As many lines, and as even as can be (CSS Text 4, 6.6)."""
    lines, narrow = _filled(pieces, room, weight), max(_width(piece, weight) for piece in pieces)
    while room - narrow > _EVEN:
        tried = _filled(pieces, middle := (narrow + room) / 2, weight)
        if len(tried) > len(lines):
            narrow = middle
        else:
            lines, room = tried, middle
    return lines


def _parts(piece: str, room: float, weight: Weight) -> list[str]:
    """A piece that is too wide, between its letters (UAX #29)."""
    return [piece] if _width(piece, weight) <= room else _filled(regex.findall(r"\X", piece), room, weight)


def _cut(line: str, room: float, weight: Weight) -> str:
    line = line.rstrip()
    while _width(f"{line}…", weight) > room:
        line = (line.rpartition(" ")[0] or line[:-1]).rstrip()
    return f"{line}…"
