"""What publishing a source would change."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from app.signatures.models import Origin, Signature, State
from app.signatures.particulars import Particulars
from app.signatures.queries import particulars
from app.statements import queries as statements
from app.statements.actions import described, new_texts
from app.statements.lists import FirstSignatory
from app.statements.models import Reference, Statement
from app.statements.source import Source

Who = tuple[str, str, str]


def plan(session: Session, source: Source) -> list[str]:
    """Sentences about what `publish` would do, empty when it would do nothing; raises Conflict for a changed text."""
    statement = statements.find(session, source.slug)
    if statement is None:
        return _first_time(source)
    revision = statements.revision(session, statement)
    lines = [f"add the text in {text.language}, fingerprint {text.fingerprint}" for text in new_texts(session, statement, revision, source)]
    if statement.unpublished_at:
        lines.append("bring the statement back, which was taken down")
    for column, value in described(source).items():
        if getattr(statement, column) != value:
            lines.append(f"{column.replace('_', ' ')}: {_said(getattr(statement, column))} → {_said(value)}")
    return lines + _signatories(session, statement, source) + _references(session, statement, source)


def _first_time(source: Source) -> list[str]:
    languages = ", ".join(text.language for text in (source.original, *source.translations))
    extras = (("first signatories", source.first_signatories), ("related articles", source.related), ("news items", source.news))
    return [
        f"publish `{source.original.title}` as /statements/{source.slug} ({languages})",
        f"revision 1, fingerprint {source.original.fingerprint}",
        *(f"{len(items)} {what}" for what, items in extras if items),
    ]


def _signatories(session: Session, statement: Statement, source: Source) -> list[str]:
    entered = entered_first(session, statement)
    wanted = {who(signatory): signatory for signatory in source.first_signatories}
    lines = [f"add first signatory {_named(key)}" for key in wanted if key not in entered]
    lines += [f"remove first signatory {_named(key)}" for key in entered if key not in wanted]
    lines += [f"correct first signatory {_named(key)}" for key, wish in wanted.items() if key in entered and differs(*entered[key], wish)]
    return lines + (["put the first signatories in another order"] if reordered(entered, source) else [])


def _references(session: Session, statement: Statement, source: Source) -> list[str]:
    written = session.exec(select(Reference).where(Reference.statement_id == statement.id).order_by(col(Reference.position)))
    before = [(row.issued_on, row.title, row.summary, row.url, row.language) for row in written]
    after = [(item.date, item.title, item.summary, item.url, item.language) for item in (*source.related, *source.news)]
    return ["write the related articles and news anew"] if before != after else []


def entered_first(session: Session, statement: Statement, lock: bool = False) -> dict[Who, tuple[Signature, Particulars]]:
    """The first signatories that stand now, by who they are; with `lock` nobody decides about them meanwhile."""
    living = (State.APPROVED, State.PUBLISHED)
    wanted = select(Signature).where(Signature.statement_id == statement.id, Signature.source == Origin.SECRETARIAT, col(Signature.state).in_(living))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    rows: Sequence[Signature] = session.exec(wanted).all()
    opened = [(row, particulars(session, row) or row.shown()) for row in rows]
    return {(row.kind.value, typed.name, typed.organisation): (row, typed) for row, typed in opened}


def who(signatory: FirstSignatory) -> Who:
    """What makes a first signatory the same one at the next publication."""
    return signatory.kind, signatory.name, signatory.organisation


def differs(row: Signature, typed: Particulars, wish: FirstSignatory) -> bool:
    """Whether role, website, country or language changed."""
    return (typed.role, typed.website, typed.country, typed.language) != (wish.role, wish.website, wish.country, wish.language or row.page_language)


def reordered(entered: Mapping[Who, tuple[Signature, Particulars]], source: Source) -> bool:
    """Whether those who stay stand in another order than before."""
    stay = [who(signatory) for signatory in source.first_signatories if who(signatory) in entered]
    return stay != sorted(stay, key=lambda key: entered[key][0].position)


def _named(key: Who) -> str:
    return ", ".join(part for part in key[1:] if part)


def _said(value: object) -> str:
    return {None: "none", "": "none", True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool | str | None) else str(value)
