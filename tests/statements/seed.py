"""Turns the real appeal into a statement file, by its structure alone."""

import re
from dataclasses import dataclass

import yaml

_DAY = re.compile(r"[A-Z][a-z]+ \d{1,2}, \d{4}")
_NUMBERED = re.compile(r"\s+\d+\.\s+")
_DASHED = re.compile(r"\s*–\s+")
_SIGNATORY = re.compile(r"(?P<name>[^,.]+), (?P<role>.+?) of (?:the )?(?P<organisation>[^.]+)")
_OF_THE = re.compile(r"(?P<name>[^,.]+), (?P<role>.+) of the (?P<organisation>[^.]+)")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


@dataclass(frozen=True)
class Signatory:
    """A line "name, role of the organisation"."""

    name: str
    role: str
    organisation: str


@dataclass(frozen=True)
class News:
    """A dated item."""

    date: str
    title: str
    summary: str
    language: str


@dataclass(frozen=True)
class Appeal:
    """What the page of the appeal holds."""

    title: str
    lede: str
    preamble: tuple[str, ...]
    demands: tuple[str, ...]
    transition: tuple[str, ...]
    legislative: tuple[str, ...]
    closing: str
    signatories: tuple[Signatory, ...]
    related: tuple[str, ...]
    news: tuple[News, ...]

    @property
    def body(self) -> str:
        """Markdown: paragraphs, a numbered list, a list with hyphens."""
        numbered = "\n".join(f"{number}. {demand}" for number, demand in enumerate(self.demands, 1))
        dashed = "\n".join(f"- {demand}" for demand in self.legislative)
        return "\n\n".join((*self.preamble, numbered, *self.transition, dashed, self.closing))

    def file(self, slug: str) -> str:
        """The statement file."""
        front = {
            "slug": slug,
            "language": "en",
            "title": self.title,
            "summary": self.lede,
            "first_signatories": [{"name": one.name, "role": one.role, "organisation": one.organisation} for one in self.signatories],
            "related": [{"title": title, "language": "en"} for title in self.related],
            "news": [{"date": item.date, "title": item.title, "summary": item.summary, "language": item.language} for item in self.news],
        }
        return f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)}---\n{self.body}\n"


def parse(text: str) -> Appeal:
    """Read the page: one block a line, blank lines between."""
    blocks = [line.rstrip() for line in text.split("\n") if line.strip()]
    numbered = [place for place, block in enumerate(blocks) if _NUMBERED.match(block)]
    dashed = [place for place, block in enumerate(blocks) if _DASHED.match(block)]
    days = [place for place, block in enumerate(blocks) if _DAY.fullmatch(block)]
    after = dashed[-1] + 2
    heading = next(place for place in range(after, len(blocks)) if not _SIGNATORY.fullmatch(blocks[place]))
    return Appeal(
        title=blocks[0],
        lede=blocks[1],
        preamble=tuple(blocks[2 : numbered[0]]),
        demands=tuple(_NUMBERED.sub("", blocks[place], count=1) for place in numbered),
        transition=tuple(blocks[numbered[-1] + 1 : dashed[0]]),
        legislative=tuple(_DASHED.sub("", blocks[place], count=1) for place in dashed),
        closing=blocks[dashed[-1] + 1],
        signatories=tuple(_signatory(block) for block in blocks[after:heading]),
        related=tuple(blocks[heading + 1 : days[0]]),
        news=tuple(_news(*blocks[place : place + 3]) for place in days),
    )


def _signatory(block: str) -> Signatory:
    """A board and a committee are of something too, so the last "of the" parts role from organisation."""
    found = _OF_THE.fullmatch(block) or _SIGNATORY.fullmatch(block)
    assert found, block
    return Signatory(found["name"].strip(), found["role"].strip(), found["organisation"].strip())


def _news(day: str, title: str, summary: str) -> News:
    month, number, year = day.replace(",", "").split()
    return News(f"{year}-{_MONTHS.index(month) + 1:02}-{int(number):02}", title, summary, "be" if re.search("[Ѐ-ӿ]", title) else "en")
