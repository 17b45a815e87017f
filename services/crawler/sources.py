"""Sources: read from a sources file (YAML), checked, with every fault named."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from shared.contracts.messages import Source
from shared.sources import ID, seconds


class SourcesError(Exception):
    """A sources file is wrong: says in which file, at which source, and what."""


def load_sources(path: Path) -> tuple[Source, ...]:
    """The sources of a file, in its order. A folder's path is relative to the file. Raises SourcesError."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise SourcesError(f"{path}: {e.strerror}") from e
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise SourcesError(f"{path} is not YAML: {e}") from e
    if not isinstance(raw, dict) or not isinstance(raw.get("sources"), list):
        raise SourcesError(f"{path}: expected a list under 'sources:'")
    sources = tuple(_source(path, number, entry) for number, entry in enumerate(raw["sources"], 1))
    seen: set[str] = set()
    for source in sources:
        if source.id in seen:
            raise SourcesError(f"{path}: two sources have the id {source.id!r}")
        seen.add(source.id)
    return sources


def _source(path: Path, number: int, entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise SourcesError(f"{path}: source {number} is not a mapping of names to values")
    name = entry.get("id", f"number {number}")
    try:
        durations = {k: seconds(entry[k]) for k in ("interval", "delay") if entry.get(k) is not None}
        source = msgspec.convert({**entry, **durations}, Source)
    except (msgspec.ValidationError, ValueError) as e:
        raise SourcesError(f"{path}: source {name}: {e}") from e
    if not ID.fullmatch(source.id):
        raise SourcesError(f"{path}: source {name}: an id is letters, digits, '.', '_' and '-', at most 100")
    if source.kind == "folder":
        if not source.path:
            raise SourcesError(f"{path}: source {name}: a folder source needs 'path'")
        return msgspec.structs.replace(source, path=str((path.parent / source.path).resolve()))
    if not source.url:
        raise SourcesError(f"{path}: source {name}: 'url' is missing")
    return source
