"""What cleaning takes and leaves, and which languages are told, counted over labelled articles.

python -m tests.quality.cleaning_report          # every set that is there, with its misses
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec
import yaml

from services.cli.quality.cleaning import left_in, lost_from, primary, squeezed
from services.cli.quality.labelled import Labelled, read_labelled
from services.parser.lines import to_lines, weight
from services.parser.parse import read
from services.parser.read import read_document
from shared.contracts.messages import FeedEntry
from tests.quality.labelled_sets import SETS
from tests.sample_press import documents, expected, press

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
SEEDS, DEVSET, GOLD = SETS["seeds"], SETS["devset"], SETS["gold"]
FRAMES = Path(__file__).parent / "frames.yaml"
FRAMED = "frame-"
# Readings that a converter left in Chinese, and UTF-8 read as Latin-1: the program undoes them.
_DAMAGED = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔù]{1,6}\)|Ã")


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


def devset() -> Iterator[Labelled]:
    """The development articles, with the title a feed told."""
    yield from read_labelled(DEVSET).articles


def seeds() -> Iterator[Labelled]:
    """The real inputs, as files without a title of their own."""
    yield from read_labelled(SEEDS).articles


def gold() -> Iterator[Labelled]:
    """The gold articles: no furniture is labelled, but what proves a label must stay."""
    for one in read_labelled(GOLD).articles:
        words = {"title": one.title or "", "text": one.text}
        keep = tuple(words[mark.field][mark.start : mark.end] for mark in one.evidence)
        yield msgspec.structs.replace(one, boilerplate_snippets=(), must_keep=keep)


@cache
def _frames() -> dict[str, dict[str, list[str]]]:
    return dict(yaml.safe_load(FRAMES.read_text(encoding="utf-8")))


def framed() -> Iterator[Labelled]:
    """In every language of `frames.yaml` its furniture around and within a text of that language."""
    whole = reversed(read_labelled(GOLD).articles)
    bodies = {one.language: one for one in whole if not _DAMAGED.search(one.text)}
    for language, frame in _frames().items():
        if body := frame.get("body"):
            title, paragraphs = body[0], body[1:]
        else:
            title = bodies[language].title or ""
            lines = to_lines(bodies[language].text)
            paragraphs = [p.text for p in lines if weight(p.text) >= 130][:6]
        middle = [*paragraphs[:1], *frame["middle"], *paragraphs[1:]]
        yield Labelled(
            id=f"{FRAMED}{language}",
            language=language,
            title=title,
            text="\n\n".join((*frame["head"], *middle, *frame["tail"])),
            boilerplate_snippets=(*frame["head"], *frame["middle"], *frame["tail"]),
            must_keep=tuple(paragraphs),
        )


def judged(items: Iterable[Labelled]) -> Report:
    """Read every text and count. What frames a text is left where it is still a line."""
    left, lost, mistold = [], [], []
    furniture = keep = articles = 0
    for item in items:
        found = read_document(
            item.text.encode(),
            media_type="text/plain",
            charset="utf-8",
            url=item.url or f"file:///{item.id}.txt",
            entry=FeedEntry(title=item.title) if item.title else None,
            fetched_at=FETCHED,
        )
        if item.id.startswith(FRAMED):
            lines = set(found.text.splitlines())
            still = [each for each in item.boilerplate_snippets if squeezed(each) in lines]
        else:
            still = left_in(found.text, item.boilerplate_snippets)
        left += [(item.id, snippet) for snippet in still]
        keeping = [each for each in item.must_keep if not _DAMAGED.search(each)]
        lost += [(item.id, snippet) for snippet in lost_from(found.title, found.text, keeping)]
        if primary(found.language) != primary(item.language):
            mistold.append((item.id, found.language))
        furniture, keep = furniture + len(item.boilerplate_snippets), keep + len(keeping)
        articles += 1
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
        lost += [(article.id, each) for each in lost_from(found.title, found.text, words)]
        if primary(found.language) != primary(article.language):
            mistold.append((article.id, found.language))
    return Report(0, (), keep, tuple(lost), len(read_pages), tuple(mistold))


def main() -> None:
    """Print every set's shares and misses."""
    reports = {"frames": judged(framed()), "gold": judged(gold()), "sample": sample()}
    if SEEDS.is_file():
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
