"""Sources: which there are, and the one place that adds, changes and takes out, for pages, API and command.

The catalogue ships with the program, the sources file comes with the installation; what people save lies in the store
and wins over both. The crawler reads all three anew every few seconds.
"""

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import quote, urlsplit

from msgspec.structs import asdict, replace

from shared.clock import Clock
from shared.contracts.article import Quality, Rights
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCES, SavedSource, decode_saved_source, saved_source_write
from shared.outgoing.errors import Refused
from shared.outgoing.urls import checked_url
from shared.store.port import Store, Stored, VersionConflict

Origin = Literal["catalogue", "file", "saved"]

LONGEST_NAME = 200
LONGEST_SELECTOR = 500
MOST_GROUPS = 20
LONGEST_INTERVAL = 30 * 86400.0
LONGEST_DELAY = 86400.0
KINDS = ("feed", "sitemap", "listing", "query")
# Two people at one source at the same moment; more tries than this is a fault of ours.
TRIES = 10

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_GROUP = re.compile(r"[\w][\w .-]{0,49}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class BadSource(ValueError):
    """A source that cannot be. `field` names what is wrong with it (`url`, `country` …)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class UnknownSource(LookupError):
    """There is no source with this id (any more)."""

    def __init__(self, id: str) -> None:
        super().__init__(f"there is no source {id!r}; it may have been taken out")


@dataclass(frozen=True, slots=True)
class Listed:
    """The sources that come with the program and with the sources file."""

    catalogue: tuple[Source, ...] = ()
    file: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The sources that hold, by id, and those of catalogue and file that a person took out."""

    sources: Mapping[str, Source]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    taken_out: tuple[Source, ...] = ()


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


class Sources:
    """The sources there are. Every method may raise StoreUnavailable."""

    def __init__(self, listed: Listed, store: Store, clock: Clock) -> None:
        self._listed, self._store, self._clock = listed, store, clock
        self._origins: dict[str, Origin] = {source.id: "catalogue" for source in listed.catalogue}
        self._origins |= {source.id: "file" for source in listed.file}

    def table(self) -> Table:
        """All of them. One that was added in the last second may be missing."""
        saved = saved_sources(self._store)
        merged = {source.id: source for source in merge(self._listed.catalogue, self._listed.file, saved)}
        removed = tuple(s.source for s in saved if s.removed and s.source.id in self._origins)
        return Table(merged, {id: self.origin(id) for id in merged}, removed)

    def origin(self, id: str) -> Origin:
        """Who named a source first: the catalogue, the sources file, or a person."""
        return self._origins.get(id, "saved")

    def get(self, id: str) -> Source | None:
        """A source as it stands this moment, or None."""
        saved = self._saved(id)
        if saved is not None:
            return None if saved[1].removed else saved[1].source
        return self.table().sources.get(id)

    def add(self, source: Source) -> Source:
        """A new source; the crawler takes it up within seconds. Raises BadSource.

        One that was taken out comes back as it is given here.
        """
        source = checked(source)
        known = self.table().sources
        self._check_new(source, known)
        if source.id in known or self.get(source.id):
            raise BadSource("id", f"{source.id!r} is taken by another source")
        self._change(source.id, lambda _: SavedSource(source=source, changed_at=self._clock()))
        return source

    def change(self, id: str, **changes: Any) -> Source:
        """Change what is given and nothing else. Raises UnknownSource, BadSource."""
        table = self.table()

        def changed(saved: SavedSource | None) -> SavedSource:
            before = table.sources.get(id) if saved is None else None if saved.removed else saved.source
            if before is None:
                raise UnknownSource(id)
            if set(changes) == {"enabled"}:
                return SavedSource(source=replace(before, **changes), changed_at=self._clock())
            if before.kind == "folder":
                raise BadSource(
                    "kind", "a folder is described in the sources file; here it is switched on and off"
                )
            after = checked(replace(before, **changes))
            self._check_new(after, {k: s for k, s in table.sources.items() if k != id})
            return SavedSource(source=after, changed_at=self._clock())

        return self._change(id, changed).source

    def remove(self, id: str) -> Source:
        """Take a source out; what it was is returned. Its articles stay. Raises UnknownSource."""
        before = self.get(id)
        if before is None:
            raise UnknownSource(id)
        if id in self._origins:
            gone = SavedSource(source=before, removed=True, changed_at=self._clock())
            self._change(id, lambda _: gone)
        else:
            self._store.delete(SOURCES, id)
        return before

    def put_back(self, id: str) -> Source:
        """Have a source of catalogue or file again as it is there. Raises UnknownSource."""
        listed = {s.id: s for s in (*self._listed.catalogue, *self._listed.file)}
        if id not in listed:
            raise UnknownSource(id)
        self._store.delete(SOURCES, id)
        return listed[id]

    def _check_new(self, source: Source, others: Mapping[str, Source]) -> None:
        same = next((s for s in others.values() if s.url and s.url == source.url), None)
        if same and (same.query, same.kind == "query") == (source.query, source.kind == "query"):
            raise BadSource("url", f"this address is read already, by the source {same.id!r}")

    def _saved(self, id: str) -> tuple[Stored, SavedSource] | None:
        stored = self._store.get(SOURCES, id)
        return (stored, decode_saved_source(stored.body)) if stored else None

    def _change(self, id: str, change: Callable[[SavedSource | None], SavedSource]) -> SavedSource:
        for _ in range(TRIES):
            found = self._saved(id)
            after = change(found[1] if found else None)
            expected = found[0].version if found else 0
            try:
                self._store.put(dataclasses.replace(saved_source_write(after), expected=expected))
            except VersionConflict:
                continue
            return after
        raise RuntimeError(f"{SOURCES}/{id} changes without end")


def checked(source: Source) -> Source:
    """The source as it is kept: trimmed, every field within its bounds. Raises BadSource.

    For sources that come over the network: a folder of this machine is not among them.
    """
    values = asdict(source)
    texts = {k: " ".join(v.split()) or None for k, v in values.items() if isinstance(v, str)}
    source = replace(source, **texts)
    for name, value in texts.items():
        if value and _UNSEEN.search(value):
            raise BadSource(name, "holds a control character")
    if not source.id or not ID.fullmatch(source.id):
        raise BadSource(
            "id", "an id is letters, digits, '.', '_' and '-', at most 100, a letter or digit first"
        )
    if source.kind not in (None, *KINDS) or source.path:
        raise BadSource("kind", f"expected {', '.join(KINDS)}; folders are named in the sources file")
    _check_address(source)
    _check_words(source)
    for name, most in (("interval", LONGEST_INTERVAL), ("delay", LONGEST_DELAY)):
        seconds = values[name]
        if seconds is not None and not (0 if name == "delay" else 1) <= seconds <= most:
            raise BadSource(name, f"{seconds:g} seconds: expected 1 second to {int(most // 86400)} days")
    return source


def _check_address(source: Source) -> None:
    if not source.url:
        raise BadSource("url", "the address is missing")
    url = source.url
    if source.kind == "query":
        if "{query}" not in url:
            raise BadSource("url", "the address of a query source holds {query} where the words go")
        if not source.query:
            raise BadSource("query", "a query source needs the words to ask for")
        url = url.replace("{query}", quote(source.query, safe=""))
    try:
        checked_url(url)
    except Refused as e:
        raise BadSource("url", str(e)) from e


def _check_words(source: Source) -> None:
    for name, allowed in (("rights", get_args(Rights)), ("quality", get_args(Quality))):
        if getattr(source, name) not in allowed:
            raise BadSource(name, f"expected {' or '.join(allowed)}")
    for name, longest in (("name", LONGEST_NAME), ("query", LONGEST_NAME), ("selector", LONGEST_SELECTOR)):
        value: str | None = getattr(source, name)
        if value and len(value) > longest:
            raise BadSource(name, f"at most {longest} characters, this has {len(value)}")
    if source.language and not _LANGUAGE.fullmatch(source.language):
        raise BadSource(
            "language", f"{source.language!r} is no language code; expected one such as fr or zh-Hant"
        )
    if source.country and not _COUNTRY.fullmatch(source.country):
        raise BadSource("country", f"{source.country!r} is no country code; expected two letters such as FR")
    if len(source.groups) > MOST_GROUPS:
        raise BadSource("groups", f"at most {MOST_GROUPS}")
    for group in source.groups:
        if not _GROUP.fullmatch(group):
            raise BadSource("groups", f"{group[:60]!r}: a group is a few letters and digits")


def seconds(value: object) -> float:
    """`30m`, `2s`, `1h`, `1d` or a number of seconds. Raises ValueError."""
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise ValueError(f"{value!r} is no duration: write for example 30m, 2s, 1h or 1d")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def id_for(url: str, taken: Collection[str]) -> str:
    """An id that reads like the address and is free: `whc.unesco.org`, `whc.unesco.org-2`."""
    try:
        host = (urlsplit(url.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    base = re.sub(r"[^A-Za-z0-9.-]+", "-", host).strip(".-")[:90] or "source"
    numbers = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    return next(id for id in (base, *numbers) if id not in taken)
