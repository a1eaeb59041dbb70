"""The home page: what is open, what opens soon, what is closed."""

import pytest

from app.clock import utcnow
from app.i18n import language
from app.statements.actions import close, unpublish
from tests import cast
from tests.site import Site
from tests.web.markup import parse

SHELVES = {"Open for signatures": ["now"], "Opening soon": ["soon"], "Closed": ["over", "by-hand"]}


def shelves(site: Site, prefix: str = "") -> dict[str, list[str]]:
    """The addresses on each shelf, under its title."""
    main = parse(site.browser.get(f"{prefix}/").text).one("main")
    lists = main.all("ul", class_="shelf")
    titles = [title.text for title in main.all("h2")]
    return {title: [link.attrs["href"] for link in found.all("a")] for title, found in zip(titles, lists, strict=True)}


def test_without_statements_the_page_says_so(site_on_sqlite: Site) -> None:
    page = parse(site_on_sqlite.browser.get("/").text)
    assert page.one("p", class_="lede").text == "No statement is published here yet."
    assert page.all("h2") == []


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_each_statement_stands_on_the_shelf_of_its_state(site_on_sqlite: Site, code: str) -> None:
    for slug, front in (
        ("by-hand", ""),
        ("over", "closes: 2020-01-01 10:00 Europe/Minsk\n"),
        ("now", "closes: 2099-01-01 10:00 Europe/Minsk\n"),
        ("soon", "opens: 2099-01-01 10:00 Europe/Minsk\n"),
        ("gone", ""),
    ):
        site_on_sqlite.publish(cast.statement(front, slug=slug))
    with site_on_sqlite.database.transaction() as session:
        close(session, "by-hand", utcnow(), utcnow())
        unpublish(session, "gone", "a mistake", utcnow())
    expected = {language(code).gettext(title): [f"/{code}/statements/{slug}" for slug in slugs] for title, slugs in SHELVES.items()}
    assert shelves(site_on_sqlite, f"/{code}") == expected
    assert code == "en" or set(expected).isdisjoint(SHELVES), "a translation is missing"


def test_the_newest_statement_stands_first(site: Site) -> None:
    for slug in ("first-one", "second-one", "third-one"):
        site.publish(cast.statement(slug=slug))
    assert shelves(site) == {"Open for signatures": ["/statements/third-one", "/statements/second-one", "/statements/first-one"]}


def test_a_statement_shows_its_translation_or_else_its_own_words_marked_as_such(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    for code, written, title in (("be", "be", "Адкрыйце архівы рачной камісіі"), ("ru", "en", "Open the archives of the river commission")):
        item = parse(site_on_sqlite.browser.get(f"/{code}/").text).one("ul", class_="shelf").one("a")
        assert (item.text, item.attrs["lang"], item.attrs["dir"]) == (title, written, "ltr")
