"""The title of a page: the headline as its readers see it, without the site's name, section, labels or damage."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from services.parser.dates import parse
from services.parser.decode import repair
from services.parser.lines import key_of, same_headline, weight

LONGEST_TITLE = 300
SAME_SUBJECT = 0.4
MOST_PIECES = 20
# A heading is the title when the told one is at most so much longer, piece by piece.
LEAST_SHARE = 0.45
# A heading of fewer words, much shorter than the told title, names a section.
LEAST_WORDS = 3
_SEPARATOR = re.compile(
    r"(\s+(?:[|–—―·•»«›‹⋆★→←<>:/\\~∣│-]|--|::|//|>>|\|\|)\s+|\s*(?:[|_丨｜│‖]|::|\|\|)\s*|(?<=[\u3040-\u9fff》】」”])-{1,2}(?=[\u3040-\u9fff])"
    r"|(?<=[\u3040-\u9fff》】」”])——?(?=[\u3040-\u9fff]{2,12}$)|(?<=[\u3040-\u9fff])：(?=[\u30a0-\u9fffA-Za-z]{2,20}$))"
)
_BARS = frozenset("| _ 丨 ｜ » « • › ‹ ⋆ ★ :: // || ∣ │ ‖ < > >>".split())  # noqa: SIM905
# Pieces that are nobody's headline.
_GENERIC = re.compile(
    r"(?:home(?:page)?|start(?:seite)?|index|main|news|latest(?: news)?|all news|top stories|headlines?|articles?|blog|story"
    r"|posts?|press(?: releases?| room| cent(?:re|er))?|newsroom|media(?: cent(?:re|er))?|news (?:&|and) events|events?|details?"
    r"|accueil|actualités?|actu|communiqués?(?: de presse)?|inicio|noticias?|portada|sala de prensa|notícias|início|página inicial"
    r"|nachrichten|aktuelles|pressemitteilung(?:en)?|notizie|comunicati(?: stampa)?|nieuws|aktualności|strona główna|wiadomości"
    r"|главная|новости|пресс-центр|новини|головна|αρχική|ειδήσεις|νέα|ana ?sayfa|haberler?|basın bültenleri"
    r"|الرئيسية|أخبار|الأخبار|صفحه اصلی|خانه|اخبار|خبر|דף הבית|חדשות|首页|首頁|新闻(?:中心|资讯|频道|动态)?|新聞(?:中心)?|正文|资讯"
    r"|要闻|要聞|频道|ホーム|トップ(?:ページ)?|ニュース|お知らせ|홈|뉴스|기사본문|기사|보도자료|trang chủ|tin tức|होम|समाचार|หน้าแรก|ข่าว"
    r"|beranda|berita|laman utama|nyheter|uutiset|hírek|zprávy|vijesti|вести|ახალი ამბები|լուրեր|xəbərlər|yangiliklar|жаңалықтар)",
    re.IGNORECASE,
)
_NOT_TITLES = re.compile(
    r"(?:untitled(?: document)?|document|no title|index|home|default|new page(?: \d+)?|無題|无标题文档|title|page|loading\W*)",
    re.IGNORECASE,
)
# Labels that desks put before a headline.
_LABEL = re.compile(
    r"(?:(?:UPDATE|CORRECTED|REFILE|WRAPUP|RPT)\s?\d{0,2}-(?=\S)"
    r"|(?:live(?: ?blog| updates?)?|breaking(?: news)?|just in|developing|watch(?: live)?|video|photos?|in pictures|gallery"
    r"|en direct|direct|vidéo|en vivo|última hora|urgente|vídeo|ao vivo|urgent|eil(?:meldung)?|liveticker|live-ticker|diretta"
    r"|foto|срочно|видео|онлайн|son dakika|canlı|عاجل|مباشر|بالفيديو|فوری|ویدئو|直播|快讯|快訊|速報|動画|속보|영상|trực tiếp|video:)"
    r"\s?(?::|：|\||丨|►|▶|—|–|-\s)\s*"
    r"|[【\[](?:live|video|breaking|直播|快讯|速報|動画|속보|영상|видео|vidéo|عاجل|urgent|updated?|photos?)[】\]]\s*)",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(
    r"\s*(?:[|–—-]\s*|\()(?:page|seite|página|pagina|стр\.?|第)\s?\d{1,3}(?:\s?(?:of|/|von|de|sur)\s?\d{1,3})?(?:页|頁)?\)?\s*$",
    re.IGNORECASE,
)
_ENDS_SITE = re.compile(
    r"(?:网|網|网站|網站|新闻网|在线|日报|日報|晚报|晚報|晨报|时报|時報|门户|客户端|电视台|广播|官网|频道|新聞|通讯社|通訊社|社|ニュース|新聞デジタル|뉴스|신문|일보)(?:\([\w.]+\))?$"
)
_CUT = re.compile(r"\s?(?:…|\.\.\.)$")
_PARTS_OF_HOSTS = frozenset(
    "www com org net gov edu info co ac int news m en fr es de ar fa zh cn uk us ru ir eu blog amp mobile web".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Site:
    """The keys of a site's names; `acronyms` are their initials as they are written."""

    keys: frozenset[str]
    acronyms: frozenset[str]


