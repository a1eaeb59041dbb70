"""No trick makes the server speak to an inner network; a message reaches the address that was checked, and no other."""

import contextlib
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.webhooks.guard import Guard, Refused, checked
from app.webhooks.sending import post
from tests.webhooks.receiver import HOST, PUBLIC, inside, open_net, receiving

OUTSIDE = "93.184.216.34"
SPELLINGS = (
    *("127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "0177.1", "0", "0.0.0.0"),
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "127.0.0.1.", "127.000.000.001", "00000177.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *(
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "localhost.",
    ),
    *("localhost.localdomain", "ⓛocalhost", "ip6-localhost", "printer.local", "db.internal", "metadata.google.internal", "router.lan", "nas.home.arpa", "app"),
    *("169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", f"user@{HOST}@127.0.0.1", f"{HOST}@127.0.0.1", f"{HOST}:443@127.0.0.1"),
    *(
        f"127.0.0.1\\@{HOST}",
        f"127.0.0.1\t.{HOST}",
        f"127.0.0.1%00.{HOST}",
        f"127.0.0.1#@{HOST}",
        f"127.0.0.1?@{HOST}",
        "127.0.0.1\u200b",
        f"{HOST}\r\nHost: 127.0.0.1",
    ),
)
ANSWERS: tuple[Sequence[str], ...] = (
    *(["127.0.0.1"], ["::1"], ["0.0.0.0"], ["::"], ["10.1.2.3"], ["172.31.0.9"], ["192.168.0.9"], ["169.254.169.254"], ["100.64.0.1"], ["198.18.0.1"]),
    *(["::ffff:127.0.0.1"], ["::127.0.0.1"], ["64:ff9b::7f00:1"], ["64:ff9b:1::7f00:1"], ["2002:7f00:1::"], ["2001:0:7f00:1::"], ["fe80::1"], ["fe80::1%lo"]),
    *(["fd00::1"], ["fc00::1"], ["fec0::1"], ["ff02::1"], ["224.0.0.1"], ["255.255.255.255"], ["240.0.0.1"], ["192.0.2.1"], ["2001:db8::1"], ["3fff::1"]),
    *([OUTSIDE, "127.0.0.1"], ["127.0.0.1", OUTSIDE], ["2606:4700::1111", "::1"], [], ["not an address"], ["192.88.99.1"], ["5f00::1"], ["100::1"]),
)
"""What the resolver says about a name that looks public."""


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_an_inner_address_is_spoken_to(host: str) -> None:
    with inside() as door:
        for scheme, path in (("https", "/"), ("https", ""), ("HTTPS", "/hook"), ("http", "/")):
            assert post(f"{scheme}://{host}:{door.port}{path}", {}, b"{}", Guard(1)) == "refused"
        assert post(f"https://{host}", {}, b"{}", Guard(1)) == "refused"
        assert door.knocks == 0


@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_a_name_that_leads_inside_is_not_spoken_to(answers: Sequence[str]) -> None:
    with inside() as door:
        assert post(f"https://127.0.0.1.nip.example.org:{door.port}/", {}, b"{}", Guard(1, resolve=lambda *_: answers)) in {"refused", "unreachable"}
        assert door.knocks == 0


def test_a_name_that_changes_its_answer_is_asked_once(tmp_path: Path) -> None:
    with receiving(tmp_path) as receiver, inside():
        turns = cycle([[PUBLIC], ["127.0.0.1"]])
        guard = Guard(5, open_net, lambda *_: next(turns))
        assert [post(receiver.url, {}, b"{}", guard, receiver.trusted) for _ in range(2)] == ["204", "refused"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(tmp_path: Path, status: int) -> None:
    with receiving(tmp_path) as receiver, inside() as door:
        for place in (f"https://127.0.0.1:{door.port}/", f"http://localhost:{door.port}/", f"//127.0.0.1:{door.port}/", "/elsewhere"):
            receiver.answers.append((status, {"Location": place}))
            assert post(receiver.url, {}, b"{}", receiver.guard, receiver.trusted) == str(status)
        assert (door.knocks, len(receiver.came)) == (0, 4)


def test_no_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(tmp_path) as receiver, inside() as door:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{door.port}")
        assert (post(receiver.url, {}, b"{}", receiver.guard, receiver.trusted), door.knocks) == ("204", 0)


def test_the_certificate_is_asked_by_name(tmp_path: Path) -> None:
    with receiving(tmp_path) as receiver:
        assert post(receiver.url.replace(HOST, "other.example.org"), {}, b"{}", receiver.guard, receiver.trusted) == "insecure"
        assert post(receiver.url, {}, b"{}", receiver.guard) == "insecure"
        assert receiver.came == []


def test_who_answers_byte_by_byte_is_left(tmp_path: Path) -> None:
    with inside() as door:
        began = time.monotonic()
        guard = Guard(0.5, open_net, lambda *_: [PUBLIC])
        assert post(f"https://{HOST}:{door.port}/", {}, b"{}", guard) in {"slow", "broken", "insecure", "unreachable"}
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://Example.ORG:443/Hook?a=b", "https://example.org/Hook?a=b"),
        ("https://пример.example:8443/x", "https://xn--e1afmkfd.example:8443/x"),
    ],
)
def test_a_public_address_is_kept_in_its_usual_form(typed: str, kept: str) -> None:
    assert (checked(typed), checked(kept)) == (kept, kept)


@pytest.mark.parametrize(
    "typed", ["", "https://", "ftp://example.org/", "http://example.org/", "https://example.org:22/", "https://example.org:99999/", "example.org"]
)
def test_anything_else_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Refused, match=r"^(Please|The address)"):
        checked(typed)


@given(st.text())
def test_whatever_is_typed_is_kept_or_refused(typed: str) -> None:
    for url in (typed, f"https://{typed}", f"https://example.org/{typed}"):
        with contextlib.suppress(Refused):
            assert checked(checked(url)) == checked(url)
