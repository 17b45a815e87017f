"""Dates: what is one, where it counts, and in which order."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser import dates, stamps
from services.parser.dates import Moment
from services.parser.lines import Line, to_lines

FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def moment(*parts: int, precision: str = "day") -> Moment:
    return Moment(datetime(*parts, tzinfo=UTC), precision)  # type: ignore[misc, arg-type]


def stamp_of(lines: Sequence[Line], title: str) -> Moment | None:
    """The stamp among the lines, with a label or alone."""
    return stamps.labelled_stamp(lines) or stamps.bare_stamp(lines, title)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-04", moment(2022, 3, 4)),
        ("2022-03-04T10:15:30Z", moment(2022, 3, 4, 10, 15, 30, precision="second")),
        ("2022-03-04T10:15:30.123+08:00", moment(2022, 3, 4, 2, 15, 30, precision="second")),
        ("2022-03-04T00:30+0800", moment(2022, 3, 3, 16, 30, precision="minute")),
        ("2022年3月4日 10:15", moment(2022, 3, 4, 10, 15, precision="minute")),
        ("2022년 3월 4일", moment(2022, 3, 4)),
        ("4 March 2022", moment(2022, 3, 4)),
        ("4th of March 2022", moment(2022, 3, 4)),
        ("March 4, 2022, 3:05 p.m.", moment(2022, 3, 4, 15, 5, precision="minute")),
        ("Fri, 04 Mar 2022 10:15:00 GMT", moment(2022, 3, 4, 10, 15, 0, precision="second")),
        ("10:15, March 04, 2022", moment(2022, 3, 4, 10, 15, precision="minute")),
        ("4 de marzo de 2022", moment(2022, 3, 4)),
        ("le 1er août 2022", moment(2022, 8, 1)),
        ("4. März 2022", moment(2022, 3, 4)),
        ("4 марта 2022", moment(2022, 3, 4)),
        ("Marso 4, 2022", moment(2022, 3, 4)),
        ("٤ مارس ٢٠٢٢", moment(2022, 3, 4)),
        ("04.03.2022", moment(2022, 3, 4)),
        ("25/12/2022", moment(2022, 12, 25)),
        ("12/25/2022", moment(2022, 12, 25)),
    ],
)
def test_a_date_is_read(text: str, expected: Moment) -> None:
    found = dates.parse(text)
    assert found is not None
    assert (found.at, found.precision) == (expected.at, expected.precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "March 2022",
        "4/5/2022",
        "27-28 March 2022",
        "27 – 28 March 2022",
        "30 February 2022",
        "version 1.2.2022b",
        "June 17",
    ],
)
def test_what_is_no_single_date_is_none(text: str) -> None:
    assert dates.parse(text) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://e.org/2023/04/21/gate", moment(2023, 4, 21)),
        ("http://e.org/n3/2023/0421/c9-2.html", moment(2023, 4, 21)),
        ("http://e.org/202303/09/WS640938b4a3.html", moment(2023, 3, 9)),
        ("http://e.org/t20250521_4094453.html", moment(2025, 5, 21)),
        ("http://e.org/view?no=20251017163721", moment(2025, 10, 17)),
        ("http://e.org/2023/4/1/gate", moment(2023, 4, 1)),
        ("http://e.org/page/202304/1289540.shtml", moment(2023, 4, 1, precision="month")),
        ("http://e.org/2013/12/review", moment(2013, 12, 1, precision="month")),
    ],
)
def test_an_address_may_carry_a_date(url: str, expected: Moment) -> None:
    assert stamps.in_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://e.org/p/333765.html",
        "http://e.org/?p=20231399",
        "http://e.org/a/WS66742023051203.html",
        "http://[bad",
    ],
)
def test_a_number_in_an_address_is_no_date(url: str) -> None:
    assert stamps.in_url(url) is None


TITLE = "Northern gate to be restored"
BODY = "The council met on Monday and agreed to restore the northern gate in the coming spring."


@pytest.mark.parametrize(
    "stamp",
    [
        "Published: 4 March 2022",
        "发布时间:2022-03-04 来源:示例网",
        "By ANN LEE | Town News | Updated: 2022-03-04",
        "4 March 2022",
    ],
)
def test_a_stamp_below_the_headline_counts(stamp: str) -> None:
    found = stamp_of(to_lines(f"{TITLE}\n\n{stamp}\n\n{BODY}"), TITLE)
    assert found == moment(2022, 3, 4)


def test_a_published_stamp_wins_over_an_updated_one() -> None:
    lines = to_lines(f"{TITLE}\nUpdated: 9 March 2022\nPublished: 4 March 2022\n{BODY}")
    assert stamp_of(lines, TITLE) == moment(2022, 3, 4)
    assert stamps.updated_stamp(lines) == moment(2022, 3, 9)


@pytest.mark.parametrize(
    "label",
    [
        "Press information – 4 March 2022",
        "Siaran pers, 4 Maret 2022",
        "From our archive: release of 4 March 2022",
    ],
)
def test_the_label_of_a_press_release_tells_the_day_above_the_headline(label: str) -> None:
    assert stamp_of(to_lines(f"{label}\n\n{TITLE}\n\n{BODY}"), TITLE) == moment(2022, 3, 4)


def test_a_sentence_about_a_press_release_tells_no_day() -> None:
    line = "Press release of 4 March 2022 found wanting by the court"
    assert stamp_of(to_lines(f"{line}\n{TITLE}\n{BODY}"), TITLE) is None


def test_the_days_date_in_a_header_does_not_count() -> None:
    assert stamp_of(to_lines(f"Friday, March 4, 2022\nTown News\n{TITLE}\n{BODY}"), TITLE) is None
    assert stamps.dateline_day(to_lines(f"Friday, March 4, 2022\nTown News\n{TITLE}\n{BODY}")) is None


@pytest.mark.parametrize(
    "line", ["Copyright 2011-03-04 Town News", "© 4 March 2022 Town News", "26-29 November 2022"]
)
def test_copyright_years_and_event_dates_do_not_count(line: str) -> None:
    assert stamp_of(to_lines(f"{TITLE}\n{line}\n{BODY}"), TITLE) is None


@pytest.mark.parametrize(
    "line",
    [
        f"VIENNA, March 4, 2022 (Agency) - {BODY}",
        f"March 4, 2022 (OSLO) – {BODY}",
        f"Oslo, Norway, 4 March 2022 - {BODY}",
        f"Friday 4 March 2022 – {BODY}",
        "Oslo / Bergen, 4 March 2022",
        f"示例社北京2022年3月4日电 {BODY}",
    ],
)
def test_a_dateline_tells_the_day(line: str) -> None:
    assert stamps.dateline_day(to_lines(f"{line}\n{BODY}")) == moment(2022, 3, 4)


@pytest.mark.parametrize(
    "line",
    [
        "OSLO, March 4 (Agency) -- The gate",
        "Deadline: 4 March 2022",
        "The gate fell on 4 March 2022 - nobody was hurt.",
    ],
)
def test_no_dateline_no_day(line: str) -> None:
    assert stamps.dateline_day(to_lines(f"{line}\n{BODY}")) is None


def test_midnight_in_a_feed_is_a_day() -> None:
    assert dates.of_datetime(datetime(2026, 1, 2, tzinfo=UTC)) == moment(2026, 1, 2)
    naive = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 — some feeds give no zone
    assert dates.of_datetime(naive) == moment(2026, 1, 2, 3, 4, 5, precision="second")


def test_a_crawlers_stamp_is_read() -> None:
    assert stamps.crawl_stamp(to_lines(f" date 2022-03-04 {BODY}")) == moment(2022, 3, 4)
    assert stamps.crawl_stamp(()) is None


@given(st.text(max_size=250))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    dates.parse(text)
    stamps.in_url(text)
    lines = to_lines(text)
    stamp_of(lines, text[:20])
    stamps.dateline_day(lines)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2039, 12, 31)))  # noqa: DTZ001
def test_iso_dates_are_read_as_they_are(at: datetime) -> None:
    at = at.replace(tzinfo=UTC, microsecond=0)
    found = dates.parse(at.isoformat())
    assert found is not None
    assert found.at == at
    # Midnight sharp is how systems write a day without a time.
    assert found.precision == ("day" if (at.hour, at.minute, at.second) == (0, 0, 0) else "second")
