"""Bytes → text, and damaged text → what it was.

The order of evidence for an encoding: byte order mark; valid UTF-8 that is not plain ASCII (no other encoding
passes that test by chance); what HTTP declares; what the page declares; detection; Windows-1252.
"""

import re
from dataclasses import dataclass

import charset_normalizer
import ftfy
from ftfy import TextFixerConfig
from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding, to_unicode

from services.parser.cyrillic import cyrillic_encoding, other_cyrillic
from services.parser.misread import frequent_share, may_be_misread, reread

# Bytes looked at to tell a binary file, and to detect an encoding.
SNIFF = 4096
DETECT = 65_536
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"RIFF", "RIFF media"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
    (b"\x7fELF", "program"),
    (b"OggS", "Ogg media"),
    (b"ID3", "MP3 sound"),
)
# The bytes of GBK punctuation read as Windows-1252. None of these pairs occurs in sound text.
_GBK_DAMAGE = {
    "¨C": "–",
    "¨D": "—",
    "¡ª": "—",
    "¡°": "“",
    "¡±": "”",
    "¡®": "‘",
    "¡¯": "’",
    "¡\u00ad": "…",
    "¡¶": "《",
    "¡·": "》",
    "¡¢": "、",
    "¡£": "。",
    "£¬": ",",
    "£º": ":",
    "£»": ";",
    "£¨": "(",
    "£©": ")",
    "£¿": "?",
}
_GBK_PATTERN = re.compile("|".join(map(re.escape, _GBK_DAMAGE)))
# The first two bytes of a UTF-8 character read as Windows-1252, 1251 or 1250: a quick look before ftfy's thorough one,
# which takes as long on a whole page as extraction.
_UTF8_DAMAGE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|[РС][\u0402-\u040f\u0452-\u045f\u0490\u0491\u00a0-\u00bb\u2013-\u203a\u20ac\u2116\u2122]"
    "|[ВГ][\u0402-\u040f\u0452-\u045f\u0490\u0491\u00a4-\u00bb\u20ac\u2116]|вЂ|[\u0102\u0139][\u00a4-\u00bb\u0105\u015b-\u0161\u0165\u017a-\u017e]"
)
# A converter between simplified and traditional characters left readings behind: 產(chǎn).
_PINYIN = re.compile(r"(?<=[\u4e00-\u9fff])[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜ]{1,6}[)）]")
_TONED = re.compile(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_FTFY = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)


