"""Where to look for articles that may be about the same event, so that an arrival is not compared with everything.

Complete by construction: two articles that `same_event` relates share a key, whichever came first. Every article
stands under its `posted` keys; an arrival looks under its `probed` ones. The tests hold this against the relation.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.events.duplicates import Text
from services.events.profile import Profile
from services.events.relation import spans
from services.events.when import Days
from shared.text.minhash import bands

BUCKET_DAYS = 32
Key = tuple[str | int, ...] | int


@dataclass(frozen=True, slots=True)
class Keys:
    """The index keys of one article."""

    posted: frozenset[Key]
    probed: frozenset[Key]


def duplicate_keys(text: Text) -> Keys:
    """Bands of the signature: only texts of one language that share one can be near-duplicates.

    Hashed, for each article has 32 of them, most shared with no other. They never leave the process.
    """
    found = frozenset(
        hash((text.language, number, band)) for number, band in enumerate(bands(text.signature))
    )
    return Keys(found, found)


def event_keys(profile: Profile) -> Keys:
    """Alliance or place or body, each with the time; editions; what has no year by place.

    Every article stands under its own id too, for those that a reader puts to it.
    """
    told = {("same", id) for id in (profile.id, profile.same_as) if id}
    anywhen = {*_editions(profile), *told}
    return Keys(frozenset(anywhen | _posted(profile)), frozenset(anywhen | _probed(profile)))


def _posted(profile: Profile) -> set[Key]:
    mine = "known" if profile.alliances else "unknown"
    keys: set[Key] = {("any", place) for place in profile.places}
    if profile.when.is_open:
        keys.update(("open", place) for place in profile.places)
    for bucket in _buckets(profile, 0):
        keys.update(("alliance", a, bucket) for a in profile.alliances)
        keys.update(("place", p, bucket) for p in profile.places)
        keys.update((mine, *name, bucket) for name in _names(profile))
    return keys


def _probed(profile: Profile) -> set[Key]:
    keys: set[Key] = {("open", place) for place in profile.places}
    if profile.when.is_open:
        keys.update(("any", place) for place in profile.places)
    # Countries, houses and numbers tie articles only where one of them has no alliance.
    theirs = ("unknown",) if profile.alliances else ("known", "unknown")
    for bucket in _buckets(profile, profile.reach):
        keys.update(("alliance", a, bucket) for a in profile.alliances)
        keys.update(("place", p, bucket) for p in profile.places)
        keys.update((whose, *name, bucket) for whose in theirs for name in _names(profile))
    return keys


def _names(profile: Profile) -> list[tuple[str, str]]:
    named = [("country", c) for c in profile.countries] + [("body", o) for o in profile.organisations]
    return named + [("number", n) for n in profile.rare_numbers]


def _editions(profile: Profile) -> Iterator[Key]:
    """Editions count without a time, so they find without one; a common number of whatever organ will do."""
    return (("edition", alliance, number) for _, number in profile.editions for alliance in profile.alliances)


def _buckets(profile: Profile, margin: int) -> set[int]:
    return {bucket for days in spans(profile) for bucket in _covered(days, margin)}


def _covered(days: Days, margin: int) -> range:
    return range((days.first - margin) // BUCKET_DAYS, (days.last + margin) // BUCKET_DAYS + 1)
