"""The indexer: what the index can never take is its own message's fault, and the others go on."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec

from services.indexer.service import Indexer
from shared.bus.port import Record
from shared.contracts.messages import ArticleUpdate
from shared.contracts.wire import Headers, Received
from shared.errors import BadMessage
from shared.index.local import open_local_reader, open_local_writer
from shared.runner.service import Handled
from tests.contract.index_articles import article


def received(id: str, *, published: datetime) -> Received:
    made = msgspec.structs.replace(article(id), published_at=published)
    update = ArticleUpdate(change="new", article=made)
    return Received(Record("articles", 0, 0, id, b"", {}, 0), update, Headers("m", "articles/1", "t"))


def test_an_article_that_cannot_be_indexed_is_singled_out(tmp_path: Path) -> None:
    good = datetime(2026, 3, 2, tzinfo=UTC)
    impossible = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    writer = open_local_writer(tmp_path, 1)
    batch = [
        received("a", published=good),
        received("b", published=impossible),
        received("c", published=good),
    ]
    verdicts = Indexer(writer).step(batch)
    writer.close()
    assert [type(v) for v in verdicts] == [Handled, BadMessage, Handled]
    assert "b" in str(verdicts[1])
    reader = open_local_reader(tmp_path)
    assert reader.count() == 2
    reader.close()
