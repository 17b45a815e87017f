"""What a template says of one page: which of its lines are furniture, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from services.parser.lines import Line, is_body, same_headline
from services.parser.templates.fingerprint import fingerprint
from services.parser.templates.pieces import Piece, page_group, page_pieces, text_group, text_pieces
from services.parser.templates.template import LearnedLine, Template


@dataclass(frozen=True, slots=True)
class Learned:
    """What a template says of one page. `here` tells where on the page each of the learned lines stands."""

    lines: Mapping[int, LearnedLine]
    here: Mapping[int, frozenset[int]]

    def reasons(self, lines: Sequence[Line], title: str = "") -> tuple[str, ...]:
        """For each line of the document why it is furniture, or nothing. Lines that may be the article's stay."""
        known = [self._known(line.text, title) for line in lines]
        own = [i for i, line in enumerate(lines) if known[i] is None and is_body(line.text)]
        first, last = (own[0], own[-1]) if own else (0, len(lines))
        return tuple(
            _reason(found) if found and (not first <= i <= last or self._goes(found)) else ""
            for i, found in enumerate(known)
        )

    def furniture(self, text: str) -> bool:
        """Whether a line is known to recur, wherever it stands."""
        return self._known(text, "") is not None

    def _known(self, text: str, title: str) -> LearnedLine | None:
        if not self.lines or (title and same_headline(text, title)):
            return None
        found = fingerprint(text)
        return self.lines.get(found.value) if found else None

    def _goes(self, line: LearnedLine) -> bool:
        """Whether a line goes even from between the article's own: it does not stand among those as well."""
        return line.where == "anywhere" and self.here.get(line.text, frozenset()) <= set(line.paths)


NOTHING = Learned({}, {})


def _reason(line: LearnedLine) -> str:
    return f"learned: on {line.pages} of {line.of} pages of this source"


def learned_of_page(template: Template | None, tree: HtmlElement, url: str) -> Learned:
    """What a template says of a page. The tree must be as it was fetched."""
    if template is None:
        return NOTHING
    pieces = page_pieces(tree)
    return _learned(template, page_group(tree, url, pieces), pieces)


def learned_of_text(template: Template | None, lines: Sequence[Line], url: str) -> Learned:
    """What a template says of a plain text."""
    if template is None:
        return NOTHING
    texts = [line.text for line in lines]
    return _learned(template, text_group(texts, url), text_pieces(texts))


def _learned(template: Template, group: str, pieces: Sequence[Piece]) -> Learned:
    known = template.groups.get(group)
    if known is None:
        return NOTHING
    lines = {line.text: line for line in known.lines}
    here: dict[int, set[int]] = {}
    for piece in pieces:
        found = fingerprint(piece.text)
        if found and found.value in lines:
            here.setdefault(found.value, set()).add(piece.path)
    return Learned(lines, {text: frozenset(paths) for text, paths in here.items()})
