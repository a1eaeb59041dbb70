"""One box that knows an address, a domain and a name by their looks; what it opens it opens in memory."""

import pytest
from sqlmodel import select

from app.accounts.models import Role
from app.audit.models import Entry
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import staff, stored
from tests.site import Site


@pytest.mark.parametrize(
    ("q", "looks", "finds"),
    [
        ("Rivers House", "name", True),
        ("rivers hou", "name", True),
        ("РІВЕРС ХАУ", "name", False),
        ("Рыверс", "name", False),
        ("@rivers-house.org", "domain", True),
        ("rivers-house.org", "domain", True),
        ("other-house.org", "domain", False),
        ("OFFICE@rivers-house.org", "address", True),
        ("nobody@rivers-house.org", "address", False),
    ],
)
def test_it_finds_what_waits(site_on_sqlite: Site, q: str, looks: str, finds: bool) -> None:
    confirmed(site_on_sqlite, email="office@rivers-house.org", organisation="Rivers House")
    page = staff(site_on_sqlite).get("/console/search", params={"q": q}).text
    assert (f"Looked for the {looks}" in page, "Rivers House</a>" in page) == (True, finds)


def test_it_finds_a_name_written_in_another_script(site_on_sqlite: Site) -> None:
    confirmed(site_on_sqlite, organisation="Вясна", email="a@viasna-rivers.org")
    assert (
        "Вясна</a>" in staff(site_on_sqlite).get("/console/search", params={"q": "viasna"}).text
        or "Вясна</a>" in staff(site_on_sqlite, email="x@site.example").get("/console/search", params={"q": "vyasna"}).text
    )


def test_it_finds_what_is_published_and_nothing_for_nobody(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST))
    moderator = staff(site)
    assert "Centre for Clear Water</a>" in moderator.get("/console/search?q=clear+water").text
    assert "Nothing matches." in moderator.get("/console/search?q=no+such+house").text
    for odd in ("", "+", "%00", "@", "@@", "a@", "." * 200, "%F0%9F"):
        assert moderator.get(f"/console/search?q={odd}").status_code == 200


def test_that_somebody_searched_is_in_the_record_but_not_what_for(site_on_sqlite: Site) -> None:
    confirmed(site_on_sqlite)
    browser = staff(site_on_sqlite, Role.VIEWER)
    before = stored(site_on_sqlite, Entry)
    browser.get("/console/search?q=a-secret-name")
    with site_on_sqlite.database.reading() as session:
        kept = [repr(entry) for entry in session.exec(select(Entry))]
    assert (len(kept), any("a-secret-name" in entry for entry in kept)) == (before + 1, False)
