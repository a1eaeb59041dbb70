"""A broken file gives one sentence with file, line and key, and nothing is written."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from app.errors import InvalidSource
from app.statements.models import Reference, Revision, Statement, Text
from app.statements.source import load
from tests import cast
from tests.site import Site
from tests.statements.command import process, undersigned

SIGNATORY = "first_signatories:\n  - {name: Jean Exemple, country: FR}\n"
OVER_512_KIB = "word " * 110_000
TRANSLATION = "---\nlanguage: {language}\n{title}{front}---\nМы пішам разам.\n"


@dataclass(frozen=True)
class Broken:
    """A file (and the translation beside it), and what the complaint must say."""

    text: str | bytes
    line: int
    key: str
    word: str
    translation: str = ""
    code: str = "ru"

    @property
    def file(self) -> str:
        return f"statement.{self.code}.md" if self.translation else "statement.md"

    def write(self, folder: Path) -> Path:
        path = folder / "statement.md"
        path.write_bytes(self.text if isinstance(self.text, bytes) else self.text.encode())
        if self.translation:
            (folder / self.file).write_text(self.translation, encoding="utf-8")
        return path


def keyed(line: int, word: str, /, **changed: str) -> Broken:
    """The cast's file with one key changed; lines 2 to 8 are slug, language, title, summary, date, place, addressees."""
    return Broken(cast.statement(**changed), line, next(iter(changed)), word)


def added(front: str, line: int, key: str, word: str) -> Broken:
    """The cast's file with lines added; the first of them is line 9."""
    return Broken(cast.statement(front=front), line, key, word)


def translated(line: int, key: str, word: str, code: str = "ru", language: str = "ru", title: str = "title: Назва\n", front: str = "") -> Broken:
    return Broken(cast.statement(), line, key, word, TRANSLATION.format(language=language, title=title, front=front), code)


