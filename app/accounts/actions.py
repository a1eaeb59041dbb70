"""Create and disable accounts, sign in and out."""

from datetime import datetime
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Session, col, select

from app.accounts.forms import MAX_PASSWORD
from app.accounts.models import ABSOLUTE, IDLE, Account, Role, StaffSession
from app.errors import N_, Conflict, DomainError, NotFound
from app.tokens import hash_token, new_token

MIN_PASSWORD = 12
_passwords = PasswordHash((Argon2Hasher(),))


def create(session: Session, email: str, role: Role, password: str, now: datetime) -> Account:
    """Add an account; raises DomainError for a bad address or a short password, Conflict for a known address."""
    address = _address(email)
    if len(password) < MIN_PASSWORD:
        raise DomainError(N_("The password needs at least %(count)s characters."), count=MIN_PASSWORD)
    if len(password) > MAX_PASSWORD:
        raise DomainError(N_("The password may have at most %(count)s characters."), count=MAX_PASSWORD)
    if session.exec(select(Account).where(Account.email == address)).first():
        raise Conflict(N_("There is an account with this address already."))
    account = Account(email=address, role=role, password_hash=_passwords.hash(password), created_at=now)
    session.add(account)
    return account


def set_password(session: Session, email: str, password: str) -> None:
    """Replace the password and end the sessions; raises NotFound."""
    account = _by_email(session, email)
    account.password_hash = _passwords.hash(password)
    session.execute(sa.delete(StaffSession).where(col(StaffSession.account_id) == account.id))


def disable(session: Session, email: str, now: datetime) -> None:
    """Close an account and its sessions; raises NotFound."""
    account = _by_email(session, email)
    account.disabled_at = now
    session.execute(sa.delete(StaffSession).where(col(StaffSession.account_id) == account.id))


def authenticate(session: Session, email: str, password: str) -> Account | None:
    """The account, or None; an unknown address costs as much time as a wrong password."""
    account = session.exec(select(Account).where(Account.email == email.lower(), col(Account.disabled_at).is_(None))).first()
    right = _passwords.verify(password, account.password_hash if account else _nobody())
    return account if right else None


def open_session(session: Session, account: Account, now: datetime) -> str:
    """A fresh session; returns the secret for the cookie."""
    token, hashed = new_token()
    session.add(StaffSession(token_hash=hashed, account_id=account.id, created_at=now, seen_at=now))
    return token


def touch_session(session: Session, used: StaffSession, now: datetime) -> None:
    """Note that a session is in use; one that ended meanwhile stays ended."""
    session.execute(sa.update(StaffSession).where(col(StaffSession.token_hash) == used.token_hash).values(seen_at=now))


def end_session(session: Session, token: str) -> None:
    """Sign out."""
    session.execute(sa.delete(StaffSession).where(col(StaffSession.token_hash) == hash_token(token)))


def sweep_sessions(session: Session, now: datetime) -> int:
    """Delete sessions that are over; how many."""
    over = sa.or_(col(StaffSession.seen_at) < now - IDLE, col(StaffSession.created_at) < now - ABSOLUTE)
    return int(cast(Any, session.execute(sa.delete(StaffSession).where(over))).rowcount)


def _by_email(session: Session, email: str) -> Account:
    account = session.exec(select(Account).where(Account.email == email.strip().lower())).first()
    if account is None:
        raise NotFound(N_("There is no account with this address."))
    return account


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise DomainError(N_("This is not a complete e-mail address.")) from None


@cache
def _nobody() -> str:
    return _passwords.hash("nobody's password")
