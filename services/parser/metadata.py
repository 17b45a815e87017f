"""What a page says of itself: title, authors, address, picture, description, language, dates."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from services.parser.boilerplate import is_furniture
from services.parser.lines import ends_sentence, key_of, tidy, weight
from shared.contracts.article import Image, Removed

LONGEST_TITLE = 300
LONGEST_SUMMARY = 300
LONGEST_JSON_LD = 1_000_000
LONGEST_VALUE = 2_000
MOST_NODES = 2_000
MOST_AUTHORS = 12
SAME_SUBJECT = 0.4
_PAUSES = " ,;:,、;"  # what a cut must not end with

_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|NewsItem|LiveBlogPosting)$")
_PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "og:published_time",
    "publish_date",
    "publishdate",
    "publication_date",
    "pubdate",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "parsely-pub-date",
    "sailthru.date",
    "article.published",
    "citation_publication_date",
    "article:create_at",
    "date",
    "dc.date",
    "dcterms.date",
)
_MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
)
_AUTHOR_META = (
    "author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "byl",
    "article:author",
)
_SEPARATOR = re.compile(r"(\s+[|–—·•»«-]\s+|\s*[|_丨]\s*)")
_AUTHOR_XPATH = (
    "//*[@itemprop='author' or @rel='author' or contains(concat(' ', normalize-space(@class), ' '), ' byline ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' author-name ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' author ')][1]"
)


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What was found; `dates` holds (origin, raw text) in order of trust."""

    title: str = ""
    site_name: str = ""
    authors: tuple[str, ...] = ()
    canonical_url: str | None = None
    image: Image | None = None
    description: str = ""
    language: str | None = None
    dates: tuple[tuple[str, str], ...] = ()
    modified: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    weak_dates: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()


def _clean(value: object) -> str:
    text = value[:LONGEST_VALUE] if isinstance(value, str) else ""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return tidy(re.sub(r"<[^<>]{1,200}>", "", text).replace("\n", " "))


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.iter("meta"):
        content = _clean(node.get("content"))
        name = node.get("property") or node.get("name") or node.get("itemprop")
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _json_ld(tree: HtmlElement) -> dict[str, Any]:
    """The article among the page's JSON-LD objects; empty when there is none or it is broken."""
    for script in tree.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "") or len(text) > LONGEST_JSON_LD:
            continue
        try:
            text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", text)
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and _ARTICLE_TYPES.search(kind) for kind in kinds):
                return node
    return {}


def _nodes(data: object) -> Iterator[dict[str, Any]]:
    waiting = [data]
    for _ in range(MOST_NODES):
        if not waiting:
            return
        item = waiting.pop(0)
        if isinstance(item, dict):
            yield item
            waiting.extend(v for v in item.values() if isinstance(v, dict | list))
        elif isinstance(item, list):
            waiting.extend(v for v in item if isinstance(v, dict | list))


def _text_of(node: HtmlElement) -> str:
    return _clean(" ".join(cast(Iterable[str], node.itertext())))


def _strip_site(title: str, site_name: str, url: str) -> str:
    """The title without the site's name before or after it."""
    pieces = _SEPARATOR.split(title, maxsplit=20)
    names = {key_of(site_name), *(key_of(label) for label in _host(url).split("."))} - {""}
    while len(pieces) > 1:
        if _is_site(pieces[-1], pieces[-2], "".join(pieces[:-2]), names):
            pieces = pieces[:-2]
        elif key_of(pieces[0]) in names:
            pieces = pieces[2:]
        else:
            break
    return "".join(pieces).strip()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_site(piece: str, separator: str, rest: str, names: set[str]) -> bool:
    key = key_of(piece)
    if key in names or (
        len(key) >= 4 and any(key in name or name in key for name in names if len(name) >= 4)
    ):
        return True
    short = len(piece.split()) <= 5 and len(piece) <= 40 and len(rest) >= 1.2 * len(piece)
    bar = separator.strip() in ("|", "_", "丨", "»", "•")
    return short and bar and weight(rest) >= 8


