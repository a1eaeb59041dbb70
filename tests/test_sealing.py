"""Sealed values open where they belong and nowhere else; the root key is a file that only its owner reads."""

import stat
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.clock import utcnow
from app.db import Database
from app.errors import Gone
from app.keys.actions import issue
from app.keys.models import StatementKeys
from app.keys.queries import keyring
from app.sealing import Keyring, derive, header, unwrap, wrap
from app.settings import Settings
from app.signatures.models import Signature
from app.signatures.queries import address, particulars
from app.tokens import hash_code, hash_token, new_code, new_token, same
from tests import cast
from tests.signatures.hands import sign_many
from tests.site import Site

RING = Keyring(1, bytes(range(32)), bytes(range(32, 64)))
OTHER = Keyring(1, bytes(range(1, 33)), bytes(range(33, 65)))
OLDER = Keyring(3, OTHER.data_key, OTHER.index_key, {1: RING.data_key, 2: bytes(32)}, {2: bytes(32), 1: RING.index_key})
PLACE = "signature|particulars|row|statement"
FEW = settings(max_examples=150, deadline=None)


@FEW
@given(st.binary(max_size=2000), st.text(max_size=80))
def test_what_is_sealed_for_a_place_opens_there(plain: bytes, place: str) -> None:
    place = place.encode("utf-8", "replace").decode()
    assert RING.open(RING.seal(plain, place), place) == plain


