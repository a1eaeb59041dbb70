"""What several tests do: many requests at once, many signers at once, another hour of the day."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import Session, SQLModel, col, select

from app.accounts.actions import open_session
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.keys.queries import keyring
from app.outbox.models import Mail
from app.settings import get_settings
from app.signatures.admission import Admission
from app.signatures.forms import SignForm
from app.signatures.models import Signature
from app.signatures.signing import Post, sign_all
from app.statements.models import Statement
from app.statements.queries import get
from app.tokens import new_token
from tests import cast
from tests.site import ORIGIN, Browser, Site

SAME_ORIGIN = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
PENDING, SESSION = "undersigned-pending", "undersigned-session"
SIGN = f"/statements/{cast.SLUG}/sign"
_CLOCKS = (
    "signatures.routes",
    "signatures.intake",
    "statements.deps",
    "outbox.worker",
    "publication.publisher",
    "accounts.deps",
    "accounts.console",
    "accounts.own",
    "moderation.console",
    "moderation.bulk",
    "moderation.deciding",
    "secretariat.people",
    "secretariat.record",
    "secretariat.writing",
    "secretariat.translating",
    "secretariat.life",
    "secretariat.hooks",
    "secretariat.previews",
    "secretariat.export",
    "secretariat.sheets",
    "secretariat.organisations",
    "secretariat.collecting",
    "jobs",
)


@dataclass(frozen=True)
class Link:
    """What one signer got: the link's path and the code by mail, the secret as a cookie."""

    email: str
    path: str
    code: str
    secret: str


def together(site: Site, requests: Iterable[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    """Send requests at the same moment; routes run in threads."""

    async def send() -> list[httpx.Response]:
        return list(await asyncio.gather(*requests))

    answers: list[httpx.Response] = site.wait(send())
    return answers


def posting(browser: Browser, path: str, data: dict[str, str]) -> Awaitable[httpx.Response]:
    """A form to be sent by `together`."""
    return browser.client.post(path, data=data, headers=SAME_ORIGIN)


def move_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """From now on the application's clock is fast by this much."""
    for module in _CLOCKS:
        monkeypatch.setattr(f"app.{module}.utcnow", lambda: utcnow() + by)


def use_smtp(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Mail goes to this server instead of the development mailbox."""
    monkeypatch.setattr(get_settings(), "smtp_url", SecretStr(url))


def title(page: httpx.Response) -> str:
    """What stands in the window's title."""
    found = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    return unescape(found[1]).strip() if found else ""


def problem(page: httpx.Response, field: str) -> str:
    """The sentence beside a field, or nothing."""
    found = re.search(rf'<p class="problem" id="{field}-problem">(.*?)</p>', page.text)
    return unescape(found[1]) if found else ""


def masked(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an answer; of a cookie's value only the length."""
    headers = [(name, re.sub(rf"({PENDING}=)([^;]*)", lambda found: f"{found[1]}{len(found[2])}", value)) for name, value in answer.headers.multi_items()]
    return answer.status_code, headers, answer.content


def mails(site: Site, name: str | None = None) -> list[Mail]:
    """The rows of the outbox, oldest first; nothing is sent by looking."""
    with Session(site.database.engine) as session:
        rows = session.exec(select(Mail).order_by(col(Mail.created_at))).all()
        return [row for row in rows if name in {None, row.name}]


def stored(site: Site, table: type[SQLModel]) -> int:
    """How many rows a table has."""
    with site.database.reading() as session:
        return len(session.exec(select(table)).all())


def the_statement(site: Site, slug: str = cast.SLUG) -> Statement:
    """The published statement's row."""
    with site.database.reading() as session:
        return get(session, slug)


def change(site: Site, email: str, act: Callable[[Signature], None] | None = None, slug: str = cast.SLUG, **columns: object) -> None:
    """Do something to the newest signature of an address, in the database."""
    with site.database.transaction() as session:
        ring = keyring(session, get(session, slug).id)
        rows = session.exec(select(Signature).where(Signature.address_index == ring.index(email)).order_by(col(Signature.created_at)))
        row = list(rows)[-1]
        if act:
            act(row)
        for column, value in columns.items():
            setattr(row, column, value)


def sign_many(site: Site, people: Iterable[dict[str, str]], slug: str = cast.SLUG, now: datetime | None = None) -> list[Link]:
    """Many people sign in one transaction; their mail waits in the outbox. Addresses must be new."""
    forms = [SignForm.model_validate(typed) for typed in people]
    made = [new_token() for _ in forms]
    secrets = {form.email: secret for form, (secret, _) in zip(forms, made, strict=True)}
    with site.database.transaction() as session:
        statement = get(session, slug)
        posts = [Post(statement.id, form, "en", hashed, Admission()) for form, (_, hashed) in zip(forms, made, strict=True)]
        assert set(sign_all(session, posts, now or utcnow())) <= {None}
    with site.database.reading() as session:
        ring = keyring(session, statement.id)
        rows = session.exec(select(Mail).where(Mail.name == "confirm", Mail.statement_id == statement.id))
        payloads = [json.loads(ring.open(mail.payload or b"", mail.place("payload"))) for mail in rows]
    asked = {payload["to"]: payload["context"] for payload in payloads}
    return [Link(to, f"/confirm/{asked[to]['token']}", asked[to]["code"].replace(" ", ""), secret) for to, secret in secrets.items()]


def staff(site: Site, role: Role = Role.MODERATOR, email: str = "moderator@site.example") -> Browser:
    """A signed-in browser, without the cost of a password."""
    browser = site.new_browser("198.51.100.4")
    with site.database.transaction() as session:
        account = Account(email=email, role=role, password_hash="none", created_at=utcnow())
        session.add(account)
        session.flush()
        browser.client.cookies.set(SESSION, open_session(session, account, utcnow(), proven=True), domain="localhost.local", path="/")
    return browser
