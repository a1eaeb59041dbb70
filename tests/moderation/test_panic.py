"""The panic switches: no name anywhere at once, and back only when two agree; a list that stands still."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from app.accounts.actions import disable
from app.accounts.models import Account, Assent, Grant, Role, StaffSession
from app.accounts.queries import by_email
from app.audit.models import Entry
from app.clock import utcnow
from app.moderation.switches import hide_names
from app.signatures.models import Signature, State
from app.signatures.wording import HIDDEN
from app.statements.models import Statement
from tests import cast
from tests.feeds.lists import AUTOMATIC, numbers
from tests.moderation.hands import confirmed
from tests.signatures.hands import SIGN, posting, staff, together
from tests.site import Browser, Site

PAGE, LIST = f"/statements/{cast.SLUG}", f"/statements/{cast.SLUG}/signatories"
FACES: tuple[str, ...] = (
    *(PAGE, LIST, f"{LIST}?order=name&kind=individual", f"{LIST}?q=prykladnaya", f"{LIST}.json", f"{LIST}.json?since=0", f"{LIST}.csv", f"{LIST}.ndjson"),
    *(f"{PAGE}.json", f"{PAGE}/feed.json", f"{PAGE}/feed.atom", f"/embed/{cast.SLUG}", f"/report/{cast.SLUG}/1"),
)
NAMES = ("Alesia Prykladnaya", "Centre for Clear Water", "clearwater.example", "Ян Прыклад", "Jean Exemple", "Magalithidze", "Fictional House")
PANIC = f"/console/statements/{cast.SLUG}/panic"


def full(site: Site) -> Browser:
    """A list of four names; the administrator's browser."""
    site.publish(cast.statement(front=cast.FIRST), be=cast.belarusian())
    administrator = staff(site, Role.ADMINISTRATOR, "first@site.example")
    site.signed()
    site.approve_all(administrator)
    return administrator


def second(site: Site) -> Browser:
    return staff(site, Role.ADMINISTRATOR, "second@site.example")


def press(browser: Browser, act: str) -> int:
    return browser.post(f"{PANIC}/{act}").status_code


def answer(browser: Browser, act: str, assent_id: str) -> int:
    return browser.post(f"/console/assents/{assent_id}/{act}").status_code


def texts(site: Site, faces: tuple[str, ...] = FACES, prefix: str = "") -> dict[str, str]:
    return {face: site.browser.get(prefix + face).text for face in faces}


def named(site: Site) -> list[str]:
    """The faces with any of the names."""
    return [face for face, text in texts(site).items() if any(name in text for name in NAMES)]


def without_moments(face: str, text: str) -> str:
    """A face without the list's revision and its time."""
    if face.endswith((".json", ".json?since=0")):
        found: Any = json.loads(text)
        for place in (found, found.get("_undersigned", {})):
            place.pop("list_revision", None)
            place.pop("as_of", None)
        return json.dumps(found)
    return "\n".join(line for line in text.splitlines() if 'class="asof"' not in line and "<updated>" not in line)


def acts(site: Site) -> list[str]:
    with site.database.reading() as session:
        found = session.exec(select(Entry.act).order_by(col(Entry.number)))
        return [act for act in found if act in {"hide-names", "show-names", "freeze-list", "thaw-list", "ask-assent", "give-assent"}]


def assent(site: Site) -> str:
    with site.database.reading() as session:
        return str(session.exec(select(Assent)).one().id)


def test_one_press_takes_every_name_off_every_face_and_counts_and_text_stay(site: Site) -> None:
    full(site)
    moderator = staff(site)
    assert named(site) == [face for face in FACES if face != f"{PAGE}.json"]
    assert press(moderator, "hide") == 303
    assert named(site) == []
    page = site.browser.get(PAGE).text
    assert ("have signed." in page, "Open the archives" in page) == (True, True)
    assert sum(site.browser.get(f"{PAGE}.json").json()["counts"].values()) == 4
    assert "Magalithidze" in moderator.get("/console/published").text
    assert acts(site) == ["hide-names"]


