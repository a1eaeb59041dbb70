"""The whole list: organisations and people apart, searched, filtered, ordered, page by page."""

import re
from itertools import product
from urllib.parse import quote

import pytest

from tests import cast
from tests.feeds.lists import AUTOMATIC, first, many, signature_of
from tests.site import Site
from tests.web.markup import Element, inline, parse

PAGE = f"/statements/{cast.SLUG}/signatories"
PEOPLE = "kind=individual"


def page(site: Site, query: str = "", prefix: str = "") -> Element:
    answer = site.browser.get(f"{prefix}{PAGE}?{query}")
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def names(found: Element, kind: str = "individual") -> list[str]:
    """Who stands in a section, in order."""
    return [row.one("b").text for row in found.one("section", aria_labelledby=f"{kind}-title").all("li")]


def publish(site: Site, *signatories: dict[str, str]) -> None:
    site.publish(cast.statement(front=first(*signatories)))


def people(*listed: str) -> list[dict[str, str]]:
    return [{"name": name} for name in listed]


def test_organisations_and_people_stand_apart_with_their_numbers(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    found = page(site_on_sqlite)
    assert names(found, "organisation") == ["Centre for Clear Water", "Прававая дапамога"]
    assert names(found) == ["Jean Exemple"]
    assert [title.text for title in found.all("h2")] == ["Organisations 2", "People 1"]


def test_a_row_tells_role_country_and_language_and_has_its_number_as_a_mark(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    row = page(site_on_sqlite, prefix="/be").one("li", id="s2")
    assert (row.attrs["lang"], row.one("b").text) == ("be", "Прававая дапамога")
    assert [part.text for part in row.all("span")][:2] == ["Ян Прыклад, дырэктар", "Беларусь"]
    website = page(site_on_sqlite).one("li", id="s1").all("a")[0]
    assert (website.attrs["href"], website.attrs["rel"]) == ("https://clearwater.example", "nofollow noopener ugc")


def test_an_affiliation_is_marked_as_for_identification_only(site_on_sqlite: Site) -> None:
    publish(site_on_sqlite, {"name": "Ann Ash", "organisation": "Institute of Ash", "kind": "individual"}, {"name": "Bo Birch"})
    found = page(site_on_sqlite)
    assert found.one("li", id="s1").one("abbr").attrs["title"] == "affiliation, for identification only"
    assert found.one("li", id="s2").all("abbr") == []


FOUND = {
    "Ўласаў Ян": ("уласау", "ЎЛАСАЎ", "ян"),
    "Ёськова Ганна": ("еськова", "Ёськова"),
    "José Núñez": ("nunez", "JOSE", "  núñez "),
    "Zofia Łódź": ("łodz", "lodz"),
    "Anna Straße": ("strasse", "STRASSE"),
    "თამარ მაგალითი": ("თამარ",),
    "Ann Ash": ("house",),
    "": ("власов", "nobody"),
}


def test_a_search_finds_names_and_affiliations_whatever_the_case_and_the_marks(site_on_sqlite: Site) -> None:
    ash = {"name": "Ann Ash", "organisation": "House of Ash", "kind": "individual"}
    publish(site_on_sqlite, ash, *people(*(name for name in FOUND if name not in {"", "Ann Ash"})))
    for name, queries in FOUND.items():
        for query in queries:
            found = page(site_on_sqlite, f"q={quote(query)}")
            assert names(found) == ([name] if name else []), query
            assert found.one("h2", id="individual-title").text == f"People {1 if name else 0}"


def test_a_search_works_alike_on_both_databases(site: Site) -> None:
    publish(site, *people("Ўласаў Ян", "José Núñez"), {"organisation": "Ўлонне, the house of 100%"})
    assert names(page(site, f"q={quote('уласау')}")) == ["Ўласаў Ян"]
    assert names(page(site, "q=nunez")) == ["José Núñez"]
    assert names(page(site, f"q={quote('100%')}"), "organisation") == ["Ўлонне, the house of 100%"]


@pytest.mark.parametrize("typed", ["Маляк Дар'я", "Маляк Дар’я", "Маляк Дарʼя"])
def test_a_search_takes_every_apostrophe_for_the_same(site_on_sqlite: Site, typed: str) -> None:
    publish(site_on_sqlite, *people("Маляк Дар’я"))
    assert names(page(site_on_sqlite, f"q={quote(typed)}")) == ["Маляк Дар’я"]


def test_a_country_filters_and_only_countries_of_the_list_are_offered(site: Site) -> None:
    publish(site, {"name": "Ann", "country": "GE"}, {"name": "Bo", "country": "BY"}, {"name": "Cy"}, {"organisation": "Dom", "country": "international"})
    assert (names(page(site, "country=GE")), names(page(site, "country=GE"), "organisation")) == (["Ann"], [])
    assert names(page(site, "country=international"), "organisation") == ["Dom"]
    for prefix, offered in (("", ["Belarus", "Georgia"]), ("/be", ["Беларусь", "Грузія"]), ("/ru", ["Беларусь", "Грузия"])):
        options = page(site, prefix=prefix).one("select", name="country").all("option")
        assert [option.text for option in options if option.attrs["value"] in {"BY", "GE"}] == offered
        assert sorted(option.attrs["value"] for option in options) == ["", "BY", "GE", "international"]
    assert page(site, "country=GE").one("option", value="GE").attrs.keys() == {"value", "selected"}


def test_a_kind_alone_is_shown_when_it_is_asked_for(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    found = page(site_on_sqlite, PEOPLE)
    assert [section.attrs["aria-labelledby"] for section in found.all("section")] == ["individual-title"]


def test_the_first_order_is_that_of_signing(site: Site) -> None:
    publish(site, *people("Zed", "Ann", "Мія"))
    assert names(page(site)) == ["Zed", "Ann", "Мія"]


BELARUSIAN = (
    *("Аўдзей", "Ганна", "Еўдакія", "Ефім", "Ёдка", "Ёсіф", "Жанна", "Зміцер", "Ігнат", "Іосіф", "Йорк", "Кірыл", "Лявон"),
    *("Улас", "Устым", "Ўласаў", "Ўстым", "Фама", "Цімох", "Шура", "Ыгыр", "Эдзі", "Юля", "Яна", "Ann", "Zed"),
)
RUSSIAN = ("Ганна", "Ёжикова", "Елена", "Ёлкин", "Емеля", "Ефим", "Жанна", "Зоя", "Игнат", "Йорк", "Кирилл", "Эдди", "Юлия", "Яна", "Ann", "Zed")
ENGLISH = ("Ann", "Ármin", "Äsa", "Bo", "de Vries", "Élan", "Østby", "Oz", "Žan", "Zed", "Ганна", "Елена", "Яна")


@pytest.mark.parametrize(("prefix", "expected"), [("/be", BELARUSIAN), ("/ru", RUSSIAN), ("/en", ENGLISH), ("", ENGLISH)])
def test_alphabetical_is_the_alphabet_of_the_pages_language(site_on_sqlite: Site, prefix: str, expected: tuple[str, ...]) -> None:
    publish(site_on_sqlite, *people(*sorted(expected, key=lambda name: name[::-1])))
    assert names(page(site_on_sqlite, f"{PEOPLE}&order=name", prefix)) == list(expected)


def test_each_letter_of_the_belarusian_alphabet_has_its_place(site: Site) -> None:
    letters = "АБВГДЕЁЖЗІЙКЛМНОПРСТУЎФХЦЧШЫЬЭЮЯ"
    publish(site, *people(*(f"{letter}ня" for letter in reversed(letters))))
    assert "".join(name[0] for name in names(page(site, f"{PEOPLE}&order=name", "/be"))) == letters


def test_organisations_are_ordered_by_their_own_name_not_the_representatives(site: Site) -> None:
    publish(site, {"organisation": "Birch", "name": "Ann"}, {"organisation": "Ash", "name": "Zed"})
    assert names(page(site, "kind=organisation&order=name"), "organisation") == ["Ash", "Birch"]


def test_equal_names_keep_the_order_of_signing(site: Site) -> None:
    publish(site, *({"name": "Ann Ash", "organisation": house, "kind": "individual"} for house in ("C", "A", "B")))
    found = page(site, f"{PEOPLE}&order=name")
    assert [row.attrs["id"] for row in found.all("li") if "id" in row.attrs] == ["s1", "s2", "s3"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("/en", ["Egypt", "Estonia", "France", "Georgia", "Germany"]),
        ("/be", ["Германія", "Грузія", "Егіпет", "Францыя", "Эстонія"]),
        ("/ru", ["Германия", "Грузия", "Египет", "Франция", "Эстония"]),
    ],
)
def test_by_country_is_by_the_countrys_name_in_the_pages_language(site: Site, prefix: str, expected: list[str]) -> None:
    publish(site, {"name": "Nobody's"}, *({"name": f"{code} {n}", "country": code} for n, code in enumerate(("FR", "DE", "GE", "EG", "EE", "FR"))))
    rows = [row for row in page(site, f"{PEOPLE}&order=country", prefix).all("li") if "id" in row.attrs]
    shown = [country.text for row in rows for country in row.all("span", class_="country")]
    assert list(dict.fromkeys(shown)) == expected
    assert shown.count(expected[-2] if prefix != "/en" else "France") == 2
    assert rows[-1].one("b").text == "Nobody's"


def test_pages_visit_everyone_exactly_once_in_every_order(site: Site) -> None:
    site.publish(cast.statement(front=many(250)))
    for order, kind, prefix in product(("signed", "name", "country"), ("organisation", "individual"), ("", "/be")):
        visited: list[str] = []
        sizes: list[int] = []
        address: str | None = f"{prefix}{PAGE}?kind={kind}&order={order}"
        while address:
            found = parse(site.browser.get(address).text)
            visited += names(found, kind)
            sizes.append(len(names(found, kind)))
            address = next((link.attrs["href"] for link in found.all("a", rel="next")), None)
        assert sizes == [100, 25]
        assert len(visited) == len(set(visited)) == 125


def test_pages_keep_what_was_searched(site_on_sqlite: Site) -> None:
    site = site_on_sqlite
    site.publish(cast.statement(front=many(250)))
    assert page(site, f"{PEOPLE}&order=name&q={quote('pérson')}&country=BY", "/ru").all("a", rel="next") == []
    found = page(site, "kind=individual&order=name&q=Person", "/ru")
    following = found.one("a", rel="next")
    assert following.attrs["href"].startswith(f"/ru{PAGE}?")
    second = parse(site.browser.get(following.attrs["href"]).text)
    assert second.one("input", name="q").attrs["value"] == "Person"
    assert "selected" in second.one("option", value="name").attrs
    back = next(link for link in second.all("a") if "after" not in link.attrs["href"] and "order=name" in link.attrs["href"])
    assert names(parse(site.browser.get(back.attrs["href"]).text)) == names(found)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("", ""),
        ("q=&kind=&country=&order=signed", ""),
        ("q=a%26b+%22c%22&kind=individual&country=BY&order=name", "?q=a%26b+%22c%22&kind=individual&country=BY&order=name"),
        ("kind=organisation&after=AAAAAAAAAAE", "?kind=organisation"),
    ],
)
def test_whoever_changes_the_language_keeps_what_they_asked_for(site_on_sqlite: Site, asked: str, kept: str) -> None:
    """Not the page of the list: where that begins depends on the alphabet."""
    publish(site_on_sqlite, *people("Ann"))
    links = page(site_on_sqlite, asked, "/be").one("header").one("nav").all("a")
    assert [link.attrs["href"] for link in links] == [f"{prefix}{PAGE}{kept}" for prefix in ("", "/be", "/ru")]


