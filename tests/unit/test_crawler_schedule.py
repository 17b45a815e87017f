"""When sources are looked at: adaptive, jittered, backing off, and in words."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from services.crawler.schedule import (
    DAY,
    HOUR,
    LEAST,
    MINUTE,
    MOST,
    QUARANTINE_AFTER,
    START,
    Looked,
    adopted,
    after_failure,
    after_success,
    asked,
    duration,
    first_state,
    is_due,
    jitter,
    one_line,
)
from shared.contracts.messages import Source
from shared.contracts.sources import SourceState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCE = Source(id="desk", url="https://desk.example/feed")


def wait(state: SourceState, now: datetime = NOW) -> float:
    assert state.next_poll is not None
    return (state.next_poll - now).total_seconds()


def looked(state: SourceState, *, times: int, source: Source = SOURCE, **what: int) -> SourceState:
    for _ in range(times):
        state = after_success(state, source, Looked(**what), NOW)  # type: ignore[arg-type]
    return state


def test_a_new_source_is_due_at_once_and_then_every_half_hour() -> None:
    state = first_state(SOURCE, NOW)
    assert is_due(state, NOW)
    assert not is_due(asked(state, NOW), NOW + timedelta(minutes=4))
    state = after_success(state, SOURCE, Looked(entries=20, new=20), NOW)
    assert state.interval == START
    assert wait(state) == pytest.approx(START * jitter("desk"))
    assert (state.health, state.says[:22]) == ("ok", "20 entries, 20 new; ne")


def test_news_makes_looks_more_frequent_and_silence_less_within_bounds() -> None:
    state = looked(first_state(SOURCE, NOW), times=1)
    assert looked(state, times=1, new=1).interval == START / 2
    assert looked(state, times=9, new=1).interval == LEAST
    assert looked(state, times=1).interval == START * 1.25
    assert looked(state, times=30).interval == MOST
    forgotten = replace(state, registered_at=NOW - timedelta(days=100), last_new_at=NOW - timedelta(days=15))
    assert looked(forgotten, times=40).interval == DAY
    assert looked(replace(forgotten, interval=DAY), times=1, new=1).interval == DAY / 2


def test_a_source_s_own_interval_is_kept_to_the_second() -> None:
    source = Source(id="desk", url=SOURCE.url, interval=2.0)
    state = after_success(first_state(source, NOW), source, Looked(new=3, at_least=DAY), NOW)
    assert wait(state) == 2.0


@pytest.mark.parametrize(
    ("told", "waits"), [(90 * MINUTE, 90 * MINUTE), (400 * DAY, DAY), (1.0, START * jitter("desk"))]
)
def test_what_the_feed_or_its_server_asks_for_is_a_lower_bound(told: float, waits: float) -> None:
    state = after_success(first_state(SOURCE, NOW), SOURCE, Looked(at_least=told), NOW)
    assert wait(state) == pytest.approx(waits)


def test_jitter_belongs_to_the_source_and_is_small() -> None:
    factors = {jitter(f"source-{n}") for n in range(200)}
    assert len(factors) == 200
    assert all(0.9 <= f < 1.1 for f in factors)
    assert jitter("desk") == jitter("desk")


def test_failures_back_off_to_quarantine_and_one_success_ends_it() -> None:
    state, waits = first_state(SOURCE, NOW), []
    for _ in range(QUARANTINE_AFTER + 1):
        state = after_failure(state, SOURCE, "desk.example answers 500", NOW)
        waits.append(wait(state))
    assert waits[:4] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE]
    assert max(waits[:-2]) == 6 * HOUR
    assert waits[-2:] == [DAY, DAY]
    assert (state.health, state.failures) == ("quarantined", 11)
    assert state.says == "desk.example answers 500; next try in 1 day, 11 tries so far"
    state = after_success(state, SOURCE, Looked(unchanged=True), NOW)
    assert (state.health, state.failures) == ("ok", 0)


def test_a_first_failure_is_told_without_a_count() -> None:
    why = "cannot be reached: the name desk.example does not exist"
    assert after_failure(first_state(SOURCE, NOW), SOURCE, why, NOW).says == f"{why}; next try in 5 minutes"


def test_a_source_that_is_looked_at_often_is_tried_again_soon() -> None:
    source = replace(SOURCE, interval=2.0)
    state = after_failure(first_state(source, NOW), source, "away", NOW)
    assert wait(state) == 2.0
    assert wait(after_failure(state, source, "away", NOW)) == 4.0


def test_retry_after_is_a_lower_bound_for_the_next_try() -> None:
    assert wait(after_failure(first_state(SOURCE, NOW), SOURCE, "429", NOW, at_least=HOUR)) == HOUR


def test_while_nothing_answers_no_source_is_quarantined() -> None:
    state = first_state(SOURCE, NOW)
    for _ in range(40):
        state = after_failure(state, SOURCE, "away", NOW, nothing_answers=True)
    assert state.health == "failing"
    assert wait(state) == 30 * MINUTE


def test_an_address_that_a_source_was_sent_on_to_is_given_up_after_three_failures() -> None:
    state = replace(first_state(SOURCE, NOW), moved_to="https://new.example/feed")
    kept = [state := after_failure(state, SOURCE, "404", NOW) for _ in range(3)]
    assert [s.moved_to for s in kept] == ["https://new.example/feed", "https://new.example/feed", None]


def test_304_keeps_what_is_known() -> None:
    full = Looked(kind="feed", title="Desk", entries=9, new=1, etag="x", content_sha256="1")
    state = after_success(first_state(SOURCE, NOW), SOURCE, full, NOW)
    state = after_success(state, SOURCE, Looked(unchanged=True, etag="x"), NOW)
    assert (state.kind, state.title, state.entries_seen, state.content_sha256) == ("feed", "Desk", 9, "1")
    assert state.says.startswith("nothing has changed (9 entries); next look in")


def test_a_source_switched_off_says_so_and_switched_on_is_looked_at_at_once() -> None:
    state = after_success(first_state(SOURCE, NOW), SOURCE, Looked(etag="x", entries=2), NOW)
    off = adopted(state, replace(SOURCE, enabled=False), NOW)
    assert (off.health, off.says, off.next_poll) == ("disabled", "switched off", None)
    assert adopted(off, replace(SOURCE, enabled=False), NOW) is off
    on = adopted(off, SOURCE, NOW)
    assert (on.health, on.etag) == ("new", "x")
    assert is_due(on, NOW)
    assert adopted(state, SOURCE, NOW) is state


def test_another_address_is_looked_at_anew_and_another_name_is_not() -> None:
    state = after_success(first_state(SOURCE, NOW), SOURCE, Looked(etag="x", answered_url=SOURCE.url), NOW)
    state = replace(state, moved_to="https://elsewhere.example/feed")
    moved = adopted(state, replace(SOURCE, url="https://new.example/feed"), NOW)
    assert (moved.etag, moved.answered_url, moved.moved_to, moved.next_poll) == (None, None, None, NOW)
    named = adopted(state, replace(SOURCE, name="The Desk"), NOW)
    assert (named.etag, named.next_poll) == ("x", state.next_poll)
    assert named.source is not None
    assert named.source.name == "The Desk"
    assert wait(adopted(state, replace(SOURCE, interval=10.0), NOW)) == 10.0


def test_what_strangers_say_becomes_one_plain_line() -> None:
    state = after_failure(first_state(SOURCE, NOW), SOURCE, "bad\n\x1b[31mred\u202e" + "x" * 900, NOW)
    assert state.says.startswith("bad [31mred x")
    assert len(state.says) < 400
    assert one_line("می\u200cشود") == "می\u200cشود"
    assert (one_line(None), one_line(" \n")) == (None, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"), (59, "59 seconds"), (60, "1 minute"), (100, "100 seconds"), (300, "5 minutes"),
        (3600, "1 hour"), (5400, "90 minutes"), (7300, "2 hours"), (86400, "1 day"), (200_000, "2 days"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
