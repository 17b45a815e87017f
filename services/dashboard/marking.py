"""Text with stretches of it marked: escaped first, always."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.contracts.article import Article
from shared.index.port import Highlight
from shared.query.evaluate import merged
from shared.query.snippets import snippets

Span = tuple[int, int]


def marked(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> Markup:
    """The text from `start` to `end` with what lies in `spans` marked; offsets are code points of the whole text."""
    end = len(text) if end is None else end
    pieces, at = Markup(), start
    for first, last in merged((max(a, start), min(b, end)) for a, b in spans if a < end and b > start):
        pieces += Markup("{}<mark>{}</mark>").format(text[at:first], text[first:last])
        at = last
    return pieces + text[at:end]


def title_and_passages(
    article: Article, highlights: Sequence[Highlight], most: int = 2
) -> tuple[Markup, list[Markup]]:
    """The title and the best passages of an article as it may be shown, with what was found marked."""
    in_title = [(h.start, h.end) for h in highlights if h.field == "title" and h.end <= len(article.title)]
    in_text = [(h.start, h.end) for h in highlights if h.field == "text" and h.end <= len(article.text)]
    passages = []
    for found in snippets(article.text, in_text, most=most, length=220):
        before = "… " if found.start else ""
        after = " …" if found.end < len(article.text) else ""
        passages.append(
            Markup("{}{}{}").format(before, marked(article.text, found.spans, found.start, found.end), after)
        )
    return marked(article.title, in_title), passages


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of a field and the labels it proves, by their keys and in words; `kind` is the weightiest of them."""

    start: int
    end: int
    kind: str
    keys: tuple[str, ...]
    words: str


def anchor(field: str, start: int, end: int) -> str:
    """The id of a marked stretch on the page of its article."""
    return f"{field}-{start}-{end}"


def annotated(
    text: str, field: str, marks: Sequence[Marked], start: int = 0, end: int | None = None
) -> Markup:
    """The text from `start` to `end` with each stretch in an element of its own, however they overlap.

    Where two cross, the inner one is closed and opened again. A stretch has its id where it begins.
    """
    end = len(text) if end is None else end
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    places = sorted({start, end, *(max(m.start, start) for m in inside), *(min(m.end, end) for m in inside)})
    pieces, open_now, at = Markup(), list[Marked](), start
    for place in places:
        pieces += text[at:place]
        at = place
        staying = [mark for mark in open_now if mark.end > place]
        kept = next((n for n, mark in enumerate(open_now) if mark.end <= place), len(open_now))
        begun = sorted((m for m in inside if max(m.start, start) == place), key=lambda m: -m.end)
        for _ in open_now[kept:]:
            pieces += Markup("</mark>")
        if place < end:
            for mark in [*staying[kept:], *begun]:
                pieces += _opened(mark, field, first=mark.start == place)
            open_now = [*staying, *begun]
    return pieces


def _opened(mark: Marked, field: str, *, first: bool) -> Markup:
    id = Markup(' id="{}"').format(anchor(field, mark.start, mark.end)) if first else ""
    return Markup('<mark{} class="ev {}" data-labels="{}" title="{}">').format(
        id, mark.kind, " ".join(mark.keys), mark.words
    )
