"""What an alert would have told: how many articles and events of the last days, and the latest of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.dashboard.context import Context
from services.dashboard.pages.search import Result, result
from shared.index.port import IndexUnavailable, Search, TooBroad
from shared.query.ast import And, Between, Query
from shared.query.parse import QueryError, parse
from shared.subscriptions import ESTIMATED_DAYS, Per

EXAMPLES = 3
# More than this a day is more than anybody reads.
MANY_A_DAY = 20


@dataclass(frozen=True, slots=True)
class QueryFault:
    """A query that cannot be read: what stands before the place, at it and after it, and what was expected there."""

    message: str
    expected: str
    position: int
    before: str
    at: str
    after: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """The counts over `days`, and examples; `older` says that the examples are from before that.

    `fault` is set, and nothing else, when the query is none; `silent` says why nothing could be counted.
    """

    articles: int = 0
    events: int = 0
    days: int = ESTIMATED_DAYS
    examples: Sequence[Result] = field(default=())
    older: bool = False
    fault: QueryFault | None = None
    silent: str = ""

    def told(self, per: Per) -> int:
        """How many alerts that would have been."""
        return self.events if per == "event" else self.articles

    def many(self, per: Per) -> bool:
        """Whether that is more than anybody reads as it comes."""
        return self.told(per) > MANY_A_DAY * self.days


def estimated(context: Context, query: str, per: Per) -> Estimate:
    """What a query would have told. Never raises for what somebody typed, nor while the index is away."""
    now = context.clock()
    try:
        asked = parse(query, now, context.taxonomy)
        recent: Query = And((asked, Between(now - timedelta(days=ESTIMATED_DAYS), None)))
        articles = context.reader.search(Search(recent, 1)).total
        page = context.reader.search(Search(recent, EXAMPLES, sort="date", unit="event"))
        events, shown = page.total, page
        if per == "article" or not articles:
            shown = context.reader.search(
                Search(recent if articles else asked, EXAMPLES, sort="date", unit=per)
            )
    except QueryError as e:
        return Estimate(fault=query_fault(query, e))
    except TooBroad as e:
        return Estimate(silent=f"This cannot be counted: {e}. As an alert it works all the same.")
    except IndexUnavailable:
        return Estimate(
            silent="The index does not answer now, so nothing is counted. The alert works all the same."
        )
    return Estimate(
        articles=articles,
        events=events,
        examples=[result(hit) for hit in shown.hits],
        older=not articles and bool(shown.hits),
    )


def query_fault(query: str, error: QueryError) -> QueryFault:
    """A fault of a query with its place."""
    at = min(error.position, len(query))
    return QueryFault(
        message=error.message,
        expected=error.expected,
        position=at + 1,
        before=query[:at],
        at=query[at : at + 1],
        after=query[at + 1 :],
    )
