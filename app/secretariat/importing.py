"""Files that somebody hands in become drafts, broken ones too, with every complaint about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.accounts.models import Person, Role
from app.errors import InvalidSource
from app.i18n import valid_tag
from app.secretariat.drafting import add_text, create
from app.secretariat.models import Draft
from app.statements import queries as statements
from app.statements.source import MAX_FILE, Paper, examine
from app.statements.written import TEXT_FIELDS, Typed, as_typed


@dataclass(frozen=True)
class Taken:
    """What became of one statement file and its translations."""

    name: str
    translations: list[str]
    draft: Draft
    complaints: list[InvalidSource]


def grouped(papers: Sequence[Paper]) -> list[tuple[Paper, list[Paper]]]:
    """Each statement file with its translations `NAME.LANG.md`; a translation without an original stands alone."""
    groups: dict[str, tuple[Paper, list[Paper]]] = {}
    names = {paper.name for paper in papers}
    for paper in sorted(papers, key=lambda paper: (paper.name.count("."), paper.name)):
        base, dot, code = paper.name.removesuffix(".md").rpartition(".")
        home = f"{base}.md"
        if dot and valid_tag(code) and home in names and home in groups:
            groups[home][1].append(paper)
        else:
            groups[paper.name] = (paper, [])
    return list(groups.values())


def take_in(session: Session, papers: Sequence[Paper], person: Person, now: datetime) -> list[Taken]:
    """A draft for each statement file."""
    return [_take(session, original, translations, person, now) for original, translations in grouped(papers)]


def _take(session: Session, original: Paper, translations: list[Paper], person: Person, now: datetime) -> Taken:
    typed = _typed(original)
    statement = statements.find(session, typed.get("slug", ""))
    own = statement.id if statement and person.may(Role.EDITOR, statement.id) else None
    draft = create(session, person, now, typed, own)
    for paper in translations:
        found = _typed(paper)
        add_text(session, draft, typed, {name: found[name] for name in TEXT_FIELDS if found.get(name)}, person, now)
    return Taken(original.name, [paper.name for paper in translations], draft, examine(original, translations)[1])


def _typed(paper: Paper) -> Typed:
    text = paper.raw[:MAX_FILE].decode("utf-8-sig", "replace")
    return as_typed(text.replace("\r\n", "\n").replace("\r", "\n"))