CASES = {
    # the frame of the file
    "no front matter": Broken("We ask for the measurements.\n", 1, "", "three hyphens"),
    "nothing at all": Broken("", 1, "", "three hyphens"),
    "front matter without an end": Broken("---\nslug: open\nlanguage: en\ntitle: Open\n", 1, "", "no end"),
    "empty front matter": Broken("---\n---\nWe ask.\n", 2, "", "empty"),
    "front matter that is a list": Broken("---\n- slug\n- title\n---\nWe ask.\n", 2, "", "keys"),
    "front matter that is a word": Broken("---\nslug\n---\nWe ask.\n", 2, "", "keys"),
    "empty body": Broken("---\nslug: open\nlanguage: en\ntitle: Open\n---\n", 6, "", "empty"),
    "body of blank lines": Broken("---\nslug: open\nlanguage: en\ntitle: Open\n---\n\n \n", 8, "", "empty"),
    "not UTF-8": Broken(cast.statement(place="Riverton").replace("Riverton", "Ville-d’\N{LATIN CAPITAL LETTER E WITH ACUTE}").encode("cp1252"), 7, "", "UTF-8"),
    "NUL in the body": Broken(cast.statement(body="We ask.\n\nNow\0."), 12, "", "NUL"),
    "larger than 512 KiB": Broken(cast.statement(body=OVER_512_KIB), 1, "", "512 KiB"),
    # YAML
    "a colon inside a plain title": Broken(cast.statement(title="Open: the archives"), 4, "", "YAML"),
    "a tab as indentation": added("related:\n\t- {title: An article}\n", 10, "", "YAML"),
    "a quotation mark that never closes": Broken(cast.statement(title='"Open the archives'), 4, "", "YAML"),
    "a raw control character": Broken(cast.statement(place="River\x07ton"), 7, "", "character"),
    "an escape beyond Unicode": Broken(cast.statement(place='"\\U00110000"'), 7, "", "YAML"),
    "an escape beyond any number": Broken(cast.statement(place='"\\UFFFFFFFF"'), 7, "", "YAML"),
    "an escaped half of a character": keyed(7, "character", place='"\\ud800"'),
    "an escaped control character": keyed(7, "control character", place='"River\\eton"'),
    "an alias of nothing": Broken(cast.statement(place="*nowhere"), 7, "", "YAML"),
    "brackets ten thousand deep": added("related: " + "[" * 10_000 + "]" * 10_000 + "\n", 9, "", "YAML"),
    # keys
    "unknown key": added("sumary: Forty organisations\n", 9, "sumary", "did you mean `summary`?"),
    "unknown key, two lines down": added("goal: 100\nclose: 2099-12-15 18:00 Europe/Minsk\n", 10, "close", "did you mean `closes`?"),
    "unknown key unlike any": added("zzz: 1\n", 9, "zzz", "known are slug, language"),
    "unknown key of a signatory": added(
        "first_signatories:\n  - name: Jean Exemple\n    organization: Open House\n", 11, "first_signatories[1].organization", "`organisation`"
    ),
    "unknown key of a policy": added("moderation: {organisation: automatic}\n", 9, "moderation.organisation", "`organisations`"),
    "duplicate key": added("title: Close the archives\n", 9, "title", "second time"),
    "missing slug": Broken(cast.statement(slug=""), 1, "slug", "required"),
    "missing language": Broken(cast.statement(language=""), 1, "language", "required"),
    "missing title": Broken(cast.statement(title=""), 1, "title", "required"),
    # slug, language, title
    "slug with capitals": keyed(2, "small Latin letters", slug="Open-Archives"),
    "slug with a double hyphen": keyed(2, "single hyphens", slug="open--archives"),
    "slug that ends with a hyphen": keyed(2, "hyphens", slug="open-"),
    "slug with Cyrillic letters": keyed(2, "Latin letters", slug="адкрыць"),
    "slug of 81 characters": keyed(2, "80", slug="a" * 81),
    "empty slug": keyed(2, "letters", slug='""'),
    "language that is none": keyed(3, "language tag", language="klingonish"),
    "language with an underscore": keyed(3, "language tag", language="en_GB"),
    "empty title": keyed(4, "must not be empty", title='""'),
    "title of nothing but spaces": keyed(4, "must not be empty", title='"   "'),
    "title of 301 characters": keyed(4, "300", title="a" * 301),
    "a list where a text is expected": keyed(4, "must be a text", title="[Open, the archives]"),
    "a mapping where a text is expected": keyed(7, "must be a text", place="{city: Riverton}"),
    "a text where a list is expected": keyed(8, "must be a list", addressees="The Ministry of Waters"),
    "an empty addressee": Broken(cast.statement(addressees='[The Ministry, ""]'), 8, "addressees[2]", "must not be empty"),
    "a title that turns the text around": keyed(4, "control character", title="Open \u202eserfihcra"),
    # dates, numbers, flags
    "date of another order": keyed(6, "2026-11-22", date="22.11.2026"),
    "day that is not in the calendar": keyed(6, "date", date="2026-02-30"),
    "date by the week": keyed(6, "date", date="2026-W47-7"),
    "closes without a zone": added("closes: 2099-12-15 18:00\n", 9, "closes", "zone"),
    "closes in an unknown zone": added("closes: 2099-12-15 18:00 Europe/Minks\n", 9, "closes", "Europe/Minks"),
    "closes in a zone that is a path": added("closes: 2099-12-15 18:00 ../Minsk\n", 9, "closes", "zone"),
    "closes on a day that never comes": added("closes: 2099-02-30 18:00 Europe/Minsk\n", 9, "closes", "calendar"),
    "closes at the end of all time": added("closes: 9999-12-31 23:59 America/New_York\n", 9, "closes", "calendar"),
    "closes before it opens": added("opens: 2099-12-15 18:00 Europe/Minsk\ncloses: 2099-12-14 18:00 Europe/Minsk\n", 10, "closes", "later"),
    "opens and closes in one moment of two zones": added("opens: 2099-12-15 15:00 UTC\ncloses: 2099-12-15 18:00 Europe/Minsk\n", 10, "closes", "later"),
    "goal of zero": added("goal: 0\n", 9, "goal", "above zero"),
    "goal in words": added("goal: a thousand\n", 9, "goal", "whole number"),
    "goal with a fraction": added("goal: 12.5\n", 9, "goal", "whole number"),
    "flag that is neither": added("noindex: maybe\n", 9, "noindex", "true, false"),
    "empty flag": added("demonstration:\n", 9, "demonstration", "true, false"),
    "contact that is no address": added("contact: the secretariat\n", 9, "contact", "e-mail address"),
    # who signs, who decides
    "no signers": added("signers: []\n", 9, "signers", "organisations, individuals or both"),
    "unknown signers": added("signers: [organisations, robots]\n", 9, "signers[2]", "robots"),
    "unknown policy": added("moderation: {organisations: sometimes}\n", 9, "moderation.organisations", "moderated, automatic"),
    "moderation as one word": added("moderation: automatic\n", 9, "moderation", "keys"),
    # first signatories
    "signatory without a name": added("first_signatories:\n  - {role: director}\n", 10, "first_signatories[1]", "`name`"),
    "second signatory without a name": added(SIGNATORY + "  - {country: BY}\n", 11, "first_signatories[2]", "`name`"),
    "signatory that is a word": added("first_signatories: [Jean Exemple]\n", 9, "first_signatories[1]", "keys"),
    "signatory of a country that is none": added("first_signatories:\n  - {name: Jean Exemple, country: FRA}\n", 10, "first_signatories[1].country", "FRA"),
    "organisation that is not named": added("first_signatories:\n  - {name: Jean Exemple, kind: organisation}\n", 10, "first_signatories[1]", "`organisation`"),
    "signatory of an unknown kind": added("first_signatories:\n  - {name: Jean Exemple, kind: party}\n", 10, "first_signatories[1].kind", "party"),
    "control character in a name": added('first_signatories:\n  - {name: "Jean\\u0007Exemple"}\n', 10, "first_signatories[1].name", "control character"),
    "web address in a name": added("first_signatories:\n  - name: https://exemple.example/jean\n", 10, "first_signatories[1].name", "without web"),
    "script in a role": added('first_signatories:\n  - {name: Jean Exemple, role: "<script>"}\n', 10, "first_signatories[1].role", "character"),
    "script as a signatory's website": added(
        'first_signatories:\n  - {name: Jean, website: "javascript:x()"}\n', 10, "first_signatories[1].website", "https://"
    ),
    "signatory's language that is none": added("first_signatories:\n  - {name: Jean, language: zzzz}\n", 10, "first_signatories[1].language", "language tag"),
    "one signatory twice": added(SIGNATORY + "  - {name: Jean Exemple, country: BE}\n", 11, "first_signatories[2]", "second time"),
    # what accompanies the statement
    "article without a title": added('related:\n  - {url: "https://a.example/"}\n', 10, "related[1]", "`title`"),
    "article that is a script": added('related:\n  - {title: An article, url: "javascript:alert(1)"}\n', 10, "related[1].url", "https://"),
    "article with a date": added("related:\n  - {title: An article, date: 2026-11-22}\n", 10, "related[1].date", "unknown key"),
    "news without a date": added("news:\n  - {title: A hearing was set}\n", 10, "news[1]", "`date`"),
    "news on no day": added("news:\n  - {title: A hearing, date: soon}\n", 10, "news[1].date", "date"),
    # translations
    "translation of another language than its name": translated(2, "language", "`ru`", language="be"),
    "translation with a slug": translated(4, "slug", "unknown key", front="slug: open-archives\n"),
    "translation with signatories": translated(4, "first_signatories", "unknown key", front=SIGNATORY),
    "translation without a title": translated(1, "title", "required", title=""),
    "translation into the original's language": translated(2, "language", "original", code="en", language="en"),
    "translation without front matter": Broken(cast.statement(), 1, "", "three hyphens", "Мы пішам разам.\n", "be"),
}
each = pytest.mark.parametrize("broken", CASES.values(), ids=CASES.keys())
PLACE = re.compile(r"(?P<file>[\w.]+):(?P<line>\d+): (?:(?P<key>[a-z_]+[\w.\[\]]*): )?(?P<why>.+)")


