"""What hostile documents are made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

STORY = (
    "The regional heritage office has reopened the old granary by the harbour after four years of careful work. "
    "Its beams were mended by hand, and visitors can see the tools of the trade on two floors. "
)
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Hostile:
    """A document as it would be fetched."""

    body: bytes
    media_type: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)


def page(body: str, head: str = "") -> Hostile:
    """An HTML page with a story in it, so that there is something to extract."""
    return Hostile(
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Granary reopens</title>{head}</head>"
        f"<body><article><h1>Granary reopens</h1><p>{STORY}</p><p>{STORY}</p>{body}<p>{STORY}</p></article>"
        "</body></html>".encode("utf-8", "surrogatepass")
    )


def text(content: str | bytes) -> Hostile:
    """A plain text."""
    return Hostile(content if isinstance(content, bytes) else content.encode(), "text/plain")


def nested(tag: str, depth: int, inner: str = STORY) -> Hostile:
    """Elements in one another."""
    return page(f"<{tag}>" * depth + inner + f"</{tag}>" * depth)


# Each by its name, and made when its turn comes: some have tens of megabytes.
Made = Iterator[tuple[str, Callable[[], Hostile]]]
