"""What a line says, apart from what differs from page to page: the same furniture gets the same fingerprint.

Letters and digits alone count, case does not, every number is like every other. Dates and the names after "by",
"photo:" and the like are masked too; a line where that was done is `loose`: it is a form more than a text.
"""

import hashlib
import re
from dataclasses import dataclass

import regex

# A longer line is no form with a date or a name in it.
LONGEST_FORM = 120

_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")
_WORD = r"[^\W\d_]{2,14}"
# Each begins with a figure, so that looking for it is quick; a weekday or month before it goes with it.
_DATES = (
    regex.compile(
        rf"\d{{1,2}}(?:st|nd|rd|th|er|\.|º|ª)?[\s-]+(?:de\s+|of\s+|d['’]|di\s+)?{_WORD}\.?,?[\s-]+(?:de\s+|del\s+)?\d{{4}}\b"
    ),
    regex.compile(r"\d{1,2}(?:st|nd|rd|th)?,\s*\d{4}\b"),
)
_WORD_BEFORE = regex.compile(rf"(?:{_WORD},?\s+)?{_WORD}\.?,?\s+$")
_HAN_DATE = regex.compile(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*[日号]?|\d{4}년\s*\d{1,2}월\s*\d{1,2}일")
_HAN_WEEKDAY = regex.compile(r"星期[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일")
_NAME = r"\p{Lu}[\p{L}\p{M}'’.-]*"
_AFTER = (
    r"(?i:by|von|par|por|di|da|door|av|af|oleh|przez|автор|текст|фото|текст и фото|text|words|written by|reporting by|"
    r"posted by|photo|photos|photograph|foto|fotos|image|picture|credit|author|editor|reporter|redacción|autor|auteur)"
)
_NAMES = regex.compile(
    rf"(?<!\w){_AFTER}\s*[:/|]?\s+({_NAME}(?:\s+(?:(?:de|van|von|bin|al|el|y|and|und|et)\s+)?{_NAME}){{0,4}})"
)
# Given and family name at the end of a form, whatever the words before them mean.
_FULL_NAME = regex.compile(
    rf"(?<=[\p{{Ll}}\p{{Lo}}\p{{M}}][::]?\s)({_NAME}(?:\s+{_NAME}){{1,3}})(?=$|\s*[–—|·•,(/-])"
)
_HAN_LABEL = regex.compile(r"^[\p{Han}]{1,4}\s*[::]\s*([\p{Han}·]{2,4})(?=$|\s*[–—|·•,(/-])")
_HAN_NAMES = regex.compile(
    r"(?:记者|記者|文|图|圖|摄影|攝影|作者|编辑|編輯|责任编辑|責任編輯|责编|校对|来源|來源|通讯员|取材|撮影|기자|글|사진)\s*[::/]\s*([\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\s]{2,16})"
)


# Quick looks that spare the thorough ones, on ASCII text: two capitals after a small letter, and a word of `_AFTER`.
_TWO_WORDS = re.compile(r"[a-z]:?\s[A-Z]")
_ASCII_WORDS = re.compile(r"[a-z]+")
_ASCII_AFTER = frozenset(re.findall(r"[a-z]+", _AFTER.removeprefix("(?i:")))
# The signs of `_HAN_NAMES` and `_HAN_LABEL` stand here or beyond.
_EASTERN = re.compile("[\u2e80-\U0010ffff]")
_ASCII_NOT_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A line's hash (64 bits) and whether dates or names were masked in it."""

    value: int
    loose: bool


class Fingerprints(dict[str, Fingerprint | None]):
    """The fingerprints of a page's lines by their text, each made once: `prints[text]`."""

    def __missing__(self, text: str) -> Fingerprint | None:
        self[text] = found = fingerprint(text)
        return found


def fingerprint(text: str) -> Fingerprint | None:
    """The fingerprint of a tidy line; None for one without letters and digits."""
    masked, loose = _masked(text)
    letters = _NUMBER.sub("0", _letters(masked))
    if not letters:
        return Fingerprint(hash_of("\x00"), loose=True) if loose else None
    # Without a letter it is a form too: a page number, a time, a count.
    return Fingerprint(hash_of(letters), loose or not any(map(str.isalpha, letters)))


def _letters(text: str) -> str:
    if text.isascii():
        return text.lower().encode().translate(None, _ASCII_NOT_LETTERS).decode()
    return _NOT_LETTERS.sub("", text.casefold())


def hash_of(text: str) -> int:
    """64 bits that follow from the text alone, on any machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), "little")


def _masked(text: str) -> tuple[str, bool]:
    if len(text) > LONGEST_FORM:
        return text, False
    found = _without_dates(text) if _NUMBER.search(text) else text
    plain = found.isascii()
    if not plain or not _ASCII_AFTER.isdisjoint(_ASCII_WORDS.findall(found.lower())):
        found = _without(_NAMES, found)
    if not plain or _TWO_WORDS.search(found):
        found = _without(_FULL_NAME, found)
    if not plain and _EASTERN.search(found):
        found = _without(_HAN_LABEL, _without(_HAN_NAMES, found))
    return found, found != text


def _without(names: regex.Pattern[str], text: str) -> str:
    """The text without the names that follow a word."""
    return names.sub(lambda m: m[0][: m.start(1) - m.start()], text)


def _without_dates(text: str) -> str:
    for pattern in _DATES:
        if match := pattern.search(text):
            before = _WORD_BEFORE.search(text, 0, match.start())
            text = f"{text[: before.start() if before else match.start()]} {text[match.end() :]}"
    return _HAN_WEEKDAY.sub(" ", _HAN_DATE.sub(" ", text))
