"""What a page looks like as a whole: how much of it is text, titles that lead elsewhere, forms, pictures, scripts.

Counted in one walk over its blocks, for `verdict` to judge by.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from services.parser.blocks import Block, Layout, shares
from services.parser.lines import key_of, tidy, word_count
from services.parser.page_data import page_data
from services.parser.phrases import UNSPACED

# A link that says so much, in letters, is the title of something.
TITLE_FROM, TITLE_TO = 18, 220
# The share of such a block that is link at least, and the letters beside it at most.
LEAST_LINKED, MOST_BESIDE = 0.5, 40
# A part of a page with more than this share of its text is no frame.
LARGEST_FRAME = 0.4
# Blocks that are tried against the rules for words; those of a page that says little come early.
MOST_BLOCKS = 400
LONGEST_TITLE = 300
HEADLINE_WORDS = 4
_FRAME_TAGS = frozenset(["nav", "header", "footer", "aside", "form", "dialog"])
_FRAME_NAMES = re.compile(
    r"(?:^|[\s-])(?:nav|navigation|navbar|menu|breadcrumbs?|footer|sidebar|toolbar|banner|masthead|cookies?|consent"
    r"|share|social|newsletter|related|recommended|most|popular|trending|comments?)(?:$|[\s-])"
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
LEAST_HEADED = 3
# A linked date with a word beside it is no title.
LONGEST_STAMP = 5
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SPLIT_TITLE = re.compile(r"\s+[|–—·•»«:/-]+\s+|\s*[|_丨]\s*|\s+::\s+")
_TYPE = re.compile(r'"@type"\s*:\s*(?:"([A-Za-z:/.]{1,60})"|\[([^\]]{1,200})\])')
_NAME = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Signs:
    """A page as a whole. Weights are in letters of an alphabet.

    `names` are the parts of its title and its first headings; `lines` what it says outside menus and the like,
    `every_line` what it says anywhere, both as far as it is looked at. `titles` are links that read like titles, outside
    menus, by their keys, `listed` how many entries they make; `run` is the most text between two of them and
    `usual_run` what stands between most; `headline` says whether the page has one of its own, which leads nowhere;
    `text` is all text that is no link.
    """

    names: tuple[str, ...]
    lines: tuple[str, ...]
    every_line: tuple[str, ...]
    headline: bool
    titles: frozenset[str]
    listed: int
    run: int
    usual_run: int
    text: int
    days: int
    pictures: int
    scripts: int
    waits: bool
    password: bool
    kinds: frozenset[str]
    og_type: str
    path: str


def signs_of(tree: HtmlElement, page: Layout, url: str) -> Signs:
    """The signs of a page by its tree and blocks."""
    framed = _framed(page)
    blocks = page.blocks
    titles, runs, text = _titles(blocks, framed)
    return Signs(
        names=_names(tree, blocks),
        lines=tuple(b.text for b in blocks[:MOST_BLOCKS] if not framed[b.box]),
        every_line=tuple(b.text for b in blocks[:MOST_BLOCKS]),
        headline=_has_headline(tree, blocks),
        titles=frozenset(titles),
        listed=_listed(blocks, titles),
        run=max(runs),
        usual_run=int(median(runs[1:] or runs)),
        text=text,
        days=_days(blocks),
        pictures=sum(1 for _ in tree.iter("img")),
        scripts=sum(1 for s in tree.iter("script") if "json" not in (s.get("type") or "")),
        waits=_waits(tree),
        password=any((i.get("type") or "").lower() == "password" for i in tree.iter("input")),
        kinds=_kinds(tree),
        og_type=_og_type(tree),
        path=_path(url),
    )


def shown_blocks(page: Layout) -> list[Block]:
    """The blocks outside menus, sidebars and the like."""
    framed = _framed(page)
    return [block for block in page.blocks if not framed[block.box]]


def _framed(page: Layout) -> list[bool]:
    """For each box, whether it belongs to the page's frame: menus, sidebars, forms, footers."""
    held = shares(page, range(len(page.blocks)))
    out: list[bool] = []
    within_article: list[bool] = []
    for box, weight in zip(page.boxes, held, strict=True):
        inherited = box.parent >= 0 and out[box.parent]
        within_article.append(box.tag == "article" or (box.parent >= 0 and within_article[box.parent]))
        # What holds a good part of the page is no frame, whatever it is called; the header of an entry has its title.
        small = weight < LARGEST_FRAME * held[0]
        tag = box.tag in _FRAME_TAGS and not (box.tag == "header" and within_article[-1])
        out.append(inherited or box.hidden or (small and (tag or _FRAME_NAMES.search(box.names) is not None)))
    return out


