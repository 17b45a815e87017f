"""Which articles are about one event: a pure function of their facts, the same in whatever order they come."""

from collections.abc import Iterable

from services.events.components import components
from services.events.profile import profile
from services.events.relation import same_event
from shared.contracts.messages import EventFacts


def cluster(facts: Iterable[EventFacts]) -> frozenset[frozenset[str]]:
    """The events among the articles, each as the ids of its articles. An article about no event is in none."""
    profiles = {p.id: p for each in facts if (p := profile(each))}
    parts = components(profiles, same_event)
    return frozenset(part for part in parts if any(profiles[id].is_event for id in part))
