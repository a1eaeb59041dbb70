"""The sign form: what is refused with which words, what is kept, how often one may knock."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.outbox.models import Mail
from app.signatures.beside import MailedLink
from app.signatures.models import Signature, State, Visibility
from app.signatures.particulars import Particulars
from app.signatures.queries import particulars
from app.signatures.retention import NOTICE_VERSION
from tests import cast
from tests.signatures.hands import SIGN, mails, move_clock, posting, problem, sign_many, stored, title, together
from tests.site import Browser, Form, Site, forms

NAME = "Please write your name."
ROLE = "Please write your role in the organisation."
ORGANISATION = "Please write the organisation’s name as it should appear in the list."
MANDATE = "An organisation signs through somebody who has its mandate. Please say on whose authority you sign."
COUNTRY = "Please choose a country from the list."
EMAIL = "Please write a complete e-mail address, such as name@example.org."
WEBSITE = "Please write a web address such as example.org, or leave this empty."
CONSENT = "Without your agreement we may not keep your signature."
CHOOSE = "Please choose one of the options."
ALONE = "Please write the name alone, without web or e-mail addresses."
LONG = "This is too long: at most {} characters."
WRONG = [
    ("organisation", "kind", "crowd", CHOOSE),
    ("organisation", "name", "", NAME),
    ("organisation", "name", " ", NAME),
    ("organisation", "name", "Tamar, see site.org/x", ALONE),
    ("organisation", "name", "n" * 121, LONG.format(120)),
    ("organisation", "role", "", ROLE),
    ("organisation", "role", "r" * 121, LONG.format(120)),
    ("organisation", "organisation", "", ORGANISATION),
    ("organisation", "organisation", "o" * 201, LONG.format(200)),
    ("organisation", "organisation", "press@rivers-house.org", ALONE),
    ("organisation", "website", "not a site", WEBSITE),
    ("organisation", "website", "javascript:alert(1)", WEBSITE),
    ("organisation", "website", "ftp://rivers-house.org", WEBSITE),
    ("organisation", "website", "https://127.0.0.1/", WEBSITE),
    ("organisation", "country", "", COUNTRY),
    ("organisation", "country", "ZZ", COUNTRY),
    ("organisation", "email", "", EMAIL),
    ("organisation", "email", "tamar@", EMAIL),
    ("organisation", "email", "tamar@rivers-house.org, second@rivers-house.org", EMAIL),
    ("organisation", "email", "tamar@rivers-house.org\r\nBcc: all@rivers-house.org", EMAIL),
    ("organisation", "mandate", "", MANDATE),
    ("organisation", "mandate", "m" * 201, LONG.format(200)),
    ("organisation", "visibility", "secret", CHOOSE),
    ("organisation", "consent", "", CONSENT),
    ("individual", "name", "", NAME),
    ("individual", "name", "Mikola\u202e", "There is an invisible or control character in this name. Please type it again by hand."),
    ("individual", "role", "http://teacher.org", ALONE),
    ("individual", "organisation", "see www.school.org", ALONE),
    ("individual", "country", "Belarus", COUNTRY),
    ("individual", "email", "mikola", EMAIL),
    ("individual", "visibility", "secret", CHOOSE),
    ("individual", "consent", "", CONSENT),
]


def typed(kind: str, /, **changes: str) -> dict[str, str]:
    return cast.organisation(**changes) if kind == "organisation" else cast.individual(**changes)


def kept(site: Site, number: int = -1) -> Particulars:
    with site.database.reading() as session:
        found = particulars(session, site.rows()[number])
    assert found
    return found


def the_form(page_forms: list[Form]) -> dict[str, str]:
    return next(form.values for form in page_forms if form.method == "post")


@pytest.mark.parametrize(("kind", "field", "value", "sentence"), WRONG)
def test_a_wrong_field_is_named_and_everything_typed_is_still_there(site_on_sqlite: Site, kind: str, field: str, value: str, sentence: str) -> None:
    site_on_sqlite.publish()
    sent = typed(kind, **{field: value})
    page = site_on_sqlite.browser.post(SIGN, sent)
    assert (page.status_code, page.headers["cache-control"], problem(page, field)) == (422, "no-store", sentence)
    assert title(page).startswith("Problem:")
    assert f'href="#{field}"' in page.text
    shown = {"visibility": "public", **the_form(forms(page))}
    plain = {name: text for name, text in sent.items() if not (name == field and field in {"kind", "country", "visibility", "consent"})}
    assert {name: shown.get(name) for name in plain if plain[name].strip()} == {name: text for name, text in plain.items() if text.strip()}
    assert "set-cookie" not in page.headers
    assert (stored(site_on_sqlite, Signature), stored(site_on_sqlite, Mail)) == (0, 0)


@pytest.mark.parametrize(("language", "word"), [("be", "Памылка"), ("ru", "Ошибка")])
def test_the_problem_is_said_in_the_language_of_the_page(site_on_sqlite: Site, language: str, word: str) -> None:
    site_on_sqlite.publish()
    page = site_on_sqlite.browser.post(f"/{language}{SIGN}", cast.individual(name=""))
    assert title(page).startswith(f"{word}:")
    assert problem(page, "name") not in {"", NAME}


def test_every_empty_field_of_an_organisation_is_named_at_once(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    page = site_on_sqlite.browser.post(SIGN, {"kind": "organisation"})
    found = {field: problem(page, field) for field in cast.organisation()}
    assert found == {
        "kind": "",
        "name": NAME,
        "role": ROLE,
        "organisation": ORGANISATION,
        "website": "",
        "country": COUNTRY,
        "email": EMAIL,
        "visibility": "",
        "mandate": MANDATE,
        "consent": CONSENT,
    }


def test_nothing_at_all_is_a_page_with_problems_too(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    page = site_on_sqlite.browser.post(SIGN, {})
    assert (page.status_code, problem(page, "kind")) == (422, "Please fill in this field.")


def test_a_person_needs_no_role_no_organisation_no_website_and_no_mandate(site: Site) -> None:
    site.publish()
    assert site.browser.post(SIGN, cast.individual(role="")).status_code == 303
    assert kept(site) == Particulars("Мікола Выдуманы", country="BY")


def test_what_an_organisation_typed_is_kept_whole(site: Site) -> None:
    site.publish()
    assert site.browser.post(SIGN, cast.organisation(visibility="withheld")).status_code == 303
    row = site.rows()[0]
    assert kept(site) == Particulars(
        "Tamar Magalithidze", "president", "Fictional House of Rivers", "https://rivers-house.org", "GE", "decision of the board, 12 November"
    )
    assert (row.state, row.visibility, row.consent_version) == (State.PENDING, Visibility.WITHHELD, NOTICE_VERSION)
    assert [row.name, row.role, row.organisation, row.website, row.domain, row.country, row.folded, row.number] == [None] * 8


def test_the_version_of_the_notice_that_was_agreed_to_stands_on_the_notice(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(SIGN, cast.individual())
    version = site_on_sqlite.rows()[0].consent_version
    assert version
    assert version in site_on_sqlite.browser.get("/privacy").text


@pytest.mark.parametrize(("asked", "other"), [("organisations", "individual"), ("individuals", "organisation")])
def test_a_statement_for_one_kind_takes_no_other(site_on_sqlite: Site, asked: str, other: str) -> None:
    site_on_sqlite.publish(cast.statement(signers=f"[{asked}]"))
    page = site_on_sqlite.browser.post(SIGN, typed(other))
    assert (page.status_code, stored(site_on_sqlite, Signature)) == (422, 0)
    assert "This statement does not ask for signatures of this kind." in page.text
    assert site_on_sqlite.browser.post(SIGN, typed(asked.removesuffix("s"))).status_code == 303


@pytest.mark.parametrize("asked", ["organisations", "individuals"])
@pytest.mark.parametrize("address", ["", "?kind=organisation", "?kind=individual"])
def test_the_form_of_a_statement_for_one_kind_offers_that_kind_whatever_the_address_says(site_on_sqlite: Site, asked: str, address: str) -> None:
    site_on_sqlite.publish(cast.statement(signers=f"[{asked}]"))
    assert the_form(forms(site_on_sqlite.browser.get(SIGN + address)))["kind"] == asked.removesuffix("s")


def test_a_statement_for_both_kinds_opens_the_form_for_the_kind_in_the_address(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    offered = [the_form(forms(site_on_sqlite.browser.get(f"{SIGN}?kind={kind}")))["kind"] for kind in ("organisation", "individual")]
    assert offered == ["organisation", "individual"]


@pytest.mark.parametrize(("key", "value"), [("closes", "2026-01-01 18:00 Europe/Minsk"), ("opens", "2996-01-01 18:00 Europe/Minsk")])
def test_a_statement_that_is_not_open_takes_nothing_and_says_so(site_on_sqlite: Site, key: str, value: str) -> None:
    site_on_sqlite.publish(cast.statement(**{key: value}))
    answer = site_on_sqlite.browser.post(SIGN, cast.individual())
    assert (answer.status_code, stored(site_on_sqlite, Signature), stored(site_on_sqlite, Mail)) == (409, 0, 0)
    assert "This statement does not take signatures now" in answer.text


def test_the_hidden_field_gets_the_same_answer_and_is_mailed_nothing(site: Site) -> None:
    site.publish()
    answer = site.browser.post(SIGN, cast.individual(subject="cheap watches"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/statements/{cast.SLUG}/check-your-mail")
    assert ([row.state for row in site.rows()], stored(site, MailedLink), stored(site, Mail)) == ([State.SCREENED], 0, 0)


def test_what_was_screened_keeps_nobody_from_signing(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual(subject="cheap watches"))
    site.browser.post(SIGN, cast.individual())
    assert ([row.state for row in site.rows()], len(mails(site, "confirm"))) == ([State.SCREENED, State.PENDING], 1)


def test_twenty_posts_of_one_new_address_at_once_are_one_signature(site: Site) -> None:
    site.publish()
    answers = together(site, [posting(site.new_browser(f"203.0.{n}.7"), SIGN, cast.individual()) for n in range(20)])
    assert {answer.status_code for answer in answers} == {303}
    assert (len(site.rows()), len(mails(site, "confirm"))) == (1, 1)


def test_a_hundred_and_fifty_people_who_sign_at_the_same_moment_are_all_served(site: Site) -> None:
    site.publish()
    answers = together(site, [posting(site.new_browser(f"203.0.{n}.7"), SIGN, cast.individual(email=f"person{n}@post-office.org")) for n in range(150)])
    assert [answer.status_code for answer in answers] == [303] * 150
    assert (len(site.rows()), len(mails(site, "confirm"))) == (150, 150)


def test_a_network_that_signs_too_often_waits_and_nothing_taken_before_is_lost(site: Site) -> None:
    site.publish()
    codes = [site.browser.post(SIGN, cast.individual(email=f"person{n}@post-office.org")).status_code for n in range(60)]
    refused = site.browser.post(SIGN, cast.individual(email="late@post-office.org"))
    assert (set(codes), refused.status_code, refused.headers["cache-control"]) == ({303}, 429, "no-store")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "Many requests came from your network" in refused.text
    assert forms(refused)[-1].values["email"] == "late@post-office.org"
    assert "set-cookie" not in refused.headers
    assert (len(site.rows()), len(mails(site))) == (60, 60)
    other = site.new_browser("198.51.100.77").post(SIGN, cast.individual(email="late@post-office.org"))
    assert (other.status_code, len(site.rows())) == (303, 61)


def flood(browser: Browser, posts: int = 60) -> None:
    for _ in range(posts):
        browser.post(SIGN, cast.individual(subject="flood"))


@pytest.mark.parametrize(
    ("flooded", "neighbour", "stranger"),
    [
        ("203.0.113.7", "203.0.113.200", "203.0.114.7"),
        ("2001:db8:1:2::1", "2001:db8:1:ff::9", "2001:db8:1:100::1"),
        ("::ffff:203.0.113.7", "203.0.113.9", "203.0.112.9"),
    ],
)
def test_neighbours_in_one_network_share_its_limit_and_strangers_do_not(site_on_sqlite: Site, flooded: str, neighbour: str, stranger: str) -> None:
    site_on_sqlite.publish()
    flood(site_on_sqlite.new_browser(flooded))
    answers = [site_on_sqlite.new_browser(network).post(SIGN, cast.individual()).status_code for network in (neighbour, stranger)]
    assert answers == [429, 303]


def test_an_invented_network_in_front_of_the_proxys_own_does_not_escape_the_limit(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    flood(site_on_sqlite.new_browser("203.0.113.7"))
    assert site_on_sqlite.new_browser("192.0.2.1, 203.0.113.7").post(SIGN, cast.individual()).status_code == 429


def test_an_invented_network_on_a_header_line_of_its_own_does_not_escape_the_limit(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    flood(site_on_sqlite.new_browser("203.0.113.7"))
    lines = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "203.0.113.7"), ("Origin", "http://localhost:8000"), ("Accept", "text/html")]
    client = site_on_sqlite.new_browser().client
    client.headers.pop("X-Forwarded-For")
    assert site_on_sqlite.wait(client.post(SIGN, data=cast.individual(), headers=lines)).status_code == 429


def test_one_mail_a_day_reaches_an_address_however_often_it_is_typed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    answers = {site.new_browser(f"203.0.{n}.7").post(SIGN, cast.individual()).status_code for n in range(12)}
    assert (answers, len(mails(site)), len(site.rows())) == ({303}, 1, 1)
    move_clock(monkeypatch, timedelta(hours=25))
    site.new_browser("198.51.100.77").post(SIGN, cast.individual())
    assert (len(mails(site)), len(site.rows())) == (2, 1)


def test_an_address_that_signed_gets_no_more_mails_than_any_other(site: Site) -> None:
    site.publish()
    site.signed(kind="individual")
    for n in range(12):
        site.new_browser(f"203.0.{n}.7").post(SIGN, cast.individual())
    assert (len(mails(site)), len(site.rows())) == (1, 1)


def test_an_address_over_the_limit_of_all_statements_is_still_kept_and_its_mail_waits_a_day(site_on_sqlite: Site) -> None:
    slugs = [site_on_sqlite.publish(cast.statement(slug=f"appeal-{n}")) for n in range(4)]
    for n in range(8):
        site_on_sqlite.new_browser(f"203.0.{n}.7").post(f"/statements/{slugs[n % 3]}/sign", cast.individual())
    assert site_on_sqlite.browser.post(f"/statements/{slugs[3]}/sign", cast.individual()).status_code == 303
    last = mails(site_on_sqlite, "confirm")[-1]
    assert (len(site_on_sqlite.rows()), (last.due_at - last.created_at).total_seconds()) == (4, 24 * 3600)
    assert last.expires_at
    assert (last.expires_at - last.due_at).total_seconds() == 72 * 3600


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("tamar@rivers-house.org", "TAMAR@Rivers-House.ORG"),
        ("tamar@rivers-house.org", " tamar@rivers-house.org "),
        ("tamar@пример.org", "Tamar@xn--e1afmkfd.org"),
        ("tamar@ПРИМЕР.org", "tamar@пример.org"),
        ("tamar@bücher.example", "tamar@bu\u0308cher.example"),
    ],
)
def test_variants_of_an_address_are_one_signer(site_on_sqlite: Site, first: str, second: str) -> None:
    site_on_sqlite.publish()
    answers = [site_on_sqlite.browser.post(SIGN, cast.organisation(email=email)).status_code for email in (first, second)]
    assert (answers, len(site_on_sqlite.rows())) == ([303, 303], 1)


def test_other_addresses_are_other_signers(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    others = ["tamar@rivers-house.org", "tamara@rivers-house.org", "tamar@rivers.house.org", "tamar@rivershouse.org", "ta.mar@rivers-house.org"]
    assert {site_on_sqlite.browser.post(SIGN, cast.organisation(email=email)).status_code for email in others} == {303}
    assert len(site_on_sqlite.rows()) == 5


def test_one_address_may_sign_two_statements_and_nobody_can_tell_it_from_the_rows(site: Site) -> None:
    slugs = [site.publish(cast.statement(slug=slug)) for slug in ("first-appeal", "second-appeal")]
    for slug in slugs:
        sign_many(site, [cast.individual()], slug)
    one, two = site.rows()
    assert one.address_index != two.address_index
    assert isinstance(one.id, UUID)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1b", "\x7f", "\u202e", "\ufffe"])
def test_a_control_character_in_a_website_is_refused(site_on_sqlite: Site, character: str) -> None:
    site_on_sqlite.publish()
    page = site_on_sqlite.browser.post(SIGN, cast.organisation(website=f"rivers-house.org/{character}a"))
    assert (page.status_code, problem(page, "website")) == (422, WEBSITE)


@pytest.mark.parametrize("field", ["name", "website", "email", "mandate", "country", "kind", "visibility", "consent", "subject"])
def test_half_a_character_in_a_form_is_a_refusal_and_no_breakdown(site_on_sqlite: Site, field: str) -> None:
    site_on_sqlite.publish()
    sent = cast.organisation(**{field: "rivers-house.org/\\ud800"})
    parts = "".join(f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in sent.items()) + "--B--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=B; charset=unicode_escape"}
    assert site_on_sqlite.browser.post(SIGN, content=parts.encode(), headers=kind).status_code < 500
