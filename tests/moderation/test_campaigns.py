"""Removing many signatures at once: a dry run, a start, a cancel, an undo."""

import re

import pytest
from sqlmodel import select

from app.accounts.models import Role
from app.audit.models import Entry
from app.clock import utcnow
from app.keys.rotation import rotate
from app.moderation.campaigns import campaigns_due
from app.moderation.models import Campaign, CampaignItem, Decision
from app.outbox.models import Mail
from app.secretariat.shredding import shred
from app.signatures.models import State
from app.statements import actions as statements
from app.statements.queries import get
from tests import cast
from tests.signatures.hands import change, staff, stored
from tests.site import Browser, Site

LIST = f"/statements/{cast.SLUG}/signatories.csv"


def crowded(site: Site) -> Browser:
    """Two forged names and one honest stand in the list, a third forged one waits; the administrator's browser."""
    site.publish()
    head = staff(site, Role.ADMINISTRATOR, "head@site.example")
    for n, name in enumerate(("Forged Adzin", "Forged Dva", "Honest Person")):
        site.signed(kind="individual", name=name, email=f"p{n}@post-office.org", country="BY")
    site.approve_all(head)
    site.signed(kind="individual", name="Форджд Тры Forged", email="three@post-office.org")
    return head


def drafted(browser: Browser, site: Site, **typed: str) -> str:
    """The page of a campaign whose dry run is finished."""
    answer = browser.post("/console/campaigns", {"statement": cast.SLUG, "code": "false", "note": "", **typed})
    assert answer.status_code == 303, answer.text
    while campaigns_due(site.database):
        pass
    return answer.headers["location"]


def work(site: Site) -> None:
    while campaigns_due(site.database):
        pass
    site.work()


def states(site: Site) -> list[str]:
    return [row.state.value for row in site.rows()]


def test_exactly_whom_the_dry_run_found_is_removed_and_comes_back_when_it_is_undone(site: Site) -> None:
    head = crowded(site)
    before, mails = site.browser.get(LIST).text, stored(site, Mail)
    place = drafted(head, site, name="forged")
    page = head.get(place).text
    assert [name in page for name in ("Forged Adzin", "Forged Dva", "Тры", "Honest")] == [True, True, True, False]
    assert site.browser.get(LIST).text == before
    assert head.post(f"{place}/start").status_code == 303
    work(site)
    assert states(site) == ["removed", "removed", "published", "rejected"]
    assert [name in site.browser.get(LIST).text for name in ("Forged", "Honest")] == [False, True]
    assert stored(site, Mail) == mails
    assert head.post(f"{place}/undo").status_code == 303
    work(site)
    assert states(site) == ["published", "published", "published", "confirmed"]
    assert site.browser.get(LIST).text == before


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"name": "f*dva"}, 1),
        ({"name": "форгед"}, 3),
        ({"domain": "post-office.org"}, 4),
        ({"domain": "@POST-office.org", "name": "honest"}, 1),
        ({"country": "BY"}, 4),
        ({"since": "2999-01-01T00:00"}, 0),
        ({"until": "2999-01-01T00:00"}, 4),
        ({"flag": "no-proof"}, 4),
        ({"flag": "trap"}, 0),
    ],
)
def test_all_conditions_have_to_hold(site_on_sqlite: Site, typed: dict[str, str], found: int) -> None:
    drafted(crowded(site_on_sqlite), site_on_sqlite, **typed)
    with site_on_sqlite.database.reading() as session:
        assert [one.found for one in session.exec(select(Campaign)).all()] == [found]


