"""A family of made-up sites: six templates of sixty pages in eight languages, each changing half way.

Every page knows which of its lines are the article's and which are furniture. Some furniture differs from page to page
in a number, a date or a name; some stands in the same box as the article. Journalists repeat standing paragraphs
where they fit, in two articles of five, and several sites print the same wire stories, one of them under three addresses.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from random import Random

import zstandard

from shared.contracts.messages import FeedEntry, FetchedDocument, Source
from tests.unit.site_family_words import LANGUAGES, Words

PAGES = 60
CHANGE = 30
START = datetime(2026, 2, 1, 6, 0, tzinfo=UTC)
_NAMES = (
    "Ada Brook",
    "Ilse Vane",
    "Jon Tarn",
    "Mara Lund",
    "Otto Reed",
    "Pia Holm",
    "Rui Sands",
    "Vera Moss",
)
_HAN_NAMES = ("林小桥", "周木", "何远山", "许灯", "沈石", "白帆")


@dataclass(frozen=True, slots=True)
class Story:
    """What a journalist wrote: (`h` heading, `p` paragraph or `li` item, text), first the title."""

    title: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a template puts around a story on one page."""

    menu: tuple[str, ...]
    labels: tuple[str, ...]
    sentences: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """All of it, line by line."""
        return (*self.menu, *self.labels, *self.sentences)


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page with its truth. `template` names the layout, edition and language; `age` counts its pages so far."""

    document: FetchedDocument
    template: str
    age: int
    article: tuple[str, ...]
    furniture: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A site: its languages take turns."""

    name: str
    languages: tuple[str, ...]
    layout: Callable[[Story, Frame, str, int], str]
    media_type: str = "text/html"


def sentence(words: Words, random: Random) -> str:
    """A sentence that is hardly ever made twice."""
    who, does, what, where = (
        random.choice(each) for each in (words.who, words.does, words.what, words.where)
    )
    if words.code == "zh":
        return f"{who}{does}{what}{words.join}{where}{words.stop}"
    return f"{who} {does} {what} {where}{words.stop}"


def story(words: Words, random: Random) -> Story:
    """A story of four to seven paragraphs, now and then with a heading, a list or a standing paragraph."""
    gap = "" if words.code == "zh" else " "
    parts = [("p", gap.join(sentence(words, random) for _ in range(3))) for _ in range(random.randint(4, 7))]
    if random.random() < 0.4:
        parts.insert(random.randint(1, len(parts)), ("p", random.choice(words.standing)))
    if random.random() < 0.3:
        parts.insert(2, ("h", random.choice(words.heads)))
    if random.random() < 0.3:
        at = random.randint(2, len(parts) - 1)
        parts[at:at] = [("li", sentence(words, random)) for _ in range(3)]
    # No sentence says as much: it is not to be taken for the headline again.
    return Story(", ".join(random.sample(words.where, 3)), tuple(parts))


def wire_stories(code: str, count: int = 8) -> list[Story]:
    """The stories that an agency sends to every site of a language."""
    random = Random(f"wire {code}")
    return [story(LANGUAGES[code], random) for _ in range(count)]


def frame(words: Words, edition: int, number: int, random: Random) -> Frame:
    """The furniture of one page; in the second edition other words stand there."""
    names = _HAN_NAMES if words.code == "zh" else _NAMES
    day = START.date() + timedelta(days=random.randint(0, 300))
    said = {
        "n": str(random.randint(2, 9000)),
        "name": random.choice(names),
        "date": f"{day.year}年{day.month}月{day.day}日"
        if words.code == "zh"
        else f"{day.day}.{day.month}.{day.year}",
    }
    labels = tuple(label.format(**said) for label in words.labels)
    menu, sentences = words.menu, words.sentences
    if edition:
        steady = Random(f"{words.code} second edition")
        menu = tuple(f"{one} & {other}" for one, other in pairwise(menu))
        labels = tuple(f"{label} – {menu[0]}" for label in labels)
        sentences = tuple(sentence(words, steady) for _ in sentences)
    return Frame(menu, labels, sentences)


def _tags(parts: Sequence[tuple[str, str]], attributes: str = "") -> str:
    out = []
    for kind, text in parts:
        tag = {"h": "h2", "li": "ul><li"}.get(kind, f"p{attributes}")
        end = {"h": "h2", "li": "li></ul"}.get(kind, "p")
        out.append(f"<{tag}>{escape(text)}</{end}>")
    return "\n".join(out)


def modern(story: Story, frame: Frame, code: str, edition: int) -> str:
    """Boxes with classes; a promotion in the middle of the story."""
    text, promo, foot = ("text", "promo", "foot") if not edition else ("prose", "notice", "ground")
    menu = "".join(f'<li><a href="/{i}">{escape(m)}</a></li>' for i, m in enumerate(frame.menu))
    half = len(story.parts) // 2
    return f"""<!doctype html><html lang="{code}"><head><title>{escape(story.title)}</title></head><body class="page">
<header><nav><ul>{menu}</ul></nav></header><main><article class="story"><h1>{escape(story.title)}</h1>
<div class="about">{"".join(f"<span>{escape(x)}</span><br>" for x in frame.labels)}</div><div class="{text}">
{_tags(story.parts[:half])}<div class="{promo}"><p>{escape(frame.sentences[0])}</p></div>{_tags(story.parts[half:])}
</div></article></main><footer class="{foot}">{_tags([("p", s) for s in frame.sentences[1:]])}</footer></body></html>"""


