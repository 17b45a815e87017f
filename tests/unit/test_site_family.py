"""Templates learned page by page on the made-up sites: furniture goes, the articles stay whole."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from services.parser.parse import read
from services.parser.read import ReadDocument
from services.parser.sketching import sketch_document
from services.parser.templates.counts import Page, SourceCounts, merge, page_id
from services.parser.templates.learner import next_template
from services.parser.templates.template import Template
from shared.contracts.messages import FetchedDocument
from tests.unit.site_family import CHANGE, PAGES, SITES, Site, SitePage, pages_of
from tests.unit.site_family_words import LANGUAGES

# After so many pages of a template its furniture is known.
LEARNED_AFTER = 10


@dataclass(slots=True)
class Watched:
    """A source that is read while it is learned, as the parser and the learner do it."""

    name: str
    counts: SourceCounts = field(init=False)
    template: Template | None = None

    def __post_init__(self) -> None:
        self.counts = SourceCounts(source=self.name)

    def read(self, document: FetchedDocument) -> ReadDocument:
        """The page as it is read now; then it is counted."""
        found = read(document, self.template)
        sketch = sketch_document(document)
        assert sketch
        page = Page(id=page_id(document.url), at=document.fetched_at, sketch=sketch)
        self.counts = merge(self.counts, [page])
        self.template = next_template(self.counts, self.template)[0] or self.template
        return found


def lines_of(found: ReadDocument) -> set[str]:
    return {line.removeprefix("- ") for line in found.text.split("\n")}


@pytest.mark.parametrize("site", SITES, ids=[site.name for site in SITES])
def test_furniture_goes_and_articles_stay_whole(site: Site) -> None:
    watched = Watched(site.name)
    left, furniture, unlearned = Counter[str](), Counter[str](), 0
    for page in pages_of(site):
        found = watched.read(page.document)
        lines = lines_of(found)
        assert [line for line in page.article if line not in lines] == [], page.document.url
        if page.age > LEARNED_AFTER:
            furniture[page.template] += len(page.furniture)
            left[page.template] += sum(line in lines for line in page.furniture)
        if page.age == LEARNED_AFTER:
            unlearned += sum(line in lines_of(read(page.document)) for line in page.furniture)
    assert len(furniture) == 2 * len(site.languages)
    assert {name: left[name] for name in furniture if left[name] > 0.01 * furniture[name]} == {}
    # It is the learning that does it, not the rules: by themselves plain texts keep some of it.
    assert unlearned or site.media_type == "text/html"


def test_the_family_is_what_it_says() -> None:
    made = {site.name: list(pages_of(site)) for site in SITES}
    assert [len(pages) for pages in made.values()] == [PAGES] * 6
    assert {code for site in SITES for code in site.languages} == set(LANGUAGES)
    standing = {line for words in LANGUAGES.values() for line in words.standing}
    for pages in made.values():
        assert not set(pages[CHANGE - 1].furniture) & set(pages[CHANGE].furniture)
        assert sum(bool(standing & set(page.article)) for page in pages) > PAGES // 4
        stories = Counter(page.article for page in pages)
        assert max(stories.values()) == 3


def test_every_learned_removal_says_how_often_the_line_was_seen() -> None:
    watched, pages = Watched("fonar"), _pages("fonar")
    found = [watched.read(page.document) for page in pages[:20]][-1]
    reasons = {r.text: r.reason for r in found.removed}
    foot = pages[19].furniture[-1]
    seen, of = map(int, _digits(reasons[foot]))
    assert reasons[foot] == f"learned: on {seen} of {of} pages of this source"
    assert 3 <= seen <= of <= 19
    assert watched.template
    assert found.template == f"fonar/{watched.template.number}"


def test_a_template_changes_the_text_and_not_the_content_hash() -> None:
    watched, pages = Watched("fonar"), _pages("fonar")
    for page in pages[:15]:
        watched.read(page.document)
    alone, known = read(pages[14].document), read(pages[14].document, watched.template)
    assert alone.text != known.text
    assert (alone.content_hash, alone.template) == (known.content_hash, None)
    assert read(pages[14].document, watched.template) == known


def test_the_letterhead_of_a_source_is_no_title() -> None:
    watched, pages = Watched("fonar"), _pages("fonar")
    bare = [replace(page.document, entry=None) for page in pages[:15]]
    alone = read(bare[0])
    for document in bare:
        watched.read(document)
    known = read(bare[0], watched.template)
    assert alone.title in pages[0].furniture
    assert known.title == pages[0].document.entry.title  # type: ignore[union-attr]
    assert known.content_hash == alone.content_hash


def _pages(name: str) -> list[SitePage]:
    return list(pages_of(next(site for site in SITES if site.name == name)))


def _digits(text: str) -> list[str]:
    return [word for word in text.split() if word.isdigit()]
