"""The picture that other sites show beside a link to a statement: 1200 × 630 pixels, as Open Graph (https://ogp.me/) and its readers want it."""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import resvg_py

from app.web.templates import render_text
from app.widget.lettering import FONTS, Box, Setting, held, plain

_TITLE, _TITLE_SIZES = Box(1032, 326, 6), (96, 84, 76, 68, 60, 54, 48, 43, 38, 34)
_LINE, _LINE_SIZES = Box(1032, 60, 1), (36, 32, 28)
_NAME_SIZES = (28,)
_KEPT = 64
_drawing = Lock()


@dataclass(frozen=True)
class Card:
    """What stands on it: the site's name, the title and whether it runs from right to left, who has signed, and when that was counted."""

    site: str
    title: str
    backwards: bool
    counted: str
    dated: str


def picture(card: Card) -> bytes:
    """The card as PNG. One is drawn at a time and the last ones are kept, so that whoever asks under ever new addresses costs little."""
    with _drawing:
        return _drawn(card)


@lru_cache(_KEPT)
def _drawn(card: Card) -> bytes:
    drawing = render_text("en", "widget/card.svg", card=card, **_set(card))
    return bytes(resvg_py.svg_to_bytes(svg_string=drawing, font_files=FONTS, skip_system_fonts=True))


def _set(card: Card) -> dict[str, Setting | None]:
    """Each text in its lines; a title with letters that no font holds leaves its place to the site's name."""
    title, site = plain(card.title), plain(card.site)
    named = held(title, "Bold")
    head = title if named else site if held(site, "Bold") else ""
    return {
        "site": _LINE.fill(site, "Regular", _NAME_SIZES) if named and held(site, "Regular") else None,
        "head": _TITLE.fill(head, "Bold", _TITLE_SIZES) if head else None,
        "counted": _LINE.fill(card.counted, "Regular", _LINE_SIZES),
    }
