"""Parsing within bounds: every document is read by a worker process that it may cost no more than is allowed.

What is imported here is light: the extractor and the models are loaded where the workers come from alone (`work`).
"""

import os
import sys
from collections.abc import Iterable, Iterator

import msgspec

from services.parser.templates.sketch import Sketch
from services.parser.templates.template import Template
from shared.contracts.aliases import Alias
from shared.contracts.article import Struct
from shared.contracts.messages import FetchedDocument, ParsedArticle
from shared.errors import StepError
from shared.workers.limits import Limits
from shared.workers.pool import WorkerPool

JOBS = "services.parser.work:jobs"
PARSE = "parse"
SKETCH = "sketch"
# Seconds of processor time and bytes that one document may take.
LIMITS = Limits(cpu_seconds=5.0, memory=512 * 1024 * 1024, answer=24 * 1024 * 1024)


class ToParse(Struct, frozen=True, kw_only=True):
    """One document to parse, with the newest template of its source."""

    document: FetchedDocument
    template: Template | None = None


class ToSketch(Struct, frozen=True, kw_only=True):
    """One document to count for the template of its source."""

    document: FetchedDocument


class Sketched(Struct, frozen=True, kw_only=True):
    """Its sketch; none for what is neither page nor text."""

    sketch: Sketch | None = None


class Parsed(Struct, frozen=True, kw_only=True):
    """What became of it: the article, or in words why the document is none.

    A page that holds several whole texts is none either: `items` are these, to be parsed one by one. The article
    stands under the document's own address until an alias says which it belongs to (`as_of`).
    """

    article: ParsedArticle | None = None
    not_an_article: str = ""
    items: tuple[FetchedDocument, ...] = ()


def parser_pool(workers: int | None = None, limits: Limits = LIMITS) -> WorkerPool:
    """Workers that parse, one for each processor unless told otherwise. Close it after use."""
    return WorkerPool(JOBS, workers=workers or processors(), limits=limits)


def parse_all(pool: WorkerPool, todo: Iterable[ToParse]) -> Iterator[Parsed | StepError]:
    """What becomes of each document, in their order; a verdict stands where there is neither article nor reason."""
    return pool.call_all(PARSE, ((one.document.url, one) for one in todo), Parsed)


def sketch_all(pool: WorkerPool, documents: Iterable[FetchedDocument]) -> Iterator[Sketched | StepError]:
    """The sketch of each document, in their order; a verdict stands where it cannot be read."""
    return pool.call_all(SKETCH, ((one.url, ToSketch(document=one)) for one in documents), Sketched)


def as_of(parsed: ParsedArticle, alias: Alias) -> ParsedArticle:
    """The article as the one that `alias` ties its address to."""
    article = msgspec.structs.replace(
        parsed.article, id=alias.article, url=alias.url, first_seen_at=alias.first_seen_at
    )
    facts = msgspec.structs.replace(parsed.facts, article_id=alias.article)
    return msgspec.structs.replace(parsed, article=article, facts=facts)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
