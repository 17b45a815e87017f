"""How much furniture goes, how much of the article stays and which languages are told, held to floors.

`python -m tests.quality.cleaning_report` prints the same shares with every miss.
"""

from pathlib import Path

import pytest

from tests.quality.cleaning_report import (
    DEVSET,
    SEEDS,
    devset,
    framed,
    gold,
    judged,
    sample,
    seeds,
)

GONE = 0.98
KEPT = 0.995
TOLD = 0.98


def _there(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"the labelled articles are not beside this checkout (../shared/{path.parent.name})")


def test_of_the_real_inputs_all_furniture_goes_and_nothing_else() -> None:
    _there(SEEDS)
    report = judged(seeds())
    assert (report.left, report.lost, report.mistold) == ((), (), ())
    assert report.furniture >= 25


def test_of_the_development_articles_nearly_all() -> None:
    _there(DEVSET)
    report = judged(devset())
    assert report.gone >= GONE, report.left
    assert report.kept >= KEPT, report.lost
    assert report.told >= TOLD, report.mistold
    assert report.articles >= 60


def test_furniture_in_many_languages_goes_and_the_text_stays() -> None:
    report = judged(framed())
    assert report.gone >= 0.99, report.left
    assert report.lost == ()
    assert report.told == 1, report.mistold
    assert report.articles >= 30
    assert report.furniture >= 600


def test_what_proves_the_labels_of_the_gold_articles_stays() -> None:
    report = judged(gold())
    assert report.kept >= 0.999, report.lost
    assert report.told >= 0.99, report.mistold


def test_what_matters_on_the_pages_of_the_sample_press_stays() -> None:
    report = sample()
    assert report.lost == ()
    assert report.mistold == ()
    assert report.articles >= 50
