"""Where to look for articles that may be about the same event, so that an arrival is not compared with everything.

Complete by construction: two articles that `same_event` relates share a key, whichever came first. Every article
stands under its `posted` keys; an arrival looks under its `probed` ones. The tests hold this against the relation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.events.duplicates import Text
from services.events.relation import Profile
from services.events.when import Days
from shared.text.minhash import bands

BUCKET_DAYS = 32
Key = tuple[str | int | bytes, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """The index keys of one article."""

    posted: frozenset[Key]
    probed: frozenset[Key]


def duplicate_keys(text: Text) -> Keys:
    """Bands of the signature: only texts of one language that share one can be near-duplicates."""
    found = frozenset((text.language, number, band) for number, band in enumerate(bands(text.signature)))
    return Keys(found, found)


def event_keys(profile: Profile) -> Keys:
    """Alliance or place or body, each with the time; editions; what has no year by place; copies by their bands.

    Every article stands under its own id too, for those that a reader puts to it.
    """
    copies = duplicate_keys(profile).posted
    told = {("same", id) for id in (profile.id, profile.same_as) if id}
    posted = {*copies, *_editions(profile), *told}
    probed = {*copies, *_editions(profile), *told}
    # Articles without an alliance meet all others by place or body; with one they need look there only for those.
    mine, theirs = ("known", "unknown") if profile.alliances else ("unknown", "known")
    places = profile.places | profile.countries
    named = [("place", p) for p in places] + [("body", o) for o in profile.organisations]
    for bucket in _buckets(profile, 0):
        posted.update(("alliance", a, bucket) for a in profile.alliances)
        posted.update((mine, *name, bucket) for name in named)
    for bucket in _buckets(profile, max(profile.reach, 1)):
        probed.update(("alliance", a, bucket) for a in profile.alliances)
        probed.update((theirs, *name, bucket) for name in named)
        if not profile.alliances:
            probed.update((mine, *name, bucket) for name in named)
    posted.update(("any", p) for p in places)
    probed.update(("open", p) for p in places)
    if profile.when.is_open:
        posted.update(("open", p) for p in places)
        probed.update(("any", p) for p in places)
    return Keys(frozenset(posted), frozenset(probed))


def _editions(profile: Profile) -> Iterator[Key]:
    """Editions count without a time, so they find without one; a common number of whatever organ will do."""
    return (("edition", alliance, number) for _, number in profile.editions for alliance in profile.alliances)


def _buckets(profile: Profile, margin: int) -> set[int]:
    return {bucket for days in _spans(profile) for bucket in _covered(days, margin)}


def _spans(profile: Profile) -> Iterable[Days]:
    return (*profile.when.told, *profile.when.named)


def _covered(days: Days, margin: int) -> range:
    return range((days.first - margin) // BUCKET_DAYS, (days.last + margin) // BUCKET_DAYS + 1)
