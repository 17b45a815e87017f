"""Whether a page holds an article, and if not, what it is: in words, before anything is indexed.

A true article must never be turned away, so a page has to say little of its own. Words (`rules.yaml`) tell error pages,
walls and checks; the shape of the page tells lists of other pages, calendars, galleries and empty shells.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.parser.lines import key_of, weight
from services.parser.told_apart.rules import rules
from services.parser.told_apart.signs import Signs

# Titles that make a list, and the most text between two of them where it is one: what a page calls itself counts.
FEW_TITLES, SEVERAL_TITLES, MANY_TITLES = 5, 8, 12
TEASER, LONG_TEASER, NAMED_TEASER = 300, 450, 500
BARE = 140
# Beside a headline of its own a page must say less still; a teaser of one line.
HEADED = 40
SHORT_TEASER = 150
# One text that stands out among the others is an article beside which other things are listed.
STANDS_OUT = 2.5
# Days of a month that make a calendar; pictures that make a gallery; the text that either may have beside them.
CALENDAR_DAYS = 28
GALLERY_PICTURES = 8
LITTLE = 250
# A line that is longer is no teaser; a page that says less in all says nothing.
PARAGRAPH = 220
NOTHING = 50
LONGEST_SAID = 120
# All that an empty shell says.
SHELL = 250
_ARTICLES = frozenset(
    ["Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BlogPosting",
     "ScholarlyArticle", "TechArticle", "Report", "LiveBlogPosting", "NewsItem"]
)  # fmt: skip
_LISTS = frozenset(["CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage", "Blog"])
_LANGUAGES = "ar|bg|bn|cs|da|de|el|en|es|et|fa|fi|fr|he|hi|hr|hu|hy|id|it|ja|ka|kk|km|ko|lt|lv|mn|ms|my|ne|nl|no|pl|ps|pt|ro|ru|si|sk|sl|sq|sr|sv|th|tr|uk|ur|uz|vi|zh"
_FRONT = re.compile(
    rf"/?(?:(?:index|home|default|main|start)(?:\.\w{{2,5}})?|(?:{_LANGUAGES})(?:[-_]\w{{2,4}})?)?/?",
    re.IGNORECASE,
)
_LIST_PATH = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie|ia|ía)|kategorien?|topics?|themen?|thema|authors?|autor(?:en|es)?|archives?|archiv|search|releases"
    r"|suche|sections?|rubriques?|page/\d+|news(?:room)?|press(?:[-_]releases?)?|presse(?:mitteilungen)?|actualites|noticias"
    r"|aktuelles?|newsletters?|blog|latest|list)/?$|/(?:tags?|categor(?:y|ies)|authors?|topics?|sections?|rubriques?|kategorien?)/[^/]+/?$",
    re.IGNORECASE,
)  # fmt: skip


# What stands in the way of a page that is there: what its feed says of it may stand for it.
WALLS = frozenset(["refused", "robots", "login", "subscribers", "consent", "script"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a page is instead of an article: its kind, and that in words."""

    kind: str
    says: str


def page_verdict(signs: Signs, kept: Sequence[str]) -> Verdict | None:
    """What the page is instead of an article; None when it may be one. `kept` is what cleaning left of it."""
    said = sum(weight(line) for line in kept)
    # What is left may still be the words of the notice itself.
    lines = signs.every_line if said <= LITTLE else signs.lines
    by_words = _told("title", signs.names, said) or _told("line", [*lines, *kept], said)
    return by_words or _by_shape(signs, kept, said)


def text_verdict(title: str, kept: Sequence[str]) -> Verdict | None:
    """The same for what is no page: a plain text that says no more than an error page would."""
    said = sum(weight(line) for line in kept)
    return _told("title", [title], said) or _told("line", kept, said)


def _told(where: Literal["title", "line"], texts: Sequence[str], said: int) -> Verdict | None:
    known = rules()
    most = {name: kind.title if where == "title" else kind.line for name, kind in known.kinds.items()}
    if said > max(most.values()):
        return None
    found = known.matching(where, texts)
    kinds = (kind for kind in found if said <= most[kind])
    return next((Verdict(k, f"{known.kinds[k].says} (“{found[k][:LONGEST_SAID]}”)") for k in kinds), None)


def _by_shape(signs: Signs, kept: Sequence[str], said: int) -> Verdict | None:
    is_article = bool(signs.kinds & _ARTICLES) or signs.og_type == "article"
    if (
        said == 0
        and signs.text <= SHELL
        and signs.scripts
        and (signs.waits or len(signs.titles) < FEW_TITLES)
    ):
        return Verdict("script", rules().kinds["script"].says)
    if _is_list(signs, kept, is_article=is_article):
        front = _FRONT.fullmatch(signs.path) is not None
        what = "the front page of a site" if front else "a list of other pages"
        return Verdict(
            "front" if front else "list",
            f"{what}: {signs.listed} titles and no text of its own. Its address as a source ('heritage-wire sources add') "
            "brings what it lists",
        )
    if signs.days >= CALENDAR_DAYS and said <= LITTLE and not is_article:
        return Verdict("calendar", "a calendar, without a text of its own")
    if signs.pictures >= GALLERY_PICTURES and said <= LITTLE // 2 and signs.run <= LITTLE and not is_article:
        return Verdict("gallery", f"a gallery of {signs.pictures} pictures, without a text")
    if 0 < said <= NOTHING and not is_article:
        return Verdict("nothing", f"a page with next to no text (“{' '.join(kept)[:LONGEST_SAID]}”)")
    return None


def _is_list(signs: Signs, kept: Sequence[str], *, is_article: bool) -> bool:
    """Whether titles of other pages, with a few words each, are all there is."""
    titles, longest, usual = len(signs.titles), signs.run, signs.usual_run
    named = bool(signs.kinds & _LISTS) or bool(_LIST_PATH.search(signs.path) or _FRONT.fullmatch(signs.path))
    if is_article:
        return titles >= MANY_TITLES and longest <= (NAMED_TEASER if named else BARE)
    # What is left once the titles are taken out of it.
    own = [weight(line) for line in kept if key_of(line) not in signs.titles]
    most = HEADED if signs.headline else BARE if titles >= FEW_TITLES else BARE // 2
    if titles and sum(own) <= most:
        return True
    if named:
        most = NAMED_TEASER if titles >= FEW_TITLES else PARAGRAPH
        return titles >= 1 and longest <= NAMED_TEASER and max(own, default=0) <= most
    many = titles >= MANY_TITLES
    teasers = longest <= NAMED_TEASER and sum(own) <= SHORT_TEASER * titles
    if (
        teasers
        and titles >= FEW_TITLES
        and max(own) <= (TEASER if many else SHORT_TEASER)
        and not signs.headline
    ):
        return True
    alike = longest <= min(LONG_TEASER if titles >= SEVERAL_TITLES else TEASER, STANDS_OUT * usual)
    return alike and titles >= (FEW_TITLES if longest > BARE or signs.headline else 2)
