"""Which event ids stand for which event since events were merged."""

from shared.contracts.events import EventDocument


class Redirects:
    """The redirects among events, looked up from their target."""

    def __init__(self) -> None:
        self._target: dict[str, str] = {}
        self._sources: dict[str, set[str]] = {}

    def note(self, event: EventDocument) -> None:
        """Take over what an event document says. One that is in use again after a split redirects no more."""
        before = self._target.pop(event.id, None)
        if before is not None:
            self._sources[before].discard(event.id)
        if event.redirect is not None:
            self._target[event.id] = event.redirect
            self._sources.setdefault(event.redirect, set()).add(event.id)

    def to(self, id: str) -> tuple[str, ...]:
        """All ids that lead to this one, over other ids too, in order; without itself."""
        found: set[str] = set()
        todo = [id]
        while todo:
            fresh = self._sources.get(todo.pop(), set()) - found - {id}
            found |= fresh
            todo += fresh
        return tuple(sorted(found))
