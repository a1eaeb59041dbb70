"""Languages: catalogs, plurals, dates, country names, collation and folding, from CLDR (Babel, ICU)."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

import babel
import icu
from babel import dates, lists, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = ("en", "be", "ru")
RTL = {"ar", "fa", "he", "ur", "ckb", "ps", "dv", "yi"}
INTERNATIONAL = "international"
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CATALOGS = Path(__file__).parent / "locale"
# What CLDR lists beside the ISO 3166-1 countries: groupings and reserved codes. Kosovo (XK) stays.
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


class Language:
    """One language a page can be read in."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = babel.Locale.parse("en_GB" if code == "en" else code)
        self.translations = _translations(code)
        self._collator = icu.Collator.createInstance(icu.Locale(code))

    @property
    def name(self) -> str:
        """The language's name in itself."""
        return language_name(self.code)

    def gettext(self, sentence: str, **values: object) -> str:
        """`sentence` in this language, with its placeholders filled."""
        text = self.translations.ugettext(sentence) if sentence else ""
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form that `count` needs; `%(count)s` is written with the language's own separators."""
        return self.translations.ungettext(one, many, count) % {"count": self.number(count)}

    def number(self, value: int) -> str:
        """1312 as 1,312 or 1 312."""
        return numbers.format_decimal(value, locale=self.locale)

    def date(self, day: date | datetime) -> str:
        """A day in words."""
        return dates.format_date(day, format="long", locale=self.locale)

    def clock(self, when: datetime) -> str:
        """The time of day to the second, in UTC."""
        return f"{dates.format_time(when, 'medium', tzinfo=UTC, locale=self.locale)} UTC"

    def moment(self, when: datetime, zone: tzinfo | None = None) -> str:
        """A moment in words, in UTC or in the time of the zone's city."""
        text = dates.format_datetime(when, "d MMMM y, HH:mm", tzinfo=zone, locale=self.locale)
        if zone is None:
            return f"{text} UTC"
        city = dates.get_timezone_location(zone, locale=self.locale, return_city=True)
        return self.gettext("%(moment)s (%(city)s time)", moment=text, city=city)

    def age(self, span: timedelta) -> str:
        """How long something has waited: 3 days."""
        return dates.format_timedelta(span, threshold=1.2, locale=self.locale)

    def join(self, items: Sequence[str]) -> str:
        """A list in one sentence: a, b and c."""
        return lists.format_list(list(items), locale=self.locale)

    def country(self, code: str | None) -> str:
        """A country's name; empty for none."""
        if not code:
            return ""
        if code == INTERNATIONAL:
            return self.gettext("International")
        return str(self.locale.territories.get(code, code))

    @cache  # noqa: B019 - there is one object per language for the life of the process
    def countries(self) -> tuple[tuple[str, str], ...]:
        """(code, name) of every country, in the language's order, `international` last."""
        named = sorted(((code, self.country(code)) for code in country_codes()), key=lambda pair: self.sort_key(pair[1]))
        return (*named, (INTERNATIONAL, self.country(INTERNATIONAL)))

    def sort_key(self, text: str) -> bytes:
        """ICU collation key: bytes that compare as the language's readers expect."""
        return bytes(self._collator.getSortKey(text))


def _translations(code: str) -> Translations:
    path = _CATALOGS / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled)


@lru_cache
def language(code: str) -> Language:
    """The language `code`, or English for one without a catalog (pages in it keep their own text)."""
    return Language(code) if code in LOCALES else language("en")


@cache
def country_codes() -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 codes and XK."""
    territories = babel.Locale("en").territories
    return tuple(sorted(code for code in map(str, territories) if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES))


def language_name(code: str) -> str:
    """The name of any language in itself, or its code."""
    try:
        name = babel.Locale.parse(code, sep="-").get_display_name()
    except (ValueError, babel.UnknownLocaleError):
        return code
    return (name or code).capitalize()


def direction(code: str | None) -> str:
    """`rtl` or `ltr` for a language, `auto` when unknown."""
    if not code:
        return "auto"
    return "rtl" if code.split("-")[0] in RTL else "ltr"


def regional(code: str) -> str:
    """A language with the territory where it is at home (be_BY), as Open Graph names locales; empty for a language of none.

    The territory is the tag's own, else the likely one of CLDR (UTS #35, Likely Subtags).
    """
    parsed = babel.Locale.parse("en-GB" if code == "en" else code, sep="-")
    known = babel.core.get_global("likely_subtags")
    _, likely, *_ = babel.parse_locale(known.get(f"{parsed.language}_{parsed.script}") or known.get(parsed.language, parsed.language))
    territory = parsed.territory or likely or ""
    return f"{parsed.language}_{territory}" if territory.isalpha() else ""


def canonical_tag(code: str) -> str:
    """A language tag in its recommended case: be, zh-Hant, pt-BR, be-tarask (RFC 5646, 2.1.1)."""
    head, *rest = code.split("-")
    return "-".join([head.lower(), *(part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower() for part in rest)])


@lru_cache(maxsize=512)
def valid_tag(code: str) -> bool:
    """Whether `code` is a BCP 47 tag of a language CLDR knows."""
    if not _TAG.fullmatch(code):
        return False
    try:
        return babel.Locale.parse(code, sep="-").language == code.split("-", maxsplit=1)[0].lower()
    except (ValueError, babel.UnknownLocaleError):
        return False


_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʻʹ`´′", "'"))
_PLAIN = str.maketrans("łøđı", "lodi")


def fold(text: str) -> str:
    """`text` for searching: case and marks gone, NFKD; й, ё and ў find и, е and у."""
    bare = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold().translate(_PLAIN)
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())
