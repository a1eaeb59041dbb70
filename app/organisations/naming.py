"""When two names are probably of one organisation: across scripts, romanisations, legal forms, acronyms and languages."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.organisations.reading import Reading, Word, read
from app.organisations.words import Sort

ALIKE = 85.0
_BEST, _ABBREVIATED, _NEAR = 99.0, 92.0, 70.0
_ENDING = re.compile("(?:sk|n)?[aeiu]?[hmv]?$")


def skeleton(name: str) -> str:
    """What stays equal for one organisation across scripts and spellings: its folded words in their order.

    Legal forms, small words and an acronym of the rest are left out. At most 255 letters, ASCII unless nothing could be read.
    """
    return read(name).key


def acronym(name: str) -> str:
    """The acronym that a name carries beside itself, in capitals; "" for none."""
    found = read(name)
    return found.acronym if found.acronym in found.initials else ""


def likeness(a: str, b: str) -> float:
    """0 to 100; two names from `ALIKE` on are probably of one organisation."""
    return _likeness(read(a), read(b))


def alike(a: str, b: str) -> bool:
    """Whether somebody should look whether the two are one organisation."""
    return likeness(a, b) >= ALIKE


def alike_among(name: str, names: Sequence[str]) -> list[tuple[float, int]]:
    """Likeness and place of the names that are alike, best first.

    `names` are remembered taken apart, since a directory is asked again and again; `name` is not.
    """
    wanted, known = read(name), [_remembered(other) for other in names]
    found = ((_likeness(wanted, known[place]), place) for place in _candidates(wanted, known))
    return sorted((pair for pair in found if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1]))


_remembered = lru_cache(maxsize=20_000)(read)


def _candidates(wanted: Reading, known: list[Reading]) -> set[int]:
    """Places worth a closer look, found at the speed of C: `_near` for many."""
    ordered, cores = [other.ordered for other in known], [other.core or None for other in known]
    found = {place for place, other in enumerate(known) if wanted.joined == other.joined or _abbreviated(wanted, other)}
    for mine, theirs in ((wanted.ordered, ordered), (wanted.ordered, cores), (wanted.core, ordered), (wanted.core, cores)):
        found |= {place for _, _, place in process.extract(mine or None, theirs, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=None)}
    return found


def _near(a: Reading, b: Reading) -> bool:
    return any(fuzz.ratio(mine, theirs) >= _NEAR for mine in (a.ordered, a.core) for theirs in (b.ordered, b.core) if mine and theirs)


def _likeness(a: Reading, b: Reading) -> float:
    if a.key == b.key:
        return 100.0
    if _abbreviated(a, b):
        return _ABBREVIATED
    spelling = fuzz.ratio(a.ordered, b.ordered)
    if a.joined != b.joined and not (_near(a, b) and _same(a, b)):
        return min(spelling, ALIKE - 1)
    return ALIKE + spelling * (_BEST - ALIKE) / 100


def _abbreviated(a: Reading, b: Reading) -> bool:
    """Whether one is nothing but an acronym of the other."""
    return any(len(one.words) == 1 and len(one.acronym) > 2 and one.acronym in other.initials for one, other in ((a, b), (b, a)))


def _same(a: Reading, b: Reading) -> bool:
    """Whether all that makes a name in one is in the other too, in whatever language.

    One of the two may be said in short: without an acronym, without what describes a name that stands in quotation marks, or as the name alone.
    """
    shared, left, right = _aligned(a.words, b.words)
    if left and right:
        left, right = _unabbreviated(left, right), _unabbreviated(right, left)
    if left and right:
        return all(_meant(word, b.words) for word in left) and all(_meant(word, a.words) for word in right)
    return all(word.sort in _left_out(shared, a.quoted | b.quoted) for word in left + right)


def _left_out(shared: list[Word], quoted: frozenset[str]) -> set[Sort]:
    """What may be missing beside the words that two names share."""
    names = [word.text for word in shared if word.sort is Sort.NAME]
    if len("".join(names)) > 4 and not any(word.sort is Sort.BODY for word in shared):
        return {Sort.ACRONYM, Sort.BODY, Sort.QUALITY, Sort.SCOPE, Sort.TOPIC}
    if not quoted.isdisjoint(names):
        return {Sort.ACRONYM, Sort.BODY, Sort.QUALITY}
    return {Sort.ACRONYM} if shared else set()


def _aligned(a: Sequence[Word], b: Sequence[Word]) -> tuple[list[Word], list[Word], list[Word]]:
    """The words of `a` that `b` has too, and what is left of each; equal words find each other before similar ones."""
    shared, left, right = [], list(a), list(b)
    for matches in (_equal, _similar):
        for word in tuple(left):
            partner = next((other for other in right if matches(word, other)), None)
            if partner:
                shared.append(partner if partner.sort is Sort.NAME else word)
                left.remove(word)
                right.remove(partner)
    return shared, left, right


def _equal(a: Word, b: Word) -> bool:
    return a.text == b.text


def _similar(a: Word, b: Word) -> bool:
    """The same word with a slip or another ending; the shorter it is, the likelier it is another word."""
    shorter = min(len(a.text), len(b.text))
    if shorter < 5 or a.text[0] != b.text[0] or not (a.text + b.text).isalpha() or (a.meaning != b.meaning and Sort.NAME not in {a.sort, b.sort}):
        return False
    slips = OSA.distance(a.text, b.text, score_cutoff=2)
    other_letter = len(a.text) == len(b.text) and sorted(a.text) != sorted(b.text)
    return (slips <= 1 + (shorter > 8) and (shorter > 7 or not other_letter)) or (len(_stem(a.text)) > 4 and _stem(a.text) == _stem(b.text))


def _stem(text: str) -> str:
    return _ENDING.sub("", text)


def _meant(word: Word, others: Sequence[Word]) -> bool:
    return any(word.meaning == other.meaning for other in others)


def _unabbreviated(words: list[Word], beside: list[Word]) -> list[Word]:
    """`words` without an acronym when all that is left beside it only describes: HRC and Праваабарончы цэнтр."""
    describing = all(word.sort in {Sort.BODY, Sort.QUALITY} for word in beside)
    return [word for word in words if word.sort is not Sort.ACRONYM or not describing]
