"""The head of the record, in a file beside the root key: what a cut tail is found by."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from app.audit.chain import Head
from app.errors import N_, DomainError
from app.sealing import derive
from app.settings import get_settings


def read() -> Head | None:
    """The head as it was last written; None before the first entry. Raises DomainError for one that we did not write."""
    try:
        said = json.loads(_path().read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        said = {}
    mac = said.pop("mac", "") if isinstance(said, dict) else ""
    try:
        head = Head(**said)
    except TypeError:
        head = Head()
    if not mac or head.mac(_key()) != mac:
        raise DomainError(N_("The file with the head of the record was changed by somebody else."))
    return head


def advance(number: int, digest: bytes, previous: bytes) -> None:
    """The record goes up to here now, after an entry with the digest `previous`; an older number changes nothing.

    A file that we did not write stays as it is, for whoever looks into what happened.
    """
    with _alone(), suppress(DomainError):
        head = read() or Head(number - 1, previous.hex(), number - 1, previous.hex())
        if number > head.number:
            _write(Head(number, digest.hex(), head.after, head.before))


def start_after(number: int, digest: bytes) -> None:
    """Older entries were deleted in time; the record begins after this one."""
    with _alone(), suppress(DomainError):
        head = read()
        if head and number > head.after:
            _write(Head(head.number, head.digest, number, digest.hex()))


def _write(head: Head) -> None:
    """Whole or not at all, and on the disk."""
    path = _path()
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False, encoding="ascii") as draft:
        json.dump({**asdict(head), "mac": head.mac(_key())}, draft)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)


@contextmanager
def _alone() -> Iterator[None]:
    """One writer at a time, of all processes that share the data directory."""
    _path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _path().with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _path() -> Path:
    return get_settings().data_dir / "audit.head"


def _key() -> bytes:
    return derive(get_settings().root_key(), "audit head")
