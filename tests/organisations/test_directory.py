"""The directory: a domain is one organisation's, a name is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.db import Database
from app.organisations import actions
from app.organisations.actions import forget_unsigned, recognise
from app.organisations.models import Organisation, OrganisationName
from app.organisations.queries import by_domain, by_name, known_domain, similar

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAME, DOMAIN = "Праваабарончы цэнтр «Яснота»", "yasnota.example"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as found:
        yield found


def entered(session: Session, name: str = NAME, language: str = "be", domain: str = DOMAIN, country: str = "", minutes: int = 0) -> Organisation:
    website = f"https://{domain}/" if domain else ""
    return recognise(session, name, language, website, domain, country, NOW + timedelta(minutes=minutes))


def names(session: Session, organisation: Organisation) -> list[tuple[str, str]]:
    rows = session.exec(select(OrganisationName).where(OrganisationName.organisation_id == organisation.id))
    return sorted((row.language, row.name) for row in rows)


def test_a_domain_leads_to_its_organisation_whatever_it_calls_itself(session: Session) -> None:
    first = entered(session)
    again = entered(session, "Clarity Human Rights Circle", "en")
    assert again.id == first.id
    assert names(session, first) == [("be", NAME), ("en", "Clarity Human Rights Circle")]
    assert by_domain(session, DOMAIN) == first


def test_another_spelling_in_the_same_language_adds_nothing(session: Session) -> None:
    first = entered(session)
    entered(session, "ГА Праваабарончы цэнтр Яснота")
    assert names(session, first) == [("be", NAME)]


def test_a_name_without_a_domain_leads_to_its_namesake_in_any_script(session: Session) -> None:
    first = entered(session, "Яснота", domain="")
    assert entered(session, "Jasnota", "", domain="").id == first.id
    assert names(session, first) == [("", "Jasnota"), ("be", "Яснота")]
    assert [found.id for found in by_name(session, "YASNOTA, NGO")] == [first.id]


def test_what_is_empty_is_filled_and_nothing_is_overwritten(session: Session) -> None:
    first = entered(session, domain="")
    assert (first.domain, first.website, first.country, first.acronym) == (None, "", "", "")
    entered(session, country="BY")
    recognise(session, "Clarity Circle of Examples (CCE)", "en", "https://www.yasnota.example/en", DOMAIN, "LT", NOW)
    assert (first.domain, first.website, first.country, first.acronym) == (DOMAIN, f"https://{DOMAIN}/", "BY", "CCE")


def test_a_namesake_with_another_domain_has_its_own_entry(session: Session) -> None:
    first = entered(session)
    other = entered(session, domain="yasnota-help.example", minutes=1)
    assert other.id != first.id
    assert [found.id for found in by_name(session, NAME)] == [first.id, other.id]
    assert known_domain(session, NAME) == DOMAIN


def test_a_namesake_of_another_country_has_its_own_entry_unless_the_domain_is_the_same(session: Session) -> None:
    first = entered(session, country="BY")
    assert entered(session, domain="", country="UA").id != first.id
    assert entered(session, domain=DOMAIN, country="UA").id == first.id


def test_a_namesake_without_a_domain_is_told_nothing_of_and_teaches_nothing(session: Session) -> None:
    first = entered(session)
    guest = recognise(session, NAME, "ru", "", "", "BY", NOW)
    assert (guest.id, first.country) == (first.id, "")
    entered(session, domain="yasnota-help.example")
    assert entered(session, domain="").domain is None


def test_an_organisation_entered_meanwhile_is_found_and_not_entered_twice(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    first = entered(session)
    answers = iter([None, first])
    monkeypatch.setattr(actions, "by_domain", lambda *_: next(answers))
    assert entered(session, "Clarity Circle", "en").id == first.id
    assert len(session.exec(select(Organisation)).all()) == 1
    assert names(session, first) == [("be", NAME), ("en", "Clarity Circle")]


def test_names_that_nobody_knows_have_no_domain(session: Session) -> None:
    entered(session, "Яснота", domain="")
    assert (known_domain(session, "Яснота"), known_domain(session, "Цьмянасць"), by_domain(session, "nobody.example")) == ("", "", None)


def test_similar_organisations_come_best_first_and_each_once(session: Session) -> None:
    full, short = entered(session), entered(session, "Яснота", domain="jasnota.example")
    entered(session, "Human Rights Centre “Yasnota”", "en")
    entered(session, "Цэнтр «Цьмянасць»", domain="other.example")
    found = similar(session, "Праваабарончы цэнтр Яснота")
    assert [(one.organisation.id, one.name) for one in found] == [(full.id, NAME), (short.id, "Яснота")]
    assert [one.organisation.id for one in similar(session, "Праваабарончы цэнтр Яснота", limit=1)] == [full.id]
    assert found[0].likeness == 100 > found[1].likeness


def test_an_organisation_leaves_with_its_last_public_signature(session: Session) -> None:
    first = entered(session)
    forget_unsigned(session, first.id, still_signed=True)
    assert by_domain(session, DOMAIN) is not None
    forget_unsigned(session, first.id, still_signed=False)
    assert (by_domain(session, DOMAIN), by_name(session, NAME), similar(session, NAME)) == (None, [], [])
    assert session.exec(select(OrganisationName)).all() == []
