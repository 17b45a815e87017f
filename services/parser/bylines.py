"""Who wrote: names in bylines, the wire agency, and the dateline a report opens with."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from services.parser.date_words import fold, weekdays
from services.parser.dates import Hints, find_day
from services.parser.lines import Line, is_body, tidy
from services.parser.rule_file import read_rules
from shared.contracts.article import Dateline, Removed

MOST_AUTHORS = 12
LONGEST_NAME = 60
HEAD = 130
# A dateline that stands in a line of its own has at most so many characters.
ALONE = 60
_NAME_WORD = r"[^\W\d_][\w'’.·\u064b-\u0652\u0900-\u0e7f\u1000-\u109f\u1780-\u17ff-]*"
_NAME = re.compile(rf"{_NAME_WORD}(?: {_NAME_WORD}){{0,5}}")
_SAYS_BY = (
    "by|par|por|von|di|da|door|av|af|oleh|tekst|text|texte|texto|testo|foto e testo|autor(?:a|in|zy)?|auteur|authors?"
    "|автор|авторы|текст|подготовил[аи]?|автори|συντάκτης|του|της|yazan|haber|muhabir|penulis|reporter|tác giả|theo"
    "|بقلم|كتب|كتبت|كتابة|نویسنده|نوشته|گزارش|خبرنگار|تحریر|מאת|लेखक|প্রতিবেদক|โดย|ผู้สื่อข่าว|ავტორი|հեղինակ"
    "|作者|记者|記者|文|撰文|通讯员|编辑|文責|執筆|글"
)
_BY = re.compile(
    rf"^(?:(?:written |reported |story |posted |published |words |text |edited )?(?:{_SAYS_BY}))\s*[:：|/]?\s+"
    rf"|^(?:{_SAYS_BY})\s*[:：/]\s*|^[(（]?(?:[\u4e00-\u9fff]{{2,10}})?(?:记者|記者|通讯员)\s+",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(r"\s?[/|•·]\s?|\s[–—-]\s|[(（]|\bin [A-Z]|https?:|\bUpdated\b|(?<=\S)\s?<")
_NO_NAME = re.compile(
    r"^(?:admin(?:istrator)?|staff(?: (?:writer|reporter))?|(?:our )?(?:special )?correspondent|news ?desk|web ?desk|editors?"
    r"|editor(?:ial)?(?: (?:team|staff|board))?|webmaster|redaktion|redacción|redakcja|redaktor|redaksi|la rédaction"
    r"|rédaction|redazione|редакция|редакція|unknown|anonymous|guest|user|root|author|super user|none|null|view all posts.*"
    r"|agencies|agency|reporter|press office|press release|newsroom|编辑|责任编辑|编辑部|本报记者|记者|综合|佚名|未知|관리자|편집부"
    r"|التحرير|المحرر|تحریریه|undefined|\[object object\]|n/?a|.*\b(?:team|staff|editors|redaktion))$",
    re.IGNORECASE,
)
# What may follow a name after a comma: a degree, an office.
_TITLE_AFTER = re.compile(
    r"^(?:MS|RD|MD|MPH|RN|MBA|MA|BA|CPT|LDN|FAND|Esq|[JS]r|Ph\.?D|M\.D|M\.?Sc|B\.?Sc)\.?$|\b(?:director|manager|editor|correspondent"
    r"|reporter|writer|officer|professor|curator|head|chair|president|founder|specialist|research|contributor)\b",
    re.IGNORECASE,
)
_HAN_NAMES = re.compile(r"[\u4e00-\u9fff]{2,4}(?:[ \u3000][\u4e00-\u9fff]{2,4})+")
_ROLE_AFTER = re.compile(r"(?:\s?(?:기자|記者|记者|特派員))+$")
_AND = re.compile(r",\s|\s(?:and|und|et|y|e|en|i|и|ve|dan|và|og|och|και|و|&|\+)\s|[;、，,]\s?")


def author_names(raw: str) -> tuple[str, ...]:
    """The names in a byline: "By Ann Lee and Bo Chen/The Review" → Ann Lee, Bo Chen."""
    text = _AFTER_NAME.split(_BY.sub("", tidy(raw)).strip(" )）"))[0]
    text = _ROLE_AFTER.sub("", text.strip())
    if _HAN_NAMES.fullmatch(text):
        text = re.sub(r"[ \u3000]", "、", text)
    names: list[str] = []
    for part in _AND.split(text):
        name = part.strip(" .,:")
        is_name = 2 <= len(name) <= LONGEST_NAME and _NAME.fullmatch(name) and not _NO_NAME.match(name)
        if is_name and not (names and _TITLE_AFTER.search(name)):
            names.append(name)
    return tuple(dict.fromkeys(names))[:MOST_AUTHORS]


def byline_authors(removed: Iterable[Removed]) -> tuple[str, ...]:
    """The authors named by bylines that were taken out of the text."""
    bylines = (r.text for r in removed if r.reason == "byline" and _BY.match(r.text))
    names = (name for text in bylines for name in author_names(text) if agency_named(name) is None)
    return tuple(dict.fromkeys(names))


_VOWELS = re.compile("[\u064b-\u0652]")


@cache
def _agencies() -> dict[str, str]:
    """Every name of every agency, folded unless it is short, with the name it is shown by."""
    listed: list[list[str]] = read_rules("agencies.yaml")
    return {_agency_key(name): names[0] for names in reversed(listed) for name in names}


def _agency_key(name: str) -> str:
    return name if len(name) <= 4 and name.isascii() else _VOWELS.sub("", fold(name))


def agency_named(name: str) -> str | None:
    """The agency a whole name is of: "Xinhua News Agency" → Xinhua."""
    name = name.strip(" .,:：()（）[]【】/-–—«»\"'")
    return _agencies().get(_agency_key(name))


_SPLIT = re.compile(r"[/,;、，|]|\s[-–—]\s|\s(?:and|et|und|y|e|via|with|with files from)\s")
_SOURCE_LINE = re.compile(
    r"(?:^|[\s|·(（])(?:source|sources|quelle|fuente|fonte|källa|kilde|bron|źródło|источник|джерело|πηγή|kaynak|sumber|nguồn"
    r"|ที่มา|来源|來源|文章来源|稿源|出典|출처|المصدر|منبع|מקור|स्रोत|credit|agency|agence|agencia)\s?[:：]\s?"
    r"(?P<name>[^|()（）]{2,40})",
    re.IGNORECASE,
)


def agency_in(text: str) -> str | None:
    """The agency among the names of a byline or credit: "Ann Lee/AFP" → AFP."""
    if (whole := agency_named(text)) is not None:
        return whole
    return next((found for part in _SPLIT.split(text[:200]) if (found := agency_named(part))), None)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a report opens with."""

    place: str | None = None
    day: date | None = None
    agency: str | None = None


