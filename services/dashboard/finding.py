"""Articles by what people have in hand: an id, or any address that leads to the article."""

from urllib.parse import urlsplit

from services.dashboard.context import Context
from shared.contracts.aliases import alias_of
from shared.contracts.article import Article
from shared.contracts.deliveries import DELIVERIES, Delivery, decode_delivery
from shared.identity import article_id, normalise
from shared.journeys import Journey, find_journeys

LONGEST = 8192


def is_address(given: str) -> bool:
    """Whether this is the address of a document rather than an id."""
    return ":" in given and bool(urlsplit(given[: given.index(":") + 1]).scheme)


def addressed(given: str, query: str) -> str:
    """What the path of a request names; the query string of an address belongs to it."""
    return f"{given}?{query}" if query and is_address(given) else given


def find_article(context: Context, given: str) -> Article | None:
    """The article with this id or at this address; None when the index has none."""
    for id in _ids(context, given[:LONGEST]):
        if found := context.reader.get(id):
            return found
    return None


def _ids(context: Context, given: str) -> list[str]:
    if not is_address(given):
        return [given]
    address = _normal(given)
    if address is None:
        return []
    alias = alias_of(context.store, address)
    ids = [alias.article] if alias else []
    journey = find_journeys(context.store, {given, address})
    ids += [found.article for found in journey.values() if found.article]
    return list(dict.fromkeys([*ids, article_id(address)]))


def journey_of(context: Context, address: str) -> Journey | None:
    """What happened to the document at an address, written as it may be."""
    found = find_journeys(context.store, {address, _normal(address) or address})
    return next(iter(found.values()), None)


def told_before_indexed(context: Context, id: str) -> Delivery | None:
    """An alert that told of an article; it may have gone out before the index had the article."""
    for stored in context.store.list(DELIVERIES, {"article": id}, limit=1):
        return decode_delivery(stored.body)
    return None


def _normal(address: str) -> str | None:
    try:
        return normalise(address)
    except ValueError:
        return None
