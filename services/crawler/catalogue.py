"""Which sources there are: those that ship with the program, those of a file, and those that people have saved."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from services.crawler.sources import load_sources
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCES, SavedSource, decode_saved_source
from shared.store.port import Store


def load_catalogue() -> tuple[Source, ...]:
    """The sources that ship with the program."""
    return load_sources(Path(str(resources.files("services.crawler") / "catalogue.yaml")))


def merge(
    catalogue: Iterable[Source], file: Iterable[Source], saved: Iterable[SavedSource]
) -> tuple[Source, ...]:
    """The sources that hold, by id: a saved one wins over the file's, that over the catalogue's.

    A saved source that is marked removed takes out the one of its id. Two sources with one address count once: what
    a person named wins over the catalogue.
    """
    chosen = {source.id: source for source in catalogue}
    listed = {source.id: source for source in file}
    kept = {s.source.id: s.source for s in saved if not s.removed}
    addresses = {source.url for source in (*listed.values(), *kept.values()) if source.url}
    chosen = {id: s for id, s in chosen.items() if s.url not in addresses or id in listed or id in kept}
    chosen |= listed | kept
    for one in saved:
        if one.removed:
            chosen.pop(one.source.id, None)
    return tuple(chosen.values())


def saved_sources(store: Store) -> tuple[SavedSource, ...]:
    """Those that people have saved."""
    return tuple(decode_saved_source(stored.body) for stored in store.list(SOURCES))
