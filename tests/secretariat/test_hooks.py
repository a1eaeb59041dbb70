"""The secretariat says who is told: one form, a secret shown once, a try, a log."""

import re

import pytest
from sqlmodel import select

from app.accounts.models import Role
from app.audit.models import Entry
from app.webhooks import sending
from app.webhooks.models import Delivery, Endpoint, Standing
from tests import cast
from tests.signatures.hands import staff
from tests.site import Browser, Site
from tests.web.markup import parse

AT = f"/console/statements/{cast.SLUG}/webhooks"
FORM = {"url": "https://hooks.example.org/list", "published": "true", "milestone": "true"}


@pytest.fixture
def editor(site_on_sqlite: Site) -> Browser:
    site_on_sqlite.publish()
    return staff(site_on_sqlite, Role.EDITOR)


def stored(site: Site) -> Endpoint | None:
    with site.database.reading() as session:
        return session.exec(select(Endpoint)).first()


def test_an_address_is_added_and_its_secret_shown_once(site_on_sqlite: Site, editor: Browser) -> None:
    assert "Nobody is told anything yet." in editor.get(AT).text
    shown = editor.post(AT, FORM)
    assert shown.status_code == 200
    assert re.search(r"whsec_[A-Za-z0-9+/]{43}=", shown.text)
    assert shown.headers["cache-control"] == "no-store"
    hook = stored(site_on_sqlite)
    assert hook
    assert (hook.url, hook.events, b"whsec" in (hook.secret or b"whsec")) == (FORM["url"], ["signatures.published", "statement.milestone"], False)
    pages = editor.get(AT).text + editor.get(f"{AT}/{hook.id}").text
    assert ("whsec_" in pages, pages.count(FORM["url"]) >= 2) == (False, True)
    with site_on_sqlite.database.reading() as session:
        assert "add-webhook" in {entry.act for entry in session.exec(select(Entry))}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://hooks.example.org/"}, "The address must begin with https://."),
        ({"url": "https://127.0.0.1/"}, "Please give a public name"),
        ({"url": ""}, "Please give a plain address"),
        ({"url": "https://example.org/" + "a" * 600}, "This is too long"),
        ({"published": "", "milestone": ""}, "Please choose at least one event."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_kept(editor: Browser, site_on_sqlite: Site, changes: dict[str, str], sentence: str) -> None:
    typed = {name: value for name, value in (FORM | changes).items() if value or name == "url"}
    page = editor.post(AT, typed)
    assert (page.status_code, sentence in page.text, stored(site_on_sqlite)) == (422, True, None)
    assert parse(page.text).one("input", id="url").attrs["value"] == typed["url"]


def test_the_same_address_twice_and_an_eleventh_are_refused(editor: Browser) -> None:
    assert editor.post(AT, FORM).status_code == 200
    assert "This address is there already." in editor.post(AT, FORM).text
    for number in range(9):
        assert editor.post(AT, FORM | {"url": f"https://hooks.example.org/{number}"}).status_code == 200
    refused = editor.post(AT, FORM | {"url": "https://hooks.example.org/one-more"})
    assert (refused.status_code, "at most ten" in refused.text) == (422, True)


def test_a_try_shows_how_it_went_and_what_failed_is_sent_again(editor: Browser, site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["302", "204", "slow"]
    monkeypatch.setattr(sending, "post", lambda *_: answers.pop(0))
    editor.post(AT, FORM)
    hook = stored(site_on_sqlite)
    assert hook
    place = f"{AT}/{hook.id}"
    assert "It was told nothing yet." in editor.get(place).text
    assert editor.post(f"{place}/test").headers["location"].endswith("?done=tested")
    page = editor.get(place)
    assert "302: a redirect, which is not followed" in page.text
    with site_on_sqlite.database.reading() as session:
        message = session.exec(select(Delivery)).one().id
    assert editor.post(f"{place}/again/{message}").status_code == 303
    assert sending.send_due(site_on_sqlite.database) == 1
    assert "204" in parse(editor.get(place).text).text
    assert editor.post(f"{place}/again/{message}").status_code == 409
    editor.post(f"{place}/test")
    assert "it took longer than 15 seconds" in editor.get(place).text


def test_paused_resumed_given_a_new_secret_and_taken_out(editor: Browser, site_on_sqlite: Site) -> None:
    editor.post(AT, FORM)
    hook = stored(site_on_sqlite)
    assert hook
    place = f"{AT}/{hook.id}"
    assert editor.post(f"{place}/pause").status_code == 303
    assert editor.post(f"{place}/test").status_code == 409
    assert "paused" in editor.get(AT).text
    assert editor.post(f"{place}/resume").status_code == 303
    changed = editor.post(f"{place}/secret")
    assert "whsec_" in changed.text
    after = stored(site_on_sqlite)
    assert after
    assert (after.standing, after.secret != hook.secret, after.old_secret is None) == (Standing.ACTIVE, True, False)
    assert editor.post(f"{place}/forget").status_code == 303
    assert (stored(site_on_sqlite), editor.get(place).status_code) == (None, 404)


def test_another_statement_s_webhook_is_none(editor: Browser, site_on_sqlite: Site) -> None:
    editor.post(AT, FORM)
    hook = stored(site_on_sqlite)
    assert hook
    site_on_sqlite.publish(cast.statement(slug="another"))
    other = f"/console/statements/another/webhooks/{hook.id}"
    assert {editor.get(other).status_code, editor.post(f"{other}/forget").status_code, editor.post(f"{other}/secret").status_code} == {404}
    assert stored(site_on_sqlite)
