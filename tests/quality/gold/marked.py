"""The gold articles as they are written: plain text with a head of labels and marks around the words that prove them.

An article begins with `=== id`, goes on with `key: value` lines, and after a line `---` comes its text. In title and
text `⟦label,label|words⟧` marks words as evidence of labels: ids of alliances, ids of event types, or `date`,
`edition`, `place`. `articles.jsonl` holds the same articles without marks, the offsets counted here:

    python -m tests.quality.gold.marked [FOLDER]   # writes articles.jsonl of FOLDER/sources and says its digest
"""

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

FOLDER = Path(__file__).parent
ARTICLES = FOLDER / "articles.jsonl"
MARK = re.compile(r"⟦([a-z_0-9,]+)\|([^⟦⟧]+)⟧")
ACCEPTED = {
    "accept_alliances": "alliances",
    "accept_mentions": "mentions",
    "accept_types": "event_types",
    "accept_headline": "headline",
    "accept_phase": "phase",
}
EventType = Literal[
    "general_assembly",
    "council_meeting",
    "conference_forum",
    "founding_launch",
    "agreement_mou",
    "declaration_consensus",
    "funding_grant",
    "funding_call",
    "project_launch",
    "inscription_nomination",
    "protection_designation",
    "watchlist_publication",
    "restitution",
    "illicit_trafficking",
    "discovery_excavation",
    "damage_threat",
    "conservation_works",
    "conservation_completion",
    "exhibition",
    "appointment_election",
    "official_visit_meeting",
    "training_workshop",
    "award",
    "publication_report",
    "membership_change",
    "governance_change",
    "merger_affiliation",
    "headquarters_secretariat",
    "host_selection",
    "legislation_policy",
    "anniversary_commemoration",
    "statement_message",
    "background_profile",
]
Body = Literal[
    "aahm",
    "ac_forum",
    "acha",
    "aktc",
    "aliph",
    "arc_wh",
    "awhf",
    "blue_shield",
    "cer",
    "climate_heritage_network",
    "europa_nostra",
    "european_heritage_alliance",
    "getty_conservation",
    "ghf",
    "heritage_alliance_uk",
    "iccrom",
    "icesco",
    "icom",
    "icomos",
    "into",
    "iucn",
    "khs",
    "national_trusts",
    "ncha",
    "owhc",
    "rcep_whca",
    "seacha",
    "seameo_spafa",
    "silk_road_museum_alliance",
    "unesco",
    "unesco_whc",
    "whitrap",
    "wmf",
]
Phase = Literal["preview", "report", "followup", "background"]
Negative = Literal["foreign", "passing", "unfulfilled"]
KEYS = frozenset(
    (
        *("lang", "url", "source", "published", "title", "types", "phase", "event", "negative", "near_dup"),
        *("alliances", "mentions", "not_alliances"),
        *("dates", "editions", "places", "outcomes", "traps", "note"),
        *ACCEPTED,
    )
)


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that prove a label: `start` and `end` are code points, half-open, in `title` or `text`."""

    label: EventType | Body | Literal["date", "edition", "place"]
    field: Literal["title", "text"]
    start: int
    end: int
    text: str


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days of the headline event, ISO 8601, `end` inclusive; a month or year alone stands twice (`2025-11`)."""

    start: str
    end: str


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the headline event happens: English name and ISO 3166-1 alpha-2 of the country."""

    name: str
    country: str


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of it: the event type and a name or number as the article tells it."""

    kind: EventType
    name: str


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the article tells of its headline event."""

    dates: tuple[Span, ...]
    editions: tuple[str, ...]
    places: tuple[Place, ...]
    outcomes: tuple[Outcome, ...]


class Trap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label that words of the article suggest and that would be wrong."""

    label: EventType | Body
    why: str


class Accept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Labels that count neither as hit nor as miss nor as false alarm; `headline` and `phase` are right too."""

    alliances: tuple[Body, ...] = ()
    mentions: tuple[Body, ...] = ()
    event_types: tuple[EventType, ...] = ()
    headline: tuple[EventType, ...] = ()
    phase: tuple[Phase, ...] = ()


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is right about one article; the README says what each field means."""

    alliances: tuple[Body, ...]
    mentions: tuple[Body, ...]
    not_alliances: tuple[Body, ...]
    event_types: tuple[EventType, ...]
    phase: Phase | None
    event_instance: str | None
    negative: Negative | None
    near_dup_group: str | None
    accept: Accept
    traps: tuple[Trap, ...]
    facts: Facts | None
    evidence: tuple[Evidence, ...]
    note: str


