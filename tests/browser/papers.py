"""The statements of the tour: long words, every part of a page, every phase."""

from tests import cast

LONG = "Rettungsgewässerschutzgebietsverordnungsausschussvorsitz"
_FRONT = (
    cast.FIRST
    + """goal: 1312
related:
  - {title: What the measurements of the winter show, url: "https://journal.example/measurements", language: en}
  - {title: "Рэкі без назірання", language: be}
news:
  - {date: 2026-11-20, title: The council postponed its answer, summary: It wants until spring., url: "https://journal.example/postponed", language: en}
  - {date: 2026-11-21, title: "Камісія маўчыць", language: be}
"""
)
LONG_BODY = f"{cast.BODY}\n\n> A sentence that was quoted.\n\n## {LONG}{LONG}\n\nSee <https://journal.example/{LONG.lower()}/{LONG.lower()}>."


def whole() -> str:
    return cast.statement(_FRONT, LONG_BODY, demonstration="true")


def closed() -> str:
    return cast.statement("closes: 2026-01-15 18:00 Europe/Minsk\n", slug="closed-appeal", title="A closed appeal")


def scheduled() -> str:
    return cast.statement("opens: 2090-01-15 18:00 Europe/Minsk\n", slug="coming-appeal", title="A coming appeal")


def for_people() -> str:
    return cast.statement("signers: [individuals]\nmoderation:\n  individuals: automatic\n", slug="for-people", title="For people alone")
