"""The command line: help everywhere, one line on error, 2 for bad input, 1 for failure."""

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from app.accounts.models import Account, Role, StaffSession
from app.audit.models import Entry
from tests import cast
from tests.site import PASSWORD, Site
from tests.statements.command import Said, process, undersigned

EMAIL = "editor@site.example"
COMMANDS = [
    "serve",
    "worker",
    "migrate",
    "demo",
    "publish",
    "close",
    "unpublish",
    "accounts",
    "accounts create",
    "accounts list",
    "accounts disable",
    "keys",
    "keys rotate",
    "keys shred",
    "retention",
    "export",
]
TRY = {"UNDERSIGNED_ENV": "development"}
SAFE = {"UNDERSIGNED_ENV": "production", "UNDERSIGNED_BASE_URL": "https://sign.example", "UNDERSIGNED_SMTP_URL": "smtp://mail.example:587"}
NOBODY = "postgresql://undersigned:river-secret@127.0.0.1:9/undersigned"


def run(site: Site, *words: str, typed: str = "") -> Said:
    return undersigned(*words, url=site.database.engine.url.render_as_string(hide_password=False), typed=typed)


def accounts(site: Site) -> list[tuple[str, Role | None, bool]]:
    with Session(site.database.engine) as session:
        return [(account.email, account.role, account.disabled_at is not None) for account in session.exec(select(Account).order_by(col(Account.email)))]


def sessions(site: Site) -> int:
    with Session(site.database.engine) as session:
        return len(session.exec(select(StaffSession)).all())


# Help


@pytest.mark.parametrize("words", ["", *COMMANDS])
def test_help_is_everywhere(words: str) -> None:
    said = undersigned(*words.split(), "--help", url="")
    assert (said.code, said.err) == (0, "")
    assert "Usage: " in said.out
    assert len(said.out.splitlines()) > 5


def test_help_names_every_command() -> None:
    said = undersigned("--help", url="")
    assert [name for name in COMMANDS if name.split()[0] not in said.out] == []


def test_help_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSIGNED_ENV", "production")
    assert undersigned("publish", "--help", url="").code == 0
    assert undersigned("accounts", "list", url="").code == 2


# Bad words


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "publish",
        "publish --nonsense file.md",
        "close",
        "unpublish open-archives",
        "serve --port river",
        "serve --workers many",
        "accounts create",
        f"accounts create {EMAIL}",
        f"accounts create {EMAIL} --role king --generate",
        "accounts disable",
        "accounts nonsense",
    ],
)
def test_words_the_command_does_not_know_give_one_line_and_2(site_on_sqlite: Site, words: str) -> None:
    said = run(site_on_sqlite, *words.split())
    assert (said.code, said.out) == (2, "")
    assert said.complaint.startswith("undersigned: ")
    assert accounts(site_on_sqlite) == []


# Accounts


def test_an_account_with_a_generated_password_signs_in(site: Site) -> None:
    said = run(site, "accounts", "create", EMAIL, "--role", "moderator", "--generate")
    assert (said.code, said.err) == (0, "")
    password = said.out.split("Password: ")[1].strip()
    assert len(password) >= 20
    assert accounts(site) == [(EMAIL, Role.MODERATOR, False)]
    answer = site.new_browser().post("/console/sign-in", {"email": EMAIL, "password": password})
    assert (answer.status_code, sessions(site)) == (303, 1)


