"""Which two articles are about one event: milestones, sessions and years stay apart, reports of one come together."""

from typing import Any

import pytest
from msgspec.structs import replace

from services.events.cluster import cluster
from services.events.profile import editions, profile
from services.events.relation import same_event
from shared.contracts.messages import EventFacts
from shared.text.minhash import signature
from tests.unit.events_samples import day, span, words_of

ASSEMBLY = ("general_assembly", "declaration_consensus")


def facts(**told: Any) -> EventFacts:
    return EventFacts(**({"article_id": "a", "alliances": ("acha",), "phase": "report"} | told))


def same(one: EventFacts, other: EventFacts) -> bool:
    a, b = profile(one), profile(other)
    assert a
    assert b
    assert same_event(a, b) == same_event(b, a)
    return same_event(a, b)


TITLE = ("heritage", "alliance", "asia")
CHONGQING = facts(
    event_types=("general_assembly", "council_meeting", "agreement_mou"),
    editions=("general_assembly:2", "council_meeting:3"),
    places=("Chongqing", "China"),
    dates=(span("2025-11-26", "2025-11-29"),),
)


def test_a_day_without_a_year_joins_its_edition() -> None:
    late = facts(
        event_types=ASSEMBLY, editions=("general_assembly:2",), dates=(span("--11-27"),), phase="followup"
    )
    assert same(CHONGQING, late)
    told = {"event_types": ASSEMBLY, "places": ("Chongqing",), "title_terms": TITLE}
    assert same(replace(CHONGQING, title_terms=TITLE), facts(dates=(span("--11-27"),), **told))
    assert not same(CHONGQING, facts(event_types=ASSEMBLY, dates=(span("--11-27"),)))
    assert not same(CHONGQING, facts(event_types=ASSEMBLY, places=("Chongqing",), dates=(span("--06-17"),)))


def test_two_days_without_years_join_by_day_and_place() -> None:
    launch = {"event_types": ("conference_forum", "founding_launch"), "places": ("Beijing",)}
    told = facts(dates=(span("--10-27", "--10-28"),), title_terms=TITLE, **launch)
    full = facts(dates=(span("2021-10-27", "2021-10-28"),), phase="preview", title_terms=TITLE, **launch)
    assert same(told, full)
    assert same(told, facts(dates=(span("--10-28"),), title_terms=TITLE, **launch))
    assert not same(told, facts(dates=(span("--03-28"),), **launch))


@pytest.mark.parametrize("organ", ["general_assembly", "council_meeting"])
def test_editions_of_one_organ_never_merge(organ: str) -> None:
    told = {"event_types": (organ,), "places": ("Paris",), "dates": (span(day(9)),)}
    assert same(facts(editions=(f"{organ}:44",), **told), facts(editions=(f"{organ}:44",), **told))
    assert not same(facts(editions=(f"{organ}:44",), **told), facts(editions=(f"{organ}:45",), **told))
    assert same(facts(editions=(f"{organ}:44",), **told), facts(editions=(f"{organ}:2025",), **told))


def test_milestones_of_one_body_stay_apart() -> None:
    launch = facts(
        event_types=("conference_forum", "founding_launch"), places=("Beijing",), dates=(span("2021-10-27"),)
    )
    founding = facts(
        event_types=("general_assembly", "founding_launch"), places=("Xi'an",), dates=(span("2023-04-25"),)
    )
    undated = facts(event_types=("founding_launch",), phase="background")
    assert not same(launch, founding)
    assert not same(launch, undated)
    assert not same(founding, undated)


def test_one_site_in_three_years_is_three_events() -> None:
    told = {"alliances": (), "event_types": ("conservation_works",), "places": ("Palmyra",)}
    told |= {"title_terms": ("experts", "restore", "palmyra", "ruins")}
    days = ["2023-05-10", "2025-02-17", "2025-10-20"]
    articles = [facts(article_id=d, published=d, **told) for d in days]
    articles.append(facts(article_id="copy", published="2025-02-18", **told))
    assert cluster(articles) == {
        frozenset(("2023-05-10",)), frozenset(("2025-02-17", "copy")), frozenset(("2025-10-20",)),
    }  # fmt: skip


