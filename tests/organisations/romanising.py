"""How names of Belarusian, Russian and Ukrainian are written in Latin letters, by the published tables."""

_BE = "абвгдеёжзійклмнопрстуўфхцчшыьэюя"
_RU = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_UK = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
_VOWELS = "аеёиоуыэюяіїєўйьъ"


def _table(letters: str, latin: str) -> dict[str, str]:
    return dict(zip(letters, latin.split(), strict=True)) | {"’": "", "'": ""}


# After a consonant, then at the start of a word or after a vowel or a soft sign.
_PLAIN: dict[str, dict[str, str]] = {
    "be-official": _table(_BE, "a b v h d ie io ž z i j k l m n o p r s t u ŭ f ch c č š y ́ e iu ia"),
    "be-bgn": _table(_BE, "a b v h d ye yo zh z i y k l m n o p r s t u w f kh ts ch sh y ’ e yu ya"),
    "be-passport": _table(_BE, "a b v h d e io zh z i i k l m n o p r s t u u f kh ts ch sh y ’ e iu ia"),
    "be-iso9": _table(_BE, "a b v g d e ë ž z ì j k l m n o p r s t u ŭ f h c č š y ʹ è û â"),
    "ru-passport": _table(_RU, "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y ’ e iu ia"),
    "ru-bgn": _table(_RU, "a b v g d e ë zh z i y k l m n o p r s t u f kh ts ch sh shch ” y ’ e yu ya"),
    "ru-iso9": _table(_RU, "a b v g d e ë ž z i j k l m n o p r s t u f h c č š ŝ ʺ y ʹ è û â"),
    "uk-official": _table(_UK, "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch ’ iu ia"),
    "uk-bgn": _table(_UK, "a b v h g d e ye zh z y i yi y k l m n o p r s t u f kh ts ch sh shch ’ yu ya"),
    "uk-iso9": _table(_UK, "a b v g g̀ d e ê ž z i ì ï j k l m n o p r s t u f h c č š ŝ ʹ û â"),
}
_INITIAL = {
    "be-official": {"е": "je", "ё": "jo", "ю": "ju", "я": "ja"},
    "ru-bgn": {"е": "ye", "ё": "yë"},
    "uk-official": {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"},
}
SYSTEMS = {language: [system for system in _PLAIN if system.startswith(language)] for language in ("be", "ru", "uk")}


def romanised(name: str, system: str) -> str:
    """`name` by one of the tables; capitals stay at the start of words."""
    return " ".join(_word(word, system) for word in name.split())


def _word(word: str, system: str) -> str:
    letters = word.lower().replace("зг", "zgh") if system == "uk-official" else word.lower()
    written = ""
    for place, letter in enumerate(letters):
        opening = place == 0 or letters[place - 1] in _VOWELS + "’'"
        found = _INITIAL.get(system, {}).get(letter) if opening and (place == 0 or system != "uk-official") else None
        written += found if found is not None else _PLAIN[system].get(letter, letter)
    return written[:1].upper() + written[1:] if word[:1].isupper() else written
