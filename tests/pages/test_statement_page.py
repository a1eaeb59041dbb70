"""The letter: its words in the right language, who has signed, what machines read in it."""

import hashlib
import html
import json
import re
from datetime import datetime
from typing import Any

import httpx
import pytest

from app.clock import utcnow
from app.i18n import language, regional
from tests import cast
from tests.feeds.lists import AUTOMATIC, approve, first, got, many
from tests.site import ORIGIN, Site
from tests.web.markup import Element, inline, ours, parse

S = f"/statements/{cast.SLUG}"
DEMONSTRATION = "Demonstration. This page restates a public appeal in other words; the first signatories signed the original, not this page."
UNTRANSLATED = "There is no translation of this statement here. You see the original, in this language: %(language)s."
MARKUP = "'Rivers & </script><b>law</b> \"now\"'"


def page(site: Site, path: str = S) -> Element:
    answer = site.browser.get(path)
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def notices(found: Element) -> list[str]:
    """The banners, without the one of a try-out."""
    return [notice.text for notice in found.all("p", class_="notice") if notice.all("a", href="/dev/mailbox") == []]


def data(answer: httpx.Response) -> list[dict[str, Any]]:
    """The graph of the JSON-LD block."""
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
    found = json.loads(text)
    assert found["@context"] == "https://schema.org"
    graph: list[dict[str, Any]] = found["@graph"]
    return graph


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_a_demonstration_says_so_in_every_language(site_on_sqlite: Site, code: str) -> None:
    site_on_sqlite.publish(cast.statement(demonstration="true"), be=cast.belarusian(), ru=cast.belarusian().replace("be\n", "ru\n", 1))
    said = language(code).gettext(DEMONSTRATION)
    assert notices(page(site_on_sqlite, f"/{code}{S}")) == [said]
    assert (said == DEMONSTRATION) == (code == "en")


def test_a_real_statement_carries_no_banner(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(demonstration="false"))
    assert notices(page(site_on_sqlite)) == []


