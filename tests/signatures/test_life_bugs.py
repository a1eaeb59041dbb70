"""What the state machine found, each as short as it gets."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.accounts.models import Account
from app.clock import utcnow
from app.errors import Conflict, DomainError
from app.moderation import actions as desk
from app.moderation.models import Removal
from app.publication.publisher import publish_approved
from app.signatures import ownership, queries, reporting
from app.signatures.actions import disown
from app.signatures.admission import Admission
from app.signatures.beside import Inquiry
from app.signatures.evidence import Evidence
from app.signatures.forms import SignForm, Typed
from app.signatures.models import Answer, Signature, State
from app.signatures.signing import Post, sign_all
from app.signatures.tallies import Tally
from app.statements.actions import close
from app.upkeep.schedule import sweep
from tests import cast
from tests.signatures.hands import SIGN, mails, staff, the_statement
from tests.signatures.test_own_page import faces, published
from tests.site import Site

EMAIL = "mikola@post-office.org"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = utcnow()


def person(number: int, **changes: str) -> dict[str, str]:
    return cast.individual(email=f"person{number}@post-office.org", **changes)


def write(site: Site, form: dict[str, str], now: datetime, screened: bool = False, times: int = 1) -> None:
    """The same form, so many times at one moment."""
    with site.database.transaction() as session:
        post = Post(the_statement(site).id, SignForm.model_validate(form), "en", b"x" * 32, Admission(screened=screened))
        sign_all(session, [post] * times, now)


def moderator(site: Site) -> Account:
    """A moderator's row."""
    with site.database.reading() as session:
        found = session.exec(select(Account)).first()
    if found is None:
        staff(site)
    return found or moderator(site)


def bring(site: Site, form: dict[str, str], *states: State, now: datetime = NOW) -> UUID:
    """A signature that goes through these states, after "pending"."""
    known = {row.id for row in site.rows()}
    write(site, form, now)
    by, key = moderator(site), next(row.id for row in site.rows() if row.id not in known)
    for state in states:
        with site.database.transaction() as session:
            row = session.get_one(Signature, key)
            match state:
                case State.CONFIRMED:
                    row.confirm(now)
                case State.APPROVED:
                    desk.approve(session, key, by, now)
                case State.PUBLISHED:
                    publish_approved(session, now)
                case State.REJECTED:
                    desk.reject(session, key, by, "No.", now)
                case State.REMOVED:
                    desk.remove(session, key, by, Removal.OTHER, "", now)
    return key


LISTED = (State.CONFIRMED, State.APPROVED, State.PUBLISHED)


def row(session: Session, key: UUID) -> Signature:
    return session.get_one(Signature, key)


def tally(site: Site) -> Tally:
    with site.database.reading() as session:
        return session.get_one(Tally, the_statement(site).id)


def corrected(**changes: str) -> Typed:
    return Typed.model_validate(cast.individual(**changes))


def test_who_hides_leaves_no_empty_line_in_the_list(site: Site) -> None:
    browser, link = published(site)
    browser.post(link, {"act": "hide"})
    assert site.browser.get(f"/statements/{cast.SLUG}/signatories.json").json()["items"] == []
    assert "None" not in site.browser.get(f"/statements/{cast.SLUG}/signatories").text


def test_who_was_released_from_the_screening_may_still_disown_it(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual(subject="cheap watches"))
    staff(site).post(f"/console/signatures/{site.rows()[0].id}/release")
    link, code = site.link_and_code(EMAIL)
    assert site.new_browser().post(link, {"act": "not-me", "code": code}).status_code == 200
    assert [(row.state, row.particulars, row.address_index) for row in site.rows()] == [(State.EXPIRED, None, None)]


