"""Articles per second against stored queries: the matcher, and trying every query, in one run.

    python -m benchmarks.matcher [--queries 10000] [--articles 2000]

Prints one JSON line. `ratio` is the matcher's speed over that of trying every query, both on articles that are
analysed already, in seconds of the processor and by turns; it is what to quote. `with_analysis` is the matcher's speed
with the analysis of the text. Words are drawn as in a language: few often, most of them rarely (Zipf). Both sides must
give the same answers, or it fails.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from typing import TypeVar

import click

from services.alerter.matcher import Matcher
from shared.contracts.article import AllianceTag, Article, ArticleSource, EventTypeTag
from shared.query.ast import Query
from shared.query.evaluate import SearchDocument, matches
from shared.query.parse import parse

NOW = datetime(2026, 1, 5, tzinfo=UTC)
VOCABULARY, WORDS, LANGUAGES = 40_000, 300, ("en", "en", "fr", "es")
# Nobody asks for words that stand in more than one of a hundred articles, by themselves.
RAREST_COMMON = 3_000
SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]
# Rounds, and how many articles of each every query is tried on.
ROUNDS, TRIED = 10, 3
ALLIANCES = [f"alliance_{n}" for n in range(40)]
TYPES = [f"type_{n}" for n in range(20)]
T = TypeVar("T")


class Language:
    """Words, drawn as often as people write them."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        made: dict[str, None] = {}
        while len(made) < VOCABULARY:
            made["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4)))] = None
        self.words = list(made)
        self.weights = list(accumulate(1 / (rank + 2) for rank in range(VOCABULARY)))

    def text(self, count: int) -> str:
        """So many words of running text."""
        return " ".join(self.draw.choices(self.words, cum_weights=self.weights, k=count))

    def asked(self) -> str:
        """A word as people search for: hardly ever one of the very common."""
        return self.words[int(RAREST_COMMON * (VOCABULARY / RAREST_COMMON) ** self.draw.random())]

    def article(self, number: int) -> Article:
        """An article of about 2 KB with labels."""
        alliances = self.draw.sample(ALLIANCES, self.draw.choice((0, 1, 1, 2)))
        return Article(
            id=f"a{number}",
            url=f"https://site{number % 500}.example/{number}",
            canonical_url=f"https://site{number % 500}.example/{number}",
            source=ArticleSource(id=f"source-{number % 500}", name="Source", country="FR"),
            title=self.text(9),
            text=self.text(WORDS),
            first_seen_at=NOW,
            fetched_at=NOW,
            language=self.draw.choice(LANGUAGES),
            alliances=tuple(
                AllianceTag(id=a, name=a, role="subject", confidence=1, rule="r", evidence=())
                for a in alliances
            ),
            event_types=(EventTypeTag(id=self.draw.choice(TYPES), confidence=1, rule="r", evidence=()),),
            content_hash="",
            parse_version=1,
        )

    def query(self) -> str:
        """One of the kinds people ask."""
        a, b, c = (self.asked() for _ in range(3))
        alliance, type = self.draw.choice(ALLIANCES), self.draw.choice(TYPES)
        return self.draw.choice(
            (
                a,
                f"{a} {b}",
                f"{a} {b} {c}",
                f'"{a} {b}"',
                f'"{a} {b}" OR "{b} {c}"',
                f"({a} OR {b}) {c}",
                f"{a} -{b}",
                f"alliance:{alliance} {a}",
                f"alliance:{alliance} type:{type} -{a}",
                f"title:{a} OR {b}",
                f"{a[:5]}* {b}",
                f"{a} lang:fr after:7d",
            )
        )


def tried(trees: Mapping[str, Query], document: SearchDocument) -> set[str]:
    """What trying every query gives."""
    return {id for id, tree in trees.items() if matches(tree, document)}


def store(matcher: Matcher, asked: Mapping[str, str]) -> None:
    """Every query into the matcher."""
    for id, text in asked.items():
        matcher.put(id, text, NOW)


def timed(function: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and how many seconds of the processor it took."""
    started = time.process_time()
    found = function()
    return found, time.process_time() - started


@click.command()
@click.option("--queries", default=10_000, show_default=True)
@click.option("--articles", default=2_000, show_default=True)
def main(queries: int, articles: int) -> None:
    """Measure, and check that both sides agree."""
    language = Language(random.Random(20260105))
    asked = {f"s{n}": language.query() for n in range(queries)}
    trees = {id: parse(text, NOW) for id, text in asked.items()}
    written = [language.article(n) for n in range(articles)]
    matcher = Matcher()
    _, storing = timed(lambda: store(matcher, asked))
    documents, analysing = timed(lambda: [SearchDocument.of_article(one) for one in written])
    for document in documents:  # learns what is rare
        matcher.matching(document, NOW)
    matching = trying = 0.0
    matched = 0
    for begin in range(0, articles, articles // ROUNDS):  # by turns, so that both meet the same noise
        part = documents[begin : begin + articles // ROUNDS]
        found, seconds = timed(lambda part=part: [set(matcher.matching(one, NOW)) for one in part])  # type: ignore[misc]
        matching += seconds
        matched += sum(map(len, found))
        few = part[:TRIED]
        expected, seconds = timed(lambda few=few: [tried(trees, one) for one in few])  # type: ignore[misc]
        trying += seconds / len(few) * len(part)
        if found[:TRIED] != expected:
            raise click.ClickException("the matcher does not give what trying every query gives")
    line = {
        "benchmark": "matcher",
        "queries": queries,
        "articles": articles,
        "matched_per_article": round(matched / articles, 2),
        "articles_per_second": round(articles / matching),
        "with_analysis": round(articles / (matching + analysing)),
        "trying_all_per_second": round(articles / trying, 1),
        "ratio": round(trying / matching),
        "stored_per_second": round(queries / storing),
    }
    click.echo(json.dumps(line))


if __name__ == "__main__":
    main()