def test_a_language_without_a_translation_shows_the_original_and_says_so(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    found = page(site_on_sqlite, f"/ru{S}")
    said = language("ru").gettext(UNTRANSLATED, language="English")
    assert notices(found) == [said]
    assert not said.startswith("There is")
    assert found.one("html").attrs["lang"] == "ru"
    assert found.one("h1").text == "Open the archives of the river commission"
    assert found.one("div", class_="body").attrs["lang"] == "en"


def test_a_translation_is_shown_in_its_language_without_a_notice(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    found = page(site_on_sqlite, f"/be{S}")
    assert notices(found) == []
    assert found.one("h1").text == "Адкрыйце архівы рачной камісіі"
    assert found.one("div", class_="body").attrs["lang"] == "be"
    assert "апублікуйце вымярэнні" in found.one("div", class_="body").text


def test_a_statement_in_a_language_that_runs_the_other_way(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(language="ar", title="افتحوا محفوظات النهر", summary="نطلب معا.", addressees="[الوزارة]", body="نكتب معا."))
    found = page(site_on_sqlite)
    assert (found.one("html").attrs["lang"], found.one("html").attrs["dir"]) == ("en", "ltr")
    body = found.one("div", class_="body")
    assert (body.attrs["lang"], body.attrs["dir"], body.text) == ("ar", "rtl", "نكتب معا.")
    embed = page(site_on_sqlite, f"/embed/{cast.SLUG}").one("h1")
    assert (embed.attrs["lang"], embed.text) == ("ar", "افتحوا محفوظات النهر")
    for path in (S, f"{S}/signatories", f"{S}/embed", f"/embed/{cast.SLUG}", f"{S}/sign"):
        assert {element.attrs.get("dir") for element in page(site_on_sqlite, path).one("main").all(lang="ar")} == {"rtl"}, path


def test_the_switch_offers_every_language_and_marks_the_present_one(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    for prefix, here in (("", "en"), ("/en", "en"), ("/be", "be"), ("/ru", "ru")):
        for path in (S, f"{S}/signatories"):
            links = parse(site_on_sqlite.browser.get(prefix + path).text).one("header").one("nav").all("a")
            assert {link.attrs["lang"]: link.attrs["href"] for link in links} == {"en": path, "be": f"/be{path}", "ru": f"/ru{path}"}
            assert [link.attrs["lang"] for link in links if link.attrs.get("aria-current")] == [here]
            assert [link.text for link in links if link.attrs["lang"] == "be"] == ["Беларуская"]


def test_the_switch_offers_a_translation_into_a_language_the_pages_do_not_speak(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(None, fr=cast.belarusian().replace("language: be", "language: fr"))
    link = next(link for link in page(site_on_sqlite).one("header").one("nav").all("a") if link.attrs["lang"] == "fr")
    assert "Адкрыйце архівы рачной камісіі" in site_on_sqlite.browser.get(link.attrs["href"]).text


@pytest.mark.parametrize("prefix", ["", "/be", "/ru"])
def test_the_fingerprint_on_the_page_is_that_of_the_text_it_names(site: Site, prefix: str) -> None:
    site.publish(be=cast.belarusian())
    found = page(site, prefix + S)
    shown = found.one("code", class_="whole").text
    command = next(code.text for code in found.all("code") if code.text.startswith("curl"))
    address = re.search(r"http\S+", command)
    assert address
    assert hashlib.sha256(site.browser.get(address.group()).content).hexdigest() == shown
    assert shown in {text["fingerprint"] for text in got(site, f"{S}.json")["texts"]}
    assert f"{shown[:8]}…{shown[-8:]}" in found.one("details", class_="fingerprint").text
    assert "Revision 1" in found.one("summary").text if not prefix and len(found.all("summary")) == 1 else "1" in found.text


def test_json_ld_holds_the_article_and_an_endorsement_of_each_first_signatory(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST), be=cast.belarusian())
    article, *actions = data(site.browser.get(S))
    assert article == {
        "@type": "Article",
        "@id": ORIGIN + S,
        "url": ORIGIN + S,
        "headline": "Open the archives of the river commission",
        "description": "Forty organisations ask for steps that need no new law.",
        "inLanguage": "en",
        "datePublished": "2026-11-22",
        "version": 1,
    }
    assert [action["@type"] for action in actions] == ["EndorseAction"] * 3
    assert {action["object"]["@id"] for action in actions} == {ORIGIN + S}
    assert [action["agent"]["@type"] for action in actions] == ["Organization", "Organization", "Person"]
    assert [action["agent"]["name"] for action in actions] == ["Centre for Clear Water", "Прававая дапамога", "Jean Exemple"]


def test_json_ld_speaks_of_the_translation_that_is_shown(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    article = data(site_on_sqlite.browser.get(f"/be{S}"))[0]
    assert (article["inLanguage"], article["headline"]) == ("be", "Адкрыйце архівы рачной камісіі")


def test_json_ld_never_names_who_was_not_founding_or_was_removed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=first({"name": "Uno Unov"}, {"name": "Duo Duov"}) + AUTOMATIC))
    site_on_sqlite.signed(kind="individual", visibility="withheld", name="Vera Geheim")
    site_on_sqlite.publish(cast.statement(front=first({"name": "Duo Duov"}) + AUTOMATIC))
    assert [action["agent"]["name"] for action in data(site_on_sqlite.browser.get(S))[1:]] == ["Duo Duov"]


def test_markup_in_words_and_names_is_text_everywhere(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(
        cast.statement(front=first({"organisation": 'Bread & "Roses"'}), title=MARKUP, summary=MARKUP, addressees=f"[{MARKUP}]", place=MARKUP)
    )
    title = 'Rivers & </script><b>law</b> "now"'
    for path in (S, f"{S}/signatories", f"/embed/{cast.SLUG}", "/", f"{S}/sign", f"{S}/check-your-mail"):
        found = page(site_on_sqlite, path)
        assert inline(found) == []
        assert title in found.text, path
    answer = site_on_sqlite.browser.get(S)
    article, action = data(answer)
    assert (article["headline"], action["agent"]["name"]) == (title, 'Bread & "Roses"')
    assert page(site_on_sqlite).one("meta", property="og:title").attrs["content"] == title
    assert page(site_on_sqlite).one("meta", property="og:image:alt").attrs["content"] == f"{title}: 1 organisation has signed."


def test_raw_html_in_the_body_is_never_markup(site_on_sqlite: Site) -> None:
    body = "Text <script>alert(1)</script> <img src=x onerror=alert(1)> [link](javascript:alert(1)) ![pic](https://evil.example/p.png) <style>*{}</style>"
    site_on_sqlite.publish(cast.statement(body=body))
    letter = page(site_on_sqlite).one("div", class_="body")
    assert inline(letter) == []
    assert letter.all("script") + letter.all("img") + letter.all("style") == []


def test_open_graph_and_description_are_there(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    for prefix, title, code in (("", "Open the archives of the river commission", "en"), ("/be", "Адкрыйце архівы рачной камісіі", "be")):
        found = page(site_on_sqlite, prefix + S)
        graph = {meta.attrs["property"]: meta.attrs["content"] for meta in found.all("meta") if "property" in meta.attrs}
        assert (graph["og:type"], graph["og:title"], graph["og:url"]) == ("article", title, ORIGIN + prefix + S)
        assert (graph["og:locale"], graph["og:locale:alternate"]) == (("en_GB", "be_BY") if code == "en" else ("be_BY", "en_GB"))
        assert graph["og:description"] == found.one("meta", name="description").attrs["content"] != ""
        assert (graph["og:image"], graph["og:image:width"], graph["og:image:height"]) == (f"{ORIGIN}{prefix}{S}/card.png", "1200", "630")
        assert graph["og:image:alt"] == f"{title}: {found.one('h2', id='signatories').text}"
        published, modified = (datetime.fromisoformat(graph[f"article:{what}_time"]).date() for what in ("published", "modified"))
        assert (published.isoformat(), modified) == ("2026-11-22", utcnow().date())
        assert found.one("meta", name="twitter:card").attrs["content"] == "summary_large_image"
        assert site_on_sqlite.browser.get(graph["og:image"]).headers["content-type"] == "image/png"


@pytest.mark.parametrize("path", [S, f"/ru{S}"])
def test_without_a_translation_the_card_is_the_originals(site_on_sqlite: Site, path: str) -> None:
    site_on_sqlite.publish()
    found = page(site_on_sqlite, path)
    assert found.one("meta", property="og:image").attrs["content"] == f"{ORIGIN}{S}/card.png"
    assert found.all("meta", property="og:locale:alternate") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *(("en", "en_GB"), ("be", "be_BY"), ("ru", "ru_RU"), ("fr", "fr_FR"), ("pt-BR", "pt_BR")),
        *(("zh-Hant", "zh_TW"), ("be-tarask", "be_BY"), ("sr-Latn", "sr_RS"), ("eo", "")),
    ],
)
def test_a_language_has_the_territory_where_it_is_at_home(code: str, expected: str) -> None:
    assert regional(code) == expected


def test_a_language_of_no_territory_names_no_locale(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(language="eo", title="Malfermu la arkivojn"))
    assert page(site_on_sqlite).all("meta", property="og:locale") == []


@pytest.mark.parametrize("path", [S, f"{S}/signatories", f"/be{S}"])
def test_a_statement_that_crawlers_shall_leave_says_so_and_another_does_not(site_on_sqlite: Site, path: str) -> None:
    for noindex, expected in (("true", ["noindex, nofollow"]), ("false", [])):
        site_on_sqlite.publish(cast.statement(noindex=noindex))
        answer = site_on_sqlite.browser.get(path)
        assert [meta.attrs["content"] for meta in parse(answer.text).all("meta", name="robots")] == expected
        assert ("noindex" in answer.headers.get("x-robots-tag", "")) == bool(expected)


def test_what_programs_read_of_such_a_statement_says_so_too(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(noindex="true"))
    for face in (".json", ".txt", "/signatories.json", "/signatories.csv", "/feed.json", "/feed.atom"):
        assert "noindex" in site_on_sqlite.browser.get(S + face).headers.get("x-robots-tag", ""), face


def test_an_embedded_list_is_never_indexed_by_itself(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    assert page(site_on_sqlite, f"/embed/{cast.SLUG}").one("meta", name="robots").attrs["content"] == "noindex"


def test_first_signatories_stand_before_the_newest_which_begin_with_the_last(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST + AUTOMATIC))
    site.signed()
    site.signed(kind="individual")
    site.work()
    founding, newest = page(site).one("article").all("ul", class_="signatories")
    assert [row.one("b").text for row in founding.all("li")] == ["Alesia Prykladnaya", "Ян Прыклад", "Jean Exemple"]
    assert [row.one("b").text for row in newest.all("li")] == ["Мікола Выдуманы", "Fictional House of Rivers"]


def test_the_founding_order_is_the_secretariats_also_after_a_change(site: Site) -> None:
    site.publish(cast.statement(front=first(*({"name": name} for name in ("Cy", "Ann", "Bo")))))
    site.publish(cast.statement(front=first(*({"name": name} for name in ("Bo", "Cy", "Dom", "Ann")))))
    rows = page(site).one("ul", class_="first").all("li")
    assert [row.one("b").text for row in rows] == ["Bo", "Cy", "Dom", "Ann"]


def test_only_the_newest_stand_on_the_page_and_a_link_leads_to_all(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=many(10)))
    approve(site_on_sqlite, 27)
    site_on_sqlite.work()
    newest = page(site_on_sqlite).one("article").all("ul", class_="signatories")[1].all("li")
    assert (len(newest), newest[0].one("b").text) == (24, "Approved 036")
    assert f"{S}/signatories" in {link.attrs["href"] for link in page(site_on_sqlite).one("article").all("a")}


def test_articles_and_news_keep_their_order_language_and_dates(site_on_sqlite: Site) -> None:
    front = (
        "related:\n  - {title: Што кажа закон, url: 'https://elsewhere.example/a', language: be}\n  - {title: Without an address}\n"
        "news:\n  - {date: 2026-11-21, title: Слуханні, summary: Прызначаны., language: be}\n  - {date: 2026-11-20, title: A call, url: 'https://elsewhere.example/b'}\n"
    )
    site_on_sqlite.publish(cast.statement(front=front))
    found = page(site_on_sqlite, f"/be{S}")
    related = found.one("ul", class_="plain-list").all("li")
    assert [(row.text, row.attrs.get("lang")) for row in related] == [("Што кажа закон", "be"), ("Without an address", None)]
    news = found.one("ul", class_="news").all("li")
    assert [row.one("time").attrs["datetime"] for row in news] == ["2026-11-21", "2026-11-20"]
    assert news[0].one("time").text == "21 лістапада 2026 г."
    assert (news[0].one("div").attrs["lang"], news[0].one("p").text) == ("be", "Прызначаны.")
    outward = [link for link in found.one("main").all("a") if link.attrs["href"].startswith("https://elsewhere.example")]
    assert {link.attrs["rel"] for link in outward} == {"noopener noreferrer"}


@pytest.mark.parametrize(
    ("front", "title", "says"),
    [
        ("closes: 2020-12-15 18:00 Europe/Minsk\n", "This statement is closed", "15 December 2020, 18:00 (Minsk time)"),
        ("opens: 2099-01-01 10:00 Europe/Minsk\n", "Not open yet", "1 January 2099, 10:00 (Minsk time)"),
    ],
)
def test_a_statement_that_takes_no_signatures_says_why_and_has_no_form(site_on_sqlite: Site, front: str, title: str, says: str) -> None:
    site_on_sqlite.publish(cast.statement(front))
    found = page(site_on_sqlite)
    assert found.one("aside", id="sign").one("h2").text == title
    assert says in found.one("main").text
    assert [form for form in found.all("form") if form.attrs.get("method") == "post"] == []
    assert found.all(class_="toolbar") == []


@pytest.mark.parametrize(("signers", "kind"), [("[organisations]", "organisation"), ("[individuals]", "individual")])
def test_a_statement_for_one_kind_of_signer_asks_only_for_it(site_on_sqlite: Site, signers: str, kind: str) -> None:
    site_on_sqlite.publish(cast.statement(signers=signers))
    form = page(site_on_sqlite).one("form", id="sign")
    assert [field.attrs["value"] for field in form.all("input", name="kind")] == [kind]


def test_a_goal_is_written_in_the_languages_own_way(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(goal="12500"))
    assert page(site_on_sqlite).one("p", class_="goal").text == "The goal: 12,500"
    assert re.search(r"12\s500$", page(site_on_sqlite, f"/be{S}").one("p", class_="goal").text)


@pytest.mark.parametrize("title", ["Open the archives", MARKUP])
def test_the_snippets_to_paste_are_whole_and_hold_the_title_as_text(site_on_sqlite: Site, title: str) -> None:
    site_on_sqlite.publish(cast.statement(title=title))
    raw = re.search(r'<code id="element">(.*?)</code>', site_on_sqlite.browser.get(f"/be{S}/embed").text, re.DOTALL)
    assert raw
    pasted = parse(html.unescape(raw[1]))
    element, script = pasted.one("undersigned-signatories"), pasted.one("script")
    assert (element.attrs["statement"], element.attrs["lang"]) == (ORIGIN + S, "be")
    assert element.text.strip() == title.strip("'")
    assert (script.attrs["type"], site_on_sqlite.browser.get(script.attrs["src"]).status_code) == ("module", 200)


@pytest.mark.parametrize("prefix", ["", "/be", "/ru"])
def test_the_frame_to_paste_shows_the_list_in_the_language_of_the_page(site_on_sqlite: Site, prefix: str) -> None:
    site_on_sqlite.publish()
    raw = re.search(r'<code id="frame">(.*?)</code>', site_on_sqlite.browser.get(f"{prefix}{S}/embed").text, re.DOTALL)
    assert raw
    frame = parse(html.unescape(raw[1])).one("iframe")
    answer = site_on_sqlite.browser.get(frame.attrs["src"])
    assert answer.status_code == 200
    assert parse(answer.text).one("html").attrs["lang"] == (prefix.removeprefix("/") or "en")
    assert "x-frame-options" not in answer.headers


def test_the_embedded_list_has_no_form_and_leads_to_the_statement(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    found = page(site_on_sqlite, f"/be/embed/{cast.SLUG}")
    assert found.all("form") == []
    assert [link.attrs["href"] for link in found.all("a", class_="button")] == [f"{ORIGIN}/be{S}"]
    assert {link.attrs["target"] for link in found.all("a") if ours(link.attrs["href"])} == {"_blank"}


def test_share_links_are_plain_and_carry_the_canonical_address(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(title="'Rivers & law? 100%'"))
    *links, own = [link.attrs["href"] for link in page(site_on_sqlite).one("section", class_="spread-word").all("a")]
    assert (len(links), own) == (4, f"{S}/embed")
    for link in links:
        words = httpx.URL(link).params
        text = " ".join(words.values())
        assert (ORIGIN + S in text, "Rivers & law? 100%" in text) == (True, True), link
