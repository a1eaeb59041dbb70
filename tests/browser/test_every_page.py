"""Every page in every language: accessible, light and dark, on a phone, silent, and alone with its reader."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from app.accounts.actions import create
from app.accounts.models import Passkey, Role, StaffSession
from app.clock import utcnow
from app.organisations.actions import recognise
from app.outbox.models import Mail
from app.signatures.models import Signature
from app.statements.written import as_typed
from app.webhooks.models import PING, Delivery, Endpoint
from tests import cast
from tests.browser.live import COOKIE, MODERATOR, PASSWORD, SESSION, Elsewhere, Live, Pending, running, until
from tests.browser.papers import LONG, closed, for_people, scheduled, whole
from tests.browser.tour import Findings, Tour, touring

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = {"en": "", "be": "/be", "ru": "/ru"}
PAGE = f"/statements/{cast.SLUG}"
PUBLIC = {
    "home": ("/", 200),
    "statement": (PAGE, 200),
    "closed statement": ("/statements/closed-appeal", 200),
    "coming statement": ("/statements/coming-appeal", 200),
    "statement for people": ("/statements/for-people", 200),
    "list": (f"{PAGE}/signatories", 200),
    "list, nothing found": (f"{PAGE}/signatories?q=zzzz", 200),
    "list by name": (f"{PAGE}/signatories?order=name&kind=individual", 200),
    "list by country": (f"{PAGE}/signatories?order=country&country=BY", 200),
    "sign form": (f"{PAGE}/sign", 200),
    "sign form for people": ("/statements/for-people/sign", 200),
    "check your mail": (f"{PAGE}/check-your-mail", 200),
    "link over": ("/confirm/invented", 404),
    "own page, link over": ("/manage/invented", 404),
    "question, link over": ("/answer/invented", 404),
    "report": (f"/report/{cast.SLUG}/1", 200),
    "nobody to report": (f"/report/{cast.SLUG}/99999", 404),
    "privacy": ("/privacy", 200),
    "data for programs": ("/docs/api", 200),
    "nothing here": ("/statements/nowhere", 404),
    "not taking signatures": ("/statements/closed-appeal/sign", 409),
    "embed": (f"/embed/{cast.SLUG}", 200),
    "embed, organisations and people": (f"/embed/{cast.SLUG}?layout=full&theme=dark", 200),
    "the list elsewhere": (f"{PAGE}/embed?layout=full", 200),
}
HALF = "half@site.example"
serial = count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site with every kind of statement and three names in its list."""
    with running(tmp_path_factory.mktemp("tour")) as live:
        live.publish(whole(), closed(), scheduled(), for_people(), be=cast.belarusian())
        with live.database.transaction() as session:
            create(session, MODERATOR, Role.ADMINISTRATOR, PASSWORD, utcnow())
            half = create(session, HALF, Role.VIEWER, PASSWORD, utcnow())
            session.flush()
            session.add(Passkey(account_id=half.id, credential_id=b"lost", public_key=b"", sign_count=0, name="lost", created_at=utcnow()))
        yield live


@pytest.fixture(scope="module")
def found(site: Live, elsewhere: Elsewhere, chromium: Browser) -> Findings:
    """One tour, looked at by every test below."""
    findings = Findings()
    staff = site.staff()
    with touring(chromium, site.base, findings) as tour:
        walk_in_every_language(tour, partial(walk_the_empty_console, site, staff))
    fill_the_list(site, staff)
    with touring(chromium, site.base, findings) as tour:
        walk_in_every_language(tour, walk_public_pages)
        findings.cookies += [str(cookie.get("name")) for cookie in tour.page.context.cookies()]
    with touring(chromium, site.base, findings) as tour:
        walk_in_every_language(tour, partial(walk_signing, site, elsewhere))
    with touring(chromium, site.base, findings) as tour:
        walk_in_every_language(tour, partial(walk_the_own_page, site))
    with touring(chromium, site.base, findings) as tour:
        walk_in_every_language(tour, partial(walk_of_outsiders, site, staff))
    fill_the_queue(site)
    give_up_letters(site)
    with touring(chromium, site.base, findings) as tour:
        walk_in_every_language(tour, partial(walk_the_console, site, staff))
    return findings


