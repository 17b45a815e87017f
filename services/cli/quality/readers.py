"""Corrections as labelled articles, and how right the program was about what readers put right."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from msgspec import Struct

from services.cli.quality.measures import Counts, compared
from services.events.documents import ARTICLES, ArticleDocument, decode_article
from services.events.said import as_found
from services.parser.classify import Classification, Classifier
from shared.contracts.article import Article
from shared.contracts.messages import CorrectedField, Correction
from shared.corrections.applying import corrected, labels_of, role_of
from shared.corrections.keeping import FIELDS
from shared.rights import shown
from shared.store.port import Store
from shared.taxonomy.taxonomy import Taxonomy

READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Read:
    """An article and what readers said of it; the document is as the events service keeps it."""

    document: ArticleDocument
    said: Sequence[Correction]


class Judged(Struct, frozen=True, kw_only=True):
    """One field of the corrected articles: labels the program had right, wrong and missed, when it was corrected."""

    corrections: int
    right: int
    wrong: int
    missed: int
    precision: float
    recall: float


class Standing(Struct, frozen=True, kw_only=True):
    """How right the program was by what readers said. `then` is when they said it, `now` by the rules of today.

    Only articles that somebody corrected are counted: the figures say where it errs, not how often.
    """

    articles: int
    corrected: int
    then: Mapping[str, Judged]
    now: Mapping[str, Judged]


def read_corrected(store: Store, corrections: Iterable[Correction]) -> Iterator[Read]:
    """The corrected articles with their corrections. One that is gone from the store is passed over."""
    by_article = ((id, list(said)) for id, said in groupby(corrections, key=lambda c: c.article))
    while batch := dict(islice(by_article, READ_AT_ONCE)):
        kept = store.get_many(ARTICLES, list(batch))
        yield from (Read(decode_article(kept[id].body), said) for id, said in batch.items() if id in kept)


def labelled_row(read: Read, taxonomy: Taxonomy) -> dict[str, Any]:
    """A line that `heritage-wire quality` reads: the article with the labels that hold, and which were judged.

    Of a source that allows no republication the text is its excerpt.
    """
    article = shown(corrected(read.document.article, read.said, taxonomy))
    before = as_found(read.document).article
    return {
        "id": article.id,
        "language": article.language,
        "url": article.url,
        "source": article.source.name,
        "published": _told_day(article.published_at, article.published_precision),
        "title": article.title,
        "text": article.text,
        "excerpt": article.rights == "excerpt",
        "labels": {
            "alliances": [tag.id for tag in article.alliances if tag.role == "subject"],
            "mentions": [tag.id for tag in article.alliances if tag.role == "mention"],
            "event_types": [tag.id for tag in article.event_types],
            "phase": article.phase if article.event_types else None,
            "event_instance": article.event.id if article.event else None,
        },
        "corrected": [correction.field for correction in read.said],
        "found": {field: list(labels_of(before, field)) for field in FIELDS if field != "event"},
        "notes": [correction.note for correction in read.said if correction.note],
        "at": max(correction.at for correction in read.said).isoformat(),
    }


def standing(reads: Iterable[Read], articles: int, classifier: Classifier) -> Standing:
    """Count what readers said against what was found, then and now."""
    then: dict[CorrectedField, list[Counts]] = {}
    now: dict[CorrectedField, list[Counts]] = {}
    corrected_articles = 0
    for read in reads:
        corrected_articles += 1
        today = _today(read.document.article, classifier)
        for correction in read.said:
            field, right = correction.field, _comparable(correction.field, correction.right)
            was = _comparable(field, correction.was)
            then.setdefault(field, []).append(compared(was, right))
            if field != "event":
                now.setdefault(field, []).append(compared(_found_in(today, field), right))
    return Standing(articles=articles, corrected=corrected_articles, then=_judged(then), now=_judged(now))


def _today(article: Article, classifier: Classifier) -> Classification:
    published = article.published_at.date() if article.published_at else None
    return classifier.classify(article.title, article.text, language=article.language, published=published)


def _found_in(found: Classification, field: CorrectedField) -> tuple[str, ...]:
    if field == "alliances":
        return tuple(f"{tag.id}:{tag.role}" for tag in found.alliances)
    return tuple(tag.id for tag in found.event_types) if field == "event_types" else (found.phase,)


def _comparable(field: CorrectedField, labels: Sequence[str]) -> tuple[str, ...]:
    """Labels as they are compared; of an event its id, `own` for one of the article's own."""
    if field == "alliances":
        return tuple(":".join(role_of(label)) for label in labels)
    return (tuple(labels[:1]) or ("own",)) if field == "event" else tuple(labels)


def _judged(counts: Mapping[CorrectedField, Sequence[Counts]]) -> dict[str, Judged]:
    made: dict[str, Judged] = {}
    for field in FIELDS:
        if several := counts.get(field):
            total = sum(several, Counts())
            made[field] = Judged(
                corrections=len(several),
                right=total.hits,
                wrong=total.false,
                missed=total.missed,
                precision=round(total.precision, 4),
                recall=round(total.recall, 4),
            )
    return made


def _told_day(at: datetime | None, precision: str | None) -> str | None:
    if at is None:
        return None
    return at.date().isoformat()[: {"year": 4, "month": 7}.get(precision or "day", 10)]
