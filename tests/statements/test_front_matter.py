"""Whatever stands in a file, the reader gives a statement or says what is wrong."""

import tempfile
from contextlib import suppress
from datetime import UTC
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.errors import InvalidSource
from app.statements.frontmatter import parse, split
from app.statements.source import Source, load
from tests import cast

KEYS = ("slug", "language", "title", "summary", "addressees", "date", "place", "signers", "moderation", "opens", "closes", "goal", "contact", "noindex")
DEEP = ("demonstration", "first_signatories", "related", "news", "name", "role", "organisation", "country", "website", "kind", "url")
ODD = [
    "&a",
    "*a",
    "!!int",
    "!!python/object:os",
    "|",
    ">",
    "---",
    "...",
    "%YAML 9",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "? ",
    ": ",
    ", ",
    '"',
    "'",
    "\\x",
    "\\u",
    "\\UFFFFFFFF",
    "<<",
    "~",
    "#",
    "@",
    "`",
]
ESCAPED = ['"\\U00110000"', '"\\UFFFFFFFF"', '"\\ud800"', '"\\0"', '"\\N\\L\\P"']
WORDS = st.one_of(
    st.sampled_from(
        [
            *KEYS,
            *DEEP,
            *ODD,
            *ESCAPED,
            "\n",
            "\n  - ",
            "\n  ",
            " ",
            "open-archives",
            "en",
            "be",
            "2026-11-22",
            "2099-12-15 18:00 Europe/Minsk",
            "true",
            "0",
            "BY",
            "https://a.example/",
        ]
    ),
    st.text(max_size=8),
)
FRONT = st.lists(WORDS, max_size=30).map("".join)
VALUE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "~",
            "''",
            "[]",
            "{}",
            "[[]]",
            "0x10",
            "1_000",
            ".inf",
            "2026-11-22",
            "0001-01-01 00:00 Asia/Tokyo",
            "9999-12-31 23:59 America/New_York",
            "a@b",
            "a@b.c",
            "http://[",
            "x-y",
            "*",
            *ESCAPED,
        ]
    ),
    st.builds(
        "{}-{:02}-{:02} {:02}:{:02} {}".format,
        st.integers(0, 9999),
        *[st.integers(0, 70)] * 4,
        st.sampled_from(["UTC", "Europe/Minsk", "../x", "Europe", "\x00"]),
    ),
)
calm = settings(deadline=None, max_examples=100, derandomize=True, phases=(Phase.explicit, Phase.generate, Phase.shrink))


def read(content: bytes) -> Source | InvalidSource:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.md"
        path.write_bytes(content)
        try:
            source = load(path)
        except InvalidSource as refused:
            return refused
    assert source.original.canonical.decode("utf-8").endswith("\n")
    assert all(moment is None or moment[0].astimezone(UTC) for moment in (source.opens, source.closes))
    return source


@calm
@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    assert isinstance(read(content), InvalidSource)


@calm
@given(st.text(max_size=300))
def test_any_text_as_front_matter_and_body(text: str) -> None:
    read(f"---\n{text}\n---\n{text}".encode("utf-8", "replace"))


@calm
@given(FRONT)
def test_any_arrangement_of_what_a_front_matter_is_made_of(front: str) -> None:
    read(f"---\n{front}\n---\nBody\n".encode("utf-8", "replace"))


@calm
@given(st.sampled_from(KEYS), VALUE)
def test_any_value_of_any_key_leaves_a_statement_or_a_complaint(key: str, value: str) -> None:
    found = read(cast.statement(**{key: value.replace("\r", "").replace("\n", " ") or "x"}).encode("utf-8", "replace"))
    assert isinstance(found, Source) or str(found).startswith("statement.md:")


@calm
@given(st.sampled_from((*DEEP[4:], "language", "date", "title", "summary")), VALUE, st.sampled_from(["first_signatories", "related", "news"]))
def test_any_value_deeper_down(key: str, value: str, group: str) -> None:
    front = f"{group}:\n  - {{name: Jean, title: T, date: 2026-11-22}}\n  - {key}: {value.replace(chr(13), '').replace(chr(10), ' ')}\n"
    found = read(cast.statement(front=front).encode("utf-8", "replace"))
    assert isinstance(found, Source) or str(found).startswith("statement.md:")


@calm
@given(st.text(max_size=120))
def test_split_and_parse_alone(text: str) -> None:
    with suppress(InvalidSource):
        front, _ = split("statement.md", text)
        parse("statement.md", front).mapping(KEYS)


@calm
@given(st.integers(0, 12), st.lists(st.sampled_from(["# a comment", "", "  "]), max_size=5))
def test_the_line_is_right_wherever_the_mistake_stands(above: int, between: list[str]) -> None:
    front = "".join(f"# {number}\n" for number in range(above)) + "".join(f"{line}\n" for line in between) + "nonsense: 1\n"
    refused = read(cast.statement(front=front).encode())
    assert str(refused).startswith(f"statement.md:{9 + above + len(between)}: nonsense: unknown key")
