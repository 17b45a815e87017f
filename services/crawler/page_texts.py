"""The texts of a page, as prints: whether another page shows the same text again, or holds more of it."""

import hashlib
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

from shared.contracts.article import Struct

# A piece of text that is long enough to tell one page from another, and how many of a page are kept.
TELLING = 40
MOST_TEXTS = 150
# Texts, the longest of a page, by which it is known again.
LONGEST_TEXTS = 8
# A view for printing of the first part alone has a line of its own at most.
MORE = 1.3
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_NOT_SHOWN = frozenset(
    ["script", "style", "noscript", "template", "svg", "head", "select", "textarea", "iframe"]
)


class Texts(Struct, frozen=True, kw_only=True):
    """Prints of a page's longest pieces of text, each with its weight in letters of an alphabet, the longest first.

    `weight` is that of all its pieces.
    """

    longest: tuple[tuple[int, int], ...] = ()
    weight: int = 0


def texts_of(tree: HtmlElement) -> Texts:
    """The texts of a page that are no links."""
    prints = {_print(text): _weight(text) for text in _texts(tree)}
    longest = sorted(prints.items(), key=lambda told: (-told[1], told[0]))
    return Texts(longest=tuple(longest[:MOST_TEXTS]), weight=sum(prints.values()))


def _texts(tree: HtmlElement) -> Iterator[str]:
    """The pieces of text of a page that are no links and long enough to tell it from others."""
    skip = link = 0
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            skip += node.tag in _NOT_SHOWN
            link += node.tag == "a"
            text = node.text
        else:
            skip -= node.tag in _NOT_SHOWN
            link -= node.tag == "a"
            text = node.tail
        if text and not skip and not link and len(text) > TELLING // 3:
            text = " ".join(text.split())
            if _weight(text) >= TELLING:
                yield text


def _weight(text: str) -> int:
    return len(text) if text.isascii() else len(text) + 2 * len(_IDEOGRAPH.findall(text))


def _print(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).digest())


def same_text(first: Texts, later: Texts) -> bool:
    """Whether a page shows the text of the first again, and next to nothing else or only what stands below an article."""
    before, there = {told for told, _ in first.longest}, {told for told, _ in later.longest}
    new = sum(weight for told, weight in later.longest if told not in before)
    longest = [told for told, _ in first.longest[:LONGEST_TEXTS]]
    held = bool(longest) and all(told in there for told in longest)
    # Furniture alone never makes so many of a page's longest texts.
    return new == 0 or (held and (new < 0.1 * first.weight or len(longest) == LONGEST_TEXTS))


def holds_more(first: Texts, view: Texts) -> bool:
    """Whether a view holds the first page's text and more: it may stand for all parts."""
    there = {told for told, _ in view.longest}
    longest = first.longest[:5]
    held = sum(told in there for told, _ in longest)
    return bool(longest) and held * 2 >= len(longest) and view.weight >= MORE * first.weight
