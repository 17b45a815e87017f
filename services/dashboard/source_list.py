"""Sources as people see them: what each is, how it stands, in the order in which they need somebody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.dashboard.addresses import outward
from services.dashboard.context import Context
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCE_STATES, Health, SourceState, decode_source_state
from shared.sources import Origin, Sources, UnknownSource
from shared.store.port import Store

# In the order in which they need somebody, each with its heading.
HEALTHS: Mapping[Health, str] = {
    "failing": "Failing",
    "quarantined": "Set aside after many failures",
    "new": "Not looked at yet",
    "ok": "Fine",
    "disabled": "Switched off",
}
ORIGINS: Mapping[Origin, str] = {
    "catalogue": "ships with the program",
    "file": "named in the sources file",
    "saved": "added here",
}
SAMPLE = "sample"
# Rows of one group on the page; with more, one looks for them by their words.
MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A source, and what the crawler knows of it."""

    source: Source
    origin: Origin
    state: SourceState | None

    @property
    def health(self) -> Health:
        """How it stands, as of what was set last; the crawler takes that up within seconds."""
        if not self.source.enabled:
            return "disabled"
        known = self.state
        return "new" if known is None or known.health == "disabled" else known.health

    @property
    def name(self) -> str:
        """What it is called: by us, else by itself, else its id."""
        return self.source.name or (self.state.title if self.state else None) or self.source.id

    @property
    def says(self) -> str:
        """The last look in words, without when the next one is."""
        if self.health == "disabled":
            return "switched off"
        if self.state is None or self.state.health == "disabled":
            return "not looked at yet"
        return self.state.says.partition("; next ")[0]

    @property
    def place(self) -> str:
        """The host it is read from, or the folder."""
        try:
            return urlsplit(self.source.url or "").hostname or self.source.path or ""
        except ValueError:
            return self.source.url or ""

    @property
    def link(self) -> str | None:
        """Its address as a link."""
        return outward(self.source.url or "")

    @property
    def is_sample(self) -> bool:
        """Whether it is of the sample press."""
        return SAMPLE in self.source.groups


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sources: with these words in name, address, id or groups, and this health."""

    find: str = ""
    health: str = ""

    def fits(self, row: Row) -> bool:
        """Whether a source is among them."""
        if self.health and row.health != self.health:
            return False
        s = row.source
        text = " ".join(filter(None, (row.name, s.id, s.url, s.language, s.country, *s.groups))).casefold()
        return all(word in text for word in self.find.casefold().split())


@dataclass(frozen=True, slots=True)
class Group:
    """Sources of one health; `left_out` of them are not shown."""

    health: Health
    heading: str
    rows: Sequence[Row]
    left_out: int = 0


def sources_of(context: Context) -> Sources:
    """The sources, over the store of the dashboard."""
    return Sources(context.listed, context.store, context.clock)


def rows(context: Context) -> list[Row]:
    """Every source with its state, by name."""
    table = sources_of(context).table()
    states = {s.id: decode_source_state(s.body) for s in context.store.list(SOURCE_STATES)}
    found = (Row(s, table.origins[id], states.get(id)) for id, s in table.sources.items())
    return sorted(found, key=lambda row: (row.name.casefold(), row.source.id))


def row(context: Context, id: str) -> Row:
    """One source with its state. Raises UnknownSource."""
    sources = sources_of(context)
    source = sources.get(id)
    if source is None:
        raise UnknownSource(id[:100])
    return Row(source, sources.origin(id), _state(context.store, id))


def _state(store: Store, id: str) -> SourceState | None:
    stored = store.get(SOURCE_STATES, id)
    return decode_source_state(stored.body) if stored else None


def grouped(found: Iterable[Row], most: int = MOST_ROWS) -> list[Group]:
    """The sources by health, those that need somebody first."""
    by_health: dict[Health, list[Row]] = {health: [] for health in HEALTHS}
    for each in found:
        by_health[each.health].append(each)
    return [
        Group(health, HEALTHS[health], of_it[:most], max(0, len(of_it) - most))
        for health, of_it in by_health.items()
        if of_it
    ]
