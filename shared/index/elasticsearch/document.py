"""An article as a bulk operation: its version, its month, and the fields that are searched."""

from collections import Counter
from typing import Any

import msgspec

from shared.contracts.article import Article
from shared.elastic import Operation
from shared.index.elasticsearch.layout import Layout, month_of
from shared.index.fields import LONGEST_VALUE, facet_values, keyword_term, micros, unsearchable
from shared.index.port import age
from shared.query.evaluate import date_of, keywords
from shared.text import stem_terms, token_texts

# Of the 63 bits of a version, 53 say when the article was fetched (until 2255) and 10 by which rules it was parsed.
LATEST_FETCH = 2**53 - 1
LATEST_RULES = 2**10 - 1

# A stem counts for ranking as often as it stands there, up to this; more would hardly change the rank.
MOST_COUNTED = 10

_encode = msgspec.json.Encoder().encode


def version_of(article: Article) -> int:
    """A number that is larger the later the article was fetched, then the newer the rules it was parsed by."""
    fetched_at, rules = age(article)
    return min(max(micros(fetched_at), 0), LATEST_FETCH) * (LATEST_RULES + 1) + min(
        max(rules, 0), LATEST_RULES
    )


def operation(layout: Layout, article: Article, index: str | None = None) -> Operation:
    """Keep an article, in its month's index or the one named, unless there is a newer version of it.

    Raises ValueError for an article that cannot be indexed.
    """
    try:
        fields = search_fields(article)
    except (ValueError, OverflowError) as e:
        raise unsearchable(article, e) from e
    action = {
        "_index": index or layout.write(month_of(article.first_seen_at)),
        "_id": article.id,
        "version": version_of(article),
        "version_type": "external_gte",
    }
    document = _encode(article)[:-1] + b',"search":' + _encode(fields) + b"}"
    return Operation({"index": action}, document)


def search_fields(article: Article) -> dict[str, Any]:
    """What is searched, counted and sorted by."""
    title, text = token_texts(article.title), token_texts(article.text)
    title_stems = _counted(stem_terms(title, article.language))
    text_stems = _counted(stem_terms(text, article.language))
    when = micros(date_of(article))
    return {
        "words": [" ".join(title), " ".join(text)],
        "title": " ".join(title),
        "tokens": list({*title, *text}),
        "title_tokens": list(set(title)),
        "stems": [" ".join(title_stems), " ".join(text_stems)],
        "title_stems": " ".join(title_stems),
        "keyword": {
            field: [keyword_term(value) for value in values]
            for field, values in keywords(article).items()
            if values
        },
        "facet": {
            name: list({value[:LONGEST_VALUE] for value in values})
            for name, values in facet_values(article).items()
            if values
        },
        "duplicate": article.duplicate_of is not None,
        "when": when,
        "day": when // 1000,
        "id": article.id,
        "group": f"event:{article.event.id}" if article.event else f"article:{article.id}",
    }


def _counted(stems: list[str]) -> list[str]:
    frequent = {stem for stem, count in Counter(stems).items() if count > MOST_COUNTED}
    return [stem for stem in stems if stem not in frequent] + sorted(frequent) * MOST_COUNTED
