"""The canonical text, against the contract written down a second time."""

import hashlib
import re
import unicodedata

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from app.statements.canonical import canonical, fingerprint, tidy

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40).filter(str.strip)
MARKS = "\N{COMBINING ACUTE ACCENT}\N{COMBINING BREVE}\N{COMBINING CEDILLA}"
PIECES = st.sampled_from(
    ["\n", "\r\n", "\r", " ", "\t", "\u00a0", "\u2003", "\u3000", "е", "и", "a", "1. ", "- ", *MARKS, "\u212b", "한", "ᄀ", "ᅡ", "```", "\N{OHM SIGN}"]
)
BODY = st.one_of(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n\r\t")), st.lists(PIECES, max_size=60).map("".join))
calm = settings(deadline=None, max_examples=100, derandomize=True, phases=(Phase.explicit, Phase.generate, Phase.shrink))


def by_the_contract(title: str, addressees: list[str], summary: str, body: str) -> bytes:
    """CONTRACTS.md, "Canonical text and fingerprint", sentence by sentence."""
    text = title + "\n\n"
    if addressees:
        text += f"To: {'; '.join(addressees)}\n\n"
    if summary:
        text += summary + "\n\n"
    text = unicodedata.normalize("NFC", re.sub("\r\n?", "\n", text + body))
    kept: list[str] = []
    for line in text.split("\n"):
        bare = line.rstrip()
        if bare or (kept and kept[-1]):
            kept.append(bare)
    while kept and not kept[-1]:
        kept.pop()
    return "".join(f"{line}\n" for line in kept).encode("utf-8")


@calm
@given(LINE, st.lists(LINE, max_size=3), st.one_of(st.just(""), LINE), BODY)
@example("Title", ["A", "B"], "Lede", "\n\n\nBody  \n \n\n\nend\r\n\r\n")
@example("Адкрыи\N{COMBINING BREVE}це", [], "", "и\N{COMBINING BREVE}\r")
def test_the_bytes_are_the_contracts(title: str, addressees: list[str], summary: str, body: str) -> None:
    assert canonical(title, addressees, summary, body) == by_the_contract(title, addressees, summary, body)


@calm
@given(LINE, st.lists(LINE, max_size=3), st.one_of(st.just(""), LINE), BODY)
def test_the_bytes_have_the_promised_shape(title: str, addressees: list[str], summary: str, body: str) -> None:
    text = canonical(title, addressees, summary, body).decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not text.startswith("\n")
    assert all(line == line.rstrip() for line in text.split("\n"))


@calm
@given(BODY)
def test_tidying_twice_changes_nothing(body: str) -> None:
    once = tidy(body)
    assert tidy(once) == once
    assert canonical("T", [], "", once) == canonical("T", [], "", body)


@calm
@given(LINE, BODY)
def test_how_a_file_is_composed_and_ended_never_changes_the_fingerprint(title: str, body: str) -> None:
    plain = canonical(title, [], "", body)
    decomposed = unicodedata.normalize("NFD", body)
    assert canonical(unicodedata.normalize("NFD", title), [], "", decomposed) == plain
    assert canonical(title, [], "", tidy(body).replace("\n", "  \r\n") + "\r\n\r\n") == plain


@calm
@given(st.binary(max_size=200))
def test_the_fingerprint_is_lower_case_sha256(text: bytes) -> None:
    assert fingerprint(text) == hashlib.sha256(text).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", fingerprint(text))


@pytest.mark.parametrize(
    ("addressees", "summary", "wanted"),
    [
        ([], "", "Title\n\nBody\n"),
        (["A"], "", "Title\n\nTo: A\n\nBody\n"),
        (["A", "B"], "Lede", "Title\n\nTo: A; B\n\nLede\n\nBody\n"),
        ([], "Lede", "Title\n\nLede\n\nBody\n"),
    ],
)
def test_addressees_and_summary_stand_only_where_given(addressees: list[str], summary: str, wanted: str) -> None:
    assert canonical("Title", addressees, summary, "Body").decode() == wanted


def test_a_known_text_has_the_fingerprint_that_sha256sum_prints() -> None:
    assert canonical("Title", [], "", "\n\nBody \t\r\n\r\n") == b"Title\n\nBody\n"
    assert fingerprint(b"Title\n\nBody\n") == "10891532951e541dc7b4e1afe3168849e5a5c34ee7871cb6b1e3e9eea16795aa"
