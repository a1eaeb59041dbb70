"""The application under test: a client without a window, its mail, its jobs."""

import asyncio
import re
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from sqlmodel import Session, col, select

from app.accounts.actions import create
from app.accounts.models import Role
from app.clock import utcnow
from app.db import Database
from app.main import create_app
from app.moderation.deciding import effect_due
from app.outbox.models import Mail
from app.outbox.queries import Letter, letter
from app.outbox.worker import deliver_due
from app.publication.publisher import publish_due
from app.secretariat.actions import publish
from app.signatures.models import Signature
from app.statements.source import load
from tests import cast

AnswerT = TypeVar("AnswerT")
ORIGIN = "http://localhost:8000"
PASSWORD = "correct horse battery staple"


@dataclass
class Form:
    """A form found in a page."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append(Form(given.get("action") or "", (given.get("method") or "get").lower()))
        elif not self.forms:
            return
        elif tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self.forms[-1].values[name] = given.get("value") or ""
        elif tag == "button":
            self.forms[-1].buttons.append((name, given.get("value") or ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].values[self._select] = given.get("value") or ""


def forms(page: httpx.Response) -> list[Form]:
    """Every form of a page, as a browser would send it untouched."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


class Browser:
    """One person's browser: keeps cookies, sends what browsers send, follows no redirect by itself."""

    def __init__(self, site: "Site", network: str) -> None:
        self._site = site
        headers = {"Accept": "text/html,application/xhtml+xml", "X-Forwarded-For": network}
        transport = httpx.ASGITransport(site.app, raise_app_exceptions=False, client=("127.0.0.1", 4000))
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self._site.wait(self.client.get(url, **options))

    def head(self, url: str) -> httpx.Response:
        return self._site.wait(self.client.head(url))

    def post(self, url: str, data: Mapping[str, str] | None = None, **options: Any) -> httpx.Response:
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}
        return self._site.wait(self.client.post(url, data=data, headers=headers, **options))

    def submit(self, page: httpx.Response, /, number: int = -1, press: str | None = None, **typed: str) -> httpx.Response:
        """Fill the form found in a page and send it; `press` is the value of the button."""
        form = [found for found in forms(page) if found.method == "post"][number]
        name, value = next(((n, v) for n, v in form.buttons if v == press), ("", ""))
        return self.post(form.action, {**form.values, **typed, **({name: value} if name else {})})


class Site:
    """Everything a test needs; use as a context manager."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self._loop = asyncio.new_event_loop()
        self.app = create_app(database, jobs=False)
        self.browser = self.new_browser()
        self._browsers = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def wait(self, answer: Coroutine[Any, Any, AnswerT]) -> AnswerT:
        return self._loop.run_until_complete(answer)

    def new_browser(self, network: str = "203.0.113.7") -> Browser:
        return Browser(self, network)

    def publish(self, text: str | None = None, **translations: str) -> str:
        """Publish a statement file (the cast's own by default); its slug."""
        path = self.folder / "statement.md"
        path.write_text(text or cast.statement(), encoding="utf-8")
        for code, other in translations.items():
            (self.folder / f"statement.{code}.md").write_text(other, encoding="utf-8")
        source = load(path)
        with self.database.transaction() as session:
            publish(session, source, utcnow())
        return source.slug

    def work(self) -> None:
        """Run the jobs that users wait for, until nothing is left."""
        while effect_due(self.database) or publish_due(self.database) or deliver_due(self.database):
            pass

    def letters(self, to: str | None = None) -> list[Letter]:
        """The mails of the development mailbox, oldest first."""
        self.work()
        with self.database.reading() as session:
            kept = session.exec(select(Mail).where(col(Mail.payload).is_not(None)).order_by(col(Mail.created_at))).all()
            found = [letter(session, mail.id) for mail in kept]
        return [one for one in found if to is None or one.to == to]

    def link_and_code(self, to: str) -> tuple[str, str]:
        """The confirmation link (its path) and the code of the newest mail to an address."""
        text = self.letters(to)[-1].part("plain")
        link, code = re.search(r"http\S+/confirm/\S+", text), re.search(r"\b(\d{3}) (\d{3})\b", text)
        assert link
        assert code
        return link.group().removeprefix(ORIGIN), code[1] + code[2]

    def signed(self, slug: str = cast.SLUG, browser: Browser | None = None, **changes: str) -> str:
        """Sign and confirm in one browser; the signature then waits for a moderator. Returns the address."""
        browser = browser or self.new_browser()
        form = cast.individual(**changes) if changes.get("kind") == "individual" else cast.organisation(**changes)
        assert browser.post(f"/statements/{slug}/sign", form).status_code == 303
        link, _ = self.link_and_code(form["email"])
        answer = browser.submit(browser.get(link), press="confirm")
        assert answer.status_code == 200, answer.text
        return form["email"]

    def moderator(self, email: str = "moderator@site.example", role: Role = Role.MODERATOR) -> Browser:
        """A signed-in moderator's browser."""
        with self.database.transaction() as session:
            create(session, email, role, PASSWORD, utcnow())
        browser = self.new_browser("198.51.100.4")
        assert browser.post("/console/sign-in", {"email": email, "password": PASSWORD}).status_code == 303
        return browser

    def approve_all(self, moderator: Browser) -> None:
        """Approve everything in the queue, and publish it."""
        while 'class="go"' in (page := moderator.get("/console")).text:
            action = next(form.action for form in forms(page) if form.action.endswith("/approve"))
            assert moderator.post(action).status_code == 303
        self.work()

    def rows(self) -> list[Signature]:
        """Every signature."""
        with Session(self.database.engine) as session:
            return list(session.exec(select(Signature).order_by(col(Signature.created_at), col(Signature.position))))
