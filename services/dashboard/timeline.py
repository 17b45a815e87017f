"""The timeline of a search: how many articles per day, month or year, as bars that narrow when clicked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.dashboard.wording import days

Step = Literal["day", "month", "year"]
MOST_BARS = 62
HEIGHT = 56


@dataclass(frozen=True, slots=True)
class Bar:
    """One period: its place in the row, what `on:` calls it, how it reads, how many, how high it stands of `HEIGHT`."""

    x: int
    period: str
    label: str
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars without gaps between the first and the last."""

    step: Step
    bars: tuple[Bar, ...]

    @property
    def highest(self) -> int:
        """The greatest count."""
        return max(bar.count for bar in self.bars)

    @property
    def thickness(self) -> float:
        """How much of its 10 units a bar fills; few bars would be blocks."""
        return min(8.0, 1.0 + len(self.bars) / 4)


def timeline(counts: Mapping[str, int]) -> Timeline | None:
    """The timeline of counts by day; None when there is nothing to compare."""
    if len(counts) < 2:
        return None
    first, last = date.fromisoformat(min(counts)), date.fromisoformat(max(counts))
    step = _step(first, last)
    summed: dict[str, int] = dict.fromkeys(_periods(first, last, step), 0)
    for day, count in counts.items():
        summed[_period(date.fromisoformat(day), step)] += count
    if len(summed) < 2:
        return None
    highest = max(summed.values())
    bars = (
        Bar(x, period, days(period, None), count, max(2.0, HEIGHT * count / highest) if count else 0.0)
        for x, (period, count) in enumerate(summed.items())
    )
    return Timeline(step, tuple(bars))


def _step(first: date, last: date) -> Step:
    if (last - first).days < MOST_BARS:
        return "day"
    return "month" if (last.year - first.year) * 12 + last.month - first.month < MOST_BARS else "year"


def _period(day: date, step: Step) -> str:
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[step]]


def _periods(first: date, last: date, step: Step) -> Iterator[str]:
    seen, at = "", first
    while at <= last:
        if (period := _period(at, step)) != seen:
            yield period
        seen = period
        at += timedelta(days=1)
    if (period := _period(last, step)) != seen:
        yield period