def test_a_first_signatory_who_was_put_back_may_leave_the_file_before_the_publisher_comes(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    key, by = site.rows()[0].id, moderator(site)
    with site.database.transaction() as session:
        desk.remove(session, key, by, Removal.OTHER, "", NOW)
        desk.restore(session, key, by, NOW)
    site.publish()
    assert {one.state for one in site.rows()} <= {State.REMOVED, State.WITHDRAWN}


def test_mirrors_are_not_told_who_of_the_hidden_has_left(site: Site) -> None:
    site.publish()
    first, *others = [bring(site, person(number), *LISTED) for number in range(5)]
    with site.database.transaction() as session:
        for key in (first, *others):
            ownership.hide(session, row(session, key), NOW)  # five are counted now
    known = tally(site).list_revision
    with site.database.transaction() as session:
        for key in (*others, first):
            ownership.withdraw(session, row(session, key), "", NOW)
    assert tally(site).list_revision == known + 1
    with site.database.reading() as session:
        assert queries.since(session, the_statement(site).id, known, 0).withdrawn == []


def test_a_correction_of_one_who_is_not_named_leaves_the_shown_count_alone(site: Site) -> None:
    site.publish()
    keys = [bring(site, person(number, visibility="withheld"), *LISTED) for number in range(5)]
    with site.database.transaction() as session:
        for key in keys[1:]:
            ownership.withdraw(session, row(session, key), "", NOW)
        ownership.correct(session, row(session, keys[0]), corrected(name="Anna Prydumanaja"), NOW)
    before = tally(site)
    with site.database.transaction() as session:
        desk.accept_correction(session, keys[0], moderator(site), NOW)
    after = tally(site)
    assert (before.withheld_shown, after.withheld_shown, after.list_revision) == (5, 5, before.list_revision)


def muted(site: Site) -> int:
    """The owner of the address disowns a pending signature; how many mails there are then."""
    with site.database.transaction() as session:
        disown(session, next(row for row in session.exec(select(Signature).where(Signature.state == State.PENDING))), NOW)
    return len(mails(site))


def test_a_muted_address_gets_no_mail_when_what_was_screened_is_released(site: Site) -> None:
    site.publish()
    write(site, cast.individual(), NOW, screened=True)
    screened = site.rows()[0].id
    write(site, cast.individual(), NOW)
    sent = muted(site)
    with site.database.transaction() as session:
        desk.release(session, screened, moderator(site), NOW)
    assert len(mails(site)) == sent


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_a_muted_address_gets_no_mail_about_a_decision(site: Site, act: str) -> None:
    site.publish()
    key, by = bring(site, cast.individual(), State.CONFIRMED, State.REJECTED), moderator(site)
    write(site, cast.individual(), NOW)
    sent = muted(site)
    with site.database.transaction() as session:
        desk.restore(session, key, by, NOW)
        desk.approve(session, key, by, NOW) if act == "approve" else desk.reject(session, key, by, "No.", NOW)
    assert len(mails(site)) == sent


def test_many_posts_at_one_moment_remind_the_owner_of_an_address_once(site: Site) -> None:
    site.publish()
    write(site, cast.individual(), NOW)
    write(site, cast.individual(), NOW + 25 * HOUR, times=5)
    assert [mail.name for mail in mails(site)] == ["confirm", "confirm"]


def test_a_label_of_the_list_does_not_change_without_a_new_revision(site: Site) -> None:
    site.publish()
    key = bring(site, cast.organisation(), *LISTED)
    before, seen = tally(site).list_revision, faces(site)
    with site.database.transaction() as session:
        desk.inquire(session, key, moderator(site), "office@rivers-house.org", NOW)
        reporting.answer(session, session.exec(select(Inquiry)).one(), row(session, key), Answer.YES, NOW)
    assert faces(site) != seen
    assert tally(site).list_revision == before + 1


@pytest.mark.parametrize("states", [(), (State.CONFIRMED, State.REJECTED), (*LISTED, State.REMOVED)])
def test_nobody_is_asked_about_a_signature_that_does_not_stand(site: Site, states: tuple[State, ...]) -> None:
    site.publish()
    key, by = bring(site, cast.organisation(), *states), moderator(site)
    with pytest.raises(Conflict), site.database.transaction() as session:
        desk.inquire(session, key, by, "office@rivers-house.org", NOW)


def test_nothing_is_written_about_the_erased(site: Site) -> None:
    site.publish()
    key, by = bring(site, cast.organisation(), *LISTED), moderator(site)
    with site.database.transaction() as session:
        ownership.erase(session, row(session, key), NOW)
    with pytest.raises(DomainError), site.database.transaction() as session:
        desk.inquire(session, key, by, "tamar@rivers-house.org", NOW)


def test_evidence_for_one_organisation_is_none_for_another(site: Site) -> None:
    site.publish()
    key, by = bring(site, cast.organisation(), *LISTED), moderator(site)
    with site.database.transaction() as session:
        row(session, key).evidence = Evidence.CONFIRMED  # it said yes
        other = Typed.model_validate(cast.organisation(organisation="Ministry of Waters", website="waters.example.org"))
        ownership.correct(session, row(session, key), other, NOW)
        desk.accept_correction(session, key, by, NOW)
    assert [(one.organisation, one.evidence) for one in site.rows()] == [("Ministry of Waters", Evidence.DECLARED)]


def test_a_correction_goes_with_the_particulars_of_one_who_is_counted_and_not_named(site: Site) -> None:
    site.publish()
    key = bring(site, person(1, visibility="withheld"), *LISTED)
    with site.database.transaction() as session:
        close(session, cast.SLUG, NOW, NOW)
    sweep(site.database, NOW + 91 * DAY)
    with pytest.raises(Conflict), site.database.transaction() as session:
        ownership.correct(session, row(session, key), corrected(), NOW + 91 * DAY)
    assert site.rows()[0].correction is None


def test_what_was_removed_after_its_particulars_were_erased_keeps_nothing_either(site: Site) -> None:
    site.publish()
    key, by = bring(site, person(1, visibility="withheld"), *LISTED), moderator(site)
    with site.database.transaction() as session:
        close(session, cast.SLUG, NOW, NOW)
    sweep(site.database, NOW + 91 * DAY)
    with site.database.transaction() as session:
        desk.remove(session, key, by, Removal.OTHER, "", NOW + 91 * DAY)
    sweep(site.database, NOW + 200 * DAY)
    assert site.rows()[0].correction is None


def test_nobody_is_counted_twice_by_a_restored_signature_whose_address_is_forgotten(site: Site) -> None:
    site.publish()
    key, by = bring(site, cast.individual(), *LISTED, State.REMOVED), moderator(site)
    bring(site, cast.individual(), *LISTED, now=NOW + HOUR)
    with site.database.transaction() as session:
        close(session, cast.SLUG, NOW + 2 * HOUR, NOW + 2 * HOUR)
    sweep(site.database, NOW + 8 * DAY)
    with pytest.raises(Conflict), site.database.transaction() as session:
        desk.restore(session, key, by, NOW + 8 * DAY)
