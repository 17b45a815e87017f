"""What the step sends for an arrival, and what it keeps."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from services.events.service import EventsStep, events_service
from shared.contracts.article import Article, DateSpan
from shared.contracts.events import EVENTS, current_event, decode_event
from shared.contracts.messages import ArticleUpdate, EventFacts, ParsedArticle
from shared.contracts.revisions import revisions_of
from shared.contracts.wire import encode
from shared.errors import TryAgain
from shared.journeys import OLDER, UNCHANGED
from shared.runner.service import Handled
from shared.store.port import Store
from shared.text.minhash import signature
from tests.unit.events_samples import parsed, received, span, words_of


@pytest.fixture
def step(store: Store) -> EventsStep:
    step = EventsStep(store)
    step.reload()
    return step


def facts(id: str, **told: Any) -> EventFacts:
    """An assembly's report. Those that tell days near one another have words of their titles in common."""
    base = {"event_types": ("general_assembly",), "alliances": ("acha",), "dates": (span("2025-11-27"),)}
    base |= {"places": ("Chongqing",)}
    made: dict[str, Any] = {"article_id": id, "phase": "report", "language": "en"} | base | told
    made.setdefault("title_terms", _title_of(made["dates"]))
    return EventFacts(**made)


def _title_of(dates: Sequence[DateSpan]) -> tuple[str, ...]:
    days = {
        number
        for each in dates
        for number in range(
            date.fromisoformat(each.start).toordinal() - 2, date.fromisoformat(each.end).toordinal() + 3
        )
    }
    return tuple(f"word{number}" for number in sorted(days))


def handled(step: EventsStep, message: ParsedArticle, store: Store | None = None) -> Handled:
    (verdict,) = step.step([received(message)])
    assert isinstance(verdict, Handled)
    if store:
        store.put_many(verdict.remember)
    return verdict


def updates(step: EventsStep, store: Store, message: ParsedArticle) -> list[tuple[str, str]]:
    """What is sent, as (change, article id)."""
    return [(u.change, u.article.id) for u in _sent(handled(step, message, store))]


def _sent(of: Handled) -> list[ArticleUpdate]:
    for out in of.outputs:
        encode(out, message_id="m", traceparent="t", mode="live")
    return [out.message for out in of.outputs if isinstance(out.message, ArticleUpdate)]


def article(step: EventsStep, message: ParsedArticle, store: Store) -> Article:
    return _sent(handled(step, message, store))[0].article


def test_new_revision_reparsed_and_nothing(step: EventsStep, store: Store) -> None:
    told = facts("a1")
    assert updates(step, store, parsed(told)) == [("new", "a1")]
    assert updates(step, store, parsed(told)) == []
    assert updates(step, store, parsed(told, fetched=1)) == []
    assert updates(step, store, parsed(told, fetched=2, parse_version=2)) == [("reparsed", "a1")]
    assert updates(step, store, parsed(told, fetched=2, parse_version=1)) == []
    assert updates(step, store, parsed(told, fetched=3, parse_version=2, content="other")) == [
        ("revision", "a1")
    ]


def test_what_was_fetched_once_and_is_parsed_again_is_no_revision(step: EventsStep, store: Store) -> None:
    # Once the template of its source is known, an article's text may be another one.
    told = facts("a1")
    assert updates(step, store, parsed(told)) == [("new", "a1")]
    again = parsed(told, content="without furniture")
    again = replace(again, article=replace(again.article, text="Without furniture.", template="s/1"))
    assert [(u.change, u.article.revision) for u in _sent(handled(step, again, store))] == [("reparsed", 1)]
    later = replace(
        again, article=replace(again.article, fetched_at=parsed(told, fetched=1).article.fetched_at)
    )
    assert updates(step, store, later) == []


def test_revisions_are_counted_by_content(step: EventsStep, store: Store) -> None:
    told = facts("a1")
    assert article(step, parsed(told), store).revision == 1
    assert article(step, parsed(told, fetched=1, parse_version=2), store).revision == 1
    assert article(step, parsed(told, fetched=2, parse_version=2, content="second"), store).revision == 2
    assert article(step, parsed(told, fetched=3, parse_version=2, content="third"), store).revision == 3


def test_what_a_changed_article_said_before_is_kept(step: EventsStep, store: Store) -> None:
    told = facts("a1")
    handled(step, parsed(told), store)
    assert revisions_of(store, "a1").kept == ()
    handled(step, parsed(told, fetched=1, content="second"), store)
    assert [(r.revision, r.text) for r in revisions_of(store, "a1").kept] == [(1, "first")]
    # Two in one batch, and the same again after a kill.
    batch = [received(parsed(told, fetched=n, content=text)) for n, text in ((2, "third"), (3, "fourth"))]
    for step_of in (step, EventsStep(store)):
        step_of.reload()
        writes = [w for v in step_of.step(batch) if isinstance(v, Handled) for w in v.remember]
    store.put_many(writes)
    assert [(r.revision, r.text) for r in revisions_of(store, "a1").kept] == [
        (1, "first"),
        (2, "second"),
        (3, "third"),
    ]
    handled(step, parsed(told, fetched=3, parse_version=2, content="fourth"), store)
    assert len(revisions_of(store, "a1").kept) == 3


