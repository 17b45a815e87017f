"""Which article an address belongs to: the first address seen names it, others of the same site are tied to it."""

from datetime import datetime

import msgspec

from shared.contracts.aliases import ALIASES, Alias, decode_alias
from shared.identity import article_id, normalise, same_site
from shared.store.port import AlreadyExists, Store


def resolve(store: Store, requested: str, final: str, canonical: str | None, seen_at: datetime) -> Alias:
    """The article of a document, by all addresses it goes by; creates what is new.

    The canonical address comes first, so that two addresses of one page that are seen at the same moment meet in
    it. An address on another site says nothing about identity and is left out.
    """
    own = Alias(address=requested, article=article_id(requested), url=requested, first_seen_at=seen_at)
    others = [a for a in (canonical, final) if a and a != requested]
    for address in dict.fromkeys(_normal(a) for a in others):
        if address and address != requested and same_site(address, requested):
            met = _create(store, msgspec.structs.replace(own, address=address))
            own = msgspec.structs.replace(met, address=requested)
    return _create(store, own)


def _create(store: Store, alias: Alias) -> Alias:
    try:
        store.create(ALIASES, article_id(alias.address), msgspec.json.encode(alias))
    except AlreadyExists as e:
        return decode_alias(e.existing.body)
    return alias


def _normal(address: str) -> str | None:
    try:
        return normalise(address)
    except ValueError:
        return None
