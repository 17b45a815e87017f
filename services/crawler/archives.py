"""WARC archives: each page, PDF and text that was recorded is a document, fetched when it was recorded.

warcio reads the records. Where one begins and ends is found here, with bounds, so that neither damage nor a record
that unpacks without end costs more than itself: it is told by name and the next one is looked for.
"""

import io
import mmap
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from services.crawler.documents import NotADocument, document
from services.crawler.media_types import READ, media_type_of
from shared.contracts.messages import FetchedDocument, Source
from shared.errors import BadMessage
from shared.identity import normalise
from shared.outgoing.answer import Headers
from shared.outgoing.decoding import Undecodable, decoded

MIB = 2**20
LARGEST_FILE = 8 * 2**30
# One record, or one packed piece, unpacked.
LARGEST_RECORD = 64 * MIB
LONGEST_HEAD = 64 * 1024
# As much of a record that is too large is unpacked to find its end.
MOST_SKIPPED = 512 * MIB
_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b\x08"
_BEGIN = b"WARC/"
_KEPT = ("content-type", "content-language", "last-modified", "etag", "date", "link", "x-robots-tag")
_LONGEST_HEADER = 1000
_FINE = (200, 203)
# Records about records; a revisit says that nothing has changed since an earlier one.
_NO_DOCUMENTS = frozenset({"warcinfo", "request", "metadata", "revisit", "conversion", "continuation"})

Bytes = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A part of a file that is not read, and why; `fault` unless that is how archives are (pictures, scripts)."""

    why: str
    fault: bool = True


def read_archive_file(path: Path, source: Source, now: datetime) -> Iterator[FetchedDocument | PassedOver]:
    """The documents of a WARC file. Raises NotADocument and BadMessage as `read_file` does."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise NotADocument(f"too large: {size:,} bytes, at most {LARGEST_FILE:,} of an archive are read")
        if not size:
            raise BadMessage(f"{path}: the archive is empty")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield from read_archive(content, source, now)
    except OSError as e:
        raise BadMessage(f"{path}: {e.strerror}") from e


def is_archive_content(content: bytes) -> bool:
    """Whether bytes of unknown origin are a WARC, packed or not."""
    return content.startswith(_BEGIN) or (content.startswith(_GZIP) and _begins_packed(content, 0))


def read_archive(content: Bytes, source: Source, now: datetime) -> Iterator[FetchedDocument | PassedOver]:
    """The documents of a WARC, and what of it is not read. A summary of the latter comes last."""
    others: Counter[str] = Counter()
    records = _packed_records(content) if content[:3] == _GZIP else _plain_records(content)
    for at, raw in records:
        if isinstance(raw, PassedOver):
            yield raw
            continue
        try:
            found = _document(raw, source, now)
        except (_Other, NotADocument, BadMessage) as e:
            if isinstance(e, _Other):
                others[str(e)] += 1
            else:
                yield PassedOver(f"the record at {at}: {e}")
            continue
        if found is not None:
            yield found
    if others:
        kinds = ", ".join(f"{n} × {what}" for what, n in others.most_common(8))
        yield PassedOver(f"{others.total()} records are no documents: {kinds}", fault=False)


class _Other(Exception):
    """A sound record that is no document: a picture, an error page. The text says what it is."""


Record = tuple[str, bytes | PassedOver]


def _packed_records(content: Bytes) -> Iterator[Record]:
    """The records of an archive whose records are packed one by one, each with its place."""
    start, size = 0, len(content)
    while 0 <= start < size:
        try:
            piece, end = _unpacked(content, start)
        except _Broken as e:
            yield f"byte {start}", PassedOver(f"the record at byte {start:,} {e}")
            start = _next_packed(content, start + 1)
            continue
        if piece:
            yield from _plain_records(piece, f"byte {start:,}")
        start = end if content[end : end + 3] == _GZIP else _next_packed(content, end)


class _Broken(Exception):
    """A record that cannot be read. The text goes on from "the record …"."""


def _unpacked(content: Bytes, start: int) -> tuple[bytes, int]:
    """One packed piece, unpacked, and where it ends in the file. Raises _Broken."""
    unpacker = zlib.decompressobj(31)
    out, size, at = bytearray(), 0, start
    while not unpacker.eof:
        data = content[at : at + _PIECE]
        if not data:
            raise _Broken("is cut short: the archive ends in the middle of it")
        at += len(data)
        while data and not unpacker.eof:
            try:
                piece = unpacker.decompress(data, MIB)
            except zlib.error as e:
                raise _Broken(f"is damaged: it cannot be unpacked ({e})") from e
            size += len(piece)
            if size > MOST_SKIPPED:
                raise _Broken(f"is too large: it unpacks to more than {MOST_SKIPPED // MIB} MiB")
            if size <= LARGEST_RECORD:
                out += piece
            data = unpacker.unconsumed_tail
    if size > LARGEST_RECORD:
        raise _Broken(
            f"is too large: it unpacks to {size:,} bytes, at most {LARGEST_RECORD:,} are read. Where a whole archive is "
            "packed as one piece, unpack it first"
        )
    return bytes(out), at - len(unpacker.unused_data)


def _next_packed(content: Bytes, start: int) -> int:
    """Where the next record begins that can be unpacked; -1 when there is none."""
    while (start := content.find(_GZIP, start)) >= 0:
        if _begins_packed(content, start):
            return start
        start += 1
    return -1


def _begins_packed(content: Bytes, start: int) -> bool:
    """Whether a record begins there once it is unpacked."""
    try:
        return zlib.decompressobj(31).decompress(content[start : start + _PIECE], len(_BEGIN)) == _BEGIN
    except zlib.error:
        return False