# What detection takes for the encoding of a system that publishes nothing is its neighbour.
_ON_THE_WEB = {
    "mac_cyrillic": "cp1251",
    "kz1048": "cp1251",
    "ptcp154": "cp1251",
    "mac_roman": "cp1252",
    "hp_roman8": "cp1252",
    "mac_latin2": "cp1250",
    "mac_greek": "cp1253",
    "mac_turkish": "cp1254",
    "johab": "cp949",
    "cp1125": "cp866",
    "koi8_t": "koi8-u",
}
_CHINESE = {"gb18030": ("gb18030", "gbk", "gb2312"), "big5hkscs": ("big5", "big5hkscs", "big5-hkscs")}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was in, and whether some bytes could not be read (they stand as U+FFFD)."""

    text: str
    encoding: str
    damaged: bool


def binary_kind(body: bytes) -> str | None:
    """What kind of binary file the bytes are, or None for text."""
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return name
    head = body[:SNIFF]
    if read_bom(head)[0] is None and head.count(0) > len(head) // 100 and not _utf16_without_mark(head):
        return "binary data"
    return None


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32, told by markup or other ASCII in it: zeros stand in every other byte, or in three of four."""
    quarter = max(1, len(head) // 4)
    low = [head[i::4].count(0) for i in range(4)]
    if low[0] == 0 and min(low[2:]) == quarter and low[1] > 0.15 * quarter:
        return "utf-32-le"
    if low[3] == 0 and min(low[:2]) == quarter and low[2] > 0.15 * quarter:
        return "utf-32-be"
    pairs = max(1, len(head) // 2)
    if head[1::2].count(0) > 0.15 * pairs and head[::2].count(0) == 0:
        return "utf-16-le"
    if head[::2].count(0) > 0.15 * pairs and head[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def decode(body: bytes, charset: str | None, *, html: bool) -> Decoded:
    """The text of a document; `charset` is what HTTP said. Never raises."""
    marked, mark = read_bom(body)
    if marked is not None and mark is not None:
        return _read(body[len(mark) :], marked)
    if bare := _utf16_without_mark(body[:SNIFF]):
        return _read(body, bare)
    declared = [charset, html_body_declared_encoding(body[:SNIFF]) if html else None]
    names = [name for label in declared if label and (name := _text_encoding(label))]
    if not body.isascii() and _is_utf8(body):
        return _read(body, "utf-8")
    for name in names:
        if (text := _strict(body, name)) is not None:
            return (
                _of_the_other_chinese(body, name, text)
                or _of_another_cyrillic(body, name)
                or Decoded(text, name, damaged=False)
            )
    if body.isascii():
        return _read(body, "ascii")
    return _read(body, _best_guess(body, names))


def _text_encoding(label: str) -> str | None:
    name = resolve_encoding(label.strip())
    try:
        "".encode(name or "undefined")
        b"".decode(name or "undefined")
    except (LookupError, ValueError):
        return None
    return name


def _is_utf8(body: bytes) -> bool:
    """Valid UTF-8, but for a wrong byte in a hundred sequences or a cut at the end."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if not bad:
        return True
    good = sum(1 for byte in body if byte >= 0xC2) - bad
    return bad * 50 <= good


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (LookupError, ValueError):
        return None


def _of_the_other_chinese(body: bytes, name: str, text: str) -> Decoded | None:
    """GBK that is declared as Big5, or the other way round: either reads the other's bytes, as rare ideographs."""
    told = next((codec for codec, names in _CHINESE.items() if name in names), None)
    if told is None or frequent_share(text, told) >= 0.7:
        return None
    other = next(codec for codec in _CHINESE if codec != told)
    again = _strict(body, other)
    if again is None or frequent_share(again, other) < 0.9:
        return None
    return Decoded(again, other, damaged=False)


def _of_another_cyrillic(body: bytes, name: str) -> Decoded | None:
    """KOI8-R that is declared as Windows-1251, or the other way round: letters in the wrong case."""
    other = other_cyrillic(body[:DETECT], name)
    return _read(body, other) if other else None


def _best_guess(body: bytes, declared: list[str]) -> str:
    """The declared encoding that leaves few holes, else the detected one, else Windows-1252. Detection takes short
    Cyrillic texts for Japanese ones or reads them in the wrong case: these are looked at first."""
    for name in declared:
        text = to_unicode(body, name)
        if name != "utf-8" and text.count("\ufffd") * 50 <= len(text):
            return name
    if cyrillic := cyrillic_encoding(body[:DETECT]):
        return cyrillic
    best = charset_normalizer.from_bytes(body[:DETECT]).best()
    if best is None:
        return "cp1252"
    return _text_encoding(_ON_THE_WEB.get(best.encoding, best.encoding)) or "cp1252"


def _read(body: bytes, name: str) -> Decoded:
    text = to_unicode(body, name)
    return Decoded(text, name, damaged="\ufffd" in text)


def repair(text: str) -> str:
    """One line with damage undone where that is certain; sound text comes back unchanged, curly quotes and all."""
    if text.isascii():
        return text
    # ftfy would read "¨C" as sound; it knows UTF-8 taken for a European encoding, not GBK.
    again = reread(text)
    fixed = ftfy.fix_text(_GBK_PATTERN.sub(lambda m: _GBK_DAMAGE[m[0]], again), _FTFY)
    return text if fixed == text or _speaks_of_damage(text, fixed) else fixed


def _speaks_of_damage(text: str, fixed: str) -> bool:
    """Whether a letter stands in the line both sound and damaged: `it wrote "Ã¤" for "ä"` is no damage."""
    letters = {c for c in fixed if c.isalpha() and not c.isascii()}
    return any(0 < text.count(c) < fixed.count(c) for c in letters)


def repair_markup(html: str) -> str:
    """A page with damage undone between and within its tags.

    Before it is parsed, because parsers drop the control characters that damaged text is made of.
    """
    if html.isascii():
        return html
    # Damage does not reach over a tag: looking at the few pieces that are not ASCII spares most of the search.
    suspect = "\n".join([piece for piece in html.split("<") if not piece.isascii()])
    if not (_UTF8_DAMAGE.search(suspect) or _GBK_PATTERN.search(suspect) or may_be_misread(suspect)):
        return html
    return re.sub(r"[^<>]+", lambda m: repair(m[0]), html)


def pinyin_noise(text: str) -> list[str]:
    """Readings in brackets that a converter left after single characters; empty where they may be meant."""
    found = _PINYIN.findall(text)
    return found if len(found) >= 3 and _TONED.search("".join(found)) else []


def without_pinyin(text: str) -> str:
    """The text without readings in brackets."""
    return _PINYIN.sub("", text)
