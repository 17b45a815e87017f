"""The indexer: articles into the search index, idempotently. The only writer of the index."""

from collections.abc import Sequence

from shared.contracts.messages import ArticleUpdate
from shared.contracts.wire import Received
from shared.errors import BadMessage, Unavailable
from shared.index.port import IndexUnavailable, IndexWriter
from shared.runner.service import Handled, Service, Tick, Verdict

# A larger one makes the refresh at its end cheaper; the bus keeps it within bounds of bytes.
BATCH = 1000


class Indexer:
    """Writes batches of articles; returns when they are searchable."""

    def __init__(self, writer: IndexWriter) -> None:
        self._writer = writer

    def step(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        """Write the batch. An index that is down makes it wait, whole."""
        updates: list[ArticleUpdate] = [received.message for received in batch]
        try:
            self._writer.write([update.article for update in updates])
        except IndexUnavailable as e:
            raise Unavailable(str(e)) from e
        except ValueError as e:
            # One that the index can never take: each alone, and only that one is refused.
            return [BadMessage(str(e))] if len(batch) == 1 else [self.step([one])[0] for one in batch]
        return [Handled(ends="indexed")] * len(batch)


def indexer_service(writer: IndexWriter, ticks: tuple[Tick, ...] = ()) -> Service:
    """The indexer over this index; `ticks` are what else is done to the index, by time."""
    return Service(name="indexer", inputs=("articles",), step=Indexer(writer).step, ticks=ticks, batch=BATCH)
