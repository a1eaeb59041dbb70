"""Create, invite and disable accounts; sign in, prove, sign out."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Session, col, select

from app.accounts import queries
from app.accounts.forms import MAX_PASSWORD, MIN_PASSWORD
from app.accounts.models import ABSOLUTE, IDLE, Account, Grant, Invitation, Passkey, RecoveryCode, Role, StaffSession
from app.audit.actions import record
from app.errors import N_, Conflict, DomainError, NotFound
from app.settings import get_settings
from app.tokens import hash_token, new_token

INVITED = timedelta(days=3)
_passwords = PasswordHash((Argon2Hasher(),))


def create(session: Session, email: str, role: Role | None, password: str | None, now: datetime) -> Account:
    """Add an account; raises DomainError for a bad address or a short password, Conflict for a known address."""
    address = _address(email)
    if session.exec(select(Account).where(Account.email == address)).first():
        raise Conflict(N_("There is an account with this address already."))
    account = Account(email=address, role=role, created_at=now)
    if password is not None:
        set_password(account, password)
    session.add(account)
    return account


def set_password(account: Account, password: str) -> None:
    """Replace the password; raises DomainError for one that is too short or too long."""
    if len(password) < MIN_PASSWORD:
        raise DomainError(N_("The password needs at least %(count)s characters."), count=MIN_PASSWORD)
    if len(password) > MAX_PASSWORD:
        raise DomainError(N_("The password may have at most %(count)s characters."), count=MAX_PASSWORD)
    account.password_hash = _passwords.hash(password)


def invite(session: Session, account: Account, by: UUID, now: datetime) -> str:
    """A one-time link's token with which the account is set up, from the beginning: what it had is void at once."""
    session.execute(sa.delete(Invitation).where(col(Invitation.account_id) == account.id))
    token, hashed = new_token()
    account.password_hash = account.totp = account.totp_step = None
    account.raised_by, account.raised_at = by, now
    for kept in (Passkey, RecoveryCode, StaffSession):
        session.execute(sa.delete(kept).where(col(kept.account_id) == account.id))
    session.add(Invitation(account_id=account.id, token_hash=hashed, expires_at=now + INVITED))
    record(session, "invite", now, by, subject=account.id)
    return token


def accept(session: Session, token: str, password: str, now: datetime) -> Account:
    """Take up an invitation with a password; raises NotFound, DomainError."""
    account = invited(session, token, now)
    set_password(account, password)
    spent = sa.delete(Invitation).where(col(Invitation.token_hash) == hash_token(token))
    if cast(Any, session.execute(spent)).rowcount != 1:
        raise NotFound
    record(session, "accept-invitation", now, account.id)
    return account


def invited(session: Session, token: str, now: datetime) -> Account:
    """Whom the link invites; raises NotFound when it is over."""
    found = session.exec(select(Account).join(Invitation).where(Invitation.token_hash == hash_token(token), col(Invitation.expires_at) > now)).first()
    if found is None or found.disabled_at:
        raise NotFound(N_("This invitation is over, or it was used. Please ask for a new one."))
    return found


def give(session: Session, account: Account, role: Role | None, statement_id: UUID | None, by: UUID, now: datetime) -> None:
    """Give a role for all statements in place of everything before, or for one of them beside other single ones.

    No role takes back what was given for all. Raises Conflict for the last administrator.
    """
    single = {} if role and not statement_id else queries.grants(session, account.id)
    if role and statement_id:
        single[statement_id] = role
    _set_rights(session, account, None if statement_id else role, single, by, now)


def take(session: Session, account: Account, statement_id: UUID, by: UUID, now: datetime) -> None:
    """Take back the role for one statement."""
    single = {statement: role for statement, role in queries.grants(session, account.id).items() if statement != statement_id}
    _set_rights(session, account, account.role, single, by, now)


def _set_rights(session: Session, account: Account, role: Role | None, single: dict[UUID, Role], by: UUID, now: datetime) -> None:
    if role is not Role.ADMINISTRATOR:
        _spare_the_last(session, account)
    _note_rank(session, account, role, single, by, now)
    account.role = role
    session.execute(sa.delete(Grant).where(col(Grant.account_id) == account.id))
    session.add_all([Grant(account_id=account.id, statement_id=statement, role=given) for statement, given in single.items()])
    record(session, "give-rights", now, by, subject=account.id, role=role, single=len(single))


def _note_rank(session: Session, account: Account, role: Role | None, single: dict[UUID, Role], by: UUID, now: datetime) -> None:
    """Nobody raises, or puts down, the second person of their own acts (`assents`)."""
    if Role.ADMINISTRATOR in {role, *single.values()}:
        account.raised_by, account.raised_at = by, now
    if role is not Role.ADMINISTRATOR and not _administered(session, account) <= {where for where, given in single.items() if given is Role.ADMINISTRATOR}:
        account.stepped_down_at = now


def _administered(session: Session, account: Account) -> set[UUID | None]:
    """The statements that an account administers; None stands for all."""
    single = {where for where, role in queries.grants(session, account.id).items() if role is Role.ADMINISTRATOR}
    return {*single, *([None] if account.role is Role.ADMINISTRATOR else [])}


