"""Which events would change: the articles whose facts change are grouped anew with all they touch, block by block.

An article can only leave the event it is in and join those it is related to; every other event stays as it is. A block
is what such articles connect; blocks are looked at one by one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from services.cli.reclassify.ledger import Ledger, Near, Row
from services.events.cluster import cluster
from services.events.profile import profile
from services.events.relation import same_event
from shared.contracts.article import Struct

NEW = "new:"
MOST_NAMED = 5


class EventChange(Struct, frozen=True, kw_only=True):
    """An event that would begin, end, go into another, or get and lose articles. `articles` names a few of them."""

    kind: Literal["new", "ended", "merged", "changed"]
    event: str
    into: str | None = None
    title: str = ""
    before: int
    after: int
    articles: tuple[str, ...] = ()


def event_changes(ledger: Ledger, progress: Callable[[int], None]) -> Iterator[EventChange]:
    """Every event that would change; the ledger learns which event each article would be in.

    `progress` hears of the articles whose facts change, one by one.
    """
    blocks = _Blocks()
    for id in ledger.regrouping():
        _connect(ledger, blocks, id)
        progress(1)
    for block in blocks.all():
        rows = _articles_of(ledger, block)
        now = _named(rows)
        ledger.moves((id, event) for id, event in now.items() if event != rows[id].event)
        yield from _changes(rows, now)


class _Blocks:
    """Events and single articles, in parts that have something to do with one another."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def __contains__(self, node: str) -> bool:
        return node in self._parent

    def root(self, node: str) -> str:
        self._parent.setdefault(node, node)
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def join(self, one: str, other: str) -> None:
        self._parent[self.root(one)] = self.root(other)

    def all(self) -> Iterator[list[str]]:
        found: dict[str, list[str]] = {}
        for node in list(self._parent):
            found.setdefault(self.root(node), []).append(node)
        return iter(found.values())


def _node(row: Row | Near) -> str:
    """An article in an event stands for all of it; one in none for itself."""
    return f"e{row.event}" if row.event else f"a{row.id}"


def _connect(ledger: Ledger, blocks: _Blocks, id: str) -> None:
    """Put an article whose facts changed into a block with all it touches.

    What it touches of articles in no event needs no further look: were one related to another, both would be in one.
    """
    row = ledger.row(id)
    own = _node(row)
    blocks.root(own)
    described = profile(row.facts)
    for other in ledger.near(described) if described else ():
        theirs = _node(other)
        if theirs in blocks and blocks.root(theirs) == blocks.root(own):
            continue
        their_profile = ledger.profile(other)
        if described and their_profile and same_event(described, their_profile):
            blocks.join(theirs, own)


def _articles_of(ledger: Ledger, block: list[str]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for node in block:
        kind, name = node[0], node[1:]
        found = ledger.of_event(name) if kind == "e" else [ledger.row(name)]
        rows.update((row.id, row) for row in found)
    return rows


def _named(rows: Mapping[str, Row]) -> dict[str, str]:
    """The event each article would be in, empty for none: an id stays with the oldest of its articles."""
    parts = cluster(row.facts for row in rows.values())
    part_of = {id: part for part in parts for id in part}
    heirs: dict[str, frozenset[str]] = {}
    for event in {row.event for row in rows.values() if row.event}:
        left = [id for id, row in rows.items() if row.event == event and id in part_of]
        if left:
            heirs[event] = part_of[min(left, key=lambda id: (rows[id].seen, id))]
    now = dict.fromkeys(rows, "")
    for part in parts:
        mine = [event for event, heir in heirs.items() if heir == part]
        oldest = min(part, key=lambda id: (rows[id].seen, id))
        name = min(mine, key=lambda event: _age(event, rows)) if mine else f"{NEW}{oldest}"
        now.update(dict.fromkeys(part, name))
    return now


def _age(event: str, rows: Mapping[str, Row]) -> tuple[str, str]:
    return min((row.seen, row.id) for row in rows.values() if row.event == event)


def _changes(rows: Mapping[str, Row], now: Mapping[str, str]) -> Iterator[EventChange]:
    events = {row.event for row in rows.values()} | set(now.values())
    for event in sorted(events - {""}):
        before = {id for id, row in rows.items() if row.event == event}
        after = {id for id in rows if now[id] == event}
        if before == after:
            continue
        into = {now[id] for id in before} - {""} if not after else set()
        kind: Literal["new", "ended", "merged", "changed"] = "changed"
        if event.startswith(NEW):
            kind = "new"
        elif not after:
            kind = "merged" if into else "ended"
        differing = sorted(before ^ after)
        yield EventChange(
            kind=kind,
            event=event,
            into=min(into) if into else None,
            title=rows[min(before or after, key=lambda id: (rows[id].seen, id))].title,
            before=len(before),
            after=len(after),
            articles=tuple(differing[:MOST_NAMED]),
        )
