"""Lines that are nothing but a date, in every language that `date_lines.yaml` knows."""

import pytest

from services.parser.date_lines import matching_stamp, words_around

LANGUAGES = sorted(words_around())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stamp_that_names_itself_is_one_wherever_it_stands(language: str) -> None:
    assert matching_stamp(str(words_around()[language]["example"]), edge=False) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_with_a_date_is_none(language: str) -> None:
    assert matching_stamp(str(words_around()[language]["counter_example"])) is None


@pytest.mark.parametrize(
    "line",
    [
        "Tuesday, 12 March 2024",
        "2024-03-12 10:15",
        "12/03/2024",
        "Thứ ba, 12/03/2024 10:15",
        "Selasa, 12 Maret 2024 10:15 WIB",
        "12 березня 2024, 10:15",
        "2024年3月12日 10時15分",
        "۱۲ اسفند ۱۴۰۲",
        "12 มี.ค. 2567",
    ],
)
def test_a_bare_date_is_one_at_the_edges(line: str) -> None:
    assert matching_stamp(line) is not None
    assert matching_stamp(line, edge=False) is None


@pytest.mark.parametrize(
    "line",
    [
        "26-29 November 2025",
        "May 2024",
        "2024",
        "12 March",
        "The fort, 12 March 2024",
        "1990 2000 steps",
        "12345 2024 1 1 m",
    ],
)
def test_days_of_a_meeting_and_other_numbers_are_none(line: str) -> None:
    assert matching_stamp(line) is None
