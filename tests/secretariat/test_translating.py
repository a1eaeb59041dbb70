"""Source and translation side by side, links for partners, files in and out."""

import io
import re
import zipfile
from datetime import timedelta

import httpx
import pytest

from app.clock import utcnow
from app.secretariat.models import DraftText, PreviewLink
from app.statements.source import Paper, build
from app.statements.written import as_typed
from tests import cast
from tests.secretariat.hands import WRITE, drafted, drafts, fields, published, saved, writer
from tests.signatures.hands import problem, stored
from tests.site import Browser, Site

BELARUSIAN = as_typed(cast.belarusian())


def translated(browser: Browser, at: str, language: str = "be") -> str:
    """A translation of a draft; its address."""
    text = saved(browser, at, {**fields(browser.get(at)), "into": language}, "translate").headers["location"]
    words = {name: BELARUSIAN[name] for name in ("title", "summary", "body")}
    assert saved(browser, text, {**fields(browser.get(text)), **words}).status_code == 303
    return text


def test_what_is_typed_is_saved_before_a_translation_is_begun(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser)
    text = saved(browser, at, {**fields(browser.get(at)), "title": "Another title", "into": "be"}, "translate").headers["location"]
    assert "Another title" in browser.get(at).text
    assert "Another title" in browser.get(text).text


