"""Pages for the tests that tell articles from what is none: written as sites write them, with menus and footers."""

from datetime import UTC, datetime
from typing import Any

from services.parser.read import ReadDocument, read_document
from shared.contracts.messages import FeedEntry

FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://www.town-news.example/news/gate-restored"
MENU = "".join(f"<li><a href='/{w.lower()}'>{w}</a></li>" for w in ("News", "Culture", "Opinion", "Archive"))
PARAGRAPHS = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall.",
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said.",
    "Visitors will be able to follow the masons from a platform that the region pays for.",
)
SUBJECTS = (
    "Mosaic of a fisherman found under the bakery",
    "Old granary by the river opens as a library",
    "Stolen altar panel comes back after forty years",
    "Students draw every stone of the abbey church",
    "Storm takes the roof from the customs house",
    "Letters of a lighthouse keeper go on show",
    "Town buys the last mill with working sails",
    "Bell of the guildhall rings for the first time",
    "Road workers stop for a row of Roman graves",
    "Prize for the woman who mends tapestries",
)


def page(body: str, title: str = "Town News", head: str = "", lang: str = "en") -> str:
    """A whole page around this body."""
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>"
        f"<header><nav><ul>{MENU}</ul></nav></header><main>{body}</main>"
        "<footer><p>© 2026 Town News. All rights reserved.</p><a href='/imprint'>Imprint</a></footer></body></html>"
    )


def article(extra: str = "", paragraphs: tuple[str, ...] = PARAGRAPHS, head: str = "") -> str:
    """An article's page, with something more below it."""
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return page(
        f"<article><h1>Northern gate to be restored</h1><time datetime='2026-02-20'>20 February 2026</time>{text}"
        f"</article>{extra}",
        "Northern gate to be restored - Town News",
        head,
    )


def teaser(number: int, words: str = "") -> str:
    """One entry of a list: a linked headline and, with `words`, the beginning of what it leads to."""
    below = f"<p>{words}</p><span>{number + 1} February 2026</span>" if words else ""
    return f"<div class='entry'><h3><a href='/news/{number}'>{SUBJECTS[number]}</a></h3>{below}</div>"


def listing(count: int = 8, words: str = "", title: str = "News - Town News") -> str:
    """A page that lists others."""
    return page("<h1>News</h1>" + "".join(teaser(n, words) for n in range(count)), title)


def read(
    body: str, url: str = URL, media_type: str = "text/html", entry: FeedEntry | None = None, **more: Any
) -> ReadDocument:
    """The page as the parser reads it."""
    told: dict[str, Any] = {"charset": "utf-8", "fetched_at": FETCHED, **more}
    return read_document(body.encode(), media_type=media_type, url=url, entry=entry, **told)
