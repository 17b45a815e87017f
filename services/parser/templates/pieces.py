"""A document cut into pieces, each with where it stands, and the group of documents that are built like it.

For HTML a line's path is made of the boxes around it that have a class, an id or a meaning: bare `div`s, lists and
table cells say nothing of where one is, so an article's list stands in the same place as its paragraphs. Plain text
has no paths. Nothing here depends on what an extractor takes for the article.
"""

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from services.parser.language import detect
from services.parser.lines import is_body, tidy, weight
from services.parser.templates.fingerprint import fingerprint, hash_of
from services.parser.templates.sketch import GRAIN, HEAVIEST, LINK, LOOSE, SENTENCE, Sketch

# Lines of a page that are counted: the first and the last ones, where a page has more.
MOST_LINES = 400
# Boxes, from the line outwards, that make its path.
DEEPEST = 5
# Letters by which the language of a plain text is told.
LOOK_AT = 600
# Letters of a paragraph that says where the article is.
SHORTEST_PARAGRAPH = 60

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form "
        "h1 h2 h3 h4 h5 h6 header html li main nav ol p pre section summary table tbody tfoot thead tr ul",
    )
)
_LANDMARKS = frozenset(
    ["main", "article", "header", "footer", "nav", "aside", "form", "figure", "figcaption", "details"]
)
# Elements of single lines: their classes say what a line is, not where it stands.
_OWN = frozenset(re.findall(r"\w+", "p li td th dt dd h1 h2 h3 h4 h5 h6 pre blockquote"))
_NOT_TEXT = frozenset(
    re.findall(
        r"\w+", "head script style noscript template iframe svg math object canvas audio video select button"
    )
)
_CHUNKS = etree.XPath("//text()[normalize-space()] | //br | //hr", smart_strings=True)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-zA-Z]{2,4})?")


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of a page: its text, the hash of its path and whether all of it is a link."""

    text: str
    path: int
    link: bool


def sketch_of(pieces: Sequence[Piece], group: str) -> Sketch:
    """What is counted of a page made of these pieces."""
    if len(pieces) > MOST_LINES:
        pieces = [*pieces[: MOST_LINES // 2], *pieces[-MOST_LINES // 2 :]]
    texts, paths = array("Q"), array("I")
    flags, weights = bytearray(), bytearray()
    for piece in pieces:
        found = fingerprint(piece.text)
        if found is None:
            continue
        texts.append(found.value)
        paths.append(piece.path)
        flags.append(SENTENCE * is_body(piece.text) | LINK * piece.link | LOOSE * found.loose)
        weights.append(min(HEAVIEST, (weight(piece.text) + GRAIN - 1) // GRAIN))
    return Sketch(
        group=group, texts=texts.tobytes(), paths=paths.tobytes(), flags=bytes(flags), weights=bytes(weights)
    )


def text_pieces(lines: Sequence[str]) -> list[Piece]:
    """The lines of a plain text as pieces: all stand in one place."""
    return [Piece(line, 0, link=False) for line in lines]


def text_group(lines: Sequence[str], url: str) -> str:
    """The group of a plain text: what one host sends in one language."""
    language = detect(" ".join(lines)[:LOOK_AT], None)
    return f"text {urlsplit(url).hostname or ''} {language}"


def page_group(tree: HtmlElement, url: str) -> str:
    """The group of a page: its host, its language and the box that holds most of its paragraphs."""
    language = tree.get("lang") or next(iter(urlsplit(url).path.split("/")[1:2]), "")
    known = _LANGUAGE.fullmatch(language.strip())
    mass = _paragraphs(tree) or _sentences(tree)
    heaviest = min(mass, key=lambda path: (-mass[path], path)) if mass else 0
    return f"page {urlsplit(url).hostname or ''} {known[0][:2] if known else ''} {heaviest:08x}"


def _paragraphs(tree: HtmlElement) -> Counter[int]:
    """The letters of paragraphs by path: most pages need no closer look."""
    places = _Places()
    mass: Counter[int] = Counter()
    for node in tree.iter("p"):
        if (letters := sum(map(len, node.itertext()))) >= SHORTEST_PARAGRAPH:
            place = places.of(node)
            mass[place.path] += 0 if place.hidden else letters
    return +mass


def _sentences(tree: HtmlElement) -> Counter[int]:
    mass: Counter[int] = Counter()
    for piece in page_pieces(tree):
        if not piece.link and is_body(piece.text):
            mass[piece.path] += weight(piece.text)
    return mass


def page_pieces(tree: HtmlElement) -> list[Piece]:
    """All text of a page as a reader may see it, one piece a block, in the order of the document."""
    places = _Places()
    out: list[Piece] = []
    words: list[str] = []
    links = 0
    now: _Place | None = None
    for chunk in cast(list[Any], _CHUNKS(tree)):
        if isinstance(chunk, etree._Element):
            _end(out, words, now, links)
            words, links = [], 0
            continue
        node = chunk.getparent()
        parted = chunk.is_tail and node.tag in _BLOCKS
        place = places.of(node.getparent() if chunk.is_tail else node)
        if now and (parted or place.block is not now.block):
            _end(out, words, now, links)
            words, links = [], 0
        now = place
        if not place.hidden:
            words.append(str(chunk))
            links += place.link
    _end(out, words, now, links)
    return out


def _end(out: list[Piece], words: list[str], place: "_Place | None", links: int) -> None:
    """A block ends here: what was collected of it is a piece."""
    if place and (text := " ".join("".join(words).split())):
        # Most text needs no more than that, and the long way costs twice as much as all else here.
        text = text if text.isascii() and text.isprintable() else tidy(text)
        if text:
            out.append(Piece(text, place.path, link=links == len(words)))


@dataclass(slots=True)
class _Place:
    """What holds for the text directly in an element."""

    block: HtmlElement | None
    boxes: tuple[str, ...]
    path: int
    hidden: bool
    link: bool


class _Places:
    """The places of a tree's elements, each worked out once: the cost grows with the elements, not with the depth."""

    def __init__(self) -> None:
        self._known: dict[HtmlElement, _Place] = {}
        self._paths: dict[tuple[str, ...], int] = {(): 0}

    def of(self, node: HtmlElement | None) -> _Place:
        todo: list[HtmlElement] = []
        while node is not None and node not in self._known:
            todo.append(node)
            node = node.getparent()
        place = self._known[node] if node is not None else _Place(None, (), 0, hidden=False, link=False)
        for each in reversed(todo):
            place = self._known[each] = self._below(place, each)
        return place

    def _below(self, above: _Place, node: HtmlElement) -> _Place:
        tag = node.tag
        if tag in _BLOCKS:
            boxes = above.boxes
            if tag not in _OWN and (name := _name(node, tag)):
                boxes = (*boxes[1 - DEEPEST :], name)
            return _Place(node, boxes, self._path(boxes), above.hidden, above.link)
        if tag == "a":
            return _Place(above.block, above.boxes, above.path, above.hidden, link=True)
        if tag in _NOT_TEXT or not isinstance(tag, str):
            return _Place(above.block, above.boxes, above.path, hidden=True, link=above.link)
        return above

    def _path(self, boxes: tuple[str, ...]) -> int:
        path = self._paths.get(boxes)
        if path is None:
            path = self._paths[boxes] = hash_of("/".join(boxes)) & 0xFFFFFFFF
        return path


def _name(node: HtmlElement, tag: str) -> str:
    """A box's name: its tag with the first class that is made of letters, else such an id; empty where it is bare."""
    for word in (*(node.get("class") or "").split()[:8], node.get("id") or ""):
        if word and not any(map(str.isdigit, word)):
            return f"{tag}.{word.lower()[:40]}"
    return tag if tag in _LANDMARKS else ""
