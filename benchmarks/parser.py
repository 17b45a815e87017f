"""Pages per second of the parser on one core, each step's share of it, and memory, against bare trafilatura.

    python -m benchmarks.parser [--pages FOLDER] [--limit N]

Prints one JSON line per figure. `ratio` is what to quote: ours over bare trafilatura, in seconds of the processor, both
sides by turns on every page. `text` is `article_text` against `trafilatura.extract` without comments; `document` is all
that `read_document` does, metadata included, against `trafilatura.extract` with its metadata. The memory is the most a
fresh process held that read the same pages with one side alone.

FOLDER is searched for `*.html` and `*.html.gz`. Without it, the labelled pages beside this folder are read when they
are there, else generated ones.
"""

import gzip
import json
import multiprocessing
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click
import trafilatura

from services.parser.boilerplate import clean
from services.parser.decode import decode, repair_markup
from services.parser.extract import article_text, page_lines, parse_html
from services.parser.language import detect
from services.parser.lines import from_lines
from services.parser.metadata import page_metadata
from services.parser.read import read_document
from services.parser.refusals import NotAnArticle
from shared.clock import utc_now
from shared.errors import BadMessage
from tests.integration.documents import page

LABELLED = Path(__file__).parents[1] / "../shared/devset/pages"
GENERATED = 200
# Models and rules are loaded, and the processor is warm, before the clock starts.
WARM_UP = 10
KIBIBYTES = 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A page as fetched."""

    url: str
    body: bytes

    @property
    def html(self) -> str:
        """The page as text."""
        return self.body.decode("utf-8", "replace")


def each(folder: Path | None, limit: int | None) -> Iterator[Page]:
    """The pages of a folder, or generated ones, one by one."""
    if folder is None:
        yield from (Page(f"https://bench.example/{n}", page(n).encode()) for n in range(limit or GENERATED))
        return
    found = sorted(p for p in folder.rglob("*.html*") if p.suffix in (".html", ".gz"))[:limit]
    if not found:
        raise click.ClickException(f"{folder}: no *.html or *.html.gz in it; name a folder that holds pages")
    for path in found:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield Page(f"https://bench.example/{path.name.split('.')[0]}", body)


def ours(one: Page) -> None:
    """The text of a page."""
    with suppress(BadMessage):
        article_text(one.html, one.url)


def ours_whole(one: Page) -> None:
    """Text and metadata of a page."""
    with suppress(BadMessage, NotAnArticle):
        read_document(
            one.body, media_type="text/html", charset=None, url=one.url, entry=None, fetched_at=utc_now()
        )


def bare(one: Page) -> None:
    """The same text by trafilatura alone."""
    trafilatura.extract(one.html, url=one.url, include_comments=False)


def bare_whole(one: Page) -> None:
    """The same text and metadata by trafilatura alone."""
    trafilatura.extract(
        one.html, url=one.url, include_comments=False, with_metadata=True, output_format="json"
    )


SIDES: dict[str, Callable[[Page], None]] = {
    "ours": ours,
    "ours_whole": ours_whole,
    "trafilatura": bare,
    "trafilatura_whole": bare_whole,
}


def by_turns(pages: Sequence[Page]) -> dict[str, float]:
    """Seconds of the processor that each side took over all pages."""
    spent: dict[str, float] = defaultdict(float)
    for one in pages:
        for name, side in SIDES.items():
            started = time.process_time()
            side(one)
            spent[name] += time.process_time() - started
    return spent


def steps(pages: Sequence[Page]) -> dict[str, float]:
    """Seconds of the processor that each step took over all pages."""
    spent: dict[str, float] = defaultdict(float)
    for one in pages:
        with suppress(BadMessage):
            _steps_of(one, spent)
    return spent


def _steps_of(one: Page, spent: dict[str, float]) -> None:
    last = time.process_time()

    def lap(step: str) -> None:
        nonlocal last
        now = time.process_time()
        spent[step] += now - last
        last = now

    html = repair_markup(decode(one.body, None, html=True).text)
    lap("decode")
    tree = parse_html(html, one.url)
    lap("tree")
    found = page_metadata(tree, one.url)
    lap("metadata")
    lines = page_lines(tree, one.url)
    lap("extract")
    cleaned = clean(lines, found.title)
    lap("clean")
    detect(f"{found.title}\n{from_lines(cleaned.lines)}", found.language)
    lap("language")


def peak(side: str, folder: Path | None, limit: int | None) -> float:
    """The most memory, in MiB, that a process held which read the pages with one side. Runs in that process.

    Pages are read from their files one by one: all of them at once would be most of it. Linux only.
    """
    for one in each(folder, limit):
        SIDES[side](one)
    # Not getrusage: it also counts what the parent held when it started this process.
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / KIBIBYTES


def peaks(folder: Path | None, limit: int | None) -> dict[str, float]:
    """The memory of both sides, each in a fresh process."""
    found = {}
    for side in ("ours_whole", "trafilatura_whole"):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            found[side] = pool.submit(peak, side, folder, limit).result()
    return found


def _print(figure: str, **values: float) -> None:
    print(json.dumps({"figure": figure, **values}), flush=True)


def _against(figure: str, count: int, mine: float, theirs: float) -> None:
    _print(
        figure,
        pages=count,
        pages_per_s=round(count / mine, 1),
        trafilatura_per_s=round(count / theirs, 1),
        ratio=round(theirs / mine, 3),
    )


@click.command()
@click.option("--pages", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Read so many pages at most.")
def main(folder: Path | None, limit: int | None) -> None:
    """Measure and print."""
    if folder is None and LABELLED.is_dir():
        folder = LABELLED
    pages = list(each(folder, limit))
    by_turns(pages[:WARM_UP])
    spent = by_turns(pages)
    _against(
        "text, pages/s per core against bare trafilatura", len(pages), spent["ours"], spent["trafilatura"]
    )
    _against(
        "document, pages/s per core against bare trafilatura with metadata",
        len(pages),
        spent["ours_whole"],
        spent["trafilatura_whole"],
    )
    took = steps(pages)
    for step, seconds in took.items():
        _print(
            f"step {step}",
            ms_per_page=round(1000 * seconds / len(pages), 2),
            share=round(seconds / sum(took.values()), 3),
        )
    held = peaks(folder, limit)
    _print(
        "peak memory, MiB",
        ours=round(held["ours_whole"], 1),
        trafilatura=round(held["trafilatura_whole"], 1),
        ratio=round(held["ours_whole"] / held["trafilatura_whole"], 2),
    )


if __name__ == "__main__":
    main()
