"""Pure rules about addresses and websites: the canonical e-mail, the registrable domain."""

import unicodedata
from functools import cache
from urllib.parse import urlsplit

import idna
from email_validator import EmailNotValidError, validate_email
from publicsuffixlist import PublicSuffixList


def exact_address(text: str) -> str:
    """The address as mail is sent to it; raises ValueError."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError("not an address") from error
    return checked.ascii_email or checked.normalized


def canonical_address(address: str) -> str:
    """The form under which an address is unique: NFC, lower case, ASCII domain."""
    local, _, domain = unicodedata.normalize("NFC", address).lower().rpartition("@")
    return f"{local}@{_ascii(domain)}"


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
    host = address_or_url.rpartition("@")[2] if "@" in address_or_url else urlsplit(address_or_url).hostname or ""
    return registrable_domain(host)


def registrable_domain(host: str) -> str:
    """The name an organisation registers (public suffix list), in ASCII; "" when `host` is none."""
    name = _ascii(host.lower().rstrip("."))
    if not name or name.replace(".", "").isdigit():
        return ""
    return _suffixes().privatesuffix(name) or ""


def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True)


def name_language(name: str, page_language: str) -> str:
    """The language a name is written in, as far as it shows: Cyrillic typed on a Cyrillic page; else unknown."""
    letters = [c for c in name if c.isalpha()]
    cyrillic = bool(letters) and all(unicodedata.name(c, "").startswith("CYRILLIC") for c in letters)
    return page_language if cyrillic and page_language in {"be", "ru"} else ""
