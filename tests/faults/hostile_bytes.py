"""Documents whose bytes lie: other encodings than they say, letters that are none, files that are no text."""

import gzip
import io
import zipfile
import zlib
from functools import partial

from tests.faults.hostile import MILLION, STORY, Hostile, Made, page, text


def letters() -> Made:
    words = STORY * 40
    for encoding in (
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-7",
        "shift_jis",
        "iso2022_jp",
    ):
        yield (
            f"{encoding} said to be UTF-8",
            partial(
                Hostile,
                f"<html><head><meta charset=utf-8></head><body><p>{words}</p></body></html>".encode(encoding),
            ),
        )
    for said in (
        "utf-16",
        "utf-7",
        "base64",
        "zlib",
        "idna",
        "rot13",
        "punycode",
        "undefined",
        "x" * 100_000,
        "\0",
    ):
        yield (
            f"UTF-8 said to be {said[:20]!r}",
            partial(Hostile, page("").body, headers={"Content-Type": f"text/html; charset={said}"}),
        )
    yield (
        "meta says UTF-16",
        lambda: page("", "<meta http-equiv=content-type content='text/html; charset=utf-16'>"),
    )
    yield "half characters", lambda: Hostile(("é漢🏛" * 300_000).encode()[1:-1])
    yield "half of each character", lambda: Hostile(b"<html><body><p>" + b"\xe6\xbc" * 500_000)
    yield "overlong and broken UTF-8", lambda: Hostile(b"<html><p>" + b"\xc0\xaf\xf8\x88\xff\xfe" * 300_000)
    yield "surrogates", lambda: page("<p>" + "\ud83c\udfdb\udfff" * 100_000)
    yield "zero bytes among the words", lambda: Hostile(page("").body.replace(b" ", b" \0"))
    yield "control characters", lambda: page("<p>" + "".join(map(chr, range(1, 32))) * 20_000)
    yield "marks on one letter", lambda: page("<p>a" + "\u0301" * 500_000)
    yield "marks on many letters", lambda: page("<p>" + ("a" + "\u0323\u0301\u0323\u0301" * 20) * 10_000)
    yield "turned text", lambda: page("<p>" + "\u202e\u2066\u202bwords\u202c\u2069" * 50_000)
    yield "turned text, never turned back", lambda: page("<p>" + "\u202e" * 500_000 + STORY)
    yield "nothing to see", lambda: page("<p>" + "\u200b\u200c\u200d\u2060\ufeff" * 100_000)
    yield "joiners between letters", lambda: page("<p>" + "ک\u200cت\u200d" * 100_000)
    yield "letters that grow", lambda: page("<p>" + "\ufdfa" * 300_000)
    yield "not characters", lambda: page("<p>" + "\uffff\ufffe\U0010ffff\ufdd0" * 100_000)
    yield "private letters", lambda: page("<p>" + "\ue000\U000f0000" * 200_000)
    yield "damage on damage", lambda: page("<p>" + "Ã¢â‚¬â„¢ÃƒÂ© ¨C ¡ª £¬" * 20_000)
    yield "GBK damage", lambda: text("¨C¡ª¡°¡±¡®¡¯£¬£º" * 40_000)
    yield "readings in brackets", lambda: page("<p>" + "產(chǎn)業(yè)遺(yí)" * 30_000)
    yield "ideographs without an end", lambda: page("<p>" + "文化遺產" * 200_000)
    yield "Thai without a space", lambda: page("<p>" + "มรดกทางวัฒนธรรม" * 50_000)


def binary() -> Made:
    def zip_of(content: bytes, levels: int) -> bytes:
        for n in range(levels):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{n}.zip", content)
            content = packed.getvalue()
        return content

    noise = bytes((n * n * 31 + n) % 256 for n in range(300_000))
    yield "noise as HTML", lambda: Hostile(noise)
    yield "noise as text", lambda: text(noise)
    yield "noise after a page's beginning", lambda: Hostile(b"<html><body><p>" + noise)
    yield "a zip of zips", lambda: Hostile(zip_of(bytes(10 * MILLION), 5))
    yield "gzip of gzip", lambda: Hostile(gzip.compress(gzip.compress(bytes(30 * MILLION))))
    yield "deflate", lambda: Hostile(zlib.compress(bytes(30 * MILLION)))
    yield "an empty document", lambda: Hostile(b"")
    yield "one byte", lambda: Hostile(b"<")
    yield "a mark and nothing else", lambda: Hostile(b"\xef\xbb\xbf")
    yield "a picture as HTML", lambda: Hostile(b"\x89PNG\r\n\x1a\n" + noise)
    yield "a program as HTML", lambda: Hostile(b"\x7fELF" + noise)
    yield "a PDF that ends early", lambda: Hostile(b"%PDF-1.7\n1 0 obj << /Type /Catalog", "application/pdf")
    yield "a PDF of noise", lambda: Hostile(b"%PDF-1.4\n" + noise + b"\n%%EOF", "application/pdf")
    yield "a PDF said to be HTML", lambda: Hostile(b"%PDF-1.4\n" + noise)
    yield "a PDF whose pages name one another", lambda: Hostile(_looping_pdf(), "application/pdf")
    yield "a PDF that unpacks to much", lambda: Hostile(_bomb_pdf(), "application/pdf")
    yield "a PDF of brackets", lambda: Hostile(_pdf([b"[" * 200_000]), "application/pdf")


def _pdf(more: list[bytes]) -> bytes:
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        *more,
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, start)
    return bytes(out)


def _looping_pdf() -> bytes:
    return _pdf([b"<< /Length 0 >>\nstream\n\nendstream"]).replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def _bomb_pdf() -> bytes:
    packed = zlib.compress(zlib.compress(b"BT (words) Tj ET\n" * 10 * MILLION), 9)
    head = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(packed)
    return _pdf([head + packed + b"\nendstream"])