def test_each_face_says_why_in_its_language(site: Site) -> None:
    full(site)
    press(staff(site), "hide")
    said = {face: HIDDEN in text for face, text in texts(site).items()}
    assert said == dict.fromkeys(FACES, True) | {f"{LIST}.json?since=0": False, f"{LIST}.ndjson": False}  # each of its lines is a signatory
    feed = site.browser.get(f"{PAGE}/feed.json").json()
    assert (feed["items"], feed["description"], feed["_undersigned"]["notice"]) == ([], HIDDEN, HIDDEN)
    lines = site.browser.get(f"{LIST}.csv").text.splitlines()
    assert (len(lines), lines[0].endswith(f",{HIDDEN}")) == (1, True)
    assert '"hidden":' in site.browser.get("/widget.js").text


def test_when_names_are_shown_no_face_has_a_word_about_it(site: Site) -> None:
    full(site)
    assert [face for face, text in texts(site).items() if HIDDEN in text] == []


def test_two_people_bring_the_names_back_as_they_were(site: Site) -> None:
    first = full(site)
    other = second(site)
    before = {face: without_moments(face, text) for face, text in texts(site).items()}
    order = numbers(site)
    press(staff(site), "hide")
    assert press(first, "show") == 303
    assert named(site) == []
    assert answer(other, "give", assent(site)) == 303
    assert named(site) == []
    assert "Another administrator agreed." in first.get(PANIC).text
    assert press(first, "show") == 303
    after = texts(site, tuple(face for face in FACES if "since" not in face))
    assert {face: without_moments(face, text) for face, text in after.items()} == {face: text for face, text in before.items() if "since" not in face}
    assert numbers(site) == order
    assert acts(site) == ["hide-names", "ask-assent", "give-assent", "show-names"]


def test_one_person_alone_cannot_bring_them_back(site: Site) -> None:
    first = full(site)
    second(site)
    press(first, "hide")
    assert [press(first, "show"), press(first, "show"), answer(first, "give", assent(site))] == [303, 303, 409]
    assert press(staff(site), "show") == 403
    with site.database.transaction() as session:
        disable(session, by_email(session, "second@site.example"), by_email(session, "first@site.example").id, utcnow())
    assert press(first, "show") == 303
    assert named(site) == []


def test_whom_the_asker_made_an_administrator_just_now_cannot_agree(site: Site) -> None:
    first = full(site)
    second(site)
    third = staff(site, Role.ADMINISTRATOR, "third@site.example")
    with site.database.transaction() as session:
        raised = by_email(session, "third@site.example")
        raised.raised_by, raised.raised_at = by_email(session, "first@site.example").id, utcnow()
    press(first, "hide")
    press(first, "show")
    assert answer(third, "give", assent(site)) == 403
    assert press(first, "show") == 303
    assert named(site) == []


def test_the_only_administrator_needs_nobody_but_a_fresh_proof(site: Site) -> None:
    first = full(site)
    press(first, "hide")
    with site.database.transaction() as session:
        row = session.exec(select(StaffSession)).one()
        row.proven_at = utcnow() - timedelta(minutes=11)
    stale = first.post(f"{PANIC}/show")
    assert stale.headers["location"].startswith("/console/prove")
    assert ("Prove it once more first" in first.get(PANIC).text, named(site)) == (True, [])
    with site.database.transaction() as session:
        session.exec(select(StaffSession)).one().proven_at = utcnow()
    press(first, "show")
    assert len(named(site)) == len(FACES) - 2  # the statement's JSON has no names, and an old revision cannot be followed


def test_a_refused_request_brings_nothing_back(site: Site) -> None:
    first = full(site)
    other = second(site)
    press(first, "hide")
    press(first, "show")
    assert answer(other, "refuse", assent(site)) == 303
    assert answer(other, "give", "0" * 32) == 404
    press(first, "show")
    assert named(site) == []


