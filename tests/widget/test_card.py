"""The card: a picture of the statement that other sites show beside a link to it."""

import time
from datetime import date
from io import BytesIO
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from app.clock import utcnow
from app.i18n import LOCALES, language
from app.signatures.tallies import Tally
from app.signatures.wording import count_sentence
from app.widget import card as drawing
from app.widget.card import Card, picture
from app.widget.lettering import Box, held, plain
from tests import cast
from tests.pages.test_counts import count
from tests.publication.test_snapshots import lane
from tests.site import Site
from tests.web.markup import parse

S = f"/statements/{cast.SLUG}"
TITLE = (0, 120, 1200, 480)
"""Where on the card the title stands: left, upper, right, lower."""
SIZES = (96, 84, 60, 34)
AWKWARD = "Wi \u00a0\u00ad\u200c\u200d\u202e\u2067\u0301\u05b8\u0651שנמאلاЎїαω&<>{%\0—…-("
HOSTILE = [
    *("", " \u00a0\u2003 ", "a\0b\x1b[31m\r\nc", "\u202eevil\u202c \u2067x\u2069", "</text><script>alert(1)</script>&amp;&#0;]]>", "{{ 7*7 }}{% raw %}"),
    *("W" * 4000, "слова " * 700, "👩‍👩‍👧‍👦" * 40, "a" + "\u0301" * 300, "\ud800", "\ufffe\uffff", "\u200c\u200d" * 9, "ש" + "ָ" * 200, "اَّ" * 300),
]


def card(title: str, backwards: bool = False, site: str = "Rivers Sign") -> Card:
    return Card(site, title, backwards, "31 organisations and 120 people have signed.", "As of 26 November 2026")


def seen(drawn: bytes) -> Image.Image:
    return Image.open(BytesIO(drawn)).convert("RGB")


def ink(drawn: bytes) -> tuple[int, int, int, int]:
    """What the title takes up of its place: left, upper, right, lower."""
    place = seen(drawn).crop(TITLE)
    found = ImageChops.difference(place, Image.new("RGB", place.size, place.getpixel((0, 0)))).getbbox()
    assert found
    return found


@pytest.mark.parametrize(
    "title",
    [
        *("Open the archives of the river commission", "Адкрыйце архівы рачной камісіі", "Ёлка, ґанак, ўсё", "Ανοίξτε τα αρχεία", "Otwórzcie archiwa rzeki"),
        *(
            "გახსენით მდინარის არქივები",
            "Բացեք գետի արխիվները",
            "افتحوا محفوظات النهر",
            "آرشیو رودخانه را باز کنید",
            "פתחו את ארכיון הנהר",
            "A",
            "Open the archives " * 16,
        ),
    ],
)
def test_a_title_is_drawn_in_the_size_that_readers_of_links_expect(title: str) -> None:
    drawn = picture(card(title))
    assert (drawn[:8], seen(drawn).size, len(drawn) < 120_000) == (b"\x89PNG\r\n\x1a\n", (1200, 630), True)
    assert drawn != picture(card(""))
    left, upper, right, lower = ink(drawn)
    assert (left >= 80, right <= 1120, upper > 0, lower < 360) == (True, True, True, True)


@pytest.mark.parametrize("title", ["打开河流委员会的档案", "Rivers 🌊", "नदी", "", "  ", "\u200b"])
def test_a_title_that_no_font_holds_leaves_its_place_to_the_site(title: str) -> None:
    assert not held(plain(title), "Bold")
    assert picture(card(title)) == picture(card("")) != picture(card("", site="Another house"))
    assert ink(picture(card(title)))
    assert picture(card(title, site="网站"))


def test_arabic_letters_are_joined() -> None:
    joined, apart = (ink(picture(card(title, backwards=True))) for title in ("محفوظات", "\u200c".join("محفوظات")))
    assert joined[2] - joined[0] < 0.9 * (apart[2] - apart[0])


@pytest.mark.parametrize(
    ("title", "begins"),
    [("محفوظات!", "محفوظات"), ("OSCE نهر", "OSCE"), ("نهر OSCE", "نهر"), ("(2026) نهر", "(2026)"), ("פתחו EU.", "פתחו")],
)
def test_a_title_from_right_to_left_begins_on_the_right_whatever_stands_in_it(title: str, begins: str) -> None:
    whole, head = picture(card(title, backwards=True)), picture(card(begins, backwards=True))
    left, upper, right, lower = ink(head)
    box = (left + 2, 120 + upper, right, 120 + lower)
    assert 1080 < right <= 1120
    assert ImageChops.difference(seen(whole).crop(box), seen(head).crop(box)).getbbox() is None
    assert ink(whole)[0] < left


