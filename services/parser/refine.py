"""Corrects an extraction by where its lines stand on the page.

An extractor judges paragraphs and boxes one by one. Seen together, the lines it found say which part of the page is
the article: what it left out in the middle of that part comes back unless it looks like furniture, and what looks like
furniture goes although it was found.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.parser.blocks import Block, Layout, shares
from services.parser.lines import Line, is_body, key_of
from shared.contracts.article import Removed

# Shorter keys occur by chance anywhere.
TELLING = 14
# The article is the smallest box that holds so much of what was found.
MOST = 0.9
# When less of what was found stands in blocks of the page, it came from elsewhere, and is left alone.
LEAST_FOUND = 0.95
LINK = 0.8
HALF_LINK = 0.35
# Characters of lines times blocks: what comparing them all may cost.
MOST_WORK = 1_000_000_000

_ITEM_MARK = re.compile(r"^(?:- |\d{1,3}\. )")
_FRAME = frozenset(
    ["aside", "button", "dialog", "footer", "form", "label", "legend", "nav", "option", "select"]
)
# In the names of a box; a box around the whole article is not asked.
_FURNITURE = re.compile(
    r"\b(?:related|recommend\w*|read-?(?:more|next|also)|more-(?:stories|news|on|from|articles|posts)|trending|"
    r"popular|most-?(?:read|viewed|popular)|up-?next|see-?also|suggest\w*|outbrain|taboola|similar|social|addtoany|"
    r"share|sharing|share-\w+|follow-\w+|comments?|disqus|newsletters?|subscri\w+|sign-?up|mailing|opt-?in|promo\w*|"
    r"sponsor\w*|advert\w*|ads?|cta|call-to-action|banner|cookies?|consent|gdpr|modal|popup|lightbox|breadcrumbs?|"
    r"paginat\w*|pager|menu|navigation|toolbar|footer|copyright|tags|tag-(?:list|cloud|links)|sr-only|"
    r"author-?(?:bio|box|card|info)|about-?(?:the-)?author|byline|bylines|visually-?hidden|screen-reader(?:-text)?|"
    r"print-only|paywall|carousel|slider|swiper|cards|feedback|disclaimer|disclosure)\b"
)
_CAPTION = frozenset(["figcaption", "caption"])
_CAPTION_NAMES = re.compile(r"\b(?:caption|credit)")
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_PROSE = frozenset(["article", "blockquote", "dd", "div", "p", "pre", "section"])
_LINK_LINES = frozenset(["div", "h4", "h5", "p"])


@dataclass(frozen=True, slots=True)
class Refined:
    """The lines of the article, and those that were found and taken away."""

    lines: tuple[Line, ...]
    removed: tuple[Removed, ...]


def found_in(lines: Sequence[Line], blocks: Sequence[Block]) -> tuple[list[bool], float]:
    """Which blocks stand in the lines, and how much of the lines (0 to 1) stands in blocks."""
    whole = "".join(key_of(line.text) for line in lines)
    single = {key_of(_ITEM_MARK.sub("", line.text)) for line in lines}
    found: list[bool] = []
    at = covered = 0
    for block in blocks:
        key = block.key
        hit = False
        if len(key) >= TELLING:
            place = whole.find(key, at)
            hit = place >= 0 or key in whole
            at = place + len(key) if place >= 0 else at
        elif key:
            if whole.startswith(key, at):
                hit, at = True, at + len(key)
            else:
                hit = key in single
        covered += len(key) if hit else 0
        found.append(hit)
    return found, covered / max(1, len(whole))


def _article_box(layout: Layout, found: Sequence[bool]) -> int:
    """The smallest box that holds nearly all of what was found."""
    held = shares(layout, [number for number, hit in enumerate(found) if hit])
    return max(number for number, weight in enumerate(held) if weight >= MOST * held[0])


@dataclass(frozen=True, slots=True)
class _Place:
    """What a box within the article's is, by itself and the boxes around it."""

    frame: bool = False
    furniture: bool = False
    caption: bool = False
    hidden: bool = False


def _places(layout: Layout, top: int) -> list[_Place | None]:
    """For each box within `top` what it is; None for boxes outside."""
    places: list[_Place | None] = [None] * len(layout.boxes)
    places[top] = _Place()
    for number in range(top + 1, len(layout.boxes)):
        box = layout.boxes[number]
        around = places[box.parent]
        if around is not None:
            places[number] = _Place(
                frame=around.frame or box.tag in _FRAME,
                furniture=around.furniture or _FURNITURE.search(box.names) is not None,
                caption=around.caption or box.tag in _CAPTION or _CAPTION_NAMES.search(box.names) is not None,
                hidden=around.hidden or box.hidden,
            )
    return places


def _why_not(block: Block, place: _Place) -> str | None:
    """Why a block goes although it was found."""
    if place.caption and block.linked <= HALF_LINK:
        return "caption"
    if place.furniture and not block.item:
        return "box of another purpose"
    if block.linked > LINK and not block.item and block.tag in _LINK_LINES:
        return "line that is only a link"
    return None


def _belongs(block: Block, place: _Place) -> bool:
    """Whether a block in the midst of the article is part of it although it was not found."""
    if place.furniture or place.frame or place.caption or block.linked > HALF_LINK:
        return False
    if block.tag == "li" or block.tag in _HEADINGS:
        return True
    return block.tag in _PROSE and is_body(block.text)


def refine(layout: Layout, lines: Sequence[Line]) -> Refined:
    """The article's lines, given what an extractor found on the page; unchanged when that is not to be seen on it."""
    if len(layout.blocks) * sum(len(line.text) for line in lines) > MOST_WORK:
        return Refined(tuple(lines), ())
    found, covered = found_in(lines, layout.blocks)
    if covered < LEAST_FOUND or not any(found):
        return Refined(tuple(lines), ())
    places = _places(layout, _article_box(layout, found))
    inside = [n for n, hit in enumerate(found) if hit and places[layout.blocks[n].box] is not None]
    kept: list[Line] = []
    removed: list[Removed] = []
    for number, block in enumerate(layout.blocks):
        place = places[block.box]
        if found[number]:
            reason = "outside the article" if place is None else _why_not(block, place)
            if reason is not None:
                removed.append(Removed(text=block.text, reason=reason))
                continue
        elif place is None or not inside[0] < number < inside[-1] or not _belongs(block, place):
            continue
        kept.append(Line(f"- {block.text}" if block.item else block.text))
    here = {line.text for line in kept}
    return Refined(tuple(kept), tuple(r for r in dict.fromkeys(removed) if r.text not in here))
