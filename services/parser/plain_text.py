"""Plain text → lines and a title. Text may be hard-wrapped and may hold leftovers of markup."""

import html
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from services.parser.boilerplate import clean, is_head_furniture
from services.parser.boilerplate_rules import matching_line_rule
from services.parser.dates import parse as parse_date
from services.parser.decode import pinyin_noise, repair, without_pinyin
from services.parser.lines import (
    Line,
    ends_sentence,
    is_body,
    key_of,
    same_headline,
    starts_item,
    to_lines,
    weight,
    word_count,
)
from services.parser.metadata import first_sentences
from services.parser.misread import damage_told
from shared.contracts.article import Removed

LONGEST_TITLE_LINE = 160
LONGEST_MADE_TITLE = 120
# Above this many letters a first line is a lead, not a headline.
_TITLE_LINES = 8
LINES_FOR_TITLE = 40
# In words.
LONGEST_LETTERHEAD = 8
_RELEASE_LABELS = frozenset(["release-line", "release-line-dated", "page-label"])
_SENDER = re.compile(
    r"\b(?:bulletin|newsletter|news ?(?:service|desk|room|wire)|press (?:service|office|room|release|centre|center)|"
    r"media (?:office|centre|center)|communiqu[eé]|bolet[ií]n|bolet[ií]m|oficina de prensa|sala de prensa|"
    r"service de presse|pressestelle|presseamt|pressedienst|mitteilungsblatt|bollettino|ufficio stampa|buletin|"
    r"siaran pers|humas|пресс-служба|бюллетень|вестник)\b",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:a|abbr|article|b|blockquote|br|center|cite|div|em|figcaption|figure|font|h[1-6]|hr|i|iframe|img|li|ol|p|q"
    r"|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|tr|u|ul|video)\b(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"</?(?:br|p|div|li|tr|h[1-6]|blockquote|section)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlainDocument:
    """The lines of a plain text, what was taken out on the way, and whether damage was undone."""

    lines: tuple[Line, ...]
    removed: tuple[Removed, ...]
    repaired: bool


def without_markup(text: str) -> tuple[str, tuple[Removed, ...]]:
    """The text without tags and entities that survived in it, and the tags."""
    tags = dict.fromkeys(_TAG.findall(text)) if "<" in text else {}
    if tags:
        text = _TAG.sub(lambda m: "\n" if _BREAK.match(m[0]) else "", text)
    if "&" in text:
        text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
    return text, tuple(Removed(text=tag, reason="markup left in the text") for tag in tags)


def without_readings(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], tuple[Removed, ...]]:
    """The lines without the readings in brackets that a converter of Chinese left, and these."""
    noise = pinyin_noise("\n".join(line.text for line in lines[:400]))
    if not noise:
        return lines, ()
    removed = tuple(Removed(text=n, reason="reading left by a converter") for n in dict.fromkeys(noise))
    return tuple(Line(without_pinyin(line.text), line.gap) for line in lines), removed


def read_plain(text: str) -> PlainDocument:
    """The lines of a plain text, unwrapped, without markup, repaired."""
    bare, tags = without_markup(text)
    # Before the lines are tidied: damaged text is made of control characters too.
    sound = "\n".join(map(repair, bare.split("\n")))
    lines, noise = without_readings(unwrap(to_lines(sound)))
    return PlainDocument(lines, (*damage_told(bare, sound), *tags, *noise), sound != bare or bool(noise))


def unwrap(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Join lines that were broken at a fixed width; other texts come back as they are."""
    inner = [a for a, b in itertools.pairwise(lines) if b.gap == 0]
    if len(inner) < 4 or not any(line.gap for line in lines[1:]):
        return lines
    widths = [len(line.text) for line in inner]
    typical = median(widths)
    regular = sum(0.75 * typical <= w <= 1.25 * typical for w in widths)
    open_ended = sum(not ends_sentence(line.text) for line in inner)
    if not 40 <= typical <= 100 or regular < 0.7 * len(inner) or open_ended < 0.6 * len(inner):
        return lines
    out: list[Line] = []
    for line in lines:
        if out and line.gap == 0 and not starts_item(line.text):
            out[-1] = Line(f"{out[-1].text} {line.text}", out[-1].gap)
        else:
            out.append(line)
    return tuple(out)


def find_title(lines: Sequence[Line], told: str | None) -> str:
    """The title of a plain text.

    What the feed told where there is such a thing (in the spelling of the line that repeats it), else the first
    short line above the text that is no sentence, no furniture and no letterhead, else the first sentence, cut at
    a word.
    """
    if told:
        near = (line.text for line in lines[:16] if same_headline(line.text, told))
        return next((text for text in near if key_of(text) == key_of(told)), told)
    candidates = _title_candidates(lines[:_TITLE_LINES])
    if candidates:
        (at, text), *others = candidates
        if others and _is_letterhead(text, lines[at + 1 : others[0][0]], others[0][1]):
            return others[0][1]
        return text
    kept = clean(lines[:LINES_FOR_TITLE], "").lines
    return first_sentences(kept[0].text, LONGEST_MADE_TITLE) if kept else ""


def _title_candidates(lines: Sequence[Line]) -> list[tuple[int, str]]:
    """The lines above the text that may be its title, with their places."""
    found: list[tuple[int, str]] = []
    for i, line in enumerate(lines):
        if is_head_furniture(line.text):
            continue
        if is_body(line.text) and (ends_sentence(line.text) or weight(line.text) > LONGEST_TITLE_LINE):
            break
        if _may_be_title(line.text):
            found.append((i, line.text))
    return found


def _is_letterhead(text: str, between: Sequence[Line], below: str) -> bool:
    """Whether a line names who sends a press release, and the longer line `below` it is the headline.

    Headlines too are set in capitals, and a subtitle may follow them. So it takes two signs of three: capitals over
    a line in small letters; the label of a press release between the two; a word for a bulletin or an office. For
    a name of a few words a date between the two is sign enough.
    """
    words = word_count(text)
    if words > LONGEST_LETTERHEAD or word_count(below) <= words:
        return False
    found = (matching_line_rule(line.text) for line in between)
    label = any(rule is not None and rule.id in _RELEASE_LABELS for rule in found)
    label = label or (words <= 4 and any(parse_date(line.text) for line in between))
    capitals = text.isupper() and not below.isupper()
    return capitals + label + (_SENDER.search(text) is not None) >= 2


def _may_be_title(text: str) -> bool:
    opening_quote = text[:1] in '“"«„「' and text[-1:] not in '”"»“」'
    return (
        weight(text) <= LONGEST_TITLE_LINE
        and weight(text) >= 8
        and not ends_sentence(re.sub(r"[?!?!]+$", "", text))
        and not opening_quote
        and not starts_item(text)
        and not text.endswith((":", ":", ","))
        and any(c.isalpha() for c in text)
    )