def test_a_mirror_is_told_to_read_the_list_anew_when_it_is_hidden_and_when_it_is_shown(site: Site) -> None:
    first = full(site)
    revision = site.browser.get(f"{LIST}.json").json()["list_revision"]
    press(first, "hide")
    hidden = site.browser.get(f"{LIST}.json").json()
    assert (hidden["items"], hidden["list_revision"]) == ([], revision + 1)
    assert {site.browser.get(f"{LIST}.json?since={n}").status_code for n in range(revision + 1)} == {410}
    assert site.browser.get(f"{LIST}.json?since={revision + 1}").json()["items"] == []
    press(first, "show")
    assert {site.browser.get(f"{LIST}.json?since={n}").status_code for n in range(revision + 2)} == {410}
    assert site.browser.get(f"{LIST}.json?since={revision + 2}").status_code == 200
    assert len(site.browser.get(f"{LIST}.json").json()["items"]) == 4


def test_while_hidden_nobody_signs_and_mailed_links_still_confirm(site: Site) -> None:
    first = full(site)
    waits = site.new_browser("203.0.113.9")
    waits.post(SIGN, cast.individual(email="waits@post-office.org"))
    link, _ = site.link_and_code("waits@post-office.org")
    press(first, "hide")
    refused = site.new_browser("203.0.113.10").post(SIGN, cast.individual(email="late@post-office.org"))
    assert (refused.status_code, "takes no signatures at the moment" in refused.text) == (409, True)
    assert site.browser.get(SIGN).status_code == 409
    assert 'class="sign" id="sign" method' not in site.browser.get(PAGE).text
    assert waits.submit(waits.get(link), press="confirm").status_code == 200
    site.approve_all(first)
    assert [row.state for row in site.rows() if row.number is None] == [State.APPROVED]
    assert "The list stands still at the moment" in site.letters("waits@post-office.org")[-1].part("plain")
    press(first, "show")
    site.work()
    assert {row.state for row in site.rows()} == {State.PUBLISHED}


def test_fifty_who_sign_while_the_switch_is_thrown_are_taken_before_it_or_refused(site: Site) -> None:
    site.publish(cast.statement(front=AUTOMATIC))
    moderator = staff(site)
    site.browser.get(SIGN)
    forms = [cast.individual(name=f"Person {n:03}", email=f"person{n}@post-office.org") for n in range(50)]
    asked = [posting(site.new_browser(f"203.0.{n}.7"), SIGN, form) for n, form in enumerate(forms)]
    answers = together(site, [*asked[:25], posting(moderator, f"{PANIC}/hide", {}), *asked[25:]])
    assert answers.pop(25).status_code == 303
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert len(site.rows()) == sum(answer.status_code == 303 for answer in answers)
    assert site.browser.post(SIGN, cast.individual(email="late@post-office.org")).status_code == 409
    with site.database.transaction() as session:
        for row in session.exec(select(Signature)):
            row.confirm(utcnow())
            row.approve(utcnow())
    site.work()
    assert {row.state for row in site.rows()} <= {State.APPROVED}
    assert site.browser.get(f"{LIST}.json").json()["items"] == []


def test_who_withdraws_while_names_are_hidden_does_not_come_back(site: Site) -> None:
    first = full(site)
    press(first, "hide")
    gone = next(row for row in site.rows() if row.name and "Magalithidze" in row.name)
    assert first.post(f"/console/signatures/{gone.id}/remove", {"code": "on-request"}).status_code == 303
    press(first, "show")
    assert [item["number"] for item in site.browser.get(f"{LIST}.json").json()["items"]] == [1, 2, 3]


def test_a_frozen_list_takes_nobody_in_and_lets_everybody_out(site: Site) -> None:
    first = full(site)
    press(staff(site), "freeze")
    revision = site.browser.get(f"{LIST}.json").json()["list_revision"]
    site.signed(kind="individual", email="waits@post-office.org")
    site.approve_all(first)
    assert site.browser.get(f"{LIST}.json").json()["list_revision"] == revision
    gone = next(row for row in site.rows() if row.name and "Magalithidze" in row.name)
    assert first.post(f"/console/signatures/{gone.id}/remove", {"code": "on-request"}).status_code == 303
    assert [item["number"] for item in site.browser.get(f"{LIST}.json").json()["items"]] == [1, 2, 3]
    assert press(first, "thaw") == 303
    site.work()
    assert len(site.browser.get(f"{LIST}.json").json()["items"]) == 4
    assert acts(site) == ["freeze-list", "thaw-list"]


