"""A process that writes numbered articles into the local index and says on its output which were acknowledged.

python -m tests.faults.index_writer_process FOLDER FIRST LAST
"""

import sys
from datetime import timedelta
from pathlib import Path

import msgspec

from shared.contracts.article import Article
from shared.index.local import open_local_writer
from tests.contract.index_articles import BEGIN, article

BATCH = 5


def numbered(number: int, version: int) -> Article:
    """Article `number`, holding a word of its own and one of its version."""
    made = article(
        f"n{number:04}", f"Article number{number}", f"In version{version} of it, text follows. " * 20
    )
    return msgspec.structs.replace(made, fetched_at=BEGIN + timedelta(seconds=version))


def main(folder: str, first: int, last: int) -> None:
    writer = open_local_writer(Path(folder), 10.0)
    print("open", flush=True)
    for start in range(first, last, BATCH):
        stop = min(start + BATCH, last)
        # The batch before comes again, in a newer version: a document left over from it would be seen.
        again = [numbered(n, 2) for n in range(max(0, start - BATCH), start)]
        writer.write([numbered(n, 1) for n in range(start, stop)] + again)
        print(stop, flush=True)
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
