"""What it costs to say what an article is about, per 5 KB of text on one core, against extracting that text.

    python -m benchmarks.classify [--pages FOLDER] [--limit N] [--aliases 10000]

Prints one JSON line per figure. `share` is what to quote: the cost of language, labels, facts and near-duplicate key
together over that of reading the same pages (text and metadata) in the same run, in seconds of the processor and by
turns; `share_of_text` is against their text alone. The taxonomy is filled up with made-up bodies until it has so many
aliases.

FOLDER is searched for `*.html` and `*.html.gz`. Without it, the labelled pages beside this folder are read when they
are there, else generated ones. Pages whose text is shorter than 2 KB are left out.
"""

import gc
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path

import click

from benchmarks.parser import LABELLED, WARM_UP, Page, each, ours_whole
from services.parser.classify import Classifier
from services.parser.extract import article_text
from services.parser.language import detect
from shared.collecting import collect_seldom
from shared.errors import BadMessage
from shared.taxonomy.schema import Alliance
from shared.taxonomy.taxonomy import Taxonomy, load_taxonomy
from shared.text.analysis import token_texts
from shared.text.minhash import signature

PER_BYTES = 5 * 1024
SHORTEST = 2 * 1024
ROUNDS = 3
_OF = [
    "Harbour",
    "River",
    "Mountain",
    "Desert",
    "Island",
    "Forest",
    "Valley",
    "Coastal",
    "Highland",
    "Border",
    "Lake",
    "Northern",
    "Southern",
    "Eastern",
]
_WHAT = [
    "Castles",
    "Temples",
    "Mills",
    "Bridges",
    "Gardens",
    "Manuscripts",
    "Murals",
    "Shipwrecks",
    "Pottery",
    "Theatres",
    "Shrines",
    "Caravanserais",
]
_BODY = [
    "Council",
    "Society",
    "Alliance",
    "Network",
    "Trust",
    "Institute",
    "Federation",
    "Union",
    "League",
    "Forum",
]
_ALSO = (
    "{} International",
    "Friends of the {}",
    "{} Foundation",
    "World {}",
    "{} of Asia",
    "Centre of the {}",
)


@dataclass(frozen=True, slots=True)
class Text:
    """An extracted article, and what its text and the whole reading of its page cost, in seconds."""

    title: str
    text: str
    seconds: float
    whole: float


def filled(taxonomy: Taxonomy, aliases: int) -> tuple[Taxonomy, int]:
    """The taxonomy with made-up bodies, and how many aliases it has."""
    count = sum(
        len(n) for a in taxonomy.alliances.values() for n in (*a.names.values(), a.acronyms, a.shorts)
    )
    more = {}
    for body in _made_up():
        if count >= aliases:
            break
        more[body.id] = body
        count += len(body.names["en"])
    return replace(taxonomy, alliances={**taxonomy.alliances, **more}), count


def _made_up() -> Iterator[Alliance]:
    for number, (of, what, body) in enumerate(product(_OF, _WHAT, _BODY)):
        name = f"{of} {what} {body}"
        names = (name, *(form.format(name) for form in _ALSO))
        yield Alliance(id=f"made_up_{number}", name=name, kind="organisation", names={"en": names})


def texts(pages: Sequence[Page]) -> list[Text]:
    """The articles of pages that are long enough."""
    found = []
    for page in pages:
        started = time.process_time()
        with suppress(BadMessage):
            text = article_text(page.html, page.url)
            between = time.process_time()
            ours_whole(page)
            if len(text.encode()) >= SHORTEST:
                title = text.split("\n", 1)[0][:200]
                found.append(Text(title, text, between - started, time.process_time() - between))
    return found


def costs(articles: Sequence[Text], classifier: Classifier) -> dict[str, float]:
    """Seconds of each step over all articles."""
    spent: dict[str, float] = defaultdict(float)
    for one in articles:
        last = time.process_time()
        language = detect(f"{one.title}\n{one.text}", None)
        at = time.process_time()
        spent["language"] += at - last
        classifier.classify(one.title, one.text, language=language, published=None)
        last = time.process_time()
        spent["labels and facts"] += last - at
        signature(token_texts(one.text))
        spent["near-duplicate key"] += time.process_time() - last
    return spent


@click.command()
@click.option("--pages", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), default=300, show_default=True)
@click.option("--aliases", type=click.IntRange(min=1), default=10_000, show_default=True)
def main(folder: Path | None, limit: int, aliases: int) -> None:
    """Measure and print."""
    if folder is None and LABELLED.is_dir():
        folder = LABELLED
    collect_seldom()
    taxonomy, count = filled(load_taxonomy(), aliases)
    classifier = Classifier(taxonomy)
    gc.freeze()  # as in the parser, where what is loaded is not looked through again
    pages = list(islice(each(folder, limit), limit))
    costs(texts(pages[:WARM_UP]), classifier)
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        articles = texts(pages)
        spent = {
            "text": sum(one.seconds for one in articles),
            "whole reading": sum(one.whole for one in articles),
            **costs(articles, classifier),
        }
        best = {step: min(seconds, best.get(step, seconds)) for step, seconds in spent.items()}
    if not articles:
        raise click.ClickException(f"no page has a text of {SHORTEST} bytes; name a folder with longer ones")
    size = sum(len(one.text.encode()) for one in articles)
    for step, seconds in best.items():
        _print(step, articles=len(articles), ms_per_5_kb=round(1000 * seconds * PER_BYTES / size, 3))
    text, whole = best.pop("text"), best.pop("whole reading")
    together = sum(best.values())
    _print(
        "language, labels, facts and near-duplicate key",
        aliases=count,
        ms_per_5_kb=round(1000 * together * PER_BYTES / size, 3),
        share=round(together / whole, 3),
        share_of_text=round(together / text, 3),
    )


def _print(figure: str, **values: float) -> None:
    print(json.dumps({"figure": figure, **values}), flush=True)


if __name__ == "__main__":
    main()
