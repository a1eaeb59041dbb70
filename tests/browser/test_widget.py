"""The element and the frame on other people's pages, however hostile these are."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, expect

from tests import cast
from tests.browser.acts import window
from tests.browser.live import Elsewhere, Live, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE = "/statements/open-archives"
RESET = "<style>* { display: inline !important; color: red !important; font-size: 60px !important; margin: 90px !important; visibility: hidden }</style>"
POLLUTED = "<script>Object.prototype.language = 'zz'; Object.prototype.withheld = 7; Object.prototype.en = {}; Array.prototype.extra = 1;</script>"


def element(live: Live, more: str = "") -> str:
    return f'<undersigned-signatories statement="{live.base}{PAGE}" {more}><a href="{live.base}{PAGE}">The statement</a></undersigned-signatories>'


def module(live: Live) -> str:
    return f'<script type="module" src="{live.base}/widget.js"></script>'


def policy(live: Live) -> str:
    allowed = f"default-src 'none'; script-src {live.base}; connect-src {live.base}; frame-src {live.base}; require-trusted-types-for 'script'"
    return f'<meta http-equiv="Content-Security-Policy" content="{allowed}">'


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site whose list has three names."""
    with running(tmp_path_factory.mktemp("widget")) as site:
        site.publish(cast.statement(front=cast.FIRST), be=cast.belarusian())
        yield site


@pytest.mark.parametrize(("layout", "rows", "fields"), [("", 3, 0), ("count", 0, 0), ("names", 3, 0), ("organisations", None, 0), ("full", 3, 1)])
def test_each_layout_shows_what_it_promises(listed: Live, elsewhere: Elsewhere, chromium: Browser, layout: str, rows: int | None, fields: int) -> None:
    with window(chromium) as page:
        page.goto(elsewhere.put("/layout", element(listed, f'layout="{layout}"' if layout else "") + module(listed), policy(listed)))
        expect(page.locator("undersigned-signatories .count")).to_be_visible()
        found = page.locator("undersigned-signatories li").count()
        assert found == rows if rows is not None else 0 < found < 3
        assert page.locator("undersigned-signatories input").count() == fields


