"""What a page declares and shows of its dates: raw texts for `services.parser.when` to read."""

from dataclasses import dataclass
from itertools import islice, takewhile
from typing import cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from services.parser.declared import Declared, clean, text_of
from services.parser.elements import elements_after, in_chrome, is_paragraph

LONGEST_STAMP = 160
MOST_STAMPS = 10
MOST_TIMES = 20
# Elements after the headline among which dates are taken for its own, and among which no markup need say so.
MOST_BELOW = 600
STAMP_WITHIN = 40

_PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "og:published_time",
    "og:release_date",
    "og:pubdate",
    "publish_date",
    "publish-date",
    "publishdate",
    "published_at",
    "published_time",
    "published",
    "publication_date",
    "publication-date",
    "pubdate",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dc.created",
    "datecreated",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "article_date_original",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "prism.publicationdate",
    "rnews:datepublished",
    "bt:pubdate",
    "article:create_at",
    "apub:time",
    "weibo: article:create_at",
    "originalpublicationdate",
    "publishedat",
    "firstpublished",
)
# What some systems fill with the day the page was shown.
_WEAK_META = ("date", "dc.date", "dcterms.date", "date.created", "eomportal-lastupdate", "timestamp", "time")
_MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "dc.modified",
    "last-modified",
    "lastmod",
    "revised",
    "updated_time",
    "date.updated",
)
_DATED = XPath(
    "//*[@itemprop='datePublished' or @itemprop='dateCreated' or @pubdate]"
    " | //*[not(self::body or self::html or self::time or self::script or self::style or self::input)"
    "][contains(@class, 'date') or contains(@class, 'Date') or contains(@class, 'time') or contains(@class, 'published')"
    " or contains(@class, 'pubdate') or contains(@id, 'date') or contains(@id, 'time') or contains(@class, 'entry-meta')"
    " or contains(@class, 'info') or contains(@class, 'source') or contains(@class, 'meta')][not(.//p)]"
)


@dataclass(frozen=True, slots=True)
class PageDates:
    """Texts that hold dates, in order of trust: `published` as (origin, text), then those of elements.

    `stamps` stand in elements that their markup calls a date; `weak` may be the day the page was shown.
    """

    published: tuple[tuple[str, str], ...] = ()
    modified: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()


def page_dates(tree: HtmlElement, told: Declared, headings: list[HtmlElement]) -> PageDates:
    """The dates of a page. Its elements are searched only where nothing is declared: that costs more than the rest."""
    metas, nodes = told.metas, (told.article, told.page)
    published = [("json-ld", clean(node.get("datePublished") or node.get("dateCreated"))) for node in nodes]
    published += [("meta", metas.get(key, "")) for key in _PUBLISHED_META]
    found = tuple((origin, raw) for origin, raw in published if raw)
    modified = [clean(node.get("dateModified")) for node in nodes] + [
        metas.get(key, "") for key in _MODIFIED_META
    ]
    return PageDates(
        found,
        tuple(filter(None, modified)),
        () if found else _times(tree),
        tuple(filter(None, (metas.get(key, "") for key in _WEAK_META))),
        () if found else _stamps(tree, headings),
    )


def _times(tree: HtmlElement) -> tuple[str, ...]:
    """The dates of `time` elements that are no part of a menu, list of others or comment; the publication's first."""
    times = [node for node in islice(tree.iter("time"), MOST_TIMES) if not in_chrome(node)]
    times.sort(key=lambda node: not _is_publication(node))
    return tuple(raw for node in times[:3] if (raw := node.get("datetime") or text_of(node)))


def _is_publication(node: HtmlElement) -> bool:
    said = f"{node.get('itemprop') or ''} {node.get('class') or ''}".lower()
    return node.get("pubdate") is not None or "publi" in said


def _stamps(tree: HtmlElement, headings: list[HtmlElement]) -> tuple[str, ...]:
    """Texts of elements that their markup calls a date, or that stand like one right below the headline."""
    below = list(islice(elements_after(headings[0]), MOST_BELOW)) if headings and len(headings) < 4 else []
    places = {id(node) for node in below}
    found: list[tuple[bool, str]] = []
    for node in cast(list[HtmlElement], _DATED(tree))[: 4 * MOST_STAMPS]:
        said = (
            node.get("content") or node.get("title") or ""
            if node.get("itemprop") or node.tag == "abbr"
            else ""
        )
        text = clean(said) or text_of(node)
        marked = "ublish" in (node.get("itemprop") or "")
        if (marked or not headings or id(node) in places) and _like_a_stamp(text) and not in_chrome(node):
            found.append((not marked, text))
    found.sort(key=lambda each: each[0])
    above_text = takewhile(lambda node: not is_paragraph(node), below[:STAMP_WITHIN])
    near = [node for node in above_text if isinstance(node.tag, str) and len(node) == 0]
    bare = [clean(node.text) for node in near if not in_chrome(node)]
    texts = [
        *(text for _, text in found),
        *(text for text in bare if _like_a_stamp(text) and len(text) <= 60),
    ]
    return tuple(dict.fromkeys(texts))[:MOST_STAMPS]


def _like_a_stamp(text: str) -> bool:
    return 4 <= len(text) <= LONGEST_STAMP and any(c.isdigit() for c in text)
