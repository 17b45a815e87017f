"""What the articles of an event say together."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.events.compose import compose
from services.events.profile import profile
from services.events.registry import Member
from shared.contracts.article import Carrier, DateSpan
from shared.contracts.events import Composed, EventAlliance
from shared.contracts.messages import EventFacts
from tests.unit.events_samples import span

NAMES = {"acha": "Alliance for Cultural Heritage in Asia", "unesco_whc": "World Heritage Committee"}


def told(title: str = "", source: str = "s", **facts: Any) -> Member:
    made = EventFacts(
        **({"article_id": "a", "alliances": ("acha",), "phase": "report", "language": "en"} | facts)
    )
    return Member(
        facts=made,
        profile=profile(made),
        title=title,
        names={a: NAMES[a] for a in made.alliances if a in NAMES},
        first_seen_at=datetime(2025, 1, 1, tzinfo=UTC),
        carrier=Carrier(source=source, url="u"),
    )


def title(*articles: Member) -> str:
    assert compose(articles) == compose(articles[::-1])
    return compose(articles).title


def test_an_assembly_by_number_place_and_days() -> None:
    full = told(
        "Working together",
        article_id="a1",
        event_types=("general_assembly", "council_meeting", "agreement_mou"),
        editions=("general_assembly:2", "council_meeting:3"),
        places=("China", "Chongqing"),
        dates=(span("2025-11-26", "2025-11-29"),),
        outcomes=("Chongqing Consensus",),
        published="2025-12-01",
        language="en",
    )
    late = told(
        "A later look",
        article_id="a2",
        event_types=("general_assembly",),
        editions=("general_assembly:2",),
        places=("Chongqing",),
        dates=(span("--11-27"),),
        phase="followup",
        language="zh",
    )
    assert compose([late, full]) == Composed(
        title="Alliance for Cultural Heritage in Asia: 2nd General Assembly, Chongqing, 26–29 November 2025",
        alliances=(EventAlliance(id="acha", name=NAMES["acha"]),),
        event_types=("general_assembly", "agreement_mou", "council_meeting"),
        editions=("council_meeting:3", "general_assembly:2"),
        start="2025-11-26",
        end="2025-11-29",
        precision="day",
        places=("Chongqing", "China"),
        outcomes=("Chongqing Consensus",),
        languages=("en", "zh"),
        first_published="2025-12-01",
        last_published="2025-12-01",
        articles=2,
    )


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (span("2025-11-27"), ", 27 November 2025"),
        (span("2025-11-27", "2025-12-02"), ", 27 November – 2 December 2025"),
        (span("2025-12-30", "2026-01-02"), ", 30 December 2025 – 2 January 2026"),
        (DateSpan(start="2026-07", end="2026-07", precision="month", role="event"), ", July 2026"),
        (span("--07-01"), ""),
    ],
)
def test_dates_in_words(dates: DateSpan, words: str) -> None:
    expected = f"World Heritage Committee: 48th Session{words}"
    article = told(
        alliances=("unesco_whc",),
        event_types=("council_meeting",),
        editions=("council_meeting:48",),
        dates=(dates,),
    )
    assert title(article) == expected


def test_days_most_agree_on_in_the_widest_form_enough_of_them_tell() -> None:
    days = ["2023-04-25"] * 9 + ["2023-04-24"] * 2
    articles = [
        told(article_id=f"a{n}", event_types=("general_assembly",), dates=(span(d),))
        for n, d in enumerate(days)
    ]
    whole = [
        told(article_id=f"b{n}", event_types=("general_assembly",), dates=(span("2023-04-24", "2023-04-26"),))
        for n in range(2)
    ]
    wrong = told(article_id="c", event_types=("general_assembly",), dates=(span("2023-04-20", "2023-04-29"),))
    assert title(*articles, *whole, wrong).endswith(": General Assembly, 24–26 April 2023")
    assert title(*articles, whole[0], wrong).endswith(": General Assembly, 25 April 2023")


def test_what_is_no_meeting_is_called_by_the_best_headline() -> None:
    agency = told(
        "Museum looted",
        article_id="b",
        event_types=("illicit_trafficking",),
        quality="agency",
        published="2024-09-13",
    )
    press = told("Looters!", article_id="a", event_types=("illicit_trafficking",), published="2024-09-12")
    assert title(press, agency) == "Museum looted"
    assert title(told("", event_types=("illicit_trafficking",), places=("Khartoum",))) == (
        "Alliance for Cultural Heritage in Asia: Illicit trafficking, Khartoum"
    )


def test_a_meeting_leads_when_half_of_the_articles_report_one() -> None:
    letter = told("A letter", article_id="a", event_types=("general_assembly", "statement_message"))
    other = told("Another letter", article_id="b", event_types=("statement_message",))
    third = told("A third letter", article_id="c", event_types=("statement_message",))
    assert title(letter, other) == "Alliance for Cultural Heritage in Asia: General Assembly"
    assert title(letter, other, third) == "A letter"


def test_where_something_was_decided_is_not_what_it_is_called() -> None:
    law = told("A law is passed", event_types=("legislation_policy", "council_meeting", "founding_launch"))
    assert title(law) == "A law is passed"
    numbered = told(
        "Site listed",
        alliances=("unesco_whc",),
        event_types=("inscription_nomination", "council_meeting"),
        editions=("council_meeting:46",),
        places=("Asia", "New Delhi"),
    )
    assert title(numbered) == "World Heritage Committee: 46th Session, New Delhi"


def test_a_report_gives_the_headline_before_an_announcement() -> None:
    early = told("It will open", article_id="a", event_types=("exhibition",), phase="preview")
    report = told("It is open", article_id="b", event_types=("exhibition",))
    assert title(early, report) == "It is open"


def test_a_body_of_two_names_is_called_by_the_first() -> None:
    both = told(alliances=("ours",), event_types=("general_assembly",))
    both = replace(both, names={"ours": "Committee / Centre"})
    assert title(both) == "Committee: General Assembly"


def test_an_alliance_without_a_name_goes_by_its_id() -> None:
    assert (
        title(told(alliances=("ours",), event_types=("general_assembly",), editions=("21",)))
        == "ours: General Assembly"
    )


@pytest.mark.parametrize(
    ("number", "ordinal"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd"), (112, "112th"), (2025, "2025")],
)
def test_ordinals(number: int, ordinal: str) -> None:
    article = told(event_types=("general_assembly",), editions=(f"general_assembly:{number}",))
    assert title(article).endswith(f": {ordinal} General Assembly")


def test_an_event_has_articles() -> None:
    with pytest.raises(ValueError, match="at least one article"):
        compose([])
