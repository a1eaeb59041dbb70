"""Programs that open every link of a mail, run its scripts and press its buttons confirm nothing."""

import os
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from app.signatures.models import State
from tests import cast
from tests.browser.acts import window
from tests.browser.live import COOKIE, Live, Pending, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LINKS = 1000 if os.environ.get("UNDERSIGNED_PROOF") == "1" else 30
BATCH = 50  # the mailbox shows a hundred
ACTS = ("code", "confirm", "mistaken", "not-me", "sign")
_SEND = """async ([address, acts]) => {
  for (const act of acts) await fetch(address, {method: "POST", body: new URLSearchParams({act, code: ""})});
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site of its own, since a thousand signatures would fill the others' queue."""
    with running(tmp_path_factory.mktemp("scanned")) as live:
        live.publish(cast.statement())
        yield live


def test_link_scanners_confirm_nothing_and_people_confirm_once(site: Live, chromium: Browser) -> None:
    found = [pending for start in range(0, LINKS, BATCH) for pending in signed(site, range(start, min(start + BATCH, LINKS)))]
    chance = random.Random(4)
    with window(chromium) as page:
        for place, pending in enumerate(found):
            assert site.get(pending.link).status_code == 200
            assert site.head(pending.link).status_code == 200
            page.set_extra_http_headers({"X-Forwarded-For": site.network()})
            press_everything(page, site.base + pending.link, chance)
            if by_cookie(place):  # five wrong codes would lock the code, so only those who hold the cookie get the keenest scanner
                page.evaluate(_SEND, [site.base + pending.link, ACTS])
        assert page.context.cookies() == []
    assert site.states([pending.id for pending in found]) == [State.PENDING] * LINKS
    for place, pending in enumerate(found):
        confirm(site, pending, by_cookie(place))
    assert site.states([pending.id for pending in found]) == [State.CONFIRMED] * LINKS
    for place, pending in enumerate(found):
        again = site.post(pending.link, {"act": "confirm", "code": pending.code}, {COOKIE: pending.cookie})
        assert again.status_code == 404, place
    assert site.states([pending.id for pending in found]) == [State.CONFIRMED] * LINKS


def signed(site: Live, places: range) -> list[Pending]:
    cookies = {email: site.sign(cast.individual(email=email)) for email in (f"scanned-{place}@post-office.org" for place in places)}
    mailbox = site.mailbox()
    return [site.read(mailbox[email][0], cookie) for email, cookie in cookies.items()]


def by_cookie(place: int) -> bool:
    return place % 2 == 0


def press_everything(page: Page, link: str, chance: random.Random) -> None:
    """Fill every field with something and press each button, then send every form of the answer without it."""
    page.goto(link)
    buttons = page.locator("button, input[type=submit]").count()
    assert buttons == 1
    for place in range(buttons):
        if place:
            page.goto(link)
        for box in page.locator("input:not([type=hidden])").all():
            box.fill(f"{chance.randrange(1_000_000):06d}")
        page.locator("button, input[type=submit]").nth(place).click()
    for place in range(page.locator("form").count()):
        with page.expect_navigation():
            page.evaluate("place => document.forms[place].submit()", place)


def confirm(site: Live, pending: Pending, with_cookie: bool) -> None:
    """A person confirms: in the browser that signed, or with the code of the letter."""
    cookie = pending.cookie
    if not with_cookie:
        answer = site.post(pending.link, {"act": "code", "code": pending.code})
        assert answer.status_code == 303, answer.text
        cookie = answer.cookies[COOKIE]
    assert site.post(pending.link, {"act": "confirm"}, {COOKIE: cookie}).status_code == 200
