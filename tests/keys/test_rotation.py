"""New keys while the site runs: everything stays readable, nobody can sign twice, old keys go when nothing needs them."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from app.clock import utcnow
from app.keys import rotation
from app.keys.models import SEALED
from app.keys.queries import keyring
from app.keys.rotation import begin
from app.migrations import config
from app.moderation.models import Decision
from app.outbox.actions import enqueue
from app.signatures.models import Signature, State
from app.tables import metadata
from app.upkeep.schedule import keep_schedule
from tests import cast
from tests.keys.hands import keys, number, numbers, opened, turn
from tests.keys.proof_keys import OTHER, crowd, person, statement_id
from tests.signatures.hands import SIGN, change, sign_many, staff
from tests.site import Site, forms

DIGESTS_AND_KEYS = {"address_index", "token_hash", "code_hash", "cookie_hash", "mark", "key", "canonical", "data_key", "index_key"}
STAFF = {("audit_entry", "digest"), ("passkey", "credential_id"), ("passkey", "public_key"), ("passkey_challenge", "challenge"), ("account", "totp")} | {
    *(("draft", "content"), ("draft_text", "content"), ("draft_text", "seen")),
}
"""Of the staff: digests, public keys and challenges; the secret of an app and drafts are sealed by the house, whose keys do not rotate."""


def decided(site: Site, act: str = "reject", **typed: str) -> None:
    """A moderator decides about the oldest signature in the queue."""
    moderator = staff(site)
    page = moderator.get("/console")
    action = next(form.action for form in forms(page) if form.action.endswith(f"/{act}"))
    assert moderator.post(action, typed).status_code == 303


def forget_addresses(site: Site) -> None:
    """The retention schedule, a month later."""
    with site.database.transaction() as session:
        keep_schedule(session, utcnow() + timedelta(days=8))


def signs_again(site: Site, **changes: str) -> bool:
    """Whether a second form with an address makes a second row."""
    before = len(site.rows())
    assert site.new_browser().post(SIGN, cast.individual(**changes)).status_code == 303
    return len(site.rows()) > before


def test_every_sealed_column_is_known_to_the_rotation() -> None:
    """A new column of bytes is either registered with `sealed`, or a digest or wrapped key that has to be named above."""
    binary = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns if isinstance(column.type, sa.LargeBinary)}
    registered = {(kind.model.__tablename__, name) for kind in SEALED for name in kind.columns}
    assert {(table, name) for table, name in binary - registered - STAFF if name not in DIGESTS_AND_KEYS} == set()
    assert registered <= binary


def test_a_rotation_keeps_every_value_and_seals_it_by_the_new_key(site: Site) -> None:
    crowd(site, 12)
    decided(site, reason="the mandate of Anna Prydumanaja was not shown")
    before = opened(site)
    done = turn(site)
    assert opened(site) == before
    assert len({place.split("|")[0] for place in before}) == 3  # signatures, mails, moderators' words
    assert (done.number, done.broken, numbers(site)) == (2, 0, {2})


def test_the_old_data_key_is_destroyed_and_so_is_the_old_index_key_when_no_index_needs_it(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    sign_many(site, map(person, range(3)))
    assert turn(site).kept == ()
    assert keys(site) == {2: True}
    assert {number(row.address_index or b"") for row in site.rows()} == {2}


def test_whose_address_was_erased_is_still_known_by_the_old_index_key(site: Site) -> None:
    site.publish()
    email = site.signed(kind="individual")
    decided(site, "approve")
    site.work()
    forget_addresses(site)
    assert turn(site).kept == (1,)
    assert keys(site) == {1: False, 2: True}
    assert not signs_again(site, email=email)


def test_the_old_index_key_goes_with_the_last_row_that_needs_it(site: Site) -> None:
    site.publish()
    email = site.signed(kind="individual")
    change(site, email, address=None)
    assert turn(site).kept == (1,)
    with site.database.transaction() as session:
        session.execute(sa.update(Signature).values(address_index=None))
    assert turn(site).kept == ()
    assert keys(site) == {3: True}


def test_nobody_signs_twice_after_a_rotation_and_new_people_sign_by_the_new_key(site: Site) -> None:
    site.publish()
    sign_many(site, [person(1)])
    turn(site)
    assert not signs_again(site, email=person(1)["email"])
    assert signs_again(site, email="new@post-office.org")
    assert numbers(site) == {2}


def test_a_link_mailed_before_a_rotation_works_after_it(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual())
    link, code = site.link_and_code(cast.individual()["email"])
    turn(site)
    elsewhere = site.new_browser()
    assert elsewhere.post(link, {"act": "code", "code": code}).status_code == 303
    assert "Мікола Выдуманы" in elsewhere.get(link).text


def test_the_list_is_the_same_bytes_before_and_after(site: Site) -> None:
    crowd(site, 12)
    faces = [f"/statements/{cast.SLUG}", f"/statements/{cast.SLUG}/signatories.json"]
    before = [site.browser.get(face).content for face in faces]
    turn(site)
    assert [site.browser.get(face).content for face in faces] == before


def test_other_statements_and_the_house_keep_their_keys(site: Site) -> None:
    crowd(site, 4)
    with site.database.transaction() as session:
        enqueue(session, "waiting", "moderator@site.example", "en", utcnow(), {"count": "1"})
    before = opened(site, OTHER)
    turn(site)
    assert (numbers(site, OTHER), keys(site, OTHER), opened(site, OTHER)) == ({1}, {1: True}, before)
    assert site.letters("moderator@site.example")[0].part("plain")


def test_publishing_the_file_again_after_a_rotation_enters_nobody_twice(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    turn(site)
    site.publish(cast.statement(cast.FIRST, place="Upriver"))
    assert [row.state for row in site.rows()] == [State.PUBLISHED] * 3


def test_a_first_signatory_whom_a_moderator_removed_stays_removed_after_a_rotation(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    row = next(row for row in site.rows() if row.name == "Jean Exemple")
    assert staff(site).post(f"/console/signatures/{row.id}/remove", {"code": "false"}).status_code == 303
    with site.database.transaction() as session:
        keep_schedule(session, utcnow() + timedelta(days=15))
    assert turn(site).kept == (1,)
    with pytest.raises(Exception, match="took Jean Exemple off the list"):
        site.publish(cast.statement(cast.FIRST))


# Interruptions


def test_an_interrupted_rotation_leaves_everything_readable_and_is_carried_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(site, 12)
    before, write, batches = opened(site), rotation._write, iter(range(100))
    monkeypatch.setattr(rotation, "BATCH", 3)

    def failing(*given: object) -> None:
        if next(batches) == 2:
            raise OperationalError("the disk is full", None, OSError())
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_write", failing)
    with pytest.raises(OperationalError):
        turn(site)
    monkeypatch.setattr(rotation, "_write", write)
    assert (numbers(site), keys(site), opened(site)) == ({1, 2}, {1: True, 2: True}, before)
    assert not signs_again(site, email=person(3)["email"])
    assert not signs_again(site, email=person(2)["email"])
    assert (turn(site).number, numbers(site), opened(site).items() >= before.items()) == (2, {2}, True)


def test_a_rotation_that_was_over_is_followed_by_a_new_one(site: Site) -> None:
    site.publish()
    sign_many(site, [person(1)])
    assert [turn(site).number for _ in range(3)] == [2, 3, 4]
    assert (numbers(site), keys(site)) == ({4}, {4: True})


def test_a_statement_without_a_signature_gets_new_keys_too(site: Site) -> None:
    site.publish()
    assert (turn(site).rows, keys(site)) == (0, {2: True})


def test_what_does_not_open_is_left_alone_with_its_key_and_stops_nothing(site: Site) -> None:
    site.publish()
    sign_many(site, map(person, range(3)))
    with site.database.transaction() as session:
        one, two = session.exec(select(Signature).order_by(col(Signature.created_at), col(Signature.id)).limit(2)).all()
        one.particulars, two.particulars = two.particulars, one.particulars
    done = turn(site)
    assert (done.broken, done.kept, numbers(site), keys(site)) == (2, (1,), {1, 2}, {1: True, 2: True})
    assert (turn(site).number, keys(site)) == (3, {1: True, 3: True})


def test_two_who_were_told_apart_under_an_older_rule_stay_two(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    sign_many(site, map(person, range(5)))
    monkeypatch.setattr("app.signatures.models.canonical_address", lambda address: address.replace("person4", "person3"))
    assert turn(site).kept == (1,)
    assert sorted(number(row.address_index or b"") for row in site.rows()) == [1, 2, 2, 2, 2]
    assert (len(opened(site)), numbers(site)) == (15, {2})


# Meanwhile


def test_what_is_being_written_when_a_rotation_begins_is_carried_too(site: Site) -> None:
    site.publish()
    loaded = threading.Event()

    def write() -> None:
        with site.database.transaction() as session:
            ring = keyring(session, statement_id(session))
            loaded.set()
            time.sleep(0.5)
            enqueue(session, "approved", "slow@post-office.org", "en", utcnow(), {"slug": cast.SLUG}, statement_id(session))
            assert ring.number == 1

    writer = threading.Thread(target=write)
    writer.start()
    loaded.wait()
    assert turn(site).rows == 1
    writer.join()
    assert (numbers(site), keys(site)) == ({2}, {2: True})


def test_who_waits_for_a_rotation_to_begin_writes_by_the_new_key(site: Site) -> None:
    site.publish()
    found: list[int] = []

    def write() -> None:
        with site.database.transaction() as session:
            found.append(keyring(session, statement_id(session)).number)

    writer = threading.Thread(target=write)
    with site.database.transaction() as session:
        begin(session, statement_id(session), utcnow())
        session.flush()
        writer.start()
        time.sleep(0.3)
    writer.join()
    assert found == [2]


def test_a_page_that_is_being_read_sees_one_moment_and_holds_up_no_rotation(site: Site) -> None:
    site.publish()
    sign_many(site, [person(1)])
    with site.database.reading() as session:
        row = session.exec(select(Signature)).one()
        begun = threading.Thread(target=lambda: rotation.rotate(site.database, row.statement_id, utcnow(), lambda *_: None))
        begun.start()
        begun.join(5)
        assert not begun.is_alive()
        assert keyring(session, row.statement_id).open(row.particulars or b"", row.place("particulars"))


def test_rows_that_somebody_holds_are_passed_over_and_come_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    sign_many(site, map(person, range(6)))
    monkeypatch.setattr(rotation, "BATCH", 2)
    held = threading.Event()

    def hold() -> None:
        with site.database.transaction() as session:
            session.exec(select(Signature).order_by(col(Signature.id)).limit(3).with_for_update()).all()
            held.set()
            time.sleep(0.4)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    done = turn(site)
    holder.join()
    assert (done.rows, numbers(site), keys(site)) == (12, {2}, {2: True})


# What rows and indexes say


def test_an_index_of_before_learns_from_the_migration_which_key_made_it(site: Site) -> None:
    site.publish()
    sign_many(site, map(person, range(20)))
    before = {row.id: row.address_index for row in site.rows()}
    found = ScriptDirectory.from_config(config()).get_revision("0004")
    assert found is not None
    with site.database.transaction() as session:
        session.execute(sa.update(Signature), [{"id": key, "address_index": index[3:]} for key, index in before.items() if index])
        for _ in range(2):
            session.execute(sa.text(found.module.ADD[site.database.engine.dialect.name]))
    assert {row.id: row.address_index for row in site.rows()} == before


def test_words_of_a_decision_belong_to_the_statement_of_its_signature(site: Site) -> None:
    site.publish()
    site.signed()
    decided(site, reason="no mandate was shown for this organisation")
    turn(site)
    with site.database.reading() as session:
        words = session.exec(select(Decision.words)).one()
    assert words
    assert number(words) == 2


def test_two_rotations_at_once_end_with_one_key_and_everything_readable(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(site, 12)
    monkeypatch.setattr(rotation, "BATCH", 3)
    with site.database.reading() as session:
        of = statement_id(session)
    both = [threading.Thread(target=rotation.rotate, args=(site.database, of, utcnow(), lambda *_: None)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert opened(site)
    assert turn(site).broken == 0
    assert len(numbers(site)) == 1
