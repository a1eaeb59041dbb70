"""Read drafts: what was typed, what the loader says about it, how it is published."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.errors import N_, InvalidSource, NotFound
from app.keys.queries import keyring
from app.secretariat.comparing import Change, moved, words_of
from app.secretariat.models import Draft, DraftText, PreviewLink, opened
from app.statements.source import Paper
from app.statements.written import Typed, field_of, original, translation
from app.tokens import hash_token
from app.web.forms import Problem, Submission

ORIGINAL = "statement.md"


@dataclass(frozen=True)
class Translation:
    """A translation as it stands in a draft; `seen` is the source it was saved beside."""

    row: DraftText
    typed: Typed
    touched: Mapping[str, int]
    seen: Typed

    @property
    def language(self) -> str:
        """Its language as it was typed."""
        return self.typed.get("language", "")


@dataclass(frozen=True)
class Sheet:
    """A draft with its words and translations."""

    row: Draft
    typed: Typed
    touched: Mapping[str, int]
    translations: list[Translation]

    @property
    def title(self) -> str:
        """Its title, or its slug."""
        return self.typed.get("title") or self.typed.get("slug", "")

    def papers(self) -> tuple[Paper, list[Paper]]:
        """The files that say the same."""
        others = [Paper(_name(number, one), translation(one.typed).encode()) for number, one in enumerate(self.translations, 1)]
        return Paper(ORIGINAL, original(self.typed).encode()), others

    def mark(self) -> str:
        """Equal for equal words only."""
        head, others = self.papers()
        return hashlib.sha256(b"\0".join(paper.raw for paper in (head, *others))).hexdigest()

    def stale(self, one: Translation) -> list[Change]:
        """The paragraphs of the source that changed since this translation was saved."""
        return moved(one.seen, words_of(self.typed))

    def form(self, complaints: list[InvalidSource]) -> Submission[BaseModel]:
        """The original as a form, with the loader's complaints beside its fields."""
        return form(self.typed, [one for one in complaints if one.file == ORIGINAL])

    def form_of(self, chosen: Translation, complaints: list[InvalidSource]) -> Submission[BaseModel]:
        """A translation as a form."""
        names = {one.row.id: _name(number, one) for number, one in enumerate(self.translations, 1)}
        return form(chosen.typed, [one for one in complaints if one.file == names[chosen.row.id]])


def _name(number: int, one: Translation) -> str:
    return f"translation-{number}.{one.language or '-'}.md"


def form(typed: Mapping[str, str], complaints: list[InvalidSource]) -> Submission[BaseModel]:
    """What was typed as a form, with each complaint beside its field."""
    problems: dict[str, Problem] = {}
    for one in complaints:
        problems.setdefault(field_of(one, typed), Problem(one.sentence, one.values))
    return Submission(typed, None, problems)


def sheet(session: Session, draft_id: UUID) -> Sheet:
    """One draft; raises NotFound."""
    row = session.get(Draft, draft_id)
    if row is None:
        raise NotFound(N_("There is no such draft. Perhaps it was published or deleted."))
    return opened_sheet(session, row)


def opened_sheet(session: Session, row: Draft) -> Sheet:
    """A draft with its words."""
    ring = keyring(session, None)
    rows = session.exec(select(DraftText).where(DraftText.draft_id == row.id).order_by(col(DraftText.created_at), col(DraftText.id)))
    others = [(text, opened(ring, text, "content")) for text in rows]
    content = opened(ring, row, "content")
    translations = [Translation(text, found["typed"], found["touched"], opened(ring, text, "seen")) for text, found in others]
    return Sheet(row, content["typed"], content["touched"], translations)


def listed(session: Session, where: set[UUID] | None) -> list[Sheet]:
    """The drafts of these statements, of all and of new ones for None; the one touched last first."""
    rows = select(Draft).order_by(col(Draft.saved_at).desc())
    if where is not None:
        rows = rows.where(col(Draft.statement_id).in_(where))
    return [opened_sheet(session, row) for row in session.exec(rows)]


def of_statement(session: Session, statement_id: UUID) -> Draft | None:
    """The draft that edits this statement, the one touched last."""
    return session.exec(select(Draft).where(Draft.statement_id == statement_id).order_by(col(Draft.saved_at).desc()).limit(1)).first()


def links(session: Session, draft_id: UUID, now: datetime) -> list[PreviewLink]:
    """The links that show this draft now."""
    rows = select(PreviewLink).where(PreviewLink.draft_id == draft_id, col(PreviewLink.expires_at) > now)
    return list(session.exec(rows.order_by(col(PreviewLink.expires_at))))


def shown_by(session: Session, token: str, now: datetime) -> tuple[PreviewLink, Sheet]:
    """The draft that a link shows; raises NotFound when it never did, or does not any more."""
    found = session.exec(select(PreviewLink).where(PreviewLink.token_hash == hash_token(token), col(PreviewLink.expires_at) > now)).first()
    if found is None:
        raise NotFound(N_("This link shows nothing any more: its time is over, or the draft was published or taken back. Ask who sent it to you."))
    return found, sheet(session, found.draft_id)
