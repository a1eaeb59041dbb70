"""Passkeys (WebAuthn level 3): enrol one, and know its owner by it; user verification is always required."""

import json
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from sqlmodel import Session, col, select
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts import queries
from app.accounts.models import Account, Challenge, Passkey
from app.audit.actions import record
from app.errors import N_, DomainError
from app.settings import get_settings

_ALIVE = timedelta(minutes=5)
_NOT = N_("This passkey was not accepted. Please try again.")
_REQUIRED = UserVerificationRequirement.REQUIRED


def creation_options(session: Session, account: Account, now: datetime) -> str:
    """What the browser needs to make a passkey, as JSON."""
    known = [PublicKeyCredentialDescriptor(id=one.credential_id) for one in queries.passkeys(session, account.id)]
    options = webauthn.generate_registration_options(
        rp_id=_house(),
        rp_name=get_settings().site_name,
        user_id=account.id.bytes,
        user_name=account.email,
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED),
        exclude_credentials=known,
    )
    session.add(Challenge(challenge=options.challenge, account_id=account.id, expires_at=now + _ALIVE))
    return webauthn.options_to_json(options)


def enrol(session: Session, account: Account, answer: str, name: str, now: datetime) -> Passkey:
    """Keep the passkey that the browser made; raises DomainError."""
    try:
        challenge = _spend(session, answer, account, now)
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=_house(), expected_origin=get_settings().base_url, require_user_verification=True
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise DomainError(_NOT) from None
    if session.exec(select(Passkey).where(Passkey.credential_id == made.credential_id)).first():
        raise DomainError(N_("This passkey is known already."))
    passkey = Passkey(
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        created_at=now,
    )
    session.add(passkey)
    record(session, "set-up-passkey", now, account.id)
    return passkey


def request_options(session: Session, account: Account | None, now: datetime) -> str:
    """What the browser needs to ask for a passkey, as JSON; of one account, or of whoever has one here."""
    known = [PublicKeyCredentialDescriptor(id=one.credential_id) for one in queries.passkeys(session, account.id)] if account else []
    options = webauthn.generate_authentication_options(rp_id=_house(), allow_credentials=known, user_verification=_REQUIRED)
    session.add(Challenge(challenge=options.challenge, account_id=account.id if account else None, expires_at=now + _ALIVE))
    return webauthn.options_to_json(options)


def recognise(session: Session, answer: str, account: Account | None, now: datetime) -> Account:
    """Whose passkey answered; raises DomainError for any but a fresh answer of a known, uncopied one to our challenge."""
    try:
        challenge = _spend(session, answer, account, now)
        passkey = session.exec(select(Passkey).where(Passkey.credential_id == base64url_to_bytes(json.loads(answer)["id"])).with_for_update()).one()
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_house(),
            expected_origin=get_settings().base_url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, sa.exc.NoResultFound):
        raise DomainError(_NOT) from None
    owner = queries.account(session, passkey.account_id)
    if owner.disabled_at or (account and owner.id != account.id):
        raise DomainError(_NOT)
    passkey.sign_count, passkey.used_at = seen.new_sign_count, now
    return owner


def _spend(session: Session, answer: str, account: Account | None, now: datetime) -> bytes:
    """The challenge that was answered, which nobody can answer again; raises ValueError, TypeError, KeyError for none of ours."""
    said = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
    challenge = base64url_to_bytes(said["challenge"])
    meant = col(Challenge.account_id) == account.id if account else col(Challenge.account_id).is_(None)
    found = sa.delete(Challenge).where(col(Challenge.challenge) == challenge, col(Challenge.expires_at) > now, meant)
    if cast(Any, session.execute(found)).rowcount != 1:
        raise ValueError("not a challenge of ours")
    return challenge


def sweep_challenges(session: Session, now: datetime) -> None:
    """Delete the challenges that nobody answered."""
    session.execute(sa.delete(Challenge).where(col(Challenge.expires_at) < now))


def _house() -> str:
    return urlsplit(get_settings().base_url).hostname or ""
