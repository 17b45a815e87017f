"""Addresses of the parts of an article: its own address with a page mark put in (`_2.html`, `/2/`, `?page=2`).

Pure arithmetic on addresses, and a cheap look at a page's bytes: whether any link on it is such an address at all. Most
pages have none, and are looked at no further.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

from shared.contracts.article import Struct
from shared.identity import normalise

HIGHEST = 99
# Bytes and tags of a page, and bytes of a tag, above which it is not looked at: no article needs as much.
LARGEST, MOST_TAGS = 4 * 1024 * 1024, 60_000
_ENDLESS_TAG = re.compile(rb"<[a-zA-Z][^<>]{20000}")
_PARAGRAPH = re.compile(rb"<[pP][\s>]")
# Links of a page that are looked at.
MOST_LINKS = 5_000
LONGEST_LINK = 2_000
# A link of so many letters may leave out the page's name: `2/`.
SHORT = 16
_NUMBERED = re.compile(rb"(?:[/_,.=-]|[a-z])\d{1,2}(?!\d)|^\d{1,2}/?$", re.IGNORECASE)
_PLAIN = re.compile(rb"[\w.-]+")
_WORDS = "page|pages|p|pg|pag|pagina|página|paginas|seite|part|pagenum|pageno|hoja|halaman|trang|sayfa|strona|stranica|sida|side"
_PARAMETERS = re.compile(
    rf"(?:{_WORDS}|paged|page[_-]?(?:no|num|number|index|id)|cur(?:rent)?[_-]?page|pn|start|limitstart|showpage|story_?page|pagewanted)",
    re.IGNORECASE,
)
# Parameters that count pages from nought.
_FROM_NOUGHT = re.compile(r"(?:page|start|limitstart|page_?index|p)", re.IGNORECASE)
_BEHIND = re.compile(
    rf"/(?:(?P<word>{_WORDS})(?P<between>[/_=-]?))?(?P<number>\d{{1,2}})/?(?P<ending>\.[a-z]{{3,6}})?",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"(?P<sign>[_,.-])(?:(?P<word>{_WORDS})(?P<between>[_-]?))?(?P<number>\d{{1,2}})", re.IGNORECASE
)
_ENDING = re.compile(r"(?<=[^/.])\.[a-z]{3,6}$", re.IGNORECASE)
_OWN_MARK = re.compile(rf"[_,.-](?:(?:{_WORDS})[_-]?)?[01]$", re.IGNORECASE)
_WHOLE = re.compile(
    r"(?:(?:page|p|pg|pagewanted|view|show|display|pages?|pagenum|currentpage|start)=(?:all|full|single|whole|onepage|printable)"
    r"|(?:single_?page|single|one_?page|show_?all|view_?all|all_?pages?|full|full_?page|full_?text|fullview|complete|nopaging|all"
    r"|no_?pages|allinone)=(?:1|true|yes|y|on|all|))",
    re.IGNORECASE,
)
_WHOLE_PATH = re.compile(
    r"[/_,.-](?:all|full|whole|single|single-?page|one-?page|view-?all|show-?all|fulltext|full-text|komplett|alles"
    r"|auf-einer-seite|toute|tout|todo|completo|completa|quan|qw)",
    re.IGNORECASE,
)
_PRINT = re.compile(
    r"(?:print(?:able|er|version|_?view|_?page|_friendly|erfriendly)?=(?:1|true|yes|y|on|print|)"
    r"|(?:view|output|mode|format|layout|action|type|template|tpl|display|style|version|do|op)=print(?:able|er|_?view|-?friendly)?"
    r"|pdruck=1|druck(?:version|ansicht)?=(?:1|true|))",
    re.IGNORECASE,
)
_PRINT_PATH = re.compile(
    r"[/_,.-](?:print|printable|printview|print-view|printer|printer-friendly|drucken|druckversion|imprimir|imprimer"
    r"|stampa|cetak)",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"comment|kommentar|repl(?:y|ies)|photo|foto|image|bild|galler|video|share|forum|author", re.IGNORECASE
)
_VALUE = rb"""\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})'|([^\s"'<>]{1,2000}))"""
# Two searches in one case each take a tenth of the time of one in both.
_HREFS = (re.compile(rb"href" + _VALUE), re.compile(rb"HREF" + _VALUE))
_BASE = re.compile(rb"""<base\b[^>]{0,300}?\bhref\s*=\s*["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
_CANONICAL = re.compile(rb"""<link\b[^>]{0,1000}?\brel\s*=\s*["']?canonical\b[^>]{0,2000}>""", re.IGNORECASE)
# How TRS WCM, which many Chinese offices use, writes its links to parts: pages in all, the present one (from 0), name.
SCRIPTED = re.compile(
    rb"""createPageHTML\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*,\s*["']([\w-]{1,200})["']\s*,\s*["'](\w{3,6})["']"""
)


class Mark(Struct, frozen=True):
    """The page mark of an address: how it is written, and its number."""

    style: str
    number: int


@dataclass(frozen=True, slots=True)
class _Split:
    path: str
    query: tuple[tuple[str, str], ...]


def on_site(url: str, page: str) -> str:
    """An address in normal form at the origin of `page`; '' where it lies on another host."""
    try:
        there, here = urlsplit(normalise(url)), urlsplit(page)
    except ValueError:
        return ""
    if _host(there) != _host(here) or there.scheme not in ("http", "https"):
        return ""
    return there._replace(scheme=here.scheme, netloc=here.netloc).geturl()


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def mark_of(url: str, article: str) -> Mark | None:
    """The mark that makes `url` of the article's address, which may carry the mark of a first page itself."""
    one, other = _split(url), _split(article)
    if one.path.rstrip("/") == other.path.rstrip("/"):
        return _query_mark(one, other)
    if one.query != other.query or not other.path.strip("/"):
        return None
    return _path_mark(one.path, other.path)


def _split(url: str) -> _Split:
    parts = urlsplit(url)
    return _Split(parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))))


