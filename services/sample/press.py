"""The sample press as data: outlets with their furniture, and articles, read from the files beside this module.

Every outlet is invented and says so; what the articles tell is real.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from shared.contracts.article import Quality, Rights, Struct

FOLDER = Path(__file__).parent / "press"
RIGHT_TO_LEFT = frozenset(("ar", "fa", "ur"))
FeedKind = Literal["rss", "rdf", "atom", "json", "listing"]
# How an article's address stands in its outlet's feed, where it is not the article's own.
Via = Literal["tracking", "redirect"]


class PressError(Exception):
    """A file of the sample press is wrong: says which and what."""


class Outlet(Struct, frozen=True, kw_only=True):
    """One invented outlet. `id` begins its paths; `words` is its furniture by language, the main language first."""

    id: str
    name: str
    motto: str
    feed: FeedKind
    feed_path: str
    country: str
    words: dict[str, dict[str, Any]]
    variant: Literal["amp", "print"] | None = None
    rights: Rights = "full"
    quality: Quality = "press"

    @property
    def language(self) -> str:
        """The language of its front page."""
        return next(iter(self.words))


class Correction(Struct, frozen=True, kw_only=True):
    """What an article says wrongly at first: `wrong` becomes `right`, and `note` is added at the end."""

    wrong: str
    right: str
    note: str


class Article(Struct, frozen=True, kw_only=True):
    """One article. `path` is relative to its outlet; a paragraph that begins with `## ` is a subheading.

    `published` is absent for the one that appears after the start; `shown` is the day as printed, where the
    outlet's calendar is not the usual one. `others` are further headlines of its page: furniture.
    """

    id: str
    outlet: str
    path: str
    language: str
    section: str
    title: str
    deck: str
    body: tuple[str, ...]
    authors: tuple[str, ...]
    caption: str
    credit: str
    tags: tuple[str, ...]
    published: datetime | None = None
    modified: datetime | None = None
    shown: str | None = None
    dateline: str | None = None
    others: tuple[str, ...] = ()
    via: Via | None = None
    number: int = 0
    reprint: str | None = None
    correction: Correction | None = None

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Which way its script runs."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, slots=True)
class Press:
    """All outlets and articles by id, and the line in each language that says what they are."""

    outlets: Mapping[str, Outlet]
    articles: Mapping[str, Article]
    labels: Mapping[str, str]


def load_press(folder: Path = FOLDER) -> Press:
    """The sample press that ships with the product. Raises PressError."""
    outlets = {o.id: o for o in map(_outlet, sorted((folder / "outlets").glob("*.yaml")))}
    articles: dict[str, Article] = {}
    for path in sorted((folder / "articles").glob("*/*.md")):
        article = _article(path)
        _check(path, article, outlets, articles)
        articles[article.id] = article
    return Press(outlets, articles, _yaml(folder / "labels.yaml"))


def _outlet(path: Path) -> Outlet:
    try:
        return msgspec.convert({"id": path.stem, **_yaml(path)}, Outlet)
    except msgspec.ValidationError as e:
        raise PressError(f"{path}: {e}") from e


def _article(path: Path) -> Article:
    """A file of front matter (YAML between two lines of `---`) and paragraphs, one a line, parted by empty lines."""
    head, mark, text = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    if not mark:
        raise PressError(f"{path}: expected front matter between two lines of ---")
    told = {"id": path.stem, "outlet": path.parent.name, "body": tuple(_paragraphs(text))}
    try:
        return msgspec.convert({**yaml.safe_load(head), **told}, Article)
    except (yaml.YAMLError, msgspec.ValidationError) as e:
        raise PressError(f"{path}: {e}") from e


def _paragraphs(text: str) -> Iterator[str]:
    for block in text.strip("\n").split("\n\n"):
        yield block.strip("\n")


def _check(
    path: Path, article: Article, outlets: Mapping[str, Outlet], others: Mapping[str, Article]
) -> None:
    words = outlets[article.outlet].words if article.outlet in outlets else {}
    if article.id in others:
        raise PressError(f"{path}: {article.outlet} and {others[article.id].outlet} have one id")
    if article.language not in words:
        raise PressError(f"{path}: {article.outlet} has no words in {article.language!r}")
    if article.section not in words[article.language]["nav"]:
        raise PressError(f"{path}: {article.outlet} has no section {article.section!r}")
    if article.correction and sum(p.count(article.correction.wrong) for p in article.body) != 1:
        raise PressError(f"{path}: the words to correct must stand in the text once")


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
