"""The nightly recount finds every count that has drifted from the list, and nothing else."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.moderation.recount import recount
from app.signatures.tallies import CountryCount, Tally
from tests import cast
from tests.signatures.hands import staff
from tests.site import Site


def furnished(site: Site) -> None:
    site.publish(cast.statement(front=cast.FIRST))
    moderator = staff(site)
    for n in range(6):
        site.signed(kind="individual", name=f"Person {n} Invented", email=f"p{n}@post-office.org", visibility="withheld" if n == 5 else "public")
    site.approve_all(moderator)
    moderator.post(f"/console/signatures/{site.rows()[-2].id}/remove", {"code": "false"})


def test_counts_that_are_right_alarm_nobody(site: Site) -> None:
    furnished(site)
    before = len(site.letters())
    assert recount(site.database) == 0
    assert len(site.letters()) == before


@pytest.mark.parametrize("drift", [{"organisations": 1}, {"individuals": 1}, {"withheld": 1}])
def test_a_tally_that_drifted_is_found_and_told_once(site: Site, drift: dict[str, int]) -> None:
    furnished(site)
    with site.database.transaction() as session:
        tally = session.exec(select(Tally)).one()
        for name, more in drift.items():
            setattr(tally, name, getattr(tally, name) + more)
    told = []
    for _ in range(2):
        assert recount(site.database) == 1
        told.append(sum("no longer agree" in mail.part("plain") for mail in site.letters()))
    assert told[0] == told[1] > 0


@pytest.mark.parametrize("change", [{"signatories": 9}, {"country": "AD"}])
def test_a_count_of_a_country_that_drifted_is_found(site: Site, change: dict[str, Any]) -> None:
    furnished(site)
    with site.database.transaction() as session:
        session.execute(sa.update(CountryCount).where(sa.column("country") == "FR").values(**change))
    assert recount(site.database) == 1