def walk_in_every_language(tour: Tour, walk: Callable[[Tour, str, str], None]) -> None:
    for language, prefix in LANGUAGES.items():
        walk(tour, language, prefix)


def fill_the_list(site: Live, staff: dict[str, str]) -> None:
    papers = (
        cast.organisation(organisation=f"Fictional {LONG}{LONG}", role="president"),
        cast.individual(role="настаўнік", organisation="Invented School of Waters"),
        cast.individual(name="Alena Prykladnaya", email="alena@post-office.org", role="", country="PL"),
    )
    for paper in papers:
        signature = site.confirmed(paper, prefix="/be")
        assert site.post(f"/console/signatures/{signature}/approve", cookies=staff).status_code == 303
    until(lambda: "Prykladnaya" in site.get(PAGE).text, what="the list")


def give_up_letters(site: Live) -> None:
    """Three letters that were not delivered, two of which can be sent again."""
    with site.database.transaction() as session:
        for mail, failure in zip(session.exec(select(Mail).limit(3)), ("refused 550", "unanswered SMTPServerDisconnected", "expired"), strict=True):
            mail.failed(utcnow(), failure, None)
            mail.expires_at = utcnow() + timedelta(hours=1 if failure != "expired" else -1)


def fill_the_queue(site: Live) -> None:
    """An organisation that is in the list already and waits for days, a person, one not to be named."""
    late = site.confirmed(cast.organisation(organisation=f"Fictional {LONG}{LONG}", email=f"{LONG[:50].lower().replace('ä', 'a')}@waters-office.example"))
    site.confirmed(cast.individual(name="Vasil Adhadany", email="vasil@post-office.org"))
    site.confirmed(cast.individual(name="Unnamed Person", email="unnamed@post-office.org", visibility="withheld"))
    with site.database.transaction() as session:
        row = session.get_one(Signature, late)
        assert row.confirmed_at
        row.confirmed_at -= timedelta(days=3)


def walk_public_pages(tour: Tour, language: str, prefix: str) -> None:
    for name, (path, status) in PUBLIC.items():
        tour.visit(f"{name} ({language})", go(f"{tour.base}{prefix}{path}", status), status)


def go(address: str, status: int = 200) -> Callable[[Page], None]:
    def arrive(page: Page) -> None:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == status

    return arrive


def send_untouched(page: Page) -> None:
    """Send the page's main form although required fields are empty."""
    page.evaluate("document.querySelector('form[method=post].sign').noValidate = true")
    page.locator("form[method=post].sign button").first.click()
    expect(page.locator(".problem").first).to_be_visible()


