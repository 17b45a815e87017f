"""Short passages of a text around what was found, cut where words begin and end, in any script."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

Span = tuple[int, int]
# Where a cut does no harm: beside white space, after the full stops of scripts without spaces, between ideographs.
_BREAK = regex.compile(
    r"\s+|(?<=[。!?;、,,.])|(?<=[\p{Han}\p{Hiragana}\p{Katakana}])(?=[\p{Han}\p{Hiragana}\p{Katakana}])"
)
_CLUSTERS = regex.compile(r"\X")
# How far from the wished-for place a good cut is looked for.
_SEARCHED = 30


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of the text and the spans inside it, all in code points of the whole text."""

    start: int
    end: int
    spans: tuple[Span, ...]


def snippets(text: str, spans: Sequence[Span], most: int = 3, length: int = 200) -> list[Snippet]:
    """Up to `most` passages of about `length` characters that hold the most different words of `spans`, in order.

    Without spans, the beginning of the text.
    """
    inside = sorted({(a, b) for a, b in spans if 0 <= a < b <= len(text)})
    if not inside:
        end = _good_end(text, min(len(text), length), len(text))
        return [Snippet(0, end, ())] if text else []
    groups = _groups(inside, length)
    best = sorted(groups, key=lambda g: (-len({text[a:b].casefold() for a, b in g}), -len(g), g[0]))[:most]
    return [_around(text, group, length) for group in sorted(best)]


def _groups(spans: Sequence[Span], length: int) -> list[list[Span]]:
    """Spans that fit into one passage together."""
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span[1] - groups[-1][0][0] <= length:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _around(text: str, group: Sequence[Span], length: int) -> Snippet:
    first, last = group[0][0], max(end for _, end in group)
    room = max(0, length - (last - first)) // 2
    start = _good_start(text, max(0, first - room), first)
    end = _good_end(text, min(len(text), last + room), len(text))
    return Snippet(start, max(end, last), tuple(group))


def _good_start(text: str, wished: int, latest: int) -> int:
    if wished == 0:
        return 0
    found = _BREAK.search(text, wished, min(latest, wished + _SEARCHED))
    return found.end() if found and found.end() <= latest else _cluster_start(text, wished)


def _good_end(text: str, wished: int, latest: int) -> int:
    if wished >= latest:
        return latest
    found = _BREAK.search(text, wished, min(latest, wished + _SEARCHED))
    return found.start() if found else _cluster_start(text, wished)


def _cluster_start(text: str, at: int) -> int:
    """The beginning of the user-perceived character (UAX 29) that `at` stands in."""
    begin = max(0, at - _SEARCHED)
    for cluster in _CLUSTERS.finditer(text, begin):
        if cluster.end() > at:
            return cluster.start()
    return at
