"""How well the dates, places and editions of the events are found."""

from collections.abc import Sequence

from services.cli.quality.found import Found
from services.cli.quality.labelled import Days
from services.cli.quality.measures import share
from shared.contracts.article import DateSpan
from shared.text.folding import fold


def fact_figures(found: Sequence[Found]) -> dict[str, float]:
    """Shares over the articles that have such facts labelled; nothing where none has.

    `date found`: events of which a day was found; `date right`: dates said to be the event's that are; `date exact`:
    events whose first and last day are right. A place is found under its English name, whatever the accents.
    """
    dated = [(one, one.labelled.facts.dates) for one in found if one.labelled.facts.dates]
    if not dated:
        return {}
    told = [(_event_dates(one), days) for one, days in dated]
    got = [(span, days) for spans, days in told for span in spans]
    places = [(one, place.name) for one in found for place in one.labelled.facts.places]
    editions = [(one, number) for one in found for number in one.labelled.facts.editions]
    return {
        "date found": share(sum(any(_meets(s, days) for s in spans) for spans, days in told), len(told)),
        "date right": share(sum(_meets(span, days) for span, days in got), len(got)),
        "date exact": share(sum(_is_exact(spans, days) for spans, days in told), len(told)),
        "place found": share(sum(_named(one, name) for one, name in places), len(places)),
        "edition found": share(sum(_numbered(one, number) for one, number in editions), len(editions)),
    }


def _event_dates(one: Found) -> list[DateSpan]:
    return [span for span in one.raw.dates if span.role == "event"]


def _meets(span: DateSpan, days: Sequence[Days]) -> bool:
    # A month or year alone stands for all its days: "2025-11" sorts before them, "2025-11~" behind.
    return any(span.start <= each.end + "~" and span.end >= each.start for each in days)


def _is_exact(spans: Sequence[DateSpan], days: Sequence[Days]) -> bool:
    if not spans:
        return False
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    return (first, last) == (min(each.start for each in days), max(each.end for each in days))


def _named(one: Found, name: str) -> bool:
    return fold(name) in {fold(place.name) for place in one.raw.places}


def _numbered(one: Found, number: str) -> bool:
    return any(edition.endswith(f":{number}") for edition in one.raw.editions)