def _titles(blocks: Sequence[Block], framed: Sequence[bool]) -> tuple[set[str], list[int], int]:
    """Titles outside the frame, how much text stands before the first and after each of them, and all text."""
    keys: set[str] = set()
    runs = [0]
    text = 0
    for block in blocks:
        own = int(block.weight * (1 - block.linked))
        if framed[block.box]:
            text += 0 if _is_title(block) else own
        elif _is_title(block):
            keys.add(block.key)
            runs.append(0)
        else:
            text += own
            runs[-1] += own
    return keys, runs, text


def _listed(blocks: Iterable[Block], titles: set[str]) -> int:
    """How many entries a list has: where titles are headings, what else is linked belongs to them."""
    headed = {block.key for block in blocks if block.tag in _HEADINGS and block.key in titles}
    return len(headed) if len(headed) >= LEAST_HEADED else len(titles)


def _is_title(block: Block) -> bool:
    """Whether a block is a link that reads like a title, with a date or the like beside it."""
    linked = block.weight * block.linked
    if (
        block.linked < LEAST_LINKED
        or block.weight - linked > MOST_BESIDE
        or not TITLE_FROM <= linked <= TITLE_TO
    ):
        return False
    words = word_count(block.text)
    if words <= LONGEST_STAMP and _YEAR.search(block.text):
        return False
    return words >= 3 or UNSPACED.search(block.text) is not None


def _has_headline(tree: HtmlElement, blocks: Sequence[Block]) -> bool:
    """Whether the first heading is a sentence rather than the name of a section, and the page is called by it."""
    first = next((b for b in blocks if b.tag == "h1" and b.linked < LEAST_LINKED), None)
    if first is None or first.weight < TITLE_FROM or word_count(first.text) < HEADLINE_WORDS:
        return False
    return first.key in key_of((tree.findtext(".//title") or "")[:LONGEST_TITLE])


def _days(blocks: Iterable[Block]) -> int:
    """How many of the days of a month stand alone, as in the squares of a calendar."""
    found: set[int] = set()
    for block in blocks:
        for part in block.text.strip("| ").split(" | ") if len(block.text) < 80 else ():
            if part.isdigit() and len(part) <= 2 and 1 <= int(part) <= 31:
                found.add(int(part))
    return len(found)


def _names(tree: HtmlElement, blocks: Sequence[Block]) -> tuple[str, ...]:
    whole = tidy((tree.findtext(".//title") or "")[:LONGEST_TITLE].replace("\n", " "))
    parts = [whole, *_SPLIT_TITLE.split(whole)]
    headings = [b.text for b in blocks if b.tag in ("h1", "h2") and b.weight <= TITLE_TO][:3]
    return tuple(dict.fromkeys(name for part in (*parts, *headings) if (name := part.strip(" -–—|:.!…"))))


def _waits(tree: HtmlElement) -> bool:
    """Whether the page has an empty place for a program to fill."""
    for node in tree.iter("div", "main", "section", "app-root"):
        if (node.get("id") or "").lower() in (
            "root",
            "app",
            "__next",
            "__nuxt",
            "main-app",
            "react-root",
            "ember-app",
        ):
            return not "".join(node.itertext()).strip()
        if node.tag == "app-root":
            return not "".join(node.itertext()).strip()
    return False


def _kinds(tree: HtmlElement) -> frozenset[str]:
    """The types of things that the page's JSON-LD names."""
    found: set[str] = set()
    for data in page_data(tree):
        for one, several in _TYPE.findall(data.text[:200_000]) if data.linked else ():
            found.update(_NAME.findall(one.rpartition("/")[2] or several))
    return frozenset(found)


def _path(url: str) -> str:
    """That of an address; what asks a program for something is no front page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "?"
    return parts.path if parts.scheme in ("http", "https") and not parts.query else f"{parts.path}?"


def _og_type(tree: HtmlElement) -> str:
    for meta in tree.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").lower() == "og:type":
            return (meta.get("content") or "").strip().lower()[:40]
    return ""
