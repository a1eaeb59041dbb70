"""Find names in the list by any part of them: an index of trigrams, FTS5 on SQLite and pg_trgm on PostgreSQL."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.db import dialect
from app.i18n import fold
from app.signatures.models import Kind, Signature
from app.signatures.tallies import Tally

FEW = 5000
"""So many found are looked up and sorted by name; where there are more of them, each page of the list holds some."""
COUNTED = 200
"""So many found are counted where nothing has to be sorted."""
# Before letters and digits that follow none, before any other sign, and before each ideograph, which is a word of its own.
_BEGINNING = re.compile(r"(?<![^\W_])(?=[^\W_])|(?=[^\w\s]|_|[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_FOUND = sa.text("SELECT rowid FROM signatory_text WHERE signatory_text MATCH :phrase AND rowid BETWEEN :low AND :high ORDER BY rowid LIMIT :most")
_KEPT = sa.text("INSERT INTO signatory_text(rowid, names) VALUES (:row, :names)")
_DROPPED = sa.text("DELETE FROM signatory_text WHERE rowid = :row")
_MERGED = sa.text("INSERT INTO signatory_text(signatory_text, rank) VALUES ('merge', :pages)")
_NUMBER = 0xFFFF_FFFF
_STEP = 200
"""Pages: some hundredths of a second, so that nobody who signs has to wait."""


def searchable(*names: str) -> str:
    """The folded names, a line each; a space before each word, sign and ideograph, so that its beginning can be looked for."""
    return "\n".join(_apart(fold(name)) for name in names)


def needle(q: str) -> str:
    """What to look for in `searchable`: any part of a name, and one or two characters where a word begins with them."""
    folded = fold(q)
    return _apart(folded) if len(folded) <= 2 else _apart(folded).removeprefix(" ")


def holds(session: Session, sought: str, indexed: bool = True) -> sa.ColumnElement[bool]:
    """The condition that a listed signature holds the needle; PostgreSQL looks it up in its index of names, if it may."""
    if dialect(session) == "sqlite":
        return sa.func.instr(Signature.folded, sought) > 0
    for special in "\\%_":
        sought = sought.replace(special, f"\\{special}")
    return (col(Signature.folded) if indexed else col(Signature.folded).concat("")).like(f"%{sought}%")


def of_kind(kind: Kind) -> sa.ColumnElement[bool]:
    """The condition that a signature is of a kind, said in the statement itself: there is an index of organisations' names alone."""
    return col(Signature.kind) == sa.bindparam("kind", kind, unique=True, literal_execute=True)


def numbers(session: Session, statement_id: UUID, kind: Kind, sought: str, most: int) -> list[int] | None:
    """The numbers under which a list names signatories of a kind with the needle, in no order; None when there are more than `most`."""
    if dialect(session) == "sqlite":
        found = following(session, statement_id, kind, sought, 0, most + 1)
    else:
        listed = (Signature.statement_id == statement_id, of_kind(kind), col(Signature.folded).is_not(None))
        rows = select(Signature.number).where(*listed, holds(session, sought))
        found = [number for number in session.exec(rows.limit(most + 1)) if number is not None]
    return found if len(found) <= most else None


def following(session: Session, statement_id: UUID, kind: Kind, sought: str, after: int, most: int) -> list[int]:
    """On SQLite: the next numbers after one, of a kind, with the needle; its index keeps them in this order."""
    low = _row(session.get_one(Tally, statement_id), kind, 0)
    given = {"phrase": _phrase(sought), "low": low + after + 1, "high": low | _NUMBER, "most": most}
    return [row & _NUMBER for row in session.execute(_FOUND, given).scalars()]


def remember(session: Session, tally: Tally, listed: Sequence[Signature]) -> None:
    """Take signatures that are named in a list from now on into the index."""
    _write(session, _KEPT, [{"row": _row(tally, one.kind, one.number or 0), "names": _widened(one.folded or "")} for one in listed])


def forget(session: Session, tally: Tally, listed: Sequence[Signature]) -> None:
    """Take signatures out of the index."""
    _write(session, _DROPPED, [{"row": _row(tally, one.kind, one.number)} for one in listed if one.number is not None])


def compact(session: Session, anew: bool) -> bool:
    """One short step of writing SQLite's index anew without what left it, which FTS5 only marks until then; whether more is to do.

    The first of the steps begins `anew` (https://sqlite.org/fts5.html, 6.8: the 'merge' command).
    """
    if dialect(session) != "sqlite":
        return False
    connection = session.connection().connection.dbapi_connection
    before = connection.total_changes  # type: ignore[union-attr]
    session.execute(_MERGED, {"pages": -_STEP if anew else _STEP})
    written: int = connection.total_changes - before  # type: ignore[union-attr]
    return written >= 2


def _apart(folded: str) -> str:
    return _BEGINNING.sub(" ", folded)


def _write(session: Session, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows and dialect(session) == "sqlite":  # PostgreSQL's index lies on the table of signatures itself
        session.connection().execute(statement, rows)


def _row(tally: Tally, kind: Kind, number: int) -> int:
    """List, kind and number in one: what is sought in one list, of one kind, is one stretch of the index."""
    return (tally.place << 1 | (kind is Kind.ORGANISATION)) << 32 | number


def _widened(text: str) -> str:
    """Two spaces before each word: a trigram for the first character of a word, too."""
    return text.replace(" ", "  ")


def _phrase(sought: str) -> str:
    return '"' + _widened(sought).replace('"', '""') + '"'
