"""Ready answers as files, for a web server that answers from them without asking the application, and even while it is away.

    {slug}/now           a link to the folder of the state that is true
    {slug}/{state}/…     the answers in that state by address, pages ending in .html, each with its compressed twin

One rename of a link makes a new state true; the files of the old one are removed at once, by every process that sees it.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from app.publication.answers import Snapshot

_HOME = "_"
"""The folder of the home page, which shows all statements; no slug is called so."""
_PAGE = ".html"
_SWEEP = 8
"""At every so manieth look all folders are gone through: what a process left behind that ended in the midst of writing is removed."""
_FRESH = 2.0
"""Seconds in which the folder of another state may be one that is newer than ours."""


class Files:
    """The folder `root`, shared by all processes of a machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._states: Mapping[str, bytes] = {}
        self._since: dict[str, float] = {}
        self._known: dict[str, set[str]] = {}
        """Which addresses of a statement were files in a state that is over."""
        self._looks = 0

    def follow(self, states: Mapping[str, bytes]) -> None:
        """Make these states the true ones, by slug, and remove the files of all others; raises OSError."""
        before, self._states = self._states, states
        moved = {slug for slug in {*before, *states} if before.get(slug) != states.get(slug)}
        self._since |= dict.fromkeys(moved, time.monotonic())
        if self._looks % _SWEEP == 0 and self.root.is_dir():
            moved |= {"" if folder.name == _HOME else folder.name for folder in self.root.iterdir()}
        self._looks += 1
        for slug in moved:
            self._turn(self.root / (slug or _HOME), slug, before.get(slug))

    def _turn(self, folder: Path, slug: str, before: bytes | None) -> None:
        if slug not in self._states:
            _remove(folder)
        if slug not in self._states or not folder.is_dir():
            return
        name, over = self._states[slug].hex(), before.hex() if before else ""
        _point(folder / "now", name)
        for other in folder.iterdir():
            if other.is_symlink() or other.name == name or (other.name != over and _age(other) < _FRESH):
                continue
            self._known[slug] = self._known.get(slug, set()).union(_addresses(other))
            _remove(other)

    def write(self, found: Snapshot, address: str) -> None:
        """Keep an answer, whole or not at all; not one that says more to crawlers than its bytes do. Raises OSError."""
        if b"x-robots-tag" in dict(found.plain.start["headers"]) or self._states.get(found.slug) != found.state:
            return
        folder = self.root / (found.slug or _HOME)
        path = folder / found.state.hex() / _file(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, found.plain.body["body"], found.plain.etag)
        if found.packed:
            _write(path.with_name(path.name + ".gz"), found.packed.body["body"], found.plain.etag)
        if self._states.get(found.slug) != found.state:  # it moved on meanwhile, and whoever removed its files may have missed these
            _remove(folder / found.state.hex())
        elif not (folder / "now").is_symlink():
            _point(folder / "now", found.state.hex())

    def missing(self) -> list[str]:
        """The addresses that were files and are none in the present state, of statements at rest for a second; each is said once."""
        rested = [slug for slug, since in self._since.items() if since < time.monotonic() - 1 and slug in self._states]
        return [address for slug in rested for address in self._known.pop(slug, ()) if not self._path(slug, address).exists()]

    def _path(self, slug: str, address: str) -> Path:
        return self.root / (slug or _HOME) / self._states[slug].hex() / _file(address)


def _file(address: str) -> str:
    """Where an address is kept below the folder of a state: data have an ending of their own."""
    last = address.rsplit("/", 1)[-1]
    return address.lstrip("/") + ("" if "." in last else _PAGE if last else _HOME + _PAGE)


def _addresses(folder: Path) -> Iterator[str]:
    """Of which addresses a folder holds the answers."""
    for path in folder.rglob("*"):
        if path.suffix != ".gz" and path.is_file() and not path.name.startswith("."):
            yield "/" + path.relative_to(folder).as_posix().removesuffix(_PAGE).removesuffix(_HOME)


def _write(path: Path, content: bytes, etag: bytes) -> None:
    """Atomically. Web servers make an ETag of length and time of a file, so the time is made of the content's own ETag."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    moment = 1_000_000_000 + int(etag.strip(b'"')[:8], 16) % 700_000_000
    os.utime(draft, (moment, moment))
    draft.replace(path)


def _point(link: Path, name: str) -> None:
    if link.is_symlink() and link.readlink() == Path(name):
        return
    draft = link.with_name(f".now.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(name)
    draft.replace(link)


def _remove(folder: Path) -> None:
    """Out of sight by one rename, then file by file; another process may be doing the same."""
    gone = folder.with_name(f".{folder.name.strip('.')}.{os.getpid()}")
    with suppress(FileNotFoundError):
        folder.rename(gone)
        shutil.rmtree(gone)


def _age(path: Path) -> float:
    """Seconds since a folder was made or last written to; infinite for one that is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
