"""The signs for and against two articles being about one event: symmetric, and a pure function of the two.

Each sign has a name, under which `weights.yaml` says what it weighs, and a strength, mostly 1.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from services.events.kinds import FAMILIES, LISTS, OUTCOMES, REACH, WITHOUT_ONE_PLACE
from services.events.profile import RARE, Edition, Profile
from services.events.when import Days, When
from shared.taxonomy.taxonomy import load_taxonomy
from shared.text.minhash import similarity

# Days apart, each class up to this many: the events, and the publications.
DAYS = (0, 3, 10, 30, 90)
PUBLISHED = (1, 4, 10, 30, 90, 200, 400)
# A look back or ahead may lie so far from the report.
LATE = 300
ALIKE = 0.1
# Without any of these all that two reports share is a body, a kind of event and the season.
TELLING = frozenset(
    (
        "place",
        "places",
        "days to 0",
        "days to 3",
        "day named",
        "edition",
        "number",
        "outcome",
        "house",
        "title",
        "text",
    )
)
FAR = frozenset(("days to 90", "days more"))
# A body calls one conference of each series its first.
_FIRST_OF_MANY: Edition = ("conference_forum", 1)
_SOME_DAY = 730_000
_CLOSE = 3

Signs = Mapping[str, float]


def signs(a: Profile, b: Profile) -> Signs:
    """All signs of a pair, by name."""
    found = dict.fromkeys(_plain_signs(a, b), 1.0)
    if "edition" in found:
        # A numbered meeting is told of long before and after, on days of other things.
        found = {name: by for name, by in found.items() if name not in FAR}
    more_kinds = len(a.types & b.types) - 1
    if more_kinds > 0:
        found["kinds"] = float(min(2, more_kinds))
    common = len(a.title_terms & b.title_terms)
    if common > 1:
        found["title"] = common / min(len(a.title_terms), len(b.title_terms))
    alike = similarity(a.signature, b.signature) if a.language == b.language else 0.0
    if alike > ALIKE:
        found["text"] = alike
    if not TELLING.intersection(found) and not a.types & b.types & LISTS:
        found["nothing else"] = 1.0
    return found


def _plain_signs(a: Profile, b: Profile) -> Iterator[str]:
    yield from _who(a, b)
    yield from _kind(a, b)
    yield from _where(a, b)
    yield from _told_days(a.when, b.when)
    yield from _published(a, b)
    if shared_edition(a, b):
        yield "edition"
    yield from _details(a, b)


def _who(a: Profile, b: Profile) -> Iterator[str]:
    if a.alliances & b.alliances:
        yield "subject"
        return
    if a.alliances and b.alliances:
        yield "subject other"
    if a.alliances & b.bodies or b.alliances & a.bodies:
        yield "subject named"


def _kind(a: Profile, b: Profile) -> Iterator[str]:
    if not a.types or not b.types:
        yield "kind unknown"
    elif a.headline == b.headline:
        yield "headline"
    elif a.types & b.types:
        yield "kind"
    elif (a.is_meeting and (b.is_meeting or b.types & OUTCOMES)) or (b.is_meeting and a.types & OUTCOMES):
        yield "kind of a meeting"
    elif any(a.types & family and b.types & family for family in FAMILIES):
        yield "kind alike"
    else:
        yield "kind other"


def _where(a: Profile, b: Profile) -> Iterator[str]:
    common = a.places & b.places
    # At its seat a body does most of what it does: that tells its events not from one another.
    seats = {seat for body in a.alliances & b.alliances if (seat := _seats().get(body))}
    telling = common - seats
    if telling:
        yield "place"
    elif common:
        yield "place seat"
    elif a.places and b.places and not a.types & b.types & WITHOUT_ONE_PLACE:
        yield "place other"
    if len(telling) > 1:
        yield "places"
    if a.scene and a.scene == b.scene and a.scene not in seats:
        yield "scene"
    if a.countries & b.countries:
        yield "country"
    elif a.countries and b.countries and not common:
        yield "country other"


@cache
def _seats() -> Mapping[str, str]:
    """Where the bodies of the taxonomy have their seat, as places are compared."""
    bodies = load_taxonomy().alliances.values()
    return {body.id: body.about.seat.casefold() for body in bodies if body.about.seat}


def _told_days(a: When, b: When) -> Iterator[str]:
    apart = gap(a.exact, b.exact)
    if apart is not None:
        yield f"days {_class(apart, DAYS)}"
    elif (a.is_open or b.is_open) and (fits := _yearless_fit(a, b)) is not None:
        yield f"days {_class(1 if fits else DAYS[-1] + 1, DAYS)}"
    if apart is not None and apart <= _CLOSE:
        return
    if gap((*a.named, *_window(a)), (*b.named, *_window(b))) == 0:
        yield "window" if apart is None else "window only"
    named = gap(a.named, b.named)
    if named is not None and named <= 1:
        yield "day named"


def _window(of: When) -> tuple[Days, ...]:
    return (of.window,) if of.window else ()


def _yearless_fit(a: When, b: When) -> bool | None:
    """Whether days of no year agree with the other's; None where there is nothing to compare."""
    one, other = (a, b) if a.yearless else (b, a)
    if not one.yearless or not (other.told or other.yearless):
        return None
    days = other.told or tuple(d for y in other.yearless for d in y.near(_SOME_DAY))
    edges = [(d, at) for d in days for at in d]
    return any(y.gap(d) <= _CLOSE for d, at in edges for each in one.yearless for y in each.near(at))


