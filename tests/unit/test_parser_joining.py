"""Articles in several parts: joined without a loss, without what stands on every part, and without pagers."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.parser.boilerplate import Cleaned
from services.parser.joining import AGAIN, FIRST_ALONE, LESS, PAGER, CleanPage, is_pager, join
from services.parser.lines import Line, is_body, is_table_row, key_of
from services.parser.opened import FurtherPage
from services.parser.parse import read
from services.parser.read import LACKS, ReadDocument, read_document
from services.parser.refusals import NotAnArticle
from shared.contracts.article import Removed
from shared.contracts.messages import DocumentPart, FetchedDocument, MissingPart, Source
from tests.conftest import ROOT
from tests.unit.site_family import SITES, pages_of
from tests.unit.test_site_family import Watched

URL = "https://news.example/gates.html"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAGERS = yaml.safe_load((ROOT / "services/parser/pager_words.yaml").read_text("utf-8"))


def cleaned(*lines: str, removed: tuple[str, ...] = ()) -> Cleaned:
    return Cleaned(
        tuple(Line(text) for text in lines), tuple(Removed(text=r, reason="standing line") for r in removed)
    )


def part(*lines: str, role: Any = "part") -> CleanPage:
    return CleanPage(f"{URL}?page=2", role, cleaned(*lines))


def texts(found: Cleaned) -> list[str]:
    return [line.text for line in found.lines]


def told(found: Cleaned) -> dict[str, str]:
    return {r.text: r.reason for r in found.removed}


def prose(n: int, size: int = 3) -> str:
    return " ".join(
        f"In year {n} the keeper of gate {n * 7 + k} wrote down what the frost had broken."
        for k in range(size)
    )


def html(
    *paragraphs: str, title: str = "The gates of the old town", pager: str = "", head: str = ""
) -> bytes:
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f"<html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head><body><nav><a href=/>Home</a></nav>"
        f"<article><h1>{title}</h1><p class=byline>By Anna Keller</p><figure><img src=g.jpg><figcaption>The south gate in"
        f" May. Photo: A. Keller</figcaption></figure>{body}<div class=pagination>{pager}</div></article>"
        "<footer>© 2026 News Example</footer></body></html>"
    ).encode()


def document(first: bytes, *parts: bytes, role: Any = "part", **more: Any) -> ReadDocument:
    further = [FurtherPage(f"{URL}?page={n}", role, body, "text/html") for n, body in enumerate(parts, 2)]
    return read_document(
        first,
        media_type="text/html",
        charset=None,
        url=URL,
        entry=None,
        fetched_at=NOW,
        further=further,
        **more,
    )


def test_the_lines_of_later_parts_follow_those_of_the_first() -> None:
    found = join(cleaned("One.", "Two."), [part("Three."), part("Four.")])
    assert texts(found) == ["One.", "Two.", "Three.", "Four."]


def test_what_stands_on_every_part_is_kept_once() -> None:
    lead = (
        "Visitors come to the gates from all over the country, and most of them come on foot from the river."
    )
    first = cleaned(
        "Anna Keller", lead, "The mason speaks first of all about lime.", removed=("Photo of the gate",)
    )
    later = part(
        "Anna Keller",
        "Photo of the gate",
        "The second gate is older than the first by a hundred years.",
        "Anna Keller",
    )
    found = join(first, [later])
    assert texts(found) == [*texts(first), "The second gate is older than the first by a hundred years."]
    assert told(found)["Anna Keller"] == AGAIN
    repeated = join(
        first, [part("A new paragraph stands here on its own.", lead, "And another one follows it here.")]
    )
    assert texts(repeated).count(lead) == 1


def test_questions_and_rows_of_tables_may_come_again() -> None:
    row = "| Year | Gate |"
    first = cleaned("Question", "He says that the lime came from the hills.", row, "| 1901 | north |")
    later = part(
        "She answers that nobody knows where it came from.",
        "Question",
        row,
        "| 1902 | south |",
        "He says no more than that to us.",
    )
    assert texts(join(first, [later]))[4:] == [line.text for line in later.cleaned.lines]


def test_lines_that_turn_pages_go_from_every_part() -> None:
    found = join(
        cleaned("He says so.", "1 2 3 Next »"), [part("Page 2 of 3", "She says so.", "上一页 1 2 3 下一页")]
    )
    assert texts(found) == ["He says so.", "She says so."]
    assert set(told(found).values()) == {PAGER}
    alone = document(html(prose(1), prose(2), "1972 was the year of the flood."))
    assert "1972 was the year" in alone.text


def test_pager_lines_are_told_by_their_words() -> None:
    assert not [line for line in PAGERS["example"] if not is_pager(line)]
    assert not [line for line in PAGERS["counter_example"] if is_pager(line)]


def test_no_line_takes_long_to_be_told_from_a_pager() -> None:
    started = time.process_time()
    for line in (
        "!" * 99 + "x",
        "next page " * 9 + "x",
        "第页共" * 33 + "宫",
        "1 " * 49 + "x",
        "全文共" * 30 + "字",
    ):
        assert not is_pager(line)
    vast = [f"Line number {n} of a page that was made to be slow to read." for n in range(20_000)]
    join(cleaned(*vast), [part(*(line[::-1] for line in vast), "One more.", role="whole")])
    join(cleaned(*vast), [part(*(line[::-1] for line in vast))])
    assert time.process_time() - started < 3


def test_a_view_of_the_whole_takes_the_place_of_the_first_page_if_it_holds_as_much() -> None:
    first = cleaned("One paragraph is here.", "A line that only the first page has.")
    whole = part("One paragraph is here.", "A second one follows it, and it is longer.", role="whole")
    found = join(first, [whole])
    assert texts(found) == texts(whole.cleaned)
    assert told(found) == {"A line that only the first page has.": FIRST_ALONE}
    less = join(first, [part("One.", role="whole")])
    assert texts(less) == texts(first)
    assert told(less) == {f"{URL}?page=2": LESS}


LINES = st.one_of(
    st.sampled_from(["Anna Keller", "Question", "1 2 3", "Next page", "| a | b |", "- an item of a list", prose(1), prose(2, 1), "古城的城门在冬天里修好了,工匠们说石灰来自山里。", "!!!"]),
    st.text(min_size=1, max_size=60).filter(lambda t: bool(t.strip())),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=8), st.lists(st.lists(LINES, max_size=8), max_size=4))
def test_joining_never_loses_a_line_of_the_first_part_nor_repeats_a_paragraph(
    first: list[str], parts: list[list[str]]
) -> None:
    found = texts(join(cleaned(*first), [part(*lines) for lines in parts]))
    own = [line for line in first if not is_pager(line)]
    assert found[: len(own)] == own
    added = [key_of(t) for t in found[len(own) :] if is_body(t) and not is_table_row(t) and key_of(t)]
    assert len(added) == len(set(added))
    assert not set(added) & {key_of(t) for t in own}
    everywhere = {key_of(line) for lines in (first, *parts) for line in lines if not is_pager(line)}
    assert everywhere == {key_of(t) for t in found}, "every line stands at least once"


def test_a_document_in_parts_is_read_as_one_article_with_the_first_page_s_facts() -> None:
    pages = [html(prose(n), prose(n + 10), title=title, pager="<a href=gates.html>1</a> <a href=?page=2>2</a> <a>Next page</a>")
             for n, title in ((1, "The gates of the old town"), (2, "The gates of the old town (2)"), (3, "Page 3 - The gates of the old town"))]  # fmt: skip
    found = document(*pages)
    assert found.text.split("\n\n") == [prose(n) for n in (1, 11, 2, 12, 3, 13)]
    assert (found.title, found.authors) == ("The gates of the old town", ("Anna Keller",))
    assert found.content_hash != document(pages[0], pages[1]).content_hash
    assert found == document(*pages), "the same pages, the same article"


def test_parts_that_cannot_be_read_or_had_are_told() -> None:
    login = html("Please log in to continue reading this article.", title="Log in")
    gone = html("The page you are looking for could not be found.", title="404 Not Found")
    huge = b"<p>" * 61_000
    missing = (MissingPart(url=f"{URL}?page=9", why="news.example answers 503 (service unavailable)"),)
    found = document(
        html(prose(1), prose(2)),
        login,
        gone,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        huge,
        html(prose(3)),
        missing=missing,
    )
    assert found.text == "\n\n".join([prose(1), prose(2), prose(3)])
    reasons = {r.text: r.reason for r in found.removed if r.text.startswith(URL)}
    assert reasons.keys() == {f"{URL}?page={n}" for n in (2, 3, 4, 5, 9)}
    assert reasons[f"{URL}?page=9"] == f"{LACKS}: news.example answers 503 (service unavailable)"
    assert "too long to read" in reasons[f"{URL}?page=5"]


def test_the_pages_of_a_list_make_no_article() -> None:
    def listed(n: int) -> bytes:
        teasers = "".join(
            f"<div><h3><a href=/{n}/{k}>What the keeper of gate {n * 9 + k} saw</a></h3><p>{prose(n * 9 + k, 1)} More on page {k}.</p></div>"
            for k in range(9)
        )
        return f"<html><head><title>News of the gates</title></head><body><main>{teasers}</main></body></html>".encode()

    with pytest.raises(NotAnArticle, match="a list of other pages"):
        document(listed(0), *(listed(n) for n in range(1, 20)))


def test_a_part_travels_packed_in_its_document() -> None:
    def packed(body: bytes) -> dict[str, Any]:
        return {"media_type": "text/html", "body": zstandard.compress(body), "size": len(body), "sha256": ""}

    gbk = "<html><body><article><p>古城的城门在冬天里修好了,工匠们说石灰来自山里,游客们都很高兴。</p></article></body></html>"
    second = DocumentPart(
        url=f"{URL}?page=2",
        role="part",
        headers={"content-type": "text/html; charset=gbk"},
        **packed(gbk.encode("gbk")),
    )
    whole = FetchedDocument(
        url=URL,
        final_url=URL,
        source=Source(id="s"),
        fetched_at=NOW,
        parts=(second,),
        **packed(html(prose(1), prose(2))),
    )
    found = read(whole)
    assert found.text.startswith(prose(1))
    assert found.text.endswith("游客们都很高兴。")


@pytest.mark.parametrize("count", [2, 20])
def test_many_parts_are_read_whole(count: int) -> None:
    pages = [html(prose(n), prose(n + 50)) for n in range(count)]
    assert document(*pages).text.count("In year") == 6 * count


def test_what_is_known_of_the_source_goes_from_every_part_and_changes_no_content_hash() -> None:
    watched = Watched("papers")
    pages = list(pages_of(next(s for s in SITES if s.media_type == "text/plain")))[:24]
    for page in pages[:20]:
        watched.read(page.document)
    first, second, *_ = (page for page in pages[20:] if page.template == pages[19].template)
    part = DocumentPart(
        url=second.document.url,
        role="part",
        headers=second.document.headers,
        media_type=second.document.media_type,
        body=second.document.body,
        size=second.document.size,
        sha256=second.document.sha256,
    )
    whole = replace(first.document, parts=(part,))
    known, unknown = read(whole, watched.template), read(whole)
    assert known.text != unknown.text, "the template takes something out"
    assert not set(second.furniture) & set(known.text.split("\n"))
    assert known.content_hash == unknown.content_hash
