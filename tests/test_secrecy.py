"""What 500 signers typed (10,000 in the long proof) is in no file of a real server, except the names that are public; nor in what it says when it breaks."""

import base64
import io
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import idna
import pyotp
import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.keys.queries import keyring
from app.main import configure_log
from app.signatures.identity import canonical_address
from app.signatures.models import Signature
from app.statements.queries import get
from tests import cast
from tests.faults.server import FROM_HERE, Server, opened, prepared
from tests.outbox.smtp import Post, plain, serving
from tests.signatures.hands import SIGN
from tests.site import PASSWORD, Site

STAFF = "moderator@site.example"
SECRET = ("Qvuzhilko", "Невядомскі")  # begin every name, role, organisation and mandate that must not be found
OPEN = ("Vidnoria", "Адкрытаўка")  # begin those that are public
LOCAL, DOMAINS = "geheimnis", ("verborgen-fach.org", "таемная-скрыня.org")
REASON = "Ablehnungsgrund"
NETWORKS = re.compile(rb"198\.(?:1[89]|[2-5]\d)\.\d+\.\d|2001:0?db8:5[0-9a-f]{3}|129\d{5}/4")
SCALE = 20 if os.environ.get("UNDERSIGNED_PROOF") else 1
FATES = ("named",) * 8 + ("pending", "confirmed", "rejected", "withheld") * 3  # 200 named, 75 of each other


@dataclass(frozen=True)
class Signer:
    number: int

    @property
    def fate(self) -> str:
        return FATES[self.number % len(FATES)]

    @property
    def email(self) -> str:
        return f"{LOCAL}{self.number}@{DOMAINS[self.number % 2]}"

    @property
    def network(self) -> str:
        n = self.number
        return f"198.{18 + n // 256}.{n % 256}.{7 + n % 200}" if n % 3 else f"2001:db8:5{n % 4096:03x}:{n // 4096}::9"

    @property
    def form(self) -> dict[str, str]:
        words = OPEN if self.fate == "named" else SECRET
        shown = {name: f"{words[(self.number + place) % 2]} {name} {_letters(self.number)}" for place, name in enumerate(("name", "role", "organisation"))}
        visibility = "withheld" if self.fate == "withheld" else "public"
        mandate = f"{SECRET[self.number % 2]} mandate {_letters(self.number)}"
        return cast.organisation(**shown, mandate=mandate, website="", email=self.email, visibility=visibility)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")


