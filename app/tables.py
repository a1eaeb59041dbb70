"""Every feature's models, for Alembic and the tests."""

from sqlmodel import SQLModel

metadata = SQLModel.metadata
__all__ = [
    "accounts",
    "audit",
    "beside",
    "keys",
    "metadata",
    "moderation",
    "organisations",
    "outbox",
    "publication",
    "secretariat",
    "signatures",
    "statements",
]
