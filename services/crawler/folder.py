"""Folder sources: which of a folder's files are new or changed. State and time in, requests out."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import count, islice
from pathlib import Path

import msgspec

from shared.bus.partitioning import partition_of
from shared.contracts.article import Struct
from shared.contracts.messages import FetchRequest, Source
from shared.contracts.topics import topic_of
from shared.contracts.wire import Outgoing, derived_id
from shared.runner.service import Handled
from shared.store.port import Write

COLLECTION = "folder-files"
# As many requests in one go; the rest follows with the next tick.
MOST_AT_ONCE = 500
FILES_AT_ONCE = 16


class SeenFile(Struct, frozen=True, kw_only=True):
    """A file as it was when it was last asked for."""

    url: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class FolderState:
    """What is known of the folders: by file id, the file as last asked for."""

    seen: Mapping[str, SeenFile]


def file_id(source: Source, url: str) -> str:
    """The id of a file's record in the store."""
    return derived_id(source.id, url)


def changed_files(source: Source, state: Mapping[str, SeenFile]) -> Iterator[tuple[str, SeenFile]]:
    """Files of the folder that are new or not as they were, in the order of their names, with their ids.

    Raises OSError when the folder cannot be read. Hidden files and folders are passed over.
    """
    root = Path(source.path or "")
    for folder, folders, files in os.walk(root, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue
            path = Path(folder, name)
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # gone between the listing and the look
            url = path.absolute().as_uri()
            now = SeenFile(url=url, size=status.st_size, modified_ns=status.st_mtime_ns)
            id = file_id(source, url)
            if state.get(id) != now:
                yield id, now


def requests(source: Source, state: Mapping[str, SeenFile], now: datetime) -> Handled:
    """Ask for every new or changed file, and remember having asked."""
    outputs: list[Outgoing] = []
    writes: list[Write] = []
    for id, file in changed_files(source, state):
        request = FetchRequest(kind="page", source=source, url=file.url, requested_at=now)
        outputs.append(Outgoing("fetch-requests", _file_key(source, id), request))
        writes.append(Write(COLLECTION, id, msgspec.json.encode(file), {"source": source.id}))
        if len(outputs) == MOST_AT_ONCE:
            break
    return Handled(tuple(outputs), tuple(writes))


def host_key(source: Source) -> str:
    """The key that says who owns a folder: it is a host of its own."""
    return f"folder:{source.id}"


@cache
def file_keys(source_id: str) -> tuple[str, ...]:
    """The keys of a folder's requests: several, so that several files are read at once, in the owner's partition.

    Another partition may belong to a machine that does not have the folder.
    """
    partitions = topic_of("fetch-requests").partitions
    owner = f"folder:{source_id}"
    keys = (f"{owner}#{number}" for number in count())
    same = (key for key in keys if partition_of(key, partitions) == partition_of(owner, partitions))
    return tuple(islice(same, FILES_AT_ONCE))


def _file_key(source: Source, file_id: str) -> str:
    """A file's key: what is asked of one file is done in order."""
    keys = file_keys(source.id)
    return keys[int(file_id[:8], 16) % len(keys)]


def _raise(error: OSError) -> None:
    raise error
