"""Read accounts, their rights, sessions and proofs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.accounts.models import Account, Grant, Passkey, Person, RecoveryCode, Role, StaffSession
from app.errors import N_, NotFound
from app.tokens import hash_token


@dataclass(frozen=True)
class Factors:
    """What an account can prove itself by beside its password."""

    totp: bool
    passkeys: int
    codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor; recovery codes only stand in for one."""
        return self.totp or self.passkeys > 0


def everyone(session: Session) -> list[Account]:
    """All accounts by address."""
    return list(session.exec(select(Account).order_by(Account.email)))


def account(session: Session, account_id: UUID) -> Account:
    """One account; raises NotFound."""
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound(N_("There is no such account."))
    return found


def by_email(session: Session, email: str) -> Account:
    """One account; raises NotFound."""
    found = session.exec(select(Account).where(Account.email == email.strip().lower())).first()
    if found is None:
        raise NotFound(N_("There is no account with this address."))
    return found


@dataclass(frozen=True)
class OnDuty:
    """Where and in which language somebody is mailed; `where` are the statements of their right, None for all."""

    email: str
    language: str
    where: frozenset[UUID] | None

    def sees(self, statement_id: UUID) -> bool:
        """Whether a statement is theirs."""
        return self.where is None or statement_id in self.where


def on_duty(session: Session, role: Role) -> list[OnDuty]:
    """The active accounts on duty that include `role` for all statements or some, by address."""
    active = (col(Account.disabled_at).is_(None), col(Account.on_duty))
    rows: Iterable[Any] = session.exec(select(Account, Grant).join(Grant, isouter=True).where(*active).order_by(Account.email)).all()
    single: dict[UUID, set[UUID]] = {}
    for one, grant in rows:
        single.setdefault(one.id, set()).update({grant.statement_id} if grant and grant.role.includes(role) else ())
    people = {one.id: one for one, _ in rows}.values()
    able = [OnDuty(one.email, one.language, None if one.role and one.role.includes(role) else frozenset(single[one.id])) for one in people]
    return [one for one in able if one.where is None or one.where]


def active(session: Session, role: Role) -> int:
    """How many active accounts include `role` for all statements."""
    return sum(bool(one.role and one.role.includes(role)) for one in session.exec(select(Account).where(col(Account.disabled_at).is_(None))))


def grants(session: Session, account_id: UUID) -> dict[UUID, Role]:
    """The roles of an account for single statements."""
    return {one.statement_id: one.role for one in session.exec(select(Grant).where(Grant.account_id == account_id))}


def session_of(session: Session, token: str, now: datetime) -> Person | None:
    """Who is signed in with this secret, or None when that is over."""
    rows = select(Account, StaffSession, Grant).join(StaffSession).join(Grant, isouter=True)
    found: Sequence[Any] = session.exec(rows.where(StaffSession.token_hash == hash_token(token), col(Account.disabled_at).is_(None))).all()
    if not found or not found[0][1].alive(now):
        return None
    return Person(found[0][0], found[0][1], {grant.statement_id: grant.role for _, _, grant in found if grant})


def sessions(session: Session, account_id: UUID, now: datetime) -> list[StaffSession]:
    """The sessions of an account, the one used last first."""
    rows = session.exec(select(StaffSession).where(StaffSession.account_id == account_id).order_by(col(StaffSession.seen_at).desc()))
    return [one for one in rows if one.alive(now)]


def passkeys(session: Session, account_id: UUID) -> list[Passkey]:
    """The passkeys of an account, oldest first."""
    return list(session.exec(select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.created_at))))


def factors(session: Session, of: Account) -> Factors:
    """What the account can prove itself by."""
    codes = session.exec(select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == of.id)).one()
    return Factors(of.totp is not None, len(passkeys(session, of.id)), codes)
