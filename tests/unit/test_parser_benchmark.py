"""The parser's benchmark reads the pages it is given and prints its figures."""

import gzip
import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.parser import each, main

PAGE = "<html><head><title>Gate</title></head><body><article>" + "<p>The gate was closed in spring.</p>" * 9


def test_pages_are_read_from_plain_and_packed_files(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (tmp_path / "notes.txt").write_text("none", "utf-8")
    found = list(each(tmp_path, None))
    assert [one.html for one in found] == [PAGE, PAGE]
    assert [one.url for one in found] == ["https://bench.example/a", "https://bench.example/b"]


def test_a_folder_without_pages_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--pages", str(tmp_path)])
    assert result.exit_code == 1
    assert "name a folder that holds pages" in result.output


def test_every_figure_is_printed(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    result = CliRunner().invoke(main, ["--pages", str(tmp_path)])
    figures = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    steps = {f["figure"].removeprefix("step ") for f in figures if f["figure"].startswith("step ")}
    assert steps == {"decode", "tree", "metadata", "extract", "clean", "language"}
    assert [f["ratio"] > 0 for f in figures if "ratio" in f] == [True, True, True]