def _spare_the_last(session: Session, account: Account) -> None:
    if account.disabled_at is None and account.role is Role.ADMINISTRATOR and queries.active(session, Role.ADMINISTRATOR) == 1:
        raise Conflict(N_("This is the last administrator."))


def disable(session: Session, account: Account, by: UUID | None, now: datetime) -> None:
    """Close an account and its sessions; raises Conflict for the last administrator among several accounts."""
    if by:  # the command line may close any
        _spare_the_last(session, account)
    account.disabled_at = now
    if _administered(session, account):
        account.stepped_down_at = now
    end_sessions(session, account)
    record(session, "disable-account", now, by, subject=account.id)


def enable(session: Session, account: Account, by: UUID, now: datetime) -> None:
    """Open an account again."""
    account.disabled_at = None
    record(session, "enable-account", now, by, subject=account.id)


def authenticate(session: Session, email: str, password: str) -> Account | None:
    """The account, or None; an unknown address costs as much time as a wrong password."""
    account = session.exec(select(Account).where(Account.email == email.lower(), col(Account.disabled_at).is_(None))).first()
    right = _passwords.verify(password, (account.password_hash if account else None) or _nobody())
    return account if right else None


def note_failure(session: Session, email: str, now: datetime) -> None:
    """Note a password that was wrong; for an address without an account too, so that both take as long."""
    account = session.exec(select(Account).where(Account.email == email.strip().lower())).first()
    record(session, "wrong-password", now, account.id if account else None)


def open_session(session: Session, account: Account, now: datetime, proven: bool, browser: str = "", how: str = "password") -> str:
    """A fresh session; returns the secret for the cookie. `proven` is whether nothing more is needed."""
    token, hashed = new_token()
    session.add(StaffSession(token_hash=hashed, account_id=account.id, created_at=now, seen_at=now, proven_at=now if proven else None, browser=browser[:60]))
    record(session, "sign-in" if proven else "half-sign-in", now, account.id, how=how)
    return token


def prove(session: Session, half: StaffSession, now: datetime, how: str) -> str:
    """Everything is proven: a new secret takes the place of the old one, so that none can be planted."""
    token, hashed = new_token()
    found = sa.update(StaffSession).where(col(StaffSession.token_hash) == half.token_hash)
    begun = {} if half.proven_at else {"created_at": now}
    if cast(Any, session.execute(found.values(token_hash=hashed, proven_at=now, seen_at=now, **begun))).rowcount != 1:
        raise NotFound
    record(session, "prove" if half.proven_at else "sign-in", now, half.account_id, how=how)
    return token


def touch_session(session: Session, used: StaffSession, now: datetime) -> None:
    """Note that a session is in use; one that ended meanwhile stays ended."""
    session.execute(sa.update(StaffSession).where(col(StaffSession.token_hash) == used.token_hash).values(seen_at=now))


def end_session(session: Session, token: str, now: datetime) -> None:
    """Sign out."""
    found = session.get(StaffSession, hash_token(token))
    if found:
        session.delete(found)
        record(session, "sign-out", now, found.account_id)


def revoke(session: Session, account: Account, session_id: UUID, now: datetime) -> None:
    """End one session of an account from elsewhere."""
    session.execute(sa.delete(StaffSession).where(col(StaffSession.id) == session_id, col(StaffSession.account_id) == account.id))
    record(session, "revoke-session", now, account.id)


def end_sessions(session: Session, account: Account, but: StaffSession | None = None) -> None:
    """End all sessions of an account, or all but one."""
    over = sa.delete(StaffSession).where(col(StaffSession.account_id) == account.id)
    session.execute(over.where(col(StaffSession.token_hash) != but.token_hash) if but else over)


def drop_passkey(session: Session, account: Account, passkey_id: UUID, now: datetime) -> None:
    """Forget a passkey; raises NotFound, Conflict for the last of what signs in where two factors are needed."""
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account.id:
        raise NotFound
    if not account.totp and queries.factors(session, account).passkeys == 1 and not get_settings().development:
        raise Conflict(N_("This is your last second factor. Add another one first."))
    session.delete(passkey)
    record(session, "drop-passkey", now, account.id)


def set_notices(session: Session, account: Account, on_duty: bool, language: str, now: datetime) -> None:
    """Whether the account gets the mails to moderators, and in which language."""
    account.on_duty, account.language = on_duty, language
    record(session, "set-notices", now, account.id, on_duty=on_duty, language=language)


def change_password(session: Session, account: Account, password: str, here: StaffSession, now: datetime) -> None:
    """A new password; all sessions but this one end. Raises DomainError."""
    set_password(account, password)
    end_sessions(session, account, here)
    record(session, "change-password", now, account.id)


def sweep_sessions(session: Session, now: datetime) -> int:
    """Delete sessions that are over; how many."""
    over = sa.or_(col(StaffSession.seen_at) < now - IDLE, col(StaffSession.created_at) < now - ABSOLUTE)
    return int(cast(Any, session.execute(sa.delete(StaffSession).where(over))).rowcount)


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise DomainError(N_("This is not a complete e-mail address.")) from None


@cache
def _nobody() -> str:
    return _passwords.hash("nobody's password")
