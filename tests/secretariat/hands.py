"""What somebody does who writes statements."""

import re
from html.parser import HTMLParser

import httpx
from sqlmodel import select

from app.accounts.models import Role
from app.secretariat.models import Draft
from app.statements.written import Typed, as_typed
from tests import cast
from tests.signatures.hands import staff
from tests.site import Browser, Site

WRITE = "/console/drafts"


def writer(site: Site, email: str = "writer@site.example") -> Browser:
    """An editor of all statements, who proved it just now."""
    return staff(site, Role.EDITOR, email)


def begun(browser: Browser) -> str:
    """A new draft; its address."""
    answer = browser.post(WRITE)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def drafted(browser: Browser, text: str | None = None, **changes: str) -> str:
    """A draft in which this statement file was typed field by field."""
    at = begun(browser)
    answer = saved(browser, at, {**as_typed(text or cast.statement()), **changes})
    assert answer.status_code == 303, answer.text
    return at


def saved(browser: Browser, at: str, typed: Typed, act: str = "save", version: str = "") -> httpx.Response:
    """Send the editor's form."""
    return browser.post(at, {"version": version or version_at(browser, at), "act": act, **typed})


def version_at(browser: Browser, at: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.get(at).text)
    assert found
    return found[1]


def published(browser: Browser, at: str) -> httpx.Response:
    """Look at the plan, and press the button."""
    page = browser.get(f"{at}/publish")
    mark = re.search(r'name="mark" value="(\w+)"', page.text)
    assert mark, page.text
    return browser.post(f"{at}/publish", {"mark": mark[1]})


def drafts(site: Site) -> list[Draft]:
    with site.database.reading() as session:
        return list(session.exec(select(Draft)))


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._open = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.found[name] = given.get("value") or ""
        elif tag == "textarea":
            self._open, self.found[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.found[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[self._open] += data


def fields(page: httpx.Response) -> dict[str, str]:
    """What stands in the fields of the editor's form."""
    parser = _Fields()
    parser.feed(page.text.split("data-editor")[1].split("</form>")[0])
    return parser.found
