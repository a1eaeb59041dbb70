"""The queue seen through a filter, and filters with a name."""

import re

from app.moderation.models import SavedFilter
from tests import cast
from tests.signatures.hands import staff, stored
from tests.site import Browser, Site

PEOPLE = "/console?kind=individual"


def both(site: Site) -> Browser:
    """An organisation and a person wait; the moderator's browser."""
    site.publish()
    site.signed(organisation="House of Waters")
    site.signed(kind="individual", name="Alena Prykladnaya")
    return staff(site)


def queued(browser: Browser, path: str) -> list[str]:
    """The titles in the queue."""
    return re.findall(r'<b dir="auto">([^<]+)</b>', browser.get(path).text)


def test_a_filter_shows_what_matches_and_stays_on_while_one_decides(site: Site) -> None:
    moderator = both(site)
    assert queued(moderator, "/console") == ["House of Waters", "Alena Prykladnaya"]
    assert queued(moderator, PEOPLE) == ["Alena Prykladnaya"]
    answer = moderator.submit(moderator.get(PEOPLE), number=2)
    assert answer.headers["location"].startswith(PEOPLE + "&done=approved")
    assert "Nothing that waits matches." in moderator.get(PEOPLE).text
    assert queued(moderator, "/console") == ["House of Waters"]


def test_a_filter_by_statement_and_by_domain_asks_what_is_sealed_too(site: Site) -> None:
    moderator = both(site)
    assert queued(moderator, f"/console?statement={cast.SLUG}&domain=same") == ["House of Waters"]
    assert queued(moderator, "/console?statement=another") == []


def test_a_saved_filter_is_there_again_for_its_owner_alone_and_can_be_forgotten(site: Site) -> None:
    moderator, other = both(site), staff(site, email="other@site.example")
    for _ in range(2):  # saved twice under one name it is one
        assert moderator.post("/console/filters?kind=individual", {"name": "People"}).headers["location"] == PEOPLE
    assert ">People</a>" in moderator.get("/console").text
    assert ">People</a>" not in other.get("/console").text
    assert stored(site, SavedFilter) == 1
    forget = re.search(r'action="(/console/filters/[^"]+/forget)"', moderator.get("/console").text)
    assert forget
    other.post(forget[1])
    assert stored(site, SavedFilter) == 1
    moderator.post(forget[1])
    assert stored(site, SavedFilter) == 0


def test_a_filter_without_a_name_is_asked_for_one(site_on_sqlite: Site) -> None:
    moderator = both(site_on_sqlite)
    answer = moderator.post("/console/filters?kind=individual", {"name": " "})
    assert (answer.status_code, "Please fill in this field." in answer.text) == (422, True)
