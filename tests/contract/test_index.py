"""How every index finds articles (`shared/index/port.py`): words, order, pages, counting."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.article import Article, EventRef, Place
from shared.index.port import FACETS, BadCursor, Highlight, IndexReader, IndexWriter, Search, TooBroad
from shared.query.ast import And, Between, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.evaluate import matches
from tests.contract.index_articles import BEGIN, article, many
from tests.contract.index_asking import found, ids, paged

# --- what is found


def test_phrases_never_reach_from_the_title_into_the_text(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    index_writer.write(
        [article("a", "Old city walls", "walls restored"), article("b", "Walls", "old city walls")]
    )
    assert found(index_reader, Phrase(("old", "city", "walls"))) == {"a", "b"}
    assert found(index_reader, Phrase(("old", "city", "walls"), "title")) == {"a"}
    assert found(index_reader, Phrase(("walls", "walls"))) == set()
    assert found(index_reader, Phrase(("city", "walls", "walls"))) == set()
    assert found(index_reader, Phrase(("walls", "restored"))) == {"a"}
    assert found(index_reader, Phrase(("walls", "restored"), "title")) == set()


def test_unquoted_words_match_inflections_and_quoted_ones_do_not(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    index_writer.write(
        [article("a", text="Ministers visited temples."), article("b", text="A visit to the temple")]
    )
    assert found(index_reader, Word("visit")) == found(index_reader, Word("visits")) == {"a", "b"}
    assert found(index_reader, Phrase(("temple",))) == {"b"}
    assert found(index_reader, Word("visit", "title")) == set()


def test_a_prefix_that_is_too_broad_is_refused_with_its_count(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    index_writer.write([article(f"a{n}", text=" ".join(f"pre{n}x{m}" for m in range(600))) for n in range(2)])
    with pytest.raises(TooBroad, match=r"pre.*1,?200"):
        index_reader.search(Search(Prefix("pre")))
    with pytest.raises(TooBroad, match="pre"):
        index_reader.search(Search(And((Word("a"), Not(Prefix("pre"))))))
    assert found(index_reader, Prefix("pre1")) == {"a1"}
    assert found(index_reader, Prefix("pre0x59")) == {"a0"}


def test_dates_are_half_open_and_to_the_microsecond(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    tick = timedelta(microseconds=1)
    dates = {"before": BEGIN - tick, "at": BEGIN, "after": BEGIN + tick, "old": datetime(1, 1, 1, tzinfo=UTC)}
    index_writer.write([article(id, published_at=date) for id, date in dates.items()])
    index_writer.write([article("undated", first_seen_at=BEGIN)])
    assert found(index_reader, Between(BEGIN, BEGIN + tick)) == {"at", "undated"}
    assert found(index_reader, Between(None, BEGIN)) == {"before", "old"}
    assert found(index_reader, Between(BEGIN, None)) == {"at", "undated", "after"}
    assert found(index_reader, Between(None, None)) == {*dates, "undated"}


def test_a_site_is_found_under_its_parent_domain(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    for id, host in (("a", "news.example.org"), ("b", "example.org"), ("c", "badexample.org")):
        index_writer.write([article(id, url=f"https://{host}/1", canonical_url=f"https://{host}/1")])
    assert found(index_reader, Keyword("site", "example.org")) == {"a", "b"}
    assert found(index_reader, Keyword("site", "news.example.org")) == {"a"}


def test_hits_show_what_they_matched(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    index_writer.write([article("a", "🏛️ Temples", "The old temple wall. Éléphant temple")])
    (hit,) = index_reader.search(Search(And((Word("temple"), Phrase(("old", "temple")))))).hits
    parts = {getattr(hit.article, h.field)[h.start : h.end].lower() for h in hit.highlights}
    assert {"temples", "old temple"} <= parts | {"old temple"}
    assert Highlight("title", 3, 10) in hit.highlights
    assert all(0 <= h.start < h.end <= len(getattr(hit.article, h.field)) for h in hit.highlights)
    (plain,) = index_reader.search(Search()).hits
    assert plain.highlights == ()


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x01\x1b[31m \x00",
        "<script>alert(1)</script>'; DROP TABLE articles; --",
        "\u202e\u200b\ufeff\u2028\u2029\u0085\xa0" * 50,
        "a\u0301" * 5000,
        "ab " * 20000,
        "漢" * 5000,
        "x" * 200_000,
        '{"json": [1,2]} * ? ~ AND OR NOT ( " ^ \\',
        "",
    ],
)
def test_hostile_text_is_kept_as_it_is(
    index_writer: IndexWriter, index_reader: IndexReader, text: str
) -> None:
    made = article(
        "a", text[:1000], text + " findme", authors=(text[:5000], text), places=(Place(name=text),)
    )
    index_writer.write([made, article("b")])
    assert index_reader.get("a") == made
    assert found(index_reader, Word("findme")) == {"a"}
    page = index_reader.search(Search(facets=FACETS))
    assert page.total == 2
    for query in (
        Keyword("author", text),
        Keyword("place", text),
        Word(text),
        Phrase((text, text)),
        Prefix(text[:9]),
    ):
        expected = {a.id for a in (made, article("b")) if matches(query, a)}
        assert found(index_reader, query) == expected, query


def test_an_article_of_four_mebibytes(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    filler = "Wände und Türme der alten Stadt, größer als gedacht. "
    large = article(
        "large", "Large", filler * (4 * 2**20 // len(filler.encode())) + "lastword", language="de"
    )
    index_writer.write([large, article("small")])
    assert found(index_reader, Word("lastword")) == {"large"}
    assert index_reader.get("large") == large


# --- order and pages


@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("unit", ["article", "event"])
@pytest.mark.parametrize(
    "query", [None, Word("acha"), Or((Word("temple"), Word("музей"), Prefix("文"))), Not(Word("acha"))]
)
def test_pages_neither_repeat_nor_skip(
    index_writer: IndexWriter, index_reader: IndexReader, sort: Any, unit: Any, query: Query | None
) -> None:
    made = many(160, seed=6)
    for at in range(0, 160, 40):
        index_writer.write(made[at : at + 40])
    whole = index_reader.search(Search(query, limit=200, sort=sort, unit=unit))
    assert whole.next_cursor is None
    assert len(whole.hits) == whole.total > 0
    for limit in (1, 7, 50):
        pages = paged(index_reader, Search(query, limit=limit, sort=sort, unit=unit))
        assert [id for page in pages for id in ids(page.hits)] == ids(whole.hits)
        assert {page.total for page in pages} == {whole.total}
        assert all(len(page.hits) == limit for page in pages[:-1])


def test_by_date_is_newest_first_then_by_id(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    made = many(100, seed=7)
    index_writer.write(made)
    expected = sorted(made, key=lambda a: (BEGIN - (a.published_at or a.first_seen_at), a.id))
    for search in (Search(limit=100, sort="date"), Search(limit=100), Search(Not(Word("none")), limit=100)):
        assert ids(index_reader.search(search).hits) == [a.id for a in expected]


@pytest.mark.parametrize("search", [Search(limit=9, sort="date"), Search(Word("title"), limit=40)])
def test_many_that_tie_are_paged_through_by_id(
    index_writer: IndexWriter, index_reader: IndexReader, search: Search
) -> None:
    made = [article(f"a{n:03}") for n in range(300)]
    index_writer.write(made[150:][::-1])
    index_writer.write(made[:150][::-1])
    pages = paged(index_reader, search)
    assert [id for page in pages for id in ids(page.hits)] == [a.id for a in made]


def test_a_page_may_end_among_many_that_tie(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    newest = [article(f"b{n}", published_at=BEGIN + timedelta(days=1)) for n in range(8)]
    older = [article(f"a{n:03}") for n in range(200)]
    index_writer.write(newest + older[::-1])
    first = index_reader.search(Search(limit=5, sort="date"))
    second = index_reader.search(Search(limit=5, sort="date", cursor=first.next_cursor))
    assert ids(first.hits + second.hits) == [*(f"b{n}" for n in range(8)), "a000", "a001"]


def test_relevance_puts_titles_and_frequent_words_first(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    filler = " ".join(f"word{n}" for n in range(100))
    index_writer.write([article(f"other{n}", text=filler) for n in range(20)])
    index_writer.write(
        [
            article("once", text=f"{filler} temple"),
            article("often", text=f"{filler} temple temple temple"),
            article("title", "The temple", filler),
        ]
    )
    page = index_reader.search(Search(Word("temple")))
    assert ids(page.hits) == ["title", "often", "once"]
    scores = [hit.score for hit in page.hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_equal_scores_go_by_date_then_id(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    index_writer.write(
        [article(f"a{n}", "Temple", published_at=BEGIN + timedelta(days=n % 3)) for n in range(9)]
    )
    expected = [f"a{n}" for n in (2, 5, 8, 1, 4, 7, 0, 3, 6)]
    assert ids(index_reader.search(Search(Word("temple"))).hits) == expected


def test_an_event_shows_its_best_article_once(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    event = EventRef(id="e", title="E")
    index_writer.write(
        [
            article("a", "Temple", published_at=BEGIN, event=event),
            article(
                "b", text="One temple among many other words", published_at=BEGIN + timedelta(1), event=event
            ),
            article("c", text="No such word", published_at=BEGIN + timedelta(2), event=event),
            article("d", text="temple alone", published_at=BEGIN - timedelta(1)),
            article("f", text="temple alone", published_at=BEGIN - timedelta(2)),
        ]
    )
    by_date = index_reader.search(Search(Word("temple"), sort="date", unit="event", facets=("event",)))
    assert (ids(by_date.hits), by_date.total) == (["b", "d", "f"], 3)
    assert by_date.facets["event"] == {"e": 2}
    by_relevance = index_reader.search(Search(Word("temple"), unit="event"))
    assert (ids(by_relevance.hits), by_relevance.total) == (["a", "d", "f"], 3)
    assert ids(index_reader.search(Search(unit="event", sort="date")).hits) == ["c", "d", "f"]


def test_a_cursor_survives_writes(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    index_writer.write(many(60, seed=8))
    for sort in ("date", "relevance"):
        search = Search(Word("acha"), limit=5, sort=sort)
        cursor = index_reader.search(search).next_cursor
        index_writer.write(many(90, seed=9)[60:])
        index_writer.delete([f"a{n:05}" for n in range(30)])
        page = index_reader.search(replace(search, cursor=cursor))
        assert len(page.hits) <= 5
        assert all(matches(Word("acha"), hit.article) for hit in page.hits)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "ééé", "=" * 9, "kwE", "\x00", "3q2-7w", "a" * 5000])
def test_a_cursor_of_ones_own_making_is_refused(
    index_writer: IndexWriter, index_reader: IndexReader, cursor: str
) -> None:
    index_writer.write([article("a")])
    with pytest.raises(BadCursor, match="cursor"):
        index_reader.search(Search(cursor=cursor))


def test_a_cursor_of_another_search_is_refused(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    index_writer.write(many(20, seed=10))
    cursor = index_reader.search(Search(limit=3)).next_cursor
    for other in (
        Search(Word("acha"), cursor=cursor),
        Search(sort="date", cursor=cursor),
        Search(unit="event", cursor=cursor),
    ):
        with pytest.raises(BadCursor, match="another"):
            index_reader.search(other)
    assert len(index_reader.search(Search(limit=9, facets=("lang",), cursor=cursor)).hits) == 9


# --- counting


def by_hand(articles: Sequence[Article]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for a in articles:
        values: dict[str, set[str | None]] = {
            "alliance": {tag.id for tag in a.alliances if tag.role == "subject"},
            "type": {tag.id for tag in a.event_types},
            "event": {a.event.id if a.event else None},
            "source": {a.source.id},
            "quality": {a.source.quality},
            "country": {a.source.country},
            "lang": {a.language},
            "place": {place.name for place in a.places},
            "phase": {a.phase},
        }
        for name in FACETS:
            counts[name].update(value for value in values[name] if value is not None)
    return counts


@pytest.mark.parametrize("query", [None, Word("acha"), Not(Keyword("source", "source-1")), Word("nothing")])
def test_facets_and_timeline_equal_counting_by_hand(
    index_writer: IndexWriter, index_reader: IndexReader, query: Query | None
) -> None:
    made = many(200, seed=11)
    for at in range(0, 200, 25):
        index_writer.write(made[at : at + 25])
    matching = [a for a in made if query is None or matches(query, a)]
    page = index_reader.search(Search(query, limit=1, facets=FACETS, timeline=True))
    assert page.total == len(matching)
    assert page.facets == by_hand(matching)
    days = Counter((a.published_at or a.first_seen_at).date().isoformat() for a in matching)
    assert page.timeline == days
    assert list(page.timeline) == sorted(days)
    for values in page.facets.values():
        assert list(values) == sorted(values, key=lambda value: (-values[value], value))


def test_a_facet_gives_its_fifty_most_frequent_values(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    names = [f"p{m:02}" for m in range(60)]
    made = [article(f"a{n}", places=tuple(Place(name=name) for name in names[: n + 1])) for n in range(60)]
    index_writer.write(made[:30])
    index_writer.write(made[30:])
    page = index_reader.search(Search(facets=("place",)))
    assert list(page.facets["place"].items()) == [(f"p{m:02}", 60 - m) for m in range(50)]


def test_a_value_rare_everywhere_is_counted_in_full(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    for n in range(3):
        others = tuple(Place(name=f"p{n}x{m}") for m in range(1100))
        index_writer.write(
            [article(f"a{n}", places=(*others, Place(name="rare"))), article(f"b{n}", places=others)]
        )
    page = index_reader.search(Search(facets=("place",)))
    assert next(iter(page.facets["place"].items())) == ("rare", 3)


def test_an_unknown_facet_is_refused(index_reader: IndexReader, index_writer: IndexWriter) -> None:
    index_writer.write([article("a")])
    with pytest.raises(ValueError, match="colour"):
        index_reader.search(Search(facets=("colour",)))
