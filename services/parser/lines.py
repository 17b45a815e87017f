"""Lines of a document and what their shape says: a paragraph, a list item, or something too short to tell."""

import re
import unicodedata
from dataclasses import dataclass

# Ideographs and kana carry about three times as much per character as an alphabet.
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_ODD_SPACE = re.compile(r"[^\S\n]+|[\u2028\u2029\u0085]")
# Zero-width joiners stay: Persian and Indic scripts need them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SENTENCE_END = ".!?。!?…؟।։።」』"
_CLOSERS = "\"'”’»)]))】*_ "
_ITEM = re.compile(r"(?:[-–•*·▲■●○◆]|\d{1,3}[.)、]|[(（]?[一二三四五六七八九十a-zA-Z0-9]{1,2}[)）])\s?\S")
_NOT_KEY = re.compile(r"[\W_]+")
_ASCII_NOT_KEY = bytes(code for code in range(128) if not chr(code).isalnum())


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its white space put in order; `gap` counts the blank lines above it."""

    text: str
    gap: int = 0


def tidy(text: str) -> str:
    """One line in NFC: no invisible or control characters, every run of white space one plain space."""
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", _ODD_SPACE.sub(" ", text)).strip()


def to_lines(text: str) -> tuple[Line, ...]:
    """The lines of a text that hold anything."""
    lines: list[Line] = []
    gap = 0
    for raw in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text):
        if tidied := tidy(raw):
            lines.append(Line(tidied, gap))
            gap = 0
        else:
            gap += 1
    return tuple(lines)


def from_lines(lines: tuple[Line, ...]) -> str:
    """Paragraphs with a blank line between them; the items of a list follow one another."""
    out: list[str] = []
    for i, line in enumerate(lines):
        if i:
            listed = starts_item(line.text) and starts_item(lines[i - 1].text)
            out.append("\n" if listed else "\n\n")
        out.append(line.text)
    return "".join(out)


def weight(text: str) -> int:
    """Length of a text in letters of an alphabet: an ideograph counts for three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_IDEOGRAPH.findall(text[:400]))


def word_count(text: str) -> int:
    """Words of a short line; two ideographs count as one."""
    if text.isascii():
        return len(text.split())
    ideographs = len(_IDEOGRAPH.findall(text))
    return len(_IDEOGRAPH.sub(" ", text).split()) + (ideographs + 1) // 2


def ends_sentence(text: str) -> bool:
    """Whether the line ends as sentences do, closing quotes and brackets aside."""
    return text.rstrip(_CLOSERS)[-1:] in tuple(_SENTENCE_END)


def starts_item(text: str) -> bool:
    """Whether the line is an entry of a list."""
    return _ITEM.match(text) is not None


def is_table_row(text: str) -> bool:
    """Whether the line is a row of a table as extraction writes it: | cell | cell |."""
    return len(text) > 2 and text[0] == "|" == text[-1]


def is_body(text: str) -> bool:
    """Whether the line reads as a paragraph: a full sentence, or simply long."""
    if weight(text) >= 130 or is_table_row(text):
        return True
    return ends_sentence(text) and word_count(text) >= 5


def is_weak(text: str) -> bool:
    """Whether the line is too short to be anything by itself: no sentence, no entry of a list."""
    return weight(text) <= 90 and not is_body(text) and not starts_item(text)


def key_of(text: str) -> str:
    """A form in which copies are equal: letters and digits only, case folded."""
    if text.isascii():
        return text.lower().encode().translate(None, _ASCII_NOT_KEY).decode()
    return _NOT_KEY.sub("", text.casefold())


def same_headline(line: str, title: str) -> bool:
    """Whether a line is the headline again: whole, cut short, with the site's name, or damaged at its end."""
    a, b = key_of(line), key_of(title)
    if not a or not b or len(line) > 2 * len(title) + 60:
        return False
    if a == b:
        return True
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) < 8:
        return False
    if shorter in longer:
        return len(shorter) >= 0.6 * len(longer) or (
            b == shorter and re.search(r"[|_»–—::-]", line) is not None
        )
    common = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(shorter))
    return common >= 12 and common >= 0.5 * len(b) and len(a) <= 1.3 * len(b)