def test_a_translation_is_written_beside_its_source_and_published_with_it(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    text = translated(browser, at)
    page = browser.get(text).text
    assert "We ask alone no longer" in page
    assert "The source moved on" not in page
    assert published(browser, at).status_code == 303
    assert "Мы пішам разам" in site.browser.get(f"/be/statements/{cast.SLUG}").text


def test_when_the_source_moves_on_the_translation_says_which_paragraphs_changed_until_it_fits_again(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    text = translated(browser, at)
    changed = cast.BODY.replace("We offer our help.", "We offer every help.")
    saved(browser, at, {**as_typed(cast.statement(body=changed)), "place": "Lakeville"})
    page = browser.get(text).text
    assert re.findall(r"<del>(.*?)</del>|<ins>(.*?)</ins>", page) == [("We offer our help.", ""), ("", "We offer every help.")]
    assert "the source moved on" in browser.get(at).text
    assert saved(browser, text, fields(browser.get(text)), "fits").status_code == 303
    assert "The source moved on" not in browser.get(text).text


def test_who_saves_without_having_seen_the_new_source_keeps_the_mark(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser)
    text = translated(browser, at)
    before = fields(browser.get(text))
    saved(browser, at, as_typed(cast.statement(body="Something else.")))
    assert saved(browser, text, before).status_code == 303
    assert "The source moved on" in browser.get(text).text


@pytest.mark.parametrize(
    ("language", "sentence"), [("klingonish", "is not a language tag"), ("en", "is the language of the original"), ("", "this key is required")]
)
def test_what_is_wrong_with_a_translation_is_said_beside_its_field(site_on_sqlite: Site, language: str, sentence: str) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser)
    text = translated(browser, at, language)
    assert sentence in problem(browser.get(text), "language")
    assert 'class="problem"' not in browser.get(at).text


def test_two_translators_at_once_lose_nothing(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    text = translated(browser, at)
    typed = fields(browser.get(text))
    assert saved(browser, text, {**typed, "title": "Першая"}, version=typed["version"]).status_code == 303
    page = saved(browser, text, {**typed, "summary": "Другое"}, version=typed["version"])
    assert (page.status_code, fields(page)["summary"], "Першая" in page.text) == (409, "Другое", True)


def test_a_translation_is_deleted_from_the_draft(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    text = translated(browser, at)
    assert browser.post(text, {"act": "delete"}).status_code == 303
    assert (browser.get(text).status_code, stored(site, DraftText)) == (404, 0)


# Links for partners


def lent(browser: Browser, at: str, days: str = "7") -> str:
    found = re.search(r"http://[^/]+(/preview/[\w-]+)<", browser.post(f"{at}/links", {"days": days}).text)
    assert found
    return found[1]


def test_a_link_shows_the_draft_to_whoever_holds_it_until_it_ends(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = writer(site)
    at = drafted(browser, cast.statement(cast.FIRST))
    translated(browser, at)
    link = lent(browser, at)
    page = site.new_browser().get(link)
    assert (page.status_code, page.headers["cache-control"], page.headers["x-robots-tag"]) == (200, "no-store", "noindex")
    assert "Draft, not published. This link works until" in page.text
    assert "Open the archives of the river commission" in page.text
    assert "<form" not in page.text
    assert "Адкрыйце архівы" in site.new_browser().get(f"/be{link}").text
    assert site.new_browser().get(f"/zh-Hant{link}").status_code == 200
    monkeypatch.setattr("app.secretariat.previews.utcnow", lambda: utcnow() + timedelta(days=7, minutes=1))
    assert site.new_browser().get(link).status_code == 404


def test_a_link_is_stored_as_its_hash_listed_and_taken_back(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    link = lent(browser, at)
    assert link.rpartition("/")[2] not in browser.get(at).text
    (end,) = re.findall(r'action="([^"]+/end)"', browser.get(at).text)
    assert browser.post(end).status_code == 303
    assert (site.browser.get(link).status_code, stored(site, PreviewLink)) == (404, 0)


@pytest.mark.parametrize("days", ["0", "31", "", "x", "-1", "٣", "1000000"])
def test_a_link_lives_from_one_to_thirty_days(site_on_sqlite: Site, days: str) -> None:
    browser = writer(site_on_sqlite)
    page = browser.post(f"{drafted(browser)}/links", {"days": days})
    assert (page.status_code, problem(page, "days") != "", stored(site_on_sqlite, PreviewLink)) == (422, True, 0)


def test_a_published_draft_has_no_links_any_more(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    link = lent(browser, at)
    published(browser, at)
    assert site.browser.get(link).status_code == 404


# Files


def hand_in(browser: Browser, **files: str | bytes) -> httpx.Response:
    parts = [("files", (name.replace("_", ".") + ".md", text)) for name, text in files.items()]
    return browser.post(f"{WRITE}/import", files=parts)


def test_files_become_drafts_and_come_out_again_without_loss(site: Site) -> None:
    browser = writer(site)
    file = cast.statement(cast.FIRST + "goal: 1200\ncloses: 2099-02-15 18:00 Europe/Minsk\n")
    page = hand_in(browser, appeal=file, appeal_be=cast.belarusian(), other=cast.statement(slug="other"))
    assert (page.status_code, page.text.count("Everything was read.")) == (200, 2)
    at = next(at for at in re.findall(r'href="(/console/drafts/[^"]+)"', page.text) if "Арх" in browser.get(at).text or "архівы" in browser.get(at).text)
    exported = browser.get(f"{at}/file")
    assert exported.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        papers = [Paper(name, archive.read(name)) for name in archive.namelist()]
    wanted = build(Paper("appeal.md", file.encode()), [Paper("appeal.be.md", cast.belarusian().encode())])
    assert [paper.name for paper in papers] == [f"{cast.SLUG}.md", f"{cast.SLUG}.be.md"]
    assert build(papers[0], papers[1:]) == wanted
    assert published(browser, at).status_code == 303
    with zipfile.ZipFile(io.BytesIO(browser.get(f"/console/statements/{cast.SLUG}/file").content)) as archive:
        again = [Paper(name, archive.read(name)) for name in archive.namelist()]
    found = build(again[0], again[1:])
    assert (found.original, found.translations, found.closes, found.goal) == (wanted.original, wanted.translations, wanted.closes, wanted.goal)
    assert found.first_signatories[:2] == wanted.first_signatories[:2]


def test_a_broken_file_is_kept_and_every_complaint_names_file_line_and_key(site: Site) -> None:
    browser = writer(site)
    page = hand_in(browser, broken=cast.statement(front="goal: 0\nsumary: x\n"), broken_ru="---\nlanguage: be\ntitle: Назва\n---\nМы.\n")
    said = re.sub(r"<[^>]+>", "", page.text)
    assert "broken.md:9: goal: must be a whole number above zero" in said
    assert "broken.md:10: sumary: unknown key; did you mean `summary`?" in said
    assert "broken.ru.md:2: language: is `be`, but the file's name says `ru`" in said
    assert len(drafts(site)) == 1
    (at,) = re.findall(r'href="(/console/drafts/[^"]+)"', page.text)
    assert fields(browser.get(at))["goal"] == "0"


def test_a_file_that_cannot_be_read_is_kept_as_text(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    page = hand_in(browser, letter="We ask.\n", bytes=b"---\nslug: a\n---\n\xff\xfe")
    assert ("three hyphens" in page.text, "is not UTF-8" in page.text) == (True, True)
    kept = [fields(browser.get(at))["body"] for at in re.findall(r'href="(/console/drafts/[^"]+)"', page.text)]
    assert "We ask.\n" in kept


def test_a_file_over_512_kib_is_complained_of_and_many_are_refused(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    assert "is larger than 512 KiB" in hand_in(browser, big=cast.statement(body="word " * 110_000)).text
    assert browser.post(f"{WRITE}/import", files=[("files", (f"{n}.md", "x")) for n in range(13)]).status_code == 400
    assert hand_in(browser, **{f"n{n}": "x" * 1_000_000 for n in range(7)}).status_code == 413
    assert "No file was chosen" in browser.post(f"{WRITE}/import", files=[("files", ("", b""))]).text


def test_a_file_of_a_published_statement_becomes_a_draft_that_edits_it(site: Site) -> None:
    site.publish()
    browser = writer(site)
    hand_in(browser, appeal=cast.statement(front="goal: 9\n"))
    (row,) = drafts(site)
    assert row.statement_id
    assert published(browser, f"{WRITE}/{row.id}").status_code == 303
    assert site.browser.get(f"/statements/{cast.SLUG}.json").json()["goal"] == 9
