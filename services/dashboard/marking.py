"""Text with stretches of it marked: escaped first, always."""

from collections.abc import Sequence

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
