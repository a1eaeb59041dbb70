"""No look-alike is graded as an organisation's own domain; every true one is, and free mail excludes nobody."""

import json
from pathlib import Path

import pytest

from app.signatures.evidence import Evidence, disposable, free_mail, graded, resembles, shared_host
from app.signatures.identity import domain_of, exact_address, registrable_domain, website_address

DATA = Path(__file__).parent.parent / "data"
LOOKALIKES: list[dict[str, str]] = json.loads((DATA / "lookalike_domains.json").read_text(encoding="utf-8"))
OWN: list[dict[str, str]] = json.loads((DATA / "own_domains.json").read_text(encoding="utf-8"))
LOOKS = {"homoglyph", "typo", "suffix", "words", "subdomain"}


def kept(website: str) -> str:
    """The website as the form keeps it; "" for what the form refuses."""
    try:
        return website_address(website)
    except ValueError:
        return ""


def taken(row: dict[str, str], website: str, known: str) -> bool:
    """Whether the impostor passes, as typed or as the form keeps it."""
    address = f"office@{row['host']}"
    grades = {graded(typed, site, known) for typed in (address, exact_address(address)) for site in (website, kept(website))}
    return grades != {Evidence.DECLARED}


def test_there_are_three_hundred_different_lookalikes_of_other_domains() -> None:
    assert len({json.dumps(row, sort_keys=True) for row in LOOKALIKES}) == 300
    assert len({row["of"] for row in LOOKALIKES if row["trick"] != "public suffix"}) == 10
    strangers = [row for row in LOOKALIKES if registrable_domain(row["host"]) != registrable_domain(row["of"])]
    assert len(strangers) >= 280  # the others share a host that no public suffix list has


@pytest.mark.parametrize("known", [True, False], ids=["in the directory", "unknown"])
def test_no_address_at_a_lookalike_is_graded_with_the_true_website(known: bool) -> None:
    passed = [row for row in LOOKALIKES if taken(row, row.get("claims", f"https://{row['of']}/"), row["of"] if known else "")]
    assert (passed, len(LOOKALIKES)) == ([], 300)


def test_no_lookalike_with_its_own_website_is_graded_as_an_organisation_of_the_directory() -> None:
    passed = [row for row in LOOKALIKES if taken(row, row.get("shows", f"https://{row['host']}/"), row["of"])]
    assert (passed, len(LOOKALIKES)) == ([], 300)


@pytest.mark.parametrize("own", OWN, ids=lambda own: f"{own['address']} {own['website']}")
def test_an_address_at_the_own_domain_is_graded_as_such(own: dict[str, str]) -> None:
    assert graded(own["address"], own["website"], own["known"]) is Evidence.DOMAIN
    assert graded(exact_address(own["address"]), kept(own["website"]), own["known"]) is Evidence.DOMAIN


@pytest.mark.parametrize(
    ("address", "website", "known"),
    [
        ("zorkalia@gmail.com", "https://zorkalia.org/", "zorkalia.org"),
        ("zorkalia@gmail.com", "https://gmail.com/", ""),
        ("zorkalia@mail.tut.by", "https://www.tut.by/", ""),
        ("zorkalia@yandex.by", "https://yandex.by/", ""),
        ("office@zorkalia.fastmail.com", "https://fastmail.com/", ""),
        ("zorkalia@riseup.net", "https://riseup.net/", ""),
        ("zorkalia@guerrillamail.com", "https://guerrillamail.com/", ""),
        ("zorkalia@facebook.com", "https://www.facebook.com/zorkalia", ""),
        ("office@zorkalia.wordpress.com", "https://zorkalia.wordpress.com/", ""),
        ("office@zorkalia.org.by", "https://zorkalia.org.by/", "zorkalia.org.by"),
        ("office@zorkalia.org", "", ""),
        ("office@zorkalia.org", "zorkalia.org", ""),
        ("office@zorkalia.org", "https://zorkalia.org/", "other.example"),
        ("office@zorkalia.org", "https://zorkalia.org/", "not a host"),
        ("office@zorkalia.org", "https://[zorkalia.org/", ""),
        ("office@localhost", "https://localhost/", ""),
        ("office@127.0.0.1", "https://127.0.0.1/", ""),
        ("", "", ""),
    ],
)
def test_other_organisations_are_declared(address: str, website: str, known: str) -> None:
    assert graded(address, website, known) is Evidence.DECLARED


@pytest.mark.parametrize(
    "domain", ["gmail.com", "GMAIL.COM.", "proton.me", "ya.ru", "yandex.kz", "tut.by", "mail.ru", "tuta.com", "riseup.net", "ona.fastmail.com"]
)
def test_free_mail_is_known_under_every_name(domain: str) -> None:
    assert (free_mail(domain), shared_host(domain)) == (True, False)


def test_disposable_addresses_are_known_at_subdomains_too() -> None:
    assert [disposable(domain) for domain in ("mailinator.com", "a.b.Mailinator.com", "mailinator.com.example", "zorkalia.org")] == [True, True, False, False]


@pytest.mark.parametrize("site", ["https://t.me/zorkalia", "https://vk.com/zorkalia", "https://sites.google.com/view/zorkalia", "https://zorkalia.tilda.ws/"])
def test_a_page_at_a_shared_host_identifies_nobody(site: str) -> None:
    assert (shared_host(domain_of(site)), free_mail(domain_of(site)), disposable(domain_of(site))) == (True, False, False)


@pytest.mark.parametrize("domain", ["zorkalia.org", "news.zorkalia.org", "by", "", "not a host"])
def test_an_ordinary_domain_is_none_of_them(domain: str) -> None:
    assert (free_mail(domain), disposable(domain), shared_host(domain)) == (False, False, False)


def test_moderators_are_warned_of_nearly_every_lookalike() -> None:
    looks = [row for row in LOOKALIKES if row["trick"] in LOOKS]
    unnoticed = [row["host"] for row in looks if not resembles(row["host"], row["of"])]
    assert (len(looks), len(unnoticed) <= 2) == (230, True), unnoticed


@pytest.mark.parametrize(
    ("domain", "other"),
    [
        ("zorkalia.org", "zorkalia.org"),
        ("mail.ZORKALIA.org.", "www.zorkalia.org"),
        ("xn--80abbb9bmfv9gee2b.xn--90ais", "вольныябабры.бел"),
        ("vetrania.org", "zorkalia.org"),
        ("zubrova.org", "zorkalia.org"),
        ("gmail.com", "zorkalia.org"),
        ("olk.example", "ork.example"),
        ("zorkalia.ngo", "ngo.example"),
        ("zorkalia.org", ""),
        ("not a host", "zorkalia.org"),
    ],
)
def test_nobody_is_warned_of_a_domain_itself_or_of_another_name(domain: str, other: str) -> None:
    assert not resembles(domain, other)
