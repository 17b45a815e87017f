"""Which articles are about one event: a pure function of their facts, the same in whatever order they come."""

from collections.abc import Iterable

from services.events.components import components
from services.events.relation import profile, same_event
from shared.contracts.messages import EventFacts


def cluster(facts: Iterable[EventFacts]) -> frozenset[frozenset[str]]:
    """The events among the articles, each as the ids of its articles. An article about no event is in none."""
    profiles = (profile(each) for each in facts)
    return components({p.id: p for p in profiles if p}, same_event)
