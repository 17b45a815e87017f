"""What a query means on one article: in every script, under logic's laws, with the words that made it match."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.article import (
    AllianceTag,
    Article,
    ArticleSource,
    EventRef,
    EventTypeTag,
    Evidence,
    Place,
)
from shared.query.ast import And, Not, Or, Phrase, Prefix, Query, Word
from shared.query.evaluate import SearchDocument, date_of, keywords, matched_spans, matches, merged
from shared.query.parse import parse
from shared.text import phrase, tokens
from tests.unit.query_samples import NOW, trees
from tests.unit.text_samples import SENTENCES, texts, unhurried


def article(title: str = "", text: str = "", language: str = "en", **changes: Any) -> Article:
    settled: dict[str, Any] = {
        "id": "a1",
        "url": "https://news.example.org/a1",
        "canonical_url": "https://news.example.org/a1",
        "source": ArticleSource(id="Example", name="Example"),
        "first_seen_at": NOW,
        "fetched_at": NOW,
        "content_hash": "",
        "parse_version": 1,
    }
    return Article(title=title, text=text, language=language, **(settled | changes))


def proof(text: str, word: str, field: Any = "text") -> tuple[Evidence, ...]:
    start = text.index(word)
    return (Evidence(text=word, field=field, start=start, end=start + len(word)),)


TEXT = (
    "In Xi’an the second assembly of the alliance adopted a charter. Museums were restored, a museum opened."
)
LABELLED = article(
    "Alliance meets in Xi’an",
    TEXT,
    source=ArticleSource(id="WHC-News", name="WHC", country="FR", quality="official"),
    url="https://en.news.Bücher.co.uk:8080/a",
    canonical_url="http://[not an address",
    authors=("José Núñez", "李雷"),
    published_at=datetime(2025, 11, 26, 23, 30, tzinfo=UTC),
    language="en-GB",
    alliances=(
        AllianceTag(
            id="acha", name="ACHA", role="subject", confidence=1, rule="n", evidence=proof(TEXT, "alliance")
        ),
        AllianceTag(id="icomos", name="ICOMOS", role="mention", confidence=1, rule="n", evidence=()),
    ),
    event_types=(
        EventTypeTag(id="general_assembly", confidence=1, rule="n", evidence=proof(TEXT, "second assembly")),
    ),
    phase="report",
    event=EventRef(id="Ev1", title="The assembly"),
    places=(Place(name="Xi'an", evidence=proof(TEXT, "Xi’an")), Place(name="重庆")),
    duplicate_of="a0",
)


def holds(source: str, one: Article = LABELLED) -> bool:
    return matches(parse(source, NOW), one)


@pytest.mark.parametrize(
    "source",
    [
        "charter",
        "CHARTERS",
        "museum",
        "restoring",
        '"second assembly"',
        '"museums were restored"',
        "title:meeting",
        'title:"alliance meets"',
        "title:all*",
        "char*",
        "xi'an",
        "alliance:acha mention:icomos",
        "-alliance:icomos -mention:acha",
        "event:ev1 type:general_assembly phase:report",
        "source:whc-news quality:official country:fr",
        "lang:en lang:en-gb lang:EN_GB",
        'place:"XI AN" place:重庆',
        "author:(“jose nunez” AND 李雷)",
        "site:xn--bcher-kva.co.uk site:bücher.co.uk site:en.news.bücher.co.uk",
        "-site:co.uk -site:uk -site:other.bücher.co.uk",
        "is:duplicate",
        "on:2025-11-26 after:2025-11-26T23:30Z before:2025-11-27",
        "on:2025-11 on:2025 on:2025-11-20..2025-11-26",
        "nothing OR charter",
        "-nothing",
    ],
)
def test_what_matches(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        '"museum were"',
        '"charters"',
        '"assembly second"',
        '"an alliance"',  # would reach from the title into the text and back
        "title:charter",
        "title:museum",
        "muse",
        "alliance:icomos",
        "place:xi",
        "author:nunez",
        "site:news.example.org",
        "on:2025-11-25",
        "before:2025-11-26T23:30Z",
        "after:2025-11-26T23:31Z",
        "charter -museum",
        "NOT charter",
    ],
)
def test_what_does_not(source: str) -> None:
    assert not holds(source)


def test_a_phrase_never_reaches_from_title_to_text() -> None:
    one = article("first second", "third fourth")
    assert not holds('"second third"', one)
    assert holds('"third fourth"', one)


def test_words_match_inflected_forms_in_the_articles_language_only() -> None:
    assert holds("наследия", article(text="Всемирное наследие", language="ru"))
    assert holds("conservacoes", article(text="A conservação do patrimônio", language="pt-BR"))
    assert not holds("наследия", article(text="Всемирное наследие", language="und"))
    assert not holds("restorations", article(text="restored", language="fr"))


def test_dates_fall_back_to_the_first_sight_and_are_utc() -> None:
    assert date_of(article(first_seen_at=NOW)) == NOW
    assert date_of(article(published_at=NOW.replace(tzinfo=None))) == NOW
    assert holds("after:1h", article(first_seen_at=NOW - timedelta(minutes=59)))
    assert not holds("after:1h", article(first_seen_at=NOW - timedelta(minutes=61)))


def test_every_keyword_field_is_there_for_every_article() -> None:
    found = keywords(article(language="zh-Hant"))
    assert found["lang"] == {"zh", "zh-hant"}
    assert found["site"] == {"news.example.org", "example.org"}
    assert found["place"] == found["event"] == frozenset()
    assert keywords(article(url="http://192.0.2.7/x", canonical_url="file:///tmp/x"))["site"] == {"192.0.2.7"}


@pytest.mark.parametrize("language", SENTENCES)
@given(data=st.data())
@unhurried
def test_any_stretch_of_a_text_is_a_phrase_of_it(language: str, data: st.DataObject) -> None:
    sentence = SENTENCES[language]
    one = article("Title", f"{SENTENCES['en']} {sentence} {SENTENCES['zh']}", language)
    found = tokens(sentence)
    first = data.draw(st.integers(0, len(found) - 1))
    last = data.draw(st.integers(first, min(len(found) - 1, first + 12)))
    row = phrase(sentence[found[first].start : found[last].end])
    assert matches(Phrase(row), one)
    assert any(s.text in one.text for s in matched_spans(Phrase(row), one))
    assert matches(Word(found[first].text), one)
    assert matches(Prefix(found[first].text[:1]), one)


documents = st.one_of(
    st.just(LABELLED),
    st.builds(article, texts, texts, st.sampled_from(["en", "ru", "zh", "ar", "und", "pt-BR"])),
)


@unhurried
@given(trees, trees, documents)
def test_logic_holds(one: Query, other: Query, found: Article) -> None:
    document = SearchDocument.of_article(found)

    def says(query: Query) -> bool:
        return matches(query, document)

    assert says(Not(And((one, other)))) == says(Or((Not(one), Not(other))))
    assert says(Not(Or((one, other)))) == says(And((Not(one), Not(other))))
    assert says(Not(Not(one))) == says(one)
    assert says(Or((one, Not(one))))
    assert not says(And((one, Not(one))))


@unhurried
@given(trees, documents)
def test_spans_are_slices_in_order_of_articles_that_match(query: Query, found: Article) -> None:
    spans = matched_spans(query, found)
    if not matches(query, found):
        assert spans == []
    for field in ("title", "text"):
        whole, ends = getattr(found, field), 0
        for span in [s for s in spans if s.field == field]:
            assert ends <= span.start < span.end
            assert span.text == whole[span.start : span.end]
            ends = span.end


@unhurried
@given(texts.filter(lambda text: bool(phrase(text))), texts)
def test_the_words_of_a_phrase_are_its_spans(asked: str, around: str) -> None:
    found = article(text=f"{around} {asked}.")
    spans = matched_spans(Phrase(phrase(asked)), found)
    assert spans
    if len(spans) == 1 and not around:
        assert phrase(spans[0].text) == phrase(asked)


def marked(source: str) -> list[str]:
    return [f"{s.field}:{s.text}" for s in matched_spans(parse(source, NOW), LABELLED)]


def test_spans_show_why_a_query_matched() -> None:
    assert marked("museum") == ["text:Museums", "text:museum"]
    assert marked('"xi an"') == ["title:Xi’an", "text:Xi’an"]
    assert marked("title:alliance") == ["title:Alliance"]
    assert marked("chart*") == ["text:charter"]
    assert marked("alliance:acha type:general_assembly") == ["text:second assembly", "text:alliance"]
    assert marked("place:xi'an") == ["text:Xi’an"]
    assert marked("mention:icomos OR is:duplicate OR after:2025") == []


def test_only_conditions_that_helped_to_match_are_shown() -> None:
    assert marked("charter -nothing") == ["text:charter"]
    assert marked("(museum nothing) OR charter") == ["text:charter"]
    assert marked("NOT NOT charter") == ["text:charter"]
    assert marked("NOT (nothing OR NOT charter)") == ["text:charter"]
    assert marked("charter -(museum nothing)") == ["text:charter"]


def test_overlapping_spans_are_one() -> None:
    assert marked('assembly OR "second assembly" OR type:general_assembly') == ["text:second assembly"]
    assert merged([(3, 5), (0, 2), (1, 3), (7, 7), (4, 6)]) == [(0, 3), (3, 6)]


def test_proofs_that_lie_outside_the_text_are_left_out() -> None:
    beyond = Evidence(text="x", field="text", start=5, end=9999)
    tag = LABELLED.alliances[0]
    wrong = AllianceTag(**{f: getattr(tag, f) for f in tag.__struct_fields__} | {"evidence": (beyond,)})
    found = article(text=TEXT, alliances=(wrong,))
    assert [s.text for s in matched_spans(parse("alliance:acha charter", NOW), found)] == ["charter"]


def test_a_document_may_be_changed_for_a_what_if() -> None:
    document = SearchDocument.of_article(LABELLED)
    assert not matches(parse("is:duplicate", NOW), replace(document, duplicate=False))
