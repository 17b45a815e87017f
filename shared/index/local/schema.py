"""The fields of a tantivy document, and the document of an article.

Tokens come from `shared.text`, joined by spaces for tantivy's `whitespace` tokenizer; keyword values are whole
(`raw`). Title and text are two values of one field: tantivy leaves a position free between them, so an exact phrase
cannot reach across. Raise SEARCH_VERSION with every change to the fields or to the analysis; folders of another
version are then made anew.
"""

import hashlib
from datetime import timedelta

import tantivy

from shared.contracts.article import Article
from shared.index.fields import EPOCH, KEYWORDS, LONGEST_VALUE, facet_values, keyword_term, micros
from shared.index.port import FACETS
from shared.query.evaluate import date_of, keywords
from shared.text import stem_terms, token_texts

SEARCH_VERSION = 1

DAY = timedelta(days=1)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: tantivy-py 0.27 takes the number of a deletion for a signed one, and in an unsigned field finds nothing.
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_integer_field("sequence", fast=True)
    builder.add_integer_field("when", indexed=True, fast=True)
    builder.add_integer_field("day", fast=True)
    builder.add_integer_field("group", fast=True)
    builder.add_boolean_field("duplicate", indexed=True)
    for name in ("words", "title"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("stems", "title_stems"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in KEYWORDS:
        builder.add_text_field(f"keyword_{name}", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(f"facet_{name}", tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


SCHEMA = _schema()


def document(key: int, sequence: int, article: Article) -> tantivy.Document:
    """What is searched of an article."""
    made = tantivy.Document()
    made.add_integer("key", key)
    made.add_integer("sequence", sequence)
    _add_time(made, article)
    _add_words(made, article)
    made.add_boolean("duplicate", article.duplicate_of is not None)
    if article.event is not None:
        made.add_integer("group", _number(article.event.id))
    for field, values in keywords(article).items():
        for value in values:
            made.add_text(f"keyword_{field}", keyword_term(value))
    for name, shown in facet_values(article).items():
        for value in dict.fromkeys(shown):
            made.add_text(f"facet_{name}", value[:LONGEST_VALUE])
    return made


def _add_time(made: tantivy.Document, article: Article) -> None:
    at = date_of(article)
    made.add_integer("when", micros(at))
    made.add_integer("day", (at - EPOCH) // DAY)


def _add_words(made: tantivy.Document, article: Article) -> None:
    title, text = token_texts(article.title), token_texts(article.text)
    made.add_text("title", " ".join(title))
    made.add_text("words", " ".join(title))
    made.add_text("words", " ".join(text))
    title_stems = " ".join(stem_terms(title, article.language))
    made.add_text("title_stems", title_stems)
    made.add_text("stems", title_stems)
    made.add_text("stems", " ".join(stem_terms(text, article.language)))


def _number(event: str) -> int:
    """A number for an event id; two of a billion events share one with a chance of one in ten."""
    return int.from_bytes(hashlib.blake2b(event.encode(), digest_size=8).digest(), signed=True)
