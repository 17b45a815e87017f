"""Which entries are asked for, in which lane; when pages are visited again; which sources there are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.crawler.catalogue import load_catalogue
from services.crawler.entries import BUDGET, SeenEntry, choose, seen_id
from services.crawler.fetch import from_feed, is_done
from services.crawler.found import FoundEntry
from services.crawler.media_types import media_type_of
from services.crawler.pages import (
    RETRIES,
    Page,
    failed,
    fetched,
    is_young,
    page_write,
    planned,
    visit_request,
)
from services.crawler.poll import fitting
from services.crawler.schedule import first_state
from services.crawler.upkeep import Upkeep, first_month_kept
from services.crawler.visits import Visits
from shared.contracts.messages import FeedEntry, FetchRequest, Source
from shared.contracts.sources import SavedSource
from shared.identity import normalise
from shared.outgoing.answer import Headers
from shared.runner.service import Owns
from shared.sources import merge
from shared.store.sqlite import open_sqlite_store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCE = Source(id="desk", url="https://desk.example/feed")
STATE = first_state(SOURCE, NOW)


def entry(
    number: int, published: datetime | None = None, updated: datetime | None = None, said: str = ""
) -> FoundEntry:
    url = f"https://desk.example/{number}"
    told = FeedEntry(title=str(number), link=url, published=published, updated=updated)
    return FoundEntry(url=url, id=url, fingerprint=said or f"said-{number}", entry=told)


def seen(*entries: FoundEntry, month: str = "2026-03", **other: Any) -> dict[str, SeenEntry]:
    return {
        seen_id("desk", e): replace(
            SeenEntry(
                source="desk", url=e.url, fingerprint=e.fingerprint, updated=e.entry.updated, month=month
            ),
            **other,
        )
        for e in entries
    }


def chosen(
    entries: Sequence[FoundEntry], known: dict[str, SeenEntry] | None = None, *, first_look: bool = False
) -> list[tuple[str, str]]:
    choice = choose(entries, known or {}, STATE, NOW, first_look=first_look)
    return [(e.entry.title or "", mode) for e, mode in choice.asked]


def test_new_entries_are_news_and_known_ones_are_not_asked_for() -> None:
    one, two = entry(1), entry(2)
    assert chosen([one, two], seen(two)) == [("1", "live")]
    assert chosen([one, two], seen(one, two)) == []


def test_at_the_first_look_what_was_there_before_us_is_backfill() -> None:
    entries = [
        entry(1),
        entry(2, published=NOW - timedelta(days=1)),
        entry(3, published=NOW + timedelta(minutes=1)),
        entry(4, updated=NOW + timedelta(minutes=2)),
    ]
    assert chosen(entries, first_look=True) == [
        ("4", "live"),
        ("3", "live"),
        ("2", "backfill"),
        ("1", "backfill"),
    ]
    assert {mode for _, mode in chosen(entries)} == {"live"}


def test_a_changed_or_updated_entry_is_asked_for_again() -> None:
    was = [entry(1), entry(2, updated=NOW - timedelta(hours=1)), entry(3, updated=NOW), entry(4)]
    now = [
        entry(1, said="other"),
        entry(2, updated=NOW),
        entry(3, updated=NOW - timedelta(hours=1)),
        entry(4, updated=NOW),
    ]
    assert chosen(now, seen(*was)) == [("1", "live"), ("2", "live"), ("4", "live")]


def test_a_feed_that_stamps_everything_anew_each_time_is_not_believed() -> None:
    was = [entry(n, updated=NOW - timedelta(hours=1)) for n in range(6)]
    assert chosen([entry(n, updated=NOW) for n in range(6)], seen(*was)) == []
    one_stays = [*(entry(n, updated=NOW) for n in range(5)), was[5]]
    assert len(chosen(one_stays, seen(*was))) == 5
    changed = [entry(0, said="other", updated=NOW), *(entry(n, updated=NOW) for n in range(1, 6))]
    assert chosen(changed, seen(*was)) == [("0", "live")]


def test_beyond_the_budget_the_older_ones_go_behind() -> None:
    entries = [entry(n, published=NOW - timedelta(minutes=n)) for n in range(BUDGET + 5)]
    modes = [mode for _, mode in chosen(list(reversed(entries)))]
    assert modes == ["live"] * BUDGET + ["backfill"] * 5
    assert chosen(list(reversed(entries)))[0][0] == "0"


def test_records_say_when_an_entry_stood_in_the_feed_last() -> None:
    one = entry(1)
    choice = choose([one], seen(one, month="2026-01"), STATE, NOW, first_look=False)
    assert not choice.asked
    (write,) = choice.remember
    assert (write.id, write.labels) == (seen_id("desk", one), {"month": "2026-03"})
    assert not choose([one], seen(one), STATE, NOW, first_look=False).remember
    assert seen_id("desk", one) != seen_id("other", one)


@pytest.mark.parametrize(("month", "first"), [(3, "2026-01"), (1, "2025-11"), (12, "2026-10")])
def test_months_that_are_kept(month: int, first: str) -> None:
    assert first_month_kept(datetime(2026, month, 5, tzinfo=UTC)) == first


# Pages

PAGE = Page(
    url="https://desk.example/1", source_id="desk", source=SOURCE, entry=FeedEntry(title="1"), revisits=True
)


def test_a_page_is_visited_after_ten_minutes_an_hour_and_a_day_then_no_more() -> None:
    page, at, visits = fetched(PAGE, NOW), NOW, []
    while page.visit_at:
        visits.append(page.visit_at - NOW)
        at = page.visit_at
        assert visit_request(page, at) is not None
        page = fetched(page, at)
    assert visits == [timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)]
    assert (page.source, page.entry, page.first_at, page.fetched_at) == (None, None, NOW, at)
    assert visit_request(page, at) is None


def test_visits_that_were_missed_are_not_made_up_for() -> None:
    page = fetched(PAGE, NOW)
    late = planned(page, NOW + timedelta(hours=5))
    assert late.visit_at == NOW + timedelta(days=1)


def test_an_old_page_is_not_visited_and_the_minute_of_a_visit_is_a_label() -> None:
    old = fetched(replace(PAGE, revisits=False), NOW)
    assert old.visit_at is None
    assert page_write(old, NOW).labels == {"month": "2026-03"}
    assert page_write(fetched(PAGE, NOW), NOW).labels == {"month": "2026-03", "visit": "2026-03-02T09:10"}
    assert is_young(None, NOW)
    assert is_young(FeedEntry(published=NOW - timedelta(hours=23)), NOW)
    assert not is_young(FeedEntry(published=NOW - timedelta(hours=25)), NOW)


def test_a_failing_page_is_given_up_after_its_tries() -> None:
    page, waits = PAGE, []
    while True:
        page, at = failed(page, NOW)
        if at is None:
            break
        waits.append(at - NOW)
    assert tuple(waits) == RETRIES
    assert page.failures == 0


def request(**options: Any) -> FetchRequest:
    chosen: dict[str, Any] = {"kind": "page", "source": SOURCE, "url": PAGE.url, "requested_at": NOW}
    return FetchRequest(**(chosen | options))


def test_a_request_that_comes_twice_or_was_quicker_elsewhere_is_done() -> None:
    page = fetched(PAGE, NOW)
    assert is_done(page, request(), NOW)
    assert not is_done(page, request(requested_at=NOW + timedelta(seconds=1)), NOW)
    other = request(source=Source(id="other"), requested_at=NOW + timedelta(minutes=5))
    assert is_done(page, other, NOW + timedelta(minutes=5))
    assert not is_done(page, other, NOW + timedelta(hours=2))
    assert not is_done(PAGE, request(), NOW)


def test_what_the_feed_carries_stands_in_only_where_it_says_something() -> None:
    def made(**told: Any) -> bytes | None:
        found = from_feed(request(entry=FeedEntry(title="1", **told)), PAGE.url, NOW)
        return found.body if found else None

    assert made() is None
    assert made(summary="  ") is None
    assert made(summary="A summary.") is not None
    assert made(summary="A summary.", content="The content itself.") == made(content="The content itself.")
    assert from_feed(request(), PAGE.url, NOW) is None


@pytest.mark.parametrize(
    ("told", "body", "kind"),
    [
        ("Text/HTML; charset=utf-8", b"", "text/html"),
        ("", b"\n <!DOCTYPE html>", "text/html"),
        ("application/octet-stream", b"<html lang='x'>", "text/html"),
        ("application/xml", b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml"),
        ("text/html", b"%PDF-1.7", "application/pdf"),
        ("application/pdf", b"", "application/pdf"),
        ("image/png", b"<html>", "image/png"),
        ("", b"plain words", "text/plain"),
        ("application/xml", b"<rss>", "application/xml"),
    ],
)
def test_media_types(told: str, body: bytes, kind: str) -> None:
    assert media_type_of(Headers([("content-type", told)] if told else []), body) == kind


def test_a_request_is_never_larger_than_its_topic_takes() -> None:
    small = request(entry=FeedEntry(content="x" * 100))
    assert fitting(small) is small
    quotes = request(entry=FeedEntry(title="t", summary="short", content='"' * 90_000 + "\n" * 60_000))
    assert fitting(quotes).entry == FeedEntry(title="t", summary="short")
    both = request(entry=FeedEntry(title="t", summary="\x01" * 60_000, content="x"))
    assert fitting(both).entry == FeedEntry(title="t")


# What is kept, and for how long


def owns_all(_topic: str, _key: str) -> bool:
    return True


def test_what_was_last_seen_months_ago_goes(tmp_path: Path) -> None:
    store = open_sqlite_store(tmp_path)
    for month in ("2025-11", "2025-12", "2026-01", "2026-03"):
        store.put_many(choose([entry(1)], {}, replace(STATE, id=month), at(month), first_look=False).remember)
        store.put(page_write(replace(PAGE, url=f"https://desk.example/{month}"), at(month)))
    Upkeep(store).tick(NOW, lambda _topic, _key: False)
    assert store.count("seen-entries") == 4
    Upkeep(store).tick(NOW, owns_all)
    assert (
        store.count_by("seen-entries", "month")
        == store.count_by("pages", "month")
        == {"2026-01": 1, "2026-03": 1}
    )


def at(month: str) -> datetime:
    return datetime.fromisoformat(f"{month}-05").replace(tzinfo=UTC)


def test_due_visits_are_asked_for_once_by_their_owner_also_after_a_long_stop(tmp_path: Path) -> None:
    store = open_sqlite_store(tmp_path)
    for n in range(3):
        page = replace(PAGE, url=f"https://desk.example/{n}")
        store.put(page_write(fetched(page, NOW - timedelta(minutes=n)), NOW))
    visits, due = Visits(store), NOW + timedelta(minutes=8, seconds=30)

    def asked(when: datetime, owns: Owns = owns_all) -> list[str]:
        handled = visits.tick(when, owns)
        store.put_many(handled.remember)
        return [o.message.url[-1] for o in handled.outputs if isinstance(o.message, FetchRequest)]

    assert asked(due, lambda _topic, _key: False) == []
    visits.reload()
    assert asked(due) == ["2"]
    assert asked(due) == []
    assert asked(due + timedelta(minutes=1)) == ["1"]
    # Planned for this very minute after it was looked at.
    store.put(page_write(replace(PAGE, url="https://desk.example/9", visit_at=due), NOW))
    assert asked(due + timedelta(minutes=1, seconds=20)) == ["9"]
    visits.reload()
    assert sorted(asked(NOW + timedelta(days=9))) == ["0", "1", "2"]


# Which sources there are


def saved(id: str, *, removed: bool = False, **options: Any) -> SavedSource:
    return SavedSource(source=Source(id=id, **options), removed=removed, changed_at=NOW)


def test_a_saved_source_wins_over_the_file_and_that_over_the_catalogue() -> None:
    catalogue = [Source(id=i, url=f"https://c.example/{i}", name="catalogue") for i in ("a", "b", "c")]
    file = [Source(id=i, url=f"https://f.example/{i}", name="file") for i in ("b", "c", "d")]
    merged = merge(
        catalogue, file, [saved("c", name="saved"), saved("e", name="saved"), saved("a", removed=True)]
    )
    assert {s.id: s.name for s in merged} == {"b": "file", "c": "saved", "d": "file", "e": "saved"}


def test_one_address_counts_once() -> None:
    catalogue = [Source(id="whc-news", url="https://whc.example/rss")]
    mine = Source(id="mine", url="https://whc.example/rss", enabled=False)
    assert [s.id for s in merge(catalogue, [mine], [])] == ["mine"]
    assert [s.id for s in merge(catalogue, [], [saved("mine", url="https://whc.example/rss")])] == ["mine"]


def test_the_catalogue_is_sound() -> None:
    catalogue = load_catalogue()
    by_id = {source.id: source for source in catalogue}
    assert len(by_id) > 80
    assert len({source.url for source in catalogue if source.kind != "query"}) == len(
        [source for source in catalogue if source.kind != "query"]
    )
    for source in catalogue:
        assert source.url, source.id
        assert source.name, source.id
        assert source.groups, source.id
        if source.kind != "query":
            assert normalise(source.url).startswith("http"), source.id
        assert (source.kind == "query") == bool(source.query), source.id
        assert source.quality == "aggregator" or "search" not in source.groups, source.id
    whc = by_id["whc-news"]
    assert (whc.url, whc.kind, whc.rights, whc.quality, whc.enabled) == (
        "https://whc.unesco.org/en/news/rss", "feed", "excerpt", "official", True,
    )  # fmt: skip
    assert not by_id["unesco"].enabled
    assert all(s.rights == "excerpt" for s in catalogue if s.url and "whc.unesco.org" in s.url)
    assert msgspec.json.encode(catalogue)
