"""The gazetteer of towns: 34,000 of them with their names in many scripts (GeoNames, CC BY 4.0; see `make_towns`)."""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.taxonomy.folding import Folder
from shared.taxonomy.taxonomy import TaxonomyError


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its English name, its country (ISO 3166-1 alpha-2) and how many people live there."""

    name: str
    country: str
    people: int


@dataclass(frozen=True, slots=True)
class Towns:
    """All towns, the largest first, and for each folded name which of them bear it."""

    towns: Sequence[Town]
    bearing: Mapping[str, tuple[int, ...]]

    def of(self, name: str) -> list[Town]:
        """The towns of this folded name, the largest first."""
        return [self.towns[number] for number in self.bearing.get(name, ())]


def load_towns(path: Path, folder: Folder) -> Towns:
    """Read the gazetteer, its names folded as texts are. Raises TaxonomyError naming the file and the fault."""
    try:
        return _towns(gzip.decompress(path.read_bytes()).decode(), folder)
    except OSError as error:
        raise TaxonomyError(
            f"{path}: cannot be read: {error.strerror or error}; put the gazetteer there"
        ) from error
    except (ValueError, EOFError, zlib.error) as error:
        raise TaxonomyError(f"{path}: is no gazetteer of towns as make_towns writes it: {error}") from error


def _towns(text: str, folder: Folder) -> Towns:
    towns: list[Town] = []
    spellings: list[str] = []
    owners: list[int] = []
    for number, line in enumerate(text.split("\n")):
        name, country, people, others = line.split("\t")
        towns.append(Town(name, country, int(people)))
        names = [name, *filter(None, others.split("|"))]
        spellings += names
        owners += [number] * len(names)
    bearing: dict[str, tuple[int, ...]] = {}
    # Folded in one piece: folding each by itself takes ten times as long.
    for key, number in zip(folder.fold("|".join(spellings)).text.split("|"), owners, strict=True):
        known = bearing.get(key, ())
        if number not in known:
            bearing[key] = (*known, number)
    return Towns(tuple(towns), bearing)