def said_well(broken: Broken, sentence: str) -> None:
    found = PLACE.fullmatch(sentence)
    assert found, sentence
    assert (found["file"], int(found["line"]), found["key"] or "") == (broken.file, broken.line, broken.key), sentence
    assert broken.word in found["why"], sentence
    assert len(found["why"]) < 400, sentence


def written(site: Site) -> int:
    with Session(site.database.engine) as session:
        return sum(session.exec(select(func.count()).select_from(table)).one() for table in (Statement, Revision, Text, Reference))


@each
def test_a_broken_file_is_refused_with_file_line_and_key(broken: Broken, tmp_path: Path) -> None:
    path = broken.write(tmp_path)
    with pytest.raises(InvalidSource) as refused:
        load(path)
    said_well(broken, str(refused.value))


def test_no_broken_file_writes_anything_and_each_ends_with_one_line_and_2(site_on_sqlite: Site, tmp_path: Path) -> None:
    wrong = []
    for number, (name, broken) in enumerate(CASES.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = undersigned("publish", str(broken.write(folder)), "--yes", url=site_on_sqlite.database.url)
        if (said.code, said.err.count("\n"), said.out) != (2, 1, "") or "statement" not in said.err:
            wrong.append((name, said.code, said.err[-200:]))
    assert wrong == []
    assert written(site_on_sqlite) == 0
    assert site_on_sqlite.rows() == []


@pytest.mark.parametrize("name", ["unknown key", "not UTF-8", "translation with a slug"])
def test_the_command_itself_says_one_line_and_exits_with_2(name: str, tmp_path: Path) -> None:
    broken = CASES[name]
    ended = process("publish", str(broken.write(tmp_path)), folder=tmp_path / "data", UNDERSIGNED_ENV="development")
    assert ended.code == 2
    said_well(broken, ended.complaint.removeprefix("undersigned: "))
    assert ended.out == ""
    assert not (tmp_path / "data").exists()


def test_a_broken_file_keeps_a_whole_one_beside_it_from_being_published(site_on_sqlite: Site, tmp_path: Path) -> None:
    whole = tmp_path / "whole.md"
    whole.write_text(cast.statement(slug="whole"), encoding="utf-8")
    said = undersigned("publish", str(whole), str(CASES["goal of zero"].write(tmp_path)), url=site_on_sqlite.database.url)
    assert (said.code, written(site_on_sqlite)) == (2, 0)
    assert "statement.md:9: goal:" in said.complaint


def test_a_published_statement_stays_as_it_was_when_its_file_breaks(site_on_sqlite: Site) -> None:
    slug = site_on_sqlite.publish()
    before = site_on_sqlite.browser.get(f"/statements/{slug}").text
    with pytest.raises(InvalidSource):
        site_on_sqlite.publish(cast.statement(front="goal: 0\n"))
    assert site_on_sqlite.browser.get(f"/statements/{slug}").text == before
    with Session(site_on_sqlite.database.engine) as session:
        assert session.exec(select(col(Statement.goal))).all() == [None]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_a_file_from_another_system_is_the_same_statement(end: str, tmp_path: Path) -> None:
    path = tmp_path / "statement.md"
    path.write_text(cast.statement(), encoding="utf-8")
    plain = load(path)
    path.write_bytes(b"\xef\xbb\xbf" + cast.statement().replace("\n", end).encode())
    assert load(path) == plain


def test_two_translations_into_one_language_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "statement.md"
    path.write_text(cast.statement(), encoding="utf-8")
    (tmp_path / "statement.be.md").write_text(cast.belarusian(), encoding="utf-8")
    (tmp_path / "statement.new.be.md").write_text(cast.belarusian(), encoding="utf-8")
    with pytest.raises(InvalidSource, match="be"):
        load(path)