def _query_mark(one: _Split, other: _Split) -> Mark | None:
    added = [pair for pair in one.query if pair not in other.query]
    gone = [pair for pair in other.query if pair not in one.query]
    if len(added) != 1 or not (other.path.strip("/") or other.query):
        return None
    ((name, value),) = added
    # In place of another number it is the same parameter; that of the first page counts as none.
    if gone and (len(gone) > 1 or gone[0][0] != name or gone[0][1] not in ("0", "1")):
        return None
    if not _PARAMETERS.fullmatch(name) or not value.isascii() or not value.isdigit() or int(value) > HIGHEST:
        return None
    return Mark(f"?{name.lower()}{'*' if gone else ''}", int(value))


def _path_mark(path: str, own: str) -> Mark | None:
    ending = _ending(own)
    stem = own.removesuffix(ending).rstrip("/")
    rest = path[len(stem) :]
    if path.startswith(stem):
        if match := _BEHIND.fullmatch(rest.removeprefix(ending) if rest.startswith(f"{ending}/") else rest):
            if (match["ending"] or "") in ("", ending):
                return Mark(f"/{match['word'] or ''}{match['between'] or ''}", int(match["number"]))
            return None
        if _ending(rest) == ending and (match := _INSIDE.fullmatch(rest.removesuffix(ending).rstrip("/"))):
            return _inside(match, ending)
    if not (counted := _OWN_MARK.search(stem)) or not ending:
        return None
    stem = stem[: counted.start()]
    match = _INSIDE.fullmatch(path[len(stem) :].removesuffix(ending)) if path.startswith(stem) else None
    return _inside(match, ending, "*") if match and path.endswith(ending) else None


def _ending(path: str) -> str:
    found = _ENDING.search(path)
    return found[0] if found else ""


def _inside(match: re.Match[str], ending: str, counted: str = "") -> Mark:
    style = f"{match['sign']}{match['word'] or ''}{match['between'] or ''}{ending}{counted}"
    return Mark(style, int(match["number"]))


def is_weak(mark: Mark) -> bool:
    """Whether such a mark may as well make another article: `…/statement-2`, or a number that was there and is counted."""
    return (
        mark.style.endswith("*") or bool(re.fullmatch(r"[_,.-]", mark.style)) or mark.style.startswith("-.")
    )


def may_count_from_nought(mark: Mark) -> bool:
    """Whether there are sites that give the second part the number one, written so."""
    if mark.style.startswith("?"):
        return _FROM_NOUGHT.fullmatch(mark.style.strip("?*")) is not None
    return mark.style[0] in "_-" and "." in mark.style and not mark.style.endswith("*")


def is_whole(url: str, article: str) -> bool:
    """Whether `url` is the article's own address with a mark for the view on one page."""
    return _has_added(url, article, _WHOLE, _WHOLE_PATH)


def is_print(url: str, article: str) -> bool:
    """Whether `url` is the article's own address with a mark for the view for printing."""
    return _has_added(url, article, _PRINT, _PRINT_PATH)


def is_of(url: str, article: str) -> bool:
    """Whether `url` begins as the article's own address does, and is another one: of its text, not of what it has beside."""
    one, other = _split(url), _split(article)
    stem = other.path.removesuffix(_ending(other.path)).rstrip("/")
    if not stem or one == other or not one.path.startswith(stem) or one.path[len(stem) :][:1].isalnum():
        return False
    return not _BESIDE.search(f"{one.path[len(stem) :]}?{urlencode(one.query)}")