def test_the_network_of_one_signature_finds_the_others_and_its_mark_is_in_no_address(site: Site) -> None:
    head = crowded(site)
    change(site, "p0@post-office.org", cluster="mark-of-a-network")
    change(site, "p2@post-office.org", cluster="mark-of-a-network")
    place = drafted(head, site, near=str(site.rows()[0].id))
    page = head.get(place).text
    assert ["Forged Adzin" in page, "Honest Person" in page, "Forged Dva" in page, "mark-of-a-network" in page] == [True, True, False, False]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Please set at least one condition"),
        ({"name": "*"}, "Please set at least one condition"),
        ({"domain": "?"}, "Please write a domain"),
        ({"near": "x"}, ""),
    ],
)
def test_a_campaign_without_a_sound_condition_is_not_begun(site_on_sqlite: Site, typed: dict[str, str], said: str) -> None:
    head = crowded(site_on_sqlite)
    answer = head.post("/console/campaigns", {"statement": cast.SLUG, "code": "false", "note": "kept", **typed})
    assert (answer.status_code, said in answer.text, "kept" in answer.text, stored(site_on_sqlite, Campaign)) == (422, True, True, 0)


def test_what_has_moved_on_since_the_dry_run_stays_as_it_is(site: Site) -> None:
    head = crowded(site)
    place = drafted(head, site, name="forged")
    head.post(f"/console/signatures/{site.rows()[0].id}/remove", {"code": "on-request"})
    head.post(f"{place}/start")
    work(site)
    head.post(f"{place}/undo")
    work(site)
    assert states(site) == ["removed", "published", "published", "confirmed"]


def test_a_cancelled_campaign_removes_nobody_more(site: Site) -> None:
    head = crowded(site)
    place = drafted(head, site, name="forged")
    head.post(f"{place}/start")
    assert head.post(f"{place}/cancel").status_code == 303
    work(site)
    assert states(site) == ["published", "published", "published", "confirmed"]
    assert head.post(f"{place}/start").status_code == 409


def test_a_moderator_drafts_and_two_administrators_start(site: Site) -> None:
    one = crowded(site)
    two = staff(site, Role.ADMINISTRATOR, "two@site.example")
    moderator = staff(site, email="moderator@site.example")
    place = drafted(moderator, site, name="forged")
    assert moderator.post(f"{place}/start").status_code == 403
    assert one.post(f"{place}/start").status_code == 403
    one.post(f"{place}/ask")
    question = re.search(r'action="(/console/assents/[^"]+/give)"', two.get("/console/assents").text)
    assert question
    two.post(question[1])
    assert two.post(f"{place}/start").status_code == 403
    assert one.post(f"{place}/start").status_code == 303


def test_its_conditions_are_sealed_turn_with_the_keys_and_go_with_them(site: Site) -> None:
    head = crowded(site)
    place = drafted(head, site, name="forged", note="Written by one hand")
    with site.database.reading() as session:
        statement = get(session, cast.SLUG)
        assert all(b"forged" not in (one.said or b"") for one in session.exec(select(Campaign)).all())
    rotate(site.database, statement.id, utcnow(), lambda *_: None)
    assert "Written by one hand" in head.get(place).text
    with site.database.transaction() as session:
        statements.close(session, cast.SLUG, utcnow(), utcnow())
    with site.database.transaction() as session:
        shred(session, cast.SLUG, utcnow())
    with site.database.reading() as session:
        assert all(one.said is None for one in session.exec(select(Campaign)).all())


def test_every_step_is_in_the_record_and_names_nobody(site_on_sqlite: Site) -> None:
    head = crowded(site_on_sqlite)
    place = drafted(head, site_on_sqlite, name="forged")
    for act in ("start", "cancel"):
        head.post(f"{place}/{act}")
    with site_on_sqlite.database.reading() as session:
        entries = [one for one in session.exec(select(Entry)).all() if one.act.endswith("campaign")]
    assert [one.act for one in entries] == ["draft-campaign", "start-campaign", "cancel-campaign"]
    assert not any("orged" in one.detail + one.subject for one in entries)


def test_an_erased_signature_leaves_nothing_but_its_number_and_does_not_come_back(site: Site) -> None:
    head = crowded(site)
    place = drafted(head, site, name="forged")
    head.post(f"{place}/start")
    work(site)
    with site.database.transaction() as session:
        row = session.get_one(type(site.rows()[0]), site.rows()[0].id)
        row.forget_person()
    head.post(f"{place}/undo")
    work(site)
    assert (states(site)[0], states(site)[1]) == (State.REMOVED.value, "published")
    assert stored(site, CampaignItem) == 3
    assert stored(site, Decision) > 0
