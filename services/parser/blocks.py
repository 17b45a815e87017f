"""A page as the blocks a reader sees: pieces of text with the boxes they stand in and how much of them is link.

One walk over the tree, in the order of the document. Steps that judge an extraction work on this, so that they
can tell where a line came from.
"""

import re
from collections.abc import Iterable

import msgspec
from lxml import etree
from lxml.html import HtmlElement

from services.parser.lines import key_of, tidy, weight

# A row of a table with more elements than this is layout, not data.
LARGEST_ROW = 200
LONGEST_NAMES = 300

_BREAKS = frozenset(["br", "hr"])
_BOXES = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header html label legend li main nav ol option p pre section select "
        "summary table tbody td tfoot th thead tr ul",
    )
)
_NOT_TEXT = frozenset(
    re.findall(r"\w+", "audio canvas embed head iframe math noscript object script style svg template video")
)
# What a cell may not hold in a table of data.
_LAYOUT = _BOXES - frozenset(["td", "th", "p", "ul", "ol", "li", "div", "label"])
_NAMING = ("class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


class Box(msgspec.Struct, frozen=True, gc=False):
    """An element that holds blocks. `naming` is its class, id, role and the like as written."""

    parent: int
    tag: str
    naming: str
    hidden: bool

    @property
    def names(self) -> str:
        """What names the box, in lower case, its words parted by dashes and spaces."""
        return _CAMEL.sub("-", self.naming).replace("_", "-").lower() if self.naming else ""


class Block(msgspec.Struct, frozen=True, gc=False):
    """A piece of text without a break in it. `linked` is the share of its letters that are links."""

    text: str
    key: str
    weight: int
    linked: float
    tag: str
    box: int
    item: bool


class Layout(msgspec.Struct, frozen=True):
    """All blocks of a page, and the boxes; a box's parent comes before it."""

    boxes: tuple[Box, ...]
    blocks: tuple[Block, ...]


class _Walk:
    """The state of one walk: the box we are in, and the text gathered since the last break."""

    def __init__(self) -> None:
        self.boxes = [Box(-1, "html", "", hidden=False)]
        self.blocks: list[Block] = []
        self.at = 0
        self.links = 0
        self.row: HtmlElement | None = None
        self._item = False
        self._pieces: list[str] = []
        self._linked = 0

    def text(self, text: str) -> None:
        self._pieces.append(text)
        if self.links:
            self._linked += len("".join(text.split()))

    def enter(self, node: HtmlElement, tag: str) -> None:
        self.flush()
        self.boxes.append(_box(node, tag, self.at))
        self.at = len(self.boxes) - 1
        self._item = tag == "li"
        if tag == "tr" and _is_data(node):
            self.row = node

    def leave(self) -> None:
        self.flush()
        self.at = self.boxes[self.at].parent

    def flush(self) -> None:
        pieces, linked = self._pieces, self._linked
        if not pieces:
            return
        self._pieces, self._linked = [], 0
        text = " ".join("".join(pieces).split())
        if self.row is not None and "|" in text:
            text = text.strip("| ")
            text = f"| {text} |" if "|" in text else text
        # Most text needs no more than that, and the long way costs more than all else here.
        text = text if text.isascii() and text.isprintable() else tidy(text)
        if not text:
            return
        self.blocks.append(
            Block(
                text=text,
                key=key_of(text),
                weight=weight(text),
                linked=min(1.0, linked / max(1, len(text) - text.count(" "))) if linked else 0.0,
                tag=self.boxes[self.at].tag,
                box=self.at,
                item=self._item,
            )
        )
        self._item = False


def _box(node: HtmlElement, tag: str, parent: int) -> Box:
    # Not `dict(node.attrib)`: it looks every name up again, and refuses names that only a broken page can have.
    has = dict(node.items())
    if not has:
        return Box(parent, tag, "", hidden=False)
    names = " ".join([has[name] for name in _NAMING if name in has])
    hidden = "hidden" in has or ("style" in has and _HIDDEN.search(has["style"]) is not None)
    return Box(parent, tag, names[:LONGEST_NAMES], hidden=hidden)


def _is_data(row: HtmlElement) -> bool:
    """Whether a row of a table holds data in cells, rather than being part of the page's layout."""
    for count, node in enumerate(row.iterdescendants()):
        if count > LARGEST_ROW or node.tag in _LAYOUT:
            return False
    return True


def layout(tree: HtmlElement) -> Layout:
    """The blocks and boxes of a page."""
    walk = _Walk()
    skip = 0
    for event, node in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if tag in _NOT_TEXT:
                skip += 1
            elif not skip:
                _start(walk, node, tag)
            if not skip and node.text:
                walk.text(node.text)
            continue
        if event == "end":
            if tag in _NOT_TEXT:
                skip -= 1
            elif not skip:
                _end(walk, node, tag)
        if not skip and node.tail:
            walk.text(node.tail)
    walk.flush()
    return Layout(tuple(walk.boxes), tuple(walk.blocks))


def _start(walk: _Walk, node: HtmlElement, tag: str) -> None:
    if tag == "a":
        walk.links += 1
    elif walk.row is not None:
        # Cells are parted by bars, and what else stands in a row does not break it.
        if tag in _BOXES or tag in _BREAKS:
            walk.text(" | " if tag in ("td", "th") else " ")
    elif tag in _BOXES:
        walk.enter(node, tag)
    elif tag in _BREAKS:
        walk.flush()


def _end(walk: _Walk, node: HtmlElement, tag: str) -> None:
    if tag == "a":
        walk.links -= 1
    elif walk.row is not None:
        if walk.row is node:
            walk.flush()
            walk.row = None
            walk.leave()
        elif tag in _BOXES:
            walk.text(" ")
    elif tag in _BOXES:
        walk.leave()


def shares(layout: Layout, chosen: Iterable[int]) -> list[int]:
    """For each box, the weight of the chosen blocks (by number) in it and in the boxes within."""
    held = [0] * len(layout.boxes)
    for number in chosen:
        held[layout.blocks[number].box] += layout.blocks[number].weight
    for number in range(len(held) - 1, 0, -1):
        held[layout.boxes[number].parent] += held[number]
    return held


def within(layout: Layout, top: int) -> list[bool]:
    """For each box, whether it is `top` or stands in it."""
    inside = [number == top for number in range(len(layout.boxes))]
    for number in range(top + 1, len(inside)):
        inside[number] = inside[layout.boxes[number].parent]
    return inside