def test_preview_and_followup_join_by_what_they_name() -> None:
    assert same(
        CHONGQING,
        facts(
            event_types=("general_assembly",),
            dates=(span("2025-11-26"),),
            published="2025-09-01",
            phase="preview",
        ),
    )
    assert same(
        CHONGQING,
        facts(
            event_types=("general_assembly",),
            editions=("general_assembly:2",),
            places=("Chongqing",),
            published="2025-08-01",
            phase="preview",
        ),
    )
    assert same(
        CHONGQING,
        facts(
            event_types=("general_assembly",), places=("Chongqing",), published="2025-12-15", phase="followup"
        ),
    )
    assert not same(
        CHONGQING,
        facts(
            event_types=("general_assembly",), places=("Chongqing",), published="2024-12-15", phase="followup"
        ),
    )


def test_preparations_of_a_numbered_session_belong_to_it() -> None:
    told = {"alliances": ("unesco_whc",), "editions": ("council_meeting:48",), "places": ("Busan",)}
    team = facts(
        event_types=("headquarters_secretariat", "council_meeting"), dates=(span("2025-10-17"),), **told
    )
    deal = facts(event_types=("agreement_mou", "council_meeting"), dates=(span("2025-12-12"),), **told)
    assert same(team, deal)
    assert not same(team, facts(event_types=("council_meeting",), dates=(span("2030-07-01"),), **told))


def test_the_choice_of_a_host_belongs_to_the_session_that_chooses() -> None:
    told = {"alliances": ("unesco_whc",), "places": ("Busan",)}
    chosen = facts(
        event_types=("host_selection", "council_meeting"),
        editions=("council_meeting:47", "council_meeting:48"),
        dates=(span("2025-07-15"),),
        **told,
    )
    closing = facts(
        event_types=("council_meeting",),
        editions=("council_meeting:47",),
        dates=(span("2025-07-06", "2025-07-16"),),
        alliances=("unesco_whc",),
    )
    session = facts(
        event_types=("council_meeting",),
        editions=("council_meeting:48",),
        dates=(span("2026-07-19"),),
        **told,
    )
    assert same(chosen, closing)
    assert not same(chosen, session)


def test_a_preview_is_of_the_last_edition_it_names() -> None:
    told = {"alliances": ("unesco_whc",), "event_types": ("council_meeting",), "places": ("Busan",)}
    coming = facts(
        editions=("council_meeting:47", "council_meeting:48"), published="2025-12-12", phase="preview", **told
    )
    assert same(coming, facts(editions=("council_meeting:48",), dates=(span("2026-07-19"),), **told))
    assert not same(coming, facts(editions=("council_meeting:47",), dates=(span("2025-07-15"),), **told))


def test_a_meeting_it_only_mentions_gives_no_edition() -> None:
    told = {"event_types": ("council_meeting",), "places": ("Qingdao",)}
    council = facts(editions=("council_meeting:2", "general_assembly:1"), dates=(span("2024-06-19"),), **told)
    assembly = facts(
        event_types=("general_assembly", "council_meeting"),
        editions=("general_assembly:1",),
        dates=(span("2023-04-25"),),
        phase="followup",
    )
    assert not same(council, assembly)


def test_other_alliances_and_other_kinds_are_other_events() -> None:
    told = {"event_types": ("general_assembly",), "places": ("Paris",), "dates": (span(day(9)),)}
    assert not same(facts(**told), facts(**told | {"alliances": ("icomos",)}))
    assert same(facts(**told), facts(**told | {"alliances": ("icomos", "acha")}))
    assert not same(facts(**told), facts(**told | {"event_types": ("damage_threat",)}))


