"""Text to tokens with offsets: the one analysis that Elasticsearch, tantivy and the matcher share.

A word is a run of letters, marks and digits, folded (see `folding`) and cut at 64 characters. Apostrophes and
hyphens split, so that "Xi'an" is `xi an` and a query word that splits is a phrase.

Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese write no spaces between words (or, in Korean, glue endings
to them). A run c1 c2 c3 of their characters becomes c1, c1c2, c2, c2c3, c3, where a character is a letter with its
marks. Single characters are found, and a query run is, by the same function, a contiguous phrase: no dictionary, so
nothing that a segmenter could cut in two ways.

Offsets are code points in the original string, half-open. The position of a token is its index in the list.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import regex

from shared.text.folding import INVISIBLE, fold, fold_character

# The rest of a longer run is dropped, not chunked: such runs are encoded data or lost spaces, and a query for one is
# cut in the same way and still finds it.
LONGEST_TOKEN = 64
# Between title and text, so that no phrase reaches across.
POSITION_GAP = 100

# What a run may hold of the original before folding; a word of 64 characters with many marks each still fits.
_LONGEST_WORD = 512

_UNSPACED = (
    r"[[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ]"
    r"&&[\p{L}\p{N}\u2e80-\u2fd5]--[\p{Nd}ﾞﾟ\u115f\u1160\u3164\uffa0]]"
)
# Fractions are left out ("2½" is no 21), as are numbers drawn as ideographs and the letter-like apostrophes.
_SPACED = (
    rf"[[\p{{L}}\p{{N}}]--{_UNSPACED}"
    r"--[\u00bc-\u00be\u2150-\u215f\u2189\u3192-\u3195\u3220-\u3229\u3280-\u3289ʻʼʽꞌﾞﾟ\u115f\u1160\u3164\uffa0]]"
)
_MARK = rf"[[\p{{M}}ﾞﾟ]--{INVISIBLE}]"
# The bulk of Chinese, Japanese and Korean text, as flat ranges: each is a character of its own and folds to itself.
_PLAIN = r"[\u3041-\u3096\u30a1-\u30fa\u30fc\u3005\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]"
# Where no token can begin, spelt out because flat classes are tried much faster than properties.
_COMMON_GAPS = r"\x00-\x2f:-@\[-`{-\x7f\u2010-\u2027\u3000-\u3003\u3008-\u3011\uff08\uff09\uff0c\uff1a"
_RUNS = regex.compile(
    rf"(?V1)(?![{_COMMON_GAPS}])(?:(?P<ascii>[A-Za-z0-9]++(?![^\x00-\x7f]))"
    rf"|(?P<plain>{_PLAIN}++(?=[{_COMMON_GAPS}A-Za-z0-9]|$))"
    rf"|(?P<word>{_SPACED}(?:{INVISIBLE}*[{_SPACED}{_MARK}])*+)"
    rf"|(?P<run>(?:{_UNSPACED}|\u0e4d{INVISIBLE}*+\u0e32|\u0ecd{INVISIBLE}*+\u0eb2)"
    rf"(?:{INVISIBLE}*[{_UNSPACED}{_MARK}])*+))"
)
_INVISIBLE = regex.compile(rf"(?V1){INVISIBLE}")
_CHARACTERS = regex.compile(
    rf"(?V1)(?=[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff])\X{_MARK}*+"
    r"|\u0e4d\u0e32|\u0ecd\u0eb2"
    rf"|{_UNSPACED}(?:(?!\u0e4d\u0e32|\u0ecd\u0eb2){_MARK})*+"
)
_STARTS_UNSPACED = regex.compile(rf"(?V1){_UNSPACED}")


# Punctuation that no word holds, beyond ASCII; with it gone, most English text is ASCII.
_GAPS = re.compile("[\u2010-\u2027\u3000-\u3003\u3008-\u3011\uff08\uff09\uff0c\uff1a]")
_ASCII_WORDS = re.compile(rf"([a-z0-9]{{1,{LONGEST_TOKEN}}})[a-z0-9]*+").findall
# Longer pieces are whole clauses of scripts without spaces: they do not come again.
_SHORT_PIECE = 32


class Token(NamedTuple):
    """A folded word, or one or two characters of an unspaced script, and where it stands in the original."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """All tokens of a text, in order. Takes any string, lone surrogates too, and never raises."""
    found: list[Token] = []
    for match in _RUNS.finditer(text):
        start, end = match.span()
        kind = match.lastgroup
        word = text[start:end]
        if kind == "plain":
            found.extend(_plain_pairs(word, start))
            continue
        if kind == "run":
            found.extend(_pairs(word, start))
            continue
        folded = word.lower() if kind == "ascii" else fold(word[:_LONGEST_WORD])
        if folded:
            found.append(Token(folded[:LONGEST_TOKEN], start, end))
    return found


def token_texts(text: str) -> list[str]:
    """The texts of `tokens(text)`, in order, several times as fast: without offsets, and words that recur are known."""
    plain = text if text.isascii() else _GAPS.sub(" ", text)
    if plain.isascii():
        return _ASCII_WORDS(plain.lower())
    found: list[str] = []
    for piece in plain.split():  # no token reaches over a space
        found.extend(_piece(piece) if len(piece) <= _SHORT_PIECE else [t.text for t in tokens(piece)])
    return found


@lru_cache(maxsize=131_072)
def _piece(piece: str) -> tuple[str, ...]:
    return tuple([token.text for token in tokens(piece)])


def _plain_pairs(run: str, offset: int) -> Iterator[Token]:
    """The same as `_pairs` for a run in which every code point is a character that folds to itself."""
    yield Token(run[0], offset, offset + 1)
    for i in range(1, len(run)):
        at = offset + i
        yield Token(run[i - 1 : i + 1], at - 1, at + 1)
        yield Token(run[i], at, at + 1)


def _pairs(run: str, offset: int) -> Iterator[Token]:
    """c1, c1c2, c2 … of one run of an unspaced script."""
    places: Sequence[int] = range(len(run))
    if _INVISIBLE.search(run):
        places = [i for i, c in enumerate(run) if not _INVISIBLE.match(c)]
        run = "".join(run[i] for i in places)
    before, began = "", 0
    for match in _CHARACTERS.finditer(run):
        character = fold_character(match[0])
        start, end = offset + places[match.start()], offset + places[match.end() - 1] + 1
        if before:
            yield Token(before + character, began, end)
        yield Token(character, start, end)
        before, began = character, start


def folded(text: str) -> str:
    """The words of a text, folded, one space between them; runs of unspaced scripts stay whole.

    This is how names are compared as a whole ("Xi’an" and "XI'AN" are both `xi an`). Folding twice changes nothing.
    """
    return phrase_text([token.text for token in tokens(text)])


def phrase(text: str) -> tuple[str, ...]:
    """The tokens that must stand in a row for a text to contain this one exactly; empty if it has no word.

    The single characters at both edges are left out where their pair says the same: 文化 needs only the pair.
    """
    row = tokens(text)
    if len(row) > 1 and row[0].start == row[1].start:
        del row[0]
    if len(row) > 1 and row[-1].end == row[-2].end:
        del row[-1]
    return tuple(token.text for token in row)


def phrase_text(row: Sequence[str]) -> str:
    """The shortest text with these tokens: `phrase(phrase_text(row)) == row` for every row that `phrase` gives."""
    pieces: list[str] = []
    before: tuple[str, ...] = ()
    for token in row:
        characters = unspaced_characters(token)
        if len(before) == 1 and len(characters) == 2 and characters[0] == before[0]:
            pieces.append(characters[1])
        elif not (len(before) == 2 and len(characters) == 1 and characters[0] == before[1]):
            pieces.append(" " + token)
        before = characters
    return "".join(pieces).lstrip(" ")


def unspaced_characters(token: str) -> tuple[str, ...]:
    """The one or two characters of a token of an unspaced script; empty for a word of any other."""
    return tuple(_CHARACTERS.findall(token)) if _STARTS_UNSPACED.match(token) else ()


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of an article's two fields."""

    title: tuple[Token, ...]
    text: tuple[Token, ...]

    def positioned(self) -> Iterator[tuple[int, Token]]:
        """Title and text as one field, each token with its position, POSITION_GAP unused positions in between."""
        yield from enumerate(self.title)
        yield from enumerate(self.text, start=len(self.title) + POSITION_GAP)


def analyse(title: str, text: str) -> FieldTokens:
    """The tokens of an article. Offsets of each field are its own."""
    return FieldTokens(title=tuple(tokens(title)), text=tuple(tokens(text)))