def _plain_records(content: Bytes, within: str = "") -> Iterator[Record]:
    """The records that stand one after the other in what is not packed, or was packed `within` one piece."""
    start, size = _after_blank(content, 0), len(content)
    while 0 <= start < size:
        place = f"{within}, {start:,} bytes into it" if within and start else within or f"byte {start:,}"
        try:
            end = _end_of(content, start)
        except _Broken as e:
            yield place, PassedOver(f"the record at {place} {e}")
            start = content.find(b"\n" + _BEGIN, start) + 1 or size
            continue
        if end - start > LARGEST_RECORD:
            yield place, PassedOver(f"the record at {place} is too large: {end - start:,} bytes")
        else:
            yield place, content[start:end]
        start = _after_blank(content, end)


def _after_blank(content: Bytes, at: int) -> int:
    while content[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _end_of(content: Bytes, start: int) -> int:
    """Where the record ends that begins here. Raises _Broken."""
    head = content[start : start + LONGEST_HEAD]
    if not head.startswith(_BEGIN):
        raise _Broken("is damaged: no record begins there")
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := head.find(mark)) >= 0]
    if not ends:
        raise _Broken("is damaged: its head has no end")
    at, length = min(ends)
    sizes = [
        line.split(b":", 1)[1]
        for line in head[:at].split(b"\n")
        if line.lower().startswith(b"content-length:")
    ]
    if not sizes or not sizes[0].strip().isdigit() or len(sizes[0].strip()) > 15:
        raise _Broken("is damaged: it does not say how long it is")
    end = start + at + length + int(sizes[0])
    if end > len(content):
        raise _Broken(f"is cut short: {end - len(content):,} bytes of it are missing")
    following = _after_blank(content, end)
    if following < len(content) and content[following : following + len(_BEGIN)] != _BEGIN:
        raise _Broken("is damaged: it does not end where it says")
    return end


def _document(raw: bytes, source: Source, now: datetime) -> FetchedDocument | None:
    """The document that a record holds; None for records about records. Raises NotADocument, BadMessage, _Other."""
    record = _parsed(raw)
    if record.rec_type in _NO_DOCUMENTS:
        return None
    url = _address(record.rec_headers.get_header("WARC-Target-URI"))
    if record.rec_headers.get_header("WARC-Truncated"):
        raise NotADocument(f"{url} was cut short when it was recorded")
    if record.http_headers is None:
        if record.rec_type != "resource":
            raise _Other(f"{record.rec_type} of {url.partition(':')[0]}")
        headers, status = Headers([("content-type", record.content_type or "")]), 200
    else:
        headers = Headers(record.http_headers.headers)
        status = _status(record.http_headers)
    if not status:
        raise BadMessage(f"{url}: its answer has no status")
    if status not in _FINE:
        raise _Other(f"answer {status}")
    body = _body(record, headers, url)
    media_type = media_type_of(headers, body)
    if media_type not in READ:
        raise _Other(media_type)
    made = document(body, url=url, media_type=media_type, source=source, now=_recorded(record, now))
    kept = {name: headers[name][:_LONGEST_HEADER] for name in _KEPT if headers.get(name)}
    return replace(made, status=status, headers=kept)


def _parsed(raw: bytes) -> Any:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    try:
        return next(iter(ArchiveIterator(io.BytesIO(raw))))
    except (
        ArchiveLoadFailed,
        StatusAndHeadersParserException,
        EOFError,
        StopIteration,
        ValueError,
        LookupError,
    ) as e:
        raise BadMessage(f"it cannot be read ({type(e).__name__}: {' '.join(str(e).split())[:150]})") from e
    except (AttributeError, TypeError) as e:
        # What a record without the address or type it must have comes to.
        raise BadMessage("it does not say what it is a record of") from e


def _address(told: str | None) -> str:
    try:
        return normalise((told or "").strip("<> "))
    except ValueError as e:
        raise BadMessage(f"its address is none: {told!r}") from e


def _status(headers: Any) -> int:
    code = str(headers.get_statuscode())
    return int(code) if code.isascii() and code.isdigit() else 0


def _body(record: Any, headers: Headers, url: str) -> bytes:
    """The body as a browser would have had it. Raises NotADocument and BadMessage."""
    from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader

    stream = record.raw_stream
    if headers.get("transfer-encoding", "").strip().lower() == "chunked":
        stream = ChunkedDataReader(stream)
    try:
        body: bytes = stream.read(LARGEST_RECORD)
    except (ChunkedDataException, ValueError, zlib.error) as e:
        raise BadMessage(f"{url} is damaged: {' '.join(str(e).split())[:150]}") from e
    try:
        out, size = [], 0
        for piece in decoded(iter([body]), headers.get("content-encoding", ""), LARGEST_RECORD):
            size += len(piece)
            if size > LARGEST_RECORD:
                raise NotADocument(f"{url} is too large: it unpacks to more than {LARGEST_RECORD // MIB} MiB")
            out.append(piece)
        return b"".join(out)
    except Undecodable as e:
        # Some programs unpack what they record and leave the header that says it was packed.
        if b"\x00" not in body[:2000] and not body.startswith(_GZIP):
            return body
        raise NotADocument(f"{url}: {e}") from e


def _recorded(record: Any, now: datetime) -> datetime:
    """When it was fetched; never later than now."""
    try:
        at = datetime.fromisoformat(str(record.rec_headers.get_header("WARC-Date")).strip())
    except ValueError:
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now).astimezone(UTC)
