"""Dates as articles tell them: without a year, to the month, from the publication date alone."""

from datetime import date

import pytest

from services.events.when import Days, when
from shared.contracts.article import DateSpan, Phase
from shared.contracts.messages import EventFacts
from tests.unit.events_samples import span


def days(first: str, last: str | None = None) -> Days:
    return Days(date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal())


def facts(*dates: DateSpan, published: str | None = None, phase: Phase = "report") -> EventFacts:
    return EventFacts(article_id="a", dates=dates, published=published, phase=phase)


def test_told_days() -> None:
    told = when(facts(span("2025-11-26", "2025-11-29")))
    assert told.exact == told.told == (days("2025-11-26", "2025-11-29"),)
    assert when(facts(span("2025-11-26T09:00:00Z"))).exact == (days("2025-11-26"),)


def test_only_event_dates_count() -> None:
    assert when(facts(DateSpan(start="2025-11-26", end="2025-11-26", role="other"))).is_open


@pytest.mark.parametrize(
    "text", ["2025-02-30", "yesterday", "", "--13-01", "--02-30", "0000-01-01", "2025-1-1", "-"]
)
def test_what_is_no_date_is_passed_over(text: str) -> None:
    assert when(facts(span(text), published=text)).is_open


def test_a_month_is_rough_and_a_year_is_nothing() -> None:
    month = when(facts(span("2025-11")))
    assert month.rough == month.told == (days("2025-11-01", "2025-11-30"),)
    assert not month.exact
    assert when(facts(span("2025"))).is_open
    assert when(facts(DateSpan(start="2025-01-01", end="2025-12-31", precision="year", role="event"))).is_open


@pytest.mark.parametrize(
    ("phase", "published", "expected"),
    [
        ("report", "2025-12-02", "2025-11-27"),
        ("followup", "2026-06-01", "2025-11-27"),
        ("preview", "2025-03-01", "2025-11-27"),
        ("preview", "2025-11-28", "2025-11-27"),
        ("preview", "2025-12-05", "2026-11-27"),
        ("report", "2025-11-26", "2025-11-27"),
        ("report", "2025-11-20", "2024-11-27"),
    ],
)
def test_publication_gives_the_year(phase: Phase, published: str, expected: str) -> None:
    told = when(facts(span("--11-27"), published=published, phase=phase))
    assert told.exact == (days(expected),)
    assert not told.yearless


def test_without_publication_a_day_keeps_no_year() -> None:
    told = when(facts(span("--11-27")))
    assert told.is_open
    (kept,) = told.yearless
    assert days("2025-11-27") in kept.near(days("2025-06-01").first)
    (leap,) = when(facts(span("--02-29"))).yearless
    assert days("2025-02-28") in leap.near(days("2025-06-01").first)
    (across,) = when(facts(span("--12-30", "--01-02"))).yearless
    assert days("2025-12-30", "2026-01-02") in across.near(days("2025-06-01").first)


@pytest.mark.parametrize(
    ("phase", "first", "last"),
    [
        ("preview", "2025-05-30", "2025-06-30"),
        ("report", "2025-05-24", "2025-06-01"),
        ("followup", "2025-05-01", "2025-06-01"),
    ],
)
def test_without_dates_publication_gives_a_window(phase: Phase, first: str, last: str) -> None:
    told = when(facts(published="2025-05-31", phase=phase))
    assert told.told == (days(first, last),)


def test_background_tells_nothing_by_its_publication() -> None:
    assert when(facts(published="2025-05-31", phase="background")).is_open


def test_of_dates_far_apart_the_nearest_to_publication_counts() -> None:
    history, today = span("2021-10-27"), span("2023-04-25")
    told = when(facts(history, today, published="2023-04-26"))
    assert told.exact == (days("2023-04-25"),)
    assert len(told.named) == 2


def test_a_preview_is_not_about_what_is_over() -> None:
    told = when(facts(span("2020-11-28"), published="2023-04-21", phase="preview"))
    assert told.exact == ()
    assert told.window
