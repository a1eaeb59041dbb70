"""Nothing answers "did this person sign?", and nobody is kept from signing by somebody who typed their address first."""

import re
from datetime import timedelta

import pytest

from app.clock import utcnow
from app.i18n import LOCALES
from app.signatures.models import State
from app.signatures.queries import particulars
from app.web.templates import render_text
from tests import cast
from tests.signatures.hands import PENDING, SIGN, change, mails, masked
from tests.site import Browser, Site

STATES = ("new", "pending", "confirmed", "approved", "published", "rejected", "removed", "disowned", "flooded", "honeypot", "withdrawn", "muted")


def bring(site: Site, state: str) -> dict[str, str]:
    """A form whose address is in this state."""
    form = cast.individual(email=f"{state}@post-office.org", **({"subject": "x"} if state == "honeypot" else {}))
    if state in {"new", "honeypot"}:
        return form
    assert site.browser.post(SIGN, form).status_code == 303
    link, _ = site.link_and_code(form["email"])
    if state in {"disowned", "muted"}:
        site.browser.post(link, {"act": "not-me"})
    elif state == "flooded":
        for _ in range(3):
            site.browser.post(SIGN, form)
    elif state != "pending":
        assert site.browser.post(link, {"act": "confirm"}).status_code == 200
        change(site, form["email"], state=State(state))
        if state == "withdrawn":
            change(site, form["email"], address_index=None)
    return form


@pytest.mark.parametrize("prefix", ["", "/be"])
def test_every_address_gets_the_same_answer(site: Site, prefix: str) -> None:
    site.publish()
    forms = {state: bring(site, state) for state in STATES}
    answers = {state: masked(site.new_browser().post(prefix + SIGN, form)) for state, form in forms.items()}
    assert {state for state, answer in answers.items() if answer != answers["new"]} == set()
    assert answers["new"][0] == 303


def test_the_page_after_signing_is_the_same_for_every_address(site: Site) -> None:
    site.publish()
    pages = {}
    for state in STATES:
        form, browser = bring(site, state), site.new_browser()
        pages[state] = masked(browser.get(browser.post(SIGN, form).headers["location"]))
    assert {state for state, page in pages.items() if page != pages["new"]} == set()


def test_the_cookie_is_a_fresh_one_each_time_and_always_as_long(site: Site) -> None:
    site.publish()
    form = bring(site, "confirmed")
    values = [site.new_browser().post(SIGN, one).cookies[PENDING] for one in (form, form, cast.individual(), cast.individual(subject="x"))]
    assert (len(set(values)), {len(value) for value in values}) == (4, {43})


def test_the_cookie_is_hidden_from_scripts_and_from_other_sites(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    cookie = site_on_sqlite.browser.post(SIGN, cast.individual()).headers["set-cookie"]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {"httponly", "max-age=259200", "path=/", "samesite=lax"}


def test_an_address_that_signed_is_told_so_by_mail_alone_and_keeps_its_signature(site: Site) -> None:
    site.publish()
    email = site.signed(kind="individual")
    change(site, email, mailed_at=utcnow() - timedelta(hours=25))
    before = site.rows()[0].model_dump(exclude={"mailed_at"})
    site.new_browser().post(SIGN, cast.individual(name="Somebody Else"))
    text = site.letters(email)[-1].part("plain")
    assert "signed already" in text
    assert "Somebody Else" not in text
    assert site.rows()[0].model_dump(exclude={"mailed_at"}) == before


def test_a_rejected_address_may_sign_again(site: Site) -> None:
    site.publish()
    form = bring(site, "rejected")
    site.new_browser().post(SIGN, form)
    assert [row.state for row in site.rows()] == [State.REJECTED, State.PENDING]


def as_myself(site: Site, browser: Browser, page_text: str, link: str) -> None:
    """From what somebody else typed to a confirmed signature under the own name."""
    assert "Falsified Name" in page_text
    page = browser.get(browser.post(link, {"act": "mistaken"}).headers["location"])
    assert "Falsified Name" not in page.text
    assert "mikola@post-office.org" in page.text
    own = {name: value for name, value in cast.individual().items() if name != "email"}
    answer = browser.submit(page, number=0, press="sign", **own)
    assert answer.status_code == 200, answer.text
    with site.database.reading() as session:
        row = site.rows()[-1]
        found = particulars(session, row)
    assert found
    assert (row.state, found.name) == (State.CONFIRMED, "Мікола Выдуманы")


def test_somebody_who_typed_my_address_first_does_not_keep_me_from_signing_as_myself(site: Site) -> None:
    site.publish()
    site.new_browser("192.0.2.9").post(SIGN, cast.individual(name="Falsified Name"))
    me = site.new_browser()
    me.post(SIGN, cast.individual())
    link, code = site.link_and_code("mikola@post-office.org")
    shown = me.get(me.submit(me.get(link), press="code", code=code).headers["location"])
    as_myself(site, me, shown.text, link)
    assert (len(site.rows()), len(site.letters("mikola@post-office.org"))) == (1, 1)


def test_on_another_device_the_code_leads_me_to_the_same(site: Site) -> None:
    site.publish()
    site.new_browser("192.0.2.9").post(SIGN, cast.individual(name="Falsified Name"))
    link, code = site.link_and_code("mikola@post-office.org")
    me = site.new_browser()
    asked = me.get(link)
    assert "Falsified Name" not in asked.text
    shown = me.get(me.submit(asked, press="code", code=code).headers["location"])
    as_myself(site, me, shown.text, link)


def test_the_page_that_asks_for_the_code_says_nothing_about_anybody(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(SIGN, cast.organisation())
    link, _ = site_on_sqlite.link_and_code("tamar@rivers-house.org")
    page = site_on_sqlite.new_browser().get(link).text
    typed = cast.organisation()
    assert [typed[name] for name in ("name", "role", "organisation", "website", "email", "mandate") if typed[name] in page] == []
    assert "Open the archives" not in page


@pytest.mark.parametrize("code", LOCALES)
@pytest.mark.parametrize("name", ["confirm", "already_signed", "approved", "rejected", "removed"])
def test_the_subject_of_a_mail_tells_a_passer_by_nothing(code: str, name: str) -> None:
    subject = render_text(code, f"emails/{name}/subject.txt", slug=cast.SLUG, token="t", code="1", contact="", visibility="public", reason="")
    assert subject.strip()
    assert not re.search(
        r"sign|statement|appeal|petition|approv|reject|moderat|подпис|падпіс|заяв|зварот|обращен|отклон|адхіл|archives", subject, re.IGNORECASE
    )


def test_no_mail_carries_what_a_stranger_typed(site: Site) -> None:
    site.publish()
    stranger = cast.organisation(name="Buy Cheap Watches", role="Cheap Role", organisation="Cheap House", mandate="cheap mandate", website="cheap-house.org")
    site.browser.post(SIGN, stranger)
    site.browser.post(f"/statements/{cast.SLUG}/check-your-mail")
    letters = site.letters(stranger["email"])
    assert len(letters) == 2
    assert [letter for letter in letters if "cheap" in (letter.message.as_string() + letter.part("plain") + letter.part("html")).lower()] == []
    assert {mail.name for mail in mails(site)} == {"confirm"}
