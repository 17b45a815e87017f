"""What a template says of one page: which of its lines are furniture, and why."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from services.parser.lines import Line, is_body, same_headline
from services.parser.templates.fingerprint import Fingerprints
from services.parser.templates.pieces import Piece, page_group, page_pieces, text_group, text_pieces
from services.parser.templates.template import LearnedLine, Template


@dataclass(frozen=True, slots=True)
class Learned:
    """What a template says of one page. `pieces` cuts the page into its lines, with where each stands: seldom needed."""

    lines: Mapping[int, LearnedLine]
    pieces: Callable[[], Sequence[Piece]]
    prints: Fingerprints = field(default_factory=Fingerprints)

    def reasons(self, lines: Sequence[Line], title: str = "") -> tuple[str, ...]:
        """For each line of the document why it is furniture, or nothing. Lines that may be the article's stay."""
        known = [self._known(line.text, title) for line in lines]
        own = [i for i, line in enumerate(lines) if known[i] is None and is_body(line.text)]
        first, last = (own[0], own[-1]) if own else (0, len(lines))
        inner = {found.text for found in known[first : last + 1] if found and found.where == "anywhere"}
        places = self._places(inner) if inner else {}
        return tuple(
            _reason(found) if found and (not first <= i <= last or _goes(found, places)) else ""
            for i, found in enumerate(known)
        )

    def furniture(self, text: str) -> bool:
        """Whether a line is known to recur, wherever it stands."""
        return self._known(text, "") is not None

    def _known(self, text: str, title: str) -> LearnedLine | None:
        found = self.prints[text] if self.lines else None
        line = self.lines.get(found.value) if found else None
        return None if line and title and same_headline(text, title) else line

    def _places(self, wanted: Collection[int]) -> Mapping[int, set[int]]:
        """Where each of these lines stands on the page."""
        places: dict[int, set[int]] = {}
        for piece in self.pieces():
            if (found := self.prints[piece.text]) and found.value in wanted:
                places.setdefault(found.value, set()).add(piece.path)
        return places


def _goes(line: LearnedLine, places: Mapping[int, set[int]]) -> bool:
    """Whether a line goes even from between the article's own: it stands at its places, and nowhere else."""
    here = places.get(line.text)
    return line.where == "anywhere" and here is not None and here <= set(line.paths)


NOTHING = Learned({}, tuple)


def _reason(line: LearnedLine) -> str:
    return f"learned: on {line.pages} of {line.of} pages of this source"


def learned_of_page(template: Template | None, tree: HtmlElement, url: str) -> Learned:
    """What a template says of a page. The tree must be as it was fetched; only its text may be mended later."""
    known = template.groups.get(page_group(tree, url)) if template else None
    if known is None:
        return NOTHING
    return Learned({line.text: line for line in known.lines}, lambda: page_pieces(tree))


def learned_of_text(template: Template | None, lines: Sequence[Line], url: str) -> Learned:
    """What a template says of a plain text."""
    if template is None:
        return NOTHING
    texts = [line.text for line in lines]
    known = template.groups.get(text_group(texts, url))
    if known is None:
        return NOTHING
    return Learned({line.text: line for line in known.lines}, lambda: text_pieces(texts))