def test_the_search_finds_a_name_without_its_marks_and_leads_to_the_whole_list(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(elsewhere.put("/search", element(listed, 'layout="full"') + module(listed)))
        first = page.locator("undersigned-signatories .name").first
        sought = (first.text_content() or "")[:6].upper()
        page.get_by_role("searchbox").fill(sought)
        expect(first).to_be_visible()
        assert page.locator("undersigned-signatories li:not([hidden])").count() < 3
        whole = page.locator("undersigned-signatories .scroll a")
        page.goto(whole.get_attribute("href") or "")
        expect(page.locator("main .signatories li").first).to_be_visible()


@pytest.mark.parametrize("head", [RESET, POLLUTED], ids=["css", "prototypes"])
def test_a_hostile_page_changes_neither_words_nor_looks(listed: Live, elsewhere: Elsewhere, chromium: Browser, head: str) -> None:
    seen, errors = [], list[str]()
    for place, hostile in (("/kind", ""), ("/hostile", head)):
        with window(chromium) as page:
            page.on("pageerror", lambda error: errors.append(error.message))
            page.goto(elsewhere.put(place, f'<main style="width:600px">{element(listed)}</main>{module(listed)}', hostile))
            expect(page.locator("undersigned-signatories .count")).to_be_visible()
            said = page.evaluate(
                "(() => { const host = document.querySelector('undersigned-signatories'), count = host.shadowRoot.querySelector('.count'), style = getComputedStyle(count);"
                "return [host.shadowRoot.textContent, style.fontSize, style.color, style.display, getComputedStyle(host).display, host.offsetHeight] })()"
            )
            assert errors == []
            seen.append(json.dumps(said))
    assert seen[0] == seen[1]


def test_in_a_page_from_right_to_left_the_words_stand_from_left_to_right(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    with window(chromium) as page:
        page.goto(elsewhere.put("/rtl", f'<div dir="rtl">{element(listed, "lang=be")}</div>{module(listed)}'))
        count = page.locator("undersigned-signatories .count")
        expect(count).to_be_visible()
        assert count.evaluate("node => getComputedStyle(node).direction") == "ltr"
        assert count.get_attribute("lang") == "be"
        assert page.locator("undersigned-signatories .foot a").get_attribute("href") == f"{listed.base}/be{PAGE}"
        inside = page.locator("undersigned-signatories .quiet").first.text_content()
        page.goto(f"{listed.base}/be/embed/open-archives")
        assert inside == page.locator(".asof").text_content(), "a moment is written as the site writes it, also where the browser knows no such language"


def test_it_sends_one_request_and_nothing_of_the_reader(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    with window(chromium) as page:
        asked: list[tuple[str, Request]] = []
        page.on("request", lambda request: asked.append((request.url, request)))
        page.goto(elsewhere.put("/once", element(listed) + module(listed)))
        expect(page.locator("undersigned-signatories .count")).to_be_visible()
        ours = [(url, request) for url, request in asked if url.startswith(listed.base)]
        assert [url.rpartition("/")[2] for url, _ in ours] == ["widget.js", "feed.json"]
        assert set(ours[1][1].all_headers()) & {"cookie", "referer"} == set()
        assert len(asked) == 3  # the page itself beside them


def test_far_down_a_page_it_asks_for_nothing_until_somebody_comes_near(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    with window(chromium) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(elsewhere.put("/far", f'<div style="height:6000px"></div>{element(listed)}{module(listed)}'))
        page.wait_for_function("!!customElements.get('undersigned-signatories')")
        page.wait_for_timeout(300)
        assert [url for url in asked if url.endswith("feed.json")] == []
        page.locator("undersigned-signatories").scroll_into_view_if_needed()
        expect(page.locator("undersigned-signatories .count")).to_be_visible()


def test_nothing_moves_when_the_list_arrives(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    place = "<style>undersigned-signatories { display: block; min-height: 28rem }</style>"
    watch = "<script>window.moved = 0; new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value }).observe({ type: 'layout-shift', buffered: true })</script>"
    with window(chromium) as page:
        page.goto(elsewhere.put("/still", f"<p>Above</p>{element(listed)}<p>Below</p>{module(listed)}", place + watch))
        expect(page.locator("undersigned-signatories .count")).to_be_visible()
        page.wait_for_timeout(200)
        assert page.evaluate("window.moved") == 0


def test_a_sandboxed_frame_tells_its_height_in_our_words_and_in_those_of_wordpress(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    listen = "<script>window.said = []; addEventListener('message', (event) => said.push(event.data))</script>"
    frame = f'<iframe sandbox="allow-scripts" src="{listed.base}/embed/open-archives#?secret=abcDEF123" width="500" height="200" title="List"></iframe>'
    with window(chromium) as page:
        page.goto(elsewhere.put("/wordpress", frame, listen))
        page.wait_for_function("said.length >= 2")
        inside = page.frame_locator("iframe")
        height = inside.locator("body").evaluate("node => Math.ceil(node.getBoundingClientRect().height)")
        said = page.evaluate("said")
        assert {"type": "undersigned-height", "height": height} in said
        assert {"message": "height", "value": height, "secret": "abcDEF123"} in said
        assert 200 <= height <= 1000
        inside.locator("a.button").click()
        page.wait_for_function("said.some((one) => one.message === 'link')")
        assert {"message": "link", "value": f"{listed.base}{PAGE}", "secret": "abcDEF123"} in page.evaluate("said")
        assert inside.locator("body").evaluate("node => getComputedStyle(node).fontFamily") != "Times New Roman", "the style sheet is loaded"


def test_two_copies_of_the_script_do_not_quarrel(listed: Live, elsewhere: Elsewhere, chromium: Browser) -> None:
    with window(chromium) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(error.message))
        second = f'<script type="module" src="{listed.base}/widget.js?again"></script>'
        page.goto(elsewhere.put("/twice", element(listed) + module(listed) + second))
        expect(page.locator("undersigned-signatories .count")).to_be_visible()
        assert errors == []


def test_a_statement_page_is_light_still_and_asks_nobody_else(listed: Live, chromium: Browser) -> None:
    with window(chromium) as page:
        sent: list[int] = []
        asked: list[str] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: sent.append(int(event["encodedDataLength"])))
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script(
            "window.moved = 0; new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value })"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        page.goto(listed.base + PAGE, wait_until="networkidle")
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(300)
        assert sum(sent) <= 60_000
        assert page.evaluate("window.moved") == 0
        assert [url for url in asked if not url.startswith(listed.base)] == []
