"""Hostile and broken documents of every kind: each ends within bounds as an article, as none with a reason, or as a
dead letter with a reason; and what comes before and after it is parsed as if it were not there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
import zstandard
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.parser.bounded import LIMITS, Parsed, ToParse, parse_all, parser_pool
from shared.contracts.messages import FetchedDocument, Source
from shared.errors import BadMessage, StepError
from shared.workers.pool import WorkerPool, WorkFault
from tests import sample_press
from tests.faults import hostile_bytes, hostile_lines, hostile_pages
from tests.faults.hostile import Hostile, Made
from tests.integration.documents import page

EVERY = 3
# Of the kinds that take long, the short form takes each second or fourth document.
SHORT_FORM = {"breadth": 2, "letters": 2, "lines": 4}
URL = "https://hostile.example/1"
KINDS: dict[str, Callable[[], Made]] = {
    "depth": hostile_pages.depth,
    "breadth": hostile_pages.breadth,
    "attributes": hostile_pages.attributes,
    "size": hostile_pages.size,
    "foreign": hostile_pages.foreign,
    "letters": hostile_bytes.letters,
    "binary": hostile_bytes.binary,
    "lines": hostile_lines.rules,
}


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = parser_pool(2)
    yield pool
    pool.close()


def fetched(made: Hostile, url: str = URL) -> ToParse:
    return ToParse(
        document=FetchedDocument(
            url=url,
            final_url=url,
            source=Source(id="hostile"),
            headers=dict(made.headers),
            media_type=made.media_type,
            body=zstandard.compress(made.body),
            size=len(made.body),
            sha256="",
            fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
    )


def good(number: int) -> ToParse:
    return fetched(Hostile(page(number).encode()), f"https://good.example/{number}")


def check(found: Parsed | StepError, name: str) -> None:
    """The outcome is one of the three, and says why."""
    if isinstance(found, Parsed):
        assert (found.article is None) is bool(found.not_an_article), name
        assert found.article is None or found.article.article.text, name
    else:
        assert isinstance(found, BadMessage), f"{name}: {found!r}"
        assert not isinstance(found, WorkFault), f"{name}: {found} ({found.where})"
        assert URL in str(found), name


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_documents_end_within_bounds_and_harm_no_other(
    pool: WorkerPool, kind: str, full: bool
) -> None:
    alone = list(parse_all(pool, map(good, range(EVERY))))
    assert all(isinstance(each, Parsed) and each.article for each in alone)
    names: list[str] = []

    def mixed() -> Iterator[ToParse]:
        short = islice(KINDS[kind](), 0, None, 1 if full else SHORT_FORM.get(kind, 1))
        for number, (name, make) in enumerate(short):
            yield fetched(make())
            yield good(number % EVERY)
            names.append(name)

    for number, found in enumerate(parse_all(pool, mixed())):
        if number % 2:
            assert found == alone[number // 2 % EVERY], f"after {names[number // 2]}"
        else:
            check(found, names[number // 2])
            assert largest(pool) <= LIMITS.memory, names[number // 2]
    assert len(names) > 10


def largest(pool: WorkerPool) -> int:
    """The most memory, in bytes, that any worker now waiting has held."""
    peaks = [0]
    for place in list(pool._places.queue):
        if place.worker:
            status = Path(f"/proc/{place.worker.pid}/status").read_text()
            peaks.append(int(status.partition("VmHWM:")[2].split()[0]) * 1024)
    return max(peaks)


# What takes the place of a stretch of a page.
STRAY = b"""< > </p> <table><tr> <!-- --> <![CDATA[ &#x0; &lt <script> </script> <svg><p> ' " { ]} = / &""".split()
PIECES = st.one_of(
    st.sampled_from([*STRAY, b"\0", b"\xff\xfe", b"\xe6\xbc", b"\xe2\x80\xae", b"\r\n"]),
    st.binary(max_size=40),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 400), PIECES, st.integers(1, 60)),
    min_size=1,
    max_size=8,
)


def changed(body: bytes, changes: list[tuple[int, int, bytes, int]]) -> bytes:
    """The page with stretches of it replaced by others, some of them many times over."""
    for at, length, piece, times in changes:
        start = at % (len(body) + 1)
        body = body[:start] + piece * times + body[start + length :]
    return body


def fuzz(pool: WorkerPool, pages: list[bytes], examples: int, phases: tuple[Phase, ...]) -> None:
    alone = list(parse_all(pool, [good(0)]))

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=phases)
    @given(
        st.sampled_from(pages), CHANGES, st.sampled_from(["text/html", "text/plain", "application/xml", ""])
    )
    def mutate(body: bytes, changes: list[tuple[int, int, bytes, int]], media_type: str) -> None:
        made = fetched(Hostile(changed(body, changes), media_type))
        found, again, neighbour = parse_all(pool, [made, made, good(0)])
        check(found, "a mutated page")
        assert found == again or not isinstance(found, Parsed)
        assert [neighbour] == alone

    mutate()


def sample_pages() -> list[bytes]:
    """A generated page, and one of every outlet of the sample press."""
    of_outlet = {d.source.id: zstandard.decompress(d.body) for d in sample_press.documents()}
    return [page(1).encode(), *of_outlet.values()]


def test_mutated_pages_end_within_bounds_and_alike(pool: WorkerPool) -> None:
    fuzz(pool, sample_pages(), 150, (Phase.generate,))


@pytest.mark.long_run
def test_many_mutated_pages_end_within_bounds_and_alike(pool: WorkerPool) -> None:
    fuzz(pool, sample_pages(), 4000, (Phase.generate, Phase.shrink))
