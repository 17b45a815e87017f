"""Numbers of a report: what they count, and what the articles of an event say together."""

from itertools import permutations

import pytest

from services.events.counts import counts
from services.parser.counts import counted
from shared.contracts.article import DateSpan, Evidence
from shared.contracts.events import Count
from tests.unit.test_events_compose import told


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Delegates from 33 Asian countries shared US$ 14 million", ("33 country", "14000000")),
        ("对来自35个国家的代表", ("35 country",)),
        ("共资助1400万元", ("14000000",)),
        ("شارك 5 دول في 31 مشروعاً", ("5 country", "31 project")),
        ("35개국 대표 200여 명", ("35 country", "200")),
        ("35 стран и 1,5 млн рублей", ("35 country", "1500000")),
        ("1 500 experts, 10,000 euros, 2.5 km", ("1500 participant", "10000", "2.5")),
        ("the 48th session on 2024-05-06 at 10:30, as in 2019; 第48届, 21日, 7 of them", ()),
        ("29 projects, not 29 places", ("29 project", "29")),
    ],
)
def test_numbers_and_what_they_count(text: str, numbers: tuple[str, ...]) -> None:
    assert counted().read("", text) == numbers


def test_days_that_are_told_are_no_numbers() -> None:
    title, text = "On 26 and 27 November", "26 delegates on 26 November"
    dates = (
        DateSpan(
            start="2025-11-26",
            end="2025-11-27",
            evidence=(
                Evidence(text=title[3:], field="title", start=3, end=len(title)),
                Evidence(text="26 November", field="text", start=16, end=27),
            ),
        ),
    )
    assert counted().read(title, text, dates) == ("26 participant",)


def test_hostile_numbers_are_bounded() -> None:
    found = counted().read("", " ".join(f"{n}{n}{n}{n} sites" for n in range(20, 900)) + " " + "9" * 100_000)
    assert len(found) == 32
    assert all(len(number) < 40 for number in found)


def test_disagreements_are_told_by_source() -> None:
    articles = [
        told("", article_id="a", numbers=("33 country", "24 site"), source="Agency"),
        told("", article_id="b", numbers=("33 country", "120 country"), source="Ministry"),
        told("", article_id="c", numbers=("35 country",), source="Paper"),
        told("", article_id="d", numbers=("29 country",), source="Early", phase="preview"),
        told("", article_id="e", numbers=("190 country",), source="Other"),
    ]
    for order in permutations(articles):
        assert counts(order) == (
            Count(what="country", number="33", sources=("Agency", "Ministry")),
            Count(what="country", number="35", sources=("Paper",)),
        )


def test_what_one_source_tells_alone_is_not_listed() -> None:
    assert counts([told("", article_id="a", numbers=("33 country",))]) == ()
    twice = [told("", article_id=id, numbers=(n,)) for id, n in (("a", "33 country"), ("b", "34 country"))]
    assert counts(twice) == ()
