"""Folding: the one form that all spellings of a word share.

A word is folded without case, accents, invisible characters or width; Arabic and Persian letter variants meet,
every decimal digit becomes ASCII. Folding twice changes nothing, and canonically equivalent strings (NFC, NFD)
fold to the same word.

What stays: й, ў, ї and other Cyrillic letters that are no accented vowel (ё becomes е), the vowel signs of Indic
and South-East-Asian scripts, the voicing marks of kana.

Sources: Unicode TR15 (normalisation), TR44 (Default_Ignorable_Code_Point); the Arabic and Persian unifications are
those of Lucene's ArabicNormalizer and PersianNormalizer, with the hamza carriers unified too.
"""

import unicodedata
from functools import lru_cache

import regex

# Invisible: joiners, soft hyphen, zero-width space, BOM, bidi marks, variation selectors. Not ZWNJ, which in Persian
# stands where a space could.
INVISIBLE = r"[\p{Default_Ignorable_Code_Point}--\u200c]"

# Letters that carry no decomposition but are typed as these.
_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ə": "e",
    # Half rings and primes of transliterations (ʿUla, Sanʿāʾ, Rusʹ): most people leave them out.
    "ʾ": "",
    "ʿ": "",
    "ʹ": "",
    "ʺ": "",
    # Apostrophes that only appear here out of a ligature (ŉ); in running text they end a word.
    "ʻ": "",
    "ʼ": "",
    "ʽ": "",
    "ꞌ": "",
    # Arabic, Persian, Urdu.
    "ـ": "",  # tatweel
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ڪ": "ك",
    "ة": "ه",
    "ە": "ه",
    "ہ": "ه",
    "ۃ": "ه",
}
_LETTER_TABLE = str.maketrans(_LETTERS)
_YPOGEGRAMMENI = "\u0345"  # casefold would make an iota of it, while people leave it out

_INVISIBLE = regex.compile(rf"(?V1){INVISIBLE}+")
_ACCENTS = regex.compile(r"(?V1)([[\p{Latin}\p{Greek}\p{Hebrew}\p{Arabic}\p{N}]&&[\p{L}\p{N}]])\p{M}+")
_CYRILLIC_MARKS = regex.compile(r"(?V1)([\p{Cyrillic}&&\p{L}])(\p{M}+)")
_NOT_WORD = regex.compile(r"(?V1)[^\p{L}\p{M}\p{N}]+")
_LEADING_MARKS = regex.compile(r"^\p{M}+")
_FOREIGN_DIGIT = regex.compile(r"(?V1)[\p{Nd}--[0-9]]")

# Marks that are dropped from a Cyrillic letter: stress and titlo. The acute stays on Macedonian ѓ and ќ.
_CYRILLIC_DROPPED = frozenset("\u0300\u0301\u0311\u0483\u0484\u0485\u0486\u0487")

# A letter under more marks than that is a prank, and its token must stay short.
_LONGEST_CHARACTER = 16
_JAMO = ("\u1100", "\u11ff")


def fold(word: str) -> str:
    """The folded form of one word; empty when nothing searchable is left of it. Never raises."""
    if word.isascii():
        return word.lower()
    return _fold(word) if len(word) <= 64 else _fold.__wrapped__(word)


@lru_cache(maxsize=65_536)
def _fold(word: str) -> str:
    bare = _INVISIBLE.sub("", word).replace(_YPOGEGRAMMENI, "")
    bare = unicodedata.normalize("NFKD", bare).replace(_YPOGEGRAMMENI, "")
    plain = unicodedata.normalize("NFKD", bare.casefold())
    plain = _NOT_WORD.sub("", _INVISIBLE.sub("", plain))
    plain = _ACCENTS.sub(r"\1", plain.translate(_LETTER_TABLE))
    plain = _CYRILLIC_MARKS.sub(_cyrillic_letter, plain)
    plain = _FOREIGN_DIGIT.sub(_ascii_digit, _LEADING_MARKS.sub("", plain))
    return unicodedata.normalize("NFC", plain)


def _cyrillic_letter(match: regex.Match[str]) -> str:
    base, marks = match[1], match[2]
    kept = [m for m in marks if m not in _CYRILLIC_DROPPED or (m == "\u0301" and base in "гк")]
    if base == "е":
        kept = [m for m in kept if m != "\u0308"]
    return base + "".join(kept)


def _ascii_digit(match: regex.Match[str]) -> str:
    return str(unicodedata.decimal(match[0], match[0]))


@lru_cache(maxsize=65_536)
def fold_character(character: str) -> str:
    """The folded form of one character of an unspaced script: a letter with its marks, nothing invisible.

    Width and radicals are unified (ﾊﾞ becomes バ, ⽂ becomes 文). What would fall apart into several letters stays.
    """
    composed = unicodedata.normalize("NFC", character)[:_LONGEST_CHARACTER]
    if composed in ("\u0e4d\u0e32", "\u0ecd\u0eb2"):  # Thai and Lao AM typed as two signs
        return "\u0e33" if composed[0] == "\u0e4d" else "\u0eb3"
    plain = unicodedata.normalize("NFKC", composed)
    becomes_jamo = _JAMO[0] <= plain[0] <= _JAMO[1] and plain[0] != composed[0]
    return composed if becomes_jamo or len(plain) > len(composed) else plain
