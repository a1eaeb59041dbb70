"""The code on paper: it holds the address of the statement, and no screen fetches it."""

import re
from xml.etree import ElementTree as ET

import pytest
import segno

from tests import cast
from tests.site import ORIGIN, Site
from tests.web.markup import parse

S = f"/statements/{cast.SLUG}"
SVG = "{http://www.w3.org/2000/svg}"


def modules(path: str, side: int) -> list[list[int]]:
    """The squares of a path of segno: strokes of a square's height from left to right, row by row."""
    found = [[0] * side for _ in range(side)]
    x, y = 0.0, 0.0
    for step, across, down in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path):
        if step == "h":
            for column in range(int(x), int(x) + int(across)):
                found[int(y)][column] = 1
            x += int(across)
        else:
            x, y = (float(across), float(down)) if step == "M" else (x + float(across), y + float(down))
    return found


@pytest.mark.parametrize(("prefix", "leads_to"), [("", S), ("/en", S), ("/be", f"/be{S}"), ("/ru", S)])
def test_it_leads_to_the_one_address_of_the_text(site_on_sqlite: Site, prefix: str, leads_to: str) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    answer = site_on_sqlite.browser.get(f"{prefix}{S}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    drawn = ET.fromstring(answer.content)
    expected = segno.make_qr(ORIGIN + leads_to, error="m")
    _, _, *size = map(int, drawn.attrib["viewBox"].split())
    assert size == list(expected.symbol_size(border=4))
    (path,) = [one.attrib["d"] for one in drawn.iter(f"{SVG}path") if "stroke" in one.attrib]
    assert modules(path, size[0]) == [list(row) for row in expected.matrix_iter(border=4)]
    assert (drawn.findtext(f"{SVG}title") or "").endswith(ORIGIN + leads_to)


def test_the_page_has_it_for_paper_and_the_picker_offers_it(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    figure = parse(site_on_sqlite.browser.get(f"/be{S}").text).one("figure", class_="on-paper")
    picture = figure.one("img")
    assert (picture.attrs["src"], picture.attrs["loading"], bool(picture.attrs["alt"])) == (f"/be{S}/qr.svg", "lazy", True)
    assert picture.attrs["width"] == picture.attrs["height"]
    assert f"{ORIGIN}/be{S}" in figure.text
    link = next(link for link in parse(site_on_sqlite.browser.get(f"/be{S}/embed").text).all("a") if "download" in link.attrs)
    assert (link.attrs["href"], link.attrs["download"]) == (f"/be{S}/qr.svg", f"{cast.SLUG}-qr.svg")
