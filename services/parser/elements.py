"""Elements of a page: where they stand and what they are part of."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from services.parser.declared import text_of
from services.parser.lines import is_body

# How far up a class may say what a box holds.
CHROME_WITHIN = 4
_CHROME_CLASS = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?list|-?area|-?date|-?meta)?|related|sidebar|footer|most-?read|recent-?posts?|recommended|carousel|teasers?)(?:$|[\s_-])",
    re.IGNORECASE,
)


def in_chrome(node: HtmlElement) -> bool:
    """Whether an element stands in a menu or footer, or in a box of comments or of other articles."""
    for level, each in enumerate((node, *node.iterancestors())):
        if each.tag in ("nav", "footer", "aside"):
            return True
        if each.tag in ("body", "html", "main"):
            return False
        if level <= CHROME_WITHIN and _CHROME_CLASS.search(each.get("class") or ""):
            return True
    return False


def is_paragraph(node: HtmlElement) -> bool:
    """Whether an element is a paragraph of an article rather than a label."""
    return node.tag == "p" and is_body(text_of(node))


def elements_after(node: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that begin after this one ends, in the order of the document."""
    at: HtmlElement | None = node
    while at is not None:
        following = at.getnext()
        while following is not None:
            yield from following.iter()
            following = following.getnext()
        at = at.getparent()
