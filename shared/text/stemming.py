"""Stems: the form that the inflections of a word share, named with its language (`en:conserv`).

An article holds, for every word, the stem in the article's own language. A query has no language, so an unquoted word
stands for its stems in every language of its script; it meets an article when one of them is the article's.

Stemmers are Snowball's (https://snowballstem.org, PyStemmer). Both sides stem the *folded* word, so that a query
typed without accents finds the same articles. Where a stemmer tells endings by an accent that folding took
(Portuguese -ção, Arabic ة), the ending is put back first; й survives folding.
"""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from threading import Lock
from typing import Protocol, cast

import regex
import Stemmer

from shared.text.folding import fold

# fmt: off
_LATIN = (
    "ca", "cs", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "hu",
    "id", "it", "lt", "nl", "no", "pl", "pt", "ro", "sr", "sv", "tr",
)
# fmt: on
_SCRIPT_LANGUAGES = {
    "latin": _LATIN,
    "cyrillic": ("ru", "sr"),
    "arabic": ("ar", "fa"),
    "greek": ("el",),
    "armenian": ("hy",),
    "devanagari": ("hi", "ne"),
    "tamil": ("ta",),
}
_LANGUAGES = frozenset(key for keys in _SCRIPT_LANGUAGES.values() for key in keys)
# Written languages that one stemmer serves.
_SERVED_BY = {"nb": "no", "nn": "no", "hr": "sr", "bs": "sr", "sh": "sr", "cnr": "sr"}

# (ending after folding, what the stemmer gets instead); the first that fits.
_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "ar": (("ه", "ة"),),
    "ca": (("io", "ió"),),
    "cs": (("eho", "ého"), ("emu", "ému"), ("iho", "ího"), ("ych", "ých"), ("ym", "ým"), ("ymi", "ými")),
    "fr": (("ees", "ées"), ("ee", "ée")),
    "pl": (("ow", "ów"),),
    "pt": (("oes", "ão"), ("ao", "ão"), ("ais", "al")),
    "ro": (
        ("atie", "ație"),
        ("atii", "ații"),
        ("atia", "ația"),
        ("ase", "așe"),
        ("as", "aș"),
        ("asul", "așul"),
    ),
}
# What a stemmer leaves on some forms of a word and not on others: музе(я), муз(ей).
_REMAINS = {"ru": "е"}
_PERSIAN_LETTERS = str.maketrans("يك", "یک")

_SCRIPT = regex.compile(
    r"(?P<latin>\p{Latin})|(?P<cyrillic>\p{Cyrillic})|(?P<arabic>\p{Arabic})|(?P<greek>\p{Greek})"
    r"|(?P<armenian>\p{Armenian})|(?P<devanagari>\p{Devanagari})|(?P<tamil>\p{Tamil})"
)
# Shorter words hardly inflect and would meet by chance.
_SHORTEST = 3


class _Stems(Protocol):
    def stemWord(self, word: str) -> str: ...


# A Snowball stemmer keeps the word it works on inside itself.
_ONE_AT_A_TIME = Lock()


def stem_language(language: str) -> str | None:
    """The language whose stemmer serves an article's language tag (`pt-BR` gives `pt`), or None."""
    primary = language.replace("_", "-").partition("-")[0].lower()
    key = _SERVED_BY.get(primary, primary)
    return key if key in _LANGUAGES else None


def stem_term(token: str, language: str) -> str | None:
    """The stem of a folded token in a language, as `language:stem`; None when it has none there.

    Words of another script than the language's have none: a Latin name in a Russian article is only found exactly.
    """
    key = stem_language(language)
    return _own_stems(key)(token) if key else None


def stem_terms(words: Iterable[str], language: str) -> list[str]:
    """The stem terms of an article's folded words, in order; words that have none are passed over."""
    key = stem_language(language)
    if key is None:
        return []
    return list(filter(None, map(_own_stems(key), words)))


@lru_cache(maxsize=16_384)
def inflections(token: str) -> tuple[str, ...]:
    """All stem terms that a query word stands for: one per language that is written in its script."""
    return tuple(_stem(token, key) for key in _languages_of(token))


def _languages_of(token: str) -> tuple[str, ...]:
    if len(token) < _SHORTEST or token[0].isdigit():
        return ()
    if token.isascii():
        return _SCRIPT_LANGUAGES["latin"]
    match = _SCRIPT.match(token)
    return _SCRIPT_LANGUAGES[match.lastgroup] if match and match.lastgroup else ()


@cache
def _own_stems(key: str) -> Callable[[str], str | None]:
    """A cache for each language: found by the word alone, a stem costs half as much as by word and language."""

    @lru_cache(maxsize=32_768)
    def own_stem(token: str) -> str | None:
        return _stem(token, key) if key in _languages_of(token) else None

    return own_stem


@lru_cache(maxsize=65_536)
def _stem(token: str, key: str) -> str:
    word = token.translate(_PERSIAN_LETTERS) if key == "fa" else token
    for folded, spelt in _ENDINGS.get(key, ()):
        if word.endswith(folded):
            word = word.removesuffix(folded) + spelt
            break
    with _ONE_AT_A_TIME:
        stem = fold(_stemmer(key).stemWord(word))
    return f"{key}:{stem.removesuffix(_REMAINS.get(key, '')) or token}"


@cache
def _stemmer(key: str) -> _Stems:
    return cast(_Stems, Stemmer.Stemmer(key, 0))
