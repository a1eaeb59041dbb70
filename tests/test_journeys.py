"""From the form to every face of the list, by HTTP."""

import pytest

from app.signatures.models import State
from tests import cast
from tests.site import Site

FACES = (
    "/statements/{}",
    "/statements/{}/signatories",
    "/statements/{}/signatories.json",
    "/statements/{}/signatories.csv",
    "/statements/{}/feed.json",
    "/statements/{}/feed.atom",
    "/embed/{}",
)


@pytest.mark.parametrize("kind", ["organisation", "individual"])
@pytest.mark.parametrize("prefix", ["", "/be", "/ru"])
def test_a_signature_walks_from_the_form_to_every_face_and_off_again(site: Site, kind: str, prefix: str) -> None:
    slug, browser, moderator = site.publish(be=cast.belarusian()), site.new_browser(), site.moderator()
    typed = cast.organisation() if kind == "organisation" else cast.individual()
    sent = browser.submit(browser.get(f"{prefix}/statements/{slug}"), number=-1, press=None, **typed)
    assert sent.headers["location"] == f"{prefix}/statements/{slug}/check-your-mail"
    link, _ = site.link_and_code(typed["email"])
    page = browser.get(link)
    assert typed["name"] in page.text
    assert browser.submit(page, press="confirm").status_code == 200
    assert typed["name"] not in browser.get(f"/statements/{slug}").text
    site.approve_all(moderator)
    shown = typed["organisation"] or typed["name"]
    assert [face for face in FACES if shown not in browser.get(prefix + face.format(slug)).text] == []
    number = site.rows()[-1].id
    assert moderator.post(f"/console/signatures/{number}/remove", {"code": "on-request"}).status_code == 303
    assert [face for face in FACES if shown in browser.get(prefix + face.format(slug)).text] == []
    assert site.rows()[-1].state is State.REMOVED
