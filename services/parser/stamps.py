"""When a document says it was published: the stamps on a page, its address, its dateline.

A copyright year never counts, nor does the day's date in a page header, nor anything later than a day after the
fetch; the stamp a crawler left counts only when nothing else tells.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from services.parser.calendars import calendar_of, day_of
from services.parser.date_words import fold
from services.parser.dates import NO_HINTS, Hints, Moment, find_day, parse, parse_counted, parse_stamp
from services.parser.lines import Line, is_body, same_headline


@dataclass(frozen=True, slots=True)
class Published:
    """A publication date and where it was found."""

    moment: Moment
    origin: str


_YEAR = r"(?<![0-9a-fA-F])(19[9]\d|20[0-4]\d)"
_URL_DAY = re.compile(rf"{_YEAR}([-/_.]?)(0[1-9]|1[0-2])[-/_.]?(0[1-9]|[12]\d|3[01])(?:\d{{6}})?(?![0-9])")
_URL_LOOSE_DAY = re.compile(rf"/{_YEAR}([-/])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?=[/?-]|$)")
_URL_WORD = re.compile(
    rf"/{_YEAR}[/-](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[/-](0?[1-9]|[12]\d|3[01])(?=[/?-]|$)"
)
_URL_DAY_FIRST = re.compile(r"(?<![\d/-])[/-](0[1-9]|[12]\d|3[01])-(0[1-9]|1[0-2])-(20[0-4]\d)(?![\d])")
_URL_JALALI = re.compile(r"(?<!\d)(1[34]\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?!\d)")
_URL_MONTH = re.compile(rf"/{_YEAR}[-/]?(0[1-9]|1[0-2])/(?!\d{{1,2}}/)")
_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def in_url(url: str, hints: Hints = NO_HINTS) -> Moment | None:
    """The date an address carries, a day or a month."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(f"{parts.path}?{parts.query}")[:500]
    for pattern in (_URL_LOOSE_DAY, _URL_DAY):
        if (m := pattern.search(path)) and (day := day_of("gregorian", int(m[1]), int(m[3]), int(m[4]))):
            return Moment(day, "day")
    if (m := _URL_WORD.search(path.lower())) and (
        day := day_of("gregorian", int(m[1]), _SHORT.index(m[2]) + 1, int(m[3]))
    ):
        return Moment(day, "day")
    if (m := _URL_DAY_FIRST.search(path)) and (day := day_of("gregorian", int(m[3]), int(m[2]), int(m[1]))):
        return Moment(day, "day")
    if (m := _URL_JALALI.search(path)) and (hints.country in ("IR", "AF") or "fa" in hints.languages):
        calendar = calendar_of(int(m[1]), hints.country, hints.languages)
        if day := day_of(calendar, int(m[1]), int(m[2]), int(m[3])):
            return Moment(day, "day")
    if m := _URL_MONTH.search(path):
        return Moment(datetime(int(m[1]), int(m[2]), 1, tzinfo=UTC), "month")
    return None


