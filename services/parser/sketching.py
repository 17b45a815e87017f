"""A document as the learner counts it: decoded and cut into lines as for reading, but no article looked for."""

from services.parser.decode import Decoded, binary_kind, decode, repair_markup
from services.parser.extract import looks_like_html, parse_html
from services.parser.parse import charset_of, unpack
from services.parser.plain_text import read_plain
from services.parser.templates.pieces import (
    Piece,
    page_group,
    page_pieces,
    sketch_of,
    text_group,
    text_pieces,
)
from services.parser.templates.sketch import Sketch
from shared.contracts.messages import FetchedDocument

# Above this a document is no page of a template.
LARGEST = 4_000_000
_HTML = ("text/html", "application/xhtml+xml")


def sketch_document(document: FetchedDocument) -> Sketch | None:
    """The sketch of a page or plain text; None for what is neither.

    Raises `shared.errors.BadMessage` for what cannot be read within bounds.
    """
    kind = document.media_type.split(";")[0].strip().lower()
    if document.size > LARGEST or not (kind in ("", *_HTML) or kind.startswith("text/")):
        return None
    body = unpack(document)
    if not body.strip() or binary_kind(body):
        return None
    decoded = decode(body, charset_of(document.headers), html=kind not in ("text/plain", "text/markdown"))
    group, pieces = _page(decoded, document.final_url, html=kind in _HTML or looks_like_html(decoded.text))
    return sketch_of(pieces, group) if pieces else None


def _page(decoded: Decoded, url: str, *, html: bool) -> tuple[str, list[Piece]]:
    if not html:
        lines = [line.text for line in read_plain(decoded.text).lines]
        return text_group(lines, url), text_pieces(lines)
    tree = parse_html(repair_markup(decoded.text), url)
    pieces = page_pieces(tree)
    return page_group(tree, url), pieces
