"""What is typed becomes a file, and the file says it again: nothing is lost on the way there and back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import InvalidSource
from app.names import NameProblem, check_line, check_name
from app.statements.canonical import tidy
from app.statements.frontmatter import parse
from app.statements.lists import FirstSignatory, Reference
from app.statements.source import Paper, Source, SourceText, build, examine, load
from app.statements.written import as_typed, dump, dump_text, field_of, known, original, rows, typed_source, with_rows
from tests import cast
from tests.statements.seed import parse as appeal
from tests.statements.test_broken_files import CASES


def whole() -> str:
    more = "related:\n  - {title: A letter, url: 'https://a.example/', language: en}\nnews:\n  - {date: 2026-11-20, title: A hearing, summary: In Riverton.}\n"
    front = "opens: 2099-01-15 18:00 Europe/Minsk\ncloses: 2099-02-15 18:00 UTC\ngoal: 1200\ncontact: office@rivers-house.org\nnoindex: true\nmoderation: {organisations: automatic}\nsigners: [organisations]\n"
    return cast.statement(front=front + cast.FIRST + more)


def read(*files: str) -> Source:
    """A statement and its translations, from texts in memory."""
    head, *others = [Paper(f"statement{name}.md", text.encode()) for name, text in zip(("", ".be", ".de"), files, strict=False)]
    return build(head, others)


def accepted(line: str, judge: Callable[[str, int], str]) -> bool:
    try:
        return judge(line, 100) == line
    except NameProblem:
        return False


def clean_line(text: str) -> bool:
    """What the loader leaves as it is."""
    try:
        return parse("f", f"a: {yaml_string(text)}").mapping(["a"])["a"].text(300) == text
    except (InvalidSource, KeyError):
        return False


def yaml_string(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


line = st.one_of(
    st.sampled_from(
        ["null", "~", "true", "2026-11-22", "- a", "a: b", "# c", "'", '"', "1_000", "&a", "*a", "!x", "%x", "@", "`", "|", ">", "? a", "{a}", "Öl", "𝔘"]
    ),
    st.text(min_size=1, max_size=30),
).filter(clean_line)
name = st.one_of(st.sampled_from(["Ян Прыклад", "=mc²", "+972 Magazine", "Null", "true", "D’Exemple: «a»"]), line).filter(
    lambda text: accepted(text, check_name)
)
role = st.one_of(st.just(""), line.filter(lambda text: accepted(text, check_line)))
maybe = st.one_of(st.just(""), line)
url = st.sampled_from(["", "https://a.example/?a=b#c", "http://a.example/: x".replace(" ", "%20")])
tag = st.sampled_from(["", "en", "be", "zh-Hant"])
country = st.sampled_from(["", "BY", "NO", "XK", "international"])
body = (
    st.text(min_size=1, max_size=200)
    .map(tidy)
    .filter(
        lambda text: bool(text.strip()) and not examine(Paper("f.md", f"---\nslug: a\nlanguage: en\ntitle: a\n---\n{text}\n".encode("utf-8", "replace")))[1]
    )
)


def text_in(language: str) -> st.SearchStrategy[SourceText]:
    return st.builds(SourceText, st.just(language), line, maybe, st.lists(line, max_size=3).map(tuple), body)


moment = st.tuples(
    st.integers(0, 600).map(lambda days: datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=days)),
    st.sampled_from(["Europe/Minsk", "UTC", "America/New_York"]),
)
signatory = st.one_of(
    st.builds(FirstSignatory, st.just("individual"), name, role, st.one_of(st.just(""), name), url, country, tag),
    st.builds(FirstSignatory, st.just("organisation"), st.one_of(st.just(""), name), role, name, url, country, tag),
)
reference = st.builds(Reference, line, url, tag)
news = st.builds(Reference, line, url, tag, st.dates(date(1970, 1, 1)), maybe)
source = st.builds(
    Source,
    slug=st.sampled_from(["a", "true", "2026-11-22", "null", "open-archives"]),
    original=text_in("en"),
    translations=st.tuples(text_in("be"), text_in("de")),
    date=st.one_of(st.none(), st.dates(date(1000, 1, 1))),
    place=maybe,
    signers=st.sampled_from([("organisations", "individuals"), ("organisations",), ("individuals",)]),
    automatic=st.sampled_from([(), ("organisations",), ("organisations", "individuals")]),
    opens=st.one_of(st.none(), moment),
    closes=st.none(),
    goal=st.one_of(st.none(), st.integers(1, 999_999_999)),
    contact=st.sampled_from(["", "office@rivers-house.org"]),
    noindex=st.booleans(),
    demonstration=st.booleans(),
    first_signatories=st.lists(signatory, max_size=3, unique_by=lambda one: (one.kind, one.name, one.organisation)).map(tuple),
    related=st.lists(reference, max_size=2).map(tuple),
    news=st.lists(news, max_size=2).map(tuple),
)


@settings(max_examples=200, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(source)
def test_a_source_that_is_written_down_is_read_as_itself(found: Source) -> None:
    assert read(dump(found), *map(dump_text, found.translations)) == found


def test_an_export_of_the_cast_is_read_as_itself_and_reads_well(tmp_path: Path) -> None:
    (tmp_path / "statement.md").write_text(whole(), encoding="utf-8")
    found = load(tmp_path / "statement.md")
    text = dump(found)
    assert read(text) == found
    assert "\nopens: 2099-01-15 18:00 Europe/Minsk\n" in text
    assert "\ngoal: 1200\n" in text
    assert "\nnoindex: true\n" in text


def test_the_real_appeal_typed_field_by_field_is_the_same_text(seed: str) -> None:
    file = appeal(seed).file("restorative-measures")
    typed = as_typed(file)
    assert read(original(typed)) == read(file)
    assert read(dump(read(file))).original.fingerprint == read(file).original.fingerprint


def test_what_a_file_says_and_what_its_source_types_are_one() -> None:
    assert read(original(as_typed(whole()))) == read(original(typed_source(read(whole())))) == read(whole())


@pytest.mark.parametrize("broken", CASES.values(), ids=CASES.keys())
def test_of_a_broken_file_is_kept_what_can_be_read(broken: object) -> None:
    text = broken.text if isinstance(broken.text, str) else broken.text.decode("utf-8", "replace")  # type: ignore[attr-defined]
    typed = as_typed(text)
    assert all(isinstance(value, str) for value in typed.values())
    last = text.rstrip().split("\n")[-1]
    assert last in {"---", ""} or last in typed["body"]
    original(typed)


def test_every_complaint_is_found_at_once_and_names_its_field() -> None:
    typed = known(
        {"title": "", "slug": "Open", "goal": "many", "first_signatories.1.role": "", "first_signatories.2.country": "FRA", "news.1.title": "A hearing"}
    )
    _, complaints = examine(Paper("f.md", original(typed).encode()))
    assert [field_of(complaint, typed) for complaint in complaints] == [
        "body",
        "language",
        "title",
        "slug",
        "signers",
        "goal",
        "first_signatories.2.name",
        "first_signatories.2.country",
        "news.1.date",
    ]


def test_rows_are_numbered_anew_and_unknown_fields_go() -> None:
    typed = known({"related.7.title": "B", "related.3.title": "A", "related.3.nonsense": "x", "elsewhere": "y", "place": "a\r\nb"})
    assert [row["title"] for row in rows(typed, "related")] == ["A", "B"]
    assert set(typed) == {f"related.{n}.{key}" for n in (1, 2) for key in ("title", "url", "language")} | {"place"}
    assert typed["place"] == "a\nb"
    assert rows(with_rows(typed, "related", []), "related") == []
