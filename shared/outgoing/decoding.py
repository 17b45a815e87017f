"""A body as it came over the wire, decompressed piece by piece: a bomb is cut, never inflated."""

import zlib
from collections.abc import Iterator
from functools import reduce

PIECE = 64 * 1024  # most that is inflated at a time
MOST_LAYERS = 2
ACCEPTED = "gzip, deflate"
_NOT_ASKED_FOR = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
_GZIP = b"\x1f\x8b"


class Undecodable(Exception):
    """The bytes are not what the headers say they are."""


def decoded(pieces: Iterator[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The body in pieces of at most `PIECE` bytes.

    `encoding` is the `content-encoding` header. Raises Undecodable, also where the layers within inflate to more than
    `limit` bytes; of what is returned the caller keeps as much as it wants.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    for name in names:
        if name in _NOT_ASKED_FOR:
            raise Undecodable(f"it is compressed with {name!r}, which nobody asked for ({ACCEPTED})")
    # Whatever else stands there ("identity", "none", "utf-8") compresses nothing: so browsers take it too.
    layers = [name for name in names if name in ("gzip", "x-gzip", "deflate")]
    if len(layers) > MOST_LAYERS:
        raise Undecodable(f"it is compressed {len(layers)} times over")

    def inflate(inner: Iterator[bytes], layer: str) -> Iterator[bytes]:
        return _capped(_deflate(inner) if layer == "deflate" else _gzip(inner), limit)

    *inner_layers, last = layers[::-1] or [""]
    body = reduce(inflate, inner_layers, pieces)
    return _deflate(body) if last == "deflate" else _gzip(body) if last else body


def _capped(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """An inner layer may inflate without anything coming out at the end: that costs time, so it is limited too."""
    for piece in pieces:
        limit -= len(piece)
        if limit < 0:
            raise Undecodable("it is compressed twice over and inflates without end")
        yield piece


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Members one after the other, as gzip allows; what follows them and is none is left out, as browsers do."""
    member: zlib._Decompress | None = None
    first = True
    for data in pieces:
        while data:
            if member is None:
                if not first and not data.startswith(_GZIP[: len(data)]):
                    return
                member, first = zlib.decompressobj(16 + zlib.MAX_WBITS), False
            yield from _inflate(member, data)
            data = member.unused_data
            if member.eof:
                member = None
    if member is not None:
        raise Undecodable("it breaks off in the middle of its gzip data")


def _deflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """zlib's format, or the bare one that some servers send under the same name."""
    stream: zlib._Decompress | None = None
    begin = b""
    for data in pieces:
        if stream is None:
            begin += data
            if len(begin) < 2:
                continue
            headed = begin[0] & 0x0F == zlib.DEFLATED and int.from_bytes(begin[:2], "big") % 31 == 0
            stream, data = zlib.decompressobj(zlib.MAX_WBITS if headed else -zlib.MAX_WBITS), begin
        if not stream.eof:
            yield from _inflate(stream, data)
    if (stream is None and begin) or (stream is not None and not stream.eof):
        raise Undecodable("it breaks off in the middle of its deflate data")


def _inflate(stream: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """All that can be had from `data`; what follows the end of the stream stays in its `unused_data`."""
    while True:
        try:
            piece = stream.decompress(data, PIECE)
        except zlib.error as fault:
            raise Undecodable(f"it is compressed wrongly ({fault})") from fault
        yield piece
        data = stream.unconsumed_tail
        # A full piece may have left more inside, even where all of the input has been taken.
        if stream.eof or (not data and len(piece) < PIECE):
            return
