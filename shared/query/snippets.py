"""Short passages of a text around what was found, cut where sentences or words begin and end, in any script."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from shared.query.evaluate import merged

Span = tuple[int, int]
# Between two sentences, with the white space there; scripts without spaces need none after their full stop.
_SENTENCE = regex.compile(r"(?<=[.!?؟।։።]['\"”’»)\]]*)\s+|\s*\n\s*|(?<=[。！？．])(?=\w)")
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}ー]"
_WORD = regex.compile(rf"\s+|(?<={_UNSPACED}\p{{M}}*)(?={_UNSPACED})|(?<=[，、；：])")
_CLUSTERS = regex.compile(r"\X")
# How far from the wished-for place a better cut is looked for, in code points.
_SEARCHED = 30


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of the text and the spans inside it, all in code points of the whole text, half-open."""

    start: int
    end: int
    spans: tuple[Span, ...]


def snippets(text: str, spans: Sequence[Span], most: int = 3, length: int = 200) -> list[Snippet]:
    """Up to `most` passages of about `length` characters that hold the most different words of `spans`, in order.

    Passages do not overlap. A span longer than a passage is cut. Without spans, the beginning of the text.
    """
    inside = merged(span for span in spans if span[1] <= len(text))
    if not text.strip() or most < 1:
        return []
    if not inside:
        start = _cluster(text, len(text) - len(text.lstrip()))[0]  # a mark may stand on a space
        return [Snippet(start, _cut_end(text, start + length, start + 1, len(text)), ())]
    groups = _groups(inside, length)
    groups.sort(key=lambda group: (-len({text[a:b].casefold() for a, b in group}), -len(group), group[0]))
    chosen = sorted(groups[:most])
    limits = [_cluster(text, group[0][0])[0] for group in chosen[1:]] + [len(text)]
    found: list[Snippet] = []
    for group, limit in zip(chosen, limits, strict=True):
        start, end = _around(text, group, length, found[-1].end if found else 0, limit)
        found.append(Snippet(start, end, _within(inside, start, end)))
    return found


def _groups(spans: Sequence[Span], length: int) -> list[list[Span]]:
    """Spans that fit into one passage together and leave room for words around them."""
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span[1] - groups[-1][0][0] <= length * 2 // 3:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _around(text: str, group: Sequence[Span], length: int, low: int, high: int) -> Span:
    """Where the passage of a group begins and ends, between `low` and `high`."""
    first, last = group[0][0], group[-1][1]
    if last - first >= length:
        return _cluster(text, first)[0], _cut_end(text, first + length, first + 1, last)
    room = length - (last - first)
    before = min(first - low, max(room // 2, room - (high - last)))
    start = _cut_start(text, first - before, low, first)
    end = _cut_end(text, max(last, start + length), last, high)
    return start, end


def _within(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    return tuple((max(a, start), min(b, end)) for a, b in spans if a < end and b > start)


def _cut_start(text: str, wished: int, low: int, high: int) -> int:
    if wished - _SEARCHED <= low:
        return _cluster(text, high - len(text[low:high].lstrip()))[0]
    for border in (_SENTENCE, _WORD):
        near = border.finditer(text, max(low, wished - _SEARCHED), min(high, wished + _SEARCHED))
        if places := [match.end() for match in near]:
            return min(places, key=lambda place: abs(place - wished))
    return max(low, _cluster(text, wished)[0])


def _cut_end(text: str, wished: int, low: int, high: int) -> int:
    if wished + _SEARCHED >= high == len(text):
        return _outer(text, low + len(text[low:high].rstrip()))
    wished = min(wished, high)
    for border in (_SENTENCE, _WORD):
        near = border.finditer(text, max(low, wished - _SEARCHED), min(high, wished + _SEARCHED))
        if places := [match.start() for match in near]:
            return min(places, key=lambda place: abs(place - wished))
    cut = _cluster(text, wished)[0]
    return cut if cut >= low else _outer(text, wished)


def _outer(text: str, at: int) -> int:
    """The end of the user-perceived character that `at` stands in, or `at` when it stands between two."""
    start, end = _cluster(text, at)
    return at if start == at else end


def _cluster(text: str, at: int) -> Span:
    """The user-perceived character (UAX 29) that `at` stands in or before."""
    for cluster in _CLUSTERS.finditer(text, max(0, at - _SEARCHED)):
        if cluster.end() > at:
            return cluster.span()
    return at, at
