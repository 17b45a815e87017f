"""What is known of every source, in memory and in the store. Safe to use from several threads."""

import threading
from collections.abc import Container, Iterable

from shared.contracts.sources import SOURCE_STATES, SourceState, decode_source_state
from shared.store.port import Store


class States:
    """The states of sources. The store is written by the runner, with everything else that a step remembers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._states: dict[str, SourceState] = {}

    def load(self) -> None:
        """Read all anew: what was not written counts as not done."""
        states = {s.id: decode_source_state(s.body) for s in self._store.list(SOURCE_STATES)}
        with self._lock:
            self._states = states

    def get(self, id: str) -> SourceState | None:
        """The state of a source as last known here, or None."""
        with self._lock:
            return self._states.get(id)

    def fresh(self, id: str) -> SourceState | None:
        """The state of a source as the store holds it this moment, or None."""
        stored = self._store.get(SOURCE_STATES, id)
        if stored is None:
            self.drop(id)
            return None
        state = decode_source_state(stored.body)
        self.put([state])
        return state

    def put(self, states: Iterable[SourceState]) -> None:
        """Take these for true from here on."""
        with self._lock:
            self._states.update((state.id, state) for state in states)

    def drop(self, id: str) -> None:
        """Forget one here."""
        with self._lock:
            self._states.pop(id, None)

    def others(self, ids: Container[str]) -> list[SourceState]:
        """The states of sources that are not among these."""
        with self._lock:
            return [state for id, state in self._states.items() if id not in ids]