def walk_signing(site: Live, elsewhere: Elsewhere, tour: Tour, language: str, prefix: str) -> None:
    def wrong_form(page: Page) -> None:
        page.goto(f"{site.base}{prefix}{PAGE}")
        send_untouched(page)

    def wrong_code(page: Page) -> None:
        page.goto(site.base + pending.link)
        page.locator("#code").fill("12")
        page.locator("button[value=code]").click()
        expect(page.locator("#code-problem")).to_be_visible()

    def press(value: str, page: Page) -> None:
        page.locator(f"button[value={value}]").click()
        expect(page.locator(f"button[value={value}]")).to_have_count(0)

    def from_elsewhere(page: Page) -> None:
        page.goto(elsewhere.put("/forged", f'<form method="post" action="{site.base}{prefix}{PAGE}/sign"><button>Send</button></form>'))
        page.locator("button").click()
        page.wait_for_url(f"{site.base}/**")

    tour.visit(f"form with problems ({language})", wrong_form, 422)
    pending = somebody(site, prefix)
    tour.visit(f"code ({language})", go(site.base + pending.link))
    tour.visit(f"wrong code ({language})", wrong_code, 422)
    hold(tour.page, site.base, COOKIE, pending.cookie)
    tour.visit(f"confirm ({language})", go(site.base + pending.link))
    tour.visit(f"write it yourself ({language})", partial(press, "mistaken"))
    tour.visit(f"write it yourself, with problems ({language})", send_untouched, 422)
    tour.visit(f"erased ({language})", partial(press, "not-me"))
    pending = somebody(site, prefix)
    hold(tour.page, site.base, COOKIE, pending.cookie)
    tour.page.goto(site.base + pending.link)
    tour.visit(f"confirmed ({language})", partial(press, "confirm"))
    tour.visit(f"mailbox ({language})", go(f"{site.base}{prefix}/dev/mailbox"))
    tour.visit(f"letter ({language})", go(f"{site.base}{prefix}{next(iter(site.mailbox().values()))[0]}"))
    tour.visit(f"form of another site ({language})", from_elsewhere, 403, past=elsewhere.base.removeprefix("http://"))
    site.post(f"/console/signatures/{pending.id}/reject", {"reason": "for the tour"}, site.staff())


def walk_the_own_page(site: Live, tour: Tour, language: str, prefix: str) -> None:
    def press(value: str, page: Page) -> None:
        for deed in page.locator("details.deed").all():
            if deed.locator(f"button[value={value}]").count():
                deed.locator("summary").click()
        page.locator(f"button[value={value}]").click()
        page.wait_for_load_state()

    def wrongly_corrected(page: Page) -> None:
        page.locator("#name").fill("")
        page.evaluate("document.querySelector('form.sign').noValidate = true")
        page.locator("button[value=correct]").click()
        expect(page.locator("#name-problem")).to_be_visible()

    pending = somebody(site, prefix)
    assert site.post(pending.link, {"act": "confirm"}, {COOKIE: pending.cookie}).status_code == 200
    link = site.base + pending.link.replace("/confirm/", "/manage/")
    tour.page.context.clear_cookies()
    tour.visit(f"own page asks for the code ({language})", go(link))
    hold(tour.page, site.base, COOKIE, pending.cookie)
    tour.visit(f"own page ({language})", go(link))
    tour.visit(f"correct ({language})", go(f"{link}?act=correct"))
    tour.visit(f"correct, with problems ({language})", wrongly_corrected, 422)
    tour.page.goto(link)
    tour.visit(f"own page, hidden ({language})", partial(press, "hide"))
    tour.visit(f"own page, withdrawn ({language})", partial(press, "withdraw"))
    tour.visit(f"own page, erased ({language})", partial(press, "erase"))


def walk_of_outsiders(site: Live, staff: dict[str, str], tour: Tour, language: str, prefix: str) -> None:
    def reported(page: Page) -> None:
        page.locator("#reason").select_option("other")
        page.locator("form.sign button").click()
        page.wait_for_load_state()

    def report_untouched(page: Page) -> None:
        page.goto(f"{site.base}{prefix}/report/{cast.SLUG}/1")
        send_untouched(page)

    def right_code(page: Page) -> None:
        page.locator("#code").fill(code)
        page.locator("button[value=code]").click()
        page.wait_for_load_state()

    def no(page: Page) -> None:
        page.locator("button[value=no]").click()
        page.wait_for_load_state()

    tour.visit(f"report with problems ({language})", report_untouched, 422)
    tour.visit(f"reported ({language})", reported)
    signature = site.confirmed(cast.organisation(email=f"asked-{next(serial)}@rivers-house.org"), prefix=prefix)
    office = f"office-{next(serial)}@rivers-house.org"
    assert site.post(f"/console/signatures/{signature}/inquire", {"to": office}, staff).status_code == 303
    until(lambda: bool(site.letters(office)), what="the question")
    text = site.get(site.letters(office)[0]).text
    found, digits = re.search(r'href="http[^"]+?(/\w\w/answer/[^"]+)"', text), re.search(r"\b(\d{3}) (\d{3})\b", text)
    assert found
    assert digits
    code = digits[1] + digits[2]
    tour.visit(f"question asks for the code ({language})", go(site.base + found[1]))
    tour.visit(f"question ({language})", right_code)
    tour.visit(f"answered ({language})", no)
    tour.visit(f"reports ({language})", held(site, staff, f"{prefix}/console/reports"))
    tour.visit(f"what is kept ({language})", held(site, staff, f"{prefix}/console/kept"))
    tour.visit(f"held back ({language})", held(site, staff, f"{prefix}/console/screened"))
    tour.visit(f"card with a question ({language})", held(site, staff, f"{prefix}/console/signatures/{signature}"))
    site.post(f"/console/signatures/{signature}/reject", {"reason": "for the tour"}, staff)


