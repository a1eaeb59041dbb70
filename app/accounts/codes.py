"""The second factor by code: an authenticator app (RFC 6238), or a printed recovery code; each counts once."""

import hmac
import re
import secrets
from datetime import datetime
from typing import Any, cast

import pyotp
import segno
import sqlalchemy as sa
from sqlmodel import Session, col

from app.accounts.models import Account, RecoveryCode
from app.audit.actions import record
from app.errors import N_, DomainError
from app.keys.queries import keyring
from app.settings import get_settings
from app.tokens import same

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstvwxyz23456789"
_STEP = 30
WRONG = N_("This code does not fit. The app shows a new one every 30 seconds; each counts once.")


def new_secret() -> str:
    """A secret for an authenticator app, 160 bits, base32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether this is one of ours by its looks."""
    return re.fullmatch("[A-Z2-7]{32}", text) is not None


def drawn(account: Account, secret: str) -> str:
    """The secret as a QR code for the app: an SVG element."""
    address = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=get_settings().site_name)
    return segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff")


def keep_app(session: Session, account: Account, secret: str, code: str, now: datetime) -> None:
    """From now on the app with this secret is the second factor; raises DomainError when its code does not fit."""
    step = _step(secret, "".join(code.split()), now) if is_secret(secret) else 0
    if not step:
        raise DomainError(WRONG)
    account.totp = keyring(session, None).seal(secret.encode(), account.place("totp"))
    account.totp_step = step
    record(session, "set-up-app", now, account.id)


def fits(session: Session, account: Account, code: str, now: datetime) -> bool:
    """Whether this is the app's code of the moment, or a recovery code; either is spent by it."""
    plain = "".join(code.split()).replace("-", "").lower()
    return _app_fits(session, account, plain, now) if len(plain) == 6 else _recovery_fits(session, account, plain)


def _app_fits(session: Session, account: Account, code: str, now: datetime) -> bool:
    if account.totp is None:
        return False
    step = _step(keyring(session, None).open(account.totp, account.place("totp")).decode(), code, now)
    later = sa.or_(col(Account.totp_step).is_(None), col(Account.totp_step) < step)
    spent = sa.update(Account).where(col(Account.id) == account.id, later).values(totp_step=step)
    return step > 0 and bool(cast(Any, session.execute(spent)).rowcount == 1)


def _step(secret: str, code: str, now: datetime) -> int:
    """The time step the code belongs to, at most one before or after this one; 0 for none."""
    app, this = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    return next((step for step in (this, this - 1, this + 1) if same(app.generate_otp(step).encode(), code.encode())), 0)


def _recovery_fits(session: Session, account: Account, code: str) -> bool:
    spent = sa.delete(RecoveryCode).where(col(RecoveryCode.code_hash) == _hash(session, account, code))
    return bool(cast(Any, session.execute(spent)).rowcount == 1)


def new_recovery_codes(session: Session, account: Account, now: datetime) -> list[str]:
    """Ten fresh codes of 58 bits, shown once; the ones before are void."""
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.account_id) == account.id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    session.add_all([RecoveryCode(code_hash=_hash(session, account, code), account_id=account.id) for code in codes])
    record(session, "recovery-codes", now, account.id)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _hash(session: Session, account: Account, code: str) -> bytes:
    return hmac.digest(keyring(session, None).index_key, account.id.bytes + code.encode("utf-8", "replace"), "sha256")