# Possessive: letters of many scripts are in both halves, and giving them back would take exponential time.
_WORD = r"[^\W\d_](?:[^\W\d_]|[.'’\u064b-\u0652\u0900-\u0e7f\u1000-\u109f\u1780-\u17ff-](?=[^\W\d_]))*+\.?"
_PLACE = rf"(?P<place>{_WORD}(?:[ ]{_WORD}){{0,3}}?)"
_DATE = r"(?:(?:\s?[,،]\s?|\s(?=\d))(?P<date>[^()（）/—–]{0,16}?\d[^()（）/—–]{0,24}?))?"
_BRACKET = re.compile(
    r"\s?\.?\s?(?:[(（](?P<by>[^()（）]{2,40})[)）]|/(?P<slash>[^/\d][^/]{1,39})/)\s?[.,]?\s?(?P<end>[-–—]{1,3}|[:：=]|\.|)"
)
_DASH = re.compile(r"\s(?P<end>[-–—]{1,3})\s|\s?(?P<end2>--|[–—])\s?|(?P<end3>[:：])\s")
_EAST_OPENING = re.compile(
    r"\s*(?:(?P<agency>[\u4e00-\u9fff]{2,6}社|[\u4e00-\u9fff]{2,4}网))?(?P<place>[\u4e00-\u9fff]{2,6}?)(?P<date>(?:\d{4}年)?\d{1,2}月\d{1,2}日)[电電讯訊]"
)
_KOREAN_OPENING = re.compile(r"\s*[(\[【](?P<place>[^=\[\]()]{2,12})=(?P<agency>[^\[\]()=]{2,12})[)\]】]")
_JAPANESE_OPENING = re.compile(
    r"\s*[【［\[](?P<place>[^\d\s【】］\]]{2,8}?)\s?(?P<date>\d{1,2}日)?\s?(?P<agency>共同|時事|ロイター|AFP|新華社|聯合ニュース)[^】］\]]{0,12}[】］\]]"
)
_AGENCY_FIRST = re.compile(
    rf"\s*[(（/](?P<agency>[^()（）/]{{2,24}})[)）/]\s?[-–—]{{0,2}}\s?(?:{_PLACE}{_DATE}\s?(?:[-–—]|:))?"
)
_DASHED_AGENCY = re.compile(
    rf"\s*{_PLACE}\s?[,،]?{_DATE}\s?[-–—./]{{1,2}}\s?(?P<agency>[^\s\d()–—/:،-][^\d()–—/:،-]{{1,24}}?)(?:\s?[-–—:/.،]|$)"
)


def opening_of(lines: Sequence[Line], published: date | None) -> Opening:
    """Place, day and agency of the dateline among the first lines of an article; all None where there is none."""
    paragraphs = 0
    for line in lines[:12]:
        found = _opening(line.text[:HEAD], published)
        if found:
            return found
        paragraphs += is_body(line.text)
        if paragraphs == 2:
            break
    return Opening()


def _opening(head: str, published: date | None) -> Opening | None:
    for pattern in (_EAST_OPENING, _KOREAN_OPENING, _JAPANESE_OPENING):
        if match := pattern.match(head):
            groups = match.groupdict()
            agency = agency_named(groups.get("agency") or "")
            return Opening(_place(match["place"]), _told_day(groups.get("date"), published), agency)
    for pattern in (_DASHED_AGENCY, _AGENCY_FIRST):
        if (match := pattern.match(head)) and (agency := agency_named(match["agency"])):
            return Opening(_place(match["place"]), _told_day(match["date"], published), agency)
    return _by_parts(head, published)