def _has_added(url: str, article: str, parameter: re.Pattern[str], path: re.Pattern[str]) -> bool:
    one, other = _split(url), _split(article)
    if one.path.rstrip("/") == other.path.rstrip("/"):
        added = [pair for pair in one.query if pair not in other.query]
        kept = all(pair in one.query for pair in other.query)
        return kept and 0 < len(added) <= 3 and any(parameter.fullmatch(urlencode([pair])) for pair in added)
    ending = _ending(other.path)
    stem = other.path.removesuffix(ending).rstrip("/")
    if not stem or not one.path.startswith(stem) or one.query != other.query:
        return False
    rest = one.path[len(stem) :].rstrip("/")
    rest = rest.removeprefix(ending) if rest.startswith(f"{ending}/") else rest.removesuffix(ending)
    return path.fullmatch(rest) is not None


def scripted(content: bytes, url: str) -> tuple[int, int, str, str] | None:
    """What a page's script says of its parts: their count, which this is (from 0), the first's address and the ending."""
    name = urlsplit(url).path.rpartition("/")[2]
    for match in SCRIPTED.finditer(content):
        count, at, stem, ending = int(match[1]), int(match[2]), match[3].decode(), match[4].decode()
        if at < count and name == f"{stem}_{at}.{ending}" if at else name == f"{stem}.{ending}":
            return count, at, urljoin(url, f"{stem}.{ending}"), ending
    return None


def own_addresses(content: bytes, url: str) -> tuple[str, ...]:
    """The addresses under which a page may be named by its own links: that it was had from, and its canonical one."""
    own = [on_site(url, url)]
    if (found := _CANONICAL.search(content)) and (href := _HREFS[0].search(found[0])):
        own.append(absolute(_text(href), url, url))
    return tuple(dict.fromkeys(address for address in own if address))


def base_of(content: bytes, url: str) -> str:
    """The address that relative links of a page go by."""
    found = _BASE.search(content[:50_000])
    try:
        return urljoin(url, unescape(found[1].decode("utf-8", "replace"))) if found else url
    except ValueError:
        return url


def may_lead_on(content: bytes, url: str) -> bool:
    """Whether a page links to a part of itself, or may itself be a later part: it is worth a closer look."""
    own = own_addresses(content, url)
    if scripted(content, url):
        return True
    base = base_of(content, url)
    return any(
        mark_of(link, address) or mark_of(address, link)
        for address in own
        for link in _links(content, base, address)
        if link != address
    )


def may_be_shell(content: bytes) -> bool:
    """Whether a page names an AMP view of itself and may show next to no text of its own."""
    return b"amphtml" in content and b'"articleBody"' not in content and len(_PARAGRAPH.findall(content)) < 4


def is_readable(content: bytes) -> bool:
    """Whether a page is of a size that a closer look at its links can be afforded."""
    return len(content) <= LARGEST and content.count(b"<") <= MOST_TAGS and not _ENDLESS_TAG.search(content)


def _links(content: bytes, base: str, page: str) -> Iterator[str]:
    """The links of a page, in normal form at its own origin; only those that may be parts of it, or its first."""
    path = urlsplit(page).path
    stem = _shared_stem(path)
    later = (
        stem != path.removesuffix(_ending(path)).rstrip("/") or _NUMBERED.search(page.encode()) is not None
    )
    name = stem.rpartition("/")[2].encode()
    plain = _PLAIN.fullmatch(name) is not None
    found = {raw for href in _HREFS for match in href.finditer(content) for raw in match.groups() if raw}
    for raw in sorted(found)[:MOST_LINKS]:
        # What follows takes far longer than all else here, and nearly no link is worth it.
        if plain and name not in raw and len(raw) > SHORT and not raw.startswith(b"?"):
            continue
        if not later and not _NUMBERED.search(raw):
            continue
        address = absolute(unescape(raw.decode("utf-8", "replace")), base, page)
        if address and urlsplit(address).path.startswith(stem):
            yield address


def _shared_stem(path: str) -> str:
    """What the paths of all parts begin with: without the page's own mark, should it have one."""
    stem = path.removesuffix(_ending(path)).rstrip("/")
    return re.sub(rf"(?:[/_,.-](?:(?:{_WORDS})[/_=-]?)?\d{{1,2}})$", "", stem, flags=re.IGNORECASE)


def absolute(link: str, base: str, page: str) -> str:
    """The address a link of a page leads to, if that is on the same site; "" where it is not, or is none."""
    try:
        return on_site(urljoin(base, link.strip()), page) if len(link) <= LONGEST_LINK else ""
    except ValueError:
        return ""


def _text(found: re.Match[bytes]) -> str:
    return unescape((found[1] or found[2] or found[3]).decode("utf-8", "replace"))
