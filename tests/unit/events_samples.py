"""Made-up articles for the tests of the events service: few values each, so that they collide often."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from msgspec.structs import replace

from shared.bus.port import Record
from shared.contracts.article import AllianceTag, Article, ArticleSource, DateSpan, EventTypeTag, Quality
from shared.contracts.messages import EventFacts, ParsedArticle
from shared.contracts.wire import Headers, Received, new_traceparent
from shared.text.minhash import signature

START = datetime(2025, 1, 1, tzinfo=UTC)
WORDS = [
    f"{a}{b}" for a in ("stone", "roof", "mural", "tile", "arch") for b in ("work", "yard", "craft", "keeper")
]
TYPES = ("general_assembly", "council_meeting", "agreement_mou", "award", "statement_message", "restitution")
EDITIONS = ("general_assembly:1", "general_assembly:2", "council_meeting:2", "3")
QUALITIES: tuple[Quality, ...] = ("official", "agency", "press", "aggregator")


def span(start: str, end: str | None = None) -> DateSpan:
    """An event's day or days."""
    return DateSpan(start=start, end=end or start, role="event")


def words_of(text: int, edit: int) -> list[str]:
    """One of a few texts of 60 words, with one word in twenty changed if `edit` is not 0."""
    words = [WORDS[(text * 7 + n * (text + 1) + n // 20) % len(WORDS)] + str(text) for n in range(60)]
    return [f"{w}{edit}" if edit and n % 20 == edit else w for n, w in enumerate(words)]


def day(number: int) -> str:
    """A day of 2025, counted from its first."""
    return (date(2025, 1, 1) + timedelta(days=number)).isoformat()


def _pool(size: int) -> list[EventFacts]:
    """Facts of few values each, the same in every run."""
    random = Random(5)

    def some(*values: str, most: int = 2) -> tuple[str, ...]:
        return tuple(random.sample(values, random.randint(0, min(most, len(values)))))

    def spans() -> Iterator[DateSpan]:
        for _ in range(random.choice((0, 1, 1, 2))):
            first = random.randint(0, 60)
            yield random.choice(
                (
                    span(day(first), day(first + first % 4)),
                    span(day(first)),
                    span(day(first)[4:].replace("-", "--", 1)),
                    DateSpan(start=day(first)[:7], end=day(first)[:7], precision="month", role="event"),
                )
            )

    return [
        EventFacts(
            article_id="",
            alliances=some("acha", "acha", "unesco"),
            event_types=some(*TYPES, most=3),
            editions=some(*EDITIONS, "", "") if random.random() < 0.4 else (),
            places=some("Xi'an", "Chongqing", "China", "France"),
            organisations=some("City Bureau", "Stone Museum", most=1),
            dates=tuple(spans()),
            outcomes=some("Charter", "Consensus", most=1),
            numbers=some("31 project", "33 country", "4327", "2.5"),
            title_terms=some("tiles", "murals", "bridge", "tower", "meeting", most=4),
            phase=random.choice(("preview", "report", "followup", "background")),
            language=random.choice(("en", "zh")),
            published=random.choice((None, day(random.randint(0, 70)))),
            quality=random.choice(QUALITIES),
            signature=signature(words_of(random.randint(0, 4), random.randint(0, 2))),
        )
        for _ in range(size)
    ]


POOL = _pool(400)


def of(id: str, facts: EventFacts) -> EventFacts:
    """The facts, told by an article with that id."""
    return replace(facts, article_id=id)


def parsed(
    of: EventFacts, *, fetched: int = 0, content: str = "first", parse_version: int = 1
) -> ParsedArticle:
    """The parsed article with these facts, first seen and fetched so many hours after the start."""
    number = int(of.article_id.removeprefix("a") or 0)
    return ParsedArticle(
        article=Article(
            id=of.article_id,
            url=f"https://example.org/{of.article_id}",
            canonical_url=f"https://example.org/{of.article_id}",
            source=ArticleSource(id=f"s{number % 3}", name=f"Source {number % 3}", quality=of.quality),
            title=f"Headline {of.article_id}",
            text=content,
            # Not in the order of the numbers, so that the older article often comes later.
            first_seen_at=START + timedelta(hours=number * 7 % 11),
            fetched_at=START + timedelta(hours=100 + fetched),
            language=of.language,
            alliances=tuple(
                AllianceTag(id=a, name=a.upper(), role="subject", confidence=1, rule="test", evidence=())
                for a in of.alliances
            ),
            event_types=tuple(
                EventTypeTag(id=t, confidence=1, rule="test", evidence=()) for t in of.event_types
            ),
            content_hash=content,
            parse_version=parse_version,
        ),
        facts=of,
    )


def received(message: ParsedArticle) -> Received:
    """The message as the runner hands it to the step."""
    record = Record("parsed", 0, 0, message.article.id, b"", {}, 0)
    return Received(record, message, Headers("id", "parsed/1", new_traceparent()))
