"""Approve, reject, remove: the transition, the record and the letter, together or not at all."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.keys.queries import keyring
from app.moderation.models import Act, Decision
from app.moderation.notices import notify_of_queue
from app.signatures.models import State
from tests import cast
from tests.signatures.hands import change, mails, posting, sign_many, staff, stored, title, together
from tests.site import Site

REASON = "The board of Fictional House of Rivers told us that it did not decide this."


def waiting(site: Site, email: str = "tamar@rivers-house.org", **changes: str) -> str:
    """A confirmed signature; the address of its page in the console."""
    form = cast.individual(email=email, **changes) if changes.get("kind") == "individual" else cast.organisation(email=email, **changes)
    sign_many(site, [form])
    change(site, email, lambda row: row.confirm(utcnow()))
    return f"/console/signatures/{site.rows()[-1].id}"


def decisions(site: Site) -> list[tuple[str, Act, str]]:
    """Who, what, and the code, in order."""
    with site.database.reading() as session:
        rows = session.exec(select(Decision, Account.email).join(Account).order_by(Decision.decided_at)).all()  # type: ignore[arg-type]
    return [(email, row.act, row.code) for row, email in rows]


def published(site: Site, **changes: str) -> str:
    path = waiting(site, **changes)
    staff(site, email="first@site.example").post(f"{path}/approve")
    site.work()
    return path


def test_approving_is_recorded_mailed_and_published(site: Site) -> None:
    site.publish()
    moderator, path = staff(site), waiting(site)
    answer = moderator.post(f"{path}/approve")
    place = answer.headers["location"].partition("&")[0]
    assert (answer.status_code, place, decisions(site)) == (303, "/console?done=approved", [("moderator@site.example", Act.APPROVE, "")])
    site.work()
    assert (site.rows()[0].state, site.rows()[0].name, [mail.name for mail in mails(site)]) == (
        State.PUBLISHED,
        "Tamar Magalithidze",
        ["confirm", "approved"],
    )
    assert "Approved" in moderator.get(answer.headers["location"]).text


def test_a_decision_says_who_when_and_why(site: Site) -> None:
    site.publish()
    before, path = utcnow(), waiting(site)
    staff(site).post(f"{path}/reject", {"reason": REASON})
    with site.database.reading() as session:
        kept = session.exec(select(Decision)).one()
        ring = keyring(session, site.rows()[0].statement_id)
    assert before <= kept.decided_at <= utcnow()
    assert kept.words
    assert ring.open(kept.words, kept.place("words")).decode() == REASON
    page = staff(site, Role.VIEWER, "viewer@site.example").get(path).text
    assert [word for word in (REASON, "moderator@site.example", "Rejected") if word not in page] == []


@pytest.mark.parametrize(("prefix", "language", "greeting"), [("", "en", "Good day"), ("/be", "be", "Добры дзень")])
def test_a_rejection_needs_a_reason_which_is_mailed_in_the_signers_language(site: Site, prefix: str, language: str, greeting: str) -> None:
    site.publish()
    email = "mikola@post-office.org"
    site.browser.post(f"{prefix}/statements/{cast.SLUG}/sign", cast.individual())
    link, _ = site.link_and_code(email)
    site.browser.post(link, {"act": "confirm"})
    moderator, path = staff(site), f"/console/signatures/{site.rows()[0].id}"
    refused = moderator.post(f"{path}/reject", {"reason": " \n "})
    assert (refused.status_code, site.rows()[0].state, stored(site, Decision)) == (422, State.CONFIRMED, 0)
    assert "Please choose a reason or write one: it is mailed to the signer." in refused.text
    assert moderator.post(f"{path}/reject", {"reason": REASON}).headers["location"].startswith("/console?done=rejected")
    letter = site.letters(email)[-1]
    assert (letter.message["Content-Language"], site.rows()[0].state) == (language, State.REJECTED)
    assert [part for part in ("plain", "html") if REASON not in letter.part(part) or greeting not in letter.part(part)] == []


@pytest.mark.parametrize("reason", ["r" * 1001, "\u202e", "\x00\x01"])
def test_a_reason_that_is_too_long_or_has_no_letters_is_refused_and_kept(site_on_sqlite: Site, reason: str) -> None:
    site_on_sqlite.publish()
    path = waiting(site_on_sqlite)
    page = staff(site_on_sqlite).post(f"{path}/reject", {"reason": reason})
    assert (page.status_code, stored(site_on_sqlite, Decision)) == (422, 0)
    assert len(reason) < 1000 or reason in page.text


def test_the_moderators_words_are_sealed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    path = published(site_on_sqlite)
    other = waiting(site_on_sqlite, "second@rivers-house.org")
    moderator = staff(site_on_sqlite)
    moderator.post(f"{other}/reject", {"reason": REASON})
    moderator.post(f"{path}/remove", {"code": "other", "note": "Telephoned with the invented chairwoman."})
    files = b"".join(file.read_bytes() for file in site_on_sqlite.folder.iterdir() if file.is_file())
    assert [words for words in (REASON, "invented chairwoman") if words.encode() in files] == []
    assert "invented chairwoman" in moderator.get(path).text


@pytest.mark.parametrize("code", ["on-request", "not-authorised", "duplicate", "false", "other"])
def test_removing_needs_a_reason_from_the_list_and_takes_the_name_off_at_once(site_on_sqlite: Site, code: str) -> None:
    site_on_sqlite.publish()
    path, moderator = published(site_on_sqlite), staff(site_on_sqlite)
    for sent in ({}, {"code": ""}, {"code": "because"}):
        assert moderator.post(f"{path}/remove", sent).status_code == 422
    assert site_on_sqlite.rows()[0].state is State.PUBLISHED
    assert moderator.post(f"{path}/remove", {"code": code, "note": ""}).status_code == 303
    row = site_on_sqlite.rows()[0]
    assert (row.state, decisions(site_on_sqlite)[-1]) == (State.REMOVED, ("moderator@site.example", Act.REMOVE, code))
    assert [row.name, row.role, row.organisation, row.website, row.domain, row.country, row.folded] == [None] * 7
    assert "Fictional House of Rivers" not in site_on_sqlite.browser.get(f"/statements/{cast.SLUG}").text
    assert mails(site_on_sqlite)[-1].name == "removed"


def test_the_counts_follow_approvals_and_removals(site: Site) -> None:
    site.publish()
    path = published(site)
    counts = site.browser.get(f"/statements/{cast.SLUG}.json").json()["counts"]
    staff(site).post(f"{path}/remove", {"code": "duplicate"})
    after = site.browser.get(f"/statements/{cast.SLUG}.json").json()["counts"]
    assert (counts["organisations"], after["organisations"]) == (1, 0)


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (State.REJECTED, "approve"),
        (State.PUBLISHED, "approve"),
        (State.REMOVED, "approve"),
        (State.PUBLISHED, "reject"),
        (State.REJECTED, "reject"),
        (State.CONFIRMED, "remove"),
        (State.REMOVED, "remove"),
        (State.PENDING, "approve"),
        (State.EXPIRED, "approve"),
    ],
)
def test_an_act_that_does_not_fit_the_state_is_a_calm_page_and_changes_nothing(site_on_sqlite: Site, state: State, act: str) -> None:
    site_on_sqlite.publish()
    path = waiting(site_on_sqlite)
    change(site_on_sqlite, "tamar@rivers-house.org", state=state)
    answer = staff(site_on_sqlite).post(f"{path}/{act}", {"reason": REASON, "code": "other" if act == "remove" else ""})
    assert (answer.status_code, title(answer)) == (409, "Somebody was here before")
    assert (site_on_sqlite.rows()[0].state, stored(site_on_sqlite, Decision), len(mails(site_on_sqlite))) == (state, 0, 1)


@pytest.mark.parametrize("acts", [("approve", "reject"), ("approve", "approve"), ("reject", "reject")])
def test_of_two_moderators_at_once_one_decides_and_the_other_gets_a_calm_page(site: Site, acts: tuple[str, str]) -> None:
    site.publish()
    two = [staff(site, email=f"{name}@site.example") for name in ("first", "second")]
    path = waiting(site)
    answers = together(site, [posting(browser, f"{path}/{act}", {"reason": REASON}) for browser, act in zip(two, acts, strict=True)])
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert title(late) == "Somebody was here before"
    assert (stored(site, Decision), len(mails(site))) == (1, 2)


def test_of_two_moderators_who_remove_at_once_one_does_and_the_count_falls_once(site: Site) -> None:
    site.publish()
    published(site, email="other@rivers-house.org", organisation="Other House")
    path = waiting(site)
    two = [staff(site, email=f"{name}@site.example") for name in ("second", "third")]
    two[0].post(f"{path}/approve")
    site.work()
    answers = together(site, [posting(browser, f"{path}/remove", {"code": "false"}) for browser in two])
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert site.browser.get(f"/statements/{cast.SLUG}.json").json()["counts"]["organisations"] == 1


def test_approvals_while_the_publisher_runs_are_all_published(site: Site) -> None:
    site.publish()
    paths = [waiting(site, f"person{n}@rivers-house.org", kind="individual") for n in range(8)]
    browser = staff(site)
    answers = together(site, [posting(browser, f"{path}/approve", {}) for path in paths])
    site.work()
    assert {answer.status_code for answer in answers} == {303}
    assert sorted(row.number or 0 for row in site.rows()) == list(range(1, 9))


@pytest.mark.parametrize("number", ["9975fd6d-7de7-4b79-8d4f-fdd8c8a34492", "1", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_signature_is_a_calm_page(site_on_sqlite: Site, number: str) -> None:
    moderator = staff(site_on_sqlite)
    answers = [
        moderator.get(f"/console/signatures/{number}"),
        *(moderator.post(f"/console/signatures/{number}/{act}") for act in ("approve", "reject", "remove")),
    ]
    assert {answer.status_code for answer in answers} <= {404, 422}
    assert [answer for answer in answers if "<h1>" not in answer.text] == []


@pytest.mark.parametrize("state", [State.PENDING, State.EXPIRED])
def test_what_nobody_confirmed_is_shown_to_nobody(site_on_sqlite: Site, state: State) -> None:
    site_on_sqlite.publish()
    path = waiting(site_on_sqlite)
    change(site_on_sqlite, "tamar@rivers-house.org", state=state)
    moderator = staff(site_on_sqlite)
    assert moderator.get(path).status_code == 404
    assert "Tamar" not in moderator.get("/console").text


def test_a_letter_that_cannot_be_queued_undoes_the_decision(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    moderator, path = staff(site), waiting(site)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("app.moderation.actions.enqueue", broken)
    assert moderator.post(f"{path}/approve").status_code == 500
    assert (site.rows()[0].state, stored(site, Decision)) == (State.CONFIRMED, 0)


def test_once_the_address_is_forgotten_a_removal_goes_without_a_letter(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    path = published(site_on_sqlite)
    change(site_on_sqlite, "tamar@rivers-house.org", address=None)
    before = len(mails(site_on_sqlite))
    moderator = staff(site_on_sqlite)
    assert moderator.post(f"{path}/remove", {"code": "on-request"}).status_code == 303
    assert (len(mails(site_on_sqlite)), site_on_sqlite.rows()[0].state) == (before, State.REMOVED)
    assert "erased" in moderator.get(path).text


def test_a_card_whose_particulars_are_gone_is_still_a_page(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    path = waiting(site_on_sqlite)
    moderator = staff(site_on_sqlite)
    moderator.post(f"{path}/reject", {"reason": REASON})
    change(site_on_sqlite, "tamar@rivers-house.org", lambda row: row.forget_person())
    page = moderator.get(path)
    assert (page.status_code, "The particulars were erased" in page.text) == (200, True)


def notices(site: Site, after: timedelta) -> int:
    with site.database.transaction() as session:
        return notify_of_queue(session, utcnow() + after)


def test_moderators_hear_that_something_waits_at_most_once_an_hour(site: Site) -> None:
    site.publish()
    for role in Role:
        staff(site, role, f"{role.value}@site.example")
    assert notices(site, timedelta()) == 0
    waiting(site)
    assert notices(site, timedelta()) == 3
    waiting(site, "second@rivers-house.org")
    change(site, "second@rivers-house.org", confirmed_at=utcnow() + timedelta(minutes=5))
    assert [notices(site, timedelta(minutes=minutes)) for minutes in (1, 30, 59)] == [0, 0, 0]
    assert notices(site, timedelta(minutes=61)) == 3
    assert {letter.to for letter in site.letters() if "/console" in letter.part("plain")} == {
        "moderator@site.example",
        "editor@site.example",
        "administrator@site.example",
    }


def test_the_notice_is_repeated_without_news_only_after_a_day(site: Site) -> None:
    site.publish()
    staff(site)
    waiting(site)
    assert [notices(site, timedelta(hours=hours)) for hours in (0, 2, 23, 25)] == [1, 0, 0, 1]


def test_a_disabled_moderator_hears_nothing(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    staff(site_on_sqlite)
    waiting(site_on_sqlite)
    with site_on_sqlite.database.transaction() as session:
        session.exec(select(Account)).one().disabled_at = utcnow()
    assert notices(site_on_sqlite, timedelta()) == 0


def test_the_notice_names_nobody(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    staff(site_on_sqlite)
    waiting(site_on_sqlite)
    notices(site_on_sqlite, timedelta())
    letter = site_on_sqlite.letters("moderator@site.example")[-1]
    said = str(letter.message["Subject"]) + letter.part("plain") + letter.part("html")
    assert [word for word in ("Tamar", "Fictional", cast.SLUG, "tamar@") if word in said] == []