def spellings(text: str) -> set[bytes]:
    """The ways a text may stand in a file."""
    raw = text.encode()
    found = {
        raw,
        text.lower().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        quote(text).encode(),
    }
    found |= {text.encode("unicode_escape"), text.encode("ascii", "xmlcharrefreplace"), text.encode("punycode")}
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        found |= {
            coded[4 if offset else 0 : len(coded) // 4 * 4 - 4],
            base64.b64encode(b"\0" * offset + raw, b"-_")[4 if offset else 0 : len(coded) // 4 * 4 - 4],
        }
    return {one for one in found if len(one) > 5}


def needles() -> dict[bytes, str]:
    """What must be nowhere, by how it may be spelled; of the networks a sample, the rest is looked for as text."""
    domains = (*DOMAINS, idna.encode(DOMAINS[1]).decode())
    networks = [Signer(number).network for number in range(0, 500 * SCALE, 50 * SCALE)]
    return {spelled: text for text in (*SECRET, LOCAL, *domains, REASON, *networks) for spelled in spellings(text)}


def hits(folder: Path) -> list[str]:
    """Every forbidden text found under a folder, with its file."""
    looked = needles()
    contents = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "root.key"}
    assert {"undersigned.sqlite3", "server.log"} <= set(contents)
    found = [f"{name}: {text}" for name, content in contents.items() for spelled, text in looked.items() if spelled in content]
    return found + [f"{name}: a network" for name, content in contents.items() if NETWORKS.search(content)]


@dataclass
class Crowd:
    """Five hundred signers at a real server."""

    server: Server
    post: Post
    client: httpx.Client

    def sign(self, signer: Signer) -> int:
        return self.client.post(SIGN, data=signer.form, headers={"X-Forwarded-For": signer.network}).status_code

    def confirm(self, signer: Signer) -> int:
        link, code = self.mail[signer.number]
        return self.client.post(link, data={"act": "confirm", "code": code}, headers={"X-Forwarded-For": signer.network}).status_code

    def collect(self, expected: int) -> None:
        """Wait for the mails and read links and codes out of them."""
        for _ in range(2400 * SCALE):
            if len(self.post.raw) >= expected:
                break
            time.sleep(0.05)
        assert len(self.post.raw) == expected
        self.mail: dict[int, tuple[str, str]] = {}
        for message in self.post.messages:
            text = message.get_body(("plain",))
            assert text
            link, code = re.search(r"(/en/confirm/\S+)", text.get_content()), re.search(r"\b(\d{3}) (\d{3})\b", text.get_content())
            number = re.match(rf"{LOCAL}(\d+)@", str(message["To"]))
            assert link
            assert code
            assert number
            self.mail[int(number[1])] = (link[1], code[1] + code[2])

    def numbers(self, signers: list[Signer]) -> dict[int, str]:
        """Each signer's row."""
        database = opened(self.server.folder)
        with database.reading() as session:
            ring = keyring(session, get(session, cast.SLUG).id)
            rows = {row.address_index: str(row.id) for row in session.exec(select(Signature))}
        database.engine.dispose()
        return {signer.number: rows[ring.index(canonical_address(signer.email))] for signer in signers}

    def moderator(self) -> httpx.Client:
        self.server.run("accounts", "create", STAFF, "--role", "moderator", "--password-stdin", given=PASSWORD + "\n")
        client = self.server.client("192.0.2.1")
        answer = self.client.post("/console/sign-in", data={"email": STAFF, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        secret = re.search(r'name="secret" value="(\w+)"', client.get("/console/set-up").text)
        assert secret
        done = client.post("/console/set-up/app", data={"secret": secret[1], "code": pyotp.TOTP(secret[1]).now()})
        client.headers["Cookie"] = done.headers["set-cookie"].split(";")[0]
        return client


def all_signed(crowd: Crowd) -> None:
    """The whole walk of five hundred signers."""
    signers = [Signer(number) for number in range(500 * SCALE)]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(crowd.sign, signers)) == {303}
        crowd.collect(500 * SCALE)
        assert set(pool.map(crowd.confirm, [signer for signer in signers if signer.fate != "pending"])) == {200}
    rows = crowd.numbers(signers)
    acts = {"named": "approve", "withheld": "approve", "rejected": "reject"}
    with closing(crowd.moderator()) as moderator, ThreadPoolExecutor(4) as pool:
        assert SECRET[0] in moderator.get("/console").text

        def decide(signer: Signer) -> int:
            reason = {"reason": f"{REASON} {SECRET[1]} {signer.email}"}
            return moderator.post(f"/console/signatures/{rows[signer.number]}/{acts[signer.fate]}", data=reason).status_code

        assert set(pool.map(decide, [signer for signer in signers if signer.fate in acts])) == {303}


def published(reader: httpx.Client) -> None:
    """Wait for the publisher."""
    counts: dict[str, int] = {}
    for _ in range(200 * SCALE):
        counts = reader.get(f"/statements/{cast.SLUG}.json").json()["counts"]
        if counts["organisations"] == 200 * SCALE and counts["withheld"] == 75 * SCALE:
            return
        time.sleep(0.05)
    raise AssertionError(counts)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Crowd]:
    with serving(Post()) as post:
        production = {
            "UNDERSIGNED_ENV": "production",
            "UNDERSIGNED_BASE_URL": "https://sign.example",
            "UNDERSIGNED_SMTP_URL": plain(post),
            "UNDERSIGNED_UNDO_SECONDS": "0",
        }
        with prepared(tmp_path_factory.mktemp("secrecy") / "data", sqlite_template, **production) as server:
            server.start()
            with server.client() as client:
                crowd = Crowd(server, post, client)
                all_signed(crowd)
                published(client)
                yield crowd


def test_of_all_signers_only_the_public_names_are_in_any_file_and_on_any_face(crowd: Crowd) -> None:
    with crowd.server.client() as reader:
        faces = [
            reader.get(f"/statements/{cast.SLUG}{face}").text
            for face in ("", "/signatories", "/signatories.json", "/signatories.csv", "/feed.json", "/feed.atom")
        ]
        assert reader.get("/dev/mailbox").status_code == 404
    assert all(OPEN[0] in face and OPEN[1] in face for face in faces)
    assert [text for face in faces for text in (*SECRET, LOCAL, *DOMAINS) if text in face] == []
    assert hits(crowd.server.folder) == []
    assert any(OPEN[0].encode() in path.read_bytes() for path in crowd.server.folder.iterdir() if path.name.startswith("undersigned.sqlite3"))
    assert crowd.server.log.read_text() == ""


def test_after_the_server_has_stopped_its_folder_still_says_nothing_and_is_for_its_owner_alone(crowd: Crowd) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in crowd.server.folder.iterdir() if path.name.startswith("undersigned")}
    assert set(modes.values()) == {0o600}
    crowd.server.stop()
    assert hits(crowd.server.folder) == []
    assert stat.S_IMODE(crowd.server.folder.stat().st_mode) == 0o700
    database = opened(crowd.server.folder)
    with database.engine.connect() as connection:
        states = {row[0]: row[1] for row in connection.execute(sa.text("SELECT state, count(*) FROM signature GROUP BY state"))}
        left = connection.execute(sa.text("SELECT count(*) FROM outbox_mail WHERE state = 'sent' AND payload IS NOT NULL")).scalar_one()
    database.engine.dispose()
    assert (states, left) == ({"published": 275 * SCALE, "pending": 75 * SCALE, "confirmed": 75 * SCALE, "rejected": 75 * SCALE}, 0)