def _title(tree: HtmlElement, metas: dict[str, str], node: dict[str, Any], site_name: str, url: str) -> str:
    """The h1 where the page's own titles agree with it, else og:title, JSON-LD, `<title>`, a lone h1."""
    headings = [t for h in tree.iter("h1") if (t := _text_of(h)) and len(t) <= LONGEST_TITLE][:8]
    full = _clean(tree.findtext(".//head/title") or tree.findtext(".//title"))
    shared = metas.get("og:title") or metas.get("twitter:title") or ""
    headline = _clean(node.get("headline"))
    told = [key_of(t) for t in (shared, full, headline) if t]
    agreed = [h for h in headings if len(key_of(h)) >= 6 and any(key_of(h) in t for t in told)]
    site = {key_of(site_name), key_of(_host(url)), *map(key_of, _host(url).split("."))}
    agreed = [h for h in agreed if key_of(h) not in site]
    if agreed:
        return max(agreed, key=len)
    # Search engines and networks are often told another title than readers are.
    if len(headings) == 1 and _overlap(headings[0], shared or full) >= SAME_SUBJECT:
        return headings[0]
    options = [_strip_site(shared, site_name, url), headline, _strip_site(full, site_name, url)]
    options += headings if len(headings) == 1 else []
    best = next((t for t in options if t and key_of(t) != key_of(site_name)), "")
    return best[:LONGEST_TITLE]


def _overlap(a: str, b: str) -> float:
    """The share of the words of the shorter of two titles that the other has too."""
    one, other = set(re.findall(r"\w+", a.casefold())), set(re.findall(r"\w+", b.casefold()))
    return len(one & other) / max(1, min(len(one), len(other)))


