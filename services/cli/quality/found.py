"""What the program says of labelled articles: each goes through the parser as a plain text that a feed named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import zstandard
from msgspec.structs import replace

from services.cli.quality.labelled import Labelled
from services.parser.classify import Classification, Classifier
from services.parser.parse import parse, read
from services.parser.refusals import NotAnArticle
from shared.contracts.aliases import Alias
from shared.contracts.messages import EventFacts, FeedEntry, FetchedDocument, ParsedArticle, Source
from shared.errors import BadMessage

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
"""When all are said to be fetched: later than they were published, near enough for a date without its year."""


@dataclass(frozen=True, slots=True)
class Found:
    """An article and what was found: by the whole parser, and by classification of the text as it lies there.

    The second has the offsets of the labelled text, so evidence is judged by it. `parsed` is None for what the
    parser takes for no article; `reason` says why.
    """

    labelled: Labelled
    parsed: ParsedArticle | None
    raw: Classification
    reason: str = ""


def found(articles: Iterable[Labelled], classifier: Classifier) -> Sequence[Found]:
    """Parse all of them."""
    return tuple(_found(each, classifier) for each in articles)


def _found(labelled: Labelled, classifier: Classifier) -> Found:
    raw = classifier.classify(
        labelled.title or "", labelled.text, language=labelled.language, published=published_on(labelled)
    )
    document = _document(labelled)
    try:
        reading = read(document)
    except (NotAnArticle, BadMessage) as e:
        return Found(labelled, None, raw, str(e))
    alias = Alias(address=document.url, article=labelled.id, url=document.url, first_seen_at=AS_OF)
    parsed = parse(document, classifier, reading, alias)
    # A label may tell the month or the year alone.
    facts = replace(parsed.facts, published=labelled.published or parsed.facts.published)
    return Found(labelled, replace(parsed, facts=facts), raw)


def rightly_labelled(one: Found) -> EventFacts:
    """What the grouping goes by, with the alliances, kinds and phase that are right. `one` was parsed."""
    if one.parsed is None:
        raise ValueError(f"{one.labelled.id} was taken for no article")
    labels = one.labelled
    return replace(
        one.parsed.facts,
        alliances=tuple(sorted(labels.alliances)),
        event_types=labels.event_types,
        phase=labels.phase or "background",
    )


def published_on(labelled: Labelled) -> date | None:
    """The day of publication, the first of the month where no day is told."""
    parts = [int(part) for part in (labelled.published or "")[:10].split("-") if part]
    return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1) if len(parts) > 1 else None


def _document(labelled: Labelled) -> FetchedDocument:
    body = labelled.text.encode()
    day = published_on(labelled)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    url = labelled.url or f"file:///{labelled.id}.txt"
    return FetchedDocument(
        url=url,
        final_url=url,
        source=Source(id="labelled"),
        entry=FeedEntry(title=labelled.title, published=at) if labelled.title else None,
        media_type="text/plain; charset=utf-8",
        body=zstandard.compress(body),
        size=len(body),
        sha256="",
        fetched_at=AS_OF,
    )
