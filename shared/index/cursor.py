"""Where a page ended: the place of its last hit in the order of the whole answer."""

import base64
import binascii
import hashlib
from dataclasses import replace
from typing import Annotated

import msgspec

from shared.index.port import BadCursor, Search


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A hit's place: by score (0 where the order is by date), then `when`, both from high to low, then by id."""

    score: float
    when: Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)]
    id: str

    def order(self) -> tuple[float, int, str]:
        """Sorts as the answer does."""
        return -self.score, -self.when, self.id


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    search: str
    shown: Annotated[int, msgspec.Meta(ge=0, lt=2**40)]
    last: Place


def write_cursor(search: Search, shown: int, last: Place) -> str:
    """The cursor after `shown` hits in all, of which this was the last."""
    packed = msgspec.msgpack.encode(_Cursor(fingerprint(search), shown, last))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(search: Search) -> tuple[int, Place] | None:
    """How many hits were shown and the last one's place; None on the first page. Raises BadCursor."""
    if search.cursor is None:
        return None
    try:
        packed = base64.b64decode(
            search.cursor + "=" * (-len(search.cursor) % 4), altchars=b"-_", validate=True
        )
        cursor = msgspec.msgpack.decode(packed, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as e:
        raise BadCursor(
            f"cursor {search.cursor[:80]!r} was not given by this index; start without one"
        ) from e
    if cursor.search != fingerprint(search):
        raise BadCursor(
            f"cursor {search.cursor[:80]!r} belongs to another query, sort or unit; start without one"
        )
    return cursor.shown, cursor.last


def fingerprint(search: Search) -> str:
    """Tells searches apart whose order differs; limit and facets may change from page to page."""
    asked = replace(search, limit=0, cursor=None, facets=(), timeline=False)
    return hashlib.blake2b(repr(asked).encode(errors="surrogatepass"), digest_size=8).hexdigest()