def held(site: Live, staff: dict[str, str], path: str) -> Callable[[Page], None]:
    """Come as a moderator."""

    def arrive(page: Page) -> None:
        hold(page, site.base, SESSION, staff[SESSION])
        go(site.base + path)(page)

    return arrive


def somebody(site: Live, prefix: str) -> Pending:
    """An organisation with long words that waits for its confirmation."""
    paper = cast.organisation(organisation=f"Fictional {LONG}{LONG}", email=f"{LONG[:40].lower().replace('ä', 'a')}-{next(serial)}@rivers-house.org")
    return site.pending(paper, prefix=prefix)


def hold(page: Page, base: str, name: str, value: str) -> None:
    page.context.add_cookies([{"name": name, "value": value, "url": base}])


def walk_the_empty_console(site: Live, staff: dict[str, str], tour: Tour, language: str, prefix: str) -> None:
    def wrong_password(page: Page) -> None:
        page.locator("#email").fill("nobody@site.example")
        page.locator("#password").fill("not the password")
        page.locator("form[action$='/console/sign-in'] button").click()
        expect(page.locator("#password-problem")).to_be_visible()

    def half_signed_in(page: Page) -> None:
        page.locator("#email").fill(HALF)
        page.locator("#password").fill(PASSWORD)
        page.locator("form[action$='/console/sign-in'] button").click()
        page.wait_for_url("**/console/second")

    def wrong_code(page: Page) -> None:
        page.locator("#code").fill("000000")
        page.locator("form[action$='/console/second'] button").click()
        expect(page.locator("#code-problem")).to_be_visible()

    tour.page.context.clear_cookies()
    tour.visit(f"sign in ({language})", go(f"{site.base}{prefix}/console"))
    tour.visit(f"sign in, wrong ({language})", wrong_password, 422)
    tour.visit(f"second factor ({language})", half_signed_in)
    tour.visit(f"second factor, wrong ({language})", wrong_code, 422)
    walk_the_office(site, staff, tour, language, prefix)
    hold(tour.page, site.base, SESSION, staff[SESSION])
    tour.visit(f"empty queue ({language})", go(f"{site.base}{prefix}/console"))
    tour.visit(f"empty mailbox ({language})", go(f"{site.base}{prefix}/dev/mailbox"))
    tour.visit(f"no dead letters ({language})", go(f"{site.base}{prefix}/console/mail"))


