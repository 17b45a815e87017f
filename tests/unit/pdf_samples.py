"""Small PDFs written by hand: lines of text at given places, in Helvetica or, for other scripts, with a table of letters."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842  # points: A4


@dataclass(frozen=True)
class Text:
    """One line of text with its baseline's start, in points from the lower left corner."""

    x: float
    y: float
    text: str
    size: float = 11
    turned: bool = False


def column(x: float, y: float, lines: Iterable[str], size: float = 11, leading: float = 1.3) -> list[Text]:
    """Lines below one another; an empty one is a gap."""
    return [Text(x, y - i * size * leading, line, size) for i, line in enumerate(lines) if line]


def pdf(
    pages: Sequence[Sequence[Text]],
    info: dict[str, str] | None = None,
    *,
    rotate: int = 0,
    packed: bool = True,
    tail: bytes = b"",
) -> bytes:
    """A PDF of these pages with these entries in its document information."""
    letters = sorted({c for page in pages for t in page for c in t.text})
    codes = {c: i + 1 for i, c in enumerate(letters)}
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(pages), b" ".join(b"%d 0 R" % (8 + 2 * i) for i in range(len(pages)))),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Sample /Encoding /Identity-H /DescendantFonts [5 0 R] "
        b"/ToUnicode 6 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Sample /DW 1000 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(_table(codes)),
        b"<< %s >>" % b" ".join(b"/%s %s" % (k.encode(), _told(v)) for k, v in (info or {}).items()),
    ]
    for i, page in enumerate(pages):
        turn = b" /Rotate %d" % rotate if rotate else b""
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d]%s /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (WIDTH, HEIGHT, turn, 9 + 2 * i)
        )
        objects.append(_stream(b"\n".join(_shown(t, codes) for t in page), packed=packed))
    return _written(objects) + tail


def _written(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def _stream(content: bytes, *, packed: bool = False) -> bytes:
    if packed:
        content = zlib.compress(content)
    how = b" /Filter /FlateDecode" if packed else b""
    return b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(content), how, content)


def _shown(text: Text, codes: dict[str, int]) -> bytes:
    place = b"0 1 -1 0 %g %g Tm" if text.turned else b"1 0 0 1 %g %g Tm"
    try:
        raw = text.text.encode("cp1252")
        font, shown = (
            b"F1",
            b"(" + raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")",
        )
    except UnicodeEncodeError:
        font, shown = b"F2", b"<" + b"".join(b"%04X" % codes[c] for c in text.text) + b">"
    return b"BT /%s %g Tf %s %s Tj ET" % (font, text.size, place % (text.x, text.y), shown)


def _table(codes: dict[str, int]) -> bytes:
    """Which letter each code of the second font stands for."""
    rows = [b"<%04X> <%s>" % (code, c.encode("utf-16-be").hex().encode()) for c, code in codes.items()]
    parts = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    body = b"\n".join(b"%d beginbfchar\n%s\nendbfchar" % (len(part), b"\n".join(part)) for part in parts)
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Sample def /CMapType 2 def\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + body + b"\nendcmap end end"
    )


def _told(text: str) -> bytes:
    return b"<FEFF" + text.encode("utf-16-be").hex().encode() + b">"
