"""After a statement's keys were destroyed its list stands, its secrets are gone, and nothing stumbles."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import jobs
from app.clock import utcnow
from app.keys.queries import keyring
from app.moderation.models import Act, Decision
from app.outbox.models import Mail, MailState
from app.secretariat.shredding import shred
from app.signatures.beside import Muted, Report
from app.signatures.forms import Typed
from app.signatures.models import Signature, State, Visibility
from app.signatures.ownership import correct, mute
from app.statements.actions import close, unpublish
from app.upkeep.schedule import keep_schedule
from tests import cast
from tests.keys.hands import keys, opened
from tests.keys.proof_keys import OTHER, crowd, statement_id
from tests.signatures.hands import SIGN, change, mails, sign_many, staff, stored
from tests.signatures.test_own_page import door
from tests.site import Site
from tests.statements.command import Said, undersigned

HOME = f"/statements/{cast.SLUG}"
FACES = ["", "/signatories", "/signatories.json", "/signatories.csv", "/feed.json", "/feed.atom", ".json", ".txt"]
ENDED = {"closed": lambda session: close(session, cast.SLUG, utcnow(), utcnow()), "taken down": lambda session: unpublish(session, cast.SLUG, "over", utcnow())}


def command(site: Site, *words: str, typed: str = "") -> Said:
    return undersigned("keys", *words, url=site.database.engine.url.render_as_string(hide_password=False), typed=typed)


def closed(site: Site) -> None:
    with site.database.transaction() as session:
        close(session, cast.SLUG, utcnow() - timedelta(seconds=1), utcnow())


def shredded(site: Site) -> None:
    closed(site)
    with site.database.transaction() as session:
        shred(session, cast.SLUG, utcnow())


def rejected(site: Site) -> str:
    """A signature that a moderator rejected with words; its id."""
    site.signed(email="elsewhere@rivers-house.org")
    row = site.rows()[-1]
    assert staff(site, email="strict@site.example").post(f"/console/signatures/{row.id}/reject", {"reason": "no mandate was shown"}).status_code == 303
    return str(row.id)


def sealed(site: Site) -> list[object]:
    return [value for row in site.rows() for value in (row.particulars, row.address, row.address_index) if value is not None]


# What is destroyed and what stays


@pytest.mark.parametrize("how", ENDED)
def test_the_keys_of_a_statement_that_is_over_can_be_destroyed(site: Site, how: str) -> None:
    crowd(site, 8)
    with site.database.transaction() as session:
        ENDED[how](session)
        shred(session, cast.SLUG, utcnow())
    assert keys(site) == {}
    assert all(row.particulars is None and row.address_index is None for row in site.rows() if row.first)


def test_every_face_of_the_list_is_the_same_bytes_before_and_after(site: Site) -> None:
    crowd(site, 12)
    closed(site)
    before = {face: site.browser.get(HOME + face).content for face in FACES}
    with site.database.transaction() as session:
        shred(session, cast.SLUG, utcnow())
    assert {face: site.browser.get(HOME + face).content for face in FACES} == before
    assert b"Prydumanaja" in before["/signatories"]


def test_what_is_approved_is_published_first_and_what_is_undecided_is_dropped(site: Site) -> None:
    site.publish()
    sign_many(site, [cast.individual(email=f"person{n}@post-office.org") for n in range(3)])
    change(site, "person1@post-office.org", lambda row: row.confirm(utcnow()))
    change(site, "person2@post-office.org", lambda row: row.confirm(utcnow()))
    change(site, "person2@post-office.org", lambda row: row.approve(utcnow()))
    shredded(site)
    assert sorted(row.state for row in site.rows()) == [State.EXPIRED, State.EXPIRED, State.PUBLISHED]
    assert (sealed(site), mails(site)) == ([], [])


def test_the_other_statements_keep_what_they_have(site: Site) -> None:
    crowd(site, 8)
    before = opened(site, OTHER)
    shredded(site)
    assert opened(site, OTHER) == before
    assert site.new_browser().post(f"/statements/{OTHER}/sign", cast.individual(email="new@post-office.org")).status_code == 303


def test_a_dead_letter_loses_its_content_and_stays_counted(site: Site) -> None:
    site.publish()
    sign_many(site, [cast.individual()])
    with site.database.transaction() as session:
        session.execute(sa.update(Mail).values(state=MailState.DEAD, finished_at=utcnow()))
    shredded(site)
    assert [(mail.state, mail.payload) for mail in mails(site)] == [(MailState.DEAD, None)]


# Nothing stumbles


def test_the_console_shows_public_names_and_says_that_the_rest_is_erased(site: Site) -> None:
    crowd(site, 8)
    lost, named = rejected(site), next(row for row in site.rows() if row.organisation == "Centre for Clear Water")
    shredded(site)
    moderator = staff(site)
    assert "The particulars were erased" in (card := moderator.get(f"/console/signatures/{lost}")).text
    assert card.status_code == 200
    assert "Centre for Clear Water" in moderator.get(f"/console/signatures/{named.id}").text
    assert "Centre for Clear Water" in moderator.get("/console/published").text
    assert moderator.get("/console").status_code == 200


def test_a_withheld_signer_is_erased_for_moderators_too(site: Site) -> None:
    site.publish()
    email = site.signed(visibility="withheld")
    site.approve_all(staff(site))
    change(site, email, address=None)
    shredded(site)
    row = site.rows()[0]
    assert (row.state, row.visibility, row.name) == (State.PUBLISHED, Visibility.WITHHELD, None)
    assert "The particulars were erased" in staff(site, email="second@site.example").get(f"/console/signatures/{row.id}").text


def test_a_public_name_can_still_be_removed_though_no_words_can_be_kept(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    shredded(site)
    row = site.rows()[0]
    answer = staff(site).post(f"/console/signatures/{row.id}/remove", {"code": "on-request", "note": "she asked us to"})
    with site.database.reading() as session:
        kept = session.exec(select(Decision)).one()
    assert (answer.status_code, kept.act, kept.words) == (303, Act.REMOVE, None)
    assert str(row.name) not in site.browser.get(f"{HOME}/signatories").text


def test_a_signer_still_has_their_page_and_can_leave_with_a_word(site: Site) -> None:
    site.publish()
    email = site.signed()
    site.approve_all(staff(site))
    link, code = door(site, email)
    shredded(site)
    browser = site.new_browser()
    browser.post(link, {"act": "code", "code": code})
    assert browser.get(link).status_code == 200
    assert browser.post(link, {"act": "withdraw", "reason": "I changed my mind"}).status_code < 400
    assert (site.rows()[0].state, "House of Rivers" in site.browser.get(f"{HOME}/signatories").text) == (State.WITHDRAWN, False)


def test_a_correction_that_waits_is_dropped_and_leaves_the_queue(site: Site) -> None:
    site.publish()
    email = site.signed()
    site.approve_all(staff(site))
    with site.database.transaction() as session:
        row = session.exec(select(Signature)).one()
        correct(session, row, Typed.model_validate(cast.organisation(email=email, role="director")), utcnow())
    shredded(site)
    assert "Nothing waits" in staff(site, email="second@site.example").get("/console").text


def test_a_name_can_still_be_reported_though_no_words_can_be_kept(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    shredded(site)
    page = site.browser.get(f"/report/{cast.SLUG}/1")
    assert site.browser.submit(page, reason="not-authorised", words="She left in spring.").status_code == 200
    with site.database.reading() as session:
        assert session.exec(select(Report.words)).all() == [None]
    assert "Centre for Clear Water" in staff(site).get("/console/reports").text


def test_who_wants_no_mail_is_not_known_any_more(site: Site) -> None:
    site.publish()
    sign_many(site, [cast.individual()])
    with site.database.transaction() as session:
        mute(session, session.exec(select(Signature)).one(), utcnow())
    shredded(site)
    assert stored(site, Muted) == 0


def test_a_pending_link_is_over_and_its_page_calm(site: Site) -> None:
    site.publish()
    (link,) = sign_many(site, [cast.individual()])
    shredded(site)
    browser = site.new_browser()
    assert browser.get(link.path).status_code == 404
    assert browser.post(link.path, {"act": "confirm", "code": link.code}).status_code == 404


def test_no_job_fails_on_a_shredded_statement(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(site, 8)
    rejected(site)
    shredded(site)
    failures: list[object] = []
    for place in ("app.jobs.log_failure", "app.outbox.worker.log_failure"):
        monkeypatch.setattr(place, lambda *given: failures.append(given))
    for job in jobs.JOBS:
        jobs.run_job(job, site.database)
    with site.database.transaction() as session:
        keep_schedule(session, utcnow() + timedelta(days=200))
    assert failures == []


def test_a_row_that_is_approved_without_anything_sealed_does_not_stop_the_publisher(site: Site) -> None:
    site.publish()
    email = site.signed(visibility="withheld")
    change(site, email, lambda row: row.approve(utcnow()), particulars=None)
    with site.database.transaction() as session:
        session.execute(sa.text("DELETE FROM statement_keys"))
    site.work()
    assert site.rows()[0].state is State.PUBLISHED


def test_a_shredded_statement_that_opens_again_takes_no_signature_and_says_why(site: Site) -> None:
    site.publish()
    shredded(site)
    with site.database.transaction() as session:
        session.execute(sa.text("UPDATE statement SET closed_at = NULL"))
    answer = site.browser.post(SIGN, cast.individual())
    assert (answer.status_code, "keys to this statement" in answer.text, site.rows()) == (410, True, [])


def test_the_file_can_still_be_published_when_its_first_signatories_are_the_same(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    shredded(site)
    site.publish(cast.statement(cast.FIRST, place="Upriver"))
    assert [row.state for row in site.rows()] == [State.PUBLISHED] * 3


# The command


def test_the_command_asks_for_the_slug_again_and_says_what_will_be_lost(site: Site) -> None:
    site.publish()
    sign_many(site, [cast.individual()])
    closed(site)
    said = command(site, "shred", cast.SLUG, typed=f"{cast.SLUG}\n")
    assert (said.code, said.err, keys(site)) == (0, "", {})
    assert "Undecided signatures that will be lost: 1; mails that will not be sent: 1." in said.out


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "clean-rivers\n"])
def test_another_word_than_the_slug_destroys_nothing(site_on_sqlite: Site, typed: str) -> None:
    site_on_sqlite.publish()
    closed(site_on_sqlite)
    said = command(site_on_sqlite, "shred", cast.SLUG, typed=typed)
    assert (said.code, "nothing was destroyed" in said.complaint, keys(site_on_sqlite)) == (2, True, {1: True})


def test_yes_asks_nothing_and_a_second_time_is_calm(site: Site) -> None:
    site.publish()
    closed(site)
    said = [command(site, "shred", cast.SLUG, "--yes") for _ in range(2)]
    assert [(one.code, one.out, one.err) for one in said] == [(0, f"The keys of {cast.SLUG} are destroyed.\n", "")] * 2


@pytest.mark.parametrize("opens", ["", "2099-01-01 12:00 Europe/Minsk"], ids=["open", "scheduled"])
def test_a_statement_that_takes_signatures_or_will_is_refused(site: Site, opens: str) -> None:
    site.publish(cast.statement(opens=opens))
    said = command(site, "shred", cast.SLUG, "--yes")
    assert (said.code, "close it or take it down" in said.complaint, keys(site)) == (2, True, {1: True})


@pytest.mark.parametrize("words", ["rotate nowhere", "shred nowhere --yes"])
def test_a_statement_that_does_not_exist_is_one_line_and_2(site_on_sqlite: Site, words: str) -> None:
    said = command(site_on_sqlite, *words.split())
    assert (said.code, said.complaint) == (2, "undersigned: There is no statement at this address.")


def test_the_rotate_command_says_what_it_does_line_by_line(site: Site) -> None:
    crowd(site, 8)
    said = command(site, "rotate", cast.SLUG)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].startswith("sealed anew: ")
    assert f"{cast.SLUG}: key 2 is the current one, 19 rows were sealed anew." in lines
    assert lines[-1] == "Older keys that are needed still, to recognise signers whose address is erased: 1."


@pytest.mark.parametrize("words", ["--help", "rotate --help", "shred --help"])
def test_help_is_there_too(words: str) -> None:
    said = undersigned("keys", *words.split(), url="")
    assert (said.code, said.err, "Usage: " in said.out) == (0, "", True)


def test_keys_that_were_destroyed_cannot_be_rotated(site: Site) -> None:
    site.publish()
    shredded(site)
    said = command(site, "rotate", cast.SLUG)
    assert (said.code, "were destroyed" in said.complaint) == (2, True)


@pytest.mark.parametrize("act", ["rotate", "shred"])
def test_readers_in_the_way_of_the_log_are_one_line_and_1(site: Site, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    site.publish()
    closed(site)
    never: Callable[[object], bool] = lambda _: False  # noqa: E731
    monkeypatch.setattr("app.cli.leave_no_trace", never)
    said = command(site, act, cast.SLUG, *(["--yes"] if act == "shred" else []))
    assert (said.code, "run this again" in said.complaint) == (1, True)


def test_the_log_is_emptied_while_somebody_reads_on(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    closed(site_on_sqlite)
    with site_on_sqlite.database.reading() as session:
        assert keyring(session, statement_id(session)).number == 1
    command(site_on_sqlite, "shred", cast.SLUG, "--yes")
    log = site_on_sqlite.database.engine.url.database or ""
    with open(f"{log}-wal", "rb") as file:  # noqa: PTH123
        assert file.read() == b""
