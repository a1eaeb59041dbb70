"""Signatures of messages, by Standard Webhooks 1.0.0 (https://www.standardwebhooks.com), version v1: HMAC-SHA256."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"


def new_secret() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(32)


def shown(secret: bytes) -> str:
    """The secret as the receiver enters it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(secrets_: Iterable[bytes], message_id: str, moment: int, body: bytes) -> dict[str, str]:
    """The three headers of a message; one signature for each secret that is valid. `moment` is in seconds since 1970."""
    said = f"{message_id}.{moment}.".encode() + body
    signed = (base64.b64encode(hmac.digest(secret, said, hashlib.sha256)).decode() for secret in secrets_)
    return {"webhook-id": message_id, "webhook-timestamp": str(moment), "webhook-signature": " ".join(f"v1,{one}" for one in signed)}
