"""What a rebuild of the embedded index leaves behind when it does not come to its end."""

from pathlib import Path

import pytest

from shared.index.local import open_local_reader, open_local_writer
from shared.index.local.folders import current_name
from shared.index.local.truth import Truth
from shared.index.port import IndexUnavailable
from tests.contract.index_articles import many


def folders(index: Path) -> set[str]:
    return {path.name for path in index.iterdir() if path.name.startswith("search-")}


def test_one_given_up_leaves_no_folder(tmp_path: Path) -> None:
    writer = open_local_writer(tmp_path, 1)
    writer.write(many(120, seed=1))
    before = folders(tmp_path)
    for _ in range(5):  # its threads may write at any moment
        steps = writer.rebuild()
        next(steps)
        assert len(folders(tmp_path)) == 2
        steps.close()
        assert folders(tmp_path) == before
    writer.close()


def test_one_that_fails_after_the_switch_leaves_what_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Truth, _sequence: int) -> None:
        raise IndexUnavailable("disk full")

    writer = open_local_writer(tmp_path, 1)
    writer.write(many(20, seed=2))
    with monkeypatch.context() as broken:
        broken.setattr(Truth, "forget_deleted", full)
        with pytest.raises(IndexUnavailable, match="disk full"):
            list(writer.rebuild())
    assert folders(tmp_path) == {current_name(tmp_path)}
    reader = open_local_reader(tmp_path)
    assert reader.count() == 20
    writer.write(many(25, seed=2))
    assert reader.count() == 25
    reader.close()
    writer.close()