_PUBLISHED = re.compile(
    r"\b(?:first published|published|posted|publish(?:ing)? (?:time|date)|publication date|release (?:time|date)|released on"
    r"|date of publication|publie|paru le|mis en ligne|date de publication|publicado|publicada|fecha de publicacion"
    r"|data de publicacao|veroffentlicht|erschienen am|pubblicato|data di pubblicazione|gepubliceerd|geplaatst"
    r"|опубликовано|опубликована|дата публикации|опубліковано|публикувано|opublikowano|data publikacji|dodano"
    r"|publikovano|zverejneno|objavljeno|objavljen|publicat|megjelent|kozzeteve|publicerad|publisert|udgivet|offentliggjort"
    r"|julkaistu|terbit|dipublikasikan|diterbitkan|tayang|yayinlanma tarihi|yayin tarihi|yayinlandi|yayimlanma|giris"
    r"|δημοσιευση|δημοσιευθηκε|δημοσιευτηκε|ημερομηνια δημοσιευσης|ngay dang|xuat ban|dang ngay|cap nhat lan dau"
    r"|nai-publish|e'lon qilingan|chop etilgan|жарияланды|გამოქვეყნდა|გამოქვეყნებულია|հրապարակվել է|հրապարակված"
    r"|ilichapishwa|diumumkan)\b"
    r"|发布时间|發布時間|發佈時間|发布日期|發布日期|发表时间|發表時間|发布于|发表于|時間[:：]|时间[:：]|日期[:：]|刊登日期|上传时间"
    r"|公開日|掲載日|投稿日|配信日時|更新日時公開|발행일|작성일|게시일|입력|등록|기사입력|송고"
    r"|تاریخ النشر|نشر فی|نشر بتاریخ|تم النشر|نشرت فی|تاریخ انتشار|زمان انتشار|انتشار[:：]|تاریخ خبر|تاریخ[:：]|تاریخ اشاعت|شائع"
    r"|פורסם|תאריך פרסום|प्रकाशित|प्रकाशन तिथि|প্রকাশিত|প্রকাশ[:：]|เผยแพร่|วันที่เผยแพร่|โพสต์เมื่อ|ចេញផ្សាយ|ផ្សាយ|ထုတ်ပြန်",
    re.IGNORECASE,
)
_RELEASE = re.compile(
    r"(?:[\w ]{2,30}[:：–—-]\s)?(?:(?:press|media|news) (?:release|information|statement|notice|note|advisory)"
    r"|release|communique(?: de presse)?|comunicado(?: de (?:prensa|imprensa))?|nota (?:de prensa|de imprensa|stampa)"
    r"|comunicato stampa|pressemitteilung|presseinformation|medienmitteilung|siaran pers|rilis pers|пресс-релиз"
    r"|persbericht|informacja prasowa|basin bulteni|δελτιο τυπου)\b",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"\b(?:(?:last )?updated?(?: (?:on|at))?|modified|mis a jour|mise a jour|derniere modification|actualizado|actualizada"
    r"|atualizado|atualizada|aktualisiert|zuletzt geandert|stand|aggiornato|bijgewerkt|обновлено|изменено|оновлено"
    r"|zaktualizowano|aktualizacja|actualizat|frissitve|uppdaterad|oppdatert|opdateret|paivitetty|guncelleme|guncellendi"
    r"|diperbarui|ενημερωση|τελευταια ενημερωση|cap nhat|yangilandi)\b"
    r"|更新时间|更新時間|更新于|更新日|最終更新|最后更新|最後更新|수정|업데이트|اخر تحدیث|تم التحدیث|بروزرسانی|עודכן|अपडेट|अद्यतन|আপডেট|อัปเดต",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"©|\(c\)\s?(?:19|20)\d\d|copyright|版权|版權|著作権|all rights|droits reserves|حقوق", re.IGNORECASE
)
_SPAN = re.compile(r"(?<![\d-])\d{1,2}\s?(?:[-–—~]|to|au|al|bis|至|到)\s?\d{1,2}\s+[^\W\d]")
_STRAP = re.compile(r"[·•|]|\d:\d\d")
# What is told of a date that is not the publication's.
_OTHER = re.compile(
    r"\b(?:deadline|apply by|expires?|due|founded|est\.|since|established|taken|photo|pictured|copyright|born|register by"
    r"|date limite|plazo|frist|scadenza|event date|when)\b|截止|活动时间|開催日|会期|마감|摄影|图片",
    re.IGNORECASE,
)


def _near(lines: Sequence[Line]) -> list[Line]:
    return [*lines[:60], *lines[60:][-20:]]


def _before_update(lines: Iterable[Line], hints: Hints) -> Moment | None:
    """The date in front of the word for an update: "26 November 2025 (updated 27 November 2025)"."""
    for line in lines:
        folded = fold(line.text)
        if len(folded) > 200 or not (match := _UPDATED.search(folded)) or _COPYRIGHT.search(folded):
            continue
        before = line.text[: match.start()]
        if not is_body(before) and _may_be_stamp(before) and (moment := parse(before, hints)):
            return moment
    return None


def _labelled(lines: Iterable[Line], label: re.Pattern[str], hints: Hints) -> Moment | None:
    for line in lines:
        if len(line.text) > 200:
            continue
        folded = fold(line.text)
        match = label.search(folded)
        if match is None or _COPYRIGHT.search(folded):
            continue
        after = _until_other_label(line.text, folded, match.end(), label)
        if is_body(after):
            continue
        # Without a fetch a label alone makes no "Monday" a date.
        moment = parse_stamp(after, hints)
        near = re.match(r"\D{0,40}\d", fold(after)) is not None
        if moment and (near or (len(after) <= 30 and not any(c.isdigit() for c in after))):
            return moment
    return None


def _until_other_label(text: str, folded: str, start: int, label: re.Pattern[str]) -> str:
    """What follows a label, as far as the next label of the other kind."""
    other = _PUBLISHED if label is _UPDATED else _UPDATED
    following = other.search(folded, start)
    return text[start : min(start + 64, following.start() if following else len(text))]


