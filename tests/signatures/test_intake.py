"""Group commit: many requests, one transaction; each its own fate."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.clock import utcnow
from app.errors import Busy, Conflict
from app.signatures import intake
from app.signatures.intake import Intake
from app.signatures.models import State
from app.signatures.signing import sign_all
from app.statements.actions import close
from tests import cast
from tests.signatures.hands import SAME_ORIGIN, SIGN, mails, masked, posting, together
from tests.site import Site, forms


def gathered(site: Site, write: Any, items: Sequence[int]) -> list[Any]:
    """What became of items submitted at the same moment."""
    writer = Intake[int, int](site.database, write)

    async def submit() -> list[Any]:
        return await asyncio.gather(*(writer.submit(item) for item in items), return_exceptions=True)

    return site.wait(submit())


def test_what_comes_while_a_batch_is_written_goes_into_the_next_and_each_gets_its_own_answer(site_on_sqlite: Site) -> None:
    sizes: list[int] = []

    def write(session: Session, items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        return [item * 2 for item in items]

    assert gathered(site_on_sqlite, write, range(200)) == [n * 2 for n in range(200)]
    assert max(sizes) == intake.BATCH
    assert len(sizes) <= 5


def test_one_bad_item_fails_alone(site_on_sqlite: Site) -> None:
    def write(session: Session, items: Sequence[int]) -> list[int]:
        if 7 in items:
            raise ValueError("seven")
        return list(items)

    found = gathered(site_on_sqlite, write, range(20))
    assert [item for item in found if not isinstance(item, Exception)] == [n for n in range(20) if n != 7]
    assert isinstance(found[7], ValueError)


def test_a_refusal_of_one_item_is_raised_for_it_alone(site_on_sqlite: Site) -> None:
    def write(session: Session, items: Sequence[int]) -> list[Any]:
        return [Conflict("no") if item == 3 else item for item in items]

    found = gathered(site_on_sqlite, write, range(6))
    assert [type(item).__name__ for item in found] == ["int", "int", "int", "Conflict", "int", "int"]


def test_a_lost_database_fails_them_all_at_once_and_not_one_after_the_other(site_on_sqlite: Site) -> None:
    tries = 0

    def write(session: Session, items: Sequence[int]) -> list[int]:
        nonlocal tries
        tries += 1
        raise OperationalError("x", {}, Exception())

    found = gathered(site_on_sqlite, write, range(20))
    assert ({type(item) for item in found}, tries <= 2) == ({OperationalError}, True)


def test_more_than_can_wait_is_refused_calmly(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "PLACES", 5)
    found = gathered(site_on_sqlite, lambda session, items: list(items), range(20))
    assert (sum(isinstance(item, Busy) for item in found), 0 in found) == (15, True)


def test_the_refusal_gives_back_what_was_typed_and_says_when_to_come_again(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site_on_sqlite.publish()
    monkeypatch.setattr(intake, "PLACES", 0)
    answer = site_on_sqlite.browser.post(SIGN, cast.individual())
    assert (answer.status_code, answer.headers["retry-after"], "Very many people are signing" in answer.text) == (503, "5", True)
    assert "set-cookie" not in answer.headers
    assert forms(answer)[-1].values["email"] == cast.individual()["email"]
    program = site_on_sqlite.browser.client.post(SIGN, data=cast.individual(), headers={**SAME_ORIGIN, "Accept": "application/json"})
    assert site_on_sqlite.wait(program).headers["content-type"] == "application/problem+json"


def test_a_statement_that_closes_while_forms_wait_takes_none_of_them(site: Site) -> None:
    site.publish()
    site.browser.get(SIGN)
    assert site.browser.post(SIGN, cast.individual()).status_code == 303
    with site.database.transaction() as session:
        close(session, cast.SLUG, utcnow(), utcnow())
    answer = site.browser.post(SIGN, cast.individual(email="late@post-office.org"))
    assert (answer.status_code, len(site.rows())) == (409, 1)


def test_one_form_that_cannot_be_written_keeps_no_neighbour_from_signing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    real = sign_all

    def broken(session: Session, posts: Any, now: Any) -> Any:
        if any(post.form.email.startswith("bad") for post in posts):
            raise RuntimeError("cannot write this")
        return real(session, posts, now)

    monkeypatch.setattr(intake, "sign_all", broken)
    emails = [f"person{n}@post-office.org" for n in range(9)] + ["bad@post-office.org"]
    answers = together(site, [posting(site.new_browser(f"203.0.{n}.7"), SIGN, cast.individual(email=email)) for n, email in enumerate(emails)])
    assert ([answer.status_code for answer in answers], len(site.rows()), len(mails(site))) == ([303] * 9 + [500], 9, 9)


def test_confirmations_at_the_same_moment_are_written_together(site: Site) -> None:
    site.publish()
    presses = []
    for n in range(12):
        browser, email = site.new_browser(f"203.0.{n}.7"), f"person{n}@post-office.org"
        browser.post(SIGN, cast.individual(email=email))
        presses.append((browser, site.link_and_code(email)[0]))
    answers = together(site, [posting(browser, link, {"act": "confirm"}) for browser, link in presses for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [200] * 12 + [404] * 24
    assert {row.state for row in site.rows()} == {State.CONFIRMED}


def test_no_answer_comes_sooner_than_another(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    answers = [site_on_sqlite.new_browser(f"203.0.{n}.7").post(SIGN, cast.individual(subject="x" * (n % 2))) for n in range(4)]
    assert min(answer.elapsed.total_seconds() for answer in answers) >= 0.04
    assert len({masked(answer) for answer in answers if not answer.cookies} or {0}) == 1


def test_a_known_address_is_found_by_its_index_however_many_have_signed(site: Site) -> None:
    """On PostgreSQL without statistics too, which it has none of when a flood begins."""
    site.publish()
    asked: list[tuple[str, Any]] = []
    engine = site.database.engine
    event.listen(engine, "before_cursor_execute", lambda _connection, _cursor, sql, given, *_rest: asked.append((sql, given)))
    assert site.browser.post(SIGN, cast.individual()).status_code == 303
    (known,) = [(sql, given) for sql, given in asked if "LATERAL" in sql or sql.startswith("SELECT signature.address_index")]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if site.database.embedded else ''} {known[0]}", known[1]).all()
    steps = " ".join(str(step[-1]) for step in plan)
    assert "uq_signature_living_address" in steps
    assert re.search(r"\(statement_id=\? AND address_index=\?\)|Index Cond: \(\(statement_id = .*\) AND \(address_index = ", steps), steps
