"""The parser: documents to classified articles."""

from services.parser.addresses import resolve
from services.parser.classify import Classifier
from services.parser.parse import parse, read
from services.parser.read import NotAnArticle
from shared.contracts.messages import FetchedDocument
from shared.contracts.wire import Outgoing, Received
from shared.runner.service import Downstream, Handled, Service, each
from shared.store.port import Store

# Articles waiting for their event above which nothing more is parsed.
MOST_AHEAD = 5000


class Parser:
    """Reads, ties to an article, classifies."""

    def __init__(self, classifier: Classifier, store: Store) -> None:
        self._classifier = classifier
        self._store = store

    def handle(self, received: Received) -> Handled:
        """One document. What is no article ends here and says why."""
        document: FetchedDocument = received.message
        try:
            found = read(document)
        except NotAnArticle as e:
            return Handled(ends=f"not an article: {e}")
        alias = resolve(
            self._store, document.url, document.final_url, found.canonical_url, document.fetched_at
        )
        parsed = parse(document, self._classifier, found, alias)
        ends = "" if alias.url == document.url else f"another address of {alias.url}"
        return Handled((Outgoing("parsed", alias.article, parsed),), ends=ends)


def parser_service(classifier: Classifier, store: Store) -> Service:
    """The parser with these rules."""
    return Service(
        name="parser",
        inputs=("fetched",),
        step=each(Parser(classifier, store).handle),
        downstream=Downstream("events", ("parsed", "parsed-backfill"), MOST_AHEAD),
        batch=16,
    )
