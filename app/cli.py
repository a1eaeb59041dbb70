"""The `undersigned` command. Thin: parses, opens a transaction, calls actions."""

import secrets
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from app.accounts import actions as accounts
from app.accounts import queries as account_queries
from app.accounts.models import Role
from app.audit.actions import record
from app.audit.queries import checked
from app.clock import utcnow
from app.db import Database
from app.demo import run_demo
from app.errors import DomainError
from app.i18n import valid_tag
from app.keys.actions import leave_no_trace
from app.keys.rotation import rotate
from app.migrations import migrate as run_migrations
from app.secretariat import actions as secretariat
from app.secretariat import shredding
from app.secretariat.exporting import Format
from app.secretariat.queries import plan
from app.serving import run_server, run_worker
from app.settings import get_settings
from app.statements import actions as statements
from app.statements import queries as statement_queries
from app.statements.source import load
from app.upkeep.schedule import kept, sweep
from app.writing import progress, write_list

cli = typer.Typer(add_completion=False, help="Publish joint statements, collect verified co-signatures, serve one living list.", pretty_exceptions_enable=False)
accounts_cli = typer.Typer(help="Accounts of moderators and administrators.")
cli.add_typer(accounts_cli, name="accounts")
audit_cli = typer.Typer(help="The record of what the staff did.")
cli.add_typer(audit_cli, name="audit")
keys_cli = typer.Typer(help="The keys to what a statement keeps in secret.")
cli.add_typer(keys_cli, name="keys")
_USAGE: type[Exception] = typer.BadParameter.__mro__[1]  # typer names only this child of its usage errors
_HOW = "command line"
"""What the record says of acts that no account did."""
out = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command; one line on error, exit 2 for bad input, 1 for failure."""
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    try:
        sys.exit(cli(standalone_mode=False))
    except typer.Abort:
        sys.exit(1)
    except _USAGE as error:
        sys.exit(_complain(str(error), 2))
    except (DomainError, ValidationError, ValueError) as error:
        sys.exit(_complain(_first_line(error), 2))
    except (SQLAlchemyError, OSError, RuntimeError) as error:
        sys.exit(_complain(f"{type(error).__name__}: {_first_line(error)}", 1))


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        name = ".".join(map(str, found["loc"]))
        name = name if name.isupper() else f"UNDERSIGNED_{name.upper() or 'ENV'}"
        return f"setting {name}: {found['msg']}".replace("Value error, ", "")
    return (str(error).splitlines() or [type(error).__name__])[0]


def _complain(line: str, code: int) -> int:
    print("undersigned:", "".join(c if c.isprintable() else "?" for c in " ".join(line.split())), file=sys.stderr)
    return code


def _database() -> Database:
    """The database, migrated on the embedded default."""
    database = Database(get_settings().database)
    if database.embedded:
        run_migrations(database)
    return database


@cli.command()
def serve(
    host: str = "127.0.0.1", port: int = 8000, workers: Annotated[int, typer.Option(help="Server processes; more than one needs PostgreSQL.")] = 1
) -> None:
    """Serve the site."""
    database = _database()
    if database.embedded and workers > 1:
        raise DomainError("SQLite means one server process; for more set DATABASE_URL to a PostgreSQL database")
    if not database.embedded:
        out.print("On PostgreSQL, `undersigned worker` sends the mail and publishes; let it run beside the server.")
    run_server(host, port, workers)


@cli.command()
def worker() -> None:
    """Publish, send mail and keep the retention schedule (the embedded database's server does this itself)."""
    run_worker(_database())


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    run_migrations(Database(get_settings().database))
    out.print("The database is up to date.")


@cli.command()
def demo(port: int = 8000) -> None:
    """Set up a try-out: the example appeal, a moderator, a mailbox, and a page elsewhere that embeds the list."""
    run_demo(_database(), port)


@cli.command()
def publish(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Statement files; translations NAME.LANG.md beside them are found.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Publish statements, or what changed outside their text."""
    sources = [load(path) for path in _originals(files)]
    slugs = [source.slug for source in sources]
    if len(set(slugs)) < len(slugs):
        raise DomainError("two of these files have the slug `%(slug)s`", slug=max(slugs, key=slugs.count))
    database = _database()
    with database.reading() as session:
        plans = {source.slug: plan(session, source, utcnow()) for source in sources}
    for source in sources:
        out.print(f"[b]{source.slug}[/b]")
        for step in [str(step) for step in plans[source.slug]] or ["nothing to change"]:
            out.print(f"  {step}", markup=False)
    if dry_run or not any(plans.values()):
        return
    if not yes and sys.stdin.isatty():
        typer.confirm("Publish?", abort=True)
    for source in sources:
        with database.transaction() as session:
            record(session, "publish-statement", utcnow(), None, secretariat.publish(session, source, utcnow()).id, how=_HOW)
    out.print("Published.")


def _originals(files: list[Path]) -> list[Path]:
    """The statement files among `files`, each once: a translation stands for its original."""
    found: dict[Path, None] = {}
    for path in files:
        base, dot, code = path.stem.rpartition(".")
        original = path.with_name(f"{base}.md")
        found[original if dot and valid_tag(code) and original.exists() else path] = None
    return list(found)


@cli.command()
def close(slug: str, at: Annotated[str, typer.Option(help="A moment with a zone, such as `2026-12-15 18:00 Europe/Minsk`; now when left out.")] = "") -> None:
    """Close a statement: it takes no more signatures."""
    moment = _moment(at) if at else utcnow()
    with _database().transaction() as session:
        closed = statements.close(session, slug, moment, utcnow())
        record(session, "close-statement", utcnow(), None, closed.id, how=_HOW)
        ends = closed.ends_at()
    out.print(f"{slug} closes at {ends.isoformat(timespec='minutes')}." if ends and ends > utcnow() else f"{slug} is closed.")


@cli.command()
def unpublish(slug: str, reason: Annotated[str, typer.Option(help="The reason; the page shows it.")]) -> None:
    """Take a statement down; its address then shows the reason."""
    if not reason.strip():
        raise DomainError("--reason must not be empty")
    with _database().transaction() as session:
        record(session, "take-down", utcnow(), None, statements.unpublish(session, slug, reason.strip()[:500], utcnow()).id, how=_HOW)
    out.print(f"{slug} was taken down.")


def _moment(text: str) -> datetime:
    day, _, zone = text.strip().rpartition(" ")
    try:
        return datetime.strptime(day, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise DomainError("--at must be a moment with a zone, such as `2026-12-15 18:00 Europe/Minsk`") from None


@cli.command()
def retention(dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due, erase nothing.")] = False) -> None:
    """Erase what the retention schedule no longer allows (the worker does it every ten minutes)."""
    database = _database()
    with database.reading() as session:
        for one in kept(session, utcnow()):
            out.print(f"{one.rule.what}: {one.rule.keep}; {one.rows:,} kept, {one.due:,} due", markup=False)
    if not dry_run:
        out.print(f"{sweep(database, utcnow()):,} erased.")


@cli.command()
def export(
    slug: str,
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file; standard output without it.")] = None,
) -> None:
    """Write the public list of a statement: what everybody can read, and nothing else."""
    with _database().reading() as session:
        write_list(session, statement_queries.get(session, slug), form, output, out)


@accounts_cli.command("create")
def create_account(
    email: str,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
) -> None:
    """Create an account."""
    if generate == password_stdin:
        raise DomainError("choose one of --generate and --password-stdin")
    password = secrets.token_urlsafe(15) if generate else sys.stdin.readline().rstrip("\n")
    with _database().transaction() as session:
        accounts.create(session, email, role, password, utcnow())
    out.print(f"Created {email} ({role.value}).", markup=False)
    if generate:
        out.print(f"Password: {password}", markup=False)


@accounts_cli.command("list")
def list_accounts() -> None:
    """List the accounts."""
    with _database().reading() as session:
        for account in account_queries.everyone(session):
            print(account.email, account.role.value if account.role else "–", "disabled" if account.disabled_at else "active", sep="\t")


@accounts_cli.command("disable")
def disable_account(email: str) -> None:
    """Close an account and its sessions."""
    with _database().transaction() as session:
        accounts.disable(session, account_queries.by_email(session, email), None, utcnow())
    out.print(f"Disabled {email}.", markup=False)


@audit_cli.command("verify")
def verify_record() -> None:
    """Look for entries of the record that were changed, put elsewhere or cut off."""
    with _database().reading() as session:
        head, wrong = checked(session)
    if wrong:
        raise RuntimeError(f"the record was changed: {len(wrong):,} entries are not what they were, from {wrong[0]:,} on")
    out.print(f"The record is whole: entries {head.after + 1:,} to {head.number:,}." if head.number else "The record is empty.")


@keys_cli.command("rotate")
def rotate_keys(slug: str) -> None:
    """Give a statement new keys and seal its private data anew while the site runs. Run it again after an interruption."""
    database = _database()
    with database.reading() as session:
        statement_id = statement_queries.get(session, slug).id
    with progress(out, "sealed anew") as tell:
        done = rotate(database, statement_id, utcnow(), tell)
    out.print(f"{slug}: key {done.number} is the current one, {done.rows:,} rows were sealed anew.")
    if done.broken:
        out.print(f"{done.broken:,} rows do not open; they and the key that sealed them stay as they are.")
    if done.kept:
        out.print(f"Older keys that are needed still, to recognise signers whose address is erased: {', '.join(map(str, done.kept))}.")
    _leave_no_trace(database)


@keys_cli.command("shred")
def shred_keys(slug: str, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Destroy the keys of a statement that is closed or taken down: what its signers typed is gone, the public list stays."""
    database = _database()
    with database.reading() as session:
        signatures, mails = shredding.lost(session, slug)
    if not yes:
        out.print("What signers typed, their addresses and the moderators' words will be unreadable for ever. The public list stays.")
        out.print(f"Undecided signatures that will be lost: {signatures:,}; mails that will not be sent: {mails:,}.")
        out.print("To destroy the keys type the slug again: ", end="")
        if sys.stdin.readline().strip() != slug:
            raise DomainError("this is not the slug; nothing was destroyed")
    with database.transaction() as session:
        shredding.shred(session, slug, utcnow())
    out.print(f"The keys of {slug} are destroyed.")
    _leave_no_trace(database)


def _leave_no_trace(database: Database) -> None:
    if not leave_no_trace(database):
        raise RuntimeError("readers are in the way, so the database's files may still hold the destroyed keys; run this again")


if __name__ == "__main__":
    main()
