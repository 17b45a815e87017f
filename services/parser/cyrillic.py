"""Which of its encodings a Cyrillic text is in, where nobody says so: each reads the letters of the others as letters.

Only the right one gives words in small letters with the vowels and consonants that are frequent in every language written
so; the others swap small and capital letters (KOI8-R and Windows-1251), mix them within words, or give signs.
"""

import re
from dataclasses import dataclass

# Where one fits as well as the other, the more frequent comes first. KOI8-U is KOI8-R with four more letters.
ENCODINGS = ("cp1251", "koi8-u", "iso8859-5", "cp866")
# Letters below which chance decides.
FEWEST = 12
# Of what is not ASCII: the share that stands in words of nothing else, and of signs that no text has.
WHOLE_WORDS = 0.8
MOST_SIGNS = 0.05
# Of the letters: small ones, the frequent ones without twice the rare ones, and capitals behind a small one.
SMALL = 0.6
FREQUENT = 0.4
MOST_WITHIN = 0.1
# To know better than what is declared, a text must be longer, and its letters more frequent.
SURE_LETTERS, SURE_FREQUENT = 100, 0.5

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_LETTERS = re.compile(r"[\u0400-\u04ff]")
_WITHIN = re.compile(r"[а-яё-џґ][А-ЯЀ-ЏҐ]")
_USUAL_SIGNS = re.compile(r"[\u00a0§©«°±·»–—‘’‚“”„†•…‰‹›€№™−]")
_COMMON = frozenset("оеаинтсрвлі")
# In the place of letters that Hebrew and Greek use often.
_RARE = frozenset("шщъфцэ")


@dataclass(frozen=True, slots=True)
class _Fit:
    encoding: str
    letters: int
    frequent: float


def cyrillic_encoding(body: bytes) -> str | None:
    """The encoding, if the bytes are a Cyrillic text that is mostly in small letters; else None."""
    return max(fits, key=lambda fit: fit.frequent).encoding if (fits := _fits(body)) else None


def other_cyrillic(body: bytes, told: str) -> str | None:
    """The encoding, where `told` is a Cyrillic one and plainly the wrong one; else None."""
    told = "koi8-u" if told == "koi8-r" else told
    if told not in ENCODINGS:
        return None
    fits = _fits(body)
    if any(fit.encoding == told for fit in fits):
        return None
    sure = [fit for fit in fits if fit.letters >= SURE_LETTERS and fit.frequent >= SURE_FREQUENT]
    return max(sure, key=lambda fit: fit.frequent).encoding if sure else None


def _fits(body: bytes) -> list[_Fit]:
    words = [word for word in _WORD.findall(body) if not word.isascii()]
    whole = sum(len(word) for word in words if not _ASCII_LETTER.search(word))
    if whole < FEWEST or whole < WHOLE_WORDS * sum(map(len, words)):
        return []
    text = b" ".join(words)
    return [fit for name in ENCODINGS if (fit := _fit(text, name))]


def _fit(body: bytes, encoding: str) -> _Fit | None:
    text = body.decode(encoding, "replace")
    letters = _LETTERS.findall(text)
    signs = sum(not c.isascii() for c in text) - len(letters) - len(_USUAL_SIGNS.findall(text))
    if len(letters) < FEWEST or signs > MOST_SIGNS * len(letters):
        return None
    small = sum(c.islower() for c in letters)
    if small < SMALL * len(letters) or len(_WITHIN.findall(text)) > MOST_WITHIN * len(letters):
        return None
    frequent = sum((c.lower() in _COMMON) - 2 * (c.lower() in _RARE) for c in letters) / len(letters)
    return _Fit(encoding, len(letters), frequent) if frequent >= FREQUENT else None
