"""A statement written in a browser, with scripts and without: field by field, previewed, published, exported."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.accounts.actions import create
from app.accounts.models import Role
from app.clock import utcnow
from app.statements.source import Paper, build
from tests.browser.acts import window
from tests.browser.live import MODERATOR, PASSWORD, SESSION, Live, running
from tests.statements.seed import Appeal, parse

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with running(tmp_path_factory.mktemp("editor")) as live:
        with live.database.transaction() as session:
            create(session, MODERATOR, Role.EDITOR, PASSWORD, utcnow())
        yield live


def come(page: Page, site: Live) -> None:
    page.context.add_cookies([{"name": SESSION, "value": site.staff()[SESSION], "url": site.base}])
    page.goto(f"{site.base}/console")
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_role("button", name="Begin a new statement").click()


def put(page: Page, name: str, value: str) -> None:
    page.locator(f'[name="{name}"]').first.fill(value)


def add(page: Page, what: str, group: str, members: list[dict[str, str]]) -> None:
    for number, member in enumerate(members, 1):
        page.get_by_role("button", name=what).click()
        for key, value in member.items():
            put(page, f"{group}.{number}.{key}", value)


def write(page: Page, appeal: Appeal, slug: str) -> None:
    """Type the appeal into the fields, in the order of the page."""
    for name, value in {"title": appeal.title, "summary": appeal.lede, "body": appeal.body, "slug": slug, "language": "en"}.items():
        put(page, name, value)
    signatories = [{"name": one.name, "role": one.role, "organisation": one.organisation} for one in appeal.signatories]
    add(page, "Add a first signatory", "first_signatories", [*signatories[1:], signatories[0]])
    for place in range(len(signatories), 1, -1):  # the last one belongs to the top
        page.locator(f'button[value="up:first_signatories:{place}"]').click()
    add(page, "Add an article", "related", [{"title": title, "language": "en"} for title in appeal.related])
    add(page, "Add news", "news", [vars(item) for item in appeal.news])
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".flash")).to_have_text("Saved.")


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without scripts"])
def test_the_real_appeal_is_written_exported_and_published_as_its_file_would_be(
    site: Live, chromium: Browser, seed: str, tmp_path: Path, scripted: bool
) -> None:
    appeal, slug = parse(seed), "restorative-measures"
    wanted = build(Paper("statement.md", appeal.file(slug).encode()))
    with window(chromium, scripted) as page:
        come(page, site)
        write(page, appeal, slug)
        assert page.locator(".problem").count() == 0
        page.get_by_role("button", name="Preview", exact=True).click()
        expect(page.frame_locator(".beside iframe").locator("h1")).to_have_text(appeal.title)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as a file").click()
        assert build(Paper("statement.md", Path(download.value.path()).read_bytes())) == wanted
        page.get_by_role("link", name="Look at what would change").click()
        expect(page.locator(".steps")).to_contain_text(wanted.original.fingerprint)
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.locator(".flash")).to_contain_text("Published.")
    served = site.get(f"/statements/{slug}.txt").content
    assert served == wanted.original.canonical
    assert hashlib.sha256(served).hexdigest() == wanted.original.fingerprint
    items = site.get(f"/statements/{slug}/signatories.json").json()["items"]
    assert [(item["name"], item["role"], item["organisation"]) for item in items] == [(one.name, one.role, one.organisation) for one in appeal.signatories]


def test_the_preview_follows_the_typing_and_leaves_no_trail_in_the_history(site: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        come(page, site)
        entries = page.evaluate("history.length")
        for title in ("Open the archives", "Open all archives"):
            put(page, "title", title)
            expect(page.frame_locator(".beside iframe:not(.coming)").locator("h1")).to_have_text(title)
        expect(page.locator(".beside iframe")).to_have_count(1)
        assert page.evaluate("history.length") == entries
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        with page.expect_navigation():
            page.keyboard.press("Control+s")
        expect(page.locator(".flash")).to_have_text("Saved.")
        expect(page.locator("#title")).to_have_value("Open all archives")
