"""Parsing is a function of the document and a template: the same bytes and template give the same article.

`parse` puts together what the parts of this package find: the text (`read`), the labels and facts (`classify`)
and the near-duplicate signature (`shared.text.minhash`).
"""

import re
from collections.abc import Mapping
from datetime import datetime

import zstandard
from msgspec.structs import replace

from services.parser.classify import CLASSIFY_VERSION, Classification, Classifier
from services.parser.counts import counted
from services.parser.opened import FurtherPage
from services.parser.read import READ_VERSION, ReadDocument, read_document
from services.parser.templates.template import Template
from shared.contracts.aliases import Alias
from shared.contracts.article import Article, ArticleSource, Precision
from shared.contracts.messages import DocumentPart, EventFacts, FetchedDocument, ParsedArticle
from shared.errors import BadMessage
from shared.text.analysis import token_texts
from shared.text.minhash import signature

# Grows with the rules of either part: parsing again under new ones is no revision of the article. The Elasticsearch
# index tells versions apart up to 1,023.
PARSE_VERSION = READ_VERSION + CLASSIFY_VERSION
MOST_BYTES = 64 * 1024 * 1024
# Longer texts are told apart by their beginning: a million characters without spaces make as many words.
MOST_SIGNED = 200_000
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def unpack(document: FetchedDocument | DocumentPart) -> bytes:
    """The body as fetched. Raises BadMessage when it is damaged or unpacks to more than it says."""
    if document.size > MOST_BYTES:
        raise BadMessage(f"{document.url}: {document.size} bytes, at most {MOST_BYTES} are parsed")
    try:
        body = zstandard.decompress(document.body, max_output_size=document.size or 1)
    except zstandard.ZstdError as e:
        raise BadMessage(f"{document.url}: the body cannot be unpacked: {e}") from e
    if len(body) != document.size:
        raise BadMessage(f"{document.url}: the body has {len(body)} bytes, {document.size} were announced")
    return body


def read(document: FetchedDocument, template: Template | None = None) -> ReadDocument:
    """Title, text and metadata of a fetched document, with what is known of its source."""
    return read_document(
        unpack(document),
        media_type=document.media_type,
        charset=charset_of(document.headers),
        url=document.final_url,
        entry=document.entry,
        fetched_at=document.fetched_at,
        template=template,
        told=document.source,
        further=[_further(part) for part in document.parts],
        missing=document.missing,
    )


def _further(part: DocumentPart) -> FurtherPage:
    return FurtherPage(part.url, part.role, unpack(part), part.media_type, charset_of(part.headers))


def parse(
    document: FetchedDocument, classifier: Classifier, found: ReadDocument, alias: Alias
) -> ParsedArticle:
    """The article a read document is, with its labels, facts and signature."""
    published = found.published_at.date() if found.published_at else None
    labels = classifier.classify(found.title, found.text, language=found.language, published=published)
    source = document.source
    article = Article(
        id=alias.article,
        url=alias.url,
        canonical_url=found.canonical_url or document.final_url,
        source=ArticleSource(
            id=source.id, name=source.name or source.id, country=source.country, quality=source.quality
        ),
        rights=source.rights,
        title=found.title,
        deck=found.deck,
        text=found.text,
        summary=found.summary,
        authors=found.authors,
        agency=found.agency,
        dateline=found.dateline,
        section=found.section,
        published_at=found.published_at,
        published_precision=found.published_precision,
        published_from=found.published_from,
        published_zone=found.published_zone,
        published_zone_from=found.published_zone_from,
        modified_at=found.modified_at,
        first_seen_at=alias.first_seen_at,
        fetched_at=document.fetched_at,
        language=found.language,
        language_parts=found.language_parts,
        image=found.image,
        removed=found.removed,
        content_hash=found.content_hash,
        parse_version=PARSE_VERSION,
        template=found.template,
    )
    facts = EventFacts(
        article_id=article.id,
        title_terms=tuple(dict.fromkeys(token_texts(article.title))),
        language=article.language,
        published=_reduced(article.published_at, article.published_precision),
        quality=article.source.quality,
        signature=signature(token_texts(article.text[:MOST_SIGNED])),
    )
    return labelled(ParsedArticle(article=article, facts=facts), labels)


def labelled(parsed: ParsedArticle, labels: Classification) -> ParsedArticle:
    """The article with these labels and facts, and what the grouping needs of them."""
    article = replace(
        parsed.article,
        alliances=labels.alliances,
        event_types=labels.event_types,
        phase=labels.phase,
        places=labels.places,
        organisations=labels.organisations,
        people=labels.people,
        dates=labels.dates,
        outcomes=labels.outcomes,
    )
    facts = replace(
        parsed.facts,
        alliances=tuple(tag.id for tag in labels.alliances if tag.role == "subject"),
        event_types=tuple(tag.id for tag in labels.event_types),
        editions=labels.editions,
        places=tuple(place.name for place in labels.places),
        organisations=tuple(organisation.id or organisation.name for organisation in labels.organisations),
        dates=labels.dates,
        outcomes=tuple(outcome.name for outcome in labels.outcomes),
        numbers=counted().read(article.title, article.text[:MOST_SIGNED], labels.dates),
        phase=labels.phase,
    )
    return replace(parsed, article=article, facts=facts)


def _reduced(published: datetime | None, precision: Precision | None) -> str | None:
    """The date as exact as it is known: `2025-11-26`, `2025-11` or `2025` (ISO 8601, reduced precision)."""
    if published is None:
        return None
    lengths = {"year": 4, "month": 7}
    return published.date().isoformat()[: lengths.get(precision or "day", 10)]


def charset_of(headers: Mapping[str, str]) -> str | None:
    """The charset a document came with, where its headers name one."""
    for name, value in headers.items():
        if name.lower() == "content-type" and (found := _CHARSET.search(value)):
            return found[1]
    return None