NO_SITE = Site(frozenset(), frozenset())


def site(names: Iterable[str], host: str) -> Site:
    """What a site may call itself, by its declared names and its host."""
    told = [name for name in names if name]
    labels = [label for label in host.split(".") if label not in _PARTS_OF_HOSTS]
    keys = {key_of(name) for name in (*told, *labels, host, host.removeprefix("www."))}
    keys |= {key_of(name.removeprefix("@")) for name in told}
    # "The Town News" signs as "Town News" too.
    keys |= {
        key_of(re.sub(r"^(?:the|le|la|les|el|il|der|die|das)\s", "", name, flags=re.IGNORECASE))
        for name in told
    }
    initials = {"".join(word[0] for word in re.findall(r"\w+", name)) for name in told}
    return Site(frozenset(keys - {""}), frozenset(each for each in initials if len(each) >= 2))


def page_title(headings: Sequence[str], full: str, told: Sequence[str], headline: str, names: Site) -> str:
    """The title by a page's h1s, its `<title>`, what it tells networks (`told`), and its JSON-LD headline."""
    shown = [h for h in headings if len(h) <= LONGEST_TITLE and not _is_empty(h, names)][:8]
    raw = [t for t in (*told, full, headline) if t]
    bare = [t for t in (strip_site(t, names) for t in raw) if t and not _is_empty(t, names)]
    found = _agreed(shown, raw, bare) or _lone(shown, bare) or _first(bare) or _first(shown[:1])
    return finished(_with_case(found, [*bare, *shown]), names)


def finished(title: str, names: Site) -> str:
    """A chosen title without labels, page numbers and damage."""
    title = repair(title)[:LONGEST_TITLE]
    title = _PAGE_NUMBER.sub("", title)
    without = _LABEL.sub("", title, count=1) if _LABEL.match(title) else title
    title = without if weight(without) >= 8 else title
    return strip_site(title, names).strip() or title


def feed_title(told: str, feed: str, names: Site) -> str:
    """The page's title, unless it is no more than the site's name, cut short, or knows nothing of the feed's."""
    feed = strip_site(feed, names) if feed else ""
    if not feed or not told:
        return told or finished(feed, names)
    if _CUT.search(feed) and not _CUT.search(told):
        return told
    a, b = key_of(told), key_of(feed)
    if (
        a in names.keys
        or (_CUT.search(told) and b.startswith(a))
        or (a in b and not same_headline(told, feed))
    ):
        return finished(feed, names)
    return told


def _is_empty(title: str, names: Site) -> bool:
    return (
        key_of(title) in names.keys
        or not key_of(title)
        or _NOT_TITLES.fullmatch(title) is not None
        or (_GENERIC.fullmatch(title) is not None)
    )


def _agreed(shown: Sequence[str], raw: Sequence[str], bare: Sequence[str]) -> str:
    """The longest h1 that the page's other titles hold, or begin."""
    found = []
    keys = [key_of(t) for t in raw]
    for heading in shown:
        key = key_of(heading)
        if len(key) < (4 if weight(heading) > len(heading) else 6):
            continue
        longest = max((len(key_of(t)) for t in bare), default=0)
        held = any(key in told for told in keys) and len(key) >= LEAST_SHARE * longest
        begun = any(_CUT.search(t) and key.startswith(key_of(t)) for t in bare)
        if held or begun:
            found.append(heading)
    return max(found, key=len, default="")


def _lone(shown: Sequence[str], bare: Sequence[str]) -> str:
    """The only h1, where it has the subject of the told title; without the kicker that stands in it."""
    if len(shown) != 1 or not bare:
        return ""
    heading, told = shown[0], key_of(bare[0])
    within = key_of(heading)
    # Two that tell the same know better than an h1 with more in it; so does one that it ends with.
    agreed = sum(key_of(t) == told for t in bare) >= 2 and not _goes_on(heading, bare[0])
    whole = len(told) >= 8 and told in within and len(told) >= LEAST_SHARE * len(within)
    if whole and (agreed or within.endswith(told)):
        return bare[0]
    # Search engines and networks are often told another title than readers are.
    short = len(within) < LEAST_SHARE * len(told) and len(_words(heading)) < LEAST_WORDS
    return heading if not short and _overlap(heading, bare[0]) >= SAME_SUBJECT else ""


