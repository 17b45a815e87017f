"""What readers put right goes over what was found: at once, for every later parse, whoever works, in any order."""

from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.events.cluster import cluster
from services.events.compose import compose
from services.events.keys import event_keys
from services.events.profile import profile
from services.events.registry import Registry, member
from services.events.relation import same_event
from services.events.said import Said
from services.events.service import EventsStep, events_service
from shared.bus.port import Bus
from shared.contracts.events import current_event
from shared.contracts.messages import ArticleUpdate, CorrectedField, EventFacts, ParsedArticle
from shared.corrections.keeping import Corrections
from shared.runner.service import Handled
from shared.store.port import Store
from tests.unit.events_samples import POOL, of, received, span
from tests.unit.events_samples import parsed as parsed_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Desk:
    """The step with what it sent, and readers who correct."""

    def __init__(self, bus: Bus, store: Store) -> None:
        self.store = store
        self.bus = bus
        self.corrections = Corrections(bus, store, lambda: NOW)
        self.start()

    def start(self) -> None:
        """Another process takes over."""
        self.step = EventsStep(self.store, Said(self.bus))
        self.step.reload()

    def arrives(self, message: ParsedArticle) -> list[ArticleUpdate]:
        (verdict,) = self.step.step([received(message)])
        assert isinstance(verdict, Handled)
        return self._sent(verdict)

    def corrects(self, article: str, field: CorrectedField, *right: str) -> list[ArticleUpdate]:
        self.corrections.keep(article, field, (), right)
        return self.tick()

    def tick(self) -> list[ArticleUpdate]:
        return self._sent(self.step.correct(NOW, lambda topic, _key: topic == "parsed"))

    def _sent(self, handled: Handled) -> list[ArticleUpdate]:
        self.store.put_many(handled.remember)
        return [out.message for out in handled.outputs if isinstance(out.message, ArticleUpdate)]


@pytest.fixture
def desk(bus: Bus, store: Store) -> Desk:
    return Desk(bus, store)


def parsed(
    told: EventFacts, fetched: int = 0, content: str = "first", parse_version: int = 1
) -> ParsedArticle:
    """With the phase in the article too, as the parser has it."""
    made = parsed_of(told, fetched=fetched, content=content, parse_version=parse_version)
    return replace(made, article=replace(made.article, phase=told.phase))


def facts(id: str, day: str = "2025-11-27", **told: tuple[str, ...]) -> EventFacts:
    found = EventFacts(
        article_id=id, alliances=("acha",), event_types=("general_assembly",), dates=(span(day),), phase="report",
        language="en",
    )  # fmt: skip
    return replace(found, **told)


def labels(update: ArticleUpdate) -> tuple[list[str], list[str], str]:
    article = update.article
    return [t.id for t in article.alliances], [t.id for t in article.event_types], article.phase


def event(update: ArticleUpdate) -> str | None:
    return update.article.event.id if update.article.event else None


def test_a_correction_changes_the_article_at_once_and_is_no_news(desk: Desk) -> None:
    desk.arrives(parsed(facts("a1")))
    (sent,) = desk.corrects("a1", "alliances", "iccrom", "unesco:mention")
    assert (sent.change, sent.article.revision) == ("reparsed", 1)
    assert labels(sent) == (["iccrom", "unesco"], ["general_assembly"], "report")
    assert desk.tick() == []
    kept = current_event(desk.store, "ev-a1")
    assert kept
    assert kept.facts
    assert [a.id for a in kept.facts.alliances] == ["iccrom"]


def test_it_holds_over_other_rules_a_revision_and_a_replay_and_in_a_successor(desk: Desk) -> None:
    desk.arrives(parsed(facts("a1")))
    desk.corrects("a1", "event_types", "award")
    desk.start()
    assert desk.tick() == []
    other = facts("a1", event_types=("agreement_mou", "official_visit_meeting"))
    (again,) = desk.arrives(parsed(other, fetched=1, parse_version=2))
    assert (again.change, labels(again)[1]) == ("reparsed", ["award"])
    (revised,) = desk.arrives(parsed(other, fetched=2, parse_version=2, content="second"))
    assert (revised.change, labels(revised)[1]) == ("revision", ["award"])
    assert desk.arrives(parsed(other, fetched=2, parse_version=2, content="second")) == []


def test_withdrawn_what_was_found_last_holds_again(desk: Desk) -> None:
    desk.arrives(parsed(facts("a1")))
    desk.corrects("a1", "event_types", "award")
    desk.corrects("a1", "phase", "preview")
    desk.arrives(parsed(facts("a1", event_types=("agreement_mou",)), fetched=1, parse_version=2))
    desk.corrections.withdraw("a1.event_types")
    (sent,) = desk.tick()
    assert labels(sent)[1:] == (["agreement_mou"], "preview")
    desk.corrections.withdraw("a1.phase")
    (sent,) = desk.tick()
    assert labels(sent)[1:] == (["agreement_mou"], "report")


def test_a_correction_that_came_before_its_article_waits_for_it(desk: Desk) -> None:
    assert desk.corrects("a1", "phase", "preview") == []
    (sent,) = desk.arrives(parsed(facts("a1")))
    assert (sent.change, labels(sent)[2]) == ("new", "preview")


def test_what_was_corrected_while_nobody_worked_is_caught_up(desk: Desk) -> None:
    desk.arrives(parsed(facts("a1")))
    desk.corrections.keep("a1", "phase", ("report",), ("followup",))
    desk.start()
    assert [labels(u)[2] for u in desk.tick()] == ["followup"]


