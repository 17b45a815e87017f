"""Addresses and the articles they lead to, as the store keeps them, as JSON: the parser writes, everybody may read.

`aliases` has one entry per address, under the id that an article at that address would have; made once, never changed.
"""

from datetime import datetime

import msgspec

from shared.contracts.article import Struct
from shared.identity import article_id
from shared.store.port import Store

ALIASES = "aliases"


class Alias(Struct, frozen=True, kw_only=True):
    """An address and the article it belongs to."""

    address: str
    article: str
    url: str
    first_seen_at: datetime


decode_alias = msgspec.json.Decoder(Alias).decode


def alias_of(store: Store, address: str) -> Alias | None:
    """What is known of a normalised address; None when no document was ever found there."""
    stored = store.get(ALIASES, article_id(address))
    return decode_alias(stored.body) if stored else None
