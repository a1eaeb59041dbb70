"""One mailbox has one canonical address, two people have two; a host name has one registrable domain."""

import re

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from app.signatures import identity
from app.signatures.identity import canonical_address, domain_of, exact_address, registrable_domain, website_address

ATOM = "abcxyz019!#$%&'*/=?^_`{|}~-"
PROVIDERS = [
    *("gmail.com", "googlemail.com", "proton.me", "pm.me", "yandex.ru", "ya.ru", "yandex.com.tr", "me.com", "icloud.com", "yahoo.com"),
    *("fastmail.com", "friend.fastmail.fm", "outlook.com", "mail.ru", "riseup.net"),
]
ORDINARY = ["zorkalia.org", "mail.zorkalia.org", "outlook.com", "mail.ru", "tut.by", "riseup.net", "hey.com", "notgmail.com", "gmail.com.example"]
ONE_MAILBOX = [
    ("ona.fictional@gmail.com", "o.n.a.fictional@googlemail.com", "OnaFictional+list@Gmail.com"),
    ("ona.fictional@proton.me", "ona-fictional@protonmail.com", "ona_fictional@pm.me", "onafictional+x@protonmail.ch"),
    ("ona.fictional@yandex.ru", "ona-fictional@ya.ru", "ona.fictional@yandex.by", "ona-fictional@yandex.com", "ona.fictional@yandex.com.tr"),
    ("ona@yandex.kz", "ona@yandex.ua", "ona+tag@ya.ru"),
    ("ona.fictional@icloud.com", "ona.fictional@me.com", "ona.fictional+x@mac.com"),
    ("ona@fastmail.com", "shop@ona.fastmail.com", "ona+shop@fastmail.com"),
    ("ona-shop@yahoo.com", "ona-list@yahoo.com", "ona-shop+x@yahoo.com"),
    ("ona@outlook.com", "ona+1@outlook.com", "ona+1+2@outlook.com"),
    ("ona@zorkalia.org", "Ona@ZORKALIA.org", "ona+tag@zorkalia.org", "ona@zorkalia。org", "ona@ｚorkalia.org"),
    ("ona@вольныябабры.бел", "ona@xn--80abbb9bmfv9gee2b.xn--90ais", "ONA@ВольныяБабры.бел"),
    ("ona@zorkali\u0301a.org", "ona@zorkal\u00eda.org", "ona@xn--zorkala-dza.org"),
]
PEOPLE = [
    ("ona.fictional@outlook.com", "onafictional@outlook.com"),
    ("ona.fictional@mail.ru", "onafictional@mail.ru"),
    ("ona@mail.ru", "ona@bk.ru"),
    ("ona@outlook.com", "ona@hotmail.com"),
    ("ona@gmail.com", "ona@gmail.com.example"),
    ("o.na@notgmail.com", "ona@notgmail.com"),
    ("ona_fictional@gmail.com", "onafictional@gmail.com"),
    ("ona.fictional@icloud.com", "onafictional@icloud.com"),
    ("ona.fictional@yandex.ru", "onafictional@yandex.ru"),
    ("ona_fictional@yandex.ru", "ona-fictional@yandex.ru"),
    ("ona@yandex-team.ru", "ona@yandex.ru"),
    ("ona-list@yahoo.com", "ona@yahoo.com"),
    ("ona-list@yahoo.com", "ona-list@yahoo.fr"),
    ("ona-list@zorkalia.org", "ona-shop@zorkalia.org"),
    ("shop@ona.fastmail.com", "shop@eva.fastmail.com"),
    ("shop@ona.zorkalia.org", "ona@zorkalia.org"),
    ("ona@fastmail.com", "ona@fastmail.fm"),
    ("ona@faß.example", "ona@fass.example"),
    ("+ona@zorkalia.org", "+eva@zorkalia.org"),
    ("ona@ab--cd.example", "ona@ab--ef.example"),  # no host names to IDNA 2008
]

locals_ = st.lists(st.text(ATOM + "ABC+", min_size=1, max_size=8), min_size=1, max_size=4).map(".".join)
typed = st.builds("{}@{}".format, locals_, st.sampled_from(PROVIDERS + ORDINARY)) | st.emails()


def accepted(text: str) -> str:
    """The address as the form keeps it; "" for what the form refuses."""
    try:
        return exact_address(text)
    except ValueError:
        return ""


