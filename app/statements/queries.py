"""Read statements and their texts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.errors import N_, NotFound
from app.statements.models import Phase, Reference, Revision, Statement, Text
from app.statements.source import SLUG


@dataclass(frozen=True)
class Reading:
    """A statement as it is read in one language."""

    statement: Statement
    revision: Revision
    text: Text
    texts: list[Text]
    references: list[Reference]

    @property
    def path(self) -> str:
        """The address of its page, without a language."""
        return f"/statements/{self.statement.slug}"

    @property
    def prefix(self) -> str:
        """What stands before `path` in the one address of this text: nothing for the original, else its language."""
        return "" if self.text.language == self.statement.language else f"/{self.text.language}"

    @property
    def related(self) -> list[Reference]:
        """Related articles, in the secretariat's order."""
        return [item for item in self.references if item.issued_on is None]

    @property
    def news(self) -> list[Reference]:
        """Dated news, in the secretariat's order."""
        return [item for item in self.references if item.issued_on is not None]


def find(session: Session, slug: str) -> Statement | None:
    """The statement at `slug`, also when it was taken down."""
    if not SLUG.fullmatch(slug):
        return None
    return session.exec(select(Statement).where(Statement.slug == slug)).first()


def get(session: Session, slug: str) -> Statement:
    """The statement at `slug`; raises NotFound."""
    statement = find(session, slug)
    if statement is None:
        raise NotFound(N_("There is no statement at this address."))
    return statement


def every(session: Session) -> list[Statement]:
    """All statements by slug, also those taken down."""
    return list(session.exec(select(Statement).order_by(Statement.slug)))


def public(session: Session, slug: str) -> Statement:
    """The statement at `slug` for readers; raises NotFound, or Gone when it was taken down."""
    statement = get(session, slug)
    statement.must_stand()
    return statement


def revision(session: Session, statement: Statement) -> Revision:
    """The latest revision."""
    rows = select(Revision).where(Revision.statement_id == statement.id).order_by(col(Revision.number).desc())
    return session.exec(rows.limit(1)).one()


def texts(session: Session, revision: Revision) -> list[Text]:
    """The texts of a revision, by language."""
    return list(session.exec(select(Text).where(Text.revision_id == revision.id).order_by(Text.language)))


def reading(session: Session, statement: Statement, language: str | None) -> Reading:
    """The statement in `language`, or in its own where there is no such translation."""
    latest = revision(session, statement)
    written = sorted(texts(session, latest), key=lambda text: (text.language != statement.language, text.language))
    chosen = next((text for text in written if text.language == language), written[0])
    about = session.exec(select(Reference).where(Reference.statement_id == statement.id).order_by(col(Reference.position)))
    return Reading(statement, latest, chosen, written, list(about))


def shelf(session: Session, language: str | None, now: datetime) -> dict[Phase, list[Reading]]:
    """Every public statement by phase, newest first."""
    rows = session.exec(select(Statement).where(col(Statement.unpublished_at).is_(None)).order_by(col(Statement.created_at).desc()))
    shelves: dict[Phase, list[Reading]] = {phase: [] for phase in Phase}
    for statement in rows:
        shelves[statement.phase(now)].append(reading(session, statement, language))
    return shelves
