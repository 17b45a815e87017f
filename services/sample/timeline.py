"""What of the sample press is out at a moment, and how it reads then. State of the world: the start, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from services.sample.press import Article, Correction


@dataclass(frozen=True, slots=True)
class Edition:
    """An article as it reads at a moment, with the dates it then shows."""

    article: Article
    published: datetime
    modified: datetime
    corrected: bool = False

    @property
    def is_modified(self) -> bool:
        """Whether the page tells of a change after publication."""
        return self.modified != self.published


@dataclass(frozen=True, slots=True)
class Timeline:
    """When the late article appears and when the wrong one is corrected: seconds after the start."""

    started_at: datetime
    appears_after: float
    corrected_after: float

    @property
    def appears_at(self) -> datetime:
        """To the second, in UTC."""
        return self._after(self.appears_after)

    @property
    def corrected_at(self) -> datetime:
        """To the second, in UTC."""
        return self._after(self.corrected_after)

    def edition(self, article: Article, now: datetime) -> Edition | None:
        """The article as it reads now; None while it has not appeared."""
        published = article.published or self.appears_at
        if article.published is None and now < published:
            return None
        if article.correction and now >= self.corrected_at:
            return Edition(
                _corrected(article, article.correction), published, self.corrected_at, corrected=True
            )
        return Edition(article, published, article.modified or published)

    def editions(self, articles: Iterable[Article], now: datetime) -> list[Edition]:
        """Those that are out, the latest first."""
        out = [edition for article in articles if (edition := self.edition(article, now))]
        return sorted(out, key=lambda e: (e.published, e.article.id), reverse=True)

    def _after(self, seconds: float) -> datetime:
        return (self.started_at.astimezone(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)


def _corrected(article: Article, correction: Correction) -> Article:
    body = tuple(p.replace(correction.wrong, correction.right) for p in article.body)
    return msgspec.structs.replace(article, body=body)
