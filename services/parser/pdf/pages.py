"""The pages of a PDF as words with their places, through PDFium.

This is the only module that knows the native library, and it loads it when the first PDF comes. PDFium gives the
letters of a line in reading order (also of scripts written from the right) and says where a line ends; what belongs
to which column or paragraph is for `layout`.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.errors import BadMessage

if TYPE_CHECKING:
    import pypdfium2

MOST_PAGES = 200
MOST_CHARACTERS = 400_000
# Of the processor, for all pages together; looked at between two pages.
MOST_SECONDS = 3.5
# All of a PDF but its pictures, once it is unpacked.
LARGEST_UNPACKED = 96 * 1024 * 1024
# Bytes before a stream that say how it is packed.
LONGEST_HEAD = 400
_PIECE = 16_384
# The hyphen at the end of a line that PDFium takes for a division of the word, and the letters it cannot tell.
_DIVIDED = 2
_UNKNOWN = frozenset([0, 0xFFFD, 0xFFFE, 0xFFFF])
_SPACES = frozenset([9, 10, 13, 32, 0xA0, 0x3000])
_STREAM = re.compile(rb"stream\r?\n")
_PICTURE = re.compile(rb"/(?:Subtype\s*/Image|DCTDecode|JPXDecode|JBIG2Decode|CCITTFaxDecode)")
_PACKED = re.compile(rb"/(?:FlateDecode|Fl)\b")


class NoText(Exception):
    """The PDF can be opened and holds nothing to read. The text says why."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and the box around it, in points, y upwards."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page's words in the order of the file; `across` is what is set at a right angle to the rest, as marks are."""

    height: float
    words: tuple[Word, ...]
    across: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """What a PDF holds: its pages, and what its document information says (Title, Author, CreationDate …)."""

    pages: tuple[Page, ...]
    told: dict[str, str] = field(default_factory=dict)


def read_pages(body: bytes, where: str, seconds: Callable[[], float]) -> Pages:
    """The words of every page.

    Raises `NoText` for what is locked, scanned or has no table of its letters, and `BadMessage` for what is
    damaged or takes more than a document may.
    """
    _check_streams(body, where)
    with closing(_opened(body, where)) as document:
        count = len(document)
        if count > MOST_PAGES:
            raise NoText(f"too large: a PDF of {count:,} pages; at most {MOST_PAGES} are read")
        told = {k: v for k, v in document.get_metadata_dict().items() if v}
        pages = tuple(_each(document, count, where, seconds))
    _check_letters(pages)
    return Pages(pages, told)


def _opened(body: bytes, where: str) -> "pypdfium2.PdfDocument":
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise NoText("the PDF is locked with a password") from error
        if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_SECURITY:
            raise NoText("the PDF is locked in a way that is not known") from error
        raise BadMessage(f"{where}: the PDF is damaged and cannot be opened") from error


def _each(
    document: "pypdfium2.PdfDocument", count: int, where: str, seconds: Callable[[], float]
) -> Iterator[Page]:
    import pypdfium2

    until, characters = seconds() + MOST_SECONDS, 0
    for number in range(count):
        if seconds() > until:
            raise BadMessage(
                f"{where}: the PDF takes too long: {number} of {count} pages in {MOST_SECONDS} s"
            )
        try:
            with closing(document[number]) as page, closing(page.get_textpage()) as text:
                characters += text.count_chars()
                if characters > MOST_CHARACTERS:
                    raise NoText(f"too large: a PDF of more than {MOST_CHARACTERS:,} characters")
                yield _page(text, page)
        except pypdfium2.PdfiumError:
            # One page that cannot be loaded leaves the others.
            yield Page(0.0, ())


def _page(text: Any, page: Any) -> Page:
    turns: Counter[int] = Counter()
    found: list[tuple[int, Word]] = []
    for turn, word in _words(text):
        turns[turn] += len(word.text)
        found.append((turn, word))
    upright = turns.most_common(1)[0][0] if turns else 0
    words = tuple(_turned(word, upright) for turn, word in found if turn == upright)
    across = " ".join(word.text for turn, word in found if turn != upright)
    return Page(page.get_width() if upright % 2 else page.get_height(), words, across)


