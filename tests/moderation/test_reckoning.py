"""The public note on how a list came about."""

from app.moderation.reckoning import reckon
from tests import cast
from tests.signatures.hands import staff
from tests.site import Site

PLACE = f"/statements/{cast.SLUG}"


def test_the_note_counts_in_fives_what_could_betray_somebody_and_says_why_names_went(site: Site) -> None:
    site.publish()
    assert "How this list came about" not in site.browser.get(PLACE).text
    moderator = staff(site)
    for n in range(7):
        site.signed(kind="individual", name=f"Person {n} Invented", email=f"p{n}@post-office.org", visibility="withheld" if n == 6 else "public")
    site.approve_all(moderator)
    for row, code in zip(site.rows(), ("false", "false", "duplicate"), strict=False):
        moderator.post(f"/console/signatures/{row.id}/remove", {"code": code})
    assert reckon(site.database) == 1
    text = site.browser.get(PLACE).text
    for said in ("at least 5", "Named in the list: 3", "Names taken off by moderators: 3", "false: 2", "stood there twice: 1"):
        assert said in text
    before = site.browser.get(PLACE).headers["etag"]
    assert reckon(site.database) == 0
    assert site.browser.get(PLACE).headers["etag"] == before
