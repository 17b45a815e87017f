"""Files to documents: what a file is, and the fetched documents it stands for."""

import calendar
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import feedparser
import msgspec
import zstandard

from shared.contracts.messages import FeedEntry, FetchedDocument, Source
from shared.errors import BadMessage
from shared.identity import normalise

MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".xml": "application/xml",
    ".rss": "application/xml",
    ".atom": "application/xml",
    ".rdf": "application/xml",
}
MOST_BYTES = 64 * 1024 * 1024
MOST_COMPRESSED = 4 * 1024 * 1024
MOST_ENTRIES = 10_000


class NotADocument(Exception):
    """Nothing to read here: a kind of file that holds no article, or one that is too large. Says why."""


def media_type_of(path: Path) -> str:
    """By the name's ending. Raises NotADocument."""
    try:
        return MEDIA_TYPES[path.suffix.lower()]
    except KeyError:
        kinds = " ".join(MEDIA_TYPES)
        raise NotADocument(
            f"not a kind of file that is read ({path.suffix or 'no ending'}; read are {kinds})"
        ) from None


def path_of(url: str) -> Path:
    """The file a `file:` address stands for."""
    return Path(unquote(urlsplit(url).path))


def read_file(path: Path, source: Source, now: datetime) -> tuple[FetchedDocument, ...]:
    """The documents of one file: itself, or a feed's entries with their own content.

    Raises NotADocument, and BadMessage when the file is gone or cannot be read.
    """
    media_type = media_type_of(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise NotADocument(f"too large: {path.stat().st_size} bytes, at most {MOST_BYTES} are read")
        content = path.read_bytes()
    except OSError as e:
        raise BadMessage(f"{path}: {e.strerror}") from e
    url = path.absolute().as_uri()
    if media_type == "application/xml":
        return tuple(_entries(content, url, source, now))
    return (document(content, url=url, media_type=media_type, source=source, now=now),)


def document(
    content: bytes,
    *,
    url: str,
    media_type: str,
    source: Source,
    now: datetime,
    entry: FeedEntry | None = None,
) -> FetchedDocument:
    """A fetched document with its body packed. Raises NotADocument when it stays too large."""
    body = zstandard.compress(content)
    if len(body) > MOST_COMPRESSED:
        raise NotADocument(f"too large: {len(body)} bytes compressed, at most {MOST_COMPRESSED} travel")
    return FetchedDocument(
        url=url,
        final_url=url,
        source=source,
        entry=entry,
        media_type=media_type,
        body=body,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        fetched_at=now,
    )


def _entries(content: bytes, url: str, source: Source, now: datetime) -> Iterator[FetchedDocument]:
    parsed = feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries:
        if parsed.get("version"):
            return
        fault = parsed.get("bozo_exception") or "no feed format was recognised"
        raise BadMessage(f"{url} is not a feed: {fault}")
    if len(parsed.entries) > MOST_ENTRIES:
        raise NotADocument(f"too large: {len(parsed.entries)} entries, at most {MOST_ENTRIES} are read")
    for number, entry in enumerate(parsed.entries):
        told = _told(entry, parsed.feed)
        content_html = _content(entry) or told.title or ""
        address = _address(told.link, url, str(entry.get("id") or number))
        yield document(
            content_html.encode(), url=address, media_type="text/html", source=source, now=now, entry=told
        )


def _content(entry: Any) -> str:
    contents: list[str] = [c.get("value", "") for c in entry.get("content", [])]
    summary: str = entry.get("summary", "")
    return max([*contents, summary], key=len)


def _told(entry: Any, feed: Any) -> FeedEntry:
    authors = [a.get("name") for a in entry.get("authors", [])] or [entry.get("author")]
    return FeedEntry(
        title=entry.get("title"),
        link=entry.get("link"),
        summary=entry.get("summary"),
        published=_when(entry.get("published_parsed")),
        updated=_when(entry.get("updated_parsed")),
        authors=tuple(a for a in authors if a),
        language=entry.get("language") or feed.get("language"),
    )


def _when(parsed: Any) -> datetime | None:
    """feedparser's struct_time, which is UTC; a year that no calendar has is no date."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _address(link: str | None, feed_url: str, id: str) -> str:
    """The entry's own address; without a usable one, the feed's with the entry's id."""
    try:
        address = normalise(link or "")
        if address.startswith(("http://", "https://")):
            return address
    except ValueError:
        pass
    return f"{feed_url}?{msgspec.json.encode({'entry': id}).decode()}"
