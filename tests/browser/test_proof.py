"""The proof of work in a browser, under the site's own headers: solved while a form is filled in, and never in anybody's way."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app.clock import utcnow
from app.settings import ROOT
from app.signatures.screening import Proof, challenge, verify
from app.web.headers import SecurityHeaders
from tests.browser.acts import window
from tests.browser.live import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STATEMENT = UUID(int=1)
FORM = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign</title><script type="module" src="/static/js/proof.js"></script></head><body>
<form method="post" action="/sign" data-challenge="/challenge">
<input type="hidden" name="proof">
<label>Name <input name="name" required></label>
<p role="status"><span data-proof-wait hidden>One moment</span></p>
<button name="act" value="sign">Sign</button> <button name="act" value="keep">Keep</button>
</form><p><a href="/elsewhere">Elsewhere</a></p></body></html>"""
NO_CRYPTOGRAPHY = "Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})"


@dataclass
class Desk:
    """A site with one form: what it issued and received, and what a test may change about it."""

    base: str = ""
    issued: int = 0
    posts: list[dict[str, str]] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    broken: Response | None = None
    status: int = 200
    level: int = 0

    def form(self, request: Request) -> Response:
        return HTMLResponse(FORM)

    def elsewhere(self, request: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Elsewhere</title>")

    def challenge(self, request: Request) -> Response:
        self.issued += 1
        self.answering.wait(20)
        return self.broken or JSONResponse(challenge(STATEMENT, self.level, utcnow()), headers={"Cache-Control": "no-store"})

    async def sign(self, request: Request) -> Response:
        self.posts.append({name: str(value) for name, value in (await request.form()).items()})
        return HTMLResponse({204: "", 422: FORM}.get(self.status, "<!doctype html><title>Signed</title>"), self.status)

    def received(self, page: Page, number: int = 1) -> dict[str, str]:
        """The last of so many posts, once its answer is shown."""
        if self.status != 204:
            page.wait_for_url("**/sign")
        until(lambda: len(self.posts) >= number, what="the post")
        assert len(self.posts) == number
        return self.posts[-1]

    def proof(self, page: Page, number: int = 1) -> Proof:
        """The proof in the last of so many posts; without one the test fails."""
        proof = verify(self.received(page, number)["proof"], STATEMENT, utcnow())
        assert proof
        return proof


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    desk.answering.set()
    app = Starlette(
        routes=[
            Route("/", desk.form),
            Route("/challenge", desk.challenge),
            Route("/sign", desk.sign, methods=["POST"]),
            Route("/elsewhere", desk.elsewhere),
            Route("/favicon.ico", lambda request: Response(status_code=204)),
            Mount("/static", StaticFiles(directory=ROOT / "static")),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(SecurityHeaders(app, hsts=False), port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, what="the server's start")
    desk.base = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    yield desk
    desk.answering.set()
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(desk: Desk, chromium: Browser) -> Iterator[Page]:
    """The form; a script error or a breach of the policy fails the test."""
    wrong: list[str] = []
    with window(chromium) as page:
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" and "Failed to load resource" not in message.text else None)
        page.goto(desk.base)
        yield page
    assert wrong == []


def press(page: Page, button: str = "Sign") -> None:
    page.get_by_role("button", name=button).click(no_wait_after=True)


def waiting(page: Page) -> bool:
    return page.get_by_text("One moment").is_visible()


def test_the_work_is_done_while_the_form_is_filled_in(desk: Desk, page: Page) -> None:
    assert desk.issued == 0
    page.get_by_label("Name").press_sequentially("Vera Example", delay=60)
    press(page)
    assert desk.proof(page).expires_at - utcnow() > timedelta(minutes=19)
    assert (desk.received(page)["name"], desk.received(page)["act"], desk.issued) == ("Vera Example", "sign", 1)


def test_a_replay_has_the_mark_of_the_first(desk: Desk, page: Page) -> None:
    page.get_by_label("Name").fill("Vera Example")
    press(page)
    first = desk.proof(page)
    page.request.post(f"{desk.base}/sign", form=dict(desk.received(page)))
    assert desk.proof(page, 2) == first


@pytest.mark.parametrize(("button", "act"), [("Sign", "sign"), ("Keep", "keep")])
def test_a_form_sent_at_once_is_held_until_the_work_is_done(desk: Desk, page: Page, button: str, act: str) -> None:
    desk.answering.clear()
    page.get_by_label("Name").fill("Vera Example")
    assert not waiting(page)
    press(page, button)
    page.wait_for_timeout(300)
    assert (waiting(page), desk.posts) == (True, [])
    desk.answering.set()
    desk.proof(page)
    assert desk.received(page)["act"] == act


def test_a_key_press_sends_the_form_with_its_first_button(desk: Desk, page: Page) -> None:
    page.get_by_label("Name").fill("Vera Example")
    page.get_by_label("Name").press("Enter", no_wait_after=True)
    desk.proof(page)
    assert desk.received(page)["act"] == "sign"


def test_an_impatient_person_sends_one_form(desk: Desk, page: Page) -> None:
    desk.answering.clear()
    page.get_by_label("Name").fill("Vera Example")
    for _ in range(4):
        press(page)
    desk.answering.set()
    desk.proof(page)
    assert (len(desk.posts), desk.issued) == (1, 1)


@pytest.mark.parametrize(
    "broken", [Response(status_code=500), Response(status_code=429), Response("<html>"), JSONResponse({}), JSONResponse({"parameters": {"nonce": 1}})]
)
def test_a_challenge_that_cannot_be_had_stops_nobody(desk: Desk, page: Page, broken: Response) -> None:
    desk.broken = broken
    page.get_by_label("Name").fill("Vera Example")
    began = time.monotonic()
    press(page)
    assert desk.received(page) == {"proof": "", "name": "Vera Example", "act": "sign"}
    assert time.monotonic() - began < 5


def test_after_a_failure_pressing_the_button_tries_once_more(desk: Desk, page: Page) -> None:
    desk.broken = Response(status_code=503)
    page.get_by_label("Name").press_sequentially("Vera Example")
    page.wait_for_timeout(300)
    assert desk.issued == 1
    desk.broken = None
    press(page)
    desk.proof(page)


@pytest.mark.parametrize("never", ["answered", "solved"])
def test_no_challenge_holds_anybody_longer_than_a_quarter_of_a_minute(desk: Desk, page: Page, never: str) -> None:
    page.clock.install()
    if never == "answered":
        desk.answering.clear()
    desk.broken = JSONResponse({"parameters": {"nonce": "00", "salt": "00", "cost": 5000, "keyLength": 32, "keyPrefix": "none"}, "lifetime": 1200})
    page.get_by_label("Name").fill("Vera Example")
    press(page)
    page.clock.run_for(14_000)
    assert (waiting(page), desk.posts) == (True, [])
    page.clock.run_for(1_500)
    assert desk.received(page)["proof"] == ""


def test_where_there_is_no_cryptography_the_form_goes_without(desk: Desk, chromium: Browser) -> None:
    with window(chromium) as page:
        page.add_init_script(NO_CRYPTOGRAPHY)
        page.goto(desk.base)
        page.get_by_label("Name").fill("Vera Example")
        press(page)
        assert desk.received(page) == {"proof": "", "name": "Vera Example", "act": "sign"}
    assert desk.issued == 0


def test_without_scripts_the_form_goes_without(desk: Desk, chromium: Browser) -> None:
    with window(chromium, scripted=False) as page:
        page.goto(desk.base)
        page.get_by_label("Name").fill("Vera Example")
        page.get_by_role("button", name="Keep").click()
        assert desk.received(page) == {"proof": "", "name": "Vera Example", "act": "keep"}


@pytest.mark.parametrize("touched", [True, False])
def test_a_proof_about_to_expire_is_made_anew(desk: Desk, page: Page, touched: bool) -> None:
    page.clock.install()
    page.get_by_label("Name").fill("Vera Example")
    page.wait_for_timeout(2_000)
    page.clock.fast_forward("19:30")
    if touched:
        page.get_by_label("Name").press("a")
    press(page)
    desk.proof(page)
    assert desk.issued == 2


def test_who_comes_back_from_the_next_page_signs_with_new_work(desk: Desk, page: Page) -> None:
    page.get_by_label("Name").fill("Vera Example")
    press(page)
    first = desk.proof(page)
    page.go_back()
    page.get_by_label("Name").fill("Vera Example")
    assert not waiting(page)
    press(page)
    assert desk.proof(page, 2).mark != first.mark


def test_a_page_that_stays_where_it_is_makes_new_work_for_the_next_post(desk: Desk, page: Page) -> None:
    desk.status = 204
    page.get_by_label("Name").fill("Vera Example")
    press(page)
    first = desk.proof(page)
    press(page)
    assert desk.proof(page, 2).mark != first.mark


def test_the_form_shown_again_with_its_mistakes_works_as_the_first(desk: Desk, page: Page) -> None:
    desk.status = 422
    marks = set()
    for number in (1, 2, 3):
        page.get_by_label("Name").fill("Vera Example")
        press(page)
        marks.add(desk.proof(page, number).mark)
        until(lambda: page.get_by_label("Name").input_value() == "", what="the form's return")
    assert len(marks) == 3


def test_who_leaves_while_the_form_is_held_has_sent_nothing(desk: Desk, page: Page) -> None:
    desk.answering.clear()
    page.get_by_label("Name").fill("Vera Example")
    press(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")  # as when a page is put aside whole
    desk.answering.set()
    page.wait_for_timeout(1_500)
    assert (waiting(page), desk.posts) == (False, [])
    press(page)
    desk.proof(page)


def test_no_name_is_left_in_the_page(page: Page) -> None:
    assert page.evaluate("['bytes', 'hex', 'derive', 'solve', 'work', 'guard', 'LANES'].filter((name) => name in window)") == []
