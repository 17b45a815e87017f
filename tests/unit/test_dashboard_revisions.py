"""A corrected article shows what changed: word by word, escaped, and no more than its source's rights allow."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from services.dashboard.comparing import changes, compared
from shared.contracts.article import Article
from shared.contracts.revisions import (
    MOST_KEPT,
    Revision,
    Revisions,
    revision_of,
    revisions_of,
    revisions_write,
    with_revision,
)
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy
from tests.unit.dashboard_app import NOW, browser, dashboard
from tests.unit.dashboard_filled import shown, words
from tests.unit.dashboard_html import PAYLOAD

LONG = "after a long debate of the whole assembly, as the chair said. " * 4
FIRST = article(
    "a",
    title="Thirty sites listed",
    text="They came to Paris.\n\nIt ended on Sunday " + LONG + "\n\n" + PAYLOAD,
)
SECOND = replace(
    FIRST,
    revision=2,
    title="Thirty-one sites listed",
    text=f"They came to Paris.\n\nIt ended on Monday {LONG}{PAYLOAD}\n\n{PAYLOAD}",
    content_hash="second",
)
SHORT = replace(
    article("b", title="An excerpt", text="Open words. " * 50 + "the end"), rights="excerpt", revision=2
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    kept = [
        revisions_write(with_revision(Revisions(article="a"), revision_of(FIRST)), "s"),
        revisions_write(
            with_revision(
                Revisions(article="b"),
                revision_of(replace(SHORT, revision=1, text=SHORT.text[:-7] + "SECRET")),
            ),
            "s",
        ),
    ]
    folder = tmp_path_factory.mktemp("revisions")
    with dashboard(folder, shipped_taxonomy(), [SECOND, SHORT, article("c")]) as context:
        context.store.put_many(kept)
        yield browser(context)


def test_the_page_shows_what_changed(client: TestClient) -> None:
    (part,) = shown(client, "/articles/a").xpath("//details[@id='changes']")
    assert [words(x) for x in part.xpath(".//strong/del | .//strong/ins")] == ["-one"]
    assert "It ended on" in words(part)
    assert [words(x) for x in part.xpath(".//div/p[not(@class)]//del")] == ["Sunday"]
    assert [words(x) for x in part.xpath(".//div/p[not(@class)]//ins")] == [
        "Monday",
        " ".join(PAYLOAD.split()),
    ]
    assert PAYLOAD in part.text_content()
    assert "They came to Paris" not in words(part)
    assert shown(client, "/articles/a").xpath("//a[@href='#changes']")


def test_an_article_that_never_changed_says_nothing_of_it(client: TestClient) -> None:
    assert not shown(client, "/articles/c").xpath("//details[@id='changes']")


def test_of_an_excerpt_only_the_excerpt_is_compared(client: TestClient) -> None:
    page = shown(client, "/articles/b")
    assert "SECRET" not in words(page)
    assert "the change lies in the rest of the text" in words(page)


@pytest.mark.parametrize(
    ("before", "after", "html"),
    [
        ("a b c", "a x c", "a <del>b </del><ins>x </ins>c"),
        ("来自33个国家", "来自35个国家", "来自<del>33</del><ins>35</ins>个国家"),
        ("", "new", "<ins>new</ins>"),
        ("<b>", "<i>", "&lt;<del>b</del><ins>i</ins>&gt;"),
        ("word " * 2000, "word", f"<del>{'word ' * 2000}</del><ins>word</ins>"),
    ],
)
def test_words_that_went_and_came(before: str, after: str, html: str) -> None:
    assert compared(before, after) == html


def test_texts_that_differ_all_over_are_bounded() -> None:
    many = [" ".join(f"{letter}{n}{m}" for m in range(300)) for n in range(600) for letter in "a"]
    other = [paragraph.replace("a", "b") for paragraph in many]
    now = replace(SECOND, text="\n".join(other))
    began = time.process_time()
    (change,) = changes(now, [replace(revision_of(FIRST), text="\n".join(many))])
    assert time.process_time() - began < 5
    assert len(change.paragraphs) == 40 + 2 * 560


def test_the_last_revisions_are_kept_and_no_more_text_than_allowed(tmp_path: Path) -> None:
    kept = Revisions(article="a")
    for number in range(1, 10):
        kept = with_revision(kept, _revision(number, "x"))
        kept = with_revision(kept, _revision(number, "y"))
    assert [(r.revision, r.text) for r in kept.kept] == [(n, "y") for n in range(10 - MOST_KEPT, 10)]
    kept = with_revision(kept, _revision(10, "z" * 499_999))
    assert [r.revision for r in kept.kept] == [9, 10]
    assert with_revision(kept, _revision(11, "z" * 500_001)).kept == ()
    with dashboard(tmp_path, shipped_taxonomy()) as context:
        assert revisions_of(context.store, "a") == Revisions(article="a")
        context.store.put_many([revisions_write(kept, "s")])
        assert revisions_of(context.store, "a") == kept


def _revision(number: int, text: str) -> Revision:
    return Revision(revision=number, title="t", text=text, content_hash=str(number), fetched_at=NOW)


def test_each_revision_is_compared_with_the_next() -> None:
    now: Article = replace(SECOND, revision=3, text="three")
    kept = [
        replace(revision_of(FIRST), text="one", revision=1),
        replace(revision_of(FIRST), text="two", revision=2),
    ]
    newest, oldest = changes(now, kept)
    assert (newest.later, newest.paragraphs) == (3, ("<del>two</del><ins>three</ins>",))
    assert (oldest.later, oldest.paragraphs, oldest.title) == (2, ("<del>one</del><ins>two</ins>",), None)
