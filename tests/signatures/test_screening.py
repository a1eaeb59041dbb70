"""A proof counts for one statement, once, for twenty minutes; whatever else arrives is none, and no error."""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from altcha import Challenge, create_challenge, solve_challenge
from hypothesis import given, settings
from hypothesis import strategies as st

from app.signatures import screening
from app.signatures.screening import LIFETIME, STAMP_LIFETIME, Proof, age, challenge, difficulty, stamp, verify

HERE, THERE = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MANY = settings(max_examples=300)
LEVELS = range(5)

Payload = dict[str, Any]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(["challenge", "parameters", "__proto__"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def posted(payload: object) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


def solved(issued: dict[str, Any]) -> Payload:
    """What a browser makes of a challenge; it leaves `lifetime` out."""
    signed = {name: issued[name] for name in ("parameters", "signature")}
    solution = solve_challenge(Challenge.from_dict(signed))
    assert solution
    return {"challenge": signed, "solution": {"counter": solution.counter, "derivedKey": solution.derived_key}}


@pytest.fixture(scope="module")
def worked() -> Payload:
    """A solved challenge of HERE, issued NOW."""
    return solved(challenge(HERE, 0, NOW))


def places(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every field of a JSON object."""
    if not isinstance(value, dict):
        return []
    return [place for name, inner in value.items() for place in [(*path, name), *places(inner, (*path, name))]]


def changed(payload: Payload, path: tuple[str, ...], value: object) -> Payload:
    """A copy with one field set to something else."""
    copy = deepcopy(payload)
    place = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return copy


def test_a_solved_challenge_proves_work_for_its_statement_until_it_expires(worked: Payload) -> None:
    proof = Proof(bytes.fromhex(worked["challenge"]["signature"]), NOW + LIFETIME)
    assert [verify(posted(worked), HERE, NOW + after) for after in (0 * SECOND, LIFETIME - SECOND)] == [proof, proof]
    assert [verify(posted(worked), HERE, NOW + after) for after in (LIFETIME, LIFETIME + SECOND, timedelta(days=400))] == [None] * 3
    assert (len(proof.mark), LIFETIME) == (32, timedelta(minutes=20))


def test_a_proof_for_one_statement_is_none_for_another(worked: Payload) -> None:
    assert verify(posted(worked), THERE, NOW) is None


def test_a_true_payload_is_well_below_the_limit_and_a_long_one_is_refused(worked: Payload) -> None:
    assert len(posted(worked)) < 1000
    assert verify(posted(changed(worked, ("solution", "note"), "x" * 1000)), HERE, NOW) is None


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_issued_with_the_same_cost_and_may_be_solved(level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[int] = []

    def third(bound: int) -> int:
        bounds.append(bound)
        return 2

    monkeypatch.setattr("app.signatures.screening.secrets.randbelow", third)
    issued: dict[str, Any] = challenge(HERE, level, NOW)
    assert issued["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    assert (issued["parameters"]["cost"], issued["lifetime"]) == (5000, 1200)
    assert bounds == [(400, 1000, 2000, 4000, 8000)[level]]
    assert verify(posted(solved(issued)), HERE, NOW)


def test_no_two_challenges_are_alike() -> None:
    assert len({str(challenge(HERE, 0, NOW)["signature"]) for _ in range(50)}) == 50


def test_the_answer_is_not_in_the_challenge() -> None:
    issued: dict[str, Any] = challenge(HERE, 0, NOW)
    assert set(issued) == {"parameters", "signature", "lifetime"}
    assert set(issued["parameters"]) == {"algorithm", "cost", "data", "keyLength", "keyPrefix", "keySignature", "nonce", "salt"}
    assert len(issued["parameters"]["keyPrefix"]) == issued["parameters"]["keyLength"] == 32  # 16 of 32 bytes, in hex


@pytest.mark.parametrize("path", [("solution", "counter"), ("solution", "time"), ("note",), ("solution", "challenge")])
def test_every_payload_made_of_one_challenge_has_one_mark(worked: Payload, path: tuple[str, ...]) -> None:
    again = verify(posted(changed(worked, path, 7)), HERE, NOW)
    spaced = verify(base64.b64encode(json.dumps(worked, indent=1).encode()).decode(), HERE, NOW)
    assert again == spaced == verify(posted(worked), HERE, NOW)
    assert again


@MANY
@given(st.data())
def test_a_changed_field_makes_a_payload_worthless_or_leaves_its_mark(worked: Payload, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(worked)))
    proof = verify(posted(changed(worked, path, data.draw(JSON))), HERE, NOW)
    assert proof in {None, verify(posted(worked), HERE, NOW)}
    assert proof is None or path == ("solution", "counter")


@pytest.mark.parametrize("value", [None, "", "0", "PBKDF2/SHA-512", "SHA-256", 1, 4999, 5001, [], {}, True])
def test_no_signed_field_may_be_another(worked: Payload, value: object) -> None:
    paths = places(worked["challenge"])
    assert len(paths) == 12
    assert [path for path in paths if verify(posted(changed(worked, ("challenge", *path), value)), HERE, NOW)] == []


@pytest.mark.parametrize("within", [(), ("parameters",), ("parameters", "data")])
@pytest.mark.parametrize(
    ("name", "value"), [("expiresAt", 4102444800), ("expires", 4102444800), ("statement", str(THERE)), ("note", None), ("memoryCost", None), ("__proto__", {})]
)
def test_a_field_spliced_into_a_challenge_makes_it_worthless(worked: Payload, within: tuple[str, ...], name: str, value: object) -> None:
    spliced = changed(worked, ("challenge", *within, name), value)
    assert [verify(posted(spliced), place, NOW) for place in (HERE, THERE)] == [None, None]


@pytest.mark.parametrize("name", ["nonce", "salt", "algorithm", "keyPrefix", "keySignature"])
@pytest.mark.parametrize("more", ["00", "?expires=4102444800", "&expires=4102444800&", '","expires":"4102444800'])
def test_text_spliced_into_a_parameter_makes_it_worthless(worked: Payload, name: str, more: str) -> None:
    value = worked["challenge"]["parameters"][name]
    for spliced in (value + more, more + value, value[:-2], value[2:], value.upper() + " "):
        assert verify(posted(changed(worked, ("challenge", "parameters", name), spliced)), HERE, NOW) is None


def test_digits_moved_from_one_parameter_to_the_next_make_it_worthless(worked: Payload) -> None:
    known = worked["challenge"]["parameters"]
    for left, right in (("nonce", "salt"), ("keyPrefix", "nonce"), ("salt", "nonce")):
        moved = {**known, left: known[left] + known[right][:2], right: known[right][2:]}
        assert verify(posted(changed(worked, ("challenge", "parameters"), moved)), HERE, NOW) is None


def test_parts_of_two_true_payloads_make_no_third(worked: Payload) -> None:
    other = solved(challenge(THERE, 0, NOW))
    shared = [path for path in places(worked) if path not in {("challenge",), ("solution", "counter")}]
    mixed = [changed(worked, path, value) for path in shared if (value := field(other, path)) != field(worked, path)]
    assert len(mixed) >= 8
    assert [verify(posted(payload), place, NOW) for payload in mixed for place in (HERE, THERE)] == [None] * (2 * len(mixed))


def field(payload: Payload, path: tuple[str, ...]) -> object:
    for name in path:
        payload = payload[name]
    return payload


@pytest.mark.parametrize("secret", [None, "", b"\0" * 32, "challenge"])
@pytest.mark.parametrize("cost", [1, 5000])
def test_a_challenge_of_somebody_elses_making_is_none(secret: str | bytes | None, cost: int) -> None:
    data = {"statement": str(HERE), "expires": int((NOW + LIFETIME).timestamp())}
    made = create_challenge("PBKDF2/SHA-256", cost, counter=1, data=data, hmac_secret=secret, hmac_key_secret=secret).to_dict()
    assert verify(posted(solved({"signature": None, **made})), HERE, NOW) is None


def test_the_keys_for_answers_and_stamps_sign_no_challenge(monkeypatch: pytest.MonkeyPatch) -> None:
    key = screening._key
    assert len({key(purpose) for purpose in ("challenge", "solution", "stamp")}) == 3
    for purpose in ("solution", "stamp"):
        with monkeypatch.context() as patched:
            patched.setattr(screening, "_key", lambda asked, purpose=purpose: key(purpose if asked == "challenge" else asked))
            forged = posted(solved(challenge(HERE, 0, NOW)))
        assert verify(forged, HERE, NOW) is None


@MANY
@given(st.text(max_size=200) | st.text(alphabet="eyJ0IjoxfQ=", max_size=200) | st.from_regex(r"[A-Za-z0-9+/]{4,80}={0,2}", fullmatch=True))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert verify(text, HERE, NOW) is None


@MANY
@given(JSON)
def test_any_json_is_refused_without_an_error(value: object) -> None:
    assert verify(posted(value), HERE, NOW) is None
    assert verify(posted({"challenge": value, "solution": value}), HERE, NOW) is None
    assert verify(posted({"challenge": {"parameters": value, "signature": "00"}, "solution": {"counter": 0, "derivedKey": ""}}), HERE, NOW) is None


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"[" * 1400, b'{"a":' * 250, b"1" * 1400, b"1e999", b"NaN", b'"\\ud800"', b'{"challenge":{"parameters":' + b"[" * 1000], ids=repr
)
def test_nasty_json_is_refused_without_an_error(raw: bytes) -> None:
    assert verify(base64.b64encode(raw).decode(), HERE, NOW) is None


@pytest.mark.parametrize(
    "change", [str.lower, lambda text: text + "\ud800", lambda text: f" {text}", lambda text: text[:-4], lambda text: text * 2, lambda text: "é" + text]
)
def test_broken_base64_is_refused_without_an_error(worked: Payload, change: Callable[[str], str]) -> None:
    assert verify(change(posted(worked)), HERE, NOW) is None


def test_the_work_grows_in_steps_with_the_posts_of_a_minute() -> None:
    assert [difficulty(posts) for posts in (0, 59, 60, 299, 300, 999, 1000, 2999, 3000, 10**9)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@MANY
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_posts_never_mean_less_work(few: int, more: int) -> None:
    assert difficulty(min(few, more)) <= difficulty(max(few, more))
    assert difficulty(few) in LEVELS


@MANY
@given(st.integers(0, 7200), st.integers(946684800, 7258118400))
def test_the_age_of_a_form_is_known_to_the_second(seconds: int, moment: int) -> None:
    made = datetime.fromtimestamp(moment, UTC)
    assert age(stamp(HERE, made), HERE, made + seconds * SECOND) == seconds * SECOND


def test_a_form_just_handed_out_is_not_of_the_future() -> None:
    moment = NOW + timedelta(microseconds=999_999)
    assert age(stamp(HERE, moment), HERE, moment) == timedelta(microseconds=999_999)


@pytest.mark.parametrize("after", [STAMP_LIFETIME + SECOND, timedelta(days=365), -SECOND, -timedelta(days=1)])
def test_a_form_over_two_hours_old_or_of_the_future_has_no_age(after: timedelta) -> None:
    assert age(stamp(HERE, NOW), HERE, NOW + after) is None
    assert timedelta(hours=2) == STAMP_LIFETIME


def test_the_stamp_of_another_statement_says_nothing() -> None:
    assert age(stamp(THERE, NOW), HERE, NOW) is None


@pytest.mark.parametrize("shift", [-3600, -60, -1, 1, 60])
def test_a_stamp_moved_in_time_says_nothing(shift: int) -> None:
    made, signature = stamp(HERE, NOW).split(".")
    for moment in (str(int(made) + shift), f" {made}", f"0{made}", f"{made}.0", f"+{made}"):
        assert age(f"{moment}.{signature}", HERE, NOW + 60 * SECOND) is None


@MANY
@given(st.text(max_size=120) | st.from_regex(r"[0-9]{1,40}\.[0-9a-f]{64}", fullmatch=True))
def test_an_invented_stamp_is_refused_without_an_error(text: str) -> None:
    assert age(text, HERE, NOW) is None
    assert age(text + "\ud800", HERE, NOW) is None
