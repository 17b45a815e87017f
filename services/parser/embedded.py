"""The text of an article that a page carries as data: `articleBody` of its JSON-LD (schema.org), or the state that a
page drawn by JavaScript brings along. It is asked for where the page itself shows little text.
"""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from services.parser.lines import Line, is_body, to_lines, weight
from services.parser.page_data import page_data

LONGEST_SCRIPT = 3_000_000
MOST_NODES = 20_000
# Of one page: values below such a key that are looked at, for one may stand within the other a thousand times, and
# characters of all texts together.
MOST_STEPS = 200_000
MOST_READ = 9_000_000
# Letters below which data is a teaser, not an article.
SHORTEST = 400
# The data is the article where the page shows less than this part of it, and hardly more than a teaser.
SHOWN = 0.5
MOST_SHOWN = 1_500

_LINKED_BODY = re.compile("articleBody")
_BODY = re.compile(
    r"(?:article|main|full|post|page|story)?_?(?:body|content|contents|text|html|paragraphs|blocks)(?:_?(?:html|text|rendered))?",
    re.IGNORECASE,
)
_BREAK = re.compile(r"</?(?:p|div|br|li|h[1-6]|blockquote|section|tr)\b[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|</?[a-zA-Z][^<>]{0,2000}>", re.DOTALL)
_CUT_SHORT = re.compile(r"(?:…|\.\.\.|\[\+\d+ chars\])\s*$")


def embedded_lines(tree: HtmlElement, shown: int) -> tuple[Line, ...]:
    """The lines of the article that the page carries as data, where it has at least twice the weight of the text that
    is `shown` (in letters of an alphabet) and is no teaser; else none."""
    if shown > MOST_SHOWN:
        return ()
    best: tuple[Line, ...] = ()
    least = max(SHORTEST, shown / SHOWN)
    read = 0
    for text in _texts(tree):
        read += len(text)
        if read > MOST_READ:
            break
        if len(text) * 3 < least or _CUT_SHORT.search(text[-40:]):
            continue
        lines = _lines(text)
        size = sum(weight(line.text) for line in lines if is_body(line.text))
        if size >= least:
            best, least = lines, size + 1
    return best


def _texts(tree: HtmlElement) -> Iterator[str]:
    """Every text that may be an article's."""
    steps = iter(range(MOST_STEPS))
    for data in page_data(tree):
        if not SHORTEST <= len(data.text) <= LONGEST_SCRIPT:
            continue
        if data.linked and '"articleBody"' not in data.text:
            continue
        yield from _bodies(data.nodes(MOST_NODES), _LINKED_BODY if data.linked else _BODY, steps)


def _bodies(nodes: Iterable[dict[str, Any]], name: re.Pattern[str], steps: Iterator[int]) -> Iterator[str]:
    """The texts under keys of such a name, what is listed below one of them in a row, while there are steps left."""
    for node in nodes:
        for key, value in node.items():
            if name.fullmatch(key) and (text := "\n".join(_strings(value, steps))):
                yield text


def _strings(value: Any, steps: Iterator[int]) -> Iterator[str]:
    """The paragraphs below a value, in order: strings that read as one, or that hold markup."""
    waiting = [value]
    for _ in islice(steps, MOST_NODES):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, str):
            if "<p" in item or is_body(item):
                yield item
        elif isinstance(item, dict):
            waiting.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            waiting.extend(reversed(item))


def _lines(text: str) -> tuple[Line, ...]:
    if "&lt;" in text[:2000] and "<" not in text[:2000]:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return to_lines(html.unescape(text))
