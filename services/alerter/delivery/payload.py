"""The webhook's JSON body: the whole article as far as it may be shown, and never more than the standard's 20 KB."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from services.alerter.delivery.parcel import News, Parcel

MOST_BYTES = 20_000
# What is left of lists and strings once cutting the text alone does not do.
FEW, SHORT, LONGEST_URL, SHORTEST = 5, 300, 2000, 100
MOST_MATCHED = 20
_WHOLE = ("id", "url", "canonical_url", "title", "text")
_HEAD = (*_WHOLE, "source", "rights", "language", "first_seen_at", "revision")
JSON = dict[str, Any]


def body(parcel: Parcel) -> bytes:
    """The body: the same bytes for the same parcel, whenever it is sent."""
    return _alert_body(parcel) if parcel.day is None else _digest_body(parcel, parcel.day)


def _alert_body(parcel: Parcel) -> bytes:
    (news,) = parcel.news
    article: JSON = msgspec.to_builtins(news.article)
    data = {
        "subscription": _subscription(parcel),
        "article": article,
        "event": article["event"],
        "matched": msgspec.to_builtins(news.matched),
    }
    whole = _encoded(parcel, "article.matched", data)
    if len(whole) <= MOST_BYTES:
        return whole
    return next(fitting for smaller in _smaller(data) if (fitting := _with_fitting_text(parcel, smaller)))


def _digest_body(parcel: Parcel, day: str) -> bytes:
    articles = [_entry(news) for news in parcel.news]

    def made(count: int) -> bytes:
        data = {
            "subscription": _subscription(parcel),
            "day": day,
            "articles": articles[:count],
            "left_out": len(articles) - count,
        }
        whole = _encoded(parcel, "article.digest", data)
        return whole if count else _encoded(parcel, "article.digest", _shortened(data, SHORT, FEW))

    return made(_longest(len(articles), lambda count: len(made(count)) <= MOST_BYTES) or 0)


def _entry(news: News) -> JSON:
    """An article of a digest: its head alone."""
    head: JSON = {
        "id": news.article_id,
        "url": news.url,
        "title": news.headline,
        "language": news.language,
        "source": {"name": news.source},
    }
    matched = msgspec.to_builtins(news.matched[:FEW])
    return {
        "alert": news.alert,
        "article": head,
        "event": msgspec.to_builtins(news.event),
        "matched": matched,
    }


def _subscription(parcel: Parcel) -> JSON:
    return {"id": parcel.subscription, "name": parcel.name, "query": parcel.query}


def _encoded(parcel: Parcel, type: str, data: JSON) -> bytes:
    return msgspec.json.encode({"id": parcel.id, "type": type, "timestamp": parcel.at, "data": data})


def _with_fitting_text(parcel: Parcel, data: JSON) -> bytes | None:
    """With as much of the text as fits; None when the rest is too large by itself."""
    article: JSON = data["article"]
    text: str = article["text"]

    def made(length: int) -> bytes:
        cut = _without_evidence_beyond(length, {**article, "text": text[:length]})
        return _encoded(parcel, "article.matched", {**data, "article": cut, "text_cut": length < len(text)})

    longest = _longest(len(text), lambda length: len(made(length)) <= MOST_BYTES)
    return None if longest is None else made(longest)


def _longest(most: int, fits: Callable[[int], bool]) -> int | None:
    """The largest number up to `most` that fits; None when not even 0 does."""
    if not fits(0):
        return None
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _smaller(data: JSON) -> Iterator[JSON]:
    """Ever smaller forms: without what was removed, with short lists, the head alone, the head in short strings."""
    article = {**data["article"], "removed": []}
    yield {**data, "article": article}
    few = {name: v if name in _WHOLE else _shortened(v, SHORT, FEW) for name, v in article.items()}
    matched = _shortened(data["matched"], SHORT, MOST_MATCHED)
    yield {**data, "article": few, "matched": matched}
    head = {name: few[name] for name in _HEAD} | {"text": ""}
    least = {**data, "article": head, "matched": matched}
    yield _shortened(least, LONGEST_URL, FEW)
    yield _shortened(least, SHORTEST, FEW)


def _shortened(value: Any, length: int, most: int) -> Any:
    """The same with at most `length` characters in every string and `most` items in every list."""
    if isinstance(value, str):
        return value[:length]
    if isinstance(value, list | tuple):
        return [_shortened(item, length, most) for item in value[:most]]
    if isinstance(value, dict):
        return {name: _shortened(item, length, most) for name, item in value.items()}
    return value


def _without_evidence_beyond(length: int, value: Any) -> Any:
    """The same without the evidence that lies in text that was cut off."""
    if isinstance(value, list | tuple):
        return [_without_evidence_beyond(length, item) for item in value if not _beyond(length, item)]
    if isinstance(value, dict):
        return {name: _without_evidence_beyond(length, item) for name, item in value.items()}
    return value


def _beyond(length: int, item: Any) -> bool:
    return isinstance(item, dict) and item.get("field") == "text" and item.get("end", 0) > length
