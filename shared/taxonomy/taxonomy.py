"""The taxonomy: which alliances, event types and places the service knows, as data.

`load_taxonomy` reads the YAML files of one folder, checks every entry and returns one immutable object, which the
caller holds. Adding an alliance is one entry in alliances.yaml and no code.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from shared.taxonomy.folding import Folder
from shared.taxonomy.schema import (
    Alliance,
    DayWords,
    EventType,
    Institution,
    Offices,
    Ordinals,
    Pairs,
    Places,
    PlaceWords,
    Roles,
    Site,
    Weights,
)

Checked = TypeVar("Checked")
FOLDER = Path(__file__).parent
# The innermost alternatives; outer ones come up once these are spelt out.
_ALTERNATIVES = re.compile(r"\(([^()]*\|[^()]*)\)")
# Concepts that are no list of words: bodies of alliances.yaml.
PSEUDO_CONCEPTS = frozenset({"BODY", "ALLIANCE", "COMMITTEE"})


class TaxonomyError(Exception):
    """A taxonomy file is wrong. The text names the file, the entry and the fault."""


@dataclass(frozen=True)
class Taxonomy:
    """All the data classification works with. `towns` is the file of the gazetteer, which `load_towns` reads."""

    alliances: Mapping[str, Alliance]
    event_types: Mapping[str, EventType]
    concepts: Mapping[str, Mapping[str, tuple[str, ...]]]
    places: Places
    sites: Mapping[str, Site]
    institutions: Mapping[str, Institution]
    ordinals: Mapping[str, int]
    roles: Roles
    role_weights: Weights
    day_words: Mapping[str, DayWords]
    place_words: Mapping[str, PlaceWords]
    offices: Offices
    towns: Path
    folder: Folder
    _names: Mapping[str, Mapping[str, str]] = field(repr=False)

    def resolve(self, field: str, value: str) -> str | None:
        """The id a query means by `field:value`, or None when nothing is called so.

        `alliance` and `mention` take ids, today's and historic names, acronyms; `type` takes ids and names. Case,
        accents and spacing do not matter; an acronym two bodies share resolves to the first in the file.
        """
        table = "alliance" if field == "mention" else field
        return self._names.get(table, {}).get(self.folder.key(value))

    def known(self, field: str) -> tuple[str, ...]:
        """Every id of `alliance` or `type`."""
        return tuple({"alliance": self.alliances, "type": self.event_types}.get(field, ()))


def load_taxonomy(folder: Path | None = None) -> Taxonomy:
    """Read and check the taxonomy in `folder` (the one that ships with the program when absent).

    Raises `TaxonomyError` naming file, entry and fault.
    """
    folder = folder or FOLDER
    alliances = _by_id(folder / "alliances.yaml", Alliance)
    _check_parts(folder / "alliances.yaml", alliances)
    event_types = _by_id(folder / "event_types.yaml", EventType)
    concepts = _concepts(folder / "concepts.yaml", folder / "concepts")
    places = _file(folder / "places.yaml", Places)
    pairs = _file(folder / "traditional.yaml", Pairs)
    _check_rules(folder / "event_types.yaml", event_types.values(), concepts)
    folder_of_text = Folder({pair[0]: pair[1] for pair in pairs.pairs.split()})
    names = {
        "alliance": _index(folder_of_text, ((a.id, _all_names(a)) for a in alliances.values())),
        "type": _index(folder_of_text, ((t.id, (t.id, t.name)) for t in event_types.values())),
    }
    ordinals = _file(folder / "ordinals.yaml", Ordinals)
    numbers = {folder_of_text.key(word): number for number, words in ordinals.words.items() for word in words}
    return Taxonomy(
        alliances,
        event_types,
        concepts,
        places,
        _file(folder / "sites.yaml", dict[str, Site]),
        _file(folder / "institutions.yaml", dict[str, Institution]),
        numbers,
        _roles(folder / "beside_names.yaml"),
        _file(folder / "role_weights.yaml", Weights),
        _file(folder / "days.yaml", dict[str, DayWords]),
        _file(folder / "locatives.yaml", dict[str, PlaceWords]),
        _file(folder / "offices.yaml", Offices),
        folder / "towns.tsv.gz",
        folder_of_text,
        names,
    )


def expand(pattern: str) -> Iterator[str]:
    """Every spelling a pattern stands for: `colo(|u)r` gives color and colour. Brackets without `|` are text."""
    found = _ALTERNATIVES.search(pattern)
    if not found:
        yield pattern
        return
    for each in found[1].split("|"):
        yield from expand(pattern[: found.start()] + each + pattern[found.end() :])


def _all_names(alliance: Alliance) -> Iterator[str]:
    yield alliance.id
    yield alliance.name
    groups = [
        *alliance.names.values(),
        alliance.historic,
        alliance.committees,
        alliance.acronyms,
        alliance.shorts,
    ]
    for patterns in groups:
        for pattern in patterns:
            yield from expand(pattern)


def _index(folder: Folder, entries: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for identifier, spellings in entries:
        for spelling in spellings:
            names.setdefault(folder.key(spelling), identifier)
    return names


def _read(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both loaders are safe
    except OSError as error:
        raise TaxonomyError(f"{path}: cannot be read: {error.strerror}; put the file there") from error
    except yaml.YAMLError as error:
        raise TaxonomyError(f"{path}: is no valid YAML: {error}") from error


def _check(raw: object, kind: type[Checked], where: str) -> Checked:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise TaxonomyError(f"{where}: {error}; the keys are explained at the head of the file") from error


def _file(path: Path, kind: type[Checked]) -> Checked:
    return _check(_read(path), kind, f"{path}")


def _by_id(path: Path, kind: type[Checked]) -> dict[str, Checked]:
    raw = _read(path)
    if not isinstance(raw, list):
        raise TaxonomyError(f"{path}: must be a list of entries, each beginning with `- id:`")
    entries: dict[str, Checked] = {}
    for number, item in enumerate(raw, 1):
        identifier = item.get("id") if isinstance(item, dict) else None
        entry = _check(item, kind, f"{path}: entry {number} ({identifier or 'without id'})")
        if not str(identifier).strip() or str(identifier) in entries:
            raise TaxonomyError(
                f"{path}: entry {number}: the id {identifier!r} is empty or taken; give it its own"
            )
        entries[str(identifier)] = entry
        _check_patterns(path, str(identifier), entry)
    return entries


def _check_patterns(path: Path, identifier: str, entry: object) -> None:
    if not isinstance(entry, Alliance):
        return
    if not (entry.names or entry.historic or entry.shorts or entry.committees):
        raise TaxonomyError(f"{path}: entry {identifier}: has no names; give it one under `names`")
    if any(not spelling.strip() for spelling in _all_names(entry)):
        raise TaxonomyError(f"{path}: entry {identifier}: a name is empty; remove it")


def _concepts(meanings: Path, words: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Each concept's words by language, from the file of each language."""
    concepts: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in _file(meanings, dict[str, str])}
    for path in sorted(words.glob("*.yaml")):
        for name, patterns in _file(path, dict[str, tuple[str, ...]]).items():
            if name not in concepts:
                raise TaxonomyError(
                    f"{path}: {name!r} is no concept of {meanings.name}; add it there or correct the name"
                )
            concepts[name][path.stem] = tuple(
                spelling for pattern in patterns for spelling in expand(pattern)
            )
    return concepts


