"""A decision can be taken back for some seconds; two moderators never decide the same thing twice."""

import re
from datetime import timedelta

import pytest

from app.accounts.models import Role
from app.clock import utcnow
from app.moderation.models import Decision
from app.settings import get_settings
from app.signatures.models import State
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import SAME_ORIGIN, move_clock, posting, staff, stored, together
from tests.site import Site

FORM = {**SAME_ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(autouse=True)
def window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "undo_seconds", 10)


def state(site: Site) -> State:
    return site.rows()[0].state


def later(site: Site, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    move_clock(monkeypatch, timedelta(seconds=seconds))
    site.work()


def test_an_approval_takes_effect_after_the_window_and_not_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = confirmed(site)
    moderator = staff(site)
    answer = moderator.post(f"/console/signatures/{number}/approve")
    assert answer.status_code == 303
    page = moderator.get(answer.headers["location"]).text
    assert ("It takes effect at" in page, "Undo" in page, state(site)) == (True, True, State.CONFIRMED)
    later(site, monkeypatch, 8)
    assert (state(site), len(site.letters(cast.organisation()["email"]))) == (State.CONFIRMED, 1)
    later(site, monkeypatch, 11)
    assert (state(site), len(site.letters(cast.organisation()["email"]))) == (State.PUBLISHED, 2)


def test_a_rejection_keeps_its_reason_for_the_mail(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = confirmed(site)
    staff(site).post(f"/console/signatures/{number}/reject", {"reason": "The river house did not authorise it."})
    later(site, monkeypatch, 11)
    assert state(site) is State.REJECTED
    assert "The river house did not authorise it." in site.letters(cast.organisation()["email"])[-1].part("plain")


def test_a_decision_that_was_taken_back_leaves_no_trace_but_in_the_record(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = confirmed(site)
    moderator = staff(site)
    moderator.post(f"/console/signatures/{number}/approve")
    assert moderator.post(f"/console/signatures/{number}/undo").status_code == 303
    later(site, monkeypatch, 60)
    assert (state(site), stored(site, Decision)) == (State.CONFIRMED, 0)
    assert 'class="go"' in moderator.get("/console").text


def test_it_is_taken_back_by_its_author_alone_and_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = confirmed(site)
    moderator, other = staff(site), staff(site, email="other@site.example")
    moderator.post(f"/console/signatures/{number}/approve")
    assert other.post(f"/console/signatures/{number}/undo").status_code == 409
    assert moderator.get(f"/console/signatures/{number}").text.count("/undo") == 1
    assert other.get(f"/console/signatures/{number}").text.count("/undo") == 0
    later(site, monkeypatch, 11)
    assert moderator.post(f"/console/signatures/{number}/undo").status_code == 409
    assert state(site) is State.PUBLISHED


def test_who_withdraws_in_the_meantime_is_not_published(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = confirmed(site)
    staff(site).post(f"/console/signatures/{number}/approve")
    with site.database.transaction() as session:
        session.get_one(type(site.rows()[0]), site.rows()[0].id).withdraw(utcnow())
    later(site, monkeypatch, 11)
    assert (state(site), stored(site, Decision)) == (State.WITHDRAWN, 0)


@pytest.mark.parametrize("acts", [("approve", "approve"), ("approve", "reject"), ("reject", "reject")])
def test_two_who_decide_at_once_make_one_decision(site: Site, acts: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = confirmed(site, 6)
    two = [staff(site), staff(site, email="other@site.example")]
    for number in numbers:
        sent = [posting(browser, f"/console/signatures/{number}/{act}", {"reason": "Twice."}) for browser, act in zip(two, acts, strict=True)]
        assert sorted(answer.status_code for answer in together(site, sent)) == [303, 409]
    assert stored(site, Decision) == 6
    later(site, monkeypatch, 11)
    assert {row.state for row in site.rows()} <= {State.PUBLISHED, State.REJECTED}


def test_who_is_at_a_signature_is_shown_and_can_be_relieved(site: Site) -> None:
    (number,) = confirmed(site)
    moderator, other = staff(site), staff(site, email="other@site.example")
    moderator.post(f"/console/signatures/{number}/claim")
    page = other.get(f"/console/signatures/{number}").text
    assert ("moderator@site.example is at this signature" in page, 'class="go"' in page) == (True, False)
    assert other.post(f"/console/signatures/{number}/approve").status_code == 409
    assert "queue is empty" in other.get("/console").text or 'class="go"' not in other.get("/console").text
    assert other.post(f"/console/signatures/{number}/claim").status_code == 303
    assert (moderator.post(f"/console/signatures/{number}/approve").status_code, other.post(f"/console/signatures/{number}/approve").status_code) == (409, 303)


def test_a_claim_ends_by_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = confirmed(site)
    staff(site).post(f"/console/signatures/{number}/claim")
    later(site, monkeypatch, 301)
    assert staff(site, email="other@site.example").post(f"/console/signatures/{number}/approve").status_code == 303


def test_each_decision_leads_to_the_next_and_skipping_comes_round(site: Site) -> None:
    numbers = [str(number) for number in confirmed(site, 4)]
    moderator = staff(site)
    page, seen = moderator.get("/console"), []
    while current := re.search(r"/console/signatures/([^/]+)/approve", page.text):
        seen.append(current[1])
        answer = moderator.get(f"/console?after={current[1]}") if len(seen) == 2 else moderator.post(f"/console/signatures/{current[1]}/approve")
        page = moderator.get(answer.headers["location"]) if answer.status_code == 303 else answer
    assert sorted(seen) == sorted(numbers)
    assert "This is the end of the queue." in page.text
    assert seen[1] in moderator.get("/console").text


def test_many_at_once_are_exactly_those_that_were_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(site, 5)
    moderator = staff(site)
    rows = re.findall(r'name="row" value="([^"]+)"', moderator.get("/console/bulk").text)
    assert len(rows) == 5
    changed = rows[0].partition(":")[0] + ":0000000000000000"
    body = "&".join(f"row={row}" for row in [changed, *rows[1:4], "nonsense"])
    answer = site.wait(moderator.client.post("/console/bulk/approve", content=body, headers=FORM))
    assert answer.status_code == 303
    page = moderator.get(answer.headers["location"]).text
    assert ("3 signatures are decided." in page, "1 was left as it is" in page) == (True, True)
    later(site, monkeypatch, 11)
    assert sorted(row.state.value for row in site.rows()) == ["confirmed", "confirmed", "published", "published", "published"]


def test_many_at_once_are_taken_back_at_once(site: Site) -> None:
    confirmed(site, 3)
    moderator = staff(site)
    rows = re.findall(r'name="row" value="([^"]+)"', moderator.get("/console/bulk").text)
    answer = site.wait(moderator.client.post("/console/bulk/approve", content="&".join(f"row={row}" for row in rows), headers=FORM))
    page = moderator.get(answer.headers["location"])
    undone = moderator.submit(page, number=1)
    assert "3 decisions are taken back." in moderator.get(undone.headers["location"]).text
    assert stored(site, Decision) == 0


def test_a_rejection_of_many_needs_a_reason_and_keeps_the_ticks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(site, 2)
    moderator = staff(site)
    rows = re.findall(r'name="row" value="([^"]+)"', moderator.get("/console/bulk").text)
    page = site.wait(moderator.client.post("/console/bulk/reject", content=f"row={rows[0]}&reason=+", headers=FORM))
    assert (page.status_code, page.text.count(" checked"), 'class="problem"' in page.text) == (422, 1, True)
    site.wait(moderator.client.post("/console/bulk/reject", content=f"row={rows[0]}&reason=Twice.", headers=FORM))
    later(site, monkeypatch, 11)
    assert sorted(row.state.value for row in site.rows()) == ["confirmed", "rejected"]


def test_the_filter_of_many_at_once(site: Site) -> None:
    confirmed(site, 3)
    confirmed(site, 2, kind="individual")
    moderator = staff(site)
    shown = {
        query: moderator.get(f"/console/bulk?{query}").text.count('name="row"') for query in ("kind=organisation", "kind=individual", "flag=trap", "kind=x")
    }
    assert shown == {"kind=organisation": 3, "kind=individual": 2, "flag=trap": 0, "kind=x": 5}
    assert "Nothing that waits matches." in moderator.get("/console/bulk?statement=no-such").text


def test_a_viewer_may_tick_nothing(site_on_sqlite: Site) -> None:
    confirmed(site_on_sqlite)
    viewer = staff(site_on_sqlite, Role.VIEWER)
    page = viewer.get("/console/bulk").text
    assert ("disabled" in page, "/console/bulk/approve" in page and 'class="go"' in page) == (True, False)
    assert viewer.post("/console/bulk/approve").status_code == 403