def test_without_an_alliance_one_thing_more_must_agree() -> None:
    told = {"alliances": (), "event_types": ("agreement_mou",), "dates": (span("2022-06-17"),)}
    assert same(facts(**told, places=("Chongqing",)), facts(**told, places=("Chongqing", "China")))
    assert not same(facts(**told, places=("China",)), facts(**told, places=("China",)))
    assert not same(facts(**told), facts(**told))
    museum = {"organisations": ("City Museum",), "places": ("China",), "title_terms": TITLE}
    assert same(facts(**told, **museum), facts(**told, **museum))
    assert not same(CHONGQING, facts(**told, places=("Chongqing",)))
    assert not same(CHONGQING, facts(**told | {"dates": (span("2025-11-27"),)}))


def test_an_alliances_name_among_the_organisations_says_nothing_more() -> None:
    told = {"event_types": ("statement_message",), "organisations": ("acha",)}
    assert not same(facts(**told, published=day(9)), facts(**told, published=day(19)))
    museum = told | {"organisations": ("acha", "City Museum")}
    assert same(facts(**museum, published=day(9)), facts(**museum, published=day(10)))


def test_a_list_is_one_wherever_its_sites_are() -> None:
    told = {"alliances": ("wmf",), "event_types": ("watchlist_publication", "damage_threat")}
    first = facts(published="2025-01-15", places=("Kyiv",), **told)
    assert same(first, facts(published="2025-01-16", places=("Antakya",), **told))
    assert not same(first, facts(published="2027-01-16", places=("Kyiv",), **told))


def test_a_copy_joins_whatever_dates_stand_around_it() -> None:
    text = {"event_types": ("agreement_mou",), "published": day(40), "language": "en"}
    one = facts(**text, dates=(span(day(39)),), signature=signature(words_of(1, 0)))
    assert same(one, facts(**text, dates=(span(day(2)),), signature=signature(words_of(1, 1))))
    assert not same(one, facts(**text, dates=(span(day(2)),), signature=signature(words_of(2, 0))))


def test_articles_about_no_event() -> None:
    assert profile(facts(event_types=(), alliances=())) is None
    assert profile(facts(event_types=("background_profile",), alliances=())) is None
    assert cluster([facts(event_types=(), phase="background")]) == frozenset()
    assert cluster([facts(event_types=("background_profile",), phase="background")]) == frozenset()


def test_a_look_back_months_later_joins_by_what_it_names() -> None:
    course = {"alliances": ("iccrom",), "event_types": ("training_workshop",), "places": ("Venice", "Rome")}
    held = facts(dates=(span("2026-06-26"),), published="2026-06-27", numbers=("18 country",), **course)
    later = facts(published="2026-11-20", phase="followup", numbers=("18 country",), **course)
    assert same(held, later)
    assert not same(held, replace(later, published="2029-11-20"))
    assert not same(held, replace(later, phase="report", places=("Rome",), numbers=()))


def test_a_large_number_ties_reports_without_a_body_or_place() -> None:
    law = {"alliances": (), "event_types": ("legislation_policy",), "dates": (span("2026-03-05"),)}
    one, other = facts(numbers=("4327",), **law), facts(numbers=("4327 site",), places=("Seoul",), **law)
    assert same(one, other)
    assert not same(one, replace(other, numbers=("31",)))


def test_an_article_without_a_kind_joins_an_event_and_makes_none() -> None:
    unread = facts(
        article_id="b",
        event_types=(),
        places=("Chongqing",),
        dates=(span("2025-11-27"),),
        phase="background",
        published="2025-11-28",
        title_terms=TITLE,
    )
    other = replace(unread, article_id="c")
    read = replace(CHONGQING, published="2025-11-29", title_terms=TITLE)
    assert cluster([read, unread]) == {frozenset(("a", "b"))}
    assert cluster([unread, other]) == frozenset()


def test_written_editions() -> None:
    assert editions(("general_assembly:2", "17", "council_meeting:", "x:y", "")) == {
        ("general_assembly", 2),
        ("", 17),
    }
