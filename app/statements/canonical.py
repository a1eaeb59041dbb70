"""Canonical text and fingerprint: the bytes that are signed, recomputable by anyone."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence


def canonical(title: str, addressees: Sequence[str], summary: str, body: str) -> bytes:
    """UTF-8, NFC, LF, no trailing white space, no blank line at the end, runs of blank lines folded to one."""
    parts = [title]
    if addressees:
        parts.append("To: " + "; ".join(addressees))
    if summary:
        parts.append(summary)
    parts.append(tidy(body))
    return (tidy("\n\n".join(parts)) + "\n").encode()


def tidy(text: str) -> str:
    """The rules of white space and composition, for one text; no line feed at the end."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    stripped = "\n".join(line.rstrip() for line in composed.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", stripped).strip("\n")


def fingerprint(text: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(text).hexdigest()
