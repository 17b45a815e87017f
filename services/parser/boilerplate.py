"""Tells what a page says around its article from the article, and says why.

Rules (`boilerplate.yaml`) name what is certain. Context does the rest: the zones above the first and below the
last paragraph grow from known furniture, so a site's slogan between two footer lines falls without a rule of its
own. In the middle of an article only what is certain goes.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.parser.boilerplate_rules import (
    cutting_rules,
    matching_line_rule,
    matching_section_rule,
    narrow,
)
from services.parser.lines import (
    Line,
    is_body,
    is_table_row,
    is_weak,
    key_of,
    same_headline,
    starts_item,
    weight,
    word_count,
)
from services.parser.phrases import Zone, is_credit
from shared.contracts.article import Removed

LONGEST_CAPTION = 300
# How far down a repeated headline is looked for.
HEADLINE_WITHIN = 16
SUFFIX_WITHIN = 200
PREFIX_LINES = 2
# A paragraph is a copy when it is this long and stands this near the first one, or that one among the first lines.
REPEAT_WEIGHT = 80
REPEAT_NEAR = 3
REPEAT_TOP = 5
# Shorter ones are of the text, and a longer one is no credit.
_BRACKETS = re.compile(r"\s{0,2}[(\[【]([^()\[\]【】]{5,90})[)\]】]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The lines of the article, and what was taken away, in the order of the document."""

    lines: tuple[Line, ...]
    removed: tuple[Removed, ...]


@dataclass(slots=True)
class _Cell:
    """A line at work. `reason` is set once it goes; `edge` holds what it would be, were it at an edge."""

    line: Line
    reason: str | None = None
    edge: tuple[Zone, str] | None = None
    section: str | None = None
    headline: bool = False
    pieces: list[Removed] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.line.text

    @property
    def soft(self) -> bool:
        """Gone, known furniture at an edge, or too short to be anything by itself."""
        return bool(self.reason or self.edge or self.section or is_weak(self.text))


def is_furniture(text: str) -> bool:
    """Whether a line standing alone is certainly not part of an article."""
    return matching_line_rule(text, edge=False) is not None or _section_reason(text) is not None


def is_head_furniture(text: str) -> bool:
    """Whether a line above an article is certainly not its title."""
    rule = matching_line_rule(text)
    return (rule is not None and rule.zone != "tail") or _section_reason(text) is not None


def _section_reason(text: str) -> str | None:
    rule = matching_section_rule(text)
    return rule.reason if rule else None


def _cut(cell: _Cell, start: int, end: int, reason: str) -> None:
    text = cell.text
    cell.pieces.append(Removed(text=text[start:end].strip(), reason=reason))
    left, right = text[:start].rstrip(), text[end:].lstrip()
    cell.line = Line(f"{left} {right}".strip(), cell.line.gap)


def _trim(cell: _Cell, index: int) -> None:
    """Take credits, stamps and the like out of a line."""
    lower = narrow(cell.text).lower()
    if index < PREFIX_LINES:
        for rule in cutting_rules("prefix").wanted(lower):
            if match := rule.pattern.match(narrow(cell.text)):
                _cut(cell, match.start(), match.end(), rule.reason)
    for rule in cutting_rules("inline").wanted(lower):
        while match := rule.pattern.search(narrow(cell.text)):
            _cut(cell, match.start(), match.end(), rule.reason)
    if "(" in lower or "[" in lower or "【" in lower:
        _cut_credits(cell)
    for rule in cutting_rules("suffix").wanted(lower[-SUFFIX_WITHIN:]):
        # No suffix is longer: looking further back would only cost time.
        begin = max(0, len(cell.text) - SUFFIX_WITHIN)
        if match := rule.pattern.search(narrow(cell.text), begin):
            _cut(cell, match.start(), match.end(), rule.reason)


def _cut_credits(cell: _Cell) -> None:
    """Take out brackets that name a photographer or the source of a picture, in any language."""
    at = 0
    while match := _BRACKETS.search(narrow(cell.text), at):
        at = match.start() + 1
        if is_credit(match[1]):
            _cut(cell, match.start(), match.end(), "credit of a picture")
            at = match.start()


def _half(text: str) -> str:
    """What stands twice on one line, as galleries print a caption under and over a picture; else nothing."""
    middle = len(text) // 2
    first, second = text[:middle].strip(), text[middle:].strip()
    return first if middle >= 15 and first == second and word_count(first) >= 3 else ""


