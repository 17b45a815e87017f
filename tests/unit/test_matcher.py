"""The matcher finds for every article the subscriptions whose query matches it, all of them and no other."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.alerter.matcher as matcher_module
from services.alerter.anchors import Anchor, cover
from services.alerter.matcher import Matcher
from services.alerter.rarity import Rarity
from services.alerter.reverse_index import ReverseIndex
from shared.contracts.article import Article
from shared.query.ast import And, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.evaluate import SearchDocument, matches
from shared.query.parse import LONGEST, QueryError, parse
from shared.query.unparse import unparse
from tests.contract.index_articles import BEGIN, WORDS, article, many
from tests.contract.test_index_meaning import combined
from tests.contract.test_index_meaning import leaves as leaves_of_articles
from tests.shipped import shipped_taxonomy
from tests.unit.query_samples import NOW, trees
from tests.unit.text_samples import SENTENCES, unhurried


@lru_cache(maxsize=1)
def articles() -> Sequence[Article]:
    """In every script; the languages of some are told in other words, or are none we know."""
    sentences = [
        article(f"s{n}", sentence[:20], sentence, language=language)
        for n, (language, sentence) in enumerate(SENTENCES.items())
    ]
    return (*many(60, seed=20260105, length=14), *sentences)


@lru_cache(maxsize=1)
def documents() -> Sequence[SearchDocument]:
    return [SearchDocument.of_article(one) for one in articles()]


def texts_of(queries: Sequence[Query]) -> list[str]:
    texts: list[str] = []
    for query in queries:
        try:
            text = unparse(query)
            parse(text, NOW)
            texts.append(text)
        except (ValueError, QueryError):  # a tree that no text says, or a longer one than people may write
            continue
    return texts


RELATIVE = ["after:7d", "museum before:2w", "on:9d..1d OR temple", "NOT after:3m", "on:7d..2026-06-01 музей"]
asked = st.lists(st.one_of(trees, st.recursive(leaves_of_articles, combined, max_leaves=8)), max_size=30)


@unhurried
@given(queries=asked, relative=st.sets(st.sampled_from(RELATIVE)), data=st.data())
def test_it_finds_what_trying_every_query_finds(
    queries: list[Query], relative: set[str], data: st.DataObject
) -> None:
    """While queries come, go and change, and after the anchors were chosen anew."""
    matcher = Matcher()
    held: dict[str, str] = {}
    texts = texts_of(queries) + sorted(relative)
    for number, document in enumerate(documents()):
        if texts and number % 8 == 0:
            for _ in range(data.draw(st.integers(1, 6))):
                id = f"s{data.draw(st.integers(0, 12))}"
                if data.draw(st.booleans()) or id not in held:
                    held[id] = data.draw(st.sampled_from(texts))
                    matcher.put(id, held[id], NOW)
                else:
                    del held[id]
                    matcher.remove(id)
        arrival = BEGIN + timedelta(days=number % 30)
        expected = {id for id, text in held.items() if holds(text, document, arrival)}
        assert matcher.matching(document, arrival).keys() == expected
    assert len(matcher) == len(held)


def holds(text: str, document: SearchDocument, now: datetime) -> bool:
    try:
        return matches(parse(text, now), document)
    except QueryError:
        return False


@pytest.fixture(autouse=True)
def learning_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anchors are chosen anew within the articles of a test."""
    monkeypatch.setattr(matcher_module, "LEARNT", 16)
    monkeypatch.setattr(matcher_module, "TIMES", 2)
    monkeypatch.setattr(matcher_module, "LOOKED_AT", 3)


@unhurried
@given(query=st.one_of(trees, st.recursive(leaves_of_articles, combined, max_leaves=8)))
def test_what_matches_holds_an_anchor(query: Query) -> None:
    index = ReverseIndex[str]()
    anchors = cover(query, Rarity().share)
    index.put("it", anchors)
    for document in documents():
        if matches(query, document):
            assert index.candidates(document) == {"it"}
    index.remove("it", anchors)
    assert not any(map(index.candidates, documents()))


def share(anchor: Anchor) -> float:
    return {"rare": 0.01, "common": 0.9}.get(anchor.value, 0.5)


def anchors(query: Query) -> set[str] | None:
    found = cover(query, share)
    return None if found is None else {anchor.value for anchor in found}


