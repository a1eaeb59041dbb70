"""The try-out: the example appeal, a moderator, a mailbox, and a page of another site that embeds the list."""

import secrets
import socket
import threading

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app.accounts import actions as accounts
from app.accounts.models import Role
from app.accounts.queries import everyone
from app.clock import utcnow
from app.db import Database
from app.errors import DomainError
from app.secretariat import actions as secretariat
from app.serving import run_server
from app.settings import ROOT, get_settings
from app.statements.source import load

MODERATOR = "moderator@demo.example"
EXAMPLE = ROOT / "examples" / "appeal.md"
_ELSEWHERE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A page of another site</title></head>
<body style="font: 1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem">
<h1>A page of another site</h1>
<p>This page comes from {host}, another origin than the statement. It carries the statement's living list twice:
as a small element, and as a frame for sites that allow no scripts.</p>
<h2>The element</h2>
<undersigned-signatories statement="{statement}"><a href="{statement}">The statement and its signatories</a></undersigned-signatories>
<script type="module" src="{base}/widget.js"></script>
<h2>The frame</h2>
<iframe src="{base}/embed/{slug}" title="Signatories" style="width: 100%; height: 30rem; border: 1px solid #ccc"></iframe>
</body></html>"""


def run_demo(database: Database, port: int) -> None:
    """Set everything up, say what to open, serve until Ctrl-C. Running it again keeps what is there."""
    settings, say = get_settings(), Console(highlight=False, soft_wrap=True)
    if not settings.development:
        raise DomainError("the demo needs UNDERSIGNED_ENV=development (make demo sets it)")
    port = free_port(port)
    other = free_port(port + 1)
    settings.base_url = f"http://localhost:{port}"
    source = load(EXAMPLE)
    say.print(f"Publishing the example appeal as /statements/{source.slug} …")
    with database.transaction() as session:
        secretariat.publish(session, source, utcnow())
    password = fresh_password(database, MODERATOR)
    _serve_elsewhere(other, source.slug)
    statement = f"{settings.base_url}/statements/{source.slug}"
    say.print("\nOpen (Ctrl-C ends the demo):", style="bold")
    for what, where in (
        ("The statement", statement),
        ("The same in Belarusian", statement.replace("/statements/", "/be/statements/")),
        ("The mailbox: every mail that would be sent", f"{settings.base_url}/dev/mailbox"),
        ("A page of another origin that embeds the list", f"http://127.0.0.1:{other}/"),
        ("The console, for moderators", f"{settings.base_url}/console"),
        ("   e-mail", MODERATOR),
        ("   password", password),
    ):
        say.print(f"  {what:<47} {where}", markup=False)
    say.print()
    run_server("127.0.0.1", port, 1)


def fresh_password(database: Database, email: str) -> str:
    """The moderator's account with a new password, which is returned."""
    password = secrets.token_urlsafe(9)
    with database.transaction() as session:
        known = next((account for account in everyone(session) if account.email == email), None)
        if known:
            accounts.set_password(known, password)
        else:
            accounts.create(session, email, Role.ADMINISTRATOR, password, utcnow())
    return password


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DomainError("no free port near %(port)s", port=wanted)


def _serve_elsewhere(port: int, slug: str) -> None:
    base = get_settings().base_url

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(_ELSEWHERE.format(host=f"127.0.0.1:{port}", statement=f"{base}/statements/{slug}", base=base, slug=slug))

    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Route("/", page)]), host="127.0.0.1", port=port, log_level="warning", access_log=False))
    threading.Thread(target=server.run, daemon=True).start()