def _judge(cell: _Cell, index: int) -> None:
    if (half := _half(cell.text)) and not is_table_row(cell.text):
        if len(half) <= LONGEST_CAPTION:
            cell.reason = "caption printed twice"
            return
        cell.pieces.append(Removed(text=half, reason="paragraph printed twice"))
        cell.line = Line(half, cell.line.gap)
    _trim(cell, index)
    if not cell.text:
        return
    cell.section = _section_reason(cell.text)
    if rule := matching_line_rule(cell.text):
        if rule.zone == "any":
            cell.reason = rule.reason
        else:
            anywhere = matching_line_rule(cell.text, edge=False)
            cell.reason = anywhere.reason if anywhere else None
            cell.edge = (rule.zone, rule.reason)


def _find_headlines(cells: Sequence[_Cell], title: str) -> None:
    """Mark repeats of the headline, and what stands above it as long as no paragraph does."""
    found = [i for i, c in enumerate(cells[:HEADLINE_WITHIN]) if c.text and same_headline(c.text, title)]
    for i in found:
        cells[i].headline = True
        cells[i].reason = "the headline again"
    if not found or not all(c.soft for c in cells[: found[0]]):
        return
    for cell in cells[: found[0]]:
        cell.reason = cell.reason or "above the headline"
    between = cells[found[0] : found[-1]]
    if all(c.soft for c in between):
        for cell in between:
            if word_count(cell.text) <= 3:
                cell.reason = cell.reason or "label between two headlines"


def _drop_sections(cells: Sequence[_Cell]) -> None:
    """Cut lists of other pages: all that follows their heading, unless the article goes on below it."""
    for i, cell in enumerate(cells):
        if cell.section is None or cell.reason:
            continue
        before = sum(len(c.text) for c in cells[:i] if not c.reason)
        after = [c for c in cells[i + 1 :] if not c.reason]
        cell.reason = cell.section
        if all(len(c.text) <= 300 for c in after) and sum(len(c.text) for c in after) <= before:
            for follower in after:
                follower.reason = cell.section
            return


def _zones(cells: Sequence[_Cell]) -> tuple[range, range]:
    """Indexes of the head and the tail: what stands outside the first and the last paragraph."""
    body = [
        i for i, c in enumerate(cells) if not c.soft or (c.edge is None and is_body(c.text) and not c.reason)
    ]
    if not body:
        return range(0), range(0)
    return range(body[0]), range(body[-1] + 1, len(cells))


def _apply_edges(cells: Sequence[_Cell], zone: range, name: Zone) -> None:
    for i in zone:
        cell = cells[i]
        if cell.edge and not cell.reason and cell.edge[0] in ("edge", name):
            cell.reason = cell.edge[1]


def _grow_tail(cells: Sequence[_Cell], tail: range) -> None:
    """Once furniture has begun below the article, short lines after it are furniture too."""
    known = [i for i in tail if cells[i].reason]
    if not known:
        return
    weak = [i for i in tail if not cells[i].reason and not starts_item(cells[i].text)]
    after = [i for i in weak if i > known[0]]
    ahead = [i for i in weak if i < known[0]]
    last = known[-1]
    trailing = [i for i in after if i > last]
    for i in after:
        if i < last or len(trailing) <= 4:
            cells[i].reason = "short line in the footer"
    if len(known) >= 3 and len(ahead) <= min(3, len(known)):
        for i in ahead:
            cells[i].reason = "slogan above the footer"


def _grow_head(cells: Sequence[_Cell], head: range) -> None:
    """Between furniture above the article only the shortest lines go: a standfirst may stand there."""
    known = [i for i in head if cells[i].reason]
    for i in head:
        cell = cells[i]
        if cell.reason or not known or starts_item(cell.text):
            continue
        if i < known[-1] and word_count(cell.text) <= 3 and len(cell.text) <= 30:
            cell.reason = "short line in the header"


_LOWER_LABEL = re.compile(r"[a-zà-ÿ]{3,20}(?: [a-zà-ÿ]{2,20})?")
_NAME = re.compile(r"[A-ZÀ-Þ][\w'’-]+ [A-ZÀ-Þ][\w'’-]+")