def test_the_journey_of_what_changes_nothing_ends_with_a_reason(step: EventsStep, store: Store) -> None:
    handled(step, parsed(facts("a1"), fetched=5), store)
    assert handled(step, parsed(facts("a1"), fetched=5)).ends == UNCHANGED
    old = handled(step, parsed(facts("a1"), fetched=4, content="older"))
    assert (old.ends, old.outputs, old.remember) == (OLDER, (), ())


def test_the_first_sight_is_kept(step: EventsStep, store: Store) -> None:
    first = parsed(facts("a1"))
    article(step, first, store)
    later = parsed(facts("a1"), fetched=1, content="second")
    moved = replace(later, article=replace(later.article, first_seen_at=later.article.fetched_at))
    assert article(step, moved, store).first_seen_at == first.article.first_seen_at


def test_a_merge_redirects_to_the_older_event(step: EventsStep, store: Store) -> None:
    # By first sight a3 (hour 10) is younger than a8 (hour 1), though it comes first.
    assert updates(step, store, parsed(facts("a3", dates=(span("2025-11-20"),)))) == [("new", "a3")]
    assert updates(step, store, parsed(facts("a8", dates=(span("2025-11-28"),)))) == [("new", "a8")]
    bridge = facts("a2", dates=(span("2025-11-22", "2025-11-26"),))
    sent = _sent(handled(step, parsed(bridge), store))
    assert [(u.change, u.article.id) for u in sent] == [
        ("new", "a2"),
        ("regrouped", "a3"),
        ("regrouped", "a8"),
    ]
    assert {u.article.event.id for u in sent if u.article.event} == {"ev-a8"}
    kept = current_event(store, "ev-a3")
    assert kept
    assert kept.id == "ev-a8"
    assert kept.articles == ("a2", "a3", "a8")
    stored = store.get(EVENTS, "ev-a3")
    assert stored
    assert stored.labels["state"] == "redirect"
    assert decode_event(stored.body).redirect == "ev-a8"
    assert current_event(store, "ev-unheard-of") is None


def test_updates_name_the_events_that_stand_for_their_own(step: EventsStep, store: Store) -> None:
    for id, on in (("a8", "2025-11-20"), ("a3", "2025-11-28"), ("a1", "2025-12-06")):
        (alone,) = _sent(handled(step, parsed(facts(id, dates=(span(on),))), store))
        assert alone.merged_events == ()
    bridge = facts("a2", dates=(span("2025-11-30", "2025-12-04"),))
    sent = _sent(handled(step, parsed(bridge), store))
    assert {u.merged_events for u in sent} == {("ev-a3",)}  # into ev-a1, which is the older
    bridge = facts("a5", dates=(span("2025-11-22", "2025-11-26"),))
    sent = _sent(handled(step, parsed(bridge), store))
    assert {(u.article.event.id, u.merged_events) for u in sent if u.article.event} == {
        ("ev-a8", ("ev-a1", "ev-a3"))
    }
    # The next arrivals say so too, also from a successor that has only the store to know it from.
    for by, id in ((step, "a4"), (EventsStep(store), "a6")):
        by.reload()
        (own, *_) = _sent(handled(by, parsed(facts(id, dates=(span("2025-11-20"),))), store))
        assert own.merged_events == ("ev-a1", "ev-a3")


def test_an_event_that_is_in_use_again_stands_for_no_other(step: EventsStep, store: Store) -> None:
    handled(step, parsed(facts("a8", dates=(span("2025-11-20"),))), store)
    handled(step, parsed(facts("a3", dates=(span("2025-11-28"),))), store)
    handled(step, parsed(facts("a2", dates=(span("2025-11-22", "2025-11-26"),))), store)
    moved = parsed(facts("a2", dates=(span("2020-01-01"),)), fetched=1, content="second")
    sent = _sent(handled(step, moved, store))
    assert {u.article.event.id: u.merged_events for u in sent if u.article.event} == {
        "ev-a2": (),
        "ev-a3": (),
    }
    (own, *_) = _sent(
        handled(step, parsed(facts("a8", dates=(span("2025-11-20"),)), content="second", fetched=1), store)
    )
    assert own.merged_events == ()


def test_a_split_keeps_the_id_with_the_older_part(step: EventsStep, store: Store) -> None:
    for id in ("a8", "a3", "a2"):
        handled(step, parsed(facts(id)), store)
    moved = facts("a3", dates=(span("2024-05-05"),))
    (own, *others) = _sent(handled(step, parsed(moved, fetched=1, content="second"), store))
    assert own.article.event
    assert (own.change, own.article.event.id) == ("revision", "ev-a3")
    assert others == []
    founder = facts("a8", dates=(span("2023-05-05"),))
    sent = _sent(handled(step, parsed(founder, fetched=1, content="second"), store))
    assert {u.article.id: u.article.event.id for u in sent if u.article.event} == {
        "a8": "ev-a8",
        "a2": "ev-a2",
    }


