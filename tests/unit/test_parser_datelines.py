"""The dateline a report opens with is looked for in bounded time, whatever the script."""

import time

import pytest

from services.parser.bylines import opening_of
from services.parser.lines import Line

WORDS = {
    "Thai": "กขคงจฉชซ",
    "Devanagari": "कखगघचछजझ",
    "Khmer": "កខគឃចឆជឈ",
    "Burmese": "ကခဂဃစဆဇဈ",
    "Latin": "o'a-b.c’",
    "Arabic": "بَتَثَجَ",
}


@pytest.mark.parametrize("script", WORDS)
@pytest.mark.parametrize("ending", ["", "!", " 5", ", 3", " (x", " –"])
def test_a_long_run_of_letters_takes_no_time(script: str, ending: str) -> None:
    lines = [Line(WORDS[script] * 40 + ending), Line((WORDS[script] + " ") * 40 + ending)]
    started = time.process_time()
    opening_of(lines, None)
    assert time.process_time() - started < 0.5
