"""Sources: read from a sources file (YAML), checked, with every fault named."""

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from shared.contracts.messages import Source

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


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


def seconds(value: object) -> float:
    """`30m`, `2s`, `1h`, `1d` or a number of seconds. Raises ValueError."""
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise ValueError(f"{value!r} is no duration: write for example 30m, 2s, 1h or 1d")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def _source(path: Path, number: int, entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise SourcesError(f"{path}: source {number} is not a mapping of names to values")
    name = entry.get("id", f"number {number}")
    try:
        durations = {k: seconds(entry[k]) for k in ("interval", "delay") if entry.get(k) is not None}
        source = msgspec.convert({**entry, **durations}, Source)
    except (msgspec.ValidationError, ValueError) as e:
        raise SourcesError(f"{path}: source {name}: {e}") from e
    if not _ID.fullmatch(source.id):
        raise SourcesError(f"{path}: source {name}: an id is letters, digits, '.', '_' and '-', at most 100")
    if source.kind == "folder":
        if not source.path:
            raise SourcesError(f"{path}: source {name}: a folder source needs 'path'")
        return msgspec.structs.replace(source, path=str((path.parent / source.path).resolve()))
    if not source.url:
        raise SourcesError(f"{path}: source {name}: 'url' is missing")
    return source
