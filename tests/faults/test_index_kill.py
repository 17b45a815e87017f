"""The local index under `kill -9` of its writer: nothing acknowledged is lost, nothing is there twice."""

import random
import subprocess
import sys
import threading
from pathlib import Path

from shared.index.local import open_local_reader, open_local_writer
from shared.index.port import IndexReader, Search
from shared.query.ast import Word

ARTICLES = 500
KILLS = 10


def started(folder: Path, first: int) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "tests.faults.index_writer_process",
        str(folder),
        str(first),
        str(ARTICLES),
    ]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)


def killed_somewhere(folder: Path, first: int, chance: random.Random) -> int:
    """Runs the writer and kills it: while it opens, or a moment after some batch. The first number not acknowledged."""
    process = started(folder, first)
    assert process.stdout is not None
    last = first
    for _ in range(chance.randint(0, 9)):
        line = process.stdout.readline().strip()
        last = int(line) if line.isdigit() else last
    # The moment is what is being tested, not something waited for.
    threading.Event().wait(chance.uniform(0, 0.03))
    process.kill()
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    return max([last, *(int(word) for word in rest if word.isdigit())])


def all_ids(reader: IndexReader) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = reader.search(Search(limit=100, cursor=cursor, sort="date"))
        found += [hit.article.id for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None:
            return found


def check(folder: Path, acknowledged: int) -> None:
    """A reader finds every acknowledged article, and none twice."""
    reader = open_local_reader(folder)
    try:
        found = all_ids(reader)
        assert len(found) == len(set(found)) == reader.count()
        assert {f"n{number:04}" for number in range(acknowledged)} <= set(found)
    finally:
        reader.close()


def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(20251126)
    folder = tmp_path / "index"
    acknowledged = 0
    for _ in range(KILLS):
        acknowledged = killed_somewhere(folder, acknowledged, chance)
        check(folder, acknowledged)
    assert 0 < acknowledged < ARTICLES, "the kills came too late or too early to mean anything"
    process = started(folder, acknowledged)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.split()[-1] == str(ARTICLES)
    open_local_writer(folder, 0).close()
    check(folder, ARTICLES)
    reader = open_local_reader(folder)
    try:
        for number in range(ARTICLES):
            assert reader.search(Search(Word(f"number{number}"))).total == 1
        assert reader.search(Search(Word("version1"))).total == 5
        assert reader.search(Search(Word("version2"))).total == ARTICLES - 5
    finally:
        reader.close()
