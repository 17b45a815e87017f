"""The embedded index: one folder, one writing process, any number of reading ones.

    articles.db       the truth (SQLite): every article as JSON, with a sequence number that grows with every change
    writer.lock       locked while a writer lives; says who
    current           the name of the folder below that is searched
    search-…          what is searched (tantivy), derived from the truth and thrown away without regret

A write is first committed to the truth, then to tantivy. Each tantivy document carries its sequence number, so a
writer that opens knows which changes tantivy has not seen and adds them: a kill anywhere loses and doubles nothing.

The folder must be on a disk of this machine: network file systems break what SQLite and the lock promise. Open after
a fork, not before.
"""

from shared.index.local.reader import open_local_reader
from shared.index.local.writer import open_local_writer

__all__ = ["open_local_reader", "open_local_writer"]