def plain(story: Story, frame: Frame, code: str, edition: int) -> str:
    """An old page without a class or a box: menu, story and the rest stand in the body alike."""
    menu = " | ".join(f'<a href="{i}.htm">{escape(m)}</a>' for i, m in enumerate(frame.menu))
    parts = [("p", text) for _, text in story.parts]
    labels = "\n".join(f"<p><font size=2>{escape(label)}</font></p>" for label in frame.labels)
    return f"""<html><head><title>{escape(story.title)}</title></head><body bgcolor="#ffffff"><center>{menu}</center>
<h1>{escape(story.title)}</h1>{labels}{_tags(parts)}<hr>{_tags([("p", s) for s in frame.sentences])}</body></html>"""


def soup(story: Story, frame: Frame, code: str, edition: int) -> str:
    """Nothing but boxes: what comes after the story is built like its paragraphs."""
    par = "line" if edition else "par"
    lines = [*(text for _, text in story.parts), *frame.sentences]
    body = "\n".join(f'<div class="{par}">{escape(line)}</div>' for line in lines)
    menu = "".join(f'<div class="m"><a href="?{i}">{escape(m)}</a></div>' for i, m in enumerate(frame.menu))
    labels = "".join(f'<div class="l">{escape(label)}</div>' for label in frame.labels)
    return f"""<!doctype html><html lang="{code}"><head><title>{escape(story.title)}</title></head><body>
<div class="top">{menu}</div><div class="sheet"><div class="t"><h1>{escape(story.title)}</h1></div>
<div class="run">{body}</div>{labels}</div></body></html>"""


def mailing(story: Story, frame: Frame, code: str, edition: int) -> str:
    """A press release by mail: letterhead, title, text, who sends it."""
    head, foot = "\n".join(frame.menu), "\n\n".join((*frame.labels[1:], *frame.sentences))
    # One line of the house stands in the middle of the text.
    half = len(story.parts) // 2
    texts = [text for _, text in story.parts]
    body = "\n\n".join((*texts[:half], frame.labels[0], *texts[half:]))
    return f"{head}\n\n{story.title}\n\n{body}\n\n{foot}\n"


def bulletin(story: Story, frame: Frame, code: str, edition: int) -> str:
    """A bulletin: sentences and labels of the house first, then title and text, the rest last."""
    head = "\n\n".join((*frame.labels, frame.sentences[0]))
    body = "\n\n".join(text for _, text in story.parts)
    return f"{head}\n\n{story.title}\n\n{body}\n\n" + "\n\n".join((*frame.sentences[1:], *frame.menu))


def piece(story: Story, frame: Frame, code: str, edition: int) -> str:
    """What a feed carries of a story: paragraphs, the last ones of which are the house's."""
    return _tags([*story.parts, *(("p", x) for x in (*frame.sentences, *frame.labels, *frame.menu))])


SITES = (
    Site("lantern", ("en", "de"), modern),
    Site("falot", ("fr",), plain),
    Site("farol", ("es", "pt"), soup),
    Site("fonar", ("ru",), mailing, "text/plain"),
    Site("denglong", ("zh",), bulletin, "text/plain"),
    Site("fanous", ("ar",), piece),
)


def pages_of(site: Site) -> Iterator[SitePage]:
    """The site's pages, one a day."""
    random = Random(site.name)
    wire = {code: wire_stories(code) for code in site.languages}
    ages: dict[str, int] = {}
    copy: Story | None = None
    for number in range(PAGES):
        code = site.languages[number % len(site.languages)]
        words, edition = LANGUAGES[code], int(number >= CHANGE)
        told = story(words, random)
        if number % 7 == 3 and wire[code]:
            told = wire[code].pop()
        # The first wire story of the site stands under three addresses.
        copy = told if number == 3 else copy
        if copy and number in (3 + 2 * len(site.languages), 3 + 4 * len(site.languages)):
            told = copy
        template = f"{site.name} {edition} {code}"
        ages[template] = ages.get(template, 0) + 1
        yield _page(
            site,
            number,
            told,
            frame(words, edition, number, random),
            (template, ages[template], code, edition),
        )


def _page(site: Site, number: int, told: Story, around: Frame, at: tuple[str, int, str, int]) -> SitePage:
    template, age, code, edition = at
    body = site.layout(told, around, code, edition).encode()
    url = f"https://{site.name}.example/{code}/{number:03}"
    document = FetchedDocument(
        url=url,
        final_url=url,
        source=Source(id=site.name),
        entry=FeedEntry(title=told.title),
        media_type=site.media_type,
        headers={"Content-Type": f"{site.media_type}; charset=utf-8"},
        body=zstandard.compress(body),
        size=len(body),
        sha256="",
        fetched_at=START + timedelta(days=number),
    )
    return SitePage(document, template, age, tuple(text for _, text in told.parts), around.lines())