def _words(text: Any) -> Iterator[tuple[int, Word]]:
    """Each word with the number of right angles it is turned by."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    raw = text.raw
    start = 0
    letters: list[str] = []
    count = text.count_chars()
    for i in range(count + 1):
        code = pdfium.FPDFText_GetUnicode(raw, i) if i < count else 32
        if code in _SPACES or code == _DIVIDED:
            if code == _DIVIDED:
                letters.append("-")
            if letters:
                yield _word(pdfium, raw, box, "".join(letters), start, i - (code != _DIVIDED))
            # PDFium joins a divided word with its rest, which stands on the next line.
            letters = []
            continue
        if not letters:
            start = i
        letters.append("\ufffd" if code in _UNKNOWN else chr(code))


def _word(pdfium: Any, raw: Any, box: Any, text: str, first: int, last: int) -> tuple[int, Word]:
    """The word between two letters, by the boxes of these two."""
    sides: list[tuple[float, float, float, float]] = []
    for i in {first, max(first, last)}:
        pdfium.FPDFText_GetLooseCharBox(raw, i, box)
        sides.append((box.left, box.bottom, box.right, box.top))
    turn = round(pdfium.FPDFText_GetCharAngle(raw, first) / (math.pi / 2)) % 4
    left, bottom = min(s[0] for s in sides), min(s[1] for s in sides)
    right, top = max(s[2] for s in sides), max(s[3] for s in sides)
    return turn, Word(text, left, bottom, right, top)


def _turned(word: Word, turn: int) -> Word:
    """The word with its place as it is for who turns the page upright (angles are clockwise)."""
    a, b, c, d = word.left, word.bottom, word.right, word.top
    a, b, c, d = {0: (a, b, c, d), 1: (-d, a, -b, c), 2: (-c, -d, -a, -b), 3: (b, -c, d, -a)}[turn]
    return Word(word.text, a, b, c, d)


def _check_letters(pages: tuple[Page, ...]) -> None:
    letters = "".join(word.text for page in pages for word in page.words)
    strange = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or c < " " for c in letters)
    if letters and strange > 0.3 * len(letters):
        raise NoText("a PDF whose letters cannot be told: its fonts do not say which sign stands for which")
    if not any(c.isalnum() for c in letters):
        what = "1 page" if len(pages) == 1 else f"{len(pages)} pages"
        raise NoText(f"a PDF without text: {what} of pictures, as a scanner makes them")


def _check_streams(body: bytes, where: str) -> None:
    """Raise BadMessage where what the file holds unpacks to more than a document needs."""
    size = 0
    for match in _STREAM.finditer(body):
        head = body[max(0, match.start() - LONGEST_HEAD) : match.start()]
        head = head[head.rfind(b" obj") + 1 :]
        if len(_PACKED.findall(head)) > 1:
            raise BadMessage(f"{where}: the PDF holds something that is packed more than once")
        if not _PACKED.search(head) or _PICTURE.search(head):
            continue
        for piece in _unpacked(body, match.end()):
            size += piece
            if size > LARGEST_UNPACKED:
                raise BadMessage(f"{where}: the PDF unpacks to more than {LARGEST_UNPACKED // 2**20} MiB")


def _unpacked(body: bytes, start: int) -> Iterator[int]:
    """The bytes a stream unpacks to, counted piece by piece; ends where it is damaged, PDFium says that better."""
    unpacker, view = zlib.decompressobj(), memoryview(body)
    while start < len(body) and not unpacker.eof:
        data = bytes(view[start : start + _PIECE])
        start += _PIECE
        while data and not unpacker.eof:
            try:
                yield len(unpacker.decompress(data, 1 << 20))
            except zlib.error:
                return
            data = unpacker.unconsumed_tail
