"""Pages of the sample site: articles in their outlet's own layout, lists, and what says that all of it is a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from services.sample.addresses import Addresses
from services.sample.press import RIGHT_TO_LEFT, Article, Outlet, Press
from services.sample.timeline import Edition

MOST_RELATED = 2


@dataclass(frozen=True, slots=True)
class Link:
    """A headline and where it leads."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes pages of the press, under the site's addresses."""

    press: Press
    at: Addresses
    templates: Environment

    def article(self, edition: Edition) -> str:
        """The page of an article."""
        return self._article(edition, "article.html")

    def variant(self, edition: Edition) -> str:
        """Its AMP or print version. Raises KeyError where the outlet has none."""
        outlet = self.press.outlets[edition.article.outlet]
        return self._article(edition, {"amp": "amp.html", "print": "print.html"}[outlet.variant or ""])

    def listing(self, outlet: Outlet, language: str, heading: str | None, editions: Sequence[Edition]) -> str:
        """A front page (without a heading), or the list of a section or tag."""
        listed = [(e, Link(e.article.title, self.at.article(e.article))) for e in editions]
        told = self._told(outlet, language)
        return self._render(f"{outlet.id}/list.html", **told, heading=heading, listed=listed)

    def style(self, outlet: Outlet) -> str:
        """The outlet's style sheet."""
        return self._render(f"{outlet.id}/style.css")

    def about(self, outlet: Outlet) -> str:
        """What the outlet is: invented."""
        return self._render("about.html", o=outlet, label=self.press.labels["en"])

    def elsewhere(self, outlet: Outlet) -> str:
        """Where headlines lead that are furniture: there is no such story."""
        return self._render("elsewhere.html", o=outlet, label=self.press.labels["en"])

    def index(self) -> str:
        """The list of outlets."""
        counts = dict.fromkeys(self.press.outlets, 0)
        for article in self.press.articles.values():
            counts[article.outlet] += 1
        return self._render("index.html", outlets=self.press.outlets.values(), counts=counts)

    def missing(self) -> str:
        """What stands at an address that has nothing."""
        return self._render("missing.html")

    def _article(self, edition: Edition, template: str) -> str:
        a = edition.article
        outlet = self.press.outlets[a.outlet]
        told = self._told(outlet, a.language)
        return self._render(f"{outlet.id}/{template}", **told, e=edition, a=a, related=self._related(a))

    def _told(self, outlet: Outlet, language: str) -> dict[str, Any]:
        return {
            "o": outlet,
            "language": language,
            "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "w": outlet.words[language],
            "label": self.press.labels[language],
        }

    def _related(self, article: Article) -> list[Link]:
        """Headlines beside an article: of the outlet's others in its language, and invented ones.

        The one that appears later is never among them, so a page reads the same before and after.
        """
        near = [
            other
            for other in self.press.articles.values()
            if (other.outlet, other.language) == (article.outlet, article.language)
            and other.id != article.id
            and other.published
        ]
        near.sort(key=lambda other: (other.section != article.section, other.id))
        real = [Link(other.title, self.at.article(other)) for other in near[:MOST_RELATED]]
        elsewhere = self.at.outlet(self.press.outlets[article.outlet], "elsewhere")
        return real + [Link(title, elsewhere) for title in article.others]

    def _render(self, template: str, **told: Any) -> str:
        return self.templates.get_template(template).render(**told)
