"""What is promised on paper holds: settings are documented, mails are whole in every language, templates compile."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2
import pytest
from pydantic import AliasChoices

from app.i18n import LOCALES, language
from app.outbox.mailer import compose
from app.outbox.models import Mail
from app.settings import ROOT, Settings
from app.web.templates import environment
from tests import cast
from tests.site import Site
from tests.web.markup import inline, parse

README = (ROOT / "README.md").read_text(encoding="utf-8")
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.*"))
MAILS = sorted(path.name for path in (ROOT / "templates" / "emails").iterdir() if path.is_dir())
# Plain text that a mail is given; a mail takes from it what it needs and may need nothing else.
LINK = {"token": "abcDEF123", "code": "012 345"}
DECIDED = {**LINK, "slug": cast.SLUG, "contact": "", "visibility": "public", "reason": "", "held": ""}
GIVEN: dict[str, dict[str, str]] = {
    "confirm": LINK,
    "already_signed": {**LINK, "slug": cast.SLUG},
    "approved": DECIDED,
    "rejected": {**DECIDED, "reason": "We could not reach <b>you</b> & yours."},
    "removed": {**DECIDED, "contact": "desk@site.example"},
    "corrected": DECIDED,
    "not_corrected": {**DECIDED, "reason": "We could not reach <b>you</b> & yours."},
    "inquiry": LINK,
    "waiting": {"count": "3"},
    "reported": {},
    "alert": {"kind": "burst", "slug": cast.SLUG},
}
every_mail = pytest.mark.parametrize("name", MAILS)
every_language = pytest.mark.parametrize("code", LOCALES)


def variables() -> list[str]:
    """The environment variables of an installation, by name."""
    found = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        chosen = str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias or f"UNDERSIGNED_{name.upper()}")
        found.append(chosen)
    return found


def test_the_settings_are_the_ones_that_the_design_lists() -> None:
    assert {"UNDERSIGNED_DATA_DIR", "DATABASE_URL", "UNDERSIGNED_BASE_URL", "UNDERSIGNED_SMTP_URL", "UNDERSIGNED_ENV", "UNDERSIGNED_KEY_FILE"} <= set(
        variables()
    )


@pytest.mark.parametrize("name", variables())
def test_every_setting_is_described_in_the_readme(name: str) -> None:
    row = re.search(rf"^\|\s*`{name}`\s*\|(.*)\|(.*)\|\s*$", README, re.MULTILINE)
    assert row, f"README.md has no row for {name}"
    assert row[2].strip()


def test_the_readme_describes_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"\b(?:UNDERSIGNED_[A-Z_]+|DATABASE_URL|REDIS_URL)\b", README))
    assert {name for name in named if not name.startswith("UNDERSIGNED_TEST_")} - set(variables()) == set()


def test_every_setting_has_a_help() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = [path for path in (ROOT / "app").rglob("*.py") if re.search(r"os\.environ|getenv\(|BaseSettings", path.read_text(encoding="utf-8"))]
    assert [path.relative_to(ROOT).as_posix() for path in readers] == ["app/settings.py"]


@every_mail
def test_every_mail_has_its_three_parts(name: str) -> None:
    parts = {path.name for path in (ROOT / "templates" / "emails" / name).iterdir()}
    assert parts == {"subject.txt", "body.txt", "body.html"}


def test_every_mail_that_is_queued_anywhere_has_templates_and_a_test() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    queued = set(re.findall(r"(?:enqueue\(session, |_tell\(session, signature, |self\._mail\()\"(\w+)\"", sources))
    assert queued == set(MAILS) == set(GIVEN)


def letter(name: str, code: str, **changes: str) -> Any:
    """The mail as it would be sent."""
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    mail = Mail(name=name, language=code, created_at=now, due_at=now, expires_at=now + timedelta(hours=72))
    return compose(mail, "tamar@rivers-house.org", GIVEN[name] | changes)


@every_language
@every_mail
def test_every_mail_renders_in_every_language(name: str, code: str) -> None:
    message = letter(name, code)
    plain, page = message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()
    assert message["Content-Language"] == code
    assert parse(page).one("html").attrs["lang"] == code
    assert [text for text in (plain, page, message["Subject"]) if "{{" in text or "{%" in text or "%(" in text] == []
    assert re.search(r"http://localhost:8000/\S*", plain)
    assert {link.attrs["href"] for link in parse(page).all("a")} <= set(re.findall(r"http\S+", plain)) | {"http://localhost:8000/"}


@every_language
@every_mail
def test_both_parts_of_a_mail_say_the_same(name: str, code: str) -> None:
    message = letter(name, code)
    plain = " ".join(message.get_body(("plain",)).get_content().split())
    page = parse(message.get_body(("html",)).get_content().replace("</p>", " </p>")).one("body").text
    sentences = [sentence.strip() for sentence in re.split(r"(?<=[.!?:,])\s", page.partition("Undersigned")[0]) if sentence.strip()]
    assert [sentence for sentence in sentences if sentence not in plain] == []


@every_mail
def test_a_mail_is_translated_whole(name: str) -> None:
    latin = re.compile(r"[A-Za-z]{4,}")
    for code in ("be", "ru"):
        text = letter(name, code, reason="прычына").get_body(("plain",)).get_content()
        words = re.sub(r"\S*(?:http|@)\S*", "", text).replace("Undersigned", "")
        assert latin.findall(words) == [], code


@every_language
@every_mail
def test_a_subject_is_neutral(name: str, code: str) -> None:
    """It shows on a locked screen: no statement, no name, no signature."""
    subject = str(letter(name, code)["Subject"])
    assert 3 <= len(subject) <= 70
    assert not re.search(r"statement|signed|signature|appeal|petition|подпіс|подпис|заяв|зварот|обращен", subject, re.IGNORECASE)
    assert [word for word in (cast.SLUG, "archives", "tamar", "Undersigned") if word.lower() in subject.lower()] == []


def test_a_real_mail_keeps_the_title_and_the_name_out_of_its_subject(site_on_sqlite: Site) -> None:
    slug, moderator = site_on_sqlite.publish(), site_on_sqlite.moderator()
    for number, path in enumerate(("approve", "reject")):
        site_on_sqlite.signed(email=f"tamar{number}@rivers-house.org", organisation=f"House number {number}")
        row = site_on_sqlite.rows()[-1]
        moderator.post(f"/console/signatures/{row.id}/{path}", {"reason": "Unknown."})
    site_on_sqlite.browser.post(f"/statements/{slug}/sign", cast.organisation(email="tamar0@rivers-house.org"))
    subjects = {str(found.message["Subject"]) for found in site_on_sqlite.letters()}
    assert len(subjects) >= 3
    assert [subject for subject in subjects if re.search("archive|river|house|tamar|magali", subject, re.IGNORECASE)] == []


@every_language
def test_what_a_moderator_writes_stays_text_in_a_mail(code: str) -> None:
    page = parse(letter("rejected", code).get_body(("html",)).get_content())
    assert page.one("blockquote").text == GIVEN["rejected"]["reason"]
    assert page.one("blockquote").all("b") == []
    assert [found for found in inline(page) if not found.endswith(" style")] == []


def test_a_mail_loads_nothing() -> None:
    for name in MAILS:
        page = parse(letter(name, "en").get_body(("html",)).get_content())
        assert [element for element in page.all() if {"src", "background", "srcset"} & set(element.attrs)] == []
        assert page.all("link") + page.all("style") + page.all("script") == []


@every_mail
def test_a_mail_that_misses_what_it_needs_is_not_sent_half(name: str) -> None:
    needed = [key for key, value in GIVEN[name].items() if value and _used(name, key)]
    now = datetime(2026, 11, 22, tzinfo=UTC)
    mail = Mail(name=name, language="en", created_at=now, due_at=now)
    for key in needed:
        with pytest.raises(jinja2.UndefinedError):
            compose(mail, "a@b.example", {other: value for other, value in GIVEN[name].items() if other != key})


def _used(name: str, key: str) -> bool:
    folder: Path = ROOT / "templates" / "emails" / name
    return any(re.search(rf"\b{key}\b", re.sub(r"{% trans.*?%}.*?{%|{% trans.*", "", path.read_text(encoding="utf-8"))) for path in folder.iterdir())


@every_language
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str, code: str) -> None:
    made = environment(code)
    assert made.undefined is jinja2.StrictUndefined
    assert made.get_template(name).name == name


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_escapes_what_it_shows(name: str) -> None:
    autoescape = environment("en").autoescape
    assert callable(autoescape)
    assert autoescape(name) == name.endswith((".html", ".atom", ".svg"))
    assert "|safe" not in (text := (ROOT / "templates" / name).read_text(encoding="utf-8")).replace(" ", "") or "_fields.html" in name
    assert "autoescape false" not in text


@pytest.mark.parametrize("code", [code for code in LOCALES if code != "en"])
def test_every_sentence_of_the_templates_is_translated(code: str) -> None:
    made, words, missing = environment("en"), language(code), []
    for name in TEMPLATES:
        source = (ROOT / "templates" / name).read_text(encoding="utf-8")
        for _, _, message in made.extract_translations(source):  # type: ignore[attr-defined]
            for sentence in (message if isinstance(message, tuple) else (message,))[:1]:
                folded = re.sub(r"\s*\n\s*", " ", (sentence or "").strip())
                if folded and words.translations.ugettext(folded) == folded and words.translations.ungettext(folded, folded, 1) == folded:
                    missing.append((name, folded))
    assert missing == []
