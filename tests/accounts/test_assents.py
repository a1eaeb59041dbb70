"""The two-person rule: what one administrator asks for, another agrees to."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select

from app.accounts import actions, assents
from app.accounts.models import Account, Assent, Person, Role, StaffSession
from app.clock import utcnow
from app.db import Database
from app.errors import Conflict, DomainError, Forbidden, NotFound
from app.statements.models import Statement

NOW = utcnow()
LATER = NOW + timedelta(days=8)
ACT = "show-names"


def person(session: Session, name: str, role: Role = Role.ADMINISTRATOR) -> Person:
    """Somebody of the staff, as they are now."""
    email = f"{name}@site.example"
    found = session.exec(select(Account).where(Account.email == email)).first() or actions.create(session, email, role, None, NOW)
    session.flush()
    return Person(found, StaffSession(token_hash=b"", account_id=found.id, created_at=NOW, seen_at=NOW))


def refused(act: Callable[[], object], error: type[DomainError]) -> bool:
    try:
        act()
    except error:
        return True
    return False


def test_one_administrator_needs_nobody_and_two_need_each_other(database: Database) -> None:
    with database.transaction() as session:
        one = person(session, "one")
        assents.spend(session, ACT, one, NOW)
        person(session, "two")
        assert refused(lambda: assents.spend(session, ACT, one, NOW), Forbidden)


def test_what_another_agreed_to_is_done_once_and_for_that_alone(database: Database) -> None:
    with database.transaction() as session:
        one, two = person(session, "one"), person(session, "two")
        asked = assents.ask(session, ACT, one, NOW, subject="this")
        assert assents.ask(session, ACT, one, NOW, subject="this").id == asked.id
        assert refused(lambda: assents.give(session, asked.id, one, NOW), Conflict)
        assents.give(session, asked.id, two, NOW)
        assert refused(lambda: assents.give(session, asked.id, two, NOW), Conflict)
        for who, act, subject in ((one, "campaign", "this"), (one, ACT, "that"), (two, ACT, "this")):
            assert refused(lambda who=who, act=act, subject=subject: assents.spend(session, act, who, NOW, subject=subject), Forbidden)  # type: ignore[misc]
        assert assents.given(session, ACT, one, NOW, subject="this")
        assents.spend(session, ACT, one, NOW, subject="this")
        assert refused(lambda: assents.spend(session, ACT, one, NOW, subject="this"), Forbidden)


def test_an_agreement_is_over_after_a_day(database: Database) -> None:
    late = NOW + timedelta(hours=25)
    with database.transaction() as session:
        one, two = person(session, "one"), person(session, "two")
        asked = assents.ask(session, ACT, one, NOW)
        assert refused(lambda: assents.give(session, asked.id, two, late), NotFound)
        assents.give(session, asked.id, two, NOW)
        assert refused(lambda: assents.spend(session, ACT, one, late), Forbidden)
        assents.sweep_assents(session, late)
        assert session.exec(select(Assent)).all() == []


@pytest.mark.parametrize(
    "raise_them",
    [lambda session, who, by: actions.invite(session, who, by, NOW), lambda session, who, by: actions.give(session, who, Role.ADMINISTRATOR, None, by, NOW)],
)
def test_nobody_makes_the_second_person_of_their_own_acts(database: Database, raise_them: Callable[[Session, Account, object], object]) -> None:
    with database.transaction() as session:
        one, two, three = (person(session, name) for name in ("one", "two", "three"))
        raise_them(session, two.account, one.id)
        asked = assents.ask(session, ACT, one, NOW)
        assert refused(lambda: assents.give(session, asked.id, two, NOW), Forbidden)
        assents.give(session, asked.id, three, NOW)


@pytest.mark.parametrize(
    "put_down",
    [lambda session, who, by: actions.disable(session, who, by, NOW), lambda session, who, by: actions.give(session, who, Role.MODERATOR, None, by, NOW)],
)
def test_putting_down_the_other_administrator_frees_nobody_for_a_week(database: Database, put_down: Callable[[Session, Account, object], object]) -> None:
    with database.transaction() as session:
        one, two = person(session, "one"), person(session, "two")
        put_down(session, two.account, one.id)
        session.flush()
        assert refused(lambda: assents.spend(session, ACT, one, NOW), Forbidden)
        assert not assents.needed(session, LATER)


def test_a_moderator_is_no_second_person(database: Database) -> None:
    with database.transaction() as session:
        one, moderator = person(session, "one"), person(session, "moderator", Role.MODERATOR)
        person(session, "two")
        asked = assents.ask(session, ACT, one, NOW)
        assert refused(lambda: assents.give(session, asked.id, moderator, NOW), NotFound)
        assert assents.waiting(session, moderator, NOW) == []


def test_of_many_who_use_one_agreement_at_once_one_does(database: Database) -> None:
    with database.transaction() as session:
        one, two = person(session, "one"), person(session, "two")
        assents.give(session, assents.ask(session, ACT, one, NOW).id, two, NOW)

    def spend(_: int) -> bool:
        with database.transaction() as session:
            return not refused(lambda: assents.spend(session, ACT, one, NOW), Forbidden)

    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(spend, range(50))) == 1


def test_one_who_administers_a_single_statement_is_a_second_person_for_it(database: Database) -> None:
    with database.transaction() as session:
        statement, elsewhere = published(session, "this"), published(session, "that")
        one, single = person(session, "one"), person(session, "single", Role.VIEWER)
        actions.give(session, single.account, Role.ADMINISTRATOR, statement, uuid4(), NOW)
        session.flush()
        assert [assents.needed(session, NOW, place) for place in (statement, elsewhere, None)] == [True, False, False]
        assert refused(lambda: assents.spend(session, ACT, one, NOW, statement), Forbidden)
        actions.take(session, single.account, statement, one.id, NOW)
        session.flush()
        assert [assents.needed(session, moment, statement) for moment in (NOW, LATER)] == [True, False]


def published(session: Session, slug: str) -> UUID:
    statement = Statement(slug=slug, language="en", created_at=NOW)
    session.add(statement)
    session.flush()
    return statement.id
