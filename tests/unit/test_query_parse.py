"""Queries are read as people mean them, and what cannot be read is told with its place."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.query.ast import And, Between, Duplicate, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.lexer import QueryError
from shared.query.parse import DEEPEST, LONGEST, MOST_NODES, parse
from shared.query.unparse import unparse
from tests.unit.query_samples import NOW, trees
from tests.unit.text_samples import texts, unhurried


def read(source: str) -> Query:
    return parse(source, NOW)


def day(*parts: int) -> datetime:
    year, month, date = (*parts, 1, 1)[:3]
    return datetime(year, month, date, tzinfo=UTC)


A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("Museum", Word("museum")),
        ('"Museum"', Phrase(("museum",))),
        ("“Blue Shield”", Phrase(("blue", "shield"))),
        ("«Голубой щит»", Phrase(("голубой", "щит"))),
        ("「文化」", Phrase(("文化",))),
        ("Xi'an", Phrase(("xi", "an"))),
        ("co-operation", Phrase(("co", "operation"))),
        ("文化", Word("文化")),
        ("文化遗", Phrase(("文化", "化", "化遗"))),
        ("文化*", Word("文化")),
        ("文化遗*", Phrase(("文化", "化", "化遗"))),
        ("Resto*", Prefix("resto")),
        ('"resto*"', Phrase(("resto",))),
        ('אונסק"ו', Phrase(("אונסק", "ו"))),
        ('"ועידת אונסק"ו"', Phrase(("ועידת", "אונסק", "ו"))),
        ("a b", And((A, B))),
        ("a AND b AND c", And((A, B, C))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("a -b", And((A, Not(B)))),
        ("NOT a OR -b", Or((Not(A), Not(B)))),
        ("--a", Not(Not(A))),
        ('-"a b"', Not(Phrase(("a", "b")))),
        ("-(a b)", Not(And((A, B)))),
        ("((a))", A),
        ("and or not", And((Word("and"), Word("or"), Word("not")))),
        ("title:Museum", Word("museum", "title")),
        ('title:"a b"', Phrase(("a", "b"), "title")),
        ("title:mus*", Prefix("mus", "title")),
        ("title:(a OR -b)", Or((Word("a", "title"), Not(Word("b", "title"))))),
        ("alliance:ACHA", Keyword("alliance", "acha")),
        ("-alliance:ACHA", Not(Keyword("alliance", "acha"))),
        ("Source:whc-news", Keyword("source", "whc-news")),
        ("place:(Xi’an OR Cairo)", Or((Keyword("place", "xi an"), Keyword("place", "cairo")))),
        ("place:西安", Keyword("place", "西安")),
        ('author:"José Núñez"', Keyword("author", "jose nunez")),
        ("lang:pt_BR", Keyword("lang", "pt-br")),
        ("site:WWW.Bücher.example.", Keyword("site", "www.xn--bcher-kva.example")),
        ("country:OR", Keyword("country", "or")),
        ("event:a:b-c", Keyword("event", "a:b-c")),
        (r'event:"a \"b\" \\ c"', Keyword("event", 'a "b" \\ c')),
        ("is:duplicate", Duplicate()),
        ("https://whc.example/news", Phrase(("https", "whc", "example", "news"))),
        ("12:30", Phrase(("12", "30"))),
    ],
)
def test_what_a_query_is_read_as(source: str, tree: Query) -> None:
    assert read(source) == tree


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("after:2025-11-26", Between(day(2025, 11, 26), None)),
        ("before:2025-11", Between(None, day(2025, 11))),
        ("on:2025-11-26", Between(day(2025, 11, 26), day(2025, 11, 27))),
        ("on:2025-12", Between(day(2025, 12), day(2026))),
        ("on:2025", Between(day(2025), day(2026))),
        ("on:2025-11-26..2025-11-29", Between(day(2025, 11, 26), day(2025, 11, 30))),
        ("on:2024..2025-02", Between(day(2024), day(2025, 3))),
        ("on:2024..", Between(day(2024), None)),
        ("on:..2024", Between(None, day(2025))),
        ("after:2025-11-26T10:00:00+08:00", Between(day(2025, 11, 26) + timedelta(hours=2), None)),
        ("after:2025-11-26T10:00", Between(day(2025, 11, 26) + timedelta(hours=10), None)),
        ("after:2025-11-26T10:00Z", Between(day(2025, 11, 26) + timedelta(hours=10), None)),
        ("after:12h", Between(NOW - timedelta(hours=12), None)),
        ("after:7d", Between(NOW - timedelta(days=7), None)),
        ("before:2w", Between(None, NOW - timedelta(days=14))),
        ("after:10m", Between(NOW.replace(month=2, day=28), None)),
        ("after:1y", Between(NOW.replace(year=2024), None)),
        ("on:7d", Between(NOW - timedelta(days=7), NOW)),
    ],
)
def test_dates(source: str, tree: Query) -> None:
    assert read(source) == tree


def test_relative_dates_are_utc_wherever_now_is() -> None:
    here = NOW.astimezone(datetime.fromisoformat("2025-01-01T00:00+09:00").tzinfo)
    assert parse("after:1d", here) == parse("after:1d", NOW) == parse("after:1d", NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("source", "position", "says"),
    [
        ("", 0, "empty"),
        (" \n", 0, "empty"),
        ('a "b', 2, "closing quote"),
        ("(a b", 4, "parenthesis at 1 is not closed"),
        ("a )", 2, "never opened"),
        ("a AND", 5, "missing"),
        ("OR a", 0, "OR"),
        ("a – b", 2, "'–'"),
        ("a - b", 2, "'-'"),
        ('a ""', 2, "''"),
        ("alliace:acha", 0, "did you mean alliance"),
        ("datum:2025", 0, "after, before, on"),
        ("alliance:", 9, "alliance"),
        ("alliance:(place:x)", 10, "inside"),
        ("place:…", 6, "'…'"),
        ("title:!", 6, "'!'"),
        ("is:new", 3, "duplicate"),
        ("phase:soon", 6, "preview"),
        ("quality:good", 8, "official"),
        ("a mus*um", 5, "* at the end"),
        ("*", 0, "*"),
        ("xi'a*", 0, "more than one word"),
        ("after:soon", 6, "7d"),
        ("on:2025-13", 3, "'2025-13'"),
        ("on:2025-00", 3, "'2025-00'"),
        ("on:2025-W48-3", 3, "no date"),
        ("after:9999y", 6, "no date"),
        ("after:99999999999d", 6, "no date"),
        ("on:0001-01-01T00:00+10:00..2025", 3, "no date"),
        ("on:..", 3, "no date"),
        ("on:2025..2024", 3, "before it begins"),
        ("on:2025-01-01T10:00", 3, "moment"),
        ("after:2025..2026", 6, "on:2025..2026"),
    ],
)
def test_errors_say_where_and_what(source: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(source)
    assert caught.value.position == position
    assert says in str(caught.value)
    assert f"at character {position + 1}" in str(caught.value)
    assert caught.value.expected in str(caught.value)


@pytest.mark.parametrize(
    ("source", "line", "columns"),
    [("a OR )", "a OR )", 5), ("文化 )", "文化 )", 5), ("a\n)", "a )", 2), ("é\u0301 )", "é\u0301 )", 2)],
)
def test_the_caret_stands_under_the_place(source: str, line: str, columns: int) -> None:
    with pytest.raises(QueryError) as caught:
        read(source)
    assert caught.value.pointed(source).splitlines()[:2] == [f"  {line}", f"  {' ' * columns}^"]


def test_a_long_query_is_shown_around_the_place() -> None:
    source = "word " * 100 + ") " + "word " * 100
    with pytest.raises(QueryError) as caught:
        read(source)
    query, caret = caught.value.pointed(source).splitlines()[:2]
    assert len(query) < 100
    assert query[caret.index("^")] == ")"


def test_bounds_are_told() -> None:
    read("a" * LONGEST)
    with pytest.raises(QueryError, match="2001 characters"):
        read("a" * (LONGEST + 1))
    read("a " * MOST_NODES)
    with pytest.raises(QueryError, match="too large"):
        read("a " * (MOST_NODES + 1))
    assert read("(" * DEEPEST + "a" + ")" * DEEPEST) == A
    for deep in ("(", "-", "NOT ", "-("):
        with pytest.raises(QueryError, match="nested too deeply"):
            read(deep * (DEEPEST + 1) + "a")


class Known:
    """A few names."""

    ids = ("icomos", "blue_shield", "acha")

    def resolve(self, field: str, value: str) -> str | None:
        names = {"blue shield": "blue_shield", **{id: id for id in self.ids}}
        return names.get(value.casefold()) if field == "alliance" else None

    def known(self, field: str) -> Sequence[str]:
        return self.ids if field == "alliance" else ("general_assembly",)


def test_names_stand_for_ids() -> None:
    tree = parse('alliance:("Blue Shield" OR ICOMOS) mention:acha', NOW, Known())
    named = Or((Keyword("alliance", "blue_shield"), Keyword("alliance", "icomos")))
    assert tree == And((named, Keyword("mention", "acha")))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("alliance:icomoss", "icomos"),
        ("mention:blueshield", "blue_shield"),
        ("type:assembly", "general_assembly"),
    ],
)
def test_unknown_names_are_refused_with_near_ones(source: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(source, NOW, Known())
    assert says in caught.value.expected
    parse(source, NOW)


PIECES = '( ) " ” - * : .. \\ AND OR NOT title: on: after: is: 2025 7d place: site: xn-- event: א 文化 word'
pieces = st.sampled_from(PIECES.split())


def attempt(source: str) -> Query | QueryError:
    try:
        return read(source)
    except QueryError as error:
        return error


@unhurried
@given(st.one_of(texts, st.lists(pieces | texts | st.just(" "), max_size=12).map("".join)))
@example("site:\ud800")
@example("site:a..b")
@example("site:" + "ü" * 80)
@example("on:٢٠٢٥")
def test_any_text_is_a_query_or_an_error_with_its_place(source: str) -> None:
    found = attempt(source)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(source)
        assert found.pointed(source)
    else:
        assert parse(unparse(found), NOW, longest=100_000) == found


@unhurried
@given(trees)
def test_a_tree_written_as_text_is_read_as_the_same_tree(tree: Query) -> None:
    assert parse(unparse(tree), NOW, longest=100_000) == tree


@pytest.mark.parametrize("empty", [And(()), Or(()), Between(None, None)])
def test_what_no_text_says_is_not_written(empty: Query) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        unparse(empty)
