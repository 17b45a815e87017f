"""What cleaning takes and leaves, and which languages are told, counted over labelled articles.

python -m tests.quality.cleaning_report          # every set that is there, with its misses
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.parser.lines import to_lines, weight
from services.parser.parse import read
from services.parser.read import read_document
from shared.contracts.messages import FeedEntry
from tests.conftest import OUTSIDE
from tests.sample_press import documents, expected, press

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
SEEDS = OUTSIDE / "seeds"
DEVSET = OUTSIDE / "devset" / "articles.jsonl"
GOLD = Path(__file__).parent / "gold" / "articles.jsonl"
FRAMES = Path(__file__).parent / "frames.yaml"
# Readings that a converter left in Chinese, and UTF-8 read as Latin-1: the program undoes them.
_DAMAGED = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔù]{1,6}\)|Ã")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with the snippets that must go, the ones that must stay, and its language."""

    id: str
    language: str
    text: str
    title: str | None
    url: str
    furniture: tuple[str, ...]
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Counts over a set, and each miss as (article, what)."""

    furniture: int
    left: tuple[tuple[str, str], ...]
    keep: int
    lost: tuple[tuple[str, str], ...]
    articles: int
    mistold: tuple[tuple[str, str], ...]

    @property
    def gone(self) -> float:
        """Share of the furniture that is gone."""
        return 1 - len(self.left) / max(1, self.furniture)

    @property
    def kept(self) -> float:
        """Share of what must stay that has stayed."""
        return 1 - len(self.lost) / max(1, self.keep)

    @property
    def told(self) -> float:
        """Share of the articles whose language (its primary subtag) is right."""
        return 1 - len(self.mistold) / max(1, self.articles)


def rows(path: Path) -> list[dict[str, Any]]:
    """A JSON Lines file. Not by splitlines(), which also cuts at the line separators within a text."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def seeds() -> Iterator[Labelled]:
    """The real inputs, as files without a title of their own."""
    for row in rows(SEEDS / "labels.jsonl"):
        path = SEEDS / row["file"]
        yield _labelled(row, path.read_text(encoding="utf-8"), None, row["url"] or path.as_uri())


def devset() -> Iterator[Labelled]:
    """The development articles, with the title a feed told."""
    for row in rows(DEVSET):
        yield _labelled(row, row["text"], row["title"], row["url"])


def _labelled(row: dict[str, Any], text: str, title: str | None, url: str) -> Labelled:
    return Labelled(
        row["id"],
        row["language"],
        text,
        title,
        url,
        tuple(row["boilerplate_snippets"]),
        tuple(row["must_keep"]),
    )


def gold() -> Iterator[Labelled]:
    """The gold articles: no furniture is labelled, but what proves a label must stay."""
    for row in rows(GOLD):
        keep = tuple(e["text"] for e in row["labels"]["evidence"])
        yield Labelled(
            row["id"], row["language"], row["text"], row["title"], row["url"] or "file:///text", (), keep
        )


@cache
def _frames() -> dict[str, dict[str, list[str]]]:
    return dict(yaml.safe_load(FRAMES.read_text(encoding="utf-8")))


def framed() -> Iterator[Labelled]:
    """In every language of `frames.yaml` its furniture around and within a text of that language."""
    bodies = {row["language"]: row for row in reversed(rows(GOLD)) if not _DAMAGED.search(row["text"])}
    for language, frame in _frames().items():
        if body := frame.get("body"):
            title, paragraphs = body[0], body[1:]
        else:
            title = bodies[language]["title"]
            whole = to_lines(bodies[language]["text"])
            paragraphs = [p.text for p in whole if weight(p.text) >= 130][:6]
        middle = [*paragraphs[:1], *frame["middle"], *paragraphs[1:]]
        furniture = (*frame["head"], *frame["middle"], *frame["tail"])
        text = "\n\n".join((*frame["head"], *middle, *frame["tail"]))
        yield Labelled(
            f"frame-{language}", language, text, title, "file:///text", furniture, tuple(paragraphs)
        )


def squeezed(text: str) -> str:
    """Every run of white space one space."""
    return " ".join(text.split())


def primary(language: str) -> str:
    """The primary subtag."""
    return language.split("-")[0]


def judged(items: Iterable[Labelled]) -> Report:
    """Read every text and count. A snippet with white space at its ends is told from a word by it alone."""
    left, lost, mistold = [], [], []
    furniture = keep = articles = 0
    for item in items:
        found = read_document(
            item.text.encode(),
            media_type="text/plain",
            charset="utf-8",
            url=item.url,
            entry=FeedEntry(title=item.title) if item.title else None,
            fetched_at=FETCHED,
        )
        lines, text = set(found.text.splitlines()), squeezed(found.text)
        framing = item.id.startswith("frame-")
        for snippet in item.furniture:
            there = squeezed(snippet) in (lines if framing else text)
            if snippet in found.text if snippet != snippet.strip() else there:
                left.append((item.id, snippet))
        seen = f"{squeezed(found.title)}\n{text}"
        keeping = [each for each in item.keep if not _DAMAGED.search(each)]
        lost += [(item.id, snippet) for snippet in keeping if squeezed(snippet) not in seen]
        if primary(found.language) != primary(item.language):
            mistold.append((item.id, found.language))
        furniture, keep, articles = furniture + len(item.furniture), keep + len(keeping), articles + 1
    return Report(furniture, tuple(left), keep, tuple(lost), articles, tuple(mistold))


def sample() -> Report:
    """The pages of the sample press: what must stay, and the languages."""
    lost, mistold, keep = [], [], 0
    wanted = expected()
    read_pages = [
        (article, read(document))
        for document, article in zip(documents(), press().articles.values(), strict=True)
    ]
    for article, found in read_pages:
        words = wanted.get(article.id, {}).get("keep", [])
        keep += len(words)
        lost += [(article.id, each) for each in words if each not in f"{found.title}\n{found.text}"]
        if primary(found.language) != primary(article.language):
            mistold.append((article.id, found.language))
    return Report(0, (), keep, tuple(lost), len(read_pages), tuple(mistold))


def main() -> None:
    """Print every set's shares and misses."""
    reports = {"frames": judged(framed()), "gold": judged(gold()), "sample": sample()}
    if SEEDS.is_dir():
        reports["seeds"] = judged(seeds())
    if DEVSET.is_file():
        reports["devset"] = judged(devset())
    for name, report in reports.items():
        print(
            f"{name}: gone {report.gone:.4f} of {report.furniture}, kept {report.kept:.4f} of {report.keep}, "
            f"language {report.told:.4f} of {report.articles}"
        )
        for kind in ("left", "lost", "mistold"):
            for where, what in getattr(report, kind):
                print(f"  {kind} {where}: {what!r}")


if __name__ == "__main__":
    main()