def test_one_who_signs_or_leaves_between_two_pages_shifts_nobody(site: Site) -> None:
    site.publish(cast.statement(front=many(210) + AUTOMATIC))
    one = page(site, PEOPLE)
    moderator = site.moderator()
    moderator.post(f"/console/signatures/{signature_of(site, number=3)}/remove", {"code": "duplicate"})
    site.signed(kind="individual")
    site.work()
    two = parse(site.browser.get(one.one("a", rel="next").attrs["href"]).text)
    assert names(one)[-1] == "Person 199"
    assert names(two) == ["Person 201", "Person 203", "Person 205", "Person 207", "Person 209", "Мікола Выдуманы"]


def test_the_first_view_shows_some_of_each_and_leads_to_all(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(250)))
    found = page(site_on_sqlite)
    assert (len(names(found, "organisation")), len(names(found))) == (50, 50)
    leads = {link.text: link.attrs["href"] for link in found.all("a") if link.text.startswith("All ")}
    assert set(leads) == {"All organisations", "All people"}
    assert len(names(parse(site_on_sqlite.browser.get(leads["All people"]).text))) == 100


def test_an_empty_list_and_an_empty_search_say_so(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    assert [section.all("p")[0].text for section in page(site_on_sqlite).all("section")] == ["Nobody yet."] * 2
    found = page(site_on_sqlite, "q=nobody&country=FR")
    assert [section.all("p")[0].text for section in found.all("section")] == ["Nobody in the list matches this search."] * 2


@pytest.mark.parametrize(
    "q",
    [
        '"><script>alert(1)</script>',
        "' onfocus=alert(1) autofocus='",
        "</form><form action=//evil.example>",
        "javascript:alert(1)",
        "{{ 7*7 }}",
        "\u202egnp.exe",
    ],
)
def test_a_hostile_search_is_shown_as_text(site_on_sqlite: Site, q: str) -> None:
    site_on_sqlite.publish(cast.statement(front=many(120)))
    for query in (f"q={quote(q)}", f"country={quote(q[:20])}", f"kind=individual&q={quote(q)}&order=name"):
        found = page(site_on_sqlite, query)
        assert inline(found) == []
        assert [form.attrs["action"] for form in found.all("form")] == [PAGE]
    assert page(site_on_sqlite, f"q={quote(q)}").one("input", name="q").attrs["value"] == q


def test_names_with_markup_stay_names(site_on_sqlite: Site) -> None:
    publish(site_on_sqlite, {"name": 'Bread & "Roses" O\'Hara'}, {"organisation": "&lt;House&gt;"})
    found = page(site_on_sqlite)
    assert names(found) == ['Bread & "Roses" O\'Hara']
    assert names(found, "organisation") == ["&lt;House&gt;"]


def test_a_list_that_is_not_asked_for_by_a_known_order_is_refused_in_words(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    answer = site_on_sqlite.browser.get(f"{PAGE}?order=wild")
    assert answer.status_code == 400
    assert re.search("by signing, by name or by country", answer.text)