def test_corrections_and_names_to_be_shown_wait_while_the_list_is_frozen(site: Site) -> None:
    first = full(site)
    letter = site.letters("tamar@rivers-house.org")[-1].part("plain")
    found, digits = re.search(r"/manage/\S+", letter), re.search(r"\b(\d{3}) (\d{3})\b", letter)
    assert found
    assert digits
    own, manage, code = site.new_browser(), found.group(), digits[1] + digits[2]
    assert own.post(manage, {"act": "correct", "code": code, **cast.organisation(name="Tamar Corrected")}).status_code == 303
    press(first, "freeze")
    row = next(row for row in site.rows() if row.corrected_at)
    path = f"/console/signatures/{row.id}/accept-correction"
    assert first.post(path).status_code == 409
    assert own.post(manage, {"act": "hide"}).status_code == 303
    assert "Fictional House" not in site.browser.get(LIST).text
    assert own.post(manage, {"act": "show"}).status_code == 409
    press(first, "thaw")
    assert [first.post(path).status_code, own.post(manage, {"act": "show"}).status_code] == [303, 303]
    assert "Tamar Corrected" in site.browser.get(LIST).text


@pytest.mark.parametrize("act", ["hide", "freeze"])
def test_a_switch_is_thrown_once(site: Site, act: str) -> None:
    first = full(site)
    assert [press(first, act), press(first, act)] == [303, 409]


def test_who_may_throw_and_who_may_lift(site: Site) -> None:
    full(site)
    viewer, moderator = staff(site, Role.VIEWER, "viewer@site.example"), staff(site)
    assert (viewer.get(PANIC).status_code, press(viewer, "hide"), press(viewer, "freeze")) == (200, 403, 403)
    assert "/panic/hide" not in viewer.get(PANIC).text
    assert [press(moderator, act) for act in ("hide", "freeze", "show", "thaw")] == [303, 303, 403, 403]
    page = moderator.get(PANIC).text
    assert ("An administrator of this statement can show them again." in page, "/panic/show" in page) == (True, False)


def test_a_right_to_one_statement_is_none_to_the_switches_of_another(site_on_sqlite: Site) -> None:
    site = site_on_sqlite
    site.publish()
    site.publish(cast.statement(slug="another"))
    browser = staff(site, Role.VIEWER, "granted@site.example")
    with site.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "granted@site.example")).one()
        account.role = None
        (mine,) = {row.id for row in session.exec(select_statement("another"))}
        session.add(Grant(account_id=account.id, statement_id=mine, role=Role.MODERATOR))
    assert (press(browser, "hide"), browser.get(PANIC).status_code) == (403, 403)
    assert browser.post("/console/statements/another/panic/hide").status_code == 303


def select_statement(slug: str) -> Any:
    return select(Statement).where(Statement.slug == slug)


def test_names_of_one_statement_stay_when_another_hides_its_own(site: Site) -> None:
    full(site)
    site.publish(cast.statement(slug="another"))
    with site.database.transaction() as session:
        (other,) = session.exec(select_statement("another"))
        person: Any = type("P", (), {"id": by_email(session, "first@site.example").id})
        hide_names(session, other.id, person, utcnow())
    assert len(named(site)) == len(FACES) - 1
    assert HIDDEN in site.browser.get("/statements/another").text


def test_the_queue_goes_on_under_both_switches(site: Site) -> None:
    first = full(site)
    (waiting,) = confirmed(site, 1, email="more@rivers-house.org")
    press(first, "hide")
    press(first, "freeze")
    assert first.post(f"/console/signatures/{waiting}/reject", {"reason": "No."}).status_code == 303
