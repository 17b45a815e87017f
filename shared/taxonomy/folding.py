"""One spelling for names and cues: text is folded, and every place in the folded form leads back to the original.

Folding takes what a reader takes for the same word to the same characters: compatibility forms (Unicode NFKC),
case, accents on alphabetic letters, apostrophes and dashes of every kind, runs of white space, invisible
characters, digits of every script, Arabic letter forms, traditional Chinese characters (as far as the table of
pairs goes) and pinyin printed in brackets after a Chinese character.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping

import regex

# Characters that fold to nothing or to several; they are set apart and handled one by one.
_ODD = "\ue000"
_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029\u200c")
_INVISIBLE = frozenset("\u200b\u200d\u200e\u200f\u2060\ufeff\u00ad\u0640")
_APOSTROPHES = frozenset("’‘ʼ`´′ʻʽ＇‛")
_QUOTES = frozenset("“”„‟«»″〝〞「」『』")
_DASHES = frozenset("‐‑‒–—―−－﹣～〜~")
# Letters that Arabic, Persian and Urdu keyboards give for one another.
_ARABIC = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىئیےې", "ي"),
    **dict.fromkeys("ةۀہۃۂھ", "ه"),
    "ک": "ك",
    "ؤ": "و",
}
_PINYIN = r"(?<=\p{Han})[(（]\p{Ll}{1,6}[)）]"
_LOOSE = regex.compile(rf"{_PINYIN}|{_ODD}| {{2,}}")


def _fold_character(character: str, simplified: Mapping[str, str]) -> str:
    if character in _SPACES:
        return " "
    if character in _INVISIBLE:
        return ""
    character = simplified.get(character, character)
    folded = unicodedata.normalize("NFKC", character).casefold()
    return "".join(_fold_one(each) for each in folded)


def _fold_one(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character in _QUOTES:
        return '"'
    if character in _DASHES:
        return "-"
    if character in _ARABIC:
        return _ARABIC[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    # Hangul and kana fall apart under decomposition: only alphabets with accents are stripped of them.
    if category == "Mn" and unicodedata.combining(character) and not "\u0b00" <= character <= "\u0eff":
        return ""
    name = unicodedata.name(character, "")
    if name.startswith(("LATIN", "GREEK", "CYRILLIC", "ARABIC")):
        base = unicodedata.normalize("NFD", character)[0]
        return _ARABIC.get(base, base)
    return character


class Folded:
    """A text and its folded form. Offsets are Unicode code points."""

    __slots__ = ("_froms", "_is_even", "_tos", "original", "text")

    def __init__(self, original: str, text: str, froms: list[int], tos: list[int]) -> None:
        self.original = original
        self.text = text
        # Where a run of equal distance begins, in the folded and in the original text.
        self._froms = froms
        self._tos = tos
        self._is_even = len(froms) == 1

    def origin(self, position: int) -> int:
        """Where in the original the character at `position` of the folded text stands."""
        at = bisect_right(self._froms, position) - 1
        return self._tos[at] + position - self._froms[at]

    def stretch(self, start: int, end: int) -> str:
        """The folded form of a stretch of the original."""
        return self.text[start:end] if self._is_even else self.text[self._place(start) : self._place(end)]

    def _place(self, position: int) -> int:
        """Where in the folded text the character at `position` of the original stands."""
        at = bisect_right(self._tos, position) - 1
        return self._froms[at] + position - self._tos[at]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's half-open span of a non-empty folded one."""
        if self._is_even:
            return start, end
        return self.origin(start), self.origin(end - 1) + 1


class _Table(dict[int, str]):
    """One character for one, made as characters are met (`str.translate` asks for what is missing)."""

    def __init__(self, simplified: Mapping[str, str]) -> None:
        super().__init__()
        self._simplified = simplified

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code), self._simplified)
        one = folded if len(folded) == 1 else _ODD
        self[code] = one
        return one


class Folder:
    """Folds text. `pairs` maps further characters first, such as traditional to simplified Chinese."""

    def __init__(self, pairs: Mapping[str, str] | None = None) -> None:
        self._pairs = dict(pairs or {})
        self._table = _Table(self._pairs)

    def fold(self, original: str) -> Folded:
        """The folded form of a text with the way back."""
        even = original.translate(self._table)
        if even.isascii() and "  " not in even:
            return Folded(original, even, [0], [0])
        pieces: list[str] = []
        froms, tos = [0], [0]
        done = length = 0
        for odd in _LOOSE.finditer(even):
            start, end = odd.span()
            if end - start > 1 and even[start] != " " and original[start + 1].isupper():
                continue  # an acronym in brackets is no pinyin
            instead = self._instead(original, even, start, end)
            pieces += (even[done:start], instead)
            length += start - done
            for shift in range(len(instead)):
                froms.append(length + shift)
                tos.append(start)
            length += len(instead)
            froms.append(length)
            tos.append(end)
            done = end
        pieces.append(even[done:])
        return Folded(original, "".join(pieces), froms, tos)

    def _instead(self, original: str, even: str, start: int, end: int) -> str:
        if even[start] == " ":
            return " "
        if end - start > 1:
            return ""
        return _fold_character(original[start], self._pairs)

    def key(self, text: str) -> str:
        """The folded text alone, without outer white space: for comparing names."""
        return self.fold(text).text.strip()
