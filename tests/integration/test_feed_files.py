"""Feed files from a folder: one that would hang or fill the machine is told by name, and those beside it are read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.main import commands
from services.crawler.feed_worker import FeedWorker
from tests.integration.documents import story

# Seconds of the processor for one file, instead of the many that a feed may take.
SECONDS = 1.0
HOSTILE = {
    "attributes": "<rss><channel><item "
    + " ".join(f'a{n}="x"' for n in range(200_000))
    + "><title>x</title></item></channel></rss>",
    "depth": "<html>" + "<div>" * 1_000_000,
}


def feed(*numbers: int) -> str:
    items = []
    for number in numbers:
        title, _, body = story(number)
        link = f"https://desk.example/{number}"
        items.append(
            f"<item><title>{title}</title><link>{link}</link><description>{body}</description></item>"
        )
    return f'<rss version="2.0"><channel><title>Desk</title>{"".join(items)}</channel></rss>'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Good feeds before and after bad ones."""
    limits = FeedWorker.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(limits, "cpu_seconds", SECONDS)
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "a.xml").write_text(feed(1, 2))
    for name, content in HOSTILE.items():
        (folder / f"b-{name}.xml").write_text(content)
    (folder / "c.xml").write_text(feed(3))
    return folder


def ran(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands, [str(each) for each in arguments])


def test_parse_reads_the_good_ones_and_names_the_bad(folder: Path) -> None:
    done = ran("parse", folder)
    assert done.exit_code == 1, done.output
    assert [json.loads(line)["url"] for line in done.stdout.splitlines()] == [
        f"https://desk.example/{number}" for number in (1, 2, 3)
    ]
    for name in HOSTILE:
        (told,) = [line for line in done.stderr.splitlines() if f"b-{name}.xml" in line]
        assert "reading it takes more time or memory than is allowed" in told


def test_ingest_makes_the_good_ones_searchable_and_names_the_bad(folder: Path, tmp_path: Path) -> None:
    done = ran("ingest", folder, "--data", tmp_path / "data")
    lines = done.stdout.splitlines()
    for number in (1, 2, 3):
        assert any(line.startswith(f"indexed  https://desk.example/{number}") for line in lines), done.output
    for name in HOSTILE:
        (told,) = [line for line in lines if line.startswith("passed ") and f"b-{name}.xml" in line]
        assert "reading it takes more time or memory than is allowed" in told
    assert lines[-1] == "5 documents: 3 indexed, 2 passed over."