def test_an_account_with_a_password_from_standard_input_signs_in_and_nothing_repeats_the_password(site_on_sqlite: Site) -> None:
    said = run(site_on_sqlite, "accounts", "create", EMAIL, "--role", "editor", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (said.code, said.out, said.err) == (0, f"Created {EMAIL} (editor).\n", "")
    assert site_on_sqlite.new_browser().post("/console/sign-in", {"email": EMAIL, "password": PASSWORD}).status_code == 303


def test_two_generated_passwords_differ(site_on_sqlite: Site) -> None:
    said = [run(site_on_sqlite, "accounts", "create", f"{name}@site.example", "--role", "viewer", "--generate").out for name in ("one", "two")]
    assert len({out.split("Password: ")[1] for out in said}) == 2


def test_every_role_can_be_given_and_the_list_shows_it(site_on_sqlite: Site) -> None:
    for role in Role:
        assert run(site_on_sqlite, "accounts", "create", f"{role}@site.example", "--role", role, "--generate").code == 0
    listed = run(site_on_sqlite, "accounts", "list")
    assert (listed.code, listed.err) == (0, "")
    assert sorted(line.split() for line in listed.out.splitlines()) == sorted([f"{role}@site.example", role, "active"] for role in Role)


def test_a_disabled_account_is_listed_so_loses_its_sessions_and_signs_in_no_more(site: Site) -> None:
    browser = site.moderator(EMAIL)
    assert (browser.get("/console").status_code, sessions(site)) == (200, 1)
    assert run(site, "accounts", "disable", EMAIL.upper()).code == 0
    assert run(site, "accounts", "list").out.split() == [EMAIL, "moderator", "disabled"]
    assert sessions(site) == 0
    assert browser.get("/console").status_code == 303
    assert site.new_browser().post("/console/sign-in", {"email": EMAIL, "password": PASSWORD}).status_code != 303


REFUSED = {
    "a short password": (("create", EMAIL, "--role", "viewer", "--password-stdin"), "short\n", "12 characters"),
    "no password at all": (("create", EMAIL, "--role", "viewer", "--password-stdin"), "", "12 characters"),
    "neither way to a password": (("create", EMAIL, "--role", "viewer"), "", "--generate"),
    "both ways to a password": (("create", EMAIL, "--role", "viewer", "--generate", "--password-stdin"), f"{PASSWORD}\n", "--generate"),
    "an address that is none": (("create", "nobody", "--role", "viewer", "--generate"), "", "e-mail address"),
    "an unknown role": (("create", EMAIL, "--role", "king", "--generate"), "", "king"),
    "disabling nobody": (("disable", "nobody@site.example"), "", "no account"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_account_is_refused_with_one_line_and_2(site_on_sqlite: Site, what: str) -> None:
    words, typed, word = REFUSED[what]
    said = run(site_on_sqlite, "accounts", *words, typed=typed)
    assert (said.code, said.out) == (2, "")
    assert word in said.complaint
    assert accounts(site_on_sqlite) == []


@pytest.mark.parametrize("again", [EMAIL, EMAIL.upper(), f" {EMAIL} "])
def test_a_second_account_with_an_address_is_refused(site: Site, again: str) -> None:
    run(site, "accounts", "create", EMAIL, "--role", "viewer", "--generate")
    said = run(site, "accounts", "create", again, "--role", "administrator", "--generate")
    assert (said.code, said.out, "already" in said.complaint) == (2, "", True)
    assert accounts(site) == [(EMAIL, Role.VIEWER, False)]


# Files


def test_a_missing_file_is_one_line_and_2(site_on_sqlite: Site, tmp_path: Path) -> None:
    said = run(site_on_sqlite, "publish", str(tmp_path / "nothing.md"))
    assert (said.code, said.out) == (2, "")
    assert "nothing.md:1: cannot be read" in said.complaint


def test_a_missing_file_beside_a_whole_one_publishes_neither(site_on_sqlite: Site, tmp_path: Path) -> None:
    (tmp_path / "whole.md").write_text(cast.statement(), encoding="utf-8")
    assert run(site_on_sqlite, "publish", str(tmp_path / "whole.md"), str(tmp_path / "nothing.md"), "--yes").code == 2
    assert site_on_sqlite.browser.get(f"/statements/{cast.SLUG}").status_code == 404


def test_a_folder_is_no_file(site_on_sqlite: Site, tmp_path: Path) -> None:
    said = run(site_on_sqlite, "publish", str(tmp_path))
    assert (said.code, "cannot be read" in said.complaint) == (2, True)


# The process itself


@pytest.mark.parametrize(
    ("words", "environment", "word"),
    [
        (("serve", "--port", "0"), {}, "UNDERSIGNED_SMTP_URL"),
        (("serve", "--port", "0", "--workers", "2"), TRY, "PostgreSQL"),
    ],
    ids=["production without SMTP", "two workers on SQLite"],
)
def test_what_is_not_safe_does_not_start(tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], word: str) -> None:
    ended = process(*words, folder=tmp_path, **environment)
    assert (ended.code, ended.out) == (2, "")
    assert ended.complaint.startswith("undersigned: ")
    assert word in ended.complaint


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({**SAFE, "UNDERSIGNED_SMTP_URL": ""}, "UNDERSIGNED_SMTP_URL"),
        ({**SAFE, "UNDERSIGNED_BASE_URL": "http://sign.example"}, "https"),
        ({**SAFE, "UNDERSIGNED_SMTP_URL": "smtp://mail.example:25?tls=off"}, "tls=off"),
        ({**TRY, "UNDERSIGNED_BASE_URL": "sign.example"}, "BASE_URL"),
        ({**TRY, "UNDERSIGNED_TRUSTED_PROXIES": "everybody"}, "TRUSTED_PROXIES"),
        ({"UNDERSIGNED_ENV": "staging"}, "UNDERSIGNED_ENV"),
        ({**TRY, "DATABASE_URL": "somewhere"}, "DATABASE_URL"),
        ({**TRY, "DATABASE_URL": "mysql://river-secret@127.0.0.1/undersigned"}, "DATABASE_URL"),
    ],
    ids=[
        "no SMTP",
        "no https",
        "tls off elsewhere",
        "address without scheme",
        "proxies",
        "unknown environment",
        "no database address",
        "a database we do not speak",
    ],
)
def test_a_setting_that_cannot_be_gives_one_line_that_names_it_and_2(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], word: str) -> None:
    for name in ("UNDERSIGNED_TRUSTED_PROXIES", "UNDERSIGNED_ENV"):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = undersigned("accounts", "list", url=environment.get("DATABASE_URL", ""))
    assert (said.code, said.out) == (2, "")
    assert word.lower() in said.complaint.lower()
    assert "river-secret" not in said.err


