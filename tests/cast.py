"""The named cast and their papers: all of them invented."""

SLUG = "open-archives"
BODY = """We ask alone no longer, and call on the ministry to:

1. publish the measurements;
2. let independent laboratories take samples.

The law needs one change:

- a right to environmental information.

We offer our help."""


def statement(front: str = "", body: str = BODY, **keys: str) -> str:
    """A statement file; `keys` replace its lines, an empty one drops the line, `front` adds lines."""
    lines = {
        "slug": SLUG,
        "language": "en",
        "title": "Open the archives of the river commission",
        "summary": "Forty organisations ask for steps that need no new law.",
        "date": "2026-11-22",
        "place": "Riverton",
        "addressees": "[The Ministry of Waters, The Regional Council]",
        **keys,
    }
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in lines.items() if value) + front + f"---\n{body}\n"


def belarusian() -> str:
    """The same in Belarusian, beside the original."""
    return "---\nlanguage: be\ntitle: Адкрыйце архівы рачной камісіі\nsummary: Сорак арганізацый просяць аб кроках без новага закона.\n---\nМы пішам разам.\n\n1. апублікуйце вымярэнні;\n2. пусціце незалежныя лабараторыі.\n"


FIRST = """first_signatories:
  - {name: Alesia Prykladnaya, role: chair of the board, organisation: Centre for Clear Water, country: BY, website: "https://clearwater.example", language: en}
  - {name: Ян Прыклад, role: дырэктар, organisation: Прававая дапамога, country: BY, language: be}
  - {name: Jean Exemple, country: FR, language: fr}
"""


def organisation(**changes: str) -> dict[str, str]:
    """What the representative of an organisation types."""
    return {
        "kind": "organisation",
        "name": "Tamar Magalithidze",
        "role": "president",
        "organisation": "Fictional House of Rivers",
        "website": "rivers-house.org",
        "country": "GE",
        "email": "tamar@rivers-house.org",
        "visibility": "public",
        "mandate": "decision of the board, 12 November",
        "consent": "yes",
        **changes,
    }


def individual(**changes: str) -> dict[str, str]:
    """What a person types who signs for themselves."""
    return {
        "kind": "individual",
        "name": "Мікола Выдуманы",
        "role": "настаўнік",
        "organisation": "",
        "country": "BY",
        "email": "mikola@post-office.org",
        "visibility": "public",
        "consent": "yes",
        **changes,
    }