def walk_the_office(site: Live, staff: dict[str, str], tour: Tour, language: str, prefix: str) -> None:
    """What accounts and administrators see; early on, for it asks for a proof of the last ten minutes."""

    def press(what: str, page: Page) -> None:
        page.locator(f"form[action*='{what}'] button").first.click()
        page.wait_for_load_state()

    def invited(page: Page) -> None:
        page.locator("#email").fill(f"new{next(serial)}@site.example")
        page.locator("#role").select_option("moderator")
        press("/people/invite", page)

    def wrong(what: str, page: Page) -> None:
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        press(what, page)
        expect(page.locator(".problem:visible").first).to_be_visible()

    hold(tour.page, site.base, SESSION, staff[SESSION])
    console = f"{site.base}{prefix}/console"
    tour.visit(f"account ({language})", go(f"{console}/account?done=password"))
    tour.visit(f"account, short password ({language})", partial(wrong, "/account/password"), 422)
    tour.visit(f"second factor set up ({language})", go(f"{console}/set-up"))
    tour.visit(f"second factor set up, wrong ({language})", partial(wrong, "/set-up/app"), 422)
    tour.visit(f"prove it once more ({language})", go(f"{console}/prove?next=/console/people"))
    tour.page.goto(f"{console}/account")
    tour.visit(f"recovery codes ({language})", partial(press, "/recovery-codes"))
    tour.visit(f"people ({language})", go(f"{console}/people"))
    tour.visit(f"invitation with problems ({language})", partial(wrong, "/people/invite"), 422)
    tour.visit(f"invited ({language})", invited)
    link = tour.page.locator("#invitation").inner_text()
    tour.visit(f"invitation ({language})", go(link))
    tour.visit(f"invitation, short password ({language})", partial(wrong, "/invitation/"), 422)
    tour.page.goto(f"{console}/people")
    tour.visit(f"person ({language})", lambda page: page.locator("th a").last.click())
    walk_where_statements_are_written(site, staff, tour, language, prefix)
    tour.visit(f"record ({language})", go(f"{console}/record"))
    tour.visit(f"nothing in the record ({language})", go(f"{console}/record?since=2999-01-01"))
    tour.visit(f"search ({language})", go(f"{console}/search"))
    tour.visit(f"many at once, none ({language})", go(f"{console}/bulk"))


def walk_where_statements_are_written(site: Live, staff: dict[str, str], tour: Tour, language: str, prefix: str) -> None:
    """A draft with everything in it, wrong in two places; its translation, which the source left behind; what else there is."""

    def pressed(value: str, page: Page) -> None:
        page.locator(f"form[data-editor] button[value={value}]").first.click()
        page.wait_for_load_state()

    def typed(page: Page, version: str, **fields: str) -> None:
        words = {**as_typed(cast.statement(cast.FIRST + "news:\n  - {date: 2026-11-20, title: A hearing}\n", slug="drafted")), **fields}
        assert site.post(urlsplit(page.url).path, {"version": version, "act": "save", **words}, staff).status_code == 303

    def clashing(page: Page) -> None:
        page.goto(at)
        typed(page, page.locator("[name=version]").input_value(), goal="many", title=f"Fictional {LONG}{LONG}")
        pressed("save", page)
        expect(page.locator("#clash")).to_be_visible()

    def translated(page: Page) -> None:
        page.goto(at)
        page.locator("#into").fill("be")
        page.locator("button[value=translate]").click()
        page.wait_for_url("**/texts/*")

    def left_behind(page: Page) -> None:
        page.locator("#title").fill("Назва")
        pressed("save", page)
        text = page.url
        page.goto(at)
        typed(page, page.locator("[name=version]").input_value(), body="Something else.")
        page.goto(text)
        expect(page.locator("#stale")).to_be_visible()

    def lent(page: Page) -> None:
        page.goto(at)
        page.locator("form[action$='/links'] button").click()
        page.wait_for_load_state()

    def handed_in(page: Page) -> None:
        page.goto(console)
        page.locator(".acts summary").click()
        page.locator("#files").set_input_files({"name": "broken.md", "mimeType": "text/markdown", "buffer": cast.statement(front="goal: 0\n").encode()})
        page.locator("form[action$='/import'] button").click()
        page.wait_for_load_state()

    console = f"{site.base}{prefix}/console/drafts"
    tour.visit(f"what is written ({language})", go(console))
    tour.visit(f"new draft ({language})", lambda page: page.get_by_role("main").locator("form[action$='/drafts'] button").click())
    at = tour.page.url
    tour.visit(f"draft that somebody else saved ({language})", clashing, 409)
    tour.visit(f"draft with problems ({language})", go(at))
    tour.visit(f"draft that cannot be published ({language})", go(f"{at}/publish"))
    tour.visit(f"new translation ({language})", translated)
    tour.visit(f"translation left behind ({language})", left_behind)
    tour.visit(f"what publishing would do ({language})", go(f"{at.split('?')[0]}/publish"))
    tour.visit(f"preview alone ({language})", go(f"{at}/preview"))
    tour.visit(f"link for partners ({language})", lent)
    link = tour.page.locator("#lent").inner_text()
    tour.visit(f"draft for partners ({language})", go(link))
    tour.visit(f"broken file ({language})", handed_in)
    tour.visit(f"close or take down ({language})", go(f"{site.base}{prefix}/console/statements/{cast.SLUG}/life"))
    walk_the_webhooks(site, tour, language, f"{site.base}{prefix}/console/statements/{cast.SLUG}/webhooks")