# Without a dash: "Oslo / Bergen, 4 March 2022" and nothing else.
_ALONE = re.compile(
    r"[^\W\d_][^\d,،]{2,40}[,،][^,،]*\d{4}\s?$|[^\W\d_][^\d,،]{2,40}[,،]\s?[^\W\d_]+\.?\s\d{1,2},\s?\d{4}$"
)


def _by_parts(head: str, published: date | None) -> Opening | None:
    """An opening in alphabets: it needs an agency, a day, or a place in capitals before a dash."""
    bracket, dash = _BRACKET.search(head), _DASH.search(head)
    first = min((m for m in (bracket, dash) if m), key=lambda m: m.start(), default=None)
    if first is None and (len(head) > ALONE or not _ALONE.match(head)):
        return None
    before = head[: first.start()] if first else head
    groups = first.groupdict() if first else {}
    by = groups.get("by") or groups.get("slash") or ""
    end = groups.get("end") or groups.get("end2") or groups.get("end3") or ""
    agency = agency_in(by) if by else None
    day, place, rest = _day_and_place(before, published)
    if by and agency is None and day is None:
        day = _told_day(by, published)
    if agency is None and rest:
        agency, rest = agency_named(rest), "" if agency_named(rest) else rest
    if not _is_place(place) or len(rest.split()) > 3 or (rest and not _is_place(rest)):
        return None
    in_capitals = place.isupper() and len(place) > 3 and end[:1] in ("-", "–", "—") and not by
    if not (agency or (day and (end or first is None)) or in_capitals):
        return None
    return Opening(_place(place), day, agency)


def _day_and_place(before: str, published: date | None) -> tuple[date | None, str, str]:
    """The day in what stands before the dash, the first of the names around it, and the others."""
    day = None
    folded = fold(before)
    told = find_day(folded, Hints(year=published.year if published else None))
    if told:
        day = _told_day(before, published)
        before = before[: told[1].start] + "," + before[told[1].end :]
    names = [
        name
        for piece in re.split(r"[,،/]", before)
        if (name := piece.strip(" .-")) and fold(name) not in weekdays()
    ]
    return day, names[0] if names else "", " ".join(names[1:])


_SAYS_WHEN = re.compile(
    r"(?:last )?(?:updated?|published|posted|modified|date|release|publie|aktualisiert|actualizado|обновлено)\b"
)
_LETTERS = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’\u064b-\u0652\u0900-\u0e7f\u1000-\u109f\u1780-\u17ff-])*$")
_SMALL = frozenset(
    (
        "de",
        "la",
        "le",
        "del",
        "of",
        "el",
        "los",
        "las",
        "do",
        "da",
        "am",
        "an",
        "der",
        "and",
        "di",
        "sur",
        "the",
    )
)


def _is_place(text: str) -> bool:
    """Whether the words may name a place: every longer one has a capital, where the script has any."""
    words = [word for word in re.split(r"[ -]", text) if word]
    if (
        not 1 <= len(words) <= 5
        or agency_named(text)
        or _SAYS_WHEN.match(fold(text))
        or not _LETTERS.match(text)
    ):
        return False
    return words[0][0] == words[0][0].upper() and all(
        word[0] == word[0].upper() or word in _SMALL for word in words
    )


def _place(text: str | None) -> str | None:
    return re.sub(r"\s(?:في|فی|em|en|a|am)$", "", text.strip(" ,،.")) or None if text else None


def _told_day(text: str | None, published: date | None) -> date | None:
    """The day a dateline tells; without a year it is that of the publication, or of the year before."""
    if not text:
        return None
    folded = fold(text)
    found = find_day(folded, Hints())
    if found is None and published is not None:
        found = find_day(folded, Hints(year=published.year))
        if found and found[0].date() > published + timedelta(days=1):
            found = find_day(folded, Hints(year=published.year - 1))
    return found[0].date() if found else None


def as_dateline(opening: Opening) -> Dateline | None:
    """The dateline as the contract has it."""
    if opening.place is None:
        return None
    return Dateline(place=opening.place, date=opening.day.isoformat() if opening.day else None)


def agency_of(opening: Opening, told: Iterable[str], removed: Iterable[Removed]) -> str | None:
    """The agency by the dateline, else the byline, else what was taken out of the text as a credit or sign-off."""
    if opening.agency:
        return opening.agency
    return next((found for text in (*told, *_credits(removed)) if (found := agency_in(text))), None)


def _credits(removed: Iterable[Removed]) -> Iterator[str]:
    for piece in removed:
        if len(piece.text) > 120 or "caption" in piece.reason or "picture" in piece.reason:
            continue
        if match := _SOURCE_LINE.search(piece.text):
            yield match["name"].strip()
        elif len(piece.text) <= 40 and (
            "byline" in piece.reason or "sign" in piece.reason or "source" in piece.reason
        ):
            yield re.sub(r"^(?:by|par|por|von|di)\s", "", piece.text, flags=re.IGNORECASE)
