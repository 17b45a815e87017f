"""Whether two articles are about the same event: a symmetric, pure relation on what they tell of it.

Signs for and against are added up, each with its weight (`weights.yaml`, learned from labelled articles by
`tests.quality.learn_events`). No single sign is needed: what one article lacks in place or date another sign makes up
for. Only three things end it whatever else agrees: two numbers of one organ, a time too far away, and nothing in
common by which the two could have been found.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from services.events.duplicates import is_duplicate
from services.events.kinds import REACH
from services.events.profile import LEAST_REACH, Profile
from services.events.signs import LATE, Signs, contrary_editions, gap, shared_edition, signs
from services.events.when import Days

EDITION_DAYS = 400
FEWEST_TERMS = 3
# Two events taken for one cost more, an alert that is never sent, than one event told twice.
MARGIN = 0.4
BIAS = "bias"


def same_event(a: Profile, b: Profile) -> bool:
    """Whether the two are about one event. Symmetric; reads nothing but its arguments and the weights."""
    if a.same_as or b.same_as:
        return _told_same(a, b)
    if not may_meet(a, b):
        return False
    return score(signs(a, b), weights()) > MARGIN or _is_copy(a, b)


def score(found: Signs, weights: Mapping[str, float]) -> float:
    """The evidence added up: above 0 it is likelier one event than two, by the learned articles. Signs without a weight count nothing."""
    # Rounded sums: the order of adding must not decide.
    return round(
        weights.get(BIAS, 0.0) + sum(weights.get(name, 0.0) * by for name, by in sorted(found.items())), 9
    )


@cache
def weights() -> Mapping[str, float]:
    """What each sign weighs, in natural logarithms of odds."""
    text = resources.files("services.events").joinpath("weights.yaml").read_text("utf-8")
    return {name: float(weight) for name, weight in yaml.safe_load(text).items()}


def may_meet(a: Profile, b: Profile) -> bool:
    """Whether the two have enough in common to be compared at all."""
    if not (a.types or b.types) or contrary_editions(a, b):
        return False
    if a.alliances & b.alliances:
        if shared_edition(a, b) and (gap(spans(a), spans(b)) or 0) <= EDITION_DAYS:
            return True
    elif not _strangers_may_meet(a, b):
        return False
    return _in_time(a, b)


def spans(of: Profile) -> tuple[Days, ...]:
    """All the days an article is found by: those it tells, and those around its publication; a look back goes far."""
    found = (*of.when.told, *of.when.named, *((of.when.window,) if of.when.window else ()))
    if of.phase == "followup" and of.when.published:
        return (*found, Days(of.when.published.first - LATE, of.when.published.last))
    return found


def reach(a: Profile, b: Profile) -> int:
    """The most days that may lie between the two."""
    return max((LEAST_REACH, *(REACH.get(kind, 0) for kind in a.types & b.types)))


def _in_time(a: Profile, b: Profile) -> bool:
    apart = gap(spans(a), spans(b))
    if apart is None:  # of one of them no year is known
        return bool(a.places & b.places)
    return apart <= reach(a, b)


def _told_same(a: Profile, b: Profile) -> bool:
    """What readers said goes over every sign: such an article is with the one it was put to, and with no other."""
    return a.same_as == b.id or b.same_as == a.id or a.same_as == b.same_as


def _strangers_may_meet(a: Profile, b: Profile) -> bool:
    """Without a common subject a place, organisation or large number must be common, or a country and one thing more.

    Of two subjects one must be named by the other article.
    """
    if a.alliances and b.alliances:
        return bool(a.places & b.places and (a.alliances & b.bodies or b.alliances & a.bodies))
    if a.places & b.places or a.organisations & b.organisations or a.rare_numbers & b.rare_numbers:
        return True
    told = len(a.title_terms & b.title_terms) >= FEWEST_TERMS or a.numbers & b.numbers
    return bool(a.countries & b.countries and told)


def _is_copy(a: Profile, b: Profile) -> bool:
    """One text of these days is one event, whatever dates were read from what stands around it."""
    windows = a.when.window, b.when.window
    return bool(windows[0] and windows[1] and windows[0].gap(windows[1]) == 0 and is_duplicate(a, b))
