"""Words with places → lines in the order in which they are read, without running headers, footers and page numbers.

Words that touch make a line. Lines that stand side by side, several of them, make columns; what runs across the
columns parts the page into what is read before and after. Plain geometry: no word is looked at but for page numbers.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from services.parser.lines import key_of
from services.parser.pdf.pages import Page, Word
from shared.contracts.article import Removed

# In sizes of the type: the widest space within a line, and the narrowest one between columns.
WIDEST_SPACE = 1.6
GUTTER = 0.9
# Lines side by side that make a column, and how wide they must be on average, in sizes of the type: less is a table.
LEAST_LINES = 3
LEAST_WIDTH = 7.0
# Places at which columns are looked for, and the pieces of a page that is laid out at all: more is a drawing.
MOST_SIDES = 40
MOST_PIECES = 2_000
# Headers and footers stand in this share of a page's height, from above and below, and are so many lines at most.
EDGE = 0.14
EDGE_LINES = 3
# The share of pages on which a line at the same place is no text.
RECURS = 0.3
# In sizes of the type: lines that stand no further apart go over into one another.
ADJOINS = 1.3
_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:page|seite|página|pagina|p(?:ag|ág)?\.|стр\.?|страница|sayfa|strona|halaman|trang|صفحة|صفحه)\s*)?"
    r"(?:第\s*)?(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:/|of|von|de|di|sur|из|中)\s*\d{1,4})?(?:\s*[页頁ページ쪽]{1,3})?[-–—|\s]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line with its place, the sides of the column it stands in, and whether it runs from right to left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    page: int
    from_left: float = 0.0
    to_right: float = 0.0

    @property
    def size(self) -> float:
        """The height of its type, in points."""
        return self.top - self.bottom

    @property
    def rtl(self) -> bool:
        """Whether it is written from the right."""
        return len(_RTL.findall(self.text)) * 2 > sum(c.isalpha() for c in self.text)


def ordered_lines(pages: Sequence[Page]) -> tuple[list[PdfLine], list[Removed]]:
    """The lines of all pages in reading order, and what was taken away around them."""
    found = [pieces(page.words, number) for number, page in enumerate(pages)]
    gone, removed = _edges([lines if len(lines) <= MOST_PIECES else () for lines in found], pages)
    removed += [Removed(text=p.across, reason="set across the page") for p in pages if p.across.strip()]
    out: list[PdfLine] = []
    for number, lines in enumerate(found):
        kept = [line for line in lines if (number, line) not in gone]
        # A drawing or map with names all over it has no order but the file's.
        out += _in_order(kept) if len(lines) <= MOST_PIECES else kept
    return out, removed


def pieces(words: Iterable[Word], page: int) -> list[PdfLine]:
    """Words that stand close together on one height, as one piece each."""
    out: list[list[Word]] = []
    for word in words:
        if out and _goes_on(out[-1][-1], word):
            out[-1].append(word)
        else:
            out.append([word])
    return [_piece(group, page) for group in out]


def _goes_on(word: Word, following: Word) -> bool:
    height = max(word.top - word.bottom, following.top - following.bottom, 1.0)
    shared = min(word.top, following.top) - max(word.bottom, following.bottom)
    if shared < 0.5 * min(word.top - word.bottom, following.top - following.bottom):
        return False
    gap = max(following.left - word.right, word.left - following.right)
    return gap <= WIDEST_SPACE * height


def _piece(words: Sequence[Word], page: int) -> PdfLine:
    left, right = min(w.left for w in words), max(w.right for w in words)
    # A raised letter or a large initial must not make the whole line larger.
    height = median(w.top - w.bottom for w in words for _ in w.text[:20])
    bottom = median(w.bottom for w in words for _ in w.text[:20])
    return PdfLine(" ".join(w.text for w in words), left, bottom, right, bottom + height, page)


def _edges(
    found: Sequence[Sequence[PdfLine]], pages: Sequence[Page]
) -> tuple[set[tuple[int, PdfLine]], list[Removed]]:
    """Pieces near the upper and lower edge that recur from page to page, or number the pages."""
    places: dict[tuple[str, int], list[tuple[int, PdfLine]]] = defaultdict(list)
    numbers: list[tuple[int, PdfLine]] = []
    for number, lines in enumerate(found):
        for line in lines:
            zone = _zone(line, lines, pages[number].height)
            if zone and _is_page_number(line, lines):
                numbers.append((number, line))
            elif zone:
                places[key_of(_DIGITS.sub("#", line.text)), zone].append((number, line))
    alike = {place: _same_place(lines) for place, lines in places.items() if place[0]}
    least = max(2, RECURS * len(pages))
    recurring = {p: a for p, a in alike.items() if len({n for n, _ in a}) >= least and _counts_pages(a)}
    gone = {*numbers, *(one for same in recurring.values() for one in same)}
    _spare_text(gone, found)
    removed = [Removed(text=line.text, reason="page number") for _, line in numbers]
    for (_, zone), same in recurring.items():
        what = "running header" if zone > 0 else "running footer"
        reason = f"{what}, the same on {len({n for n, _ in same})} of {len(pages)} pages"
        removed += [Removed(text=one[1].text, reason=reason) for one in same if one in gone]
    return gone, list(dict.fromkeys(removed))


def _spare_text(gone: set[tuple[int, PdfLine]], found: Sequence[Sequence[PdfLine]]) -> None:
    """Take back what goes over into the text without a gap: two pages may begin with the same words."""
    waiting = [(n, line) for n, lines in enumerate(found) for line in lines if (n, line) not in gone]
    while waiting:
        number, line = waiting.pop()
        beside = [(number, o) for o in found[number] if (number, o) in gone and _adjoin(line, o)]
        gone.difference_update(beside)
        waiting += beside


def _adjoin(line: PdfLine, other: PdfLine) -> bool:
    step = abs(line.bottom - other.bottom) / max(line.size, 1.0)
    return 0.5 < step < ADJOINS and abs(line.left - other.left) < 2 and abs(line.size - other.size) < 1


def _counts_pages(lines: Sequence[tuple[int, PdfLine]]) -> bool:
    """Whether the numbers in lines that are the same otherwise are the same too, or grow with the pages."""
    numbers = [[int(n[-9:]) for n in _DIGITS.findall(line.text)] for _, line in lines]
    return all(
        len(set(column)) == 1 or len({n - page for n, (page, _) in zip(column, lines, strict=True)}) == 1
        for column in zip(*numbers, strict=False)
    )


def _zone(line: PdfLine, lines: Sequence[PdfLine], height: float) -> int:
    """1 for the outermost lines near the upper edge of the page, -1 for those near the lower, else 0."""
    if line.bottom > (1 - EDGE) * height:
        return int(_heights(o for o in lines if o.bottom >= line.top) < EDGE_LINES)
    if line.top < EDGE * height:
        return -int(_heights(o for o in lines if o.top <= line.bottom) < EDGE_LINES)
    return 0


def _heights(lines: Iterable[PdfLine]) -> int:
    """How many different heights the lines stand on."""
    return len({round(line.bottom) for line in lines})


def _is_page_number(line: PdfLine, lines: Sequence[PdfLine]) -> bool:
    """A number, alone on its height and the first or last thing on the page."""
    if not _NUMBER.fullmatch(line.text):
        return False
    others = [o for o in lines if o is not line]
    return (
        not others
        or line.bottom > max(o.top for o in others)
        or line.top < min(o.bottom for o in others)
        or not any(o.bottom < line.top and o.top > line.bottom for o in others)
    )


def _same_place(lines: Sequence[tuple[int, PdfLine]]) -> list[tuple[int, PdfLine]]:
    """Those that stand as high and are as large as most: a title that a header repeats is neither."""
    height = median(line.bottom for _, line in lines)
    size = median(line.size for _, line in lines)
    return [
        (number, line)
        for number, line in lines
        if abs(line.bottom - height) <= 2 * size and abs(line.size - size) <= 0.2 * size
    ]


def _in_order(lines: Sequence[PdfLine]) -> list[PdfLine]:
    """Pieces of a page in reading order, those of one column and height joined."""
    gutter = _gutter(lines)
    if gutter is None:
        return _rows(lines)
    out: list[PdfLine] = []
    left: list[PdfLine] = []
    right: list[PdfLine] = []
    rtl = sum(line.rtl for line in lines) * 2 > len(lines)
    for line in sorted(lines, key=lambda line: -line.top):
        if line.right <= gutter:
            left.append(line)
        elif line.left >= gutter:
            right.append(line)
        else:
            out += _both(left, right, rtl=rtl)
            out += _rows([line])
            left, right = [], []
    return out + _both(left, right, rtl=rtl)


def _both(left: Sequence[PdfLine], right: Sequence[PdfLine], *, rtl: bool) -> list[PdfLine]:
    first, second = (right, left) if rtl else (left, right)
    return _in_order(first) + _in_order(second)


def _gutter(lines: Sequence[PdfLine]) -> float | None:
    """Where the empty strip between two columns lies; None for a page of one column."""
    if len(lines) < 2 * LEAST_LINES:
        return None
    size = median(line.size for line in lines)
    best: tuple[int, float] | None = None
    for at in _sides(lines):
        crossing = sum(line.left < at < line.right for line in lines)
        before = [line for line in lines if line.right <= at]
        after = [line for line in lines if line.left >= at]
        if crossing > 0.3 * len(lines) or not _are_columns(before, after, size):
            continue
        width = min(line.left for line in after) - max(line.right for line in before)
        if width >= GUTTER * size and (best is None or crossing < best[0]):
            best = crossing, at
    return best[1] if best else None


def _sides(lines: Sequence[PdfLine]) -> list[float]:
    """Places just beside where several lines begin, or end where they are written from the right."""
    left = Counter(round(line.left) for line in lines)
    right = Counter(round(line.right) for line in lines)
    found = [(n, place - 1.0) for place, n in left.items()] + [(n, place + 1.0) for place, n in right.items()]
    return sorted(place for n, place in sorted(found, reverse=True)[:MOST_SIDES] if n >= LEAST_LINES - 1)


def _are_columns(before: Sequence[PdfLine], after: Sequence[PdfLine], size: float) -> bool:
    """Whether several lines stand side by side, and are lines of text rather than cells of a table."""
    if min(len(before), len(after)) < LEAST_LINES:
        return False
    if min(_mean_width(before), _mean_width(after)) < LEAST_WIDTH * size:
        return False
    low = max(min(line.bottom for line in before), min(line.bottom for line in after))
    high = min(max(line.top for line in before), max(line.top for line in after))
    beside = [sum(low <= line.bottom and line.top <= high for line in side) for side in (before, after)]
    return min(beside) >= LEAST_LINES - 1


def _mean_width(lines: Sequence[PdfLine]) -> float:
    return sum(line.right - line.left for line in lines) / len(lines)


def _rows(lines: Sequence[PdfLine]) -> list[PdfLine]:
    """One column from top to bottom; pieces of the same height are one line."""
    if not lines:
        return []
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    rows: list[list[PdfLine]] = []
    for line in sorted(lines, key=lambda line: (-line.top, line.left)):
        if rows and _same_height(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_row(row, left, right) for row in rows]


def _same_height(one: PdfLine, other: PdfLine) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared >= 0.5 * min(one.size, other.size)


def _row(row: Sequence[PdfLine], left: float, right: float) -> PdfLine:
    rtl = sum(line.rtl for line in row) * 2 > len(row)
    parts = sorted(row, key=lambda line: -line.right if rtl else line.left)
    widest = max(row, key=lambda line: len(line.text))
    return PdfLine(
        " ".join(part.text for part in parts),
        min(part.left for part in parts),
        widest.bottom,
        max(part.right for part in parts),
        widest.top,
        widest.page,
        left,
        right,
    )


def usual_size(lines: Iterable[PdfLine]) -> float:
    """The height of type that most letters have."""
    counts: Counter[float] = Counter()
    for line in lines:
        counts[round(line.size, 1)] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def usual_leading(lines: Sequence[PdfLine]) -> float:
    """From line to line, in sizes of the type."""
    steps = [
        (a.bottom - b.bottom) / a.size
        for a, b in itertools.pairwise(lines)
        if a.page == b.page and a.size > 0 and 0.5 < (a.bottom - b.bottom) / a.size < 2.5
    ]
    return median(steps) if steps else 1.2
