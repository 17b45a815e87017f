"""The archive against other rules: every article is classified again, and what differs is noted. Nothing is changed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from services.cli.reclassify.labels import differs, label_changes, question, relabelled
from services.cli.reclassify.ledger import Ledger, Row
from services.cli.reclassify.tally import Tally
from services.cli.reclassify.work import CLASSIFY
from services.events.documents import ARTICLES, ArticleDocument, decode_article
from services.parser.classify import Classification
from shared.contracts.messages import Correction
from shared.corrections.applying import corrected, corrected_facts
from shared.errors import StepError
from shared.query.ast import Query
from shared.query.evaluate import SearchDocument, matches
from shared.store.port import Store
from shared.taxonomy.taxonomy import Taxonomy
from shared.workers.pool import WorkerPool

log = logging.getLogger(__name__)
READ_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """Which articles, by which rules. `after` is the id of the last one that is done already.

    `said` gives the corrections of an article; `taxonomy` is the rules' own.
    """

    query: Query | None
    taxonomy: Taxonomy
    said: Callable[[str], Sequence[Correction]]
    after: str = ""


def compare(
    store: Store,
    pool: WorkerPool,
    asked: Asked,
    ledger: Ledger,
    tally: Tally,
    progress: Callable[[int], None],
) -> None:
    """Classify what was asked for, and note every article in the ledger. Raises StoreUnavailable."""
    for documents in _batches(store):
        wanted = [document for document in documents if _is_wanted(document, asked)]
        questions = ((d.article.id, question(d)) for d in wanted)
        answers = pool.call_all(CLASSIFY, questions, Classification)
        found = dict(zip((d.article.id for d in wanted), answers, strict=True))
        ledger.add([_row(document, found.get(document.article.id), asked, tally) for document in documents])
        progress(len(documents))
    ledger.indexed()


def _batches(store: Store) -> Iterator[list[ArticleDocument]]:
    stored = store.list(ARTICLES)
    while batch := [decode_article(each.body) for each in islice(stored, READ_AT_ONCE)]:
        yield batch


def _is_wanted(document: ArticleDocument, asked: Asked) -> bool:
    if document.article.id <= asked.after:
        return False
    return asked.query is None or matches(asked.query, SearchDocument.of_article(document.article))


def _row(
    document: ArticleDocument, found: Classification | StepError | None, asked: Asked, tally: Tally
) -> Row:
    labels: Classification | None = None
    facts = document.facts
    if isinstance(found, StepError):
        tally.failed(document.article, str(found))
    elif found is not None:
        now = relabelled(document, found)
        said = asked.said(document.article.id)
        article = corrected(now.article, said, asked.taxonomy)
        changes = list(label_changes(document.article, article))
        differ = differs(document, now)
        tally.compared(document.article, article, changes, differs=differ)
        if differ:
            labels, facts = found, corrected_facts(now.facts, article, said)
    article = document.article
    return Row(
        id=article.id,
        event=article.event.id if article.event else "",
        seen=article.first_seen_at.isoformat(),
        version=version_of(document),
        title=article.title,
        regroups=facts != document.facts,
        facts=facts,
        labels=labels,
    )


def version_of(document: ArticleDocument) -> str:
    """What tells whether an article has become another since."""
    article = document.article
    return f"{article.fetched_at.isoformat()} {article.parse_version} {article.content_hash}"
