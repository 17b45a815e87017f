"""Cuts a title and a text into sentences and says what each one is: title, lead, body or caption.

Rules look at one sentence at a time, so the cut must survive what pages do to text: sentences glued together
without a space, captions between paragraphs, the headline repeated above the body.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from shared.contracts.article import TextField
from shared.taxonomy.folding import Folded

Kind = Literal["title", "lead", "body", "caption"]
_END = regex.compile(
    r"[。！？!?؟۔।；؛]+[\"”’»）)』」]*"
    r"|\.[\"”’»)]*(?=\s)"
    r"|(?<=[\p{Ll}\d])\.(?=\p{Lu}\p{L})"
    r"|(?<=\P{ASCII})[;!?]"
    r"|\n+"
)
_ABBREVIATION = regex.compile(
    r"(?:\b(?i:mr|mrs|ms|dr|st|sr|sra|no|nos|vol|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|prof|hon|gen|mme|mm|"
    r"m|inc|ltd|co|approx|ca|vs|art|bzw|nr|etc|e\.g|i\.e|г|гг|ул|им|тыс|млн)|(?<!\p{L})\p{Lu}(?:\.\p{Lu})*)$",
)
_DENSE = re.compile(r"[\u2e81-\U0010ffff]")
# Credits that are one only where a line ends or begins.
_CREDIT_ENDS, _CREDIT_BEGINS = ("제공", "摄", "/Xinhua"), ("图为", "资料图", "© ", "▲")
_LONGEST_CAPTION = 420
_SHORTEST_LEAD = 40
# What is so short repeats the other only as a whole.
_SHORT = 20
# A line of prose ends as a sentence does, or is long.
_STOPS, _LONG_LINE = '.!?。！？؟۔।…"”’»)）」』', 90
_LEADS = 2
# Without a title, one of the first lines that looks like one stands for it.
_TITLE_LINES = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of title or text, half-open, with what it is."""

    field: TextField
    start: int
    end: int
    kind: Kind


def sentences(title: Folded, told: Folded, captions: Sequence[int]) -> list[Sentence]:
    """All sentences of an article in reading order, the title first. `captions`: where words of captions stand."""
    text = told.original
    found = [Sentence("title", 0, len(title.original), "title")] if title.original.strip() else []
    heading = title.text.strip()
    longest = 2 * len(title.original or heading) + 40
    leads = 0
    for number, (start, end) in enumerate(_lines(text)):
        line = text[start:end]
        if heading and len(line) <= longest and _repeats(told.stretch(start, end).strip(), heading):
            found.append(Sentence("text", start, end, "title"))
            leads = 0  # what stood above the headline was no lead
            continue
        if not heading and number < _TITLE_LINES and _looks_like_title(line):
            heading = told.stretch(start, end).strip()
            longest = 2 * len(heading) + 40
            found.append(Sentence("text", start, end, "title"))
            leads = 0
            continue
        caption = len(line) <= _LONGEST_CAPTION and _is_caption(line, start, end, captions)
        prose = not caption and (line[-1] in _STOPS or weight(line) >= _LONG_LINE)
        for first, last in _cut(text, start, end):
            kind: Kind = "caption" if caption else "body"
            if prose and leads < _LEADS and weight(text[first:last]) >= _SHORTEST_LEAD:
                kind = "lead"
                leads += 1
            found.append(Sentence("text", first, last, kind))
    return found


def _lines(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            first = start + line.index(stripped[0])
            found.append((first, first + len(stripped)))
        start += len(line)
    return found


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    for stop in _END.finditer(text, start, end):
        if stop[0][0] == "." and _ABBREVIATION.search(text, max(start, stop.start() - 8), stop.start()):
            continue
        if text[start : stop.end()].strip():
            found.append((start, stop.end()))
        start = stop.end()
    if text[start:end].strip():
        found.append((start, end))
    return found


def _is_caption(line: str, start: int, end: int, captions: Sequence[int]) -> bool:
    if line.endswith(_CREDIT_ENDS) or line.startswith(_CREDIT_BEGINS):
        return True
    at = bisect_left(captions, start)
    return at < len(captions) and captions[at] < end


def weight(text: str) -> int:
    """Length in letters of an alphabet: a Chinese, Japanese or Korean character says as much as about three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_DENSE.findall(text))


def _repeats(line: str, heading: str) -> bool:
    return (
        line == heading
        or (len(line) > _SHORT and line in heading)
        or (len(heading) > _SHORT and heading in line[:400] and len(line) < 2 * len(heading))
    )


def _looks_like_title(line: str) -> bool:
    return 25 <= weight(line) <= 200 and line[-1] not in ".。!?！？:：" and " " in line.strip()
