"""Machines that visit mailed links confirm nothing; people then do, once."""

import os

from sqlmodel import select

from app.signatures.beside import MailedLink
from app.signatures.models import State
from app.tokens import new_token
from tests import cast
from tests.signatures.hands import SIGN, posting, sign_many, stored, together
from tests.site import Site, forms

LINKS = int(os.environ.get("UNDERSIGNED_TEST_LINKS", "1000"))
PEOPLE = min(LINKS, int(os.environ.get("UNDERSIGNED_TEST_PEOPLE", "100")))


def test_a_thousand_links_visited_by_get_and_head_confirm_nothing_and_then_each_confirms_once(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    links = sign_many(site_on_sqlite, (cast.individual(email=f"person{n}@post-office.org") for n in range(LINKS)))
    scanner = site_on_sqlite.new_browser("192.0.2.1")
    answers = [visit(link.path).status_code for link in links for visit in (scanner.get, scanner.head)]
    assert (len(answers), set(answers)) == (2 * LINKS, {200})
    assert {row.state for row in site_on_sqlite.rows()} == {State.PENDING}
    codes = [
        [site_on_sqlite.new_browser(f"198.{n % 200}.{n // 200}.7").post(link.path, {"act": "confirm", "code": link.code}).status_code for _ in range(2)]
        for n, link in enumerate(links[:PEOPLE])
    ]
    assert [code for code in codes if code != [200, 404]] == []
    assert sum(row.state is State.CONFIRMED for row in site_on_sqlite.rows()) == PEOPLE


def test_a_scanner_that_presses_every_button_confirms_nothing(site: Site) -> None:
    site.publish()
    links = sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(20)))
    for n, link in enumerate(links):
        scanner = site.new_browser(f"192.0.{n}.1")
        found = [form for form in forms(scanner.get(link.path)) if form.method == "post"]
        presses = [(form, {**form.values, name: value, "code": guess}) for form in found for name, value in form.buttons for guess in ("", "000000")]
        assert presses
        assert {scanner.post(form.action, sent).status_code for form, sent in presses} == {422}
    assert {row.state for row in site.rows()} == {State.PENDING}
    assert (len(site.rows()), stored(site, MailedLink)) == (20, 20)


def test_many_presses_of_many_links_at_once_confirm_each_link_once(site: Site) -> None:
    site.publish()
    links = sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(10)))
    presses = [(n, link) for n, link in enumerate(links) for _ in range(4)]
    answers = together(site, [posting(site.new_browser(f"203.0.{n}.7"), link.path, {"act": "confirm", "code": link.code}) for n, link in presses])
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [404] * 30
    assert {row.state for row in site.rows()} == {State.CONFIRMED}


def test_guessed_tokens_open_nothing(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    sign_many(site_on_sqlite, (cast.individual(email=f"person{n}@post-office.org") for n in range(5)))
    guesser = site_on_sqlite.new_browser()
    assert {guesser.get(f"/confirm/{new_token()[0]}").status_code for _ in range(200)} == {404}


def test_only_hashes_of_tokens_codes_and_cookies_are_kept(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    (link,) = sign_many(site_on_sqlite, [cast.individual()])
    with site_on_sqlite.database.reading() as session:
        kept = session.exec(select(MailedLink)).one()
    token = link.path.rpartition("/")[2]
    assert [len(value) for value in (kept.token_hash, kept.code_hash, kept.cookie_hash)] == [32, 32, 32]
    assert [secret for secret in (token, link.code, link.secret) if secret.encode() in (site_on_sqlite.folder / "undersigned.sqlite3-wal").read_bytes()] == []


def test_too_many_presses_from_one_network_wait_and_confirm_nothing_wrong(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    links = sign_many(site_on_sqlite, (cast.individual(email=f"person{n}@post-office.org") for n in range(2)))
    for _ in range(120):
        site_on_sqlite.browser.post(f"/confirm/{new_token()[0]}", {"act": "confirm"})
    refused = site_on_sqlite.browser.post(links[0].path, {"act": "confirm", "code": links[0].code})
    assert (refused.status_code, refused.headers["retry-after"].isdigit()) == (429, True)
    assert site_on_sqlite.new_browser("198.51.100.9").post(links[0].path, {"act": "confirm", "code": links[0].code}).status_code == 200
    assert site_on_sqlite.browser.get(SIGN).status_code == 200
