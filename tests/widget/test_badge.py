"""The badge: a picture with the count, for any page."""

from xml.etree import ElementTree as ET

from tests import cast
from tests.feeds.lists import AUTOMATIC
from tests.site import Site

BADGE = f"/badge/{cast.SLUG}.svg"
SVG = "{http://www.w3.org/2000/svg}"


def said(text: str) -> list[str | None]:
    return [one.text for one in ET.fromstring(text).iter() if one.tag in {f"{SVG}text", f"{SVG}title"}]


def test_it_counts_in_the_language_of_its_address_and_may_stand_anywhere(site: Site) -> None:
    site.publish(cast.statement(AUTOMATIC), be=cast.belarusian())
    site.signed()
    site.work()
    answer = site.browser.get(BADGE)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert (answer.headers["cross-origin-resource-policy"], answer.headers["access-control-allow-origin"]) == ("cross-origin", "*")
    title, label, figure = said(answer.text)
    assert (label, figure) == ("Signatories", "1")
    assert title
    assert title.endswith("1 organisation has signed.")
    assert said(site.browser.get(f"/be{BADGE}").text)[1] == "Падпісанты"
    assert "Magalithidze" not in answer.text


def test_a_title_is_text_and_a_badge_of_nobody_is_none(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement().replace("Open the archives", "<script>&"))
    (title, *_) = said(site_on_sqlite.browser.get(BADGE).text)
    assert title
    assert title.startswith("<script>&")
    assert site_on_sqlite.browser.get("/badge/nobody.svg").status_code == 404