def _release_stamp(lines: Iterable[Line], hints: Hints) -> Moment | None:
    """The date on the label of a press release ("Press release, 4 March 2022"), a line of nothing else."""
    for line in lines:
        folded = fold(line.text)
        if len(folded) <= 100 and (label := _RELEASE.match(folded)):
            after = folded[label.end() :]
            found = find_day(after, hints)
            if found and found[1].start <= 6 and not re.search(r"[^\W\d_]{3}", after[found[1].end :]):
                return Moment(found[0], "day")
    return None


def labelled_stamp(lines: Sequence[Line], hints: Hints = NO_HINTS) -> Moment | None:
    """A date with a word for publication before it, else for a press release, else for an update."""
    near = _near(lines)
    published = _labelled(near, _PUBLISHED, hints) or _release_stamp(lines[:8], hints)
    return published or _before_update(near, hints) or _labelled(near, _UPDATED, hints)


# "15:05 น." and "26 d." end no sentence.
_ABBREVIATED = re.compile(r"\s(?:\w\.){1,3}$")


def bare_stamp(lines: Sequence[Line], title: str, hints: Hints = NO_HINTS) -> Moment | None:
    """A date that stands alone below the headline: above it stands the day the page was shown."""
    start = next((i for i, line in enumerate(lines[:20]) if title and same_headline(line.text, title)), None)
    for line in lines[0 if start is None else start + 1 :][:12]:
        if is_body(_ABBREVIATED.sub("", line.text)):
            break
        stamp = start is not None or _STRAP.search(line.text)
        if stamp and _may_be_stamp(line.text) and (moment := _bare(line.text, hints)):
            return moment
    return None


def _bare(text: str, hints: Hints) -> Moment | None:
    """A date that stands alone: whole, or "3 hours ago" and the like where there is nothing else in the line."""
    return parse(text, hints) or (parse_counted(text, hints) if len(text) <= 28 else None)


def _may_be_stamp(text: str) -> bool:
    return (
        len(text) <= 90 and not _COPYRIGHT.search(text) and not _SPAN.search(text) and not _OTHER.search(text)
    )


def element_stamp(text: str, hints: Hints, *, changed: bool = False) -> Moment | None:
    """A date in an element that its markup calls a date; "Published … Updated …" gives the first.

    One that tells of a change alone counts only when `changed`.
    """
    folded = fold(text)
    if len(text) > 120 or not text or _COPYRIGHT.search(folded) or _SPAN.search(folded):
        return None
    if match := _PUBLISHED.search(folded):
        text = _until_other_label(text, folded, match.end(), _PUBLISHED)
    elif _OTHER.search(folded) or (_UPDATED.search(folded) is not None) != changed:
        return None
    return parse_stamp(text, hints)


def updated_stamp(lines: Sequence[Line], hints: Hints = NO_HINTS) -> Moment | None:
    """An "updated" stamp among the lines."""
    return _labelled(_near(lines), _UPDATED, hints)


_DATELINE_END = re.compile(
    r"\s?(?:\([^()]{2,60}\)|/[^/]{2,30}/)?\s?[-–—:]|[电電]|\.\s?/[^/]{2,40}/|\s?\([^()]{2,60}\)\s?"
)
_NO_PLACE = re.compile(r"[.!?]\s|[:\d]|day\b", re.IGNORECASE)


def dateline_day(lines: Sequence[Line], hints: Hints = NO_HINTS) -> Moment | None:
    """The day an article opens with ("Vienna, May 20, 2025 (Agency) -"). A year must be told, there or by `hints`."""
    paragraphs = 0
    for line in lines[:20]:
        head = fold(line.text[:110])
        found = find_day(head, hints)
        if found is not None and _opens_article(head, found[1].start, found[1].end):
            return Moment(found[0], "day")
        paragraphs += is_body(line.text)
        if paragraphs == 3:
            break
    return None


def _opens_article(head: str, start: int, end: int) -> bool:
    place = re.sub(r"^(?:\w{3,9}day|\w{3}\.),?\s", "", head[:start], flags=re.IGNORECASE)
    # A place is set off from the date; Chinese agencies write both in one word.
    set_off = not place.strip() or re.search(r"[,，、(（–—-]\s?$|[\u4e00-\u9fff]$", place)
    if start > 60 or not set_off or _NO_PLACE.search(place):
        return False
    if place.rstrip().endswith("(") and head[end : end + 1] == ")":
        end += 1
    alone = end == len(head) and len(place) > 2 and place.rstrip().endswith(",")
    return alone or _DATELINE_END.match(head, end) is not None


def crawl_stamp(lines: Sequence[Line]) -> Moment | None:
    """The stamp a crawler set before the text ("date 2025-08-19 …"): the last resort."""
    match = re.match(r"date (\d{4}-\d{2}-\d{2})(?:\s|$)", lines[0].text) if lines else None
    return parse(match[1]) if match else None