def walk_the_webhooks(site: Live, tour: Tour, language: str, address: str) -> None:
    """Nobody is told anything; an address that is none; its secret; what it was told."""

    def typed(url: str) -> Callable[[Page], object]:
        def type_it(page: Page) -> None:
            page.goto(address)
            page.locator("#url").fill(url)
            page.locator("main form button").last.click()

        return type_it

    def tried(page: Page) -> None:
        with site.database.transaction() as session:
            hook = session.exec(select(Endpoint)).first()
            assert hook
            session.add(Delivery(endpoint_id=hook.id, event=PING, data={}, attempts=1, outcome="302", took_ms=41, due_at=utcnow(), created_at=utcnow()))
        page.goto(f"{address}/{hook.id}")

    tour.visit(f"webhooks ({language})", go(address))
    tour.visit(f"webhook that cannot be ({language})", typed("https://127.0.0.1/"), 422)
    tour.visit(f"secret of a webhook ({language})", typed(f"https://{language.lower()}.example.org/hook"))
    tour.visit(f"webhook with its log ({language})", tried)
    tour.visit(f"webhooks that are told ({language})", go(address))


def walk_the_console(site: Live, staff: dict[str, str], tour: Tour, language: str, prefix: str) -> None:
    def refused_without_reason(page: Page) -> None:
        page.locator(".queue a", has_text="Vasil Adhadany").click()
        page.locator(".acts summary").click()
        page.locator("form[action$='/reject'] button").click()
        expect(page.locator("#reason-problem")).to_be_visible()

    def rejected_without_reason(page: Page) -> None:
        page.locator(".acts summary").click()
        page.locator("button[formaction*='/reject']").click()
        expect(page.locator("#reason-problem")).to_be_visible()

    def removed_without_reason(page: Page) -> None:
        page.locator("td a", has_text="Alena Prykladnaya").click()
        page.locator(".acts summary").click()
        page.evaluate("document.querySelector('form[action$=\"/remove\"]').noValidate = true")
        page.locator("form[action$='/remove'] button").click()
        expect(page.locator("#code-problem")).to_be_visible()

    def removed(page: Page) -> None:
        page.goto(f"{site.base}{prefix}/console/signatures/{removed_one(site, staff)}")

    def handed_in(page: Page) -> None:
        sheet = b"Name,Country\nInvented Person,BY\nSomebody,Atlantis\n"
        page.locator("#file").set_input_files({"name": "sheet.csv", "mimeType": "text/csv", "buffer": sheet})
        page.locator("#attested_by").fill("the secretary of the coalition")
        page.locator("form[enctype] button").click()
        page.wait_for_url("**/import/*")

    def no_condition(page: Page) -> None:
        page.locator("#code").select_option("false")
        page.locator("form[action$='/console/campaigns'] button").click()
        expect(page.locator(".problem").first).to_be_visible()

    hold(tour.page, site.base, SESSION, staff[SESSION])
    tour.visit(f"queue ({language})", go(f"{site.base}{prefix}/console"))
    tour.visit(f"queue after an approval ({language})", go(f"{site.base}{prefix}/console?done=approved"))
    tour.visit(f"card without a reason ({language})", refused_without_reason, 422)
    tour.visit(f"card of one not to be named ({language})", lambda page: page.locator(".queue a", has_text="Unnamed Person").click())
    tour.visit(f"many at once ({language})", go(f"{site.base}{prefix}/console/bulk?done=2&missed=1"))
    tour.visit(f"many at once, no reason ({language})", rejected_without_reason, 422)
    tour.visit(f"search by name ({language})", go(f"{site.base}{prefix}/console/search?q=person"))
    tour.visit(f"search by domain, nothing ({language})", go(f"{site.base}{prefix}/console/search?q=nowhere.example"))
    tour.visit(f"no published name ({language})", go(f"{site.base}{prefix}/console/published?q=zzzz"))
    tour.visit(f"published ({language})", go(f"{site.base}{prefix}/console/published"))
    tour.visit(f"removal without a reason ({language})", removed_without_reason, 422)
    tour.visit(f"removed card ({language})", removed)
    tour.visit(f"dead letters ({language})", go(f"{site.base}{prefix}/console/mail?again=1"))
    tour.visit(f"how far signatures came ({language})", go(f"{site.base}{prefix}/console/statements"))
    walk_the_switches(site, staff, tour, language, prefix)
    walk_the_directory(site, tour, language, prefix)
    tour.visit(f"queue through a filter ({language})", go(f"{site.base}{prefix}/console?kind=individual"))
    tour.visit(f"removals ({language})", go(f"{site.base}{prefix}/console/campaigns"))
    tour.visit(f"removal without a condition ({language})", no_condition, 422)
    tour.visit(f"removal, dry run finished ({language})", go(f"{site.base}{prefix}{dry_run(site, staff)}"))
    tour.visit(f"second person ({language})", go(f"{site.base}{prefix}/console/assents"))
    tour.visit(f"import ({language})", go(f"{site.base}{prefix}/console/statements/{cast.SLUG}/import"))
    tour.visit(f"import, a sheet handed in ({language})", handed_in)
    tour.visit(f"export ({language})", go(f"{site.base}{prefix}/console/statements/{cast.SLUG}/export"))
    tour.visit(f"list to print ({language})", go(f"{site.base}{prefix}/console/statements/{cast.SLUG}/export/print"))
    tour.visit(f"no such signature ({language})", go(f"{site.base}{prefix}/console/signatures/00000000-0000-4000-8000-000000000000", 404), 404)


