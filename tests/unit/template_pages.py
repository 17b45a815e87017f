"""Pages as the learner counts them, made of words, for the tests of templates."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from services.parser.templates.counts import Page, page_id
from services.parser.templates.pieces import Piece, sketch_of

START = datetime(2026, 3, 1, tzinfo=UTC)
BODY, FRAME, PROMO = 1, 2, 3
_WORDS = [
    "arch",
    "beam",
    "coin",
    "door",
    "east",
    "fern",
    "gate",
    "hill",
    "iron",
    "jade",
    "kiln",
    "lime",
    "moss",
    "nave",
    "oak",
    "pier",
    "quay",
    "roof",
    "silk",
    "tile",
]


def own_sentence(seed: object) -> str:
    """A sentence that no other seed gives."""
    random = Random(f"{seed}")
    return " ".join(random.choice(_WORDS) for _ in range(14)).capitalize() + "."


def story_pieces(number: object, paragraphs: int = 4) -> list[Piece]:
    """The paragraphs of one article."""
    return [Piece(own_sentence(f"{number} {n}"), BODY, link=False) for n in range(paragraphs)]


def furniture(*texts: str, path: int = FRAME) -> list[Piece]:
    """Lines in a box of the frame."""
    return [Piece(text, path, link=False) for text in texts]


def page_of(pieces: Sequence[Piece], number: int, *, address: str | None = None, group: str = "g") -> Page:
    """A page fetched on day `number`."""
    url = address or f"https://site.example/{number}"
    return Page(id=page_id(url), at=START + timedelta(days=number), sketch=sketch_of(pieces, group))
