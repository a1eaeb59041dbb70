"""Publishing: once, again, with changes that may be, with changes that may not; closing and taking down."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.errors import Conflict
from app.secretariat.queries import plan
from app.signatures.models import State
from app.signatures.tallies import Tally
from app.statements.models import Reference, Revision, Statement, Text
from app.statements.source import load
from tests import cast
from tests.site import Browser, Site, forms
from tests.statements.command import Said, undersigned
from tests.statements.tree import Node, tree

AT = f"/statements/{cast.SLUG}"
FACES = [
    AT,
    *(f"{AT}{tail}" for tail in (".json", ".txt", "/signatories", "/signatories.json", "/signatories.csv", "/feed.json", "/feed.atom")),
    f"/embed/{cast.SLUG}",
]
NAMING = [face for face in FACES if not face.endswith((f"{cast.SLUG}.json", ".txt"))]
ABOUT = 'related:\n  - {title: The river in numbers, url: "https://a.example/river", language: en}\nnews:\n  - {date: 2026-11-20, title: Слуханні прызначаныя, language: be}\n'


def command(site: Site, *words: str) -> Said:
    return undersigned(*words, url=site.database.engine.url.render_as_string(hide_password=False))


def file(site: Site, text: str, name: str = "statement.md") -> str:
    path = site.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def planned(site: Site) -> list[str]:
    with site.database.reading() as session:
        return [str(step) for step in plan(session, load(site.folder / "statement.md"), utcnow())]


def faces(site: Site) -> dict[str, bytes]:
    return {face: site.browser.get(face).content for face in FACES}


def page(site: Site, url: str = AT) -> Node:
    return tree(site.browser.get(url).text)


def told(site: Site, url: str = f"{AT}.json") -> dict[str, object]:
    found: dict[str, object] = site.browser.get(url).json()
    return found


def stored(site: Site) -> tuple[list[Statement], list[Revision], list[Text], list[Reference], list[Tally]]:
    with Session(site.database.engine) as session:
        return (
            list(session.exec(select(Statement))),
            list(session.exec(select(Revision))),
            list(session.exec(select(Text).order_by(col(Text.language)))),
            list(session.exec(select(Reference))),
            list(session.exec(select(Tally))),
        )


def signable(page: Browser, url: str = AT) -> bool:
    return any(form.action.endswith("/sign") for form in forms(page.get(url)))


# Once and again


def test_publishing_writes_one_revision_its_texts_its_tally_and_no_mail(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST + ABOUT), be=cast.belarusian())
    statements, revisions, texts, references, tallies = stored(site)
    assert [statement.slug for statement in statements] == [cast.SLUG]
    assert [(revision.number, revision.fingerprint) for revision in revisions] == [(1, texts[1].fingerprint)]
    assert [text.language for text in texts] == ["be", "en"]
    assert (len(references), len(site.rows()), tallies[0].organisations, tallies[0].individuals) == (2, 3, 2, 1)
    assert site.letters() == []


def test_publishing_again_plans_nothing_and_changes_no_byte_of_any_face(site: Site) -> None:
    text = cast.statement(front=cast.FIRST + ABOUT + "goal: 100\ncloses: 2099-12-15 18:00 Europe/Minsk\n")
    site.publish(text, be=cast.belarusian())
    before, tally = faces(site), stored(site)[4][0]
    assert planned(site) == []
    site.publish(text, be=cast.belarusian())
    assert faces(site) == before
    assert stored(site)[4] == [tally]
    assert [row.number for row in site.rows()] == [1, 2, 3]


def test_the_command_shows_the_plan_publishes_and_says_nothing_to_change_the_second_time(site: Site) -> None:
    path = file(site, cast.statement(front=cast.FIRST))
    first, second = command(site, "publish", path, "--yes"), command(site, "publish", path, "--yes")
    assert (first.code, second.code, first.err + second.err) == (0, 0, "")
    fingerprint = hashlib.sha256(site.browser.get(f"{AT}.txt").content).hexdigest()
    assert f"revision 1, fingerprint {fingerprint}" in first.out
    assert "3 first signatories" in first.out
    assert ("Published." in first.out, "nothing to change" in second.out, "Published." in second.out) == (True, True, False)


def test_a_dry_run_says_the_same_and_writes_nothing(site_on_sqlite: Site) -> None:
    path = file(site_on_sqlite, cast.statement(front=cast.FIRST))
    dry = command(site_on_sqlite, "publish", path, "--dry-run")
    assert (dry.code, dry.err, "revision 1" in dry.out, "Published." in dry.out) == (0, "", True, False)
    assert (stored(site_on_sqlite), site_on_sqlite.rows()) == (([], [], [], [], []), [])
    assert command(site_on_sqlite, "publish", path, "--yes").out.startswith(dry.out)


def test_a_dry_run_of_a_change_writes_nothing_either(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    before = faces(site_on_sqlite)
    said = command(site_on_sqlite, "publish", file(site_on_sqlite, cast.statement(front=cast.FIRST + ABOUT)), "--dry-run", "--yes")
    assert "add first signatory Alesia Prykladnaya" in said.out
    assert faces(site_on_sqlite) == before


def test_several_statements_go_in_one_command(site_on_sqlite: Site) -> None:
    paths = [file(site_on_sqlite, cast.statement(slug=slug), f"{slug}.md") for slug in ("first", "second", "third")]
    said = command(site_on_sqlite, "publish", *paths, "--yes")
    assert said.code == 0
    assert [statement.slug for statement in stored(site_on_sqlite)[0]] == ["first", "second", "third"]
    home = site_on_sqlite.browser.get("/").text
    assert all(f'href="/statements/{slug}"' in home for slug in ("first", "second", "third"))


def test_a_translation_named_in_the_command_stands_for_its_original(site_on_sqlite: Site) -> None:
    path = file(site_on_sqlite, cast.statement())
    other = file(site_on_sqlite, cast.belarusian(), "statement.be.md")
    assert command(site_on_sqlite, "publish", path, other, "--yes").code == 0
    assert told(site_on_sqlite)["languages"] == ["en", "be"]


def test_one_slug_in_two_files_is_refused_before_anything_is_written(site_on_sqlite: Site) -> None:
    paths = [file(site_on_sqlite, cast.statement(title=title), f"{title}.md") for title in ("Rivers", "Lakes")]
    said = command(site_on_sqlite, "publish", *paths, "--yes")
    assert (said.code, stored(site_on_sqlite)[0]) == (2, [])
    assert cast.SLUG in said.complaint


# What may change


CHANGES: dict[str, tuple[str, Callable[[Site], object], object]] = {
    "date": (
        cast.statement(date="2026-12-01"),
        lambda site: (told(site)["date"], "1 December 2026" in page(site).one("dl", "meta").text),
        ("2026-12-01", True),
    ),
    "place": (cast.statement(place="Lakeville"), lambda site: "Lakeville" in page(site).one("dl", "meta").text, True),
    "closing": (
        cast.statement(front="closes: 2099-12-15 18:00 Europe/Minsk\n"),
        lambda site: (told(site)["closes"], told(site)["state"], "15 December 2099, 18:00" in page(site).one("dl", "meta").text),
        ("2099-12-15T15:00:00Z", "open", True),
    ),
    "opening": (
        cast.statement(front="opens: 2099-01-15 18:00 Europe/Minsk\n"),
        lambda site: (told(site)["opens"], told(site)["state"], signable(site.browser)),
        ("2099-01-15T15:00:00Z", "scheduled", False),
    ),
    "goal": (cast.statement(front="goal: 1200\n"), lambda site: (told(site)["goal"], page(site).one("p", "goal").text), (1200, "The goal: 1,200")),
    "noindex": (cast.statement(front="noindex: true\n"), lambda site: '<meta name="robots" content="noindex, nofollow">' in site.browser.get(AT).text, True),
    "demonstration": (cast.statement(front="demonstration: true\n"), lambda site: "signed the original, not this page" in page(site).text, True),
    "who signs": (cast.statement(front="signers: [individuals]\n"), lambda site: forms(site.browser.get(AT))[-1].values["kind"], "individual"),
    "related": (
        cast.statement(front='related:\n  - {title: Ліст, language: be}\n  - {title: Letter, url: "https://b.example/"}\n'),
        lambda site: (told(site)["related"], [item.text for item in page(site).one("article").all("ul", "plain-list")[0].all("li")]),
        ([{"title": "Ліст", "url": None, "language": "be"}, {"title": "Letter", "url": "https://b.example/", "language": None}], ["Ліст", "Letter"]),
    ),
    "news": (
        cast.statement(front="news:\n  - {date: 2026-12-01, title: A hearing, summary: In Riverton.}\n"),
        lambda site: (told(site)["news"], page(site).one("ul", "news").one("p").text),
        ([{"date": "2026-12-01", "title": "A hearing", "summary": "In Riverton.", "url": None, "language": None}], "In Riverton."),
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_outside_the_text_changes_and_shows(site_on_sqlite: Site, what: str) -> None:
    text, look, wanted = CHANGES[what]
    site_on_sqlite.publish(cast.statement(front="" if what in {"related", "news"} else ABOUT))
    revision, canonical = told(site_on_sqlite)["revision"], site_on_sqlite.browser.get(f"{AT}.txt").content
    assert look_at(look, site_on_sqlite) != wanted
    site_on_sqlite.publish(text)
    assert look(site_on_sqlite) == wanted
    assert (told(site_on_sqlite)["revision"], site_on_sqlite.browser.get(f"{AT}.txt").content) == (revision, canonical)
    site_on_sqlite.publish()
    assert look_at(look, site_on_sqlite) != wanted


def look_at(look: Callable[[Site], object], site: Site) -> object:
    """What is not on the page at all counts as different."""
    try:
        return look(site)
    except IndexError:
        return None


def test_the_plan_names_each_change(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front="goal: 100\n" + cast.FIRST))
    changed = cast.FIRST.replace("дырэктар", "дырэктарка").replace("  - {name: Jean Exemple, country: FR, language: fr}\n", "  - {name: Jana Exempel}\n")
    file(site_on_sqlite, cast.statement(date="2026-12-01", front="goal: 200\nnoindex: true\n" + changed + ABOUT))
    assert planned(site_on_sqlite) == [
        "issued on: 2026-11-22 → 2026-12-01",
        "goal: 100 → 200",
        "noindex: no → yes",
        "add first signatory Jana Exempel",
        "remove first signatory Jean Exemple",
        "correct first signatory Ян Прыклад, Прававая дапамога",
        "write the related articles and news anew",
    ]


def test_a_policy_may_become_automatic_for_those_who_confirm_from_then_on(site: Site) -> None:
    site.publish()
    site.signed(email="early@rivers-house.org")
    site.publish(cast.statement(front="moderation: {organisations: automatic}\n"))
    site.signed(organisation="House of Lakes", email="late@lakes-house.org")
    site.work()
    assert [row.state for row in site.rows()] == [State.CONFIRMED, State.PUBLISHED]
    assert [name for name in ("Fictional House of Rivers", "House of Lakes") if name in page(site).text] == ["House of Lakes"]


def test_a_first_signatory_who_is_added_shows_on_every_face_after_those_before(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    before = int(str(told(site)["list_revision"]))
    site.publish(cast.statement(front=cast.FIRST + "  - {name: Nadzieja Nieisnaja, organisation: Open Lake, country: BY}\n"))
    assert [face for face in NAMING if "Open Lake" not in site.browser.get(face).text] == []
    assert [row.number for row in site.rows()] == [1, 2, 3, 4]
    changes = told(site, f"{AT}/signatories.json?since={before}")
    assert (len(list(changes["items"])), changes["withdrawn"]) == (1, [])  # type: ignore[call-overload]


def test_a_first_signatory_who_is_corrected_keeps_the_number_and_shows_anew_on_every_face(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    before = int(str(told(site)["list_revision"]))
    site.publish(cast.statement(front=cast.FIRST.replace("chair of the board", "honorary chair")))
    wrong = [face for face in NAMING if "chair of the board" in site.browser.get(face).text or "honorary chair" not in site.browser.get(face).text]
    assert wrong == []
    items = site.browser.get(f"{AT}/signatories.json?since={before}").json()["items"]
    assert [(item["number"], item["role"]) for item in items] == [(1, "honorary chair")]
    assert planned(site) == []


def test_a_first_signatory_who_is_left_out_is_gone_from_every_face(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    before = int(str(told(site)["list_revision"]))
    site.publish(cast.statement(front=cast.FIRST.replace("  - {name: Jean Exemple, country: FR, language: fr}\n", "")))
    assert [face for face in NAMING if "Jean Exemple" in site.browser.get(face).text] == []
    assert site.browser.get(f"{AT}/signatories.json?since={before}").json()["withdrawn"] == [3]
    assert told(site)["counts"] == {"organisations": 2, "individuals": 0, "withheld": 0}
    assert [row.state for row in sorted(site.rows(), key=lambda row: row.position)] == [State.PUBLISHED, State.PUBLISHED, State.REMOVED]
    site.publish(cast.statement(front=cast.FIRST))
    assert [item["number"] for item in site.browser.get(f"{AT}/signatories.json").json()["items"]] == [1, 2, 4]


def test_the_order_of_first_signatories_follows_the_file_and_the_numbers_stay(site: Site) -> None:
    head, *lines = cast.FIRST.splitlines(keepends=True)
    site.publish(cast.statement(front=cast.FIRST))
    site.publish(cast.statement(front=head + "".join(reversed(lines))))
    for url in (AT, f"/embed/{cast.SLUG}"):
        names = [item.one("b").text for item in page(site, url).one("ul", "first").all("li")]
        assert names == ["Jean Exemple", "Ян Прыклад", "Alesia Prykladnaya"]
    assert [item["name"] for item in site.browser.get(f"{AT}/signatories.json").json()["items"]] == ["Alesia Prykladnaya", "Ян Прыклад", "Jean Exemple"]
    assert planned(site) == []


def test_signatures_stay_when_the_file_changes(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST + "moderation: {organisations: automatic}\n"))
    site_on_sqlite.signed()
    site_on_sqlite.work()
    site_on_sqlite.publish(cast.statement(front="moderation: {organisations: automatic}\n"))
    assert [row.organisation for row in site_on_sqlite.rows() if row.state is State.PUBLISHED] == ["Fictional House of Rivers"]


def test_no_first_signatory_is_counted_twice_however_often_the_file_is_published(site_on_sqlite: Site) -> None:
    for text in (cast.FIRST, cast.FIRST + "  - {name: Nadzieja Nieisnaja}\n", cast.FIRST, cast.FIRST):
        site_on_sqlite.publish(cast.statement(front=text))
    assert told(site_on_sqlite)["counts"] == {"organisations": 2, "individuals": 1, "withheld": 0}


# What may not change


@pytest.mark.parametrize("key", ["title", "summary", "addressees", "body"])
def test_a_changed_text_is_refused_with_a_sentence_and_nothing_is_written(site: Site, key: str) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    before = faces(site)
    changed = {
        "title": {"title": "Open them"},
        "summary": {"summary": "Fifty."},
        "addressees": {"addressees": "[The Ministry]"},
        "body": {"body": cast.BODY + "!"},
    }[key]
    said = command(site, "publish", file(site, cast.statement(front="goal: 7\n" + cast.FIRST.replace("BY", "GE"), **changed)), "--yes")
    assert (said.code, said.out) == (2, "")
    assert "Signatures are bound to revision 1 and its text never changes under a signer" in said.complaint
    assert f"en text of `{cast.SLUG}`" in said.complaint
    assert faces(site) == before


def test_white_space_and_composition_are_not_a_changed_text(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    file(site_on_sqlite, cast.statement(body="\n\n" + cast.BODY.replace("\n", "  \n").replace("\n  \n", "\n\n\n\n") + "\n\n"))
    assert planned(site_on_sqlite) == []


def test_the_language_of_the_original_cannot_change(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    with pytest.raises(Conflict, match="published in en"):
        site_on_sqlite.publish(cast.statement(language="de"))
    assert [text.language for text in stored(site_on_sqlite)[2]] == ["en"]


def test_a_conflict_in_one_file_keeps_the_others_from_being_published(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    fresh = file(site_on_sqlite, cast.statement(slug="fresh"), "fresh.md")
    said = command(site_on_sqlite, "publish", fresh, file(site_on_sqlite, cast.statement(title="Changed")), "--yes")
    assert (said.code, [statement.slug for statement in stored(site_on_sqlite)[0]]) == (2, [cast.SLUG])


# Translations


def test_a_translation_may_come_later(site: Site) -> None:
    site.publish()
    revision = told(site)["revision"]
    assert "There is no translation" not in page(site).text
    assert page(site, f"/be{AT}").one("h1").text == "Open the archives of the river commission"
    site.publish(be=cast.belarusian())
    shown = page(site, f"/be{AT}")
    assert shown.one("h1").text == "Адкрыйце архівы рачной камісіі"
    assert shown.one("div", "body").attrs["lang"] == "be"
    assert (told(site)["languages"], told(site)["revision"]) == (["en", "be"], revision)
    served = site.browser.get(f"/be{AT}.txt").content
    assert [hashlib.sha256(served).hexdigest()] == [text["fingerprint"] for text in told(site)["texts"] if text["language"] == "be"]  # type: ignore[attr-defined]


def test_a_changed_translation_is_refused_by_its_language(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    with pytest.raises(Conflict, match="the be text of"):
        site_on_sqlite.publish(be=cast.belarusian().replace("разам", "паасобку"))
    assert "разам" in site_on_sqlite.browser.get(f"/be{AT}").text


def test_a_translation_whose_file_is_gone_stays_published(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    (site_on_sqlite.folder / "statement.be.md").unlink()
    site_on_sqlite.publish()
    assert told(site_on_sqlite)["languages"] == ["en", "be"]


def test_a_language_tag_means_the_same_in_capitals(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(language="EN"), be=cast.belarusian().replace("language: be", "language: BE"))
    assert told(site_on_sqlite)["languages"] == ["en", "be"]
    assert page(site_on_sqlite, f"/be{AT}").one("h1").text == "Адкрыйце архівы рачной камісіі"


def test_every_text_is_served_at_the_address_that_the_json_names(site_on_sqlite: Site) -> None:
    german = "---\nlanguage: de\ntitle: Öffnet die Archive\n---\nWir bitten.\n"
    site_on_sqlite.publish(be=cast.belarusian(), de=german)
    texts = site_on_sqlite.browser.get(f"{AT}.json").json()["texts"]
    assert [text["language"] for text in texts] == ["en", "be", "de"]
    served = {text["language"]: hashlib.sha256(site_on_sqlite.browser.get(text["text_url"]).content).hexdigest() for text in texts}
    assert served == {text["language"]: text["fingerprint"] for text in texts}
    assert [text["language"] for text in texts if site_on_sqlite.browser.get(text["url"]).status_code != 200] == []


# Fingerprint


def test_the_page_prints_the_command_that_recomputes_the_fingerprint(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    foot = page(site_on_sqlite).one("details", "fingerprint")
    assert foot.one("pre").text == f"curl -s http://localhost:8000{AT}.txt | sha256sum"
    answer = site_on_sqlite.browser.get(f"{AT}.txt", headers={"Accept": "*/*"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert foot.one("code", "whole").text == hashlib.sha256(answer.content).hexdigest()


def test_the_fingerprint_page_of_the_docs_says_the_same_command() -> None:
    text = (Path(__file__).parents[2] / "docs" / "fingerprint.md").read_text(encoding="utf-8")
    assert ".txt | sha256sum" in text
    assert "curl -s " in text


# Closing


def test_a_closed_statement_has_no_form_and_refuses_with_a_human_page(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    assert signable(site.browser)
    assert command(site, "close", cast.SLUG).out == f"{cast.SLUG} is closed.\n"
    assert not signable(site.browser)
    assert "It takes no more signatures." in page(site).text
    answer = site.browser.post(f"{AT}/sign", cast.organisation())
    assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (409, "text/html; charset=utf-8", "no-store")
    assert "your name was not taken" in tree(answer.text).one("p", "lede").text
    assert "set-cookie" not in answer.headers
    assert (told(site)["state"], len(site.rows()), site.letters()) == ("closed", 3, [])
    assert site.browser.get(f"{AT}/sign").status_code == 409


def test_a_program_that_signs_a_closed_statement_gets_a_problem(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    command(site_on_sqlite, "close", cast.SLUG)
    answer = site_on_sqlite.browser.post(f"{AT}/sign", cast.organisation(), headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_a_link_mailed_before_the_end_confirms_after_it(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    browser = site_on_sqlite.new_browser()
    form = cast.organisation()
    browser.post(f"{AT}/sign", form)
    link, _ = site_on_sqlite.link_and_code(form["email"])
    command(site_on_sqlite, "close", cast.SLUG)
    assert browser.submit(browser.get(link), press="confirm").status_code == 200
    assert [row.state for row in site_on_sqlite.rows()] == [State.CONFIRMED]


def test_a_closing_in_the_future_is_announced_and_takes_signatures_until_then(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    said = command(site_on_sqlite, "close", cast.SLUG, "--at", "2099-12-15 18:00 Europe/Minsk")
    assert (said.code, "2099-12-15T18:00+03:00" in said.out) == (0, True)
    assert (told(site_on_sqlite)["state"], told(site_on_sqlite)["closes"]) == ("open", "2099-12-15T15:00:00Z")
    assert signable(site_on_sqlite.browser)
    assert "15 December 2099" in page(site_on_sqlite).one("dl", "meta").text


def test_a_closing_in_the_past_closes(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    assert command(site_on_sqlite, "close", cast.SLUG, "--at", "2026-01-15 18:00 Europe/Minsk").code == 0
    assert (told(site_on_sqlite)["state"], signable(site_on_sqlite.browser)) == ("closed", False)


@pytest.mark.parametrize(
    "moment", ["tomorrow", "2099-12-15 18:00", "2099-12-15", "2099-12-15 18:00 Europe/Minks", "2099-13-15 18:00 UTC", "2099-12-15 18:00 ../UTC"]
)
def test_close_refuses_what_is_no_moment_with_a_zone(site_on_sqlite: Site, moment: str) -> None:
    site_on_sqlite.publish()
    said = command(site_on_sqlite, "close", cast.SLUG, "--at", moment)
    assert (said.code, told(site_on_sqlite)["closes"]) == (2, None)
    assert "--at" in said.complaint


def test_a_scheduled_statement_shows_when_it_opens_and_takes_nothing_yet(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front="opens: 2099-01-15 09:00 Europe/Minsk\ncloses: 2099-02-15 09:00 Europe/Minsk\n"))
    shown = page(site_on_sqlite)
    assert "Signatures are taken from 15 January 2099, 09:00" in shown.one("aside", "sign").text
    assert not signable(site_on_sqlite.browser)
    answer = site_on_sqlite.browser.post(f"{AT}/sign", cast.organisation())
    assert (answer.status_code, "not open yet" in answer.text, site_on_sqlite.rows()) == (409, True, [])
    assert (told(site_on_sqlite)["state"], told(site_on_sqlite)["opens"]) == ("scheduled", "2099-01-15T06:00:00Z")
    assert "Opening soon" in site_on_sqlite.browser.get("/").text


def test_a_statement_whose_end_has_passed_is_on_the_closed_shelf(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front="closes: 2020-01-15 09:00 Europe/Minsk\n"))
    home = page(site_on_sqlite, "/")
    assert [node.text for node in home.all("h2")] == ["Closed"]


# Taking down


def test_a_statement_taken_down_is_410_with_the_reason_on_every_address(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    assert command(site, "unpublish", cast.SLUG, "--reason", "Names stood here by mistake.").code == 0
    answers = {face: site.browser.get(face) for face in [*FACES, f"{AT}/sign", f"/be{AT}"]}
    assert {face: answer.status_code for face, answer in answers.items() if answer.status_code != 410} == {}
    assert [face for face, answer in answers.items() if any(name in answer.text for name in ("Prykladnaya", "Open the archives"))] == []
    assert "Names stood here by mistake." in tree(answers[AT].text).one("p", "lede").text
    assert answers[f"{AT}.json"].json()["detail"].endswith("Names stood here by mistake.")
    assert answers[f"{AT}.json"].headers["content-type"] == "application/problem+json"
    assert "Open the archives" not in site.browser.get("/").text
    assert site.browser.post(f"{AT}/sign", cast.organisation()).status_code == 410
    assert len(site.rows()) == 3


def test_the_reason_is_shown_as_text(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    command(site_on_sqlite, "unpublish", cast.SLUG, "--reason", "<b>100 %(slug)s</b> %s [b]x[/b]")
    answer = site_on_sqlite.browser.get(AT)
    assert answer.status_code == 410
    assert tree(answer.text).one("p", "lede").text == "This statement was taken down. Reason: <b>100 %(slug)s</b> %s [b]x[/b]"


def test_publishing_again_brings_it_back_as_it_was(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    before = faces(site)
    command(site, "unpublish", cast.SLUG, "--reason", "A pause.")
    assert planned(site) == ["bring the statement back, which was taken down"]
    site.publish(cast.statement(front=cast.FIRST))
    assert faces(site) == before
    assert "Open the archives" in site.browser.get("/").text
    assert planned(site) == []


def test_what_is_down_cannot_be_taken_down_and_what_is_not_there_cannot_be_closed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    command(site_on_sqlite, "unpublish", cast.SLUG, "--reason", "A pause.")
    again = command(site_on_sqlite, "unpublish", cast.SLUG, "--reason", "Another.")
    assert (again.code, "taken down already" in again.complaint) == (2, True)
    assert "A pause." in site_on_sqlite.browser.get(AT).text
    for words in (("close", "nothing"), ("close", "No/Slug"), ("unpublish", "nothing", "--reason", "x")):
        assert "no statement" in command(site_on_sqlite, *words).complaint
    assert command(site_on_sqlite, "unpublish", cast.SLUG, "--reason", "  ").code == 2