def _drop_strays(cells: Sequence[_Cell], head: range) -> None:
    """Alternative texts of pictures, and a photographer's name under one at the head."""
    labels = sum(_LOWER_LABEL.fullmatch(c.text) is not None for c in cells)
    for i, cell in enumerate(cells):
        if cell.reason:
            continue
        around = [cells[j].text for j in (i - 1, i + 1) if 0 <= j < len(cells)]
        # More of them are the words of a list or the lines of a program.
        if (
            labels <= 2
            and _LOWER_LABEL.fullmatch(cell.text)
            and not any(_LOWER_LABEL.fullmatch(t) for t in around)
        ):
            cell.reason = "label of a picture"
        elif 0 < i < len(cells) - 1 and i in head and _NAME.fullmatch(cell.text):
            above = cells[i - 1]
            if is_weak(above.text) and not above.reason and is_body(cells[i + 1].text):
                cell.reason = "name under a picture"


def _drop_repeats(cells: Sequence[_Cell]) -> None:
    """Keep one copy of a paragraph printed twice near by or at the top; labels in a row of three or more all go."""
    kept = [c for c in cells if not c.reason and c.text]
    keys = {id(cell): key_of(cell.text) for cell in kept}
    seen: dict[str, int] = {}
    for i, cell in enumerate(kept):
        key = keys[id(cell)]
        first = seen.setdefault(key, i)
        again = first < i and is_body(cell.text) and weight(cell.text) >= REPEAT_WEIGHT
        if again and not starts_item(cell.text) and (first < REPEAT_TOP or i - first <= REPEAT_NEAR):
            cell.reason = "paragraph printed twice"
    kept = [c for c in kept if not c.reason]
    paragraphs = any(is_body(c.text) for c in kept)
    for _, group in itertools.groupby(kept, key=lambda c: keys[id(c)]):
        run = list(group)
        if paragraphs and len(run) >= 3 and is_weak(run[0].text):
            for cell in run:
                cell.reason = "label that repeats"
    for teaser, full in _leads(kept):
        if full.startswith(key_of(teaser.text)):
            teaser.reason = "beginning of the next paragraph, printed twice"


def _leads(kept: Sequence[_Cell]) -> Iterable[tuple[_Cell, str]]:
    """Each of the first lines that is long enough to be a lead, with the text of a line soon after it."""
    for i, cell in enumerate(kept[:4]):
        if not cell.reason and len(cell.text) >= 40:
            for later in kept[i + 1 : i + 5]:
                yield cell, key_of(later.text)


class Cleaner:
    """Cleans one document, as often as it takes: with what is known of its source and without, its further pages too.

    What the words of a line alone say of it, which costs most, is worked out once.
    """

    def __init__(self) -> None:
        self._judged: dict[tuple[str, bool], _Cell] = {}

    def clean(self, lines: Sequence[Line], title: str, learned: Sequence[str] = ()) -> Cleaned:
        """The article's own lines, given its title (may be empty). Never raises; may leave nothing.

        `learned` says for each line why it is known for furniture of its source, or nothing; none for no such
        knowledge.
        """
        cells = [self._cell(line, i) for i, line in enumerate(lines)]
        for cell, reason in zip(cells, learned, strict=bool(learned)):
            # A rule's reason tells more: that a line is a byline, say, which names the authors.
            cell.reason = cell.reason or reason or None
        return _cleaned(cells, title)

    def _cell(self, line: Line, index: int) -> _Cell:
        key = line.text, index < PREFIX_LINES
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = _Cell(line)
            _judge(known, index)
        own = Line(known.text, line.gap)
        return _Cell(own, known.reason, known.edge, known.section, pieces=known.pieces)


def clean(lines: Sequence[Line], title: str, learned: Sequence[str] = ()) -> Cleaned:
    """The lines of a document that is cleaned once, see `Cleaner.clean`."""
    return Cleaner().clean(lines, title, learned)


def _cleaned(cells: Sequence[_Cell], title: str) -> Cleaned:
    cells_with_text = [c for c in cells if c.text]
    if title:
        _find_headlines(cells_with_text, title)
    _drop_sections(cells_with_text)
    head, tail = _zones(cells_with_text)
    _apply_edges(cells_with_text, head, "head")
    _apply_edges(cells_with_text, tail, "tail")
    _grow_head(cells_with_text, head)
    _grow_tail(cells_with_text, tail)
    _drop_strays(cells_with_text, head)
    _drop_repeats(cells_with_text)
    return Cleaned(
        lines=tuple(c.line for c in cells if c.text and not c.reason),
        removed=_account(cells),
    )


def _account(cells: Iterable[_Cell]) -> tuple[Removed, ...]:
    gone: dict[Removed, None] = {}
    for cell in cells:
        for piece in cell.pieces:
            gone.setdefault(piece)
        if cell.reason and cell.text:
            gone.setdefault(Removed(text=cell.text, reason=cell.reason))
    return tuple(gone)
