"""The benchmark of labels reads pages and prints what each step costs."""

import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.classify import filled, main
from tests.shipped import shipped_taxonomy

PARAGRAPH = (
    "<p>The harbour museum in Kuching opened its mended loft on 3 March, said director Lena Marsh.</p>"
)
PAGE = "<html><head><title>Loft</title></head><body><article>" + PARAGRAPH * 40


def test_taxonomy_is_filled_up_with_aliases() -> None:
    taxonomy, count = filled(shipped_taxonomy(), 10_000)
    assert count >= 10_000
    assert len(taxonomy.alliances) > len(shipped_taxonomy().alliances)


def test_every_figure_is_printed(tmp_path: Path) -> None:
    paragraphs = "".join(PARAGRAPH.replace("March", f"March {n}") for n in range(40))
    (tmp_path / "a.html").write_text(PAGE.replace(PARAGRAPH * 40, paragraphs), "utf-8")
    result = CliRunner().invoke(main, ["--pages", str(tmp_path), "--aliases", "2000"])
    figures = {f["figure"]: f for f in map(json.loads, result.stdout.splitlines())}
    assert {"text", "whole reading", "language", "labels and facts", "near-duplicate key"} < figures.keys()
    assert all(f.get("ms_per_5_kb", 1) > 0 and f.get("share", 1) > 0 for f in figures.values())


def test_pages_without_a_long_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body><p>Short.</p></body></html>", "utf-8")
    result = CliRunner().invoke(main, ["--pages", str(tmp_path)])
    assert result.exit_code == 1
    assert "name a folder with longer ones" in result.output