def walk_the_directory(site: Live, tour: Tour, language: str, prefix: str) -> None:
    def named_wrongly(page: Page) -> None:
        page.locator("#name").fill("Erdachtes Haus der Flüsse")
        page.locator("#language").fill("no such")
        page.locator("form[action$='/names'] button").click()
        expect(page.locator("#language-problem")).to_be_visible()

    with site.database.transaction() as session:
        names = ("Fictional House of Rivers", "Вымышленный дом рек")
        keys = [recognise(session, name, "", "", "", "", utcnow()).id for name in names]
    console = f"{site.base}{prefix}/console/organisations"
    tour.visit(f"directory ({language})", go(console))
    tour.visit(f"organisation ({language})", go(f"{console}/{keys[0]}"))
    tour.visit(f"organisation named wrongly ({language})", named_wrongly, 422)
    tour.visit(f"one organisation or two ({language})", go(f"{console}/{keys[0]}/merge/{keys[1]}"))
    tour.visit(f"nothing in the directory ({language})", go(f"{console}?q=zzzz"))


def walk_the_switches(site: Live, staff: dict[str, str], tour: Tour, language: str, prefix: str) -> None:
    console, panic = f"{site.base}{prefix}/console/statements/{cast.SLUG}", f"/console/statements/{cast.SLUG}/panic"
    with site.database.transaction() as session:
        rows = session.exec(select(Signature).order_by(col(Signature.created_at).desc()).limit(21)).all()
        for row in rows:
            row.cluster, row.created_at = "c" * 32, utcnow()
        for half in session.exec(select(StaffSession)):
            half.proven_at = utcnow()
    tour.visit(f"dashboard ({language})", go(console))
    tour.visit(f"from one network ({language})", go(f"{site.base}{prefix}/console/signatures/{rows[0].id}/network"))
    tour.visit(f"panic switches ({language})", go(f"{console}/panic"))
    for act in ("hide", "freeze"):
        assert site.post(f"{panic}/{act}", cookies=staff).status_code == 303
    tour.visit(f"panic switches, thrown ({language})", go(f"{console}/panic?done=hidden"))
    tour.visit(f"statement without names ({language})", go(f"{site.base}{prefix}{PAGE}"))
    tour.visit(f"list without names ({language})", go(f"{site.base}{prefix}{PAGE}/signatories"))
    tour.visit(f"embed without names ({language})", go(f"{site.base}{prefix}/embed/{cast.SLUG}"))
    for act in ("show", "thaw"):
        assert site.post(f"{panic}/{act}", cookies=staff).status_code == 303


