"""The sources as they stand now, and which of them are due for a look."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.crawler.manners import Manners
from services.crawler.poll import poll_address, poll_request
from services.crawler.schedule import adopted, asked, first_state, is_due
from services.crawler.states import States
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCE_STATES, SourceState, source_state_write
from shared.contracts.wire import Outgoing
from shared.identity import host_of
from shared.runner.service import Handled, Owns
from shared.sources import Listed, merge, saved_sources
from shared.store.port import Store, Write

# How soon a source that somebody adds is taken up.
REFRESH = timedelta(seconds=2)
MOST_AT_ONCE = 500


class SourceTable:
    """Reads the sources anew every few seconds. Used by the runner's thread alone."""

    def __init__(self, listed: Listed, store: Store, states: States, manners: Manners) -> None:
        self._listed, self._store, self._states, self._manners = listed, store, states, manners
        self._sources: dict[str, Source] = {}
        self._saved_at: dict[str, datetime] = {}
        self._refresh_at: datetime | None = None

    def folders(self) -> Sequence[Source]:
        """The folder sources that are switched on."""
        return [s for s in self._sources.values() if s.kind == "folder" and s.enabled]

    def reload(self) -> None:
        """Read everything anew with the next tick."""
        self._refresh_at = None
        self._states.load()

    def tick(self, now: datetime, owns: Owns) -> Handled:
        """Requests to look at the sources that are due and ours; states of those that are new or were changed."""
        if self._refresh_at is None or now >= self._refresh_at:
            self._refresh(now, owns)
        outputs: list[Outgoing] = []
        writes: list[Write] = []
        for source in self._sources.values():
            if source.kind == "folder" or not self._is_ours(source, owns):
                continue
            state, request = self._look(source, now)
            if request:
                outputs.append(request)
            if state:
                self._states.put([state])
                writes.append(source_state_write(state))
            if len(outputs) == MOST_AT_ONCE:
                break
        return Handled(tuple(outputs), tuple(writes))

    def _look(self, source: Source, now: datetime) -> tuple[SourceState | None, Outgoing | None]:
        """The state to be written and the request to be made, if any."""
        cached = self._states.get(source.id)
        if cached and cached.source == source and not (source.enabled and is_due(cached, now)):
            return None, None
        # Another process may have looked meanwhile, for a source that redirects to a host of its.
        known = self._states.fresh(source.id)
        before = known or first_state(source, self._saved_at.get(source.id, now))
        state = adopted(before, source, now)
        host = host_of(state.moved_to or poll_address(source))
        held = self._manners.free_at(host) > now + timedelta(minutes=1)
        if source.enabled and is_due(state, now) and not held:
            return asked(state, now), poll_request(state, source, now)
        return (state, None) if state is not known else (None, None)

    def _refresh(self, now: datetime, owns: Owns) -> None:
        saved = saved_sources(self._store)
        merged = merge(self._listed.catalogue, self._listed.file, saved)
        self._sources = {source.id: source for source in merged}
        self._saved_at = {s.source.id: s.changed_at for s in saved}
        self._refresh_at = now + REFRESH
        for state in self._states.others(self._sources):
            if state.source is None or self._is_ours(state.source, owns):
                self._store.delete(SOURCE_STATES, state.id)
            self._states.drop(state.id)

    def _is_ours(self, source: Source, owns: Owns) -> bool:
        return owns("fetch-requests", host_of(poll_address(source)))
