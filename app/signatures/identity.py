"""Pure rules about addresses and websites: the canonical e-mail, the registrable domain."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

import idna
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from publicsuffixlist import PublicSuffixList
from rapidfuzz import fuzz, process

from app.organisations.spelling import fold

_ALIKE = 88
_PLAIN_HOST = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")  # no two hyphens together, so no punycode
# What most people write. The library would give it back as it is, fifty times more slowly.
_PLAIN_ADDRESS = re.compile(r"[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]+")
_NO_MAIL_THERE = tuple(f"{mark}{name}" for name in SPECIAL_USE_DOMAIN_NAMES if name != "test" for mark in ".@")
_FASTMAIL = r"(fastmail\.(?:com|fm|net|org|us|de|fr|nl|im|to|co\.uk)|sent\.com)"
_PROTON = r"(?:proton\.me|protonmail\.(?:com|ch)|pm\.me)"
_YAHOO = r"(?:yahoo\.(?:com|de|fr|es|it|pl|ca|co\.uk)|ymail\.com|rocketmail\.com)"
_YANDEX = r"(?:ya\.ru|yandex\.(?:ru|by|kz|ua|uz|az|kg|md|tj|tm|lt|lv|ee|fr|com(?:\.(?:am|ge|ru|tr|ua))?|co\.il))"

# What one mailbox is written as, applied from top to bottom to the lower-case address. A provider that is not here is
# left alone but for the tag: two spellings may be two people there.
_ONE_MAILBOX = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        # name+tag (RFC 5233) everywhere: whoever reads `name` reads every tag, so that a tag would be a second vote for
        # the asking, while two people whose addresses differ by no more than a tag do not occur.
        (r"^([^+]+)\+.*@", r"\1@"),
        # anything@name.fastmail.com is name@fastmail.com: Fastmail help, "Plus addressing and subdomain addressing".
        (rf"^.*@([^.]+)\.{_FASTMAIL}$", r"\1@\2"),
        # Dots count for nothing: Gmail help, "Dots don't matter in Gmail addresses" (at its own domains alone).
        (r"@googlemail\.com$", "@gmail.com"),
        (r"\.(?=.*@gmail\.com$)", ""),
        # Neither do dots, underscores and hyphens: `canonicalizeEmail` in Proton's WebClients; "Addresses and aliases".
        (rf"@{_PROTON}$", "@proton.me"),
        (r"[._-](?=.*@proton\.me$)", ""),
        # One login on all domains, a dot being a hyphen: Yandex help, "Mailbox aliases"; `EuEmailService` of Yandex Webmaster.
        (rf"@{_YANDEX}$", "@yandex.ru"),
        (r"\.(?=.*@yandex\.ru$)", "-"),
        # Apple support 118230, "About your @icloud.com, @me.com, and @mac.com email addresses".
        (r"@(?:me|mac)\.com$", "@icloud.com"),
        # nickname-word: a hyphen stands in disposable addresses alone, never in a Yahoo ID (patent US 2006/0041621). It is
        # kept, since the nickname of one person may be the ID of another.
        (rf"-.*(?=@{_YAHOO}$)", "-"),
    )
)
_ANY_OF_THEM = re.compile("|".join(pattern.pattern for pattern, _ in _ONE_MAILBOX))


def exact_address(text: str) -> str:
    """The address as mail is sent to it; raises ValueError."""
    text = text.strip()
    if len(text) < 64 and _PLAIN_ADDRESS.fullmatch(text) and not text.endswith(_NO_MAIL_THERE):
        return text
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError("not an address") from error
    return checked.ascii_email or checked.normalized


def canonical_address(address: str) -> str:
    """The form under which an address is unique, never one to send to; idempotent, and never raises.

    NFC, lower case and the domain in ASCII (UTS #46), then the spellings that each provider delivers to one mailbox.
    """
    local, _, domain = unicodedata.normalize("NFC", address).lower().rpartition("@")
    written = f"{local}@{ascii_host(domain) or domain}"
    for pattern, one in _ONE_MAILBOX if _ANY_OF_THEM.search(written) else ():
        written = pattern.sub(one, written)
    return written


def website_address(text: str) -> str:
    """A web address with its scheme; "" for none. Raises ValueError for anything else."""
    text = text.strip()
    if not text:
        return ""
    url = text if "://" in text else f"https://{text}"
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme.lower() not in {"http", "https"} or parts.username or parts.password or len(url) > 200 or not url.isprintable() or " " in url:
        raise ValueError("not a web address")
    if not registrable_domain(host) or parts.port not in {None, 80, 443}:
        raise ValueError("not a web address")
    return parts._replace(scheme=parts.scheme.lower(), fragment="").geturl()


def domain_of(address_or_url: str) -> str:
    """The registrable domain of an e-mail or web address; "" when there is none."""
    if "://" not in address_or_url:
        return registrable_domain(address_or_url.rpartition("@")[2]) if "@" in address_or_url else ""
    if "\\" in address_or_url:  # a slash to browsers (WHATWG URL) but not to urlsplit: they would disagree on the host
        return ""
    try:
        return registrable_domain(urlsplit(address_or_url).hostname or "")
    except ValueError:
        return ""


def registrable_domain(host: str) -> str:
    """The name an organisation registers (public suffix list), in ASCII; "" when `host` is none."""
    name = ascii_host(host)
    if not name or re.search(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$", name):  # such a host is an IPv4 address (WHATWG URL)
        return ""
    return _suffixes().privatesuffix(name) or ""


def ascii_host(host: str) -> str:
    """The host name in lower case and ASCII, any full stop of Unicode a dot (IDNA 2008, UTS #46); "" when it is none."""
    if len(host) < 64 and _PLAIN_HOST.fullmatch(host):
        return host  # IDNA would say the same, a hundred times more slowly
    try:
        return idna.encode(host, uts46=True).decode().rstrip(".")
    except idna.IDNAError:
        return ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)


def sounds(name: str) -> str:
    """How a person's name sounds, in ASCII: alike in any script, with and without marks, in any order of words."""
    return " ".join(sorted(filter(None, (fold(word) for word in name.replace("-", " ").split()))))


def same_people(name: str, others: Sequence[str], limit: int) -> list[int]:
    """Places of those that may be one person's name, most alike first; `others` as `sounds` writes them. A hint, no verdict."""
    return [place for _, _, place in process.extract(sounds(name), others, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=limit)]


def name_language(name: str, page_language: str) -> str:
    """The language a name is written in, as far as it shows: Cyrillic typed on a Cyrillic page; else unknown."""
    if page_language not in {"be", "ru"}:
        return ""
    letters = [c for c in name if c.isalpha()]
    return page_language if letters and all(unicodedata.name(c, "").startswith("CYRILLIC") for c in letters) else ""
