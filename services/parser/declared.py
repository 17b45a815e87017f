"""What a page declares in machine-readable form: meta elements and JSON-LD, cleaned and bounded."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from services.parser.lines import tidy
from services.parser.page_data import page_data

LONGEST_JSON_LD = 1_000_000
LONGEST_VALUE = 2_000
MOST_NODES = 2_000
_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|NewsItem|LiveBlogPosting)$")
_PAGE_TYPES = re.compile(r"^(?:Web|Item|About|QA|FAQ)Page$|^(?:Video|Podcast|Creative)\w*$")
_SITE_TYPES = ("WebSite", "NewsMediaOrganization", "Organization")
# Markup that survived in a value; "<again>" is somebody's word.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|div|em|font|h[1-6]|i|img|li|mark|ol|p|q|s|small|span|strong|sub|sup|time|u|ul|wbr)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Declared:
    """Meta elements by lower-case name (the first of each), the article's JSON-LD object, and the others' bits."""

    metas: dict[str, str]
    article: dict[str, Any]
    site_names: tuple[str, ...] = ()
    # Names along the way from the front page to the article.
    breadcrumbs: tuple[str, ...] = ()
    images: tuple[dict[str, Any], ...] = ()
    videos: tuple[dict[str, Any], ...] = ()
    # What is told of the page where nothing is told of an article.
    page: dict[str, Any] = field(default_factory=dict)


def clean(value: object) -> str:
    """A declared value as one line of plain text; '' for what is none."""
    text = value[:LONGEST_VALUE] if isinstance(value, str) else ""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return tidy(_TAG.sub("", text).replace("\n", " "))


def text_of(node: HtmlElement) -> str:
    """All text of an element as one line."""
    return clean(" ".join(cast(Iterable[str], node.itertext())))


def absolute(base: str, link: object) -> str | None:
    """A web address made whole; None for what leads nowhere on the web."""
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        address = urljoin(base, link.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None


def host_of(url: str) -> str:
    """The host of an address; '' for what is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def listed(value: object) -> list[Any]:
    """A value that may stand alone or in a list, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def name_in(value: object) -> str:
    """The name of a person, organisation or thing, told as a string or an object."""
    if isinstance(value, dict):
        value = value.get("name")
    return clean(next((v for v in listed(value) if isinstance(v, str)), ""))


def declared(tree: HtmlElement) -> Declared:
    """What the page declares. Broken JSON-LD is left out."""
    linked = (data for data in page_data(tree) if data.linked and len(data.text) <= LONGEST_JSON_LD)
    nodes = [node for data in linked for node in data.nodes(MOST_NODES)]
    article = next((node for node in nodes if _is(node, _ARTICLE_TYPES)), {})
    names = [name_in(node) for node in nodes if any(kind in _SITE_TYPES for kind in _kinds(node))]
    images = tuple(node for node in nodes if "ImageObject" in _kinds(node))
    videos = tuple(node for node in nodes if "VideoObject" in _kinds(node))
    page = next((node for node in nodes if _is(node, _PAGE_TYPES) and node.get("datePublished")), {})
    return Declared(
        _metas(tree), article, tuple(filter(None, names[:4])), _breadcrumbs(nodes), images, videos, page
    )


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.iter("meta"):
        content = clean(node.get("content"))
        name = node.get("property") or node.get("name") or node.get("itemprop")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _kinds(node: dict[str, Any]) -> list[str]:
    return [kind for kind in listed(node.get("@type")) if isinstance(kind, str)]


def _is(node: dict[str, Any], kinds: re.Pattern[str]) -> bool:
    return any(kinds.search(kind) for kind in _kinds(node))


def _breadcrumbs(nodes: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    trail = next((node for node in nodes if "BreadcrumbList" in _kinds(node)), {})
    steps = [step for step in listed(trail.get("itemListElement")) if isinstance(step, dict)]
    return tuple(name for step in steps[:8] if (name := name_in(step) or name_in(step.get("item"))))
