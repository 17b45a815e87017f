"""The parser: documents to classified articles."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from services.parser.addresses import resolve
from services.parser.bounded import Parsed, ToParse, as_of, parse_all
from services.parser.templates.kept import TEMPLATE_SECONDS, Newest
from shared.contracts.messages import FetchedDocument
from shared.contracts.wire import Outgoing, Received
from shared.errors import StepError
from shared.journeys import SPLIT
from shared.runner.service import Downstream, Handled, Service, Verdict
from shared.store.port import Store
from shared.workers.pool import WorkerPool

# Articles waiting for their event above which nothing more is parsed.
MOST_AHEAD = 5000
# Messages taken at once: some, so that writing costs little, and a few for each worker.
BATCH, BATCH_PER_WORKER = 16, 4

ParseAll = Callable[[Iterable[ToParse]], Iterator[Parsed | StepError]]


class Parser:
    """Has documents read and classified, and ties each to its article."""

    def __init__(self, parse_all: ParseAll, store: Store, templates: Newest) -> None:
        self._parse_all = parse_all
        self._store = store
        self._templates = templates

    def step(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        """Each document's verdict. What is no article ends here and says why."""
        documents: list[FetchedDocument] = [received.message for received in batch]
        parsed = self._parse_all(
            ToParse(document=document, template=self._templates.of(document.source.id))
            for document in documents
        )
        return [
            found if isinstance(found, StepError) else self._handled(document, found)
            for document, found in zip(documents, parsed, strict=True)
        ]

    def _handled(self, document: FetchedDocument, found: Parsed) -> Handled:
        if found.items:
            items = tuple(Outgoing("fetched", item.url, item) for item in found.items)
            return Handled(items, ends=SPLIT.format(len(items)))
        if found.article is None:
            return Handled(ends=f"not an article: {found.not_an_article}")
        alias = resolve(
            self._store,
            document.url,
            document.final_url,
            found.article.article.canonical_url,
            document.fetched_at,
        )
        ends = "" if alias.url == document.url else f"another address of {alias.url}"
        return Handled((Outgoing("parsed", alias.article, as_of(found.article, alias)),), ends=ends)


def parser_service(
    pool: WorkerPool, store: Store, monotonic: Callable[[], float] = time.monotonic
) -> Service:
    """The parser whose documents these workers read, each with the newest template of its source."""
    templates = Newest(store, monotonic, TEMPLATE_SECONDS)
    return Service(
        name="parser",
        inputs=("fetched",),
        step=Parser(lambda todo: parse_all(pool, todo), store, templates).step,
        downstream=Downstream("events", ("parsed", "parsed-backfill"), MOST_AHEAD),
        batch=max(BATCH, BATCH_PER_WORKER * pool.workers),
    )
