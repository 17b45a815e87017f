"""A document that takes too much becomes a dead letter with its reason, and those around it are indexed."""

import json
from pathlib import Path

from tests.faults.hostile import page as hostile_page
from tests.integration.documents import page
from tests.integration.processes import heritage


def greedy() -> bytes:
    """A page whose 570,000 attributes take more memory than a document may."""
    tag = "<p " + " ".join(f"a{n}=x" for n in range(1_900)) + ">words</p>"
    return hostile_page(tag * 300).body


def test_what_takes_too_much_is_a_dead_letter_and_its_neighbours_are_indexed(tmp_path: Path) -> None:
    press = tmp_path / "press"
    press.mkdir()
    for number in range(6):
        (press / f"{number}.html").write_text(page(number))
    (press / "3-greedy.html").write_bytes(greedy())
    settings = {"DATA": str(tmp_path / "data"), "CATALOGUE": "false"}
    done = heritage("ingest", press, settings=settings)
    lines = done.out.splitlines()
    assert sum(line.startswith("indexed") for line in lines) == 6, done.out + done.err
    (dead,) = [line for line in lines if "3-greedy.html" in line]
    assert dead.startswith("dead")
    assert "reading it takes more than 512 MiB of memory; nothing was taken from it" in dead
    listed = heritage("dead", "list", "--json", settings=settings)
    (letter,) = [json.loads(line) for line in listed.out.splitlines()]
    assert letter["service"] == "parser"
    assert letter["attempts"] == 1
    assert letter["url"].endswith("/3-greedy.html")


def test_parse_keeps_the_same_bounds(tmp_path: Path) -> None:
    (tmp_path / "1.html").write_text(page(1))
    (tmp_path / "2.html").write_bytes(greedy())
    (tmp_path / "3.html").write_text(page(3))
    done = heritage("parse", tmp_path, settings={"PARSER_WORKERS": "1"})
    assert done.code == 1
    assert [Path(json.loads(line)["input"]).name for line in done.out.splitlines()] == ["1.html", "3.html"]
    (told,) = done.err.splitlines()
    assert "2.html" in told
    assert "takes more than 512 MiB of memory" in told