def test_a_title_is_as_large_as_its_length_allows_and_cut_only_when_it_must() -> None:
    box = Box(1032, 326, 6)
    short, longer, longest = (box.fill(text, "Bold", SIZES) for text in ("Open the archives", "Open the archives of the river " * 3, "Open the archives " * 22))
    assert (short.size, short.lines) == (96, ["Open the archives"])
    assert (longer.size, len(longer.lines), "…" in "".join(longer.lines)) == (60, 3, False)
    assert (longest.size, len(longest.lines), longest.lines[-1].endswith(("Open…", "the…", "archives…"))) == (34, 6, True)


def test_the_lines_of_a_title_are_even() -> None:
    assert Box(1032, 326, 6).fill("Open the archives of the river commission", "Bold", (84,)).lines == ["Open the archives of", "the river commission"]


def test_one_endless_word_is_cut_into_lines() -> None:
    found = Box(1032, 326, 6).fill("Gewässerschutz" * 9, "Bold", SIZES)
    assert ("".join(found.lines), found.size, len(found.lines)) == ("Gewässerschutz" * 9, 34, 3)


@pytest.mark.parametrize("code", LOCALES)
def test_the_fonts_hold_every_sentence_about_who_has_signed(code: str) -> None:
    words = language(code)
    for number in (0, 1, 2, 5, 1_234_567):
        assert held(count_sentence(Tally(statement_id=uuid4(), as_of=utcnow(), organisations=number, individuals=number), words), "Regular")
    for month in range(1, 13):
        assert held(words.gettext("As of %(moment)s", moment=words.date(date(2026, month, 26))), "Regular")


def drawn_in_time(one: Card) -> None:
    began = time.perf_counter()
    assert seen(picture(one)).size == (1200, 630)
    assert time.perf_counter() - began < 5


@settings(max_examples=15)
@given(st.text(st.one_of(st.characters(), st.sampled_from(AWKWARD)), max_size=300) | st.text(AWKWARD, max_size=300), st.booleans())
def test_no_title_breaks_it_or_takes_long(title: str, backwards: bool) -> None:
    drawn_in_time(card(title, backwards))


@pytest.mark.parametrize("title", HOSTILE)
def test_nor_does_one_that_is_meant_to(title: str) -> None:
    drawn_in_time(card(title, backwards=True))
    drawn_in_time(card("A title", site=title))


def ask(site: Site, prefix: str = "", **headers: str) -> httpx.Response:
    return site.browser.get(f"{prefix}{S}/card.png", headers=headers)


def test_it_says_what_the_page_says_in_the_language_of_its_address(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    count(site_on_sqlite, organisations=31, individuals=120)
    said: list[Card] = []

    def noted(one: Card) -> bytes:
        said.append(one)
        return picture(one)

    monkeypatch.setattr("app.widget.routes.picture", noted)
    for prefix in ("", "/be", "/ru"):
        assert ask(site_on_sqlite, prefix).status_code == 200
        page = parse(site_on_sqlite.browser.get(prefix + S).text)
        assert (said[-1].title, said[-1].counted) == (page.one("h1").text, page.one("h2", id="signatories").text)
    assert [one.dated[:9] for one in said] == ["As of " + said[0].dated[6:9], "Станам на", "По состоя"]
    assert len({picture(one) for one in said}) == 3


def test_a_card_is_kept_as_it_is_and_never_compressed_again(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    lane(site_on_sqlite)
    for _ in range(2):
        answer = ask(site_on_sqlite, **{"Accept-Encoding": "gzip"})
        assert (answer.headers["content-type"], "content-encoding" in answer.headers, "vary" in answer.headers) == ("image/png", False, False)
    assert ask(site_on_sqlite, **{"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_whoever_asks_under_ever_new_addresses_has_nothing_drawn_anew(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(title="A title of its own"))
    before = drawing._drawn.cache_info().misses
    assert {ask(site_on_sqlite).content, *(site_on_sqlite.browser.get(f"{S}/card.png?{number}").content for number in range(5))} == {
        ask(site_on_sqlite).content
    }
    assert drawing._drawn.cache_info().misses == before + 1