def test_an_article_that_loses_its_event_leaves_an_empty_one(step: EventsStep, store: Store) -> None:
    handled(step, parsed(facts("a1")), store)
    sent = article(step, parsed(facts("a1", event_types=()), fetched=1, content="second"), store)
    assert sent.event is None
    left = current_event(store, "ev-a1")
    assert left
    assert (left.articles, left.facts) == ((), None)


def test_copies_point_to_the_best_and_it_names_them(step: EventsStep, store: Store) -> None:
    text = {"event_types": (), "alliances": (), "dates": ()}
    press = facts("a1", **text, published="2025-01-01", signature=signature(words_of(1, 0)))
    official = facts(
        "a2", **text, published="2025-01-02", signature=signature(words_of(1, 1)), quality="official"
    )
    other = facts("a3", **text, language="fr", signature=signature(words_of(1, 0)))
    handled(step, parsed(press), store)
    first, second = _sent(handled(step, parsed(official), store))
    assert first.article.duplicate_of is None
    assert [(c.source, c.url) for c in first.article.carried_by] == [("Source 1", "https://example.org/a1")]
    assert (second.change, second.article.id, second.article.duplicate_of) == ("regrouped", "a1", "a2")
    assert second.article.carried_by == ()
    assert article(step, parsed(other), store).duplicate_of is None


def test_what_was_not_remembered_is_sent_again_the_same(step: EventsStep, store: Store) -> None:
    handled(step, parsed(facts("a1")), store)
    lost = handled(step, parsed(facts("a2")))
    assert lost.outputs
    successor = EventsStep(store)
    successor.reload()
    assert handled(successor, parsed(facts("a2")), store) == lost
    assert updates(successor, store, parsed(facts("a2"))) == []


def test_articles_of_one_batch_see_one_another(step: EventsStep, store: Store) -> None:
    batch = [
        parsed(facts("a2", places=())),
        parsed(facts("a1")),
        parsed(facts("a2", places=()), fetched=1, content="new"),
    ]
    verdicts = step.step([received(m) for m in batch])
    sent = [_sent(v) for v in verdicts if isinstance(v, Handled)]
    assert [[(u.change, u.article.id) for u in each] for each in sent] == [
        [("new", "a2")], [("new", "a1"), ("regrouped", "a2")], [("revision", "a2")],
    ]  # fmt: skip
    assert sent[2][0].article.revision == 2


def test_writes_kept_by_half_are_put_right_by_the_redelivery(step: EventsStep, store: Store) -> None:
    handled(step, parsed(facts("a3", dates=(span("2025-11-20"),))), store)
    handled(step, parsed(facts("a8", dates=(span("2025-11-28"),))), store)
    bridge = parsed(facts("a2", dates=(span("2025-11-22", "2025-11-26"),)))
    whole = handled(step, bridge)
    # The store took only the arriving article itself, last in the list.
    store.put_many(whole.remember[-1:])
    successor = EventsStep(store)
    successor.reload()
    assert {u.article.event.id for u in _sent(handled(successor, bridge, store)) if u.article.event} == {
        "ev-a8"
    }
    assert updates(successor, store, bridge) == []
    kept = current_event(store, "ev-a3")
    assert kept
    assert kept.articles == ("a2", "a3", "a8")


def test_a_split_kept_by_half_gives_no_id_twice(step: EventsStep, store: Store) -> None:
    apart = parsed(facts("a3", dates=(span("2025-11-28"),)))
    handled(step, parsed(facts("a8", dates=(span("2025-11-20"),))), store)
    handled(step, apart, store)
    handled(step, parsed(facts("a2", dates=(span("2025-11-22", "2025-11-26"),))), store)
    moved = parsed(facts("a2", dates=(span("2020-01-01"),)), fetched=1, content="second")
    whole = handled(step, moved)
    assert {u.article.id: u.article.event.id for u in _sent(whole) if u.article.event} == {
        "a2": "ev-a2",
        "a3": "ev-a3",
    }
    store.put_many(whole.remember[-1:])
    successor = EventsStep(store)
    successor.reload()
    assert updates(successor, store, moved) == []
    (again,) = _sent(handled(successor, apart, store))
    assert again.article.event
    assert (again.change, again.article.event.id) == ("regrouped", "ev-a3")


def test_a_fault_in_one_article_leaves_the_others_alone(step: EventsStep, store: Store) -> None:
    broken = parsed(facts("a1", signature=b"too short"))
    good = parsed(facts("a2"))
    first, second = step.step([received(broken), received(good)])
    assert isinstance(first, TryAgain)
    assert "a1" in str(first)
    assert "this one has 9" in str(first)
    assert isinstance(second, Handled)
    assert [u.article.id for u in _sent(second)] == ["a2"]


def test_the_service_reads_parsed(store: Store) -> None:
    service = events_service(store)
    assert (service.name, service.inputs) == ("events", ("parsed",))
    assert service.reload
    service.reload(frozenset())
