"""Files to documents: what a file is, and the fetched documents it stands for."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import msgspec
import zstandard

from services.crawler.found import FoundEntry, Unreadable
from services.crawler.media_types import ARCHIVES, BY_ENDING
from services.crawler.reading import Question, Read
from shared.contracts.messages import FeedEntry, FetchedDocument, Source
from shared.errors import BadMessage

MOST_BYTES = 64 * 1024 * 1024
MOST_COMPRESSED = 4 * 1024 * 1024


class NotADocument(Exception):
    """Nothing to read here: a kind of file that holds no article, or one that is too large. Says why."""


def media_type_of(path: Path) -> str:
    """By the name's ending. Raises NotADocument."""
    try:
        return BY_ENDING[path.suffix.lower()]
    except KeyError:
        kinds = " ".join((*BY_ENDING, *ARCHIVES))
        raise NotADocument(
            f"not a kind of file that is read ({path.suffix or 'no ending'}; read are {kinds})"
        ) from None


def path_of(url: str) -> Path:
    """The file a `file:` address stands for."""
    return Path(unquote(urlsplit(url).path))


def read_file(path: Path, source: Source, now: datetime, read: Read) -> tuple[FetchedDocument, ...]:
    """The documents of one file: itself, or a feed's entries with their own content, as `read` finds them.

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
        return tuple(_entries(content, url, source, now, read))
    return (document(content, url=url, media_type=media_type, source=source, now=now),)


def document(
    content: bytes,
    *,
    url: str,
    media_type: str,
    source: Source,
    now: datetime,
    entry: FeedEntry | None = None,
    content_from: Literal["page", "feed"] = "page",
) -> FetchedDocument:
    """A fetched document with its body packed. Raises NotADocument when it stays too large."""
    body = zstandard.compress(content)
    if len(body) > MOST_COMPRESSED:
        raise NotADocument(f"too large: {len(body)} bytes compressed, at most {MOST_COMPRESSED} travel")
    return FetchedDocument(
        url=url,
        final_url=url,
        source=source,
        entry=without_content(entry),
        content_from=content_from,
        media_type=media_type,
        body=body,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        fetched_at=now,
    )


def without_content(entry: FeedEntry | None) -> FeedEntry | None:
    """The entry as it travels with a document."""
    return msgspec.structs.replace(entry, content=None) if entry and entry.content else entry


def _entries(
    content: bytes, url: str, source: Source, now: datetime, read: Read
) -> Iterator[FetchedDocument]:
    try:
        found = read(Question(content=content, url=url, kind="feed", whole=True))
    except Unreadable as e:
        if str(e).startswith("too large"):
            raise NotADocument(str(e)) from e
        raise BadMessage(f"{url}: {e}") from e
    for entry in found.entries:
        yield entry_document(entry, url, source, now)


def entry_document(found: FoundEntry, feed_url: str, source: Source, now: datetime) -> FetchedDocument:
    """An entry of a feed as a document of its own, from the feed's own content. Raises NotADocument."""
    told = found.entry
    content = max(told.content or "", told.summary or "", key=len) or told.title or ""
    return document(
        content.encode("utf-8", "replace"),
        url=found.url or f"{feed_url}?{msgspec.json.encode({'entry': found.id}).decode()}",
        media_type="text/html",
        source=source,
        now=now,
        entry=told,
        content_from="feed",
    )
