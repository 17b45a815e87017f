"""Pages whose matter is a video: the description stands for the text, where it is long enough to be one."""

import re
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from services.parser.declared import clean, declared
from services.parser.lines import Line, to_lines, weight
from services.parser.told_apart.signs import Signs

# In letters of an alphabet: what a page says beside its video where it is an article with a video in it, and the
# shortest description that stands for one.
OWN_TEXT = 400
SHORTEST = 140
LONGEST = 20_000
_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|NewsItem)$")
_MARKUP = re.compile(r"<[^<>]{1,200}>")


@dataclass(frozen=True, slots=True)
class Video:
    """What a page says of its video; `uploaded` as it is told, '' when it is not."""

    title: str
    lines: tuple[Line, ...]
    uploaded: str = ""

    @property
    def enough(self) -> bool:
        """Whether the description is long enough to be an article's text."""
        return self.weight >= SHORTEST

    @property
    def weight(self) -> int:
        """Of the description, in letters of an alphabet."""
        return sum(weight(line.text) for line in self.lines)


def video_of(tree: HtmlElement, signs: Signs, said: int) -> Video | None:
    """The video a page is about; None where the page says enough itself (`said`), or is about something else."""
    if said >= OWN_TEXT or not ("VideoObject" in signs.kinds or signs.og_type.startswith("video")):
        return None
    if any(_ARTICLE.search(kind) for kind in signs.kinds) and not signs.og_type.startswith("video"):
        return None
    told = declared(tree)
    node: dict[str, Any] = next(iter(told.videos), {})
    described = [_plain(node.get("description")), _plain(told.metas.get("og:description"))]
    title = clean(node.get("name")) or told.metas.get("og:title", "")
    uploaded = clean(node.get("uploadDate")) or clean(node.get("datePublished"))
    return Video(title, to_lines(max(described, key=len)), uploaded)


def _plain(told: object) -> str:
    """A description with its lines kept."""
    return _MARKUP.sub("", told[:LONGEST]) if isinstance(told, str) else ""