def _roles(path: Path) -> Roles:
    roles = _file(path, Roles)
    spelt = {
        where: {
            group: {
                language: tuple(spelling for pattern in patterns for spelling in expand(pattern))
                for language, patterns in words.items()
            }
            for group, words in groups.items()
        }
        for where, groups in (("before", roles.before), ("after", roles.after), ("anywhere", roles.anywhere))
    }
    return Roles(**spelt)


def _check_parts(path: Path, alliances: Mapping[str, Alliance]) -> None:
    for each in alliances.values():
        for key, ids in (
            ("part_of", [each.part_of] if each.part_of is not None else []),
            ("related", each.related),
        ):
            for other in ids:
                if other not in alliances or other == each.id:
                    raise TaxonomyError(
                        f"{path}: entry {each.id}: {key} names {other!r}, which has no entry of its own"
                    )
        known = {each.name, *(each.historic), *(spelling for spelling in _all_names(each))}
        for name in each.periods.keys() - known:
            raise TaxonomyError(
                f"{path}: entry {each.id}: periods names {name!r}, which is no name of it; add it to `historic`"
            )


def _check_rules(path: Path, types: Iterable[EventType], concepts: Mapping[str, object]) -> None:
    for each in types:
        for rule in each.rules:
            for concept in (*rule.all, *rule.unless, *rule.never):
                if concept not in concepts and concept not in PSEUDO_CONCEPTS:
                    raise TaxonomyError(
                        f"{path}: entry {each.id}: rule {rule.name!r} names the concept {concept!r}, which "
                        "concepts.yaml does not have; add it there or correct the name"
                    )