@pytest.mark.parametrize("words", ["accounts list", "migrate", f"close {cast.SLUG}"])
def test_a_database_out_of_reach_is_one_line_without_its_password_and_1(words: str) -> None:
    said = undersigned(*words.split(), url=NOBODY)
    assert (said.code, said.out) == (1, "")
    assert said.complaint.startswith("undersigned: ")
    assert "river-secret" not in said.err


def test_the_process_says_it_too(tmp_path: Path) -> None:
    ended = process("accounts", "list", folder=tmp_path, DATABASE_URL=NOBODY, **TRY)
    assert (ended.code, ended.out) == (1, "")
    assert "river-secret" not in ended.complaint


def test_a_new_installation_makes_its_folder_database_and_key_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (tmp_path / "whole.md").write_text(cast.statement(front=cast.FIRST), encoding="utf-8")
    ended = process("publish", str(tmp_path / "whole.md"), "--yes", folder=folder, **TRY)
    assert (ended.code, ended.err) == (0, "")
    rights = {path.name: oct(path.stat().st_mode & 0o777) for path in (folder, folder / "undersigned.sqlite3", folder / "root.key")}
    assert rights == {"data": "0o700", "undersigned.sqlite3": "0o600", "root.key": "0o600"}


def test_a_broken_root_key_is_one_line_that_names_the_file(site_on_sqlite: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, file = tmp_path / "root.key", tmp_path / "whole.md"
    key.write_text("not a key\n", encoding="utf-8")
    file.write_text(cast.statement(), encoding="utf-8")
    monkeypatch.setenv("UNDERSIGNED_KEY_FILE", str(key))
    said = run(site_on_sqlite, "publish", str(file), "--yes")
    assert said.code == 2
    assert "root.key" in said.complaint
    assert site_on_sqlite.browser.get(f"/statements/{cast.SLUG}").status_code == 404


def test_migrate_can_be_run_again(site: Site) -> None:
    said = [run(site, "migrate") for _ in range(2)]
    assert [(one.code, one.out, one.err) for one in said] == [(0, "The database is up to date.\n", "")] * 2


def test_what_the_command_line_does_to_a_statement_is_in_the_record(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "statement.md"
    file.write_text(cast.statement())
    for words in (("publish", str(file), "--yes"), ("close", cast.SLUG), ("unpublish", cast.SLUG, "--reason", "A mistake.")):
        assert run(site, *words).code == 0
    with site.database.reading() as session:
        found = session.exec(select(Entry.act, Entry.account_id, Entry.detail).order_by(col(Entry.number))).all()
    assert found == [(act, None, '{"how": "command line"}') for act in ("publish-statement", "close-statement", "take-down")]
    assert run(site, "audit", "verify").code == 0
