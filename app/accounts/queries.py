"""Read accounts and sessions."""

from datetime import datetime

from sqlmodel import Session, col, select

from app.accounts.models import Account, Role, StaffSession
from app.tokens import hash_token


def everyone(session: Session) -> list[Account]:
    """All accounts by address."""
    return list(session.exec(select(Account).order_by(Account.email)))


def addresses(session: Session, role: Role) -> list[str]:
    """Addresses of the active accounts that include `role`."""
    active = session.exec(select(Account).where(col(Account.disabled_at).is_(None)))
    return [account.email for account in active if account.role.includes(role)]


def session_of(session: Session, token: str, now: datetime) -> tuple[Account, StaffSession] | None:
    """The signed-in account and its session, or None when it is over."""
    row = session.exec(
        select(Account, StaffSession).join(StaffSession).where(StaffSession.token_hash == hash_token(token), col(Account.disabled_at).is_(None))
    ).first()
    return (row[0], row[1]) if row and row[1].alive(now) else None
