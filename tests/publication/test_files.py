"""Ready answers as files: those of the state that is true, and of no other."""

import gzip
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.publication.answers import snapshot
from app.publication.fastlane import FastLane
from app.publication.files import Files
from app.settings import get_settings
from tests import cast
from tests.feeds.lists import AUTOMATIC
from tests.signatures.hands import staff
from tests.site import Site

PAGE = f"/statements/{cast.SLUG}"
FACES = {
    "/": "_/now/_.html",
    "/be/": "_/now/be/_.html",
    "/widget.js": "_/now/widget.js",
    **{path: f"{cast.SLUG}/now{path}.html" for path in (PAGE, f"/be{PAGE}", f"{PAGE}/signatories", f"/embed/{cast.SLUG}")},
    **{
        path: f"{cast.SLUG}/now{path}"
        for path in (f"{PAGE}.json", f"{PAGE}.txt", f"{PAGE}/feed.json", f"{PAGE}/feed.atom", f"{PAGE}/card.png", f"/badge/{cast.SLUG}.svg")
    },
}


@pytest.fixture
def folder(tmp_path: Path, site_on_sqlite: Site) -> Iterator[Path]:
    """Where the site keeps its answers as files."""
    app: Any = site_on_sqlite.app
    assert isinstance(app, FastLane)
    app.snapshots.files = Files(tmp_path / "files")
    site_on_sqlite.publish(cast.statement(AUTOMATIC), be=cast.belarusian())
    site_on_sqlite.signed()
    site_on_sqlite.work()
    look(site_on_sqlite)
    yield tmp_path / "files"
    app.snapshots.files = None


def look(site: Site) -> None:
    app: Any = site.app
    site.wait(app.snapshots.look())


def whole(folder: Path) -> bytes:
    """All bytes of all files."""
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return b"\n".join(gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in found)


def test_each_answer_is_a_file_of_the_same_bytes_with_a_compressed_twin(folder: Path, site_on_sqlite: Site) -> None:
    answers = {face: site_on_sqlite.browser.get(face, headers={"Accept-Encoding": "identity"}) for face in FACES}
    for face, place in FACES.items():
        assert (folder / place).read_bytes() == answers[face].content, face
        twin = folder / f"{place}.gz"
        assert not twin.exists() or gzip.decompress(twin.read_bytes()) == answers[face].content
    assert (folder / f"{FACES[PAGE]}.gz").exists()


def test_queries_and_what_crawlers_must_not_keep_are_no_files(folder: Path, site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(slug="quiet-letter", noindex="true"))
    look(site_on_sqlite)
    for path in (f"{PAGE}/signatories?order=name", f"/embed/{cast.SLUG}?layout=count", f"{PAGE}/signatories.csv", "/statements/quiet-letter"):
        assert site_on_sqlite.browser.get(path).status_code == 200
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_the_name_of_who_withdrew_is_in_no_file_after_the_next_look(folder: Path, site_on_sqlite: Site) -> None:
    for face in FACES:
        site_on_sqlite.browser.get(face)
    assert b"Fictional House of Rivers" in whole(folder)
    moderator = staff(site_on_sqlite)
    for row in site_on_sqlite.rows():
        assert moderator.post(f"/console/signatures/{row.id}/remove", {"code": "other"}).status_code == 303
    look(site_on_sqlite)
    assert b"Fictional House of Rivers" not in whole(folder)
    assert not (folder / FACES[PAGE]).exists()


def test_a_state_at_rest_has_its_files_again_without_being_asked(folder: Path, site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for face in FACES:
        site_on_sqlite.browser.get(face)
    site_on_sqlite.signed(organisation="Second Invented House", website="", email="second@post-office.org")
    site_on_sqlite.work()
    look(site_on_sqlite)
    app: Any = site_on_sqlite.app
    assert app.snapshots.files.missing() == []  # it may well move on again
    later = time.monotonic() + 5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    site_on_sqlite.wait(app.restore(app.snapshots.files.missing()))
    assert [face for face, place in FACES.items() if not (folder / place).exists()] == []
    assert b"Second Invented House" in (folder / FACES[PAGE]).read_bytes()


def test_a_statement_that_was_taken_down_leaves_no_file(folder: Path, site_on_sqlite: Site) -> None:
    site_on_sqlite.browser.get(PAGE)
    files = Files(folder)
    files.follow({})
    assert [path for path in folder.rglob("*") if path.is_file()] == []


HEADERS = [(b"content-type", b"text/html"), (b"etag", b'"0123456789abcdef0123456789abcdef"')]


def test_what_a_process_left_that_ended_is_swept_away(tmp_path: Path) -> None:
    ended, files = Files(tmp_path), Files(tmp_path)
    ended.follow({"letter": b"\x01"})
    ended.write(snapshot("letter", b"\x01", HEADERS, b"Vera"), "/statements/letter")
    os.utime(tmp_path / "letter" / "01", (1, 1))
    files.follow({"letter": b"\x02"})
    assert b"Vera" not in whole(tmp_path)
    assert (tmp_path / "letter" / "now").readlink() == Path("02")


def test_an_answer_of_a_state_that_is_over_is_not_written(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.follow({"letter": b"\x02"})
    files.write(snapshot("letter", b"\x01", HEADERS, b"Vera"), "/statements/letter")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_state_that_another_process_saw_first_keeps_its_files(tmp_path: Path) -> None:
    ahead, behind = Files(tmp_path), Files(tmp_path)
    behind.follow({"letter": b"\x01"})
    ahead.follow({"letter": b"\x02"})
    ahead.write(snapshot("letter", b"\x02", HEADERS, b"Vera"), "/statements/letter")
    for _ in range(9):
        behind.follow({"letter": b"\x01"})
    behind.follow({"letter": b"\x02"})
    assert (tmp_path / "letter/now/statements/letter.html").read_bytes() == b"Vera"


def test_the_time_of_a_file_is_made_of_its_content(tmp_path: Path) -> None:
    times = set()
    for place, (body, etag) in enumerate(((b"Vera", b'"00000001' + b"a" * 24 + b'"'), (b"Vero", b'"00000002' + b"a" * 24 + b'"'))):
        files = Files(tmp_path / str(place))
        files.follow({"letter": b"\x01"})
        files.write(snapshot("letter", b"\x01", [(b"etag", etag)], body), "/badge/letter.svg")
        times.add((tmp_path / str(place) / "letter/now/badge/letter.svg").stat().st_mtime)
    assert len(times) == 2
    assert max(times) < time.time()


def test_a_full_disk_costs_the_reader_nothing(folder: Path, site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.publication.files._write", full)
    assert site_on_sqlite.browser.get(PAGE).status_code == 200


def test_no_folder_is_kept_unless_asked_for() -> None:
    assert get_settings().snapshot_dir is None
