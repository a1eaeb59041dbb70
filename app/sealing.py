"""Pure cryptography: sealed values, blind indexes, wrapped keys.

A sealed value is `version (1 byte) | key number (2) | nonce (12) | ciphertext and tag`, AES-256-GCM (NIST SP 800-38D)
with the place it belongs to as associated data, so that a value copied to another row or column does not open.
A blind index is `version (1) | key number (2) | HMAC-SHA256 (32)`: both say which key made them.
"""

import hmac
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = 1
_HEADER = struct.Struct(">BH")
_NONCE = 12
HEADER = _HEADER.size


def header(number: int) -> bytes:
    """The first bytes of everything that the key of this number sealed or indexed."""
    return _HEADER.pack(_VERSION, number)


@dataclass(frozen=True, repr=False)
class Keyring:
    """The opened keys of one statement (or of the house): 32 bytes each, never stored in the clear.

    The current key seals and indexes; the older ones, by number, open what they sealed and find what they indexed.
    """

    number: int
    data_key: bytes
    index_key: bytes
    old_data: Mapping[int, bytes] = field(default_factory=dict)
    old_index: Mapping[int, bytes] = field(default_factory=dict)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.data_key)

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain` for `place` (table|column|row|statement)."""
        nonce, head = secrets.token_bytes(_NONCE), header(self.number)
        return head + nonce + self._cipher.encrypt(nonce, plain, head + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt; raises `cryptography.exceptions.InvalidTag` for a wrong or destroyed key, a wrong place or byte."""
        head, rest = sealed[:HEADER], sealed[HEADER:]
        number = int.from_bytes(head[1:], "big")
        key = self.data_key if number == self.number else self.old_data.get(number)
        if key is None:
            raise InvalidTag
        return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], head + place.encode())

    def made(self, value: bytes) -> bool:
        """Whether the current key made this sealed value or index."""
        return value.startswith(header(self.number))

    def index(self, value: str) -> bytes:
        """Blind index of a canonical value, equal for equal values of one statement and key only."""
        return _index(self.number, self.index_key, value)

    def indexes(self, value: str) -> tuple[bytes, ...]:
        """The index under every key that still exists, the current one first: look up by all, write the first."""
        return (self.index(value), *(_index(number, key, value) for number, key in self.old_index.items()))


def _index(number: int, key: bytes, value: str) -> bytes:
    return header(number) + hmac.digest(key, value.encode(), "sha256")


def derive(root: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, HKDF-SHA256 (RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"undersigned/" + purpose.encode()).derive(root)


def wrap(root: bytes, key: bytes, place: str) -> bytes:
    """Encrypt a key under the root key."""
    return Keyring(0, derive(root, "wrap"), b"").seal(key, place)


def unwrap(root: bytes, wrapped: bytes, place: str) -> bytes:
    """The inverse of `wrap`; raises `InvalidTag`."""
    return Keyring(0, derive(root, "wrap"), b"").open(wrapped, place)
