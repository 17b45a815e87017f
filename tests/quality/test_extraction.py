"""How well dates are told and pages are read, held to floors.

The development articles are read as plain text with their title told by a feed. The pages are scored word by word
against trafilatura's own extraction in the same run, so a new version of it moves both.
"""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trafilatura

from services.parser.extract import article_text
from services.parser.read import ReadDocument, read_document
from shared.contracts.messages import FeedEntry
from tests.conftest import OUTSIDE

FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
DEVSET = OUTSIDE / "devset"
# Of the dates that stand in text or address at all, by the development labels; the others are scored as misses.
DATE_FLOOR = 0.55
PAGES = 100


@pytest.fixture(scope="module")
def articles() -> list[tuple[dict[str, Any], ReadDocument]]:
    path = DEVSET / "articles.jsonl"
    if not path.is_file():
        pytest.skip("the development articles are not beside this checkout (../shared/devset)")
    return [(label, _read(label)) for label in _rows(path)]


def _rows(path: Path) -> list[dict[str, Any]]:
    # Not splitlines(): it also cuts at the line separators within a text.
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _read(label: dict[str, Any]) -> ReadDocument:
    return read_document(
        label["text"].encode(),
        media_type="text/plain",
        charset="utf-8",
        url=label["url"],
        entry=FeedEntry(title=label["title"]),
        fetched_at=FETCHED,
    )


def test_dates_are_right_or_absent(articles: list[tuple[dict[str, Any], ReadDocument]]) -> None:
    dated = [(label, doc) for label, doc in articles if label["date"]]
    told = [(label, doc) for label, doc in dated if doc.published_at]
    right = [
        1
        for label, doc in told
        if doc.published_at and doc.published_at.isoformat().startswith(label["date"][:10])
    ]
    wrong = [
        (label["id"], doc.published_at, doc.published_from)
        for label, doc in told
        if doc.published_at and not doc.published_at.isoformat().startswith(label["date"][:10])
    ]
    assert len(right) >= DATE_FLOOR * len(dated), wrong
    assert len(wrong) <= 0.05 * len(dated), wrong


def _f1(got: str, want: str) -> float:
    found, true = (Counter(re.findall(r"\w+", text.lower())) for text in (got, want))
    both = sum((found & true).values())
    return 2 * both / (sum(found.values()) + sum(true.values())) if both else 0.0


def test_pages_are_read_at_least_as_well_as_by_trafilatura_alone(full: bool) -> None:
    truth = DEVSET / "pages" / "truth.jsonl"
    if not truth.is_file():
        pytest.skip("the development pages are not beside this checkout (../shared/devset/pages)")
    rows = _rows(truth)
    # Every eighth page, so that the sample is not the beginning of the alphabet.
    rows = rows if full else rows[:: max(1, len(rows) // PAGES)][:PAGES]
    ours, theirs = 0.0, 0.0
    for row in rows:
        html = _page(truth.parent / "html" / f"{row['id']}.html.gz")
        ours += _f1(article_text(html, row["url"]), row["text"])
        theirs += _f1(trafilatura.extract(html, url=row["url"], include_comments=False) or "", row["text"])
    assert ours / len(rows) >= max(theirs / len(rows), 0.92), (ours / len(rows), theirs / len(rows))


def _page(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