@FEW
@given(st.binary(max_size=200), st.data())
def test_no_bit_may_flip(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(plain, PLACE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidTag):
        RING.open(bytes(sealed), PLACE)


@FEW
@given(st.binary(max_size=100), st.data())
def test_no_byte_may_be_missing_or_added(plain: bytes, data: st.DataObject) -> None:
    sealed = RING.seal(plain, PLACE)
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for changed in (sealed[:cut], sealed[cut + 1 :], sealed + b"\0"):
        with pytest.raises((InvalidTag, ValueError)):
            RING.open(changed, PLACE)


@pytest.mark.parametrize(
    "place", ["", "signature|address|row|statement", "signature|particulars|other|statement", "signature|particulars|row|other", PLACE + " "]
)
def test_a_sealed_value_opens_in_no_other_column_row_or_statement(place: str) -> None:
    with pytest.raises(InvalidTag):
        RING.open(RING.seal(b"name", PLACE), place)


@pytest.mark.parametrize("ring", [OTHER, Keyring(2, RING.data_key, RING.index_key)])
def test_a_sealed_value_opens_under_no_other_key_or_key_number(ring: Keyring) -> None:
    sealed = bytearray(RING.seal(b"name", PLACE))
    sealed[1:3] = ring.number.to_bytes(2, "big")
    with pytest.raises(InvalidTag):
        ring.open(bytes(sealed), PLACE)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    sealed = [RING.seal(b"name", PLACE) for _ in range(1000)]
    assert len({value[3:15] for value in sealed}) == 1000
    assert all(b"name" not in value for value in sealed)


@FEW
@given(st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace").decode()))
def test_an_index_is_equal_for_equal_values_of_one_statement_only(value: str) -> None:
    assert RING.index(value) == RING.index(value)
    assert len({RING.index(value), OTHER.index(value), RING.index(value + "x")}) == 3


def test_after_a_rotation_older_values_open_and_new_ones_carry_the_new_number() -> None:
    assert OLDER.open(RING.seal(b"name", PLACE), PLACE) == b"name"
    sealed = OLDER.seal(b"name", PLACE)
    assert (sealed[:3], OLDER.made(sealed), OLDER.made(RING.seal(b"name", PLACE))) == (header(3), True, False)
    with pytest.raises(InvalidTag):
        RING.open(sealed, PLACE)


def test_an_older_value_opens_under_no_other_number() -> None:
    sealed = bytearray(RING.seal(b"name", PLACE))
    for number in (0, 2, 3, 4):
        sealed[1:3] = number.to_bytes(2, "big")
        with pytest.raises(InvalidTag):
            OLDER.open(bytes(sealed), PLACE)


@FEW
@given(st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace").decode()))
def test_a_value_is_looked_up_by_every_index_key_and_written_by_the_current_one(value: str) -> None:
    indexes = OLDER.indexes(value)
    assert (indexes[0], len(set(indexes))) == (OLDER.index(value), 3)
    assert RING.index(value) in indexes
    assert [index[:3] for index in indexes] == [header(number) for number in (3, 2, 1)]


def test_no_key_is_printed_with_its_ring() -> None:
    assert not [key for key in (RING.data_key, RING.index_key) if repr(key) in repr(RING)]


def test_wrapped_keys_unwrap_under_the_same_root_and_place_only() -> None:
    root, key = bytes(32), bytes(range(32))
    wrapped = wrap(root, key, "here")
    assert unwrap(root, wrapped, "here") == key
    assert key not in wrapped
    for other, place in ((bytes([1]) * 32, "here"), (root, "there")):
        with pytest.raises(InvalidTag):
            unwrap(other, wrapped, place)


def test_keys_for_different_purposes_differ() -> None:
    assert len({derive(bytes(32), purpose) for purpose in ("wrap", "house data", "house index")} | {bytes(32)}) == 4


def test_every_statement_has_keys_of_its_own_and_the_house_too(database: Database) -> None:
    one, two = uuid4(), uuid4()
    with database.transaction() as session:
        for statement_id in (one, two):
            issue(session, statement_id, utcnow())
    with database.reading() as session:
        rings = [keyring(session, statement_id) for statement_id in (one, two, None)]
    assert len({key for ring in rings for key in (ring.data_key, ring.index_key)}) == 6


def test_without_its_keys_a_statement_opens_no_more(database: Database) -> None:
    with database.reading() as session, pytest.raises(Gone):
        keyring(session, uuid4())


def test_keys_swapped_between_statements_do_not_open(database: Database) -> None:
    one, two = uuid4(), uuid4()
    with database.transaction() as session:
        for statement_id in (one, two):
            issue(session, statement_id, utcnow())
        session.flush()
        first, second = (session.get_one(StatementKeys, (statement_id, 1)) for statement_id in (one, two))
        first.data_key, second.data_key = second.data_key, first.data_key
    with database.reading() as session, pytest.raises(InvalidTag):
        keyring(session, one)


def test_values_swapped_in_the_database_do_not_open(site: Site) -> None:
    site.publish()
    sign_many(site, [cast.individual(email=f"person{n}@post-office.org") for n in range(2)])
    with site.database.transaction() as session:
        one, two = session.exec(select(Signature).order_by(col(Signature.created_at), col(Signature.id))).all()
        one.particulars, two.particulars, one.address = two.particulars, one.particulars, one.particulars
    with site.database.reading() as session:
        for row in site.rows():
            with pytest.raises(InvalidTag):
                particulars(session, row)
        with pytest.raises(InvalidTag):
            address(session, next(row for row in site.rows() if row.id == one.id))


def test_a_value_moved_to_another_row_is_shown_to_nobody(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    mine, _ = sign_many(site_on_sqlite, [cast.individual(name=name, email=f"{name.lower()}@post-office.org") for name in ("Mine", "Foreign")])
    with site_on_sqlite.database.transaction() as session:
        rows = session.exec(select(Signature)).all()
        rows[0].particulars, rows[1].particulars = rows[1].particulars, rows[0].particulars
    answer = site_on_sqlite.browser.post(mine.path, {"act": "code", "code": mine.code})
    page = site_on_sqlite.browser.get(answer.headers["location"])
    assert (page.status_code, "Foreign" in page.text) == (500, False)


def made(folder: Path) -> Settings:
    return Settings(data_dir=folder, env="development")


def test_the_root_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    key = made(data).root_key()
    path = data / "root.key"
    assert (len(key), made(data).root_key()) == (32, key)
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(data.stat().st_mode)) == (0o600, 0o700)
    assert [found.name for found in data.iterdir()] == ["root.key"]


def test_the_root_key_may_stand_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.key"
    settings_ = Settings(data_dir=tmp_path / "data", key_file=path, env="development")
    assert settings_.root_key() == bytes.fromhex(path.read_text().strip())
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 31, "00" * 33, "0" * 63, "00" * 32 + "\nmore"])
def test_a_broken_key_file_is_refused_with_a_sentence_that_names_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "root.key").write_text(content)
    with pytest.raises(ValueError, match=r"root\.key must hold .*64 hexadecimal digits"):
        made(tmp_path).root_key()


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "root.key").write_text("broken")
    with pytest.raises(ValueError, match=r".+"):
        made(tmp_path).root_key()
    assert (tmp_path / "root.key").read_text() == "broken"


def test_the_database_and_its_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'undersigned.sqlite3'}")
    with database.transaction() as session:
        session.connection().exec_driver_sql("CREATE TABLE kept (value TEXT)")
        session.connection().exec_driver_sql("INSERT INTO kept VALUES ('x')")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    database.engine.dispose()
    assert set(modes.values()) == {0o600}
    assert "undersigned.sqlite3-wal" in modes
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="0123456789", min_size=6, max_size=6))
def test_a_code_proves_one_link_only(code: str) -> None:
    here, there = hash_token("here"), hash_token("there")
    assert same(hash_code(code, RING.index_key, here), hash_code(code, RING.index_key, here))
    assert not same(hash_code(code, RING.index_key, here), hash_code(code, RING.index_key, there))
    assert not same(hash_code(code, RING.index_key, here), hash_code(code, OTHER.index_key, here))


def test_tokens_and_codes_are_fresh_and_as_long_as_they_should_be() -> None:
    tokens, codes = [new_token() for _ in range(500)], [new_code() for _ in range(500)]
    assert (len({token for token, _ in tokens}), {len(token) for token, _ in tokens}) == (500, {43})
    assert all(hash_token(token) == hashed for token, hashed in tokens)
    assert {len(code) for code in codes} == {6}
    assert len(set(codes)) > 450
