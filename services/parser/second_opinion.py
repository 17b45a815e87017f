"""A second opinion, for pages on which the extractor took the wrong box: where the page's prose stands.

It costs next to nothing, and is asked for only where what was found is a small part of that prose. A list of teasers
is prose as well: so it must be a lot, in many paragraphs, and hold few links.
"""

import re
from collections.abc import Iterable, Sequence

from services.parser.blocks import Layout, shares, within
from services.parser.lines import is_body

# What was found is enough with this part of the page's prose, and the wrong box with less than that.
ENOUGH = 0.5
SMALL_PART = 0.25
# The prose stands together: the smallest box with this much of it is the article.
TOGETHER = 0.6
FEWEST_PARAGRAPHS = 8
# Times the weight of what was found that it must have.
TIMES = 3
HALF_LINK = 0.35
# Share of links in a box that is an article; in one that is the only prose of the page, for nothing else was found.
FEW_LINKS = 0.15
MORE_LINKS = 0.3
NOTHING = 0.02

_FRAME = frozenset(["aside", "button", "dialog", "footer", "nav", "option", "select"])
_OTHER = re.compile(r"\b(?:related|footer|sidebar|modal|cookies?|consent|menu|popup|newsletters?)\b")
_READERS = re.compile(
    r"\b(?:comments?-?(?:list|section|area|thread|wrapper)?|disqus|reviews?|respond|replies)\b"
)
_WHOLE = frozenset(["article", "body", "main"])


def share_found(layout: Layout, found: Sequence[bool]) -> float:
    """The part of the page's prose (0 to 1) that was found, by block; 1 where there is none."""
    prose = _prose(layout)
    weight, seen = _weight(layout, prose), _weight(layout, [n for n in prose if found[n]])
    if weight and seen < ENOUGH * weight:
        # Only now the frame is looked for, which costs more.
        frame = _frame(layout, shares(layout, prose))
        prose = [n for n in prose if not frame[layout.blocks[n].box]]
        weight, seen = _weight(layout, prose), _weight(layout, [n for n in prose if found[n]])
    return seen / weight if weight else 1.0


def overlooked(layout: Layout, found: Sequence[bool]) -> list[bool] | None:
    """Which blocks are the article's prose, where what was found (by block) is hardly any of it; else None."""
    share = share_found(layout, found)
    if share >= SMALL_PART:
        return None
    blocks = layout.blocks
    prose = _prose(layout)
    frame = _frame(layout, shares(layout, prose))
    prose = [n for n in prose if not frame[blocks[n].box]]
    held = shares(layout, prose)
    top = max(number for number, weight in enumerate(held) if weight >= TOGETHER * held[0])
    inside = within(layout, top)
    here = {n for n in prose if inside[blocks[n].box]}
    there = _weight(layout, [n for n, hit in enumerate(found) if hit])
    if len(here) < FEWEST_PARAGRAPHS or held[top] < TIMES * there:
        return None
    whole = [block for block in blocks if inside[block.box]]
    linked = sum(block.weight * block.linked for block in whole) / sum(block.weight for block in whole)
    if linked > (MORE_LINKS if share < NOTHING else FEW_LINKS):
        return None
    return [n in here for n in range(len(blocks))]


def _prose(layout: Layout) -> list[int]:
    return [n for n, block in enumerate(layout.blocks) if block.linked < HALF_LINK and is_body(block.text)]


def _weight(layout: Layout, numbers: Iterable[int]) -> int:
    return sum(layout.blocks[number].weight for number in numbers)


def _frame(layout: Layout, held: Sequence[int]) -> list[bool]:
    """For each box whether it is part of the page's frame, or what readers wrote. What holds most of the prose is no
    frame, whatever its name."""
    frame = [False] * len(layout.boxes)
    for number, box in enumerate(layout.boxes[1:], 1):
        readers = box.tag not in _WHOLE and _READERS.search(box.names) is not None
        named = held[number] < held[0] / 2 and (box.tag in _FRAME or _OTHER.search(box.names) is not None)
        frame[number] = frame[box.parent] or readers or named
    return frame
