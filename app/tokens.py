"""Secrets given to people: unguessable tokens and six-digit codes, of which only hashes are stored."""

import hashlib
import hmac
import secrets


def new_token() -> tuple[str, bytes]:
    """A URL-safe token of 256 bits, and the SHA-256 that may be stored."""
    token = secrets.token_urlsafe(32)
    return token, hash_token(token)


def hash_token(token: str) -> bytes:
    """SHA-256 of a token; unsalted, for the token itself carries 256 bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_code() -> str:
    """Six decimal digits, uniform."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hash_code(code: str, key: bytes, context: bytes) -> bytes:
    """HMAC-SHA256 of a short code; keyed, for six digits alone are guessed from a plain hash."""
    return hmac.digest(key, context + code.encode(), "sha256")


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)
