"""In which state each statement is, as one value that changes whenever a public address of it could."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from app.publication.models import Integrity
from app.signatures.tallies import Tally
from app.statements.models import Statement

SHELF = ""
"""Stands for all statements together, as the home page shows them; no statement is called so."""
_STATEMENT = sa.inspect(Statement).local_table
# Rows of tables and not objects, built once: every node asks four times a second.
_ROWS = (
    sa.select(_STATEMENT, col(Tally.list_revision), col(Tally.as_of), col(Integrity.as_of).label("reckoned"))
    .outerjoin_from(_STATEMENT, sa.inspect(Tally).local_table)
    .outerjoin(sa.inspect(Integrity).local_table)
    .order_by(_STATEMENT.c.slug)
)


def states(session: Session, now: datetime) -> Mapping[str, bytes]:
    """By slug: the row, its list's revision, its texts' edition (in the row), its integrity note and its phase, digested."""
    found: dict[str, bytes] = {}
    whole = hashlib.sha256()
    for row in session.connection().execute(_ROWS):
        said = repr((tuple(row), cast(Any, Statement.phase)(row, now)))
        found[row.slug] = hashlib.sha256(said.encode()).digest()
        whole.update(found[row.slug])
    return {**found, SHELF: whole.digest()}
