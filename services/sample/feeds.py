"""Feeds of the sample outlets: RSS 2.0 with summaries, RSS 1.0, Atom in full, JSON Feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import msgspec
from jinja2 import Environment

from services.sample.addresses import Addresses
from services.sample.press import Article, Outlet, Press
from services.sample.templates import GENERATOR, moment
from services.sample.timeline import Edition

MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Feeds:
    """Makes the feeds of the press, under the site's addresses."""

    press: Press
    at: Addresses
    templates: Environment

    def feed(self, outlet: Outlet, editions: Sequence[Edition]) -> str:
        """The outlet's feed of these articles. Raises KeyError where it has none."""
        if outlet.feed == "json":
            return self._json(outlet, editions)
        template = {"rss": "rss.xml", "rdf": "rdf.xml", "atom": "atom.xml"}[outlet.feed]
        return self.templates.get_template(f"feeds/{template}").render(
            o=outlet,
            label=self.press.labels["en"],
            changed=max(e.modified for e in editions),
            entries=[(e, e.article, self._full(outlet, e)) for e in editions],
        )

    def _full(self, outlet: Outlet, edition: Edition) -> str:
        """The text with what this kind of feed says under it."""
        a = edition.article
        correction = a.correction.note if edition.corrected and a.correction else None
        letters = outlet.words[a.language]["furniture"].get("letters")
        notes = ((correction, "i"), (a.reprint, "i"), (letters, "small"))
        under = [f"<p><{tag}>{escape(note, quote=False)}</{tag}></p>" for note, tag in notes if note]
        return "\n".join((content(a), *under))

    def _json(self, outlet: Outlet, editions: Sequence[Edition]) -> str:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "home_page_url": self.at.outlet(outlet),
            "feed_url": self.at.feed(outlet),
            "description": f"{outlet.motto} {self.press.labels['en']}",
            "language": outlet.language,
            "_generator": GENERATOR,
            "items": [self._item(e) for e in editions],
        }
        return msgspec.json.format(msgspec.json.encode(feed), indent=2).decode()

    def _item(self, edition: Edition) -> dict[str, Any]:
        a = edition.article
        item = {
            "id": self.at.article(a),
            "url": self.at.in_feed(a),
            "title": a.title,
            "summary": a.deck,
            "content_html": content(a),
            "language": a.language,
            "authors": [{"name": name} for name in a.authors],
            "tags": list(a.tags),
            "image": self.at.image(a),
            "date_published": moment(edition.published),
        }
        return item | ({"date_modified": moment(edition.modified)} if edition.is_modified else {})


def content(article: Article) -> str:
    """The article's text as HTML."""
    return "\n".join(_block(paragraph) for paragraph in article.body)


def _block(paragraph: str) -> str:
    if paragraph.startswith("## "):
        return f"<h2>{escape(paragraph[3:], quote=False)}</h2>"
    return f"<p>{escape(paragraph, quote=False)}</p>"
