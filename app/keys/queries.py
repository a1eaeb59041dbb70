"""Open the keys of a statement, or the house's own."""

from uuid import UUID

from sqlmodel import Session, select

from app.errors import N_, Gone
from app.keys.models import StatementKeys
from app.sealing import Keyring, derive, unwrap
from app.settings import get_settings


def place(statement_id: UUID, purpose: str) -> str:
    """What a wrapped key is bound to."""
    return f"statement_keys|{purpose}|{statement_id}"


def keyring(session: Session, statement_id: UUID | None) -> Keyring:
    """The keys of a statement; of the house itself for None. Raises Gone when they were destroyed."""
    root = get_settings().root_key()
    if statement_id is None:
        return Keyring(0, derive(root, "house data"), derive(root, "house index"))
    row = session.exec(select(StatementKeys).where(StatementKeys.statement_id == statement_id)).first()
    if row is None:
        raise Gone(N_("The keys to this statement's private data were destroyed."))
    return Keyring(row.number, unwrap(root, row.data_key, place(statement_id, "data")), unwrap(root, row.index_key, place(statement_id, "index")))
