"""The panic switches: names that are hidden on every face, a list that stays as it is."""

import re

import pytest

from app.accounts.models import Role
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import staff
from tests.site import Browser, Site

NAMES = ("House of Waters", "Tamar Magalithidze", "Alena Prykladnaya")
PLACE = f"/statements/{cast.SLUG}"
FACES = (
    PLACE,
    f"{PLACE}.json",
    *(f"{PLACE}/{face}" for face in ("signatories", "signatories?order=name", "signatories.json", "signatories.csv", "feed.json", "feed.atom")),
    f"/embed/{cast.SLUG}",
)
PANIC = f"/console{PLACE}/panic"


def listed(site: Site) -> Browser:
    """Two signatories and a first one; the administrator's browser."""
    site.publish(cast.statement(cast.FIRST))
    site.signed(organisation="House of Waters")
    site.signed(kind="individual", name="Alena Prykladnaya")
    administrator = staff(site, Role.ADMINISTRATOR, "one@site.example")
    site.approve_all(administrator)
    return administrator


def shown(site: Site) -> dict[str, list[str]]:
    """The names on each face."""
    found = {face: site.browser.get(face).text for face in FACES}
    return {face: [name for name in NAMES if name in text] for face, text in found.items()}


def without_revision(text: str) -> str:
    return re.sub(r'"(list_revision|as_of)":("[^"]*"|\d+)', "", text)


def test_hidden_names_are_on_no_face_and_come_back_as_they_were(site: Site) -> None:
    administrator = listed(site)
    before, list_before = shown(site), site.browser.get(f"{PLACE}/signatories.json")
    assert all(names for face, names in before.items() if not face.endswith(f"{cast.SLUG}.json"))
    moderator = staff(site, email="moderator@site.example")
    assert moderator.post(f"{PANIC}/hide").status_code == 303
    assert set(map(tuple, shown(site).values())) == {()}
    for face in (PLACE, f"{PLACE}/signatories", f"/embed/{cast.SLUG}"):
        assert "For the signatories’ safety their names are not shown at the moment." in site.browser.get(face).text
    hidden = site.browser.get(f"{PLACE}/signatories.json").json()
    assert (hidden["items"], hidden["counts"]) == ([], list_before.json()["counts"])
    assert site.browser.get(f"/report/{cast.SLUG}/1").status_code == 404
    assert "House of Waters" in administrator.get("/console/published").text
    assert administrator.post(f"{PANIC}/show").status_code == 303
    assert shown(site) == before
    assert without_revision(site.browser.get(f"{PLACE}/signatories.json").text) == without_revision(list_before.text)


def test_who_follows_the_list_has_to_read_it_again(site: Site) -> None:
    administrator = listed(site)
    revision = site.browser.get(f"{PLACE}.json").json()["list_revision"]
    administrator.post(f"{PANIC}/hide")
    assert site.browser.get(f"{PLACE}/signatories.json?since={revision}").status_code == 410
    hidden = site.browser.get(f"{PLACE}.json").json()["list_revision"]
    assert site.browser.get(f"{PLACE}/signatories.json?since={hidden}").json()["items"] == []
    administrator.post(f"{PANIC}/show")
    assert site.browser.get(f"{PLACE}/signatories.json?since={hidden}").status_code == 410


def test_nobody_signs_and_nothing_is_published_while_names_are_hidden(site: Site) -> None:
    administrator = listed(site)
    assert site.browser.post(f"{PLACE}/sign", cast.individual(email="before@post-office.org")).status_code == 303
    link, _ = site.link_and_code("before@post-office.org")
    administrator.post(f"{PANIC}/hide")
    assert site.browser.post(f"{PLACE}/sign", cast.individual(email="after@post-office.org")).status_code == 409
    assert 'id="name"' not in site.browser.get(PLACE).text
    assert site.browser.submit(site.browser.get(link), press="confirm").status_code == 200
    site.approve_all(administrator)
    assert [row.state.value for row in site.rows()][-1] == "approved"
    administrator.post(f"{PANIC}/show")
    site.work()
    assert [row.state.value for row in site.rows()][-1] == "published"


def test_a_frozen_list_takes_nobody_in_and_lets_everybody_out(site: Site) -> None:
    administrator = listed(site)
    administrator.post(f"{PANIC}/freeze")
    (waiting,) = confirmed(site, kind="individual")
    site.approve_all(administrator)
    states = {row.id: row.state.value for row in site.rows()}
    assert states[waiting] == "approved"
    first = site.rows()[0].id
    assert administrator.post(f"/console/signatures/{first}/remove", {"code": "other"}).status_code == 303
    assert administrator.post(f"{PANIC}/thaw").status_code == 303
    site.work()
    assert {row.id: row.state.value for row in site.rows()}[waiting] == "published"


def test_it_takes_two_to_show_the_names_again(site: Site) -> None:
    one = listed(site)
    two = staff(site, Role.ADMINISTRATOR, "two@site.example")
    one.post(f"{PANIC}/hide")
    assert one.post(f"{PANIC}/show").status_code == 403
    assert one.post(f"{PANIC}/ask").status_code == 303
    own = re.search(r'action="(/console/assents/[^"]+)/refuse"', one.get("/console/assents").text)
    assert own
    assert one.post(f"{own[1]}/give").status_code == 409
    assert one.post(f"{PANIC}/show").status_code == 403
    assert two.post(f"{own[1]}/give").status_code == 303
    assert two.post(f"{PANIC}/show").status_code == 403  # who agreed did not ask
    assert one.post(f"{PANIC}/show").status_code == 303
    assert "House of Waters" in site.browser.get(PLACE).text
    one.post(f"{PANIC}/hide")
    assert one.post(f"{PANIC}/show").status_code == 403


@pytest.mark.parametrize("act", ["hide", "freeze"])
def test_a_switch_that_is_thrown_already_says_so(site_on_sqlite: Site, act: str) -> None:
    administrator = listed(site_on_sqlite)
    assert [administrator.post(f"{PANIC}/{act}").status_code for _ in range(2)] == [303, 409]
    for undone in ("show", "thaw"):
        administrator.post(f"{PANIC}/{undone}")
    assert administrator.post(f"{PANIC}/{'show' if act == 'hide' else 'thaw'}").status_code == 409


def test_a_viewer_sees_the_switches_and_throws_none(site_on_sqlite: Site) -> None:
    listed(site_on_sqlite)
    viewer = staff(site_on_sqlite, Role.VIEWER, "viewer@site.example")
    assert viewer.get(PANIC).status_code == 200
    assert {viewer.post(f"{PANIC}/{act}").status_code for act in ("hide", "show", "ask", "freeze", "thaw")} == {403}
