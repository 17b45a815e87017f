"""Labelled articles from files: JSON Lines, one article a line, with the labels flat or under `labels`."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct


class Accepted(Struct, frozen=True, kw_only=True):
    """Labels that count neither as hit nor as false alarm; `headline` and `phase` are right too."""

    alliances: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    event_types: frozenset[str] = frozenset()
    headline: frozenset[str] = frozenset()
    phase: frozenset[str] = frozenset()


class Mark(Struct, frozen=True, kw_only=True):
    """Words that prove a label; offsets are code points in the field, half-open."""

    label: str
    field: str
    start: int
    end: int


class Days(Struct, frozen=True, kw_only=True):
    """Days of an event, ISO 8601, inclusive; a month or year alone stands twice."""

    start: str
    end: str


class Named(Struct, frozen=True, kw_only=True):
    """A place by its English name."""

    name: str


class Facts(Struct, frozen=True, kw_only=True):
    """What is told of the event: when, where, and the how many-th it is."""

    dates: tuple[Days, ...] = ()
    places: tuple[Named, ...] = ()
    editions: tuple[str, ...] = ()


class Labelled(Struct, frozen=True, kw_only=True):
    """An article and what a careful reader says of it.

    `published` is an ISO date, or the month or year alone. With `hard_negative` no body is a subject and nothing
    happened that counts; `not_alliances` are bodies that a look-alike suggests.
    """

    id: str
    language: str
    text: str
    title: str | None = None
    url: str | None = None
    published: str | None = None
    alliances: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    not_alliances: frozenset[str] = frozenset()
    event_types: tuple[str, ...] = ()
    phase: str | None = None
    event_instance: str | None = None
    near_dup_group: str | None = None
    hard_negative: bool = False
    boilerplate_snippets: tuple[str, ...] = ()
    must_keep: tuple[str, ...] = ()
    accept: Accepted = Accepted()
    evidence: tuple[Mark, ...] = ()
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """The articles of a file, and the SHA-256 of what was read."""

    name: str
    digest: str
    articles: tuple[Labelled, ...]


def read_labelled(path: Path) -> LabelledSet:
    """The articles of a file; a line may name a `file` beside it that holds the text.

    Raises ValueError, with file and line, for what is none or stands there twice.
    """
    digest = hashlib.sha256()
    articles = {}
    for number, line in enumerate(_lines(path), 1):
        digest.update(line)
        try:
            article = _article(json.loads(line), path.parent)
        except (ValueError, TypeError, AttributeError, KeyError, OSError) as e:
            raise ValueError(f"{path}, line {number}: no labelled article: {e}") from e
        if article.id in articles:
            raise ValueError(f"{path}, line {number}: {article.id} stands there twice")
        digest.update(article.text.encode() if b'"file"' in line else b"")
        articles[article.id] = article
    if not articles:
        raise ValueError(f"{path}: holds no labelled article")
    return LabelledSet(f"{path.parent.name}/{path.name}", digest.hexdigest(), tuple(articles.values()))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as lines:
            yield from (line for line in lines if line.strip())
    except OSError as e:
        raise ValueError(f"{path}: cannot be read: {e.strerror}") from e


def _article(row: dict[str, Any], folder: Path) -> Labelled:
    row = row | row.get("labels", {})
    if "text" not in row:
        row["text"] = (folder / row["file"]).read_text(encoding="utf-8")
    row["published"] = row.get("published") or row.get("date")
    row["hard_negative"] = row.get("hard_negative", False) or row.get("negative") == "foreign"
    return msgspec.convert({key: value for key, value in row.items() if value is not None}, Labelled)
