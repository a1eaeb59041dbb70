"""The mailed link: who may act on it, when, and once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.clock import utcnow
from app.outbox.models import Mail, MailState
from app.outbox.worker import deliver_due
from app.signatures.beside import MailedLink
from app.signatures.models import Signature, State
from app.signatures.queries import particulars
from app.statements.actions import close
from app.tokens import new_token
from tests import cast
from tests.signatures.hands import PENDING, SIGN, change, mails, move_clock, posting, sign_many, stored, title, together
from tests.site import Browser, Site, forms

ACTS = ("code", "confirm", "mistaken", "not-me", "sign", "publish", "")
EMAIL = "mikola@post-office.org"
AGAIN = f"/statements/{cast.SLUG}/check-your-mail"


def signer(site: Site) -> tuple[Browser, str, str]:
    """A browser that signed, the link and the code of its mail."""
    browser = site.new_browser()
    assert browser.post(SIGN, cast.individual()).status_code == 303
    return browser, *site.link_and_code(EMAIL)


def everything(site: Site) -> list[dict[str, object]]:
    """All that is kept about signatures and links."""
    with site.database.reading() as session:
        return [row.model_dump() for row in (*session.exec(select(Signature)), *session.exec(select(MailedLink)))]


def wrong(code: str, step: int = 1) -> str:
    return f"{(int(code) + step) % 1_000_000:06d}"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("query", ["", "?act=confirm", "?act=not-me"])
def test_only_a_post_can_act(site_on_sqlite: Site, method: str, query: str) -> None:
    site_on_sqlite.publish()
    browser, link, code = signer(site_on_sqlite)
    before = everything(site_on_sqlite)
    headers = {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"}
    answer = site_on_sqlite.wait(browser.client.request(method, f"{link}{query}{f'&code={code}' if query else ''}", headers=headers))
    assert answer.status_code == (200 if method in {"GET", "HEAD"} else 405)
    assert everything(site_on_sqlite) == before


def test_looking_at_a_link_changes_no_row(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    before = everything(site)
    pages = [who.get(link).status_code for who in (browser, site.new_browser())]
    assert (pages, everything(site)) == ([200, 200], before)


@pytest.mark.parametrize("act", ACTS)
def test_a_post_without_cookie_or_code_does_nothing(site_on_sqlite: Site, act: str) -> None:
    site_on_sqlite.publish()
    _, link, code = signer(site_on_sqlite)
    own = {name: value for name, value in cast.individual().items() if name != "email"}
    before = site_on_sqlite.rows()[0].model_dump()
    answers = {site_on_sqlite.new_browser().post(link, {**own, "act": act, **typed}).status_code for typed in ({}, {"code": ""}, {"code": wrong(code)})}
    assert (answers, site_on_sqlite.rows()[0].model_dump()) == ({422}, before)


@pytest.mark.parametrize("act", ACTS[:5])
def test_the_cookie_of_another_signature_proves_nothing(site_on_sqlite: Site, act: str) -> None:
    site_on_sqlite.publish()
    _, link, _ = signer(site_on_sqlite)
    other = site_on_sqlite.new_browser()
    other.post(SIGN, cast.individual(email="other@post-office.org"))
    before = site_on_sqlite.rows()[0].model_dump()
    assert other.post(link, {"act": act}).status_code == 422
    assert site_on_sqlite.rows()[0].model_dump() == before


@pytest.mark.parametrize("secret", ["", "x", "0" * 43])
def test_an_invented_cookie_proves_nothing(site_on_sqlite: Site, secret: str) -> None:
    site_on_sqlite.publish()
    _, link, _ = signer(site_on_sqlite)
    browser = site_on_sqlite.new_browser()
    browser.client.cookies.set(PENDING, secret, domain="localhost.local", path="/")
    assert browser.post(link, {"act": "confirm"}).status_code == 422
    assert site_on_sqlite.rows()[0].state is State.PENDING


def test_the_code_of_another_link_proves_nothing(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    _, link, code = signer(site_on_sqlite)
    other = next(one for one in sign_many(site_on_sqlite, [cast.individual(email=f"p{n}@post-office.org") for n in range(3)]) if one.code != code)
    assert site_on_sqlite.new_browser().post(link, {"act": "confirm", "code": other.code}).status_code == 422
    assert {row.state for row in site_on_sqlite.rows()} == {State.PENDING}


def test_the_browser_that_signed_sees_all_that_was_typed_and_confirms_with_one_button(site: Site) -> None:
    site.publish()
    typed = cast.organisation()
    site.browser.post(SIGN, typed)
    link, _ = site.link_and_code(typed["email"])
    page = site.browser.get(link)
    assert [value for name, value in typed.items() if name in {"name", "role", "organisation", "website", "email", "mandate"} and value not in page.text] == []
    answer = site.browser.submit(page, press="confirm")
    assert (answer.status_code, title(answer)) == (200, "Your signature is confirmed")
    assert (site.rows()[0].state, site.browser.get(link).status_code) == (State.CONFIRMED, 404)


@pytest.mark.parametrize("spelled", ["{0}{1}", "{0} {1}", " {0}-{1} "])
def test_another_browser_types_the_code_sees_what_was_typed_and_confirms(site: Site, spelled: str) -> None:
    site.publish()
    _, link, code = signer(site)
    other = site.new_browser()
    answer = other.submit(other.get(link), press="code", code=spelled.format(code[:3], code[3:]))
    assert (answer.status_code, site.rows()[0].state) == (303, State.PENDING)
    page = other.get(answer.headers["location"])
    assert "Мікола Выдуманы" in page.text
    other.submit(page, press="confirm")
    assert site.rows()[0].state is State.CONFIRMED


def test_a_code_in_the_digits_of_another_script_is_the_same_code(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    _, link, code = signer(site_on_sqlite)
    arabic = code.translate({ord("0") + n: ord("٠") + n for n in range(10)})
    assert site_on_sqlite.new_browser().post(link, {"act": "code", "code": arabic}).status_code == 303


def test_a_wrong_code_counts_and_says_so(site: Site) -> None:
    site.publish()
    _, link, code = signer(site)
    page = site.new_browser().post(link, {"act": "code", "code": wrong(code)})
    assert page.status_code == 422
    assert "This is not the code from the mail" in page.text
    with site.database.reading() as session:
        assert session.exec(select(MailedLink)).one().tries == 1


def test_five_wrong_codes_lock_for_a_quarter_of_an_hour(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    _, link, code = signer(site)
    for step in range(1, 6):
        assert site.new_browser(f"203.0.{step}.7").post(link, {"act": "code", "code": wrong(code, step)}).status_code == 422
    assert site.new_browser().post(link, {"act": "code", "code": code}).status_code == 422
    move_clock(monkeypatch, timedelta(minutes=14, seconds=50))
    assert site.new_browser().post(link, {"act": "confirm", "code": code}).status_code == 422
    assert site.rows()[0].state is State.PENDING
    move_clock(monkeypatch, timedelta(minutes=15, seconds=1))
    assert site.new_browser().post(link, {"act": "code", "code": code}).status_code == 303


def test_four_wrong_codes_do_not_lock(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    _, link, code = signer(site_on_sqlite)
    for step in range(1, 5):
        site_on_sqlite.new_browser().post(link, {"act": "code", "code": wrong(code, step)})
    assert site_on_sqlite.new_browser().post(link, {"act": "code", "code": code}).status_code == 303


def test_a_locked_link_gives_five_more_tries_at_a_time_and_no_more(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site_on_sqlite.publish()
    _, link, code = signer(site_on_sqlite)
    for quarter in range(3):
        move_clock(monkeypatch, timedelta(minutes=16 * quarter))
        for step in range(1, 10):
            site_on_sqlite.new_browser().post(link, {"act": "code", "code": wrong(code, step)})
        assert site_on_sqlite.new_browser().post(link, {"act": "code", "code": code}).status_code == 422


def test_wrong_codes_typed_at_the_same_moment_all_count(site: Site) -> None:
    site.publish()
    _, link, code = signer(site)
    guesses = [wrong(code, step) for step in range(1, 20)] + [code]
    answers = together(site, [posting(site.new_browser(f"203.0.{n}.7"), link, {"act": "code", "code": guess}) for n, guess in enumerate(guesses)])
    right = sum(answer.status_code == 303 for answer in answers)
    with site.database.reading() as session:
        found = session.exec(select(MailedLink)).one()
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert right or found.locked(utcnow())


def test_the_browser_that_signed_is_not_locked_out_by_a_strangers_wrong_codes(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    browser, link, code = signer(site_on_sqlite)
    for step in range(1, 7):
        site_on_sqlite.new_browser("192.0.2.9").post(link, {"act": "code", "code": wrong(code, step)})
    assert browser.submit(browser.get(link), press="confirm").status_code == 200
    assert site_on_sqlite.rows()[0].state is State.CONFIRMED


def test_used_expired_and_invented_links_get_one_and_the_same_calm_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    used, old = sign_many(site, [cast.individual(email=f"{who}@post-office.org") for who in ("used", "old")])
    assert site.browser.post(used.path, {"act": "confirm", "code": used.code}).status_code == 200
    move_clock(monkeypatch, timedelta(hours=72, seconds=1))
    invented = f"/confirm/{new_token()[0]}"
    browser = site.new_browser()
    pages = [(browser.get(path).status_code, browser.get(path).content) for path in (used.path, old.path, invented)]
    posts = [
        (answer.status_code, answer.content)
        for answer in (browser.post(path, {"act": "confirm", "code": old.code}) for path in (used.path, old.path, invented))
    ]
    assert {status for status, _ in pages + posts} == {404}
    assert len(set(pages + posts)) == 1
    assert "This link has done its work" in browser.get(used.path).text
    assert 'href="/"' in browser.get(used.path).text


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 4000, "%00", "%F0%9F%8C%8A", "' OR 1=1 --"])
def test_an_odd_token_gets_the_calm_page_too(site: Site, token: str) -> None:
    site.publish()
    answers = [site.browser.get(f"/confirm/{token}"), site.browser.post(f"/confirm/{token}", {"act": "confirm", "code": "123456"})]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_second_press_of_the_button_gets_the_calm_page(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    answers = [browser.post(link, {"act": "confirm"}).status_code for _ in range(2)]
    assert (answers, browser.get(link).status_code, site.rows()[0].state) == ([200, 404], 404, State.CONFIRMED)


def test_twenty_presses_at_the_same_moment_confirm_once(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    answers = together(site, [posting(browser, link, {"act": "confirm"}) for _ in range(20)])
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 19
    assert [row.state for row in site.rows()] == [State.CONFIRMED]


def test_of_contrary_presses_at_the_same_moment_one_wins(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    answers = together(site, [posting(browser, link, {"act": act}) for act in ("confirm", "not-me") * 6])
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 11
    assert [row.state for row in site.rows()] in ([State.CONFIRMED], [])


def test_two_links_of_one_signature_pressed_at_the_same_moment_confirm_once(site: Site) -> None:
    site.publish()
    for n in range(4):
        browser, email = site.new_browser(f"203.0.{n}.7"), f"person{n}@post-office.org"
        browser.post(SIGN, cast.individual(email=email))
        links = [site.link_and_code(email)[0]]
        browser.post(AGAIN)
        links.append(site.link_and_code(email)[0])
        answers = together(site, [posting(browser, link, {"act": "confirm"}) for link in links])
        assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert {row.state for row in site.rows()} == {State.CONFIRMED}


def test_one_link_confirmed_uses_up_the_others(site: Site) -> None:
    site.publish()
    browser, first, _ = signer(site)
    browser.post(AGAIN)
    second, _ = site.link_and_code(EMAIL)
    assert browser.post(second, {"act": "confirm"}).status_code == 200
    assert (first != second, browser.get(first).status_code, browser.post(first, {"act": "confirm"}).status_code) == (True, 404, 404)


def test_a_lost_letter_comes_again_twice_a_day_to_the_browser_that_signed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    browser, _, _ = signer(site)
    answers = {browser.post(AGAIN).headers["location"] for _ in range(5)}
    assert (answers, len(mails(site, "confirm"))) == ({f"{AGAIN}?again=1"}, 3)
    assert "another one follows" in browser.get(answers.pop()).text
    move_clock(monkeypatch, timedelta(hours=25))
    browser.post(AGAIN)
    assert len(mails(site, "confirm")) == 4


def test_no_other_browser_makes_a_letter_come_again_and_none_can_tell(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    stranger = site.new_browser("198.51.100.9")
    stranger.post(SIGN, cast.individual())
    answers = [(answer.status_code, answer.headers["location"]) for answer in (stranger.post(AGAIN), site.new_browser().post(AGAIN), browser.post(AGAIN))]
    assert (len(set(answers)), len(mails(site, "confirm"))) == (1, 2)
    browser.post(link, {"act": "confirm"})
    browser.post(AGAIN)
    assert len(mails(site)) == 2


@pytest.mark.parametrize(("hours", "status", "state"), [(71, 200, State.CONFIRMED), (73, 404, State.PENDING)])
def test_a_link_works_for_72_hours_also_when_the_statement_has_closed(
    site: Site, monkeypatch: pytest.MonkeyPatch, hours: int, status: int, state: State
) -> None:
    slug = site.publish()
    browser, link, _ = signer(site)
    with site.database.transaction() as session:
        close(session, slug, utcnow(), utcnow())
    move_clock(monkeypatch, timedelta(hours=hours))
    assert browser.post(SIGN, cast.individual(email="late@post-office.org")).status_code == 409
    assert (browser.post(link, {"act": "confirm"}).status_code, site.rows()[0].state) == (status, state)


def test_an_expired_link_is_not_mailed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual())
    sent: list[str] = []
    monkeypatch.setattr("app.outbox.worker._send", lambda _connection, message: sent.append(message["To"]))
    move_clock(monkeypatch, timedelta(hours=72, seconds=1))
    deliver_due(site.database)
    assert (sent, [(mail.state, mail.failure) for mail in mails(site)]) == ([], [(MailState.DEAD, "expired")])


def test_what_is_mistaken_is_erased_and_then_written_anew_and_confirmed_at_once(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    form = browser.get(browser.submit(browser.get(link), press="mistaken").headers["location"])
    assert site.rows()[0].particulars is None
    assert "email" not in forms(form)[0].values
    own = {name: value for name, value in cast.organisation().items() if name != "email"}
    assert browser.submit(form, number=0, press="sign", **own).status_code == 200
    row = site.rows()[0]
    with site.database.reading() as session:
        found = particulars(session, row)
    assert found
    assert (row.state, row.kind, found.name, found.mandate) == (State.CONFIRMED, "organisation", "Tamar Magalithidze", "decision of the board, 12 November")


def test_a_wrong_field_in_what_is_written_anew_is_named_and_nothing_is_confirmed(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    browser.post(link, {"act": "mistaken"})
    own = {name: value for name, value in cast.individual(country="ZZ").items() if name != "email"}
    page = browser.submit(browser.get(link), number=0, press="sign", **own)
    assert (page.status_code, title(page), site.rows()[0].state) == (422, "Problem: Write it yourself", State.PENDING)
    assert forms(page)[0].values["name"] == own["name"]


def test_what_is_mistaken_cannot_be_confirmed_before_it_is_written(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    browser.post(link, {"act": "mistaken"})
    answer = browser.post(link, {"act": "confirm"})
    assert (answer.status_code, site.rows()[0].state) == (303, State.PENDING)


def test_what_was_typed_cannot_be_replaced_unless_it_is_called_mistaken_first(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    before = site.rows()[0].model_dump()
    own = {name: value for name, value in cast.individual(name="Another Name").items() if name != "email"}
    assert browser.post(link, {**own, "act": "sign"}).status_code == 303
    assert site.rows()[0].model_dump() == before


def test_this_was_not_me_erases_the_row_and_ends_all_mail_about_the_statement(site: Site) -> None:
    site.publish()
    browser, link, _ = signer(site)
    answer = browser.submit(browser.get(link), press="not-me")
    assert (answer.status_code, title(answer)) == (200, "It is erased")
    assert (stored(site, Signature), stored(site, MailedLink), browser.get(link).status_code) == (0, 0, 404)
    sent = len(mails(site))
    assert site.new_browser().post(SIGN, cast.individual()).status_code == 303
    assert (site.rows(), len(mails(site))) == ([], sent)


def test_this_was_not_me_also_stops_the_mails_that_still_wait_for_that_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    browser, link, _ = signer(site)
    site.new_browser("192.0.2.9").post(SIGN, cast.individual())
    browser.post(link, {"act": "not-me"})
    sent: list[str] = []
    monkeypatch.setattr("app.outbox.worker._send", lambda _connection, message: sent.append(message["To"]))
    deliver_due(site.database)
    assert sent == []


@pytest.mark.parametrize(("policy", "after"), [("automatic", State.PUBLISHED), ("moderated", State.CONFIRMED)])
@pytest.mark.parametrize("kind", ["organisation", "individual"])
def test_the_policy_of_each_kind_decides_whether_a_moderator_reads_it_first(site: Site, kind: str, policy: str, after: State) -> None:
    site.publish(cast.statement(moderation=f"{{{kind}s: {policy}}}"))
    typed = cast.organisation() if kind == "organisation" else cast.individual()
    site.browser.post(SIGN, typed)
    link, _ = site.link_and_code(typed["email"])
    page = site.browser.post(link, {"act": "confirm"})
    site.work()
    assert site.rows()[0].state is after
    listed = typed["name"] in site.browser.get(f"/statements/{cast.SLUG}/signatories.json").text
    assert (listed, "A moderator reads it now" in page.text) == (policy == "automatic", policy == "moderated")


def test_an_automatic_policy_for_one_kind_leaves_the_other_moderated(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(moderation="{individuals: automatic}"))
    site_on_sqlite.signed()
    site_on_sqlite.work()
    assert site_on_sqlite.rows()[0].state is State.CONFIRMED


def test_an_automatic_policy_does_not_publish_before_the_person_confirmed(site: Site) -> None:
    site.publish(cast.statement(moderation="{individuals: automatic}"))
    signer(site)
    site.work()
    assert site.rows()[0].state is State.PENDING


def test_after_confirming_the_cookie_is_gone(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    browser, link, _ = signer(site_on_sqlite)
    browser.post(link, {"act": "confirm"})
    assert PENDING not in browser.client.cookies


def test_a_confirmed_signature_is_kept_whatever_happens_to_its_statement_meanwhile(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    email = site_on_sqlite.signed(kind="individual")
    change(site_on_sqlite, email, page_language="be")
    assert site_on_sqlite.rows()[0].state is State.CONFIRMED
    assert stored(site_on_sqlite, Mail) == 1


def test_the_mail_is_in_the_language_of_the_page_and_leads_to_a_page_in_it(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(be=cast.belarusian())
    site_on_sqlite.browser.post(f"/be{SIGN}", cast.individual())
    letter = site_on_sqlite.letters(EMAIL)[-1]
    link, _ = site_on_sqlite.link_and_code(EMAIL)
    assert (letter.message["Content-Language"], link.startswith("/be/confirm/")) == ("be", True)
    assert 'lang="be"' in site_on_sqlite.browser.get(link).text
