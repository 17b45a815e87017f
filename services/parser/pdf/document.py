"""A PDF → the title, paragraphs, dates and names of a press release, a declaration, a newsletter."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.parser.boilerplate import is_head_furniture
from services.parser.bylines import author_names
from services.parser.lines import Line, key_of, tidy, weight
from services.parser.pdf.layout import ordered_lines, usual_size
from services.parser.pdf.pages import read_pages
from services.parser.pdf.paragraphs import Paragraph, joined, paragraphs
from shared.contracts.article import Removed

# How much larger than the text type is that speaks of a title, and the title's length.
LARGER = 1.15
SHORTEST_TITLE = 8
LONGEST_TITLE = 300
# Lines of one title are as large as the first, but for so much.
_ALIKE = 0.04
# What programs write into the title of a document that was given none.
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)|powerpoint|slide|diapositiva|folie) ?[-–0-9].*|untitled.*|sans titre.*|sin título.*"
    r"|ohne titel.*|senza titolo.*|document\d*|dokument\d*|.*\.(?:docx?|pdf|indd|qxp|qxd|odt|rtf|pptx?|pub|ai|eps|tmp|cdr)"
    r"|[\w-]+_[\w-]+|print(?:ing)?|scan.*|layout \d+|(?:press release|template|vorlage|pressemitteilung)",
    re.IGNORECASE,
)
_STAMP = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line in larger type and the number of the first line of what stands under it."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class PdfText:
    """A PDF as read. `made` is the day the file was made (ISO 8601), '' when it does not say."""

    title: str
    lines: tuple[Line, ...]
    removed: tuple[Removed, ...]
    authors: tuple[str, ...]
    made: str
    headings: tuple[Heading, ...] = ()


def is_pdf(body: bytes, media_type: str) -> bool:
    """By its first bytes; where the server says it is one, a few others may stand before them."""
    return body.lstrip()[:5] == b"%PDF-" or (
        "application/pdf" in media_type.lower() and b"%PDF-" in body[:1024]
    )


def read_pdf(body: bytes, where: str, seconds: Callable[[], float] = time.process_time) -> PdfText:
    """Title and text of a PDF. `title` is '' where neither the document's information nor its type tells one.

    `seconds` tells the time of the processor. Raises `services.parser.pdf.pages.NoText` and `BadMessage`.
    """
    found = read_pages(body, where, seconds)
    printed, removed = ordered_lines(found.pages)
    text = paragraphs(printed)
    told = tidy(found.told.get("Title", "").replace("\n", " "))
    usual = usual_size(printed)
    titles = _titles(text, usual)
    title = _title(told, titles, text)
    return PdfText(
        title=title,
        lines=tuple(Line(tidy(p.text), 0 if i == 0 else 1) for i, p in enumerate(text) if tidy(p.text)),
        removed=tuple(removed),
        authors=_authors(found.told.get("Author", "")),
        made=_day(found.told.get("CreationDate", "")),
        headings=tuple(_headings(text, usual, title)),
    )


def _titles(text: Sequence[Paragraph], usual: float) -> list[str]:
    """What may be the title by its type: the largest of the first page first."""
    first = next((p.page for p in text), 0)
    large = [
        p
        for p in text
        if p.page == first and p.size >= LARGER * usual and not is_head_furniture(tidy(p.text))
    ]
    whole = _together(large, text)
    fitting = [p for p in whole if SHORTEST_TITLE <= weight(p.text) <= LONGEST_TITLE]
    return [tidy(p.text) for p in sorted(fitting, key=lambda p: -p.size)]


def _together(large: Sequence[Paragraph], text: Sequence[Paragraph]) -> list[Paragraph]:
    """Large lines that follow one another in one size are one title."""
    places = {id(p): i for i, p in enumerate(text)}
    out: list[Paragraph] = []
    last = -2
    for p in large:
        at = places[id(p)]
        if (
            at == last + 1
            and abs(out[-1].size - p.size) <= _ALIKE * p.size
            and len(out[-1].lines) + len(p.lines) <= 5
        ):
            merged = Paragraph(out[-1].lines[0], joined(out[-1].text, p.text))
            merged.lines = [*out[-1].lines, *p.lines]
            out[-1] = merged
        else:
            out.append(p)
        last = at
    return out


def _title(told: str, titles: Sequence[str], text: Sequence[Paragraph]) -> str:
    """What the document calls itself where its first page says so too, else the largest type, else what it says."""
    usable = told if SHORTEST_TITLE <= weight(told) <= LONGEST_TITLE and not _NO_TITLE.fullmatch(told) else ""
    if usable:
        printed = next((t for t in titles if key_of(t) == key_of(usable)), "")
        if printed:
            return printed
        words = set(_WORD.findall(usable.casefold()))
        first = set(_WORD.findall(" ".join(p.text for p in text[:12]).casefold()))
        if words and (
            len(words & first) >= 0.8 * len(words)
            or key_of(usable) in key_of("".join(p.text for p in text[:12]))
        ):
            return usable
    return next(iter(titles), usable)


def _headings(text: Sequence[Paragraph], usual: float, title: str) -> Iterator[Heading]:
    for at, p in enumerate(text):
        said = tidy(p.text)
        if (
            p.size >= LARGER * usual
            and SHORTEST_TITLE <= weight(said) <= LONGEST_TITLE
            and key_of(said) not in key_of(title)
        ):
            yield Heading(said, at)


def _authors(told: str) -> tuple[str, ...]:
    """People by their full names: what programs fill in is a user's or an office's short name."""
    return tuple(name for name in author_names(told) if " " in name)


def _day(stamp: str) -> str:
    found = _STAMP.match(stamp)
    return "-".join(found.groups()) if found else ""
