"""What a page links to that belongs to its own article: the next part, the view on one page or for printing, the first.

A pure function over HTML from strangers: run in a process of its own (`feed_worker`), and only for pages with an address
in them that may be such a part (`page_marks.may_lead_on`).

An address is a part only if it is the article's own with a page mark put in, or that mark counted up, *and* the page says
that it is: by `rel=next`, by a word for the next page, or by the next number in a row of them. So the next article, pages
of comments, lists and galleries are never followed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from services.crawler.page_marks import (
    LONGEST_LINK,
    MOST_LINKS,
    Mark,
    absolute,
    base_of,
    is_of,
    is_print,
    is_weak,
    is_whole,
    mark_of,
    may_count_from_nought,
    on_site,
    own_addresses,
    scripted,
)
from services.crawler.page_texts import Texts, texts_of
from services.crawler.part_words import LONGEST_TEXT, names_another, number_in, says
from shared.contracts.article import Struct
from shared.identity import normalise, same_site

# Letters of text, outside of links, below which a page shows next to nothing of an article.
SHELL = 250
# Titles that are links, and letters of text below which a page that has them is a list.
LISTED, LITTLE_TEXT = 5, 600
LONGEST_NAMES = 300
# Boxes whose pagers turn the pages of something else than the article.
_OTHERS = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:list|-list)?|kommentare?|reply|replies|respond|discussion|disqus|reader-?comments|commentaires"
    r"|comentarios|related|recommend\w*|more-?news|latest|popular|trending|sidebar|widget|view|views|block-views\S*|slick\S*"
    r"|carousel|slider|slideshow|gallery|swiper\S*)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"(?:^|\s)(?:archive|category|tag|blog|home|search|search-results|author|post-type-archive)(?=\s|$)"
)
_SINGLE = re.compile(r"(?:^|\s)(?:single|single-\w+|page-template\S*|node-type-article|article)(?=\s|$)")
_COLLECTION = re.compile(r'"@type"\s*:\s*"(?:CollectionPage|SearchResultsPage)"')
_ARTICLE = re.compile(r'"@type"\s*:\s*\[?\s*"(?:\w*Article|BlogPosting|Report)"')


class Asked(Struct, frozen=True, kw_only=True):
    """A page whose links are wanted. `number` is its place among the parts, from 1.

    From the second part on, `article` is the address of the first and `mark` the page's own; of a first page both are
    to be found.
    """

    content: bytes
    url: str
    charset: str | None = None
    number: int = 1
    article: str = ""
    mark: Mark | None = None


class Links(Struct, frozen=True, kw_only=True):
    """What a page links to that is of its own article; '' for what it does not. `article` is the address the parts are
    told by, `mark` that of `next`.

    `first` is set on a later part alone, `amp` on a page that shows next to no text.
    """

    article: str = ""
    next: str = ""
    mark: Mark | None = None
    whole: str = ""
    printed: str = ""
    first: str = ""
    amp: str = ""
    texts: Texts = Texts()


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    text: str
    rel: frozenset[str]
    # Whether a reader sees it: it is no `<link>` of the head.
    shown: bool
    media: str = ""


def find_links(asked: Asked) -> Links:
    """The links of a page that lead to other parts or views of its own article."""
    tree = _tree(asked.content, asked.charset)
    if tree is None:
        return Links()
    links = list(_links(tree, base_of(asked.content, asked.url), asked.url))
    own = (asked.article,) if asked.article else own_addresses(asked.content, asked.url)
    texts = texts_of(tree)
    prose = texts.weight
    found = Links(texts=texts)
    if asked.number == 1:
        if first := _first(links, own[0], asked.content):
            return _with(found, first=first)
        if (amp := _amp(tree, asked.url)) and prose < SHELL:
            return _with(found, amp=amp)
        if _is_list(tree, prose):
            return found
    for article in own:
        if following := _next(links, article, asked):
            url, mark = following
            views = (_view(links, article), _printed(links, article)) if asked.number == 1 else ("", "")
            return _with(found, article=article, next=url, mark=mark, whole=views[0], printed=views[1])
    return found


def _with(links: Links, **fields: object) -> Links:
    return Links(texts=links.texts, **fields)  # type: ignore[arg-type]


def _tree(content: bytes, charset: str | None) -> HtmlElement | None:
    try:
        parser = HTMLParser(encoding=charset, remove_comments=True, remove_pis=True)
    except LookupError:
        parser = HTMLParser(remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(content, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _links(tree: HtmlElement, base: str, page: str) -> Iterator[_Link]:
    for count, node in enumerate(tree.iter("a", "link", "area")):
        href = node.get("href") or ""
        if count >= 2 * MOST_LINKS or not href:
            continue
        rel = frozenset((node.get("rel") or "").lower().split())
        shown = node.tag != "link"
        if not shown and not rel & {"next", "prev", "first", "canonical", "alternate"}:
            continue
        url = absolute(href, base, page)
        if url and not (shown and _turns_others(node)):
            yield _Link(
                url, _said(node) if shown else node.get("title") or "", rel, shown, node.get("media") or ""
            )


def _said(node: HtmlElement) -> str:
    """What a link says; where it is but a sign or a picture, what is said of it."""
    text = " ".join("".join(cast(Iterator[str], node.itertext())).split())
    text = text if len(text) <= LONGEST_TEXT else ""
    if any(c.isalnum() for c in text):
        return text
    return node.get("title") or node.get("aria-label") or text


def _turns_others(node: HtmlElement) -> bool:
    """Whether a link turns the pages of comments, of a list or of pictures."""
    if any("views" in name for name in node.keys() if name.startswith("data-")):  # noqa: SIM118
        return True
    for box in (node, *node.iterancestors()):
        if box.tag in ("body", "html", "main", "article"):
            return False
        if box.tag == "aside" or _OTHERS.search(_names(box)):
            return True
    return False


def _names(box: HtmlElement) -> str:
    return f"{(box.get('class') or '')[:LONGEST_NAMES]} {(box.get('id') or '')[:LONGEST_NAMES]}"


def _next(links: Sequence[_Link], article: str, asked: Asked) -> tuple[str, Mark] | None:
    """The next part's address, of those that are the article's own with the next number."""
    if following := _scripted_next(asked, article):
        return following
    own = asked.mark or mark_of(article, article)
    found: list[tuple[int, str, Mark]] = []
    for link in links:
        mark = mark_of(link.url, article)
        if mark is None or link.url in (article, asked.url) or not _follows(mark, own, asked.number):
            continue
        speaks = _speaks(link, mark, asked.number, first=own is None)
        if speaks:
            found.append((speaks, link.url, mark))
    # What speaks loudest; of two that do, the lower number: that of a site that counts from nought.
    found.sort(key=lambda f: (-f[0], f[2].number))
    return found[0][1:] if found else None


def _follows(mark: Mark, own: Mark | None, number: int) -> bool:
    if own is not None:
        return mark.style == own.style and mark.number == own.number + 1
    return mark.number == number + 1 or (
        mark.number == number and (may_count_from_nought(mark) or mark.style[-1] == "*")
    )


def _speaks(link: _Link, mark: Mark, number: int, *, first: bool) -> int:
    """How clearly a link says that it leads to the next part: 0 for not at all."""
    if says("next", link.text):
        return 3
    if number_in(link.text) == number + 1:
        return 2
    if "next" not in link.rel or is_weak(mark) or names_another(link.text):
        return 0
    # Without a reader's words: the first number behind the address may be of anything.
    return 1 if link.shown or mark.number == number + 1 or not first else 0


def _scripted_next(asked: Asked, article: str) -> tuple[str, Mark] | None:
    told = scripted(asked.content, asked.url)
    if told is None or told[1] + 1 >= told[0] or (asked.number == 1) != (told[1] == 0):
        return None
    _, at, first, ending = told
    url = on_site(f"{first.removesuffix(f'.{ending}')}_{at + 1}.{ending}", asked.url)
    mark = mark_of(url, article)
    return (url, mark) if mark else None


def _first(links: Sequence[_Link], own: str, content: bytes) -> str:
    """The first part, for a page that is a later one by its address and says so."""
    if (told := scripted(content, own)) and told[1]:
        return told[2]
    for link in links:
        mark = mark_of(own, link.url) if link.url != own else None
        if mark is None or mark.number == 0 or (mark.number == 1 and not may_count_from_nought(mark)):
            continue
        second = mark.number == 2 or (mark.number == 1)
        leads = "first" in link.rel or says("first", link.text) or number_in(link.text) == 1
        back = second and ("prev" in link.rel or says("previous", link.text))
        if leads or (back and not (is_weak(mark) and not link.text)) or "canonical" in link.rel:
            return link.url
    return ""


def _view(links: Sequence[_Link], article: str) -> str:
    """The view of the whole article on one page."""
    for link in links:
        if (
            link.shown
            and link.url != article
            and (
                is_whole(link.url, article)
                or (says("whole", link.text) and is_of(link.url, article) and not mark_of(link.url, article))
            )
        ):
            return link.url
    return ""


def _printed(links: Sequence[_Link], article: str) -> str:
    """The view for printing."""
    for link in links:
        declared = "alternate" in link.rel and "print" in link.media.lower()
        if link.url != article and (declared or is_print(link.url, article)):
            return link.url
    return ""


def _amp(tree: HtmlElement, url: str) -> str:
    """The AMP page of the same site, unless the page carries its article as data."""
    if any('"articleBody"' in (script.text or "") for script in tree.iter("script")):
        return ""
    for node in tree.iter("link"):
        if "amphtml" in (node.get("rel") or "").lower().split():
            href = node.get("href") or ""
            try:
                target = normalise(urljoin(url, href)) if len(href) <= LONGEST_LINK else ""
            except ValueError:
                continue
            if target.startswith(("http://", "https://")) and same_site(target, url):
                return target
    return ""


def _is_list(tree: HtmlElement, prose: int) -> bool:
    """Whether the page lists articles: its pages are no parts of one."""
    body = tree.find("body")
    classes = (body.get("class") or "") if body is not None else ""
    if _LISTS.search(classes) and not _SINGLE.search(classes):
        return True
    told = "".join(
        script.text or "" for script in tree.iter("script") if "ld+json" in (script.get("type") or "")
    )
    if _COLLECTION.search(told) and not _ARTICLE.search(told):
        return True
    titles = sum(1 for node in tree.iter("h2", "h3", "h4") if node.find(".//a") is not None or _in_link(node))
    return titles >= LISTED and prose < LITTLE_TEXT


def _in_link(node: HtmlElement) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == "a"
