"""What only the SQLite store can meet: locked, full, corrupt and unwritable files, and folders left alone."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.store.port import Store, StoreUnavailable, Write
from shared.store.sqlite import open_sqlite_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_sqlite_store(tmp_path / "store", patience=0.05)
    yield opened
    opened.close()


def test_reading_makes_nothing_on_disk(store: Store, tmp_path: Path) -> None:
    assert store.get("pages", "a") is None
    assert list(store.list("pages")) == []
    assert store.count("pages", {"a": "b"}) == 0
    assert not (tmp_path / "store").exists()


def test_a_file_locked_by_another_names_itself(store: Store, tmp_path: Path) -> None:
    store.create("pages", "a", b"1")
    file = tmp_path / "store" / "pages.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"pages\.db: database is locked"):
            store.put(Write("pages", "a", b"2"))
        kept = store.get("pages", "a")
        assert kept is not None
        assert kept.body == b"1"
    assert store.put(Write("pages", "a", b"2")).version == 2


def test_a_corrupt_file_names_itself(store: Store, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "pages.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreUnavailable, match=r"pages\.db: file is not a database"):
        store.get("pages", "a")


def test_a_folder_that_cannot_be_made_names_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        closing(open_sqlite_store(tmp_path / "file")) as store,
        pytest.raises(StoreUnavailable, match="file"),
    ):
        store.create("pages", "a", b"1")


def test_a_closed_store_says_so(store: Store) -> None:
    store.create("pages", "a", b"1")
    store.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        store.get("pages", "a")


FULL_DISK = """
import resource, sys
from pathlib import Path
from shared.store.port import StoreUnavailable
from shared.store.sqlite import open_sqlite_store

store = open_sqlite_store(Path(sys.argv[1]))
store.create("pages", "kept", b"1")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    store.create("pages", "large", bytes(1_000_000))
except StoreUnavailable as e:
    print("unavailable:", e)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.get("pages", "large"), store.count("pages"), store.create("pages", "later", b"2").version)
"""


def test_a_full_disk_loses_only_the_write_that_did_not_fit(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "store")]
    root = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    unavailable, after = run.stdout.splitlines()
    assert unavailable.startswith("unavailable: ")
    assert "pages.db" in unavailable
    assert after == "None 1 1"