def test_what_was_sent_and_not_kept_is_sent_again(desk: Desk) -> None:
    desk.arrives(parsed(facts("a1")))
    desk.corrections.keep("a1", "phase", ("report",), ("followup",))
    lost = desk.step.correct(NOW, lambda _topic, _key: True)
    assert len(lost.outputs) == 1
    desk.step.reload()  # as the runner does after an outage
    assert [labels(u)[2] for u in desk.tick()] == ["followup"]


def test_only_who_works_corrects(desk: Desk) -> None:
    desk.arrives(parsed(facts("a1")))
    desk.corrections.keep("a1", "phase", ("report",), ("followup",))
    assert desk.step.correct(NOW, lambda _topic, _key: False) == Handled()
    assert len(desk.tick()) == 1


def test_an_article_goes_to_the_event_a_reader_chose_and_back(desk: Desk) -> None:
    for id, day in (("a8", "2025-11-27"), ("a3", "2025-11-27"), ("a2", "2024-05-05")):
        desk.arrives(parsed(facts(id, day)))
    (moved,) = desk.corrects("a3", "event", "ev-a2", "a2")
    assert (moved.change, event(moved)) == ("regrouped", "ev-a2")
    both = current_event(desk.store, "ev-a2")
    assert both
    assert both.articles == ("a2", "a3")
    (later,) = desk.arrives(parsed(facts("a3"), fetched=1, content="second"))
    assert (later.change, event(later)) == ("revision", "ev-a2")
    desk.start()
    desk.corrections.withdraw("a3.event")
    (back,) = desk.tick()
    assert event(back) == "ev-a8"


def test_an_event_of_its_own_and_no_glue_between_two(desk: Desk) -> None:
    for id in ("a8", "a3"):
        desk.arrives(parsed(facts(id)))
    (alone,) = desk.corrects("a3", "event")
    assert event(alone) == "ev-a3"
    # It would fit both; put to one, it joins nobody else to it.
    (third,) = desk.arrives(parsed(facts("a5")))
    assert event(third) == "ev-a8"


def test_an_article_without_a_type_joins_the_event_it_is_put_to(desk: Desk) -> None:
    desk.arrives(parsed(facts("a8")))
    (plain,) = desk.arrives(parsed(facts("a3", event_types=(), alliances=())))
    assert event(plain) is None
    (joined,) = desk.corrects("a3", "event", "ev-a8", "a8")
    assert event(joined) == "ev-a8"
    desk.corrects("a3", "event")
    assert current_event(desk.store, "ev-a8")


def test_a_typeless_event_can_still_be_told() -> None:
    lonely = replace(facts("a3", event_types=(), alliances=()), same_as="gone")
    article = parsed(lonely).article
    assert compose([member(article, lonely)]).event_types == ()


def test_a_broken_correction_leaves_the_others_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.arrives(parsed(facts("a1")))
    desk.arrives(parsed(facts("a2", "2024-01-01")))
    handle = EventsStep.handle

    def breaks(self: EventsStep, message: ParsedArticle) -> Handled:
        if message.article.id == "a1":
            raise RuntimeError("no luck")
        return handle(self, message)

    monkeypatch.setattr(EventsStep, "handle", breaks)
    desk.corrections.keep("a1", "phase", (), ("preview",))
    assert [u.article.id for u in desk.corrects("a2", "phase", "preview")] == ["a2"]


def test_the_service_publishes_what_could_not_be(bus: Bus, store: Store) -> None:
    service = events_service(store, bus, lambda: NOW)
    assert [tick.name for tick in service.ticks] == ["corrections", "publish"]
    for tick in service.ticks:
        assert tick.run(NOW, lambda _t, _k: True) == Handled()
    assert [t.run(NOW, lambda _t, _k: True) for t in events_service(store).ticks] == [Handled()] * 2


def test_who_is_to_be_told_of_an_article_is_passed_on_with_its_own_update_alone(desk: Desk) -> None:
    desk.arrives(parsed(facts("a8")))
    asked = replace(parsed(facts("a3")), tell=("s1",))
    own, *others = desk.arrives(asked)
    assert (own.article.id, own.tell) == ("a3", ("s1",))
    assert [other.tell for other in others] == [()] * len(others)
    assert desk.arrives(asked) == []


IDS = [f"a{n}" for n in range(8)]
told = st.tuples(st.sampled_from(IDS), st.sampled_from(POOL), st.sampled_from([None, None, *IDS])).map(
    lambda drawn: replace(of(drawn[0], drawn[1]), same_as=drawn[2])
)


@given(st.lists(told, min_size=2, max_size=16))
@settings(max_examples=300, deadline=None)
def test_with_corrections_too_one_by_one_is_as_all_at_once(history: list[EventFacts]) -> None:
    registry = Registry()
    for arrival in history:
        registry.apply(registry.plan(arrival.article_id, member(parsed(arrival).article, arrival)))
    last = {f.article_id: f for f in history}
    assert registry.events() == cluster(last.values())
    described = [(p, event_keys(p)) for p in map(profile, last.values()) if p]
    for (a, of_a), (b, of_b) in combinations(described, 2):
        assert same_event(a, b) == same_event(b, a)
        if same_event(a, b):
            assert of_a.probed & of_b.posted
            assert of_b.probed & of_a.posted
