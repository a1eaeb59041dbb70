"""Mailed links: made for every mail to a signer, and proven by a cookie or the code of the same mail."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.keys.queries import keyring
from app.sealing import Keyring
from app.signatures.beside import Locked, MailedLink
from app.tokens import hash_code, hash_token, new_code, new_token, same


def link_row(house: Keyring, signature_id: UUID, cookie_hash: bytes, now: datetime, expires_at: datetime | None) -> tuple[dict[str, Any], str, str]:
    """A new link's row, its token and its code as the mail prints them; codes are keyed by the house, so keys may rotate."""
    token, token_hash = new_token()
    code = new_code()
    row = {
        "token_hash": token_hash,
        "signature_id": signature_id,
        "code_hash": hash_code(code, house.index_key, token_hash),
        "cookie_hash": cookie_hash,
        "created_at": now,
        "expires_at": expires_at,
    }
    return row, token, f"{code[:3]} {code[3:]}"


def mint(session: Session, signature_id: UUID, now: datetime) -> dict[str, str]:
    """A link that manages a signature, as the context of its mail; no browser has its cookie yet."""
    row, token, code = link_row(keyring(session, None), signature_id, hash_token(secrets.token_hex(32)), now, None)
    session.add(MailedLink(**row))
    return {"token": token, "code": code}


def proven(link: Locked, secret: str | None) -> bool:
    """Whether the browser holds the cookie that belongs to this link."""
    return same(link.cookie_hash, hash_token(secret or secrets.token_hex(8)))


def right_code(session: Session, link: Locked, code: str, now: datetime) -> bool:
    """Whether this is the code of the link's mail; a wrong one is counted, and nothing is right while the link is locked."""
    if link.locked(now) or len(code) != 6:
        return False  # what cannot be a code is no guess: a scanner that presses buttons locks nobody out
    if not same(link.code_hash, hash_code(code, keyring(session, None).index_key, link.token_hash)):
        link.wrong_code(now)
        return False
    link.tries = 0
    return True


def prove(session: Session, link: Locked, code: str, now: datetime) -> str | None:
    """A fresh cookie secret for the browser that typed the right code; None for a wrong one or while locked."""
    if not right_code(session, link, code, now):
        return None
    secret, link.cookie_hash = new_token()
    return secret