def test_the_search_itself_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "undersigned.sqlite3").write_bytes(b"")
    signer = Signer(1)
    told = [
        SECRET[1].encode("utf-16-le"),
        base64.b64encode(b"xy" + signer.form["mandate"].encode()),
        idna.encode(DOMAINS[1]),
        quote(SECRET[1]).encode(),
        signer.network.encode(),
    ]
    for one in told:
        (tmp_path / "server.log").write_bytes(b"..." + one + b"...")
        assert hits(tmp_path) != [], one


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], io.StringIO]]:
    """Everything that the application prints."""
    heard = io.StringIO()

    def listen() -> io.StringIO:
        monkeypatch.setattr(sys, "stderr", heard)
        monkeypatch.setattr(sys, "stdout", heard)
        configure_log()
        return heard

    yield listen
    monkeypatch.undo()
    configure_log()


@pytest.mark.parametrize("place", ["app.signatures.signing.mail_row", "app.signatures.signing.enqueue_all", "app.signatures.routes.Post"])
def test_a_breakdown_with_an_address_in_its_message_tells_nobody(
    site_on_sqlite: Site, said: Callable[[], io.StringIO], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    site_on_sqlite.publish()
    heard, form = said(), Signer(1).form

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError(f"cannot do this for {form}: {given} {named}")

    monkeypatch.setattr(place, broken)
    answer = site_on_sqlite.new_browser(Signer(1).network).post(SIGN, form)
    line = heard.getvalue()
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert ('"error": "RuntimeError"' in line, line.count("\n")) == (True, 1)
    secrets = (*SECRET, LOCAL, *DOMAINS, Signer(1).network, "cannot do this")
    assert [text for text in secrets if text in line or text in answer.text] == []
    assert site_on_sqlite.rows() == []


def test_a_breakdown_of_the_database_tells_nobody_what_was_to_be_written(site_on_sqlite: Site, said: Callable[[], io.StringIO]) -> None:
    site_on_sqlite.publish()
    heard = said()
    with site_on_sqlite.database.transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE mailed_link")
    answer = site_on_sqlite.new_browser(Signer(1).network).post(SIGN, Signer(1).form)
    line = heard.getvalue()
    assert (answer.status_code, '"error": "OperationalError"' in line) == (500, True)
    assert [text for text in (*SECRET, LOCAL, *DOMAINS, Signer(1).network, "INSERT") if text in line + answer.text] == []


def test_a_breakdown_is_told_to_programs_as_a_problem_without_details(
    site_on_sqlite: Site, said: Callable[[], io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    site_on_sqlite.publish()
    heard = said()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(LOCAL)

    monkeypatch.setattr("app.feeds.routes.queries.tally", broken)
    answer = site_on_sqlite.wait(site_on_sqlite.browser.client.get(f"/statements/{cast.SLUG}.json", headers={**FROM_HERE, "Accept": "application/json"}))
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert LOCAL not in answer.text + heard.getvalue()