def _published(a: Profile, b: Profile) -> Iterator[str]:
    if a.when.published is None or b.when.published is None:
        return
    apart = a.when.published.gap(b.when.published)
    yield f"published {_class(apart, PUBLISHED)}"
    if apart <= PUBLISHED[2]:
        return
    if apart <= max(
        (REACH.get(p.headline, 0) for p, q in ((a, b), (b, a)) if p.headline in q.types), default=0
    ):
        yield "cycle"
    if apart <= LATE and {a.phase, b.phase} & {"preview", "followup"}:
        yield "late"


def _class(days: int, limits: tuple[int, ...]) -> str:
    return next((f"to {limit}" for limit in limits if days <= limit), "more")


def _details(a: Profile, b: Profile) -> Iterator[str]:
    numbers = a.numbers & b.numbers
    if numbers:
        yield "number"
    if len(numbers) > 1:
        yield "numbers"
    if any(float(number) > RARE or "." in number for number in numbers):
        yield "number rare"
    if a.outcomes & b.outcomes:
        yield "outcome"
    if a.organisations & b.organisations:
        yield "house"


def gap(a: tuple[Days, ...], b: tuple[Days, ...]) -> int | None:
    """The least days between two sets of intervals; None where one is empty."""
    return min((x.gap(y) for x in a for y in b), default=None)


def shared_edition(a: Profile, b: Profile) -> bool:
    """Whether a number is common, of the same organ or of whatever one."""
    if (a.editions & b.editions) - {_FIRST_OF_MANY}:
        return True
    bare = {n for organ, n in a.editions if not organ}, {n for organ, n in b.editions if not organ}
    return bool(bare[0] & {n for _, n in b.editions} or bare[1] & {n for _, n in a.editions})


def contrary_editions(a: Profile, b: Profile) -> bool:
    """Whether the two number one organ differently; years ("2025 General Assembly") are apart from ordinals."""
    others = numbers_by_organ(b.editions)
    return any(
        organ[0] and organ in others and not numbers & others[organ]
        for organ, numbers in numbers_by_organ(a.editions).items()
    )


def numbers_by_organ(editions: frozenset[Edition]) -> dict[tuple[str, bool], set[int]]:
    """Numbers by organ, years apart."""
    found: dict[tuple[str, bool], set[int]] = {}
    for organ, number in editions:
        found.setdefault((organ, number > 1000), set()).add(number)
    return found
