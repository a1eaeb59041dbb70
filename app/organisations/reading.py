"""Take a name apart: what belongs to its legal form, what is its acronym, what each word tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import normalize

import regex
from anyascii import anyascii

from app.organisations.spelling import fold
from app.organisations.words import Sort, meaning

_KEY_LIMIT = 255
_TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_QUOTED = regex.compile(r"[«“„\"](.+?)[»”“\"]")
_INNER_SIGN = regex.compile(r"(?<=\p{L})[’'ʼ`´′″”](?=\p{L})")
_VOWEL = regex.compile("[aeiouy]")
_SMALL_WORDS = """
    the of for and in on to a an at by with from et de la le les des du d l pour en y del los las el para por für und der die das des dem den im
    zu zur zum i w z na do dla o we ze pro ve s v k po za ob ot dlya dlia
    і и й та у ў в ва во на па по за для аб о об пра про з із со с от ад від до да г
"""
_LEGAL_FORMS = """
    ngo ngos npo inc incorporated ltd limited llc ggmbh gmbh ev asbl aisbl vzw zs ops zu oz spzoo doo sro onlus ets org
    eingetragenerverein nongovernmentalorganisation nongovernmentalorganization nonprofitorganisation nonprofitorganization
    грамадскаеабяднанне міжнароднаеграмадскаеабяднанне рэспубліканскаеграмадскаеабяднанне
    грамадскаяарганізацыя няўрадаваяарганізацыя некамерцыйнаяарганізацыя
    общественноеобъединение международноеобщественноеобъединение международнаяобщественнаяорганизация
    общественнаяорганизация региональнаяобщественнаяорганизация неправительственнаяорганизация
    некоммерческаяорганизация автономнаянекоммерческаяорганизация
    громадськаорганізація всеукраїнськагромадськаорганізація громадськаспілка громадськеобєднання неурядоваорганізація organizacjapozarządowa
"""
# Short enough to be words as well, so only in capitals.
_FORMS_IN_CAPITALS = """
    CSO INGO ONG OSC GO HA OO RGA MGA ANO NKO ROO MOO HO VHO ГА РГА МГА ГО ВГО ГС ВГС БО ВБО БФ ОО РОО МОО АНО НКО НПО НГО УП ТАА ООО ПУ ЧУ ГУ
"""
_SMALL, _FORMS, _CAPITALS = (frozenset(words.split()) for words in (_SMALL_WORDS, _LEGAL_FORMS, _FORMS_IN_CAPITALS))


class Word(NamedTuple):
    """A folded word, what it tells, and its meaning, which is the same in every language."""

    text: str
    sort: Sort
    meaning: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A name taken apart: `words` without legal form, small words and an acronym of the rest.

    `acronym` and what could be one, `initials`, are in capitals and in the script of the name; `quoted` are the folded words between
    quotation marks, none when all are; `ordered` and `core`, all words and those that make the name, stand in the order of the alphabet.
    """

    key: str
    words: tuple[Word, ...]
    acronym: str
    initials: frozenset[str]
    quoted: frozenset[str]
    joined: str
    ordered: str
    core: str


def read(name: str) -> Reading:
    """Take `name` apart; one that no letter can be read from is its own key."""
    body = _without_form(_tokens(name))
    tokens = [token for token in body if token.lower() not in _SMALL] or body
    quoted, acronym = _quoted(name, body), _acronym(tokens)
    beside = f"({acronym})" in name
    initials = {_initials(token for token in some if token != acronym and fold(token) not in quoted) for some in (tokens, body)}
    spoken = [token for token in tokens if token != acronym or acronym.upper() not in initials]
    words = tuple(_word(token, token == acronym and (beside or len(token) < 5), quoted) for token in spoken if fold(token))
    key = " ".join(word.text for word in words) or name.casefold()
    return Reading(
        key=key[:_KEY_LIMIT],
        words=words,
        acronym=acronym.upper(),
        initials=frozenset(initials | ({acronym.upper()} if beside else set())),
        quoted=quoted,
        joined=key.replace(" ", ""),
        ordered=_in_order(words),
        core=_in_order(word for word in words if word.sort is Sort.NAME),
    )


def _quoted(name: str, tokens: list[str]) -> frozenset[str]:
    """What stands between quotation marks, unless all of it does."""
    inside = frozenset(fold(token) for part in _QUOTED.findall(name) for token in _tokens(part))
    return inside if any(fold(token) not in inside for token in tokens) else frozenset()


def _in_order(words: Iterable[Word]) -> str:
    return " ".join(sorted(word.text for word in words))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_INNER_SIGN.sub("", normalize("NFKC", text)))


def _initials(tokens: Iterable[str]) -> str:
    return "".join(token[0] for token in tokens).upper()


def _word(token: str, acronym: bool, quoted: frozenset[str]) -> Word:
    text = fold(token)
    if acronym:
        plain = anyascii(token).lower()
        text = text if _VOWEL.search(plain) else plain  # folding would leave too little of a few consonants
        return Word(text, Sort.ACRONYM, text)
    sort, meant = meaning(text)
    return Word(text, Sort.NAME if text in quoted else sort, meant)


def _acronym(tokens: list[str]) -> str:
    """The first or last word in capitals, where not all are."""
    if len(tokens) > 1 and all(token.isupper() for token in tokens):
        return ""
    return next((token for token in tokens[-1:] + tokens[:1] if 2 <= len(token) <= 10 and sum(c.isupper() for c in token) * 2 > len(token)), "")


def _without_form(tokens: list[str]) -> list[str]:
    """Legal forms taken off both ends, but never all there is."""
    for count in range(min(5, len(tokens) - 1), 0, -1):
        if _is_form(tokens[:count]):
            return _without_form(tokens[count:])
        if _is_form(tokens[-count:]):
            return _without_form(tokens[:-count])
    return tokens


def _is_form(tokens: list[str]) -> bool:
    joined = "".join(tokens)
    return joined in _CAPITALS or joined.lower() in _FORMS
