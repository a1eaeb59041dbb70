"""Issue the keys of a statement."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.keys.models import StatementKeys
from app.keys.queries import place
from app.sealing import wrap
from app.settings import get_settings


def issue(session: Session, statement_id: UUID, now: datetime) -> None:
    """Make the data key and the index key of a new statement."""
    root = get_settings().root_key()
    session.add(
        StatementKeys(
            statement_id=statement_id,
            data_key=wrap(root, secrets.token_bytes(32), place(statement_id, "data")),
            index_key=wrap(root, secrets.token_bytes(32), place(statement_id, "index")),
            created_at=now,
        )
    )
