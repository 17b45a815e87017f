"""Which address stands for what on the sample site: one host, each outlet under a path of its own."""

from dataclasses import dataclass
from urllib.parse import quote

from services.sample.press import Article, Outlet

ROBOTS = "/robots.txt"
TRACKING = "?utm_source=rss&utm_medium=feed&utm_campaign=daily"
# Disallowed in robots.txt: the print versions.
PRINT = "print"
# Sections that are the front page itself.
FRONT = frozenset(("home", "top"))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses under `root`, the site's own without a final slash."""

    root: str

    def outlet(self, outlet: Outlet, path: str = "") -> str:
        """An address of the outlet; its front page when no path is given."""
        return f"{self.root}/{outlet.id}/{path}"

    def home(self, outlet: Outlet, language: str) -> str:
        """The front page in one of the outlet's languages."""
        return self.outlet(outlet, "" if language == outlet.language else f"{language}/")

    def section(self, outlet: Outlet, language: str, section: str) -> str:
        """The list of one section, in one language; the first section is the front page."""
        if section in FRONT:
            return self.home(outlet, language)
        return f"{self.home(outlet, language)}section/{section}/"

    def tag(self, outlet: Outlet, tag: str) -> str:
        """The list of what carries a tag."""
        return self.outlet(outlet, f"tag/{quote(tag, safe='')}/")

    def article(self, article: Article) -> str:
        """The article's own address, its canonical one."""
        return f"{self.root}/{article.outlet}/{article.path}"

    def in_feed(self, article: Article) -> str:
        """The address that the outlet's feed gives: with tracking, or one that redirects, where it is so."""
        if article.via == "tracking":
            return self.article(article) + TRACKING
        if article.via == "redirect":
            return f"{self.root}/{article.outlet}/?p={article.number}"
        return self.article(article)

    def variant(self, outlet: Outlet, article: Article) -> str | None:
        """The AMP or print version, where the outlet has one."""
        if outlet.variant == "amp":
            return f"{self.article(article)}/amp"
        if outlet.variant == "print":
            return f"{self.root}/{PRINT}/{outlet.id}/{article.path}"
        return None

    def image(self, article: Article) -> str:
        """The picture of an article."""
        return f"{self.root}/{article.outlet}/images/{article.id}.svg"

    def feed(self, outlet: Outlet) -> str:
        """The outlet's feed, or its list of news where it has no feed."""
        return self.outlet(outlet, outlet.feed_path)
