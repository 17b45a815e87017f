"""Lines as printed → paragraphs: wraps and divided words joined, headings apart."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from services.parser.lines import ends_sentence, starts_item
from services.parser.pdf.layout import PdfLine, usual_leading

# How much another line's type may differ in size and still belong to the paragraph.
SAME_SIZE = 0.08
# In leadings: a wider step begins a paragraph.
STEP = 1.3
# In sizes of the type: the first line of a paragraph is set in by at least so much.
INDENT = 0.7
# Of the column's width: a line that leaves so much empty was not wrapped.
SHORT = 0.2
# Characters: what is longer was set without paragraphs.
LONGEST = 10_000
_DENSE_END = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]$")
_DENSE_START = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LONGEST_WORD = 60
_DIVIDED = re.compile(r"(\w+)[-\u00ad\u2010]$")
_FIRST_WORD = re.compile(r"\w+")
_COMPOUND = re.compile(r"\w+-\w+")
# After these a hyphen stands for a word left out: "Kultur- und Naturerbe".
_LEFT_OUT = frozenset(
    ["und", "oder", "bzw", "and", "or", "to", "et", "ou", "y", "o", "e", "en", "of", "och", "og", "i", "a"]
)
_LIGATURES = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]")


class Paragraph:
    """Lines that belong together."""

    __slots__ = ("lines", "text")

    def __init__(self, line: PdfLine, text: str) -> None:
        self.lines = [line]
        self.text = text

    @property
    def size(self) -> float:
        """The height of its type, in points."""
        return self.lines[0].size

    @property
    def page(self) -> int:
        """The page it begins on."""
        return self.lines[0].page


def paragraphs(lines: Sequence[PdfLine]) -> list[Paragraph]:
    """The paragraphs that the lines were broken from, across columns and pages."""
    leading = usual_leading(lines)
    compounds = {c.casefold() for line in lines for c in _COMPOUND.findall(line.text[:-1])}
    out: list[Paragraph] = []
    for line in lines:
        text = _plain(line.text)
        if out and _goes_on(out[-1], line, text, leading):
            out[-1].text = joined(out[-1].text, text, compounds)
            out[-1].lines.append(line)
        else:
            out.append(Paragraph(line, text))
    return out


def _plain(text: str) -> str:
    """Letters that fonts draw as one, and shapes of Arabic letters, as the letters they are."""
    return _LIGATURES.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)


def _goes_on(paragraph: Paragraph, line: PdfLine, text: str, leading: float) -> bool:
    last = paragraph.lines[-1]
    if len(paragraph.text) > LONGEST:
        return False
    if abs(last.size - line.size) > SAME_SIZE * max(last.size, line.size) or _is_item(paragraph.text, text):
        return False
    if last.page != line.page or line.bottom >= last.bottom or line.left >= last.to_right:
        return _crosses(paragraph.text, text)
    if last.bottom - line.bottom > STEP * leading * line.size:
        return False
    if _set_in(line) > INDENT * line.size and _set_in(last) <= INDENT * line.size and not _centred(line):
        return False
    return not _broken_on_purpose(last, line, text)


def _is_item(before: str, text: str) -> bool:
    """Whether an entry of a list begins: a wrapped line may begin with a number and a point too."""
    if not starts_item(text):
        return False
    return not text[:1].isdigit() or starts_item(before) or ends_sentence(before) or before[-1:] in ":;：；"


def _broken_on_purpose(last: PdfLine, line: PdfLine, text: str) -> bool:
    """Whether the first word of a line would have fitted on the line above it, with room to spare."""
    empty = _left_empty(last)
    divided = _DIVIDED.search(last.text[-_LONGEST_WORD:]) is not None and text[:1].islower()
    if divided or empty <= SHORT * (last.to_right - last.from_left) or _centred(last):
        return False
    word = text[:1] if _DENSE_START.match(text) else text.split(" ")[0]
    return len(word) / len(text) * (line.right - line.left) + line.size < empty


def _crosses(before: str, text: str) -> bool:
    """Whether a paragraph goes on in the next column or on the next page."""
    return not ends_sentence(before) and (
        text[:1].islower() or bool(_DENSE_START.match(text)) or before[-1:] in "-,"
    )


def _set_in(line: PdfLine) -> float:
    """How far the line begins from where its column does."""
    return line.to_right - line.right if line.rtl else line.left - line.from_left


def _left_empty(line: PdfLine) -> float:
    return line.left - line.from_left if line.rtl else line.to_right - line.right


def _centred(line: PdfLine) -> bool:
    return abs((line.left - line.from_left) - (line.to_right - line.right)) < 2 * line.size


def joined(before: str, after: str, compounds: Iterable[str] = ()) -> str:
    """Two lines as one. A word divided at the end of the first is made whole; `compounds` keep their hyphen."""
    divided = _DIVIDED.search(before[-_LONGEST_WORD:])
    first = _FIRST_WORD.match(after)
    if divided and first:
        if first[0].casefold() in _LEFT_OUT:
            return f"{before[:-1]}- {after}"
        if not first[0][0].islower() or f"{divided[1]}-{first[0]}".casefold() in compounds:
            return f"{before[:-1]}-{after}"
        return before[:-1] + after
    if _DENSE_END.search(before) and _DENSE_START.match(after):
        return before + after
    return f"{before} {after}"
