"""Pure cryptography: sealed values, blind indexes, wrapped keys.

A sealed value is `version (1 byte) | key number (2) | nonce (12) | ciphertext and tag`, AES-256-GCM (NIST SP 800-38D)
with the place it belongs to as associated data, so that a value copied to another row or column does not open.
"""

import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = 1
_HEADER = struct.Struct(">BH")
_NONCE = 12


@dataclass(frozen=True)
class Keyring:
    """The opened keys of one statement (or of the house): 32 bytes each, never stored in the clear."""

    number: int
    data_key: bytes
    index_key: bytes

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain` for `place` (table|column|row|statement)."""
        nonce = secrets.token_bytes(_NONCE)
        header = _HEADER.pack(_VERSION, self.number)
        return header + nonce + AESGCM(self.data_key).encrypt(nonce, plain, header + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt; raises `cryptography.exceptions.InvalidTag` for a wrong key, place or byte."""
        header, rest = sealed[: _HEADER.size], sealed[_HEADER.size :]
        return AESGCM(self.data_key).decrypt(rest[:_NONCE], rest[_NONCE:], header + place.encode())

    def index(self, value: str) -> bytes:
        """Blind index: HMAC-SHA256 of a canonical value, equal for equal values of one statement only."""
        return hmac.new(self.index_key, value.encode(), hashlib.sha256).digest()


def derive(root: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, HKDF-SHA256 (RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"undersigned/" + purpose.encode()).derive(root)


def wrap(root: bytes, key: bytes, place: str) -> bytes:
    """Encrypt a key under the root key."""
    return Keyring(0, derive(root, "wrap"), b"").seal(key, place)


def unwrap(root: bytes, wrapped: bytes, place: str) -> bytes:
    """The inverse of `wrap`; raises `InvalidTag`."""
    return Keyring(0, derive(root, "wrap"), b"").open(wrapped, place)