def _absolute(base: str, link: object) -> str | None:
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        address = urljoin(base, link.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None


def _image(metas: dict[str, str], node: dict[str, Any], url: str) -> Image | None:
    told = node.get("image")
    told = told[0] if isinstance(told, list) and told else told
    told = told.get("url") if isinstance(told, dict) else told
    for link in (metas.get("og:image"), metas.get("og:image:url"), metas.get("twitter:image"), told):
        address = _absolute(url, link)
        if address and not re.search(r"logo|placeholder|favicon|default[-_.]", address, re.IGNORECASE):
            return Image(url=address, caption=metas.get("og:image:alt"))
    return None


def _canonical(tree: HtmlElement, metas: dict[str, str], url: str) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return _absolute(url, link.get("href"))
    return _absolute(url, metas.get("og:url"))


def _told_authors(metas: dict[str, str], node: dict[str, Any]) -> Iterator[str]:
    told = node.get("author")
    for author in told if isinstance(told, list) else [told]:
        name = author.get("name") if isinstance(author, dict) else author
        for one in name if isinstance(name, list) else [name]:
            yield _clean(one)
    for key in _AUTHOR_META:
        yield metas.get(key, "")


def _shown_authors(tree: HtmlElement) -> Iterator[str]:
    for found in cast(list[HtmlElement], tree.xpath(_AUTHOR_XPATH))[:3]:
        text = _text_of(found)
        yield text if len(text) <= 80 else ""


_NAME_WORD = r"[^\W\d_][\w'’.-]*"
_NAME = re.compile(rf"{_NAME_WORD}(?: {_NAME_WORD}){{0,5}}")
_BY = re.compile(
    r"^(?:(?:written |reported |story |posted |published |words |text )?by|par|por|von|di|作者|记者|文|撰文|author)"
    r"\s*[:：]?\s+|^(?:by|作者|记者|author|文)\s*[:：]\s*",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(r"\s?[/|•·]\s?|\s[–—-]\s|[(（]|\bin [A-Z]|https?:|\bUpdated\b")
_NO_NAME = re.compile(
    r"^(?:admin(?:istrator)?|staff|editor(?:ial)?(?: (?:team|staff|board))?|webmaster|news ?desk|redaktion|redacción"
    r"|rédaction|redazione|unknown|anonymous|guest|user|root|author|super user|none|null|view all posts.*)$",
    re.IGNORECASE,
)


def author_names(raw: str) -> tuple[str, ...]:
    """The names in a byline: "By Ann Lee and Bo Chen/The Review" → Ann Lee, Bo Chen."""
    text = _AFTER_NAME.split(_BY.sub("", tidy(raw)))[0]
    names: list[str] = []
    for part in re.split(r",\s|\s(?:and|und|et|y|e|&)\s|[;、,]\s?", text):
        name = part.strip(" .,:")
        if 2 <= len(name) <= 60 and _NAME.fullmatch(name) and not _NO_NAME.match(name):
            names.append(name)
    return tuple(dict.fromkeys(names))[:MOST_AUTHORS]


def byline_authors(removed: Iterable[Removed]) -> tuple[str, ...]:
    """The authors named by bylines that were taken out of the text."""
    bylines = (r.text for r in removed if r.reason == "byline" and _BY.match(r.text))
    return tuple(dict.fromkeys(name for text in bylines for name in author_names(text)))


def _names(told: Iterable[str], site_name: str) -> tuple[str, ...]:
    names = (name for raw in told for name in author_names(raw))
    return tuple(dict.fromkeys(n for n in names if key_of(n) != key_of(site_name)))[:MOST_AUTHORS]


def page_metadata(tree: HtmlElement, url: str) -> PageMetadata:
    """Everything a page declares about itself. Never raises on odd declarations: it leaves them out."""
    metas, node = _metas(tree), _json_ld(tree)
    publisher = node.get("publisher")
    site_name = metas.get("og:site_name") or _clean(
        publisher.get("name") if isinstance(publisher, dict) else ""
    )
    # The search of the page costs more than everything else here: only when nothing is declared.
    authors = _names(_told_authors(metas, node), site_name) or _names(_shown_authors(tree), site_name)
    dates = [("json-ld", _clean(node.get("datePublished")))]
    dates += [("meta", metas.get(key, "")) for key in _PUBLISHED_META]
    modified = [_clean(node.get("dateModified")), *(metas.get(key, "") for key in _MODIFIED_META)]
    times = [t.get("datetime") or _text_of(t) for t in tree.iter("time") if not _in_chrome(t)]
    language = (
        tree.get("lang") or tree.get("xml:lang") or metas.get("content-language") or metas.get("og:locale")
    )
    return PageMetadata(
        title=_title(tree, metas, node, site_name, url),
        site_name=site_name,
        authors=authors,
        canonical_url=_canonical(tree, metas, url),
        image=_image(metas, node, url),
        description=metas.get("og:description") or metas.get("description") or "",
        language=language,
        dates=tuple((origin, raw) for origin, raw in dates if raw),
        modified=tuple(filter(None, modified)),
        times=tuple(times[:3]),
    )


def _in_chrome(node: HtmlElement) -> bool:
    return any(a.tag in ("nav", "footer", "aside") for a in node.iterancestors())


def shorten(text: str, limit: int) -> str:
    """The text cut at a word, with an ellipsis, so that it is no longer than `limit`."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    # Without spaces (Chinese, Thai) any character may be the last.
    space = cut.rfind(" ")
    return (cut[:space] if space >= limit // 2 else cut).rstrip(_PAUSES) + "…"


_SENTENCE = re.compile(r".+?(?:[.!?…](?=[\s\"”’)]|$)[\"”’)]*|[。!?][」』”]?|$)", re.DOTALL)


def first_sentences(text: str, limit: int = LONGEST_SUMMARY) -> str:
    """The first whole sentences that fit in `limit` characters, at least one, cut if need be."""
    flat = tidy(text[: 4 * limit].replace("\n", " "))
    taken = ""
    for match in _SENTENCE.finditer(flat):
        if taken and len(taken) + len(match[0]) > limit:
            break
        taken += match[0]
    return shorten(taken.strip(), limit)


def summary_of(description: str, title: str, paragraphs: Iterable[str]) -> str:
    """The page's description where it says something, else the first sentences of the text."""
    told = len(description) >= 40 and key_of(description) != key_of(title) and not is_furniture(description)
    if told:
        return shorten(description, LONGEST_SUMMARY)
    body = [p for p in paragraphs if ends_sentence(p)] or list(paragraphs)
    return first_sentences(" ".join(body[:5]))