class GoldArticle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `articles.jsonl`."""

    id: str
    language: str
    url: str | None
    source: str
    published: str | None
    title: str
    text: str
    labels: Labels


def written(folder: Path = FOLDER / "sources") -> tuple[GoldArticle, ...]:
    """All articles of the marked files, by file and place; ValueError names the article that cannot be read."""
    files = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt")))
    blocks = (block for file in files for block in re.split(r"^=== ", file, flags=re.MULTILINE)[1:])
    return tuple(_article(block) for block in blocks)


def as_lines(articles: tuple[GoldArticle, ...]) -> bytes:
    """The bytes of `articles.jsonl`."""
    return b"".join(msgspec.json.encode(article) + b"\n" for article in articles)


def _article(block: str) -> GoldArticle:
    head, _, body = block.partition("\n---\n")
    id, *lines = head.split("\n")
    values = dict(line.split(": ", 1) for line in lines if line)
    if unknown := values.keys() - KEYS:
        raise ValueError(f"{id}: unknown keys {sorted(unknown)}; known are {sorted(KEYS)}")
    title, in_title = _unmarked("title", values["title"])
    text, in_text = _unmarked("text", body.strip("\n"))
    article = {
        "id": id,
        "language": values["lang"],
        "url": values.get("url"),
        "source": values["source"],
        "published": values.get("published"),
        "title": title,
        "text": text,
        "labels": _labels(values) | {"evidence": (*in_title, *in_text)},
    }
    try:
        return msgspec.convert(article, GoldArticle)
    except msgspec.ValidationError as e:
        raise ValueError(f"{id}: {e}") from e


def _labels(values: Mapping[str, str]) -> dict[str, object]:
    return {
        "alliances": _items(values, "alliances"),
        "mentions": _items(values, "mentions"),
        "not_alliances": _items(values, "not_alliances"),
        "event_types": _items(values, "types"),
        "phase": values.get("phase"),
        "event_instance": values.get("event"),
        "negative": values.get("negative"),
        "near_dup_group": values.get("near_dup"),
        "accept": {name: _items(values, key) for key, name in ACCEPTED.items()},
        "traps": tuple({"label": label, "why": why} for label, why in _pairs(values, "traps")),
        "facts": _facts(values),
        "note": values.get("note", ""),
    }


def _facts(values: Mapping[str, str]) -> dict[str, object] | None:
    if not values.keys() & {"dates", "editions", "places", "outcomes"}:
        return None
    days = (day.partition("/") for day in _items(values, "dates"))
    return {
        "dates": tuple({"start": start, "end": end or start} for start, _, end in days),
        "editions": _items(values, "editions"),
        "places": tuple({"name": name, "country": code} for name, code in _pairs(values, "places")),
        "outcomes": tuple({"kind": kind, "name": name} for kind, name in _pairs(values, "outcomes")),
    }


def _items(values: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in values.get(key, "").split(",") if item.strip())


def _pairs(values: Mapping[str, str], key: str) -> Iterator[tuple[str, str]]:
    """`a=b; c=d` as pairs."""
    for pair in filter(None, values.get(key, "").split(";")):
        left, _, right = pair.partition("=")
        yield left.strip(), right.strip()


def _unmarked(field: str, marked: str) -> tuple[str, tuple[dict[str, object], ...]]:
    """The text without its marks, and what they marked."""
    parts: list[str] = []
    found: list[dict[str, object]] = []
    taken = at = 0
    for mark in MARK.finditer(marked):
        before, words = marked[taken : mark.start()], mark[2]
        start = at + len(before)
        at, taken = start + len(words), mark.end()
        parts += [before, words]
        span: dict[str, object] = {"field": field, "start": start, "end": at, "text": words}
        found += [{"label": label} | span for label in mark[1].split(",")]
    text = "".join([*parts, marked[taken:]])
    if "⟦" in text or "⟧" in text:
        raise ValueError(f"a mark is not closed in {text[:60]!r}")
    return text, tuple(found)


def main(folder: Path = FOLDER) -> None:
    """Write `articles.jsonl` anew."""
    articles = written(folder / "sources")
    lines = as_lines(articles)
    (folder / ARTICLES.name).write_bytes(lines)
    print(f"{len(articles)} articles, sha256 {hashlib.sha256(lines).hexdigest()}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
