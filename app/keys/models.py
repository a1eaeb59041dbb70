"""Wrapped keys, one row for each statement and number; where the values stand that they seal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime

ModelT = TypeVar("ModelT", bound=type[Any])


class StatementKeys(SQLModel, table=True):
    """The wrapped data key and index key of a statement; the highest number is the current one.

    An older row opens what is not sealed anew yet, and then loses its data key; its index key stays while an index needs
    it. `statement_id` is no foreign key: this room stands below the statements, and keys must be destroyable on their own.
    """

    __tablename__ = "statement_keys"

    statement_id: UUID = Field(primary_key=True)
    number: int = Field(default=1, primary_key=True)
    data_key: bytes | None = None
    index_key: bytes
    created_at: datetime = Field(sa_type=UTCDateTime)


@dataclass(frozen=True)
class Sealed:
    """The sealed columns of a model, the blind index beside them if there is one, and the rows of a statement."""

    model: Any
    columns: tuple[str, ...]
    index: str
    of: Callable[[UUID], sa.ColumnElement[bool]]


SEALED: list[Sealed] = []


def sealed(*columns: str, index: str = "", of: Callable[[UUID], sa.ColumnElement[bool]] | None = None) -> Callable[[ModelT], ModelT]:
    """Register a model's sealed columns, so that rotation and shredding find them.

    The model has a primary key `id: UUID`, a method `place(column) -> str`, and a `statement_id` unless `of` gives the
    condition for a statement's rows. One with an `index` also has `indexed(opened: Mapping[column, bytes]) -> str | None`:
    the canonical value behind its index, None where that was erased.
    """

    def register(model: ModelT) -> ModelT:
        SEALED.append(Sealed(model, columns, index, of or (lambda statement_id: model.statement_id == statement_id)))
        return model

    return register
