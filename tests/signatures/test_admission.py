"""What the door notes: proof of work, traps, quotas; and what follows from each."""

import base64
import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from altcha import Challenge, solve_challenge

from app.clock import utcnow
from app.outbox.models import Mail
from app.settings import get_settings
from app.signatures import screening
from app.signatures.beside import UsedChallenge
from app.signatures.models import State
from tests import cast
from tests.signatures.hands import SIGN, mails, stored, the_statement
from tests.site import Browser, Site, forms

CHALLENGE = f"/statements/{cast.SLUG}/challenge"


def solved(browser: Browser) -> str:
    """A proof of work, as the page's script makes it."""
    challenge = browser.get(CHALLENGE).json()
    challenge.pop("lifetime")
    solution = solve_challenge(Challenge.from_dict(challenge))
    assert solution
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": solution.to_dict()}).encode()).decode()


def flags(site: Site) -> list[list[str]]:
    return [row.marks() for row in site.rows()]


def lanes(site: Site) -> list[str]:
    return [mail.lane for mail in mails(site)]


def test_a_proof_of_work_leaves_no_flag_and_takes_the_faster_lane(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual(proof=solved(site.browser)))
    assert (flags(site), lanes(site), stored(site, UsedChallenge)) == ([[]], ["proven"], 1)


def test_no_proof_is_no_refusal_but_a_flag_and_the_slower_lane(site: Site) -> None:
    site.publish()
    assert site.browser.post(SIGN, cast.individual()).status_code == 303
    assert (flags(site), lanes(site), site.rows()[0].state) == ([["no-proof"]], ["plain"], State.PENDING)


def test_a_proof_counts_once(site: Site) -> None:
    site.publish()
    proof = solved(site.browser)
    for n in range(4):
        site.new_browser(f"203.0.{n}.7").post(SIGN, cast.individual(email=f"person{n}@post-office.org", proof=proof))
    assert (flags(site), sorted(lanes(site))) == ([[], ["replay"], ["replay"], ["replay"]], ["plain", "plain", "plain", "proven"])


def test_a_proof_for_another_statement_is_none(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(slug="other-appeal"))
    site_on_sqlite.publish()
    challenge = screening.challenge(the_statement(site_on_sqlite, "other-appeal").id, 0, utcnow())
    challenge.pop("lifetime")
    solution = solve_challenge(Challenge.from_dict(challenge))
    assert solution
    proof = base64.b64encode(json.dumps({"challenge": challenge, "solution": solution.to_dict()}).encode()).decode()
    site_on_sqlite.browser.post(SIGN, cast.individual(proof=proof))
    assert flags(site_on_sqlite) == [["no-proof"]]


@pytest.mark.parametrize(("seconds", "state", "noted"), [(0, State.SCREENED, ["no-proof", "fast"]), (10, State.PENDING, ["no-proof"])])
def test_a_form_without_scripts_that_is_sent_within_three_seconds_is_screened(site_on_sqlite: Site, seconds: int, state: State, noted: list[str]) -> None:
    site_on_sqlite.publish()
    since = screening.stamp(the_statement(site_on_sqlite).id, utcnow() - timedelta(seconds=seconds))
    site_on_sqlite.browser.post(SIGN, cast.individual(since=since))
    assert (site_on_sqlite.rows()[0].state, flags(site_on_sqlite)) == (state, [noted])


def test_whoever_mends_a_form_quickly_is_not_taken_for_a_program(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    since = screening.stamp(the_statement(site_on_sqlite).id, utcnow() - timedelta(seconds=30))
    again = site_on_sqlite.browser.post(SIGN, cast.individual(since=since, consent=""))
    assert (again.status_code, forms(again)[-1].values["since"]) == (422, since)
    assert "forged" not in site_on_sqlite.browser.post(SIGN, cast.individual(since="forged", consent="")).text


def test_the_form_on_a_page_of_its_own_carries_the_time(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    page = site_on_sqlite.browser.get(SIGN)
    found = screening.age(forms(page)[-1].values["since"], the_statement(site_on_sqlite).id, utcnow())
    assert found is not None
    assert page.headers["cache-control"] == "no-store"
    assert "since" not in forms(site_on_sqlite.browser.get(f"/statements/{cast.SLUG}"))[-1].values


def test_a_disposable_address_is_noted_for_the_moderator_and_taken(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(SIGN, cast.individual(email="someone@mailinator.com"))
    assert (flags(site_on_sqlite), len(mails(site_on_sqlite))) == ([["no-proof", "disposable"]], 1)


def test_a_flagged_signature_is_not_published_without_a_moderator_even_where_the_rest_is(site: Site) -> None:
    site.publish(cast.statement("moderation: {organisations: automatic, individuals: automatic}\n"))
    site.signed(kind="individual", email="plain@post-office.org", proof=solved(site.browser))
    site.signed(kind="individual", email="someone@mailinator.com", proof=solved(site.browser))
    site.work()
    assert [row.state for row in site.rows()] == [State.PUBLISHED, State.CONFIRMED]


def test_a_network_without_proofs_gets_twenty_mails_an_hour_and_the_others_wait(site: Site) -> None:
    site.publish()
    for n in range(23):
        site.browser.post(SIGN, cast.individual(email=f"person{n}@post-office.org"))
    delays = [round((mail.due_at - mail.created_at).total_seconds() / 180) for mail in mails(site)]
    assert delays == [0] * 20 + [1, 2, 3]
    late: Mail = mails(site)[-1]
    assert late.expires_at
    assert late.expires_at - late.due_at == timedelta(hours=72)


def test_a_domain_has_its_share_of_the_mail_and_a_proof_used_twice_takes_none_of_the_larger(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "mails_per_hour", 1200)  # of 600 without a proof a domain has two, with one twenty
    site.publish()
    proof = solved(site.browser)
    for n in range(5):
        site.new_browser(f"203.0.{n}.7").post(SIGN, cast.individual(email=f"person{n}@rivers-house.org", proof=proof))
    delays = [round((mail.due_at - mail.created_at).total_seconds() / 60) for mail in mails(site)]
    assert sorted(delays) == [0, 0, 0, 30, 60]


def test_a_challenge_is_never_cached_and_only_for_an_open_statement(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(closes="2026-01-01 18:00 Europe/Minsk"))
    assert site_on_sqlite.browser.get(CHALLENGE).status_code == 409
    site_on_sqlite.publish(cast.statement(slug="open-appeal"))
    answer = site_on_sqlite.browser.get("/statements/open-appeal/challenge")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


def test_the_more_people_sign_the_harder_the_sum(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site_on_sqlite.publish()
    asked: list[int] = []
    real = screening.challenge

    def noted(statement: UUID, level: int, now: datetime) -> dict[str, object]:
        asked.append(level)
        return real(statement, level, now)

    monkeypatch.setattr(screening, "challenge", noted)
    site_on_sqlite.browser.get(CHALLENGE)
    for n in range(130):
        site_on_sqlite.new_browser(f"203.0.{n}.7").post(SIGN, cast.individual(email=f"person{n}@post-office.org"))
        if n % 65 == 64:  # a new minute may begin among the first, not among both
            site_on_sqlite.browser.get(CHALLENGE)
    assert (asked[0], max(asked)) == (0, 1)
