"""Reasons of the table: mailed in the signer's language; what would teach a forger stays inside."""

import re

import pytest

from app.moderation.models import Refusal
from tests import cast
from tests.moderation.hands import confirmed
from tests.signatures.hands import staff
from tests.site import Site

TO = cast.organisation()["email"]


def mailed(site: Site, prefix: str = "", **form: str) -> str:
    """Reject a signature made in the language of the prefix; the mail to its signer."""
    site.publish()
    browser = site.new_browser()
    browser.post(f"{prefix}/statements/{cast.SLUG}/sign", cast.organisation())
    link, _ = site.link_and_code(TO)
    browser.submit(browser.get(link), press="confirm")
    assert staff(site).post(f"/console/signatures/{site.rows()[0].id}/reject", form).status_code == 303
    return site.letters(TO)[-1].part("plain")


def test_a_reason_of_the_table_is_mailed_in_the_signers_language(site: Site) -> None:
    assert "Вы або ваша арганізацыя ўжо ёсць у спісе." in mailed(site, "/be", code="duplicate")


def test_own_words_follow_the_sentence(site: Site) -> None:
    text = mailed(site, code="no-mandate", reason="Your board can write to us.")
    assert text.index("It is not clear to us") < text.index("Your board can write to us.")


@pytest.mark.parametrize("code", ["impersonation", "nonsense"])
def test_what_would_teach_a_forger_is_not_mailed(site_on_sqlite: Site, code: str) -> None:
    text = mailed(site_on_sqlite, code=code)
    assert ("could not accept it" in text, bool(re.search("somebody else|seriously", text))) == (True, False)
    page = staff(site_on_sqlite, email="other@site.example").get(f"/console/signatures/{site_on_sqlite.rows()[0].id}").text
    assert re.search("In somebody else|Not meant seriously", page)


@pytest.mark.parametrize("form", [{}, {"reason": "  "}, {"code": ""}, {"code": "no-such-reason"}])
def test_without_a_reason_nothing_is_decided(site_on_sqlite: Site, form: dict[str, str]) -> None:
    (number,) = confirmed(site_on_sqlite)
    page = staff(site_on_sqlite).post(f"/console/signatures/{number}/reject", form)
    assert (page.status_code, 'class="problem"' in page.text) == (422, True)


def test_every_reason_has_its_words(site_on_sqlite: Site) -> None:
    (number,) = confirmed(site_on_sqlite)
    page = staff(site_on_sqlite).get(f"/console/signatures/{number}").text
    assert [code.value for code in Refusal if f'value="{code.value}"' not in page] == []