def dry_run(site: Live, staff: dict[str, str]) -> str:
    """The page of a removal campaign that has found somebody."""
    place = site.post("/console/campaigns", {"statement": cast.SLUG, "code": "false", "name": "a"}, staff).headers["location"]
    until(lambda: "data-working" not in site.get(place, staff).text, what="the dry run")
    return str(place)


def removed_one(site: Live, staff: dict[str, str]) -> object:
    """A name that was published and taken off, with a note."""
    signature = site.confirmed(cast.individual(name="Removed Person", email=f"removed-{next(serial)}@post-office.org"))
    site.post(f"/console/signatures/{signature}/approve", cookies=staff)
    until(lambda: site.state(signature) == "published", what="the publication")
    site.post(f"/console/signatures/{signature}/remove", {"code": "other", "note": f"Two letters came.\n{LONG}{LONG}"}, staff)
    return signature


def test_every_page_is_on_the_tour(found: Findings) -> None:
    assert len(found.pages) == len(set(found.pages)) == 128 * len(LANGUAGES)


def test_axe_finds_nothing_on_any_page_in_any_language_light_or_dark(found: Findings) -> None:
    assert not found.inaccessible, listed([f"{what}: {len(pages)} pages: {'; '.join(pages[:6])}" for what, pages in found.inaccessible.items()])


def test_no_page_scrolls_sideways_on_a_narrow_phone(found: Findings) -> None:
    assert found.sideways == [], listed(found.sideways)


def test_what_is_to_be_touched_is_large_enough(found: Findings) -> None:
    assert found.small_targets == [], listed(found.small_targets)


def test_no_page_complains_in_the_console_or_breaks_its_own_policy(found: Findings) -> None:
    assert found.complaints == [], listed(found.complaints)


def test_no_page_asks_another_host_for_anything(found: Findings) -> None:
    assert found.strangers == [], listed(found.strangers)


def test_reading_every_public_page_leaves_no_cookie(found: Findings) -> None:
    assert found.cookies == []


def test_the_tour_would_notice_a_bad_page(elsewhere: Elsewhere, chromium: Browser) -> None:
    """Without this the empty lists above would prove nothing."""
    policy = """<meta http-equiv="Content-Security-Policy" content="style-src 'none'">"""
    bad = f"""<p style="color: red">refused</p><pre>{"wide " * 99}</pre><input>
      <script>console.error("oh"); document.querySelector("input").style.blockSize = "9px"</script>"""
    findings = Findings()
    with touring(chromium, "http://localhost:1", findings) as tour:
        tour.visit("bad", go(elsewhere.put("/bad", bad, policy)))
    assert "label at input" in findings.inaccessible
    assert len(findings.sideways) == len(findings.small_targets) == len(findings.strangers) == 1
    assert any("oh" in line for line in findings.complaints)
    assert any("refused style-src" in line for line in findings.complaints)


def listed(lines: list[str]) -> str:
    return "\n" + "\n".join(lines)
