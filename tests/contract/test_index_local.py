"""What only the local index can meet: kills between its two commits, lost or corrupt search folders, a full disk."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.index.local import open_local_reader, open_local_writer
from shared.index.local.truth import Truth
from shared.index.port import IndexUnavailable, IndexWriter, Search
from shared.query.ast import Word
from tests.contract.index_articles import article, many
from tests.contract.index_asking import found, later


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def writer(folder: Path) -> Iterator[IndexWriter]:
    with closing(open_local_writer(folder, 0)) as opened:
        yield opened


def searched(folder: Path) -> Path:
    return folder / (folder / "current").read_text()


def segment(folder: Path) -> Path:
    """The file with the terms of the first segment."""
    return min(searched(folder).glob("*.term"))


def test_a_reader_makes_nothing_on_disk(folder: Path) -> None:
    with closing(open_local_reader(folder)) as reader:
        assert reader.search(Search()).total == 0
    assert not folder.exists()


def test_what_only_the_truth_has_seen_is_made_good_on_opening(folder: Path) -> None:
    with closing(open_local_writer(folder, 0)) as writer:
        writer.write([article("a", "Walls"), article("b", "Walls"), article("c", "Walls")])
    with closing(
        Truth(folder, writing=True)
    ) as truth:  # as a writer killed between the two commits leaves it
        truth.put([later(article("a"), title="Gates"), article("d", "Gates")])
        truth.remove(["b"])
    with closing(open_local_reader(folder)) as reader:
        assert found(reader, Word("gates")) == set()
        open_local_writer(folder, 0).close()
        assert found(reader, Word("gates")) == {"a", "d"}
        assert found(reader, Word("walls")) == {"c"}
        assert reader.count() == 3


def drop_all(folder: Path) -> None:
    shutil.rmtree(searched(folder))


def drop_pointer(folder: Path) -> None:
    (folder / "current").unlink()


def garble_pointer(folder: Path) -> None:
    (folder / "current").write_bytes(b"\xff../../etc")


def garble_meta(folder: Path) -> None:
    (searched(folder) / "meta.json").write_text("{")


def forget_segments(folder: Path) -> None:
    file = searched(folder) / "meta.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"segments": []}))


def drop_segment(folder: Path) -> None:
    segment(folder).unlink()


def cut_segment(folder: Path) -> None:
    file = segment(folder)
    file.write_bytes(file.read_bytes()[:10])


def empty_segment(folder: Path) -> None:
    segment(folder).write_bytes(b"")


def older_fields(folder: Path) -> None:
    old = searched(folder)
    old.rename(folder / "search-v0-7")
    (folder / "current").write_text("search-v0-7")


@pytest.mark.parametrize(
    "harm",
    [
        drop_all,
        drop_pointer,
        garble_pointer,
        garble_meta,
        forget_segments,
        drop_segment,
        cut_segment,
        empty_segment,
        older_fields,
    ],
)
def test_a_search_folder_that_is_lost_corrupt_or_old_is_made_anew(
    folder: Path, harm: Callable[[Path], None]
) -> None:
    with closing(open_local_writer(folder, 0)) as writer:
        writer.write(many(60, seed=1))
        writer.delete(["a00001"])
    harm(folder)
    with closing(open_local_writer(folder, 0)) as writer, closing(open_local_reader(folder)) as reader:
        assert reader.count() == 59
        assert reader.search(Search(Word("acha"))).total > 0
        writer.write([article("new", "Walls")])
        assert found(reader, Word("walls")) == {"new"}
    assert len(list(folder.glob("search-*"))) == 1


def test_a_reader_says_when_only_the_writer_can_help(folder: Path) -> None:
    with closing(open_local_writer(folder, 0)) as writer:
        writer.write([article("a")])
    older_fields(folder)
    with closing(open_local_reader(folder)) as reader:
        with pytest.raises(IndexUnavailable, match=r"search-v0-7.*another version"):
            reader.search(Search())
        kept = reader.get("a")
        assert kept == article("a")
        open_local_writer(folder, 0).close()
        assert reader.count() == 1


def test_a_rebuild_leaves_one_folder_and_readers_follow(folder: Path, writer: IndexWriter) -> None:
    writer.write(many(60, seed=2))
    with closing(open_local_reader(folder)) as reader:
        before = searched(folder)
        assert reader.count() == 60
        assert list(writer.rebuild())[-1] == 60
        assert reader.count() == 60
        writer.write([article("new", "Walls")])
        assert found(reader, Word("walls")) == {"new"}
        assert list(folder.glob("search-*")) == [searched(folder)]
        assert searched(folder) != before


def test_readers_search_on_while_another_thread_rebuilds(folder: Path, writer: IndexWriter) -> None:
    made = many(80, seed=3)
    writer.write(made)
    failures: list[BaseException] = []

    def rebuild() -> None:
        try:
            for _ in range(5):
                list(writer.rebuild())
        except BaseException as e:
            failures.append(e)

    thread = threading.Thread(target=rebuild)
    with closing(open_local_reader(folder)) as reader:
        thread.start()
        searches = 0
        while thread.is_alive() or searches < 20:
            assert found(reader) == {a.id for a in made}
            searches += 1
        thread.join()
    assert failures == []


def test_an_unchanged_article_costs_no_commit(folder: Path, writer: IndexWriter) -> None:
    writer.write([article("a"), article("b")])
    before = (searched(folder) / "meta.json").read_bytes()
    writer.write([article("b"), article("a")])
    assert (searched(folder) / "meta.json").read_bytes() == before


def test_a_second_writer_is_refused_while_one_lives(folder: Path, writer: IndexWriter) -> None:
    with pytest.raises(IndexUnavailable, match="process"):
        open_local_writer(folder, 0)
    writer.write([article("a")])
    writer.close()
    open_local_writer(folder, 0).close()


def test_a_waiting_writer_begins_when_the_first_ends(folder: Path, writer: IndexWriter) -> None:
    opened: list[IndexWriter] = []
    waiting = threading.Thread(target=lambda: opened.append(open_local_writer(folder, 30)))
    waiting.start()
    writer.write([article("a")])
    assert opened == []
    writer.close()
    waiting.join(30)
    with closing(opened[0]) as second:
        second.write([article("b")])


def test_a_folder_that_is_a_file_names_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable, match="file"):
        open_local_writer(tmp_path / "file", 0)


def test_a_truth_that_is_no_database_names_itself(folder: Path) -> None:
    folder.mkdir()
    (folder / "articles.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(IndexUnavailable, match=r"articles\.db: file is not a database"):
        open_local_writer(folder, 0)


FULL_DISK = """
import resource, sys
from pathlib import Path
from shared.index.local import open_local_reader, open_local_writer
from shared.index.port import IndexUnavailable
from tests.contract.index_articles import article

folder = Path(sys.argv[1])
writer = open_local_writer(folder, 0)
writer.write([article("kept")])
limits = [400_000, 60_000, 20_000, 3_000]
refused = 0
for number, limit in enumerate(limits):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        writer.write([article(f"large{number}", text=" ".join(f"w{n}x{number}" for n in range(20_000)))])
    except IndexUnavailable:
        refused += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.write([article("later")])
writer.close()
reader = open_local_reader(folder)
print(refused, reader.get("kept").id, reader.get("later").id, reader.count() == 2 + len(limits) - refused)
"""


def test_a_full_disk_is_said_and_outlived(folder: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", FULL_DISK, str(folder)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    refused, kept, later_one, _ = run.stdout.split()
    assert int(refused) > 0
    assert (kept, later_one) == ("kept", "later")