def _goes_on(heading: str, told: str) -> bool:
    """Whether what an h1 has after the told title belongs to the headline: no stamp, score or address."""
    rest = heading[len(told) :] if heading.casefold().startswith(told.casefold()) else ""
    return re.match(r"\s*(?:[,:;–—&?!-]|[a-z]|[^\W\d_a-zA-Z])", rest) is not None


def _first(titles: Sequence[str]) -> str:
    whole = (t for t in titles if not _CUT.search(t))
    return next(whole, next(iter(titles), ""))


def _with_case(title: str, others: Iterable[str]) -> str:
    """A title set in capitals in the case another place has it in."""
    if not title.isupper():
        return title
    return next((other for other in others if key_of(other) == key_of(title) and not other.isupper()), title)


def _overlap(a: str, b: str) -> float:
    """The share of the words of the shorter of two titles that the other has too; of its letter pairs in Chinese."""
    one, other = _words(a), _words(b)
    return len(one & other) / max(1, min(len(one), len(other)))


def _words(text: str) -> set[str]:
    words = set(re.findall(r"\w+", text.casefold()))
    if len(words) > 3 or weight(text) == len(text):
        return words
    return {text[i : i + 2] for i in range(len(text) - 1)}


def strip_site(title: str, names: Site) -> str:
    """The title without the site's name, its sections and dates before or after it."""
    pieces = _SEPARATOR.split(title, maxsplit=MOST_PIECES)
    while len(pieces) > 1:
        last, separator, rest = pieces[-1], pieces[-2].strip(), "".join(pieces[:-2])
        first, after = pieces[0], "".join(pieces[2:])
        if _is_site(last, names) or _is_unknown_site(last, separator, rest):
            pieces = pieces[:-2]
        elif _leads(first, pieces[1].strip(), after, names):
            pieces = pieces[2:]
        else:
            break
    bare = "".join(pieces).strip()
    return _without_colon(bare, names)


def _is_site(piece: str, names: Site) -> bool:
    """Whether a last piece is the site's name, a part or an extension of it, a section or a date."""
    key = key_of(piece)
    if not key or key in names.keys or piece.strip() in names.acronyms or _GENERIC.fullmatch(piece.strip()):
        return True
    if (
        len(piece) <= 40
        and re.search(r"\d{4}", piece)
        and parse(piece)
        and not re.search(r"[^\W\d_]{10}", piece)
    ):
        return True
    initials = "".join(word[0] for word in re.findall(r"\w+", piece)).casefold()
    if len(initials) >= 3 and initials in names.keys:
        return True
    least = 3 if weight(piece) > len(piece) else 4
    return len(key) >= least and any(
        len(name) >= least and (key in name or (name in key and len(name) >= 0.4 * len(key)))
        for name in names.keys
    )


def _is_unknown_site(piece: str, separator: str, rest: str) -> bool:
    short = len(piece.split()) <= 5 and len(piece) <= 40 and len(rest) >= 1.2 * len(piece)
    if not short or weight(rest) < 8:
        return False
    return separator in _BARS or (_ENDS_SITE.search(piece) is not None and weight(rest) >= weight(piece))


def _leads(piece: str, separator: str, rest: str, names: Site) -> bool:
    """Whether a first piece is the site's name or a section; a headline may begin with a name that is like it."""
    if weight(rest) < 8:
        return False
    exact = key_of(piece) in names.keys or piece.strip() in names.acronyms
    generic = _GENERIC.fullmatch(piece.strip()) is not None
    named = any(len(name) >= 4 and key_of(piece).startswith(name) for name in names.keys)
    return exact or generic or (named and separator in _BARS and len(piece.split()) <= 4)


@cache
def _colon() -> re.Pattern[str]:
    return re.compile(r"^([^:：]{2,40})[:：]\s+(?=\S)")


def _without_colon(title: str, names: Site) -> str:
    """ "Town News: Gate reopens" → "Gate reopens"; only for the whole name of more than one word, or the host's."""
    match = _colon().match(title)
    if (
        match
        and key_of(match[1]) in names.keys
        and " " in match[1].strip()
        and weight(title[match.end() :]) >= 12
    ):
        return title[match.end() :]
    return title
