"""Which subscriptions an article is for: a reverse index of their queries, in memory.

Every query is kept under the anchors of its cover (see `anchors`), the rarest things it requires. An article's tokens,
stems and labels lead to the queries it may match, and `shared.query.evaluate` decides, as for every search. Equal
queries are held once, however many subscriptions ask them.

Relative dates (`after:7d`) count back from the article's arrival: a query that has some is read anew, with that moment
as now, for each article it may match. Where it is none at that moment (`on:7d..2025-12-01` in 2026) it matches nothing.
"""

from collections import deque
from datetime import datetime, timedelta

from services.alerter.anchors import Cover, cheapest_first, cover
from services.alerter.rarity import Rarity
from services.alerter.reverse_index import ReverseIndex
from shared.query.ast import And, Between, Not, Or, Query
from shared.query.evaluate import SearchDocument, matches
from shared.query.parse import Names, QueryError, parse

# After so many articles the anchors are chosen anew, by what was learnt, and again after so many times as many.
LEARNT, TIMES = 256, 8
# How many queries are looked at again with each article, so that nobody waits for all of them.
LOOKED_AT = 40


class _Stored:
    """One query, and who asks it. `shape` is the query as of the moment it was stored: only its dates may differ."""

    __slots__ = ("_read_at", "_relative", "_tree", "anchors", "ids", "shape", "text")

    def __init__(self, text: str, now: datetime, names: Names | None) -> None:
        self.text = text
        self.shape = cheapest_first(parse(text, now, names))
        self.ids: set[str] = set()
        self.anchors: Cover | None = None
        self._relative = self._is_relative(now, names)
        self._tree: Query | None = self.shape
        self._read_at = now

    def at(self, now: datetime, names: Names | None) -> Query | None:
        """The query as of that moment; None when it is none then."""
        if self._relative and self._read_at != now:
            try:
                self._tree = cheapest_first(parse(self.text, now, names))
            except QueryError:
                self._tree = None
            self._read_at = now
        return self._tree

    def _is_relative(self, now: datetime, names: Names | None) -> bool:
        if not _has_dates(self.shape):
            return False
        try:
            return cheapest_first(parse(self.text, now - timedelta(hours=1), names)) != self.shape
        except QueryError:
            return True


class Matcher:
    """The queries of all subscriptions. One thread at a time."""

    def __init__(self, names: Names | None = None) -> None:
        """`names` (the taxonomy) are what queries may call alliances and event types by."""
        self._names = names
        self._stored: dict[str, _Stored] = {}
        self._text_of: dict[str, str] = {}
        self._index = ReverseIndex[_Stored]()
        self._rarity = Rarity()
        self._next_look = LEARNT
        self._to_look_at: deque[_Stored] = deque()

    def __len__(self) -> int:
        return len(self._text_of)

    def put(self, id: str, query: str, now: datetime) -> None:
        """Match this query for a subscription from now on, in place of the one it had.

        Raises QueryError for what is none; the subscription then matches nothing.
        """
        if self._text_of.get(id) == query:
            return
        self.remove(id)
        stored = self._stored.get(query)
        if stored is None:
            stored = _Stored(query, now, self._names)
            self._stored[query] = stored
            self._anchor(stored)
        stored.ids.add(id)
        self._text_of[id] = query

    def remove(self, id: str) -> None:
        """Match nothing for a subscription any more; one that is not there is passed over."""
        text = self._text_of.pop(id, None)
        if text is None:
            return
        stored = self._stored[text]
        stored.ids.discard(id)
        if not stored.ids:
            del self._stored[text]
            self._index.remove(stored, stored.anchors)

    def matching(self, document: SearchDocument, now: datetime) -> dict[str, Query]:
        """The subscriptions an article that arrived at `now` is for, each with its query as of that moment."""
        found: dict[str, Query] = {}
        for stored in self._index.candidates(document):
            query = stored.at(now, self._names)
            if query is not None and matches(query, document):
                found.update(dict.fromkeys(stored.ids, query))
        self._learn(document)
        return found

    def _anchor(self, stored: _Stored) -> None:
        stored.anchors = cover(stored.shape, self._rarity.share)
        self._index.put(stored, stored.anchors)

    def _learn(self, document: SearchDocument) -> None:
        self._rarity.learn(document)
        if self._rarity.seen >= self._next_look:
            self._next_look *= TIMES
            self._to_look_at = deque(self._stored.values())
        for _ in range(min(LOOKED_AT, len(self._to_look_at))):
            stored = self._to_look_at.popleft()
            if stored.ids:
                self._index.remove(stored, stored.anchors)
                self._anchor(stored)


def _has_dates(query: Query) -> bool:
    match query:
        case And(parts) | Or(parts):
            return any(map(_has_dates, parts))
        case Not(part):
            return _has_dates(part)
        case leaf:
            return isinstance(leaf, Between)
