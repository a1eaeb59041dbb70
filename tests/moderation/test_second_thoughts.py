"""Corrections, restored signatures and what the screening holds back: a moderator decides each, and each is recorded."""

import pytest
from sqlmodel import select

from app.moderation.models import Act, Decision
from app.signatures.models import State
from app.signatures.tallies import Tally
from tests import cast
from tests.signatures.hands import SIGN, mails, staff
from tests.signatures.test_own_page import faces, inside, published
from tests.site import Browser, Site


def corrected(site: Site, name: str = "Tamar Magalithidze", kind: str = "organisation") -> None:
    """A published signature whose signer asks for a correction."""
    browser, link = published(site)
    assert browser.submit(browser.get(f"{link}?act=correct"), press="correct", name=name, kind=kind).status_code == 303


def press(site: Site, moderator: Browser, act: str, **typed: str) -> int:
    return moderator.post(f"/console/signatures/{site.rows()[0].id}/{act}", typed).status_code


def acts(site: Site) -> list[Act]:
    with site.database.reading() as session:
        return [row.act for row in session.exec(select(Decision).order_by(Decision.decided_at))]  # type: ignore[arg-type]


def test_the_queue_shows_a_correction_beside_what_stands(site: Site) -> None:
    corrected(site, name="Tamar Vydumanaya")
    page = staff(site, email="second@site.example").get("/console").text
    assert [text for text in ("The signer asks for a correction", "Tamar Vydumanaya", "Tamar Magalithidze", "Accept the correction") if text not in page] == []


def test_an_accepted_correction_is_on_every_face_at_the_same_number_and_the_signer_is_told(site: Site) -> None:
    corrected(site, name="Tamar Vydumanaya")
    assert press(site, staff(site, email="second@site.example"), "accept-correction") == 303
    shown = faces(site)
    assert ("Vydumanaya" in shown, "Magalithidze" in shown, site.rows()[0].number, site.rows()[0].correction) == (True, False, 1, None)
    assert (acts(site), mails(site)[-1].name) == ([Act.APPROVE, Act.CORRECT], "corrected")


def test_a_correction_to_a_personal_signature_moves_the_counts(site: Site) -> None:
    corrected(site, kind="individual")
    press(site, staff(site, email="second@site.example"), "accept-correction")
    with site.database.reading() as session:
        tally = session.get_one(Tally, site.rows()[0].statement_id)
    assert (tally.organisations, tally.individuals) == (0, 1)


def test_a_declined_correction_leaves_the_list_and_mails_the_reason(site: Site) -> None:
    corrected(site, name="Tamar Vydumanaya")
    moderator = staff(site, email="second@site.example")
    assert press(site, moderator, "decline-correction") == 422
    assert press(site, moderator, "decline-correction", reason="The board has not heard of this.") == 303
    assert ("Magalithidze" in faces(site), acts(site)[-1]) == (True, Act.DECLINE)
    assert "The board has not heard of this." in site.letters("tamar@rivers-house.org")[-1].part("plain")


def test_a_correction_that_was_taken_back_by_withdrawing_cannot_be_accepted(site: Site) -> None:
    corrected(site, name="Tamar Vydumanaya")
    browser, link = inside(site)
    browser.post(link, {"act": "withdraw"})
    assert press(site, staff(site, email="second@site.example"), "accept-correction") == 409


@pytest.mark.parametrize(("first", "data", "state"), [("reject", {"reason": "no"}, State.CONFIRMED), ("remove", {"code": "other"}, State.APPROVED)])
def test_a_rejection_or_a_removal_can_be_taken_back(site: Site, first: str, data: dict[str, str], state: State) -> None:
    site.publish()
    site.signed()
    moderator = staff(site)
    if first == "remove":
        site.approve_all(moderator)
    assert press(site, moderator, first, **data) == 303
    assert press(site, moderator, "restore") == 303
    assert (site.rows()[0].state, acts(site)[-1]) == (state, Act.RESTORE)
    site.approve_all(moderator)
    assert (site.rows()[0].state, "Fictional House" in faces(site), site.rows()[0].number) == (State.PUBLISHED, True, 1)


def test_what_has_signed_again_meanwhile_is_not_restored_beside_it(site: Site) -> None:
    site.publish()
    site.signed()
    moderator = staff(site)
    press(site, moderator, "reject", reason="no")
    site.signed()
    answer = moderator.post(f"/console/signatures/{site.rows()[0].id}/restore")
    assert (answer.status_code, "this address has signed again" in answer.text) == (409, True)
    assert [row.state for row in site.rows()] == [State.REJECTED, State.CONFIRMED]


def test_what_the_screening_holds_back_can_be_released_and_is_then_confirmed_by_mail(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual(subject="cheap watches"))
    moderator = staff(site)
    page = moderator.get("/console/screened")
    assert ("Мікола Выдуманы" in page.text, "filled a field that people do not see" in page.text, mails(site)) == (True, True, [])
    assert press(site, moderator, "release") == 303
    link, code = site.link_and_code("mikola@post-office.org")
    site.new_browser().post(link, {"act": "confirm", "code": code})
    assert (site.rows()[0].state, acts(site)) == (State.CONFIRMED, [Act.RELEASE])


def test_nothing_held_back_is_said_so(site_on_sqlite: Site) -> None:
    assert "Nothing is held back." in staff(site_on_sqlite).get("/console/screened").text


def test_what_a_signer_wrote_on_leaving_is_shown_to_moderators(site: Site) -> None:
    browser, link = published(site)
    browser.post(link, {"act": "withdraw", "reason": "They came to our office."})
    assert "They came to our office." in staff(site, email="second@site.example").get(f"/console/signatures/{site.rows()[0].id}").text
