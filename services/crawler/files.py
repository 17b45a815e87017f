"""A file's documents, whatever kind of file it is."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from services.crawler.archives import PassedOver, read_archive_file
from services.crawler.documents import read_file
from services.crawler.media_types import is_archive
from services.crawler.reading import Read
from shared.contracts.messages import FetchedDocument, Source


def documents_of(
    path: Path, source: Source, now: datetime, read: Read
) -> Iterator[FetchedDocument | PassedOver]:
    """The documents of one file: itself, a feed's entries, or what an archive holds; and what of it is not read.

    `read` reads feeds, within bounds. Raises NotADocument, and BadMessage when the file is gone or cannot be read.
    """
    if is_archive(path):
        yield from read_archive_file(path, source, now)
    else:
        yield from read_file(path, source, now, read)
