"""Templates, counts, first pages and what is to be parsed again, as the store keeps them.

templates        `SOURCE/NUMBER`: a snapshot, made once, never changed; `SOURCE`: the newest one
template-counts  `SOURCE`: what is counted of its pages
first-pages      the first pages of each group of a source, whole, as they were fetched
parse-again      `SOURCE/NUMBER`: groups whose pages are to be parsed again with this template, and from when on
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from services.parser.templates.counts import SourceCounts, decode_counts, encode_counts
from services.parser.templates.template import Template, decode_template, encode_template, snapshot_id
from shared.contracts.article import Struct
from shared.contracts.messages import FetchedDocument
from shared.store.port import AlreadyExists, Store, VersionConflict, Write

TEMPLATES = "templates"
COUNTS = "template-counts"
FIRST_PAGES = "first-pages"
PARSE_AGAIN = "parse-again"
# Seconds a parser may go on with the template it read last; while a source is hardly known yet, a part of them.
TEMPLATE_SECONDS = 3.0
YOUNG, YOUNG_PART = 5, 0.1
# Sources whose template is held in memory.
MOST_HELD = 2000

_encode = msgspec.msgpack.Encoder().encode
_decode_page = msgspec.msgpack.Decoder(FetchedDocument).decode


class ParseAgain(Struct, frozen=True, kw_only=True):
    """Groups whose first pages are to be parsed again, from `due` on: by then every parser knows the template."""

    source: str
    number: int
    due: datetime
    groups: tuple[str, ...]


encode_again = msgspec.json.Encoder().encode
decode_again = msgspec.json.Decoder(ParseAgain).decode


def counts_of(store: Store, source: str) -> tuple[SourceCounts, int]:
    """What is counted of a source, and the version it has in the store."""
    stored = store.get(COUNTS, source)
    return (decode_counts(stored.body), stored.version) if stored else (SourceCounts(source=source), 0)


def keep_counts(store: Store, counts: SourceCounts, version: int) -> bool:
    """Keep them over this version; False when somebody counted in between."""
    try:
        store.put(Write(COUNTS, counts.source, encode_counts(counts), expected=version))
    except VersionConflict:
        return False
    return True


def newest_template(store: Store, source: str) -> Template | None:
    """The newest template of a source, if there is one."""
    stored = store.get(TEMPLATES, source)
    return decode_template(stored.body) if stored else None


def publish(store: Store, template: Template) -> bool:
    """Make a snapshot and name it the newest; False when its number is taken by another one."""
    body = encode_template(template)
    try:
        store.create(TEMPLATES, template.id, body, {"source": template.source})
    except AlreadyExists as e:
        if e.existing.body != body:
            return False
    while True:
        stored = store.get(TEMPLATES, template.source)
        if stored and decode_template(stored.body).number >= template.number:
            return True
        try:
            store.put(Write(TEMPLATES, template.source, body, expected=stored.version if stored else 0))
        except VersionConflict:
            continue
        return True


def snapshot(store: Store, source: str, number: int) -> Template | None:
    """A source's template of this number."""
    stored = store.get(TEMPLATES, snapshot_id(source, number))
    return decode_template(stored.body) if stored else None


def keep_page(store: Store, id: str, document: FetchedDocument) -> None:
    """Keep a page whole."""
    store.put(Write(FIRST_PAGES, id, _encode(document), {"source": document.source.id}))


def first_pages(store: Store, ids: Sequence[str]) -> list[FetchedDocument]:
    """Those of the pages that are there."""
    found = store.get_many(FIRST_PAGES, ids)
    return [_decode_page(found[id].body) for id in ids if id in found]


def first_page_id(source: str, page: str) -> str:
    """The name a first page of a source is kept under."""
    return f"{hashlib.sha256(source.encode()).hexdigest()[:12]}-{page}"


class Newest:
    """The newest template of each source, read at most once in `seconds` for each. For one thread."""

    def __init__(self, store: Store, monotonic: Callable[[], float], seconds: float) -> None:
        self._store = store
        self._monotonic = monotonic
        self._seconds = seconds
        self._held: dict[str, tuple[float, Template | None]] = {}

    def of(self, source: str) -> Template | None:
        """The newest template of a source. Raises StoreUnavailable."""
        now = self._monotonic()
        held = self._held.pop(source, None)
        if held is None or now - held[0] >= self._seconds * (YOUNG_PART if _is_young(held[1]) else 1):
            held = now, newest_template(self._store, source)
        self._held[source] = held
        while len(self._held) > MOST_HELD:
            del self._held[next(iter(self._held))]
        return held[1]


def _is_young(template: Template | None) -> bool:
    return template is None or template.number < YOUNG
