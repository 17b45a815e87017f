"""Mends the tree of a page before its article is looked for, where its markup would mislead the search.

Old systems write paragraphs as bare text between blocks; trafilatura drops such text right after a block. And a
newsletter box between two paragraphs reads like one of them: the form in it gives it away in any language.
"""

import re

from lxml.html import HtmlElement

from services.parser.lines import weight

# Loose text that weighs less may be a label, and becomes no paragraph.
LIGHTEST_PARAGRAPH = 40
# A box around a form that asks for an address holds at most this much, and at most this part of the page's text.
MOST_LETTERS = 300
MOST_ELEMENTS = 200
LARGEST_PART = 0.2
# Cells that a page's tables may have when each is counted as often as it says it spans rows and columns.
MOST_CELLS = 20_000

_HOLDERS = frozenset(["div", "td", "section", "article", "main", "body"])
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote center div dl figure form h1 h2 h3 h4 h5 h6 header hr ol p pre section "
        "table ul",
    )
)
_INLINE = frozenset(
    re.findall(r"\w+", "a abbr b bdi cite code em font i mark q s small span strong sub sup time u")
)
_BOXES = frozenset(["div", "section", "aside", "form", "fieldset"])
_ASKING_FOR_AN_ADDRESS = (
    "//form[.//input[@type='email' or contains(@name, 'mail') or contains(@name, 'MAIL')]]"
)


def mend(tree: HtmlElement) -> None:
    """Change the tree in place: newsletter boxes go, loose text after a block becomes a paragraph."""
    _bound_spans(tree)
    _drop_newsletter_boxes(tree)
    for block in list(tree.iter(*_BLOCKS)):
        parent = block.getparent()
        if parent is not None and parent.tag in _HOLDERS and (block.tail or "").strip():
            _wrap_tail(block, parent)


def _bound_spans(tree: HtmlElement) -> None:
    """Take the spans away where they make more cells than any table has: extraction writes every cell out."""
    spanning = tree.xpath("//*[@colspan or @rowspan]")
    if sum(_span(cell, "colspan") * _span(cell, "rowspan") for cell in spanning) > MOST_CELLS:
        for cell in spanning:
            cell.attrib.pop("colspan", None)
            cell.attrib.pop("rowspan", None)


def _span(cell: HtmlElement, name: str) -> int:
    told = cell.get(name, "1")
    return int(told[:9]) if told.isascii() and told.isdigit() else 1


def _wrap_tail(block: HtmlElement, parent: HtmlElement) -> None:
    """Put the text after a block, and the words marked up in it, into a paragraph of its own."""
    inline: list[HtmlElement] = []
    node = block.getnext()
    while node is not None and node.tag in _INLINE and not any(n.tag in _BLOCKS for n in node.iter()):
        inline.append(node)
        node = node.getnext()
    words = (block.tail or "", *(n.text_content() + (n.tail or "") for n in inline))
    if weight(" ".join("".join(words).split())) < LIGHTEST_PARAGRAPH:
        return
    paragraph = parent.makeelement("p")
    paragraph.text, block.tail = block.tail, None
    block.addnext(paragraph)
    for each in inline:
        paragraph.append(each)  # Its tail comes along.


def _drop_newsletter_boxes(tree: HtmlElement) -> None:
    forms = tree.xpath(_ASKING_FOR_AN_ADDRESS)
    if not forms:
        return
    most = min(MOST_LETTERS, LARGEST_PART * len(tree.text_content()))
    for form in forms:
        box, node = None, form
        while node is not None and node.tag in _BOXES and _is_small(node, most):
            box, node = node, node.getparent()
        if box is not None and box.getparent() is not None:
            box.drop_tree()


def _is_small(node: HtmlElement, most: float) -> bool:
    """Whether a box holds little text and no headline. Stops counting early: a page may hold thousands of forms."""
    letters = 0
    for count, each in enumerate(node.iter()):
        if count > MOST_ELEMENTS or each.tag == "h1":
            return False
        # Comments, scripts and the tail of the box itself are not seen in it.
        seen = isinstance(each.tag, str) and each.tag not in ("script", "style")
        letters += len((each.text or "").strip()) if seen else 0
        letters += len((each.tail or "").strip()) if each is not node else 0
        if letters > most:
            return False
    return True
