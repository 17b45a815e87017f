"""HTML → the lines of its article.

trafilatura finds the article; its settings were chosen by measuring on 793 real pages (comments off and tables
on gave the best F1, better than its precision and recall modes). Its quick way is enough, as what it finds is put
right afterwards (`refine`); where it finds little of the page's prose it is run in full. Fragments, such as the
content of a feed entry, are all article and are read whole.
"""

import re
from typing import cast

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from services.parser.blocks import Layout, layout
from services.parser.boilerplate import clean
from services.parser.decode import repair_markup
from services.parser.embedded import embedded_lines
from services.parser.lines import Line, from_lines, is_body, to_lines
from services.parser.mend import mend
from services.parser.metadata import title_of
from services.parser.refine import Refined, found_in, refine
from services.parser.second_opinion import ENOUGH, share_found
from shared.errors import BadMessage

# Above these a page costs seconds or minutes; the largest of 793 real ones had 1.8 million characters, 9,800 "<".
LARGEST_PAGE = 8_000_000
MOST_TAGS = 60_000
MOST_ATTRIBUTES = 5_000

_TAG = re.compile(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*+""")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_WHOLE = re.compile(r"<(?:html|head|body|!doctype)\b", re.IGNORECASE)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article blockquote br center dd div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 hr li main "
        "ol p pre section table tr ul",
    )
)
_NOT_TEXT = frozenset(["script", "style", "noscript", "template", "iframe", "svg", "head"])
_CHROME = frozenset(["form", "nav", "header", "footer", "aside"])
# The joiners of Persian and the Indian scripts are part of the spelling, yet trafilatura drops what does not print:
# meanwhile letters of Ogham stand for them, which no page has beside those scripts.
_HELD = {0x200C: 0x1682, 0x200D: 0x1686}
_RESTORED = {letter: joiner for joiner, letter in _HELD.items()}
_JOINERS = re.compile("[\u200c\u200d]")
# A character by its number, such as &#31; and &#x1f;.
_NUMBERED = re.compile(r"&#(?:[xX](?=[0-9a-fA-F])0*([0-9a-fA-F]{0,8})|(?=[0-9])0*([0-9]{0,9}));?")
# Paragraphs in what is marked as a page's frame that make it an article after all.
ENOUGH_PARAGRAPHS = 3
# Characters below which the quick extraction of a page is not trusted; pages of more blocks than any article has are
# not extracted in full, which takes up to 20 s on hostile ones.
SHORT = 250
MOST_BLOCKS = 5_000


def looks_like_html(text: str) -> bool:
    """Whether a text of unknown kind is a page: it names an outer element near its beginning."""
    return (
        re.match(
            r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype html|html|head|body)\b", text[:2000], re.IGNORECASE
        )
        is not None
    )


def parse_html(html: str, where: str) -> HtmlElement:
    """The tree of a page. Raises `BadMessage` for what is too large or too broken to be read in bounded time."""
    if len(html) > LARGEST_PAGE:
        raise BadMessage(f"{where}: {len(html):,} characters of HTML; at most {LARGEST_PAGE:,} are read")
    if (tags := html.count("<")) > MOST_TAGS:
        raise BadMessage(f"{where}: {tags:,} tags; a page of more than {MOST_TAGS:,} is no article")
    _check_attributes(html, where)
    if "&#" in html:
        html = _NUMBERED.sub(_if_printable, html)
    if not _WHOLE.search(html[:5000]):
        html = f"<html><body><article>{html}</article></body></html>"
    try:
        tree = trafilatura.load_html(html)
    except (ValueError, etree.LxmlError, RecursionError, AssertionError) as error:
        raise BadMessage(f"{where}: the HTML cannot be parsed: {error}") from error
    if tree is None:
        tree = document_fromstring("<html><body></body></html>")
    return cast(HtmlElement, tree)


def _if_printable(match: re.Match[str]) -> str:
    # The parser takes control characters from their numbers, but the tree refuses to have them moved about.
    number = int(match[2] or 0) if match[1] is None else int(match[1] or "0", 16)
    return "" if (number < 32 and number not in (9, 10, 13)) or number in (0xFFFE, 0xFFFF) else match[0]


def _check_attributes(html: str, where: str) -> None:
    # libxml2 compares every attribute of a tag with every other: 200,000 of them take minutes.
    for match in _TAG.finditer(html):
        if match.end() - match.start() > 4 * MOST_ATTRIBUTES:
            count = len(re.split(r"[\s=]+", _QUOTED.sub("", match[0])))
            if count > MOST_ATTRIBUTES:
                raise BadMessage(
                    f"{where}: a tag with {count:,} attributes; at most {MOST_ATTRIBUTES:,} are read"
                )


def page_lines(tree: HtmlElement, url: str | None) -> tuple[Line, ...]:
    """The lines of the page's article, as `article_lines` finds them, without what was taken away."""
    return article_lines(tree, url).lines


def mended_layout(tree: HtmlElement) -> Layout | None:
    """The blocks of a page once it is mended; None for a piece of HTML."""
    fragment = is_fragment(tree)
    mend(tree)
    return None if fragment else layout(tree)


def article_lines(tree: HtmlElement, url: str | None, page: Layout | None = None) -> Refined:
    """The lines of the page's article, and what stood among them that is none of it; furniture that lines give away
    by their words is not yet removed. The tree is mended on the way; `page` is its layout where that is known already.

    Raises `BadMessage` when the page defies reading.
    """
    page = page or mended_layout(tree)
    held = (page is None or _has_joiners(page)) and _hold_joiners(tree)
    if page is None:
        whole = block_lines(tree)
        lines = _extracted(tree, url)
        lines = whole if _size(lines) < 0.8 * _size(whole) else lines or _in_frame(tree)
        return Refined(_restored(lines, held), ())
    lines = _restored(_extracted(tree, url, fast=True), held)
    found = found_in(lines, page.blocks)
    shown = sum(block.weight for block, hit in zip(page.blocks, found.blocks, strict=True) if hit)
    if carried := embedded_lines(tree, shown):
        return Refined(_restored(carried, held), ())
    if len(page.blocks) <= MOST_BLOCKS and (_size(lines) < SHORT or share_found(page, found.blocks) < ENOUGH):
        lines = _restored(_extracted(tree, url), held)
        found = found_in(lines, page.blocks)
    refined = refine(page, lines, found)
    return refined if refined.lines else refine(page, _restored(block_lines(tree) or _in_frame(tree), held))


def _restored(lines: tuple[Line, ...], held: bool) -> tuple[Line, ...]:
    """The lines with joiners where letters stood for them."""
    return tuple(Line(line.text.translate(_RESTORED), line.gap) for line in lines) if held else lines


def _has_joiners(page: Layout) -> bool:
    return any(_JOINERS.search(block.text) for block in page.blocks)


def _hold_joiners(tree: HtmlElement) -> bool:
    """Put letters in the place of joiners; says whether there were any."""
    found = False
    for node in tree.iter():
        for part in ("text", "tail") if isinstance(node.tag, str) else ("tail",):
            text = getattr(node, part)
            if text and _JOINERS.search(text):
                setattr(node, part, text.translate(_HELD))
                found = True
    return found


def _extracted(tree: HtmlElement, url: str | None, *, fast: bool = False) -> tuple[Line, ...]:
    """What trafilatura finds; `fast` leaves out its comparison with other ways, a quarter of its time."""
    try:
        document = trafilatura.bare_extraction(
            tree, url=url, fast=fast, include_comments=False, include_tables=True
        )
    except (
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
        etree.LxmlError,
        RecursionError,
    ) as error:
        raise BadMessage(f"{url or 'page'}: extraction failed: {type(error).__name__}: {error}") from error
    # The signature also allows a dictionary, which only `as_dict` gives.
    text = getattr(document, "text", None)
    return to_lines(text) if text else ()


def _in_frame(tree: HtmlElement) -> tuple[Line, ...]:
    """The lines of a page whose whole text stands in a form or header, as faulty pages have it."""
    lines = block_lines(tree, frame=True)
    return lines if sum(is_body(line.text) for line in lines) >= ENOUGH_PARAGRAPHS else ()


def is_fragment(tree: HtmlElement) -> bool:
    """Whether the document was a piece of HTML, as feeds carry it, rather than a page."""
    body = tree.find("body")
    return tree.find("head") is None and body is not None and len(body) == 1 and body[0].tag == "article"


def _size(lines: tuple[Line, ...]) -> int:
    return sum(len(line.text) for line in lines)


def block_lines(tree: HtmlElement, *, frame: bool = False) -> tuple[Line, ...]:
    """All text of a page, one line per block; without the page's frame (menus, forms) unless `frame`."""
    skipped = _NOT_TEXT if frame else _NOT_TEXT | _CHROME
    out: list[str] = []
    skip = 0
    for event, node in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else None
        if event == "start":
            skip += tag in skipped
            if tag in _BLOCKS:
                out.append("\n")
            if tag == "li" and not skip:
                out.append("- ")
            if not skip and node.text:
                out.append(re.sub(r"\s+", " ", node.text))
            continue
        if event == "end":
            skip -= tag in skipped
            if tag in _BLOCKS:
                out.append("\n")
        if not skip and node.tail:
            out.append(re.sub(r"\s+", " ", node.tail))
    return to_lines("".join(out))


def article_text(html: str, url: str) -> str:
    """The clean text of an article page, as the parser would index it; empty when the page holds none."""
    tree = parse_html(repair_markup(html), url)
    title = title_of(tree, url)
    return from_lines(clean(page_lines(tree, url), title).lines)
