"""The gold set itself: that it is what was frozen, that its labels are well-formed, that it covers what it must.

The articles that rules are worked out with (`worked/`) are held to the same form, and share no sentence with it.

How well the program does on it is measured elsewhere.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import get_args

import msgspec
import pytest

from tests.conftest import OUTSIDE
from tests.quality.gold.marked import ARTICLES, EventType, GoldArticle, Phase, as_lines, written
from tests.quality.labelled_sets import WORKED
from training.examples import LONGER, PAGES, reports

# The set is frozen: who changes it writes the reason into its README and the new digest here.
DIGEST = "4dc005f3511e46a2583859343a68fe218ffce1d4c3aa9f9b729a4ed552500834"
DEVSET = OUTSIDE / "devset" / "articles.jsonl"
SEEDS = OUTSIDE / "seeds"
DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
# Scripts written without spaces between words.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


# Words, or letters of scripts without spaces, in a row that no name of a body has.
SENTENCE = 24, 72
Articles = tuple[GoldArticle, ...]


@cache
def articles() -> Articles:
    lines = ARTICLES.read_bytes().splitlines()
    return tuple(msgspec.json.decode(line, type=GoldArticle) for line in lines)


@cache
def worked() -> Articles:
    return written(WORKED)


@cache
def longer() -> Articles:
    return written(LONGER)


@cache
def pages() -> Articles:
    return written(PAGES)


@pytest.fixture(params=[articles, worked, longer, pages], ids=["gold", "worked", "longer", "pages"])
def written_set(request: pytest.FixtureRequest) -> Articles:
    """One set after the other: all are written and labelled by the same rules."""
    made: Articles = request.param()
    return made


def test_no_sentence_of_the_gold_set_is_among_those_that_are_worked_with() -> None:
    gold = set(_shingles((text for each in articles() for text in (each.title, each.text)), *SENTENCE))
    others = [(each.id, each.title, each.text) for each in (*worked(), *longer(), *pages())]
    others += [(each.id, each.title or "", each.text) for each in reports()]
    for name, *words in others:
        shared = gold & set(_shingles(words, *SENTENCE))
        assert not shared, (name, sorted(shared)[:3])


def test_the_set_is_the_frozen_one() -> None:
    assert hashlib.sha256(ARTICLES.read_bytes()).hexdigest() == DIGEST


def test_the_set_is_what_the_marked_articles_say() -> None:
    assert as_lines(written()) == ARTICLES.read_bytes()


def test_evidence_is_an_exact_slice(written_set: Articles) -> None:
    for article in written_set:
        for each in article.labels.evidence:
            field = article.title if each.field == "title" else article.text
            assert field[each.start : each.end] == each.text, article.id
            assert 0 < len(each.text) <= 200, article.id


def test_evidence_proves_labels_that_were_given(written_set: Articles) -> None:
    for article in written_set:
        labels = article.labels
        given = {*labels.alliances, *labels.mentions, *labels.event_types, "date", "edition", "place"}
        given |= set(labels.accept.event_types)
        assert {each.label for each in labels.evidence} <= given, article.id


def test_ids_are_unique_and_no_list_names_twice(written_set: Articles) -> None:
    assert len({article.id for article in written_set}) == len(written_set)
    for article in written_set:
        labels = article.labels
        for items in (labels.alliances, labels.mentions, labels.event_types, labels.not_alliances):
            assert len(set(items)) == len(items), article.id


def test_a_body_is_subject_or_mention_and_no_trap_is_a_label(written_set: Articles) -> None:
    for article in written_set:
        labels = article.labels
        assert not set(labels.alliances) & {*labels.mentions, *labels.not_alliances}, article.id
        allowed = {*labels.alliances, *labels.event_types, *labels.accept.event_types}
        assert not allowed & {trap.label for trap in labels.traps}, article.id
        assert not set(labels.accept.event_types) & set(labels.event_types), article.id
        assert set(labels.accept.headline) <= {*labels.event_types, *labels.accept.event_types}, article.id


def test_phase_and_event_go_with_the_types(written_set: Articles) -> None:
    for article in written_set:
        labels = article.labels
        assert bool(labels.event_types) == bool(labels.phase), article.id
        if "background_profile" in labels.event_types:
            assert labels.event_types == ("background_profile",), article.id
            assert labels.phase == "background", article.id
            assert labels.event_instance is None, article.id
        elif labels.alliances:
            assert labels.event_instance, article.id


def test_negatives_have_no_subject_and_foreign_ones_no_event() -> None:
    for article in articles():
        labels = article.labels
        assert bool(labels.negative) == (not labels.alliances), article.id
        if labels.negative == "foreign":
            assert not labels.event_types, article.id
            assert labels.traps, article.id


def test_facts_are_dates_and_country_codes(written_set: Articles) -> None:
    for article in written_set:
        assert article.published is None or DAY.fullmatch(article.published), article.id
        facts = article.labels.facts
        for span in facts.dates if facts else ():
            assert DAY.fullmatch(span.start), article.id
            assert span.start <= span.end, article.id
        for place in facts.places if facts else ():
            assert re.fullmatch("[A-Z]{2}", place.country), article.id
        for outcome in facts.outcomes if facts else ():
            assert outcome.kind in article.labels.event_types, article.id


def test_articles_have_the_length_of_short_news() -> None:
    for article in articles():
        letters = len(UNSPACED.findall(article.text))
        if letters > len(article.text) / 3:
            assert 200 <= letters <= 1200, article.id
        else:
            assert 80 <= len(article.text.split()) <= 400, article.id


def test_the_set_is_large_and_of_many_languages() -> None:
    assert len(articles()) >= 170
    assert len({article.language for article in articles()}) >= 12
    assert sum(not article.labels.alliances for article in articles()) >= 70
    assert sum(len(article.labels.evidence) for article in articles()) >= 80
    assert sum(article.labels.facts is not None for article in articles()) >= 60


def test_every_event_type_leads_and_follows() -> None:
    subject = [article.labels.event_types for article in articles() if article.labels.alliances]
    leading = {types[0] for types in subject}
    following = {kind for types in subject for kind in types[1:]}
    assert leading == set(get_args(EventType))
    assert following == leading - {"background_profile"}
    for kind in leading:
        assert sum(kind in types for types in subject) >= 2, kind


def test_every_phase_is_there() -> None:
    found = [article.labels.phase for article in articles()]
    assert all(found.count(phase) >= 10 for phase in get_args(Phase))


def test_thirty_events_are_told_in_several_languages() -> None:
    languages: dict[str, set[str]] = defaultdict(set)
    for article in articles():
        if article.labels.event_instance:
            languages[article.labels.event_instance].add(article.language)
    assert sum(len(found) > 1 for found in languages.values()) >= 30


def test_near_duplicates_are_of_one_event() -> None:
    groups: dict[str, list[str | None]] = defaultdict(list)
    for article in articles():
        if article.labels.near_dup_group:
            groups[article.labels.near_dup_group].append(article.labels.event_instance)
    assert groups
    assert all(len(events) > 1 and len(set(events)) == 1 for events in groups.values())


@pytest.mark.skipif(
    not DEVSET.exists() or not SEEDS.exists(),
    reason="the labelled articles are not beside this checkout (../shared/devset, ../shared/seeds)",
)
def test_no_sentence_is_taken_from_the_labelled_articles(written_set: Articles) -> None:
    length = () if written_set == articles() else SENTENCE
    theirs = set(_shingles(_known(), *length))
    for article in written_set:
        shared = theirs & set(_shingles([article.title, article.text], *length))
        assert not shared, (article.id, sorted(shared)[:3])


def test_shingles_see_copied_words() -> None:
    sentence = "one two three four five six seven eight nine ten eleven twelve thirteen"
    assert set(_shingles([sentence])) & set(_shingles([f"Zero, {sentence.title()}!"]))
    assert not set(_shingles(["one two three four five six seven eight nine ten eleven"]))


def _known() -> Iterator[str]:
    for line in DEVSET.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield from (row["title"] or "", row["text"])
    for path in sorted(SEEDS.glob("*.txt")):
        yield path.read_text(encoding="utf-8")


def _shingles(texts: Iterable[str], many_words: int = 12, many_letters: int = 24) -> Iterator[str]:
    """So many words in a row and, of scripts without spaces, so many letters in a row."""
    for text in texts:
        words = re.findall(r"\w+", text.casefold())
        if not UNSPACED.search(text):
            yield from (" ".join(words[at : at + many_words]) for at in range(len(words) - many_words + 1))
        letters = "".join(UNSPACED.findall(text))
        yield from (letters[at : at + many_letters] for at in range(len(letters) - many_letters + 1))
