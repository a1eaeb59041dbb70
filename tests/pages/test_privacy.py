"""The privacy notice says what really happens: it is written from the settings and the schedule."""

import pytest

from app.i18n import language
from app.settings import get_settings
from app.signatures.retention import NOTICE_VERSION, SCHEDULE
from tests import cast
from tests.site import Site
from tests.web.markup import Element, parse


def notice(site: Site, code: str) -> Element:
    return parse(site.browser.get(f"/{code}/privacy").text).one("main")


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_every_rule_of_the_schedule_stands_in_the_notice(site_on_sqlite: Site, code: str) -> None:
    text, words = notice(site_on_sqlite, code).text, language(code)
    said = [words.gettext(sentence) for rule in SCHEDULE for sentence in (rule.what, rule.keep, rule.then)]
    assert [sentence for sentence in said if sentence not in text] == []
    if code != "en":
        assert [sentence for rule in SCHEDULE for sentence in (rule.what, rule.keep, rule.then) if sentence in text] == []


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_the_contact_and_the_version_stand_in_the_notice(site_on_sqlite: Site, code: str) -> None:
    found = notice(site_on_sqlite, code)
    assert get_settings().contact == "contact@site.example"
    assert [link.text for link in found.all("a") if link.attrs["href"] == "mailto:contact@site.example"] == ["contact@site.example"]
    assert NOTICE_VERSION in found.text


def test_the_version_of_the_notice_is_kept_with_the_signature(site: Site) -> None:
    slug = site.publish()
    site.browser.post(f"/statements/{slug}/sign", cast.individual())
    assert site.rows()[0].consent_version == NOTICE_VERSION


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_the_form_leads_to_the_notice_in_its_own_language(site_on_sqlite: Site, code: str) -> None:
    slug = site_on_sqlite.publish()
    form = parse(site_on_sqlite.browser.get(f"/{code}/statements/{slug}").text).one("form", id="sign")
    assert [link.attrs["href"] for link in form.all("a")] == [f"/{code}/privacy"]


def test_the_notice_says_what_is_true_about_cookies(site_on_sqlite: Site) -> None:
    """Reading sets none; signing sets one for 72 hours."""
    slug = site_on_sqlite.publish()
    browser = site_on_sqlite.browser
    assert "set-cookie" not in browser.get("/privacy").headers
    cookies = browser.post(f"/statements/{slug}/sign", cast.individual()).headers.get_list("set-cookie")
    assert len(cookies) == 1
    assert f"Max-Age={72 * 3600}" in cookies[0]
