"""What a page says of itself: title, deck, authors, section, address, picture, description, language, dates."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from services.parser.boilerplate import is_furniture
from services.parser.bylines import MOST_AUTHORS, agency_named, author_names
from services.parser.declared import Declared, absolute, clean, declared, host_of, listed, name_in, text_of
from services.parser.elements import elements_after, is_paragraph
from services.parser.lines import ends_sentence, key_of, same_headline, tidy, weight
from services.parser.page_dates import PageDates, page_dates
from services.parser.pictures import lead_image
from services.parser.titles import NO_SITE, Site, page_title, site
from shared.contracts.article import Image

MOST_HEADINGS = 12
LONGEST_SUMMARY = 300
LONGEST_DECK = 400
LONGEST_SECTION = 60
# Elements after the headline among which its deck stands.
DECK_WITHIN = 60
_PAUSES = " ,;:,、;"  # what a cut must not end with

_AUTHOR_META = (
    "author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "citation_author",
    "byl",
    "article:author",
    "twitter:data1",
)
_SECTION_META = (
    "article:section",
    "og:article:section",
    "articlesection",
    "parsely-section",
    "cxenseparse:recs:category",
    "section",
    "dcsext.section",
    "category",
)
_SITE_META = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "site_name",
    "twitter:site",
    "dc.publisher",
)
_HOME = re.compile(
    r"home(?:page)?|start(?:seite)?|accueil|inicio|início|главная|головна|αρχική|ana ?sayfa|الرئيسية|صفحه اصلی|خانه|首页|首頁|ホーム|トップ|홈"
    r"|trang chủ|होम|หน้าแรก|beranda|strona główna|hem|etusivu|hjem|domov|kezdőlap|acasă|you are here:?|current(?: page)?|正文",
    re.IGNORECASE,
)
_BYLINES = XPath(
    "//*[@itemprop='author' or @rel='author' or contains(@class, 'byline') or contains(@class, 'author')]"
)
_BYLINE_CLASSES = frozenset(
    ("byline", "author-name", "author", "article-author", "post-author", "entry-author")
)
MOST_BYLINES = 40
_DECK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:standfirst|deck|dek|sub-?title|sub-?head(?:line)?|sottotitolo|occhiello|chapo|chapeau|entradilla|bajada|copete"
    r"|ante?titulo|lead-?in|article-?(?:lead|intro|summary|excerpt)|entry-?(?:summary|subtitle)|post-?(?:excerpt|subtitle)|vorspann"
    r"|introtext|ingress|perex|zajawka|lid|spoiler-?lead|kicker-text)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NO_WORDS = ("ul", "ol", "nav", "form", "table", "h1", "h2", "h3", "h4", "button", "time")
_NO_SECTION = re.compile(
    r"(?:back\b|<|uncategori[sz]ed|all\b|general$|other$|default|none$|read more|articles?$|unkategorisiert|allgemein$|sin categor"
    r"|non class|未分类)",
    re.IGNORECASE,
)
_CRUMBS = XPath("(//*[contains(@class, 'readcrumb') or @id='breadcrumb' or @id='breadcrumbs'])[1]//a")


NO_DATES = PageDates()


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What was found; dates and titles of sites are as they stand there."""

    title: str = ""
    site_name: str = ""
    site: Site = NO_SITE
    deck: str | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    section: str | None = None
    canonical_url: str | None = None
    image: Image | None = None
    description: str = ""
    language: str | None = None
    dates: PageDates = NO_DATES


def page_metadata(tree: HtmlElement, url: str) -> PageMetadata:
    """Everything a page declares about itself. Never raises on odd declarations: it leaves them out."""
    told = declared(tree)
    metas, article = told.metas, told.article
    names = _site(told, url)
    headings = list(islice(tree.iter("h1"), MOST_HEADINGS))
    title = _title(tree, headings, told, names)
    writers = tuple(_told_authors(told))
    # The search of the page costs more than everything else here: only when nothing is declared.
    authors = _names(writers, names) or _names(_shown_authors(tree), names)
    return PageMetadata(
        title=title,
        site_name=_site_name(told),
        site=names,
        deck=_deck(headings, article, title),
        authors=tuple(name for name in authors if agency_named(name) is None),
        agency=next((agency for name in (*authors, *writers) if (agency := agency_named(name))), None),
        section=_section(tree, told, title, names),
        canonical_url=_canonical(tree, metas, url),
        image=lead_image(tree, told, url),
        description=metas.get("og:description") or metas.get("description") or "",
        language=_language(tree, metas, article),
        dates=page_dates(tree, told, headings),
    )


def title_of(tree: HtmlElement, url: str) -> str:
    """The page's title alone, for a fraction of what all it declares costs."""
    told = declared(tree)
    return _title(tree, list(islice(tree.iter("h1"), MOST_HEADINGS)), told, _site(told, url))


def _site_name(told: Declared) -> str:
    return told.metas.get("og:site_name") or name_in(told.article.get("publisher"))


def _site(told: Declared, url: str) -> Site:
    names = (_site_name(told), *(told.metas.get(key, "") for key in _SITE_META), *told.site_names)
    return site(names, host_of(url))