RARE, COMMON, OTHER = Word("rare"), Word("common"), Phrase(("some", "thing"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (And((COMMON, RARE, OTHER)), {"rare"}),
        (Or((RARE, COMMON)), {"rare", "common"}),
        (And((COMMON, Or((RARE, RARE)))), {"rare"}),
        (And((COMMON, Or((RARE, COMMON)))), {"common"}),
        (Phrase(("common", "rare", "common")), {"rare"}),
        (And((COMMON, Not(RARE))), {"common"}),
        (Not(Or((Not(RARE), Not(COMMON)))), {"rare"}),
        (Not(Not(RARE)), {"rare"}),
        (Prefix("restor"), {"rest"}),
        (Keyword("lang", "EN"), {"en"}),
        (Not(RARE), None),
        (Or((RARE, Not(COMMON))), None),
        (And(()), None),
        (Or(()), set()),
        (Phrase(()), None),
    ],
)
def test_a_query_is_kept_under_the_rarest_it_requires(query: Query, expected: set[str] | None) -> None:
    assert anchors(query) == expected


def test_what_is_rare_is_learnt() -> None:
    rarity = Rarity()
    heritage, angkor = Anchor("word", "all", "heritage"), Anchor("word", "all", "angkor")
    assert rarity.share(heritage) < rarity.share(angkor)
    for number in range(50):
        text = "Heritage news" if number else "Heritage of Angkor"
        rarity.learn(SearchDocument.of_article(article("a", text)))
    assert rarity.share(heritage) > 0.7
    assert rarity.share(angkor) < 0.1
    assert rarity.share(Anchor("word", "all", "heritages")) > 0.7, "by their stem"
    assert rarity.share(Anchor("keyword", "lang", "en")) > 0.7


def ids(matcher: Matcher, one: Article, now: datetime = NOW) -> set[str]:
    return set(matcher.matching(SearchDocument.of_article(one), now))


def test_relative_dates_count_back_from_the_arrival() -> None:
    matcher = Matcher()
    matcher.put("s1", "museum after:7d", NOW)
    matcher.put("s2", "museum on:400d..2025-12-01", datetime(2025, 6, 1, tzinfo=UTC))
    old = article("a1", "A museum", published_at=datetime(2025, 11, 1, tzinfo=UTC))
    assert ids(matcher, old, datetime(2025, 11, 5, tzinfo=UTC)) == {"s1", "s2"}
    assert ids(matcher, old, datetime(2025, 11, 9, tzinfo=UTC)) == {"s2"}
    # A range that would end before it begins matches nothing, and stands in nobody's way.
    assert ids(matcher, old, datetime(2027, 11, 9, tzinfo=UTC)) == set()
    assert ids(matcher, old, datetime(2025, 11, 5, tzinfo=UTC)) == {"s1", "s2"}


def test_a_query_that_is_none_matches_nothing_in_place_of_the_old_one() -> None:
    matcher = Matcher(shipped_taxonomy())
    matcher.put("s1", "museum", NOW)
    matcher.put("s2", "museum", NOW)
    with pytest.raises(QueryError):
        matcher.put("s1", "alliance:nobody", NOW)
    assert ids(matcher, article("a1", "A museum")) == {"s2"}
    matcher.remove("s1")
    matcher.remove("unheard-of")
    assert len(matcher) == 1


def test_names_are_resolved() -> None:
    matcher = Matcher(shipped_taxonomy())
    matcher.put("s1", 'alliance:"Alliance for Cultural Heritage in Asia"', NOW)
    (one,) = [a for a in articles() if {t.id for t in a.alliances if t.role == "subject"} == {"acha"}][:1]
    assert ids(matcher, one) == {"s1"}


@pytest.mark.parametrize("language", [language for language in WORDS if language != "und"])
def test_every_word_of_every_script_leads_to_its_queries(language: str) -> None:
    matcher = Matcher()
    for number, word in enumerate(WORDS[language]):
        matcher.put(f"s{number}", word, NOW)
        assert len(word) < LONGEST
    for one in articles():
        expected = {f"s{n}" for n, word in enumerate(WORDS[language]) if matches(parse(word, NOW), one)}
        assert ids(matcher, one) == expected