plain_locals = st.from_regex(r"[a-z0-9_.+-]{1,20}", fullmatch=True)
plain_hosts = st.from_regex(r"[a-z0-9-]{1,12}(\.[a-z0-9-]{1,12}){0,3}", fullmatch=True) | st.sampled_from([*SPECIAL_USE_DOMAIN_NAMES, "a" * 60 + ".org"])
ends = st.sampled_from(["", ".org", ".co.uk", *(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)])


@given(st.builds("{}@{}{}".format, plain_locals, plain_hosts, ends) | st.emails())
def test_what_is_taken_for_plain_is_what_the_library_says(text: str) -> None:
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        assert accepted(text) == (checked.ascii_email or checked.normalized)
    except EmailNotValidError:
        assert accepted(text) == ""


@pytest.mark.parametrize("spellings", ONE_MAILBOX, ids=lambda spellings: spellings[0])
def test_the_spellings_of_one_mailbox_are_one_address(spellings: tuple[str, ...]) -> None:
    assert len({canonical_address(spelling) for spelling in spellings}) == 1
    assert len({canonical_address(exact_address(spelling)) for spelling in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), PEOPLE)
def test_what_may_be_two_people_stays_two(one: str, other: str) -> None:
    assert canonical_address(one) != canonical_address(other)
    assert canonical_address(accepted(one) or one) != canonical_address(accepted(other) or other)


@given(typed)
def test_the_canonical_form_of_any_accepted_address_is_its_own(text: str) -> None:
    exact = accepted(text)
    canonical = canonical_address(exact)
    assert canonical_address(canonical) == canonical
    assert canonical_address(exact.upper()) == canonical


@given(typed)
def test_where_no_rule_of_a_provider_applies_all_of_them_together_change_nothing(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        quick = canonical_address(text)
        patch.setattr(identity, "_ANY_OF_THEM", re.compile(""))
        assert canonical_address(text) == quick


@given(st.text(), st.text())
def test_no_text_at_all_makes_it_raise(local: str, domain: str) -> None:
    assert "@" in canonical_address(f"{local}@{domain}")
    assert "@" in canonical_address(local)


@given(st.text(ATOM + ".", min_size=1, max_size=12), st.text(ATOM + ".", min_size=1, max_size=12), st.sampled_from(ORDINARY))
def test_outside_the_table_another_name_is_another_person(one: str, other: str, domain: str) -> None:
    same = canonical_address(f"{one}@{domain}") == canonical_address(f"{other}@{domain}")
    assert same == (one.lower() == other.lower())


@given(st.text("aokéłжюßв", min_size=1, max_size=20), st.sampled_from(["org", "by", "бел"]))
def test_a_domain_in_letters_and_in_punycode_is_the_same(name: str, suffix: str) -> None:
    exact = accepted(f"ona@{name}.{suffix}")
    assert exact.isascii()
    assert canonical_address(f"ona@{name}.{suffix}") == canonical_address(exact) or not exact


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.zorkalia.org", "zorkalia.org"),
        ("ZORKALIA。ORG。", "zorkalia.org"),
        ("a.b.zorkalia.co.uk", "zorkalia.co.uk"),
        ("zorkalia.com.by", "zorkalia.com.by"),
        ("news.zorkalia.github.io", "zorkalia.github.io"),
        ("zorkalia.blogspot.com", "zorkalia.blogspot.com"),
        *(
            (host, "")
            for host in ("", "localhost", "co.uk", "github.io", "127.0.0.1", "127.1", "0x7f.1", "0x7f.0.0.0x1", "1.0x", "[::1]", "a..b", "zorkalia%2eorg")
        ),
    ],
)
def test_the_registrable_domain_minds_public_suffixes_private_ones_too(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("ona@mail.zorkalia.org", "zorkalia.org"),
        ("https://www.zorkalia.org/en", "zorkalia.org"),
        ("https://zorkalia.org/@evil-host.example", "zorkalia.org"),
        ("https://zorkalia.org?www.@evil-host.example", "zorkalia.org"),
        ("https://zorkalia.org@evil-host.example/", "evil-host.example"),
        ("https://zorkalia.org\\@evil-host.example/", ""),
        ("https://[zorkalia.org/", ""),
        ("zorkalia.org", ""),
        ("", ""),
    ],
)
def test_the_domain_of_an_address_is_where_mail_and_browsers_go(text: str, domain: str) -> None:
    assert domain_of(text) == domain


@pytest.mark.parametrize(
    "text", ["https://0x7f.1/", "https://ona@zorkalia.org", "https://zorkalia.org\\@evil-host.example", "https://zorkalia.org%2eevil.example"]
)
def test_a_website_whose_host_is_doubtful_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        website_address(text)
