"""The learner: counts the pages of each source, makes templates of what recurs, has first pages parsed again.

It reads `fetched` in a group of its own and holds nothing in memory. A page is counted under its address and fetch
time, so one that is delivered again changes nothing; several learners may count one source, for its counts are
written over the version that was read or not at all.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from services.parser.bounded import Sketched
from services.parser.templates.counts import (
    KEPT_PAGES,
    MOST_KEPT,
    WINDOW,
    Group,
    Page,
    SourceCounts,
    merge,
    page_id,
)
from services.parser.templates.kept import (
    PARSE_AGAIN,
    TEMPLATE_SECONDS,
    ParseAgain,
    counts_of,
    decode_again,
    encode_again,
    first_page_id,
    first_pages,
    keep_counts,
    keep_page,
    newest_template,
    publish,
)
from services.parser.templates.learn import learn
from services.parser.templates.template import LearnedGroup, LearnedLine, Template, snapshot_id
from shared.clock import Clock
from shared.contracts.messages import FetchedDocument
from shared.contracts.wire import Outgoing, Received
from shared.errors import StepError, Unavailable
from shared.identity import is_item_address
from shared.runner.service import Handled, Owns, Service, Tick, Verdict
from shared.store.port import Store, Write

log = logging.getLogger(__name__)

# Bytes as fetched above which a page is not kept.
LARGEST_KEPT = 512 * 1024
# After this time every parser works with a template: what it may be held for, and a margin for clocks that differ.
EVERYBODY_KNOWS = timedelta(seconds=TEMPLATE_SECONDS + 3)
# Lines whose learning is worth a template soon, and pages that must pass before a lesser one.
WORTH_MUCH, SOON, LATER = 3, 2, 5
# Sources whose pages are sent again at once.
AT_ONCE = 4
BATCH = 32

SketchAll = Callable[[Sequence[FetchedDocument]], Iterable[Sketched | StepError]]


class Learner:
    """The step of the learner. `sketch_all` gives the sketch of each document, in their order."""

    def __init__(self, sketch_all: SketchAll, store: Store, clock: Clock) -> None:
        self._sketch_all = sketch_all
        self._store = store
        self._clock = clock

    def step(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        """Count these pages. What cannot be read is not counted; the parser says what becomes of it. One of several
        texts on a page is none: the page was counted."""
        messages: list[FetchedDocument] = [received.message for received in batch]
        documents = [message for message in messages if not is_item_address(message.url)]
        sources: dict[str, list[tuple[FetchedDocument, Page]]] = {}
        for document, sketch in zip(documents, self._sketch_all(documents), strict=True):
            if isinstance(sketch, Unavailable):
                raise sketch
            if isinstance(sketch, StepError):
                log.info("%s: not counted: %s", document.url, sketch)
            elif sketch.sketch:
                page = Page(id=page_id(document.url), at=document.fetched_at, sketch=sketch.sketch)
                sources.setdefault(document.source.id, []).append((document, page))
        for source, pages in sources.items():
            while not self._count(source, pages):
                pass
        return [Handled()] * len(batch)

    def send_again(self, now: datetime, owns: Owns) -> Handled:
        """The pages that are due to be parsed again, on the backfill lane: nobody is alerted of them."""
        pages: dict[str, None] = {}
        done: list[Write] = []
        sources: set[str] = set()
        for stored in self._store.list(PARSE_AGAIN, {"state": "waiting"}):
            todo = decode_again(stored.body)
            if todo.due > now or not owns("fetched", todo.source):
                continue
            sources.add(todo.source)
            if len(sources) > AT_ONCE:
                break
            groups = counts_of(self._store, todo.source)[0].groups
            pages |= dict.fromkeys(id for key in todo.groups if key in groups for id in groups[key].kept)
            done.append(Write(PARSE_AGAIN, stored.id, stored.body, {"state": "done"}))
        documents = first_pages(self._store, list(pages))
        outputs = tuple(
            Outgoing("fetched", document.url, document, mode="backfill") for document in documents
        )
        return Handled(outputs=outputs, remember=tuple(done))

    def _count(self, source: str, pages: Sequence[tuple[FetchedDocument, Page]]) -> bool:
        """Count pages of one source; False when another learner was quicker: read again, then."""
        before, version = counts_of(self._store, source)
        counts = merge(before, [page for _, page in pages])
        if counts is before:
            return True
        now = self._clock()
        counts = self._keep(counts, pages, now)
        template, groups = next_template(counts, newest_template(self._store, source))
        while template is not None:
            # Planned first: a kill in between makes pages be parsed once more, never once too few.
            self._plan(template, groups)
            if publish(self._store, template):
                break
            template = replace(template, number=template.number + 1)
        return keep_counts(self._store, _known(counts, groups, now), version)

    def _plan(self, template: Template, groups: tuple[str, ...]) -> None:
        """Have the first pages of these groups parsed again once every parser knows the template."""
        if groups:
            due = self._clock() + EVERYBODY_KNOWS
            todo = ParseAgain(source=template.source, number=template.number, due=due, groups=groups)
            id = snapshot_id(template.source, template.number)
            self._store.put(Write(PARSE_AGAIN, id, encode_again(todo), {"state": "waiting"}))

    def _keep(
        self, counts: SourceCounts, pages: Sequence[tuple[FetchedDocument, Page]], now: datetime
    ) -> SourceCounts:
        """Keep the first pages of each group whole, and those that parsers may have met without its template."""
        groups = dict(counts.groups)
        for document, page in pages:
            group = groups.get(page.sketch.group)
            id = first_page_id(document.source.id, page.id)
            if group is None or id in group.kept or len(group.kept) >= _most_kept(group, now):
                continue
            if document.packed <= LARGEST_KEPT:
                keep_page(self._store, id, document)
                groups[page.sketch.group] = replace(group, kept=(*group.kept, id))
        return replace(counts, groups=groups)


def _most_kept(group: Group, now: datetime) -> int:
    known = group.known_at is not None and now >= group.known_at + EVERYBODY_KNOWS
    return KEPT_PAGES if known else MOST_KEPT


def _known(counts: SourceCounts, groups: Iterable[str], now: datetime) -> SourceCounts:
    """The counts, with these groups known from now on if they were not before."""
    found = {key: replace(counts.groups[key], known_at=counts.groups[key].known_at or now) for key in groups}
    return replace(counts, groups={**counts.groups, **found})


def next_template(counts: SourceCounts, newest: Template | None) -> tuple[Template | None, tuple[str, ...]]:
    """The template that follows from the counts, if it says enough that `newest` does not, and the groups of
    which it says much: their first pages are worth parsing again."""
    learned = {key: learn(group.pages) for key, group in counts.groups.items()}
    before = newest.groups if newest else {}
    worth = {
        key: _worth(group, learned[key], before.get(key))
        for key, group in counts.groups.items()
        if learned[key]
    }
    if not any(worth.values()):
        return None, ()
    groups = {
        key: LearnedGroup(pages=tuple(page.mark for page in counts.groups[key].pages), lines=lines)
        for key, lines in learned.items()
        if lines
    }
    number = newest.number + 1 if newest else 1
    much = tuple(key for key, news in worth.items() if news == "much")
    return Template(source=counts.source, number=number, groups=groups), much


def _worth(
    group: Group, lines: Sequence[LearnedLine], known: LearnedGroup | None
) -> Literal["", "little", "much"]:
    """Whether a group's lines are worth a template: what is new of them, and how many pages came meanwhile."""
    if known is None:
        return "much"
    where = {line.text: line.where for line in known.lines}
    news = sum(where.get(line.text) not in (line.where, "anywhere") for line in lines)
    passed = sum(page.mark not in known.pages for page in group.pages)
    if news and passed >= SOON and (news >= WORTH_MUCH or len(group.pages) < WINDOW):
        return "much"
    return "little" if news and passed >= LATER else ""


def learner_service(sketch_all: SketchAll, store: Store, clock: Clock) -> Service:
    """The learner; it runs beside the parser."""
    learner = Learner(sketch_all, store, clock)
    again = Tick("parse-again", timedelta(seconds=5), learner.send_again)
    return Service(
        name="learner", inputs=("fetched",), step=learner.step, ticks=(again,), batch=BATCH, quiet=True
    )