def _title(tree: HtmlElement, headings: list[HtmlElement], told: Declared, names: Site) -> str:
    full = clean(tree.findtext(".//head/title") or tree.findtext(".//title"))
    shared = [told.metas.get(key, "") for key in ("og:title", "twitter:title", "dc.title", "parsely-title")]
    headline = name_in({"name": told.article.get("headline")})
    return page_title([text_of(h) for h in headings], full, shared, headline, names)


def _language(tree: HtmlElement, metas: dict[str, str], article: dict[str, Any]) -> str | None:
    told = tree.get("lang") or tree.get("xml:lang") or metas.get("content-language")
    return told or metas.get("og:locale") or clean(article.get("inLanguage")) or None


def _canonical(tree: HtmlElement, metas: dict[str, str], url: str) -> str | None:
    """The address the page gives itself. The front page is nobody's: some systems give it to every article."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            found = absolute(url, link.get("href"))
            return None if found is None or _is_front(found, url) else found.split("#", 1)[0]
    found = absolute(url, metas.get("og:url"))
    return None if found is None or _is_front(found, url) else found.split("#", 1)[0]


def _is_front(found: str, url: str) -> bool:
    try:
        there, here = urlsplit(found), urlsplit(url)
    except ValueError:
        return False
    return not there.path.strip("/") and not there.query and bool(here.path.strip("/") or here.query)


def _told_authors(told: Declared) -> Iterator[str]:
    for author in listed(told.article.get("author")) or listed(told.article.get("creator")):
        name = author.get("name") if isinstance(author, dict) else author
        for one in listed(name):
            yield clean(one)
    for key in _AUTHOR_META:
        if key != "twitter:data1" or told.metas.get("twitter:label1", "").lower() in ("written by", "author"):
            yield told.metas.get(key, "")


def _shown_authors(tree: HtmlElement) -> Iterator[str]:
    shown = 0
    for found in cast(list[HtmlElement], _BYLINES(tree))[:MOST_BYLINES]:
        marked = found.get("itemprop") == "author" or found.get("rel") == "author"
        if not (marked or _BYLINE_CLASSES.intersection((found.get("class") or "").lower().split())):
            continue
        text = text_of(found)
        yield text if len(text) <= 80 else ""
        shown += 1
        if shown == 3:
            return


def _names(told: Iterable[str], names: Site) -> tuple[str, ...]:
    found = (name for raw in told for name in author_names(raw))
    return tuple(dict.fromkeys(n for n in found if key_of(n) not in names.keys))[:MOST_AUTHORS]


def _deck(headings: list[HtmlElement], article: dict[str, Any], title: str) -> str | None:
    """The standfirst: what markup below the headline calls one, or a whole sentence set as a smaller heading."""
    heading = next((h for h in headings if same_headline(text_of(h), title)), None)
    shown = _shown_deck(heading, title) if heading is not None else None
    return shown or _as_deck(clean(article.get("alternativeHeadline")), title)


def _shown_deck(heading: HtmlElement, title: str) -> str | None:
    for count, node in enumerate(elements_after(heading)):
        if count > DECK_WITHIN:
            return None
        if not isinstance(node.tag, str):
            continue
        marked = _DECK_CLASS.search(f"{node.get('class') or ''} {node.get('itemprop') or ''}") is not None
        if (marked or node.tag in ("h2", "h3")) and (found := _as_deck(_own_words(node), title)):
            if marked or ends_sentence(found) or weight(found) >= 60:
                return found
        elif is_paragraph(node):
            return None
    return None


def _own_words(node: HtmlElement) -> str:
    """The text of an element that holds nothing but words; '' for a box with lists, forms or headings in it."""
    return "" if any(True for _ in node.iterdescendants(*_NO_WORDS)) else text_of(node)


def _as_deck(text: str, title: str) -> str | None:
    fits = weight(text) >= 20 and len(text) <= LONGEST_DECK
    return text if fits and not same_headline(text, title) and not is_furniture(text) else None


def _section(tree: HtmlElement, told: Declared, title: str, names: Site) -> str | None:
    """The part of the site the article stands in, as it is declared, else by the way that leads to it."""
    for name in _sections(tree, told):
        name = re.split(r"[>»/|;]", name)[-1].strip()
        fits = 2 <= len(name) <= LONGEST_SECTION and len(name.split()) <= 6 and not name.isdigit()
        fits = (
            fits and not name.startswith("http") and not _NO_SECTION.match(name) and not _HOME.fullmatch(name)
        )
        if fits and key_of(name) not in names.keys and not same_headline(name, title):
            return name
    return None


def _sections(tree: HtmlElement, told: Declared) -> Iterator[str]:
    """The candidates in order of trust; the search for the way at the top of the page comes last, as it costs most."""
    yield from (told.metas.get(key, "") for key in _SECTION_META[:2])
    yield from (clean(value) for value in listed(told.article.get("articleSection"))[:1])
    yield from (told.metas.get(key, "") for key in _SECTION_META[2:])
    yield from reversed(told.breadcrumbs)
    if not told.breadcrumbs:
        yield from reversed([text_of(a) for a in cast(list[HtmlElement], _CRUMBS(tree))[:6]])


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
