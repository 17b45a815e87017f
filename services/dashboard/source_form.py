"""A source as its form has it: every field as typed, read into a source or a fault at its field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from shared.contracts.messages import Source
from shared.sources import BadSource, id_for, seconds

FIELDS = (
    "url",
    "name",
    "kind",
    "query",
    "selector",
    "groups",
    "language",
    "country",
    "rights",
    "quality",
    "interval",
    "delay",
)
# More than any field may have; the rest is cut off, and what is left is refused in words.
LONGEST = 9000


@dataclass(frozen=True, slots=True)
class SourceForm:
    """What stands in the fields, by their names."""

    values: Mapping[str, str]

    @classmethod
    def sent(cls, form: FormData) -> "SourceForm":
        """As a browser sent it."""
        return cls({name: str(form.get(name, "")).strip()[:LONGEST] for name in FIELDS})

    @classmethod
    def of(cls, source: Source) -> "SourceForm":
        """As a source stands."""
        values = {name: getattr(source, name) for name in FIELDS}
        values |= {"groups": ", ".join(source.groups)}
        values |= {name: duration(values[name]) for name in ("interval", "delay")}
        return cls({name: value or "" for name, value in values.items()})

    def __getitem__(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")

    def changes(self) -> dict[str, Any]:
        """The fields of a source. Raises BadSource for what cannot stand there."""
        values: dict[str, Any] = {name: self[name] or None for name in FIELDS}
        groups = (" ".join(group.split()) for group in self["groups"].split(","))
        values["groups"] = tuple(dict.fromkeys(filter(None, groups)))
        values["country"] = self["country"].upper() or None
        values |= {name: as_seconds(name, self[name]) for name in ("interval", "delay")}
        for name, usual in (("rights", "full"), ("quality", "press")):
            values[name] = self[name] or usual
        return values

    def source(self, taken: Collection[str]) -> Source:
        """A new source, under an id that reads like its address. Raises BadSource."""
        return Source(id=id_for(self["url"], taken), **self.changes())


def as_seconds(name: str, value: str) -> float | None:
    """A duration as people write it, such as `30m`. Raises BadSource."""
    if not value:
        return None
    try:
        return seconds(value)
    except ValueError as e:
        raise BadSource(name, str(e)) from e


def duration(value: float | None) -> str:
    """Seconds as people write them in a sources file: `30m`, `2h`, `90s`."""
    if value is None:
        return ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if value >= size and value % size == 0:
            return f"{int(value // size)}{unit}"
    return f"{value:g}s"
