"""Addresses: those of our own pages, and those of articles elsewhere that may be linked to."""

from urllib.parse import quote, urlencode, urlsplit


def own_address(given: str) -> str:
    """The address of a page of ours to go back to; `/` for anything that would lead elsewhere."""
    if (
        not given.startswith("/")
        or given.startswith(("//", "/\\"))
        or any(ord(c) < 0x20 or c == "\\" for c in given)
    ):
        return "/"
    parts = urlsplit(given)
    return "/" if parts.scheme or parts.netloc or parts.path == "/login" else given


def outward(url: str) -> str | None:
    """An address elsewhere as a link may have it: http and https alone; None for what must not be clicked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def with_query(path: str, **values: str | None) -> str:
    """A path with a query string; empty values are left out."""
    said = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(said)}" if said else path


def article_path(id: str) -> str:
    """The page of an article."""
    return f"/articles/{quote(id, safe='')}"


def event_path(id: str) -> str:
    """The page of an event."""
    return f"/events/{quote(id, safe='')}"


def alliance_path(id: str) -> str:
    """The page of an alliance."""
    return f"/alliances/{quote(id, safe='')}"


def alert_path(id: str) -> str:
    """The page of an alert."""
    return f"/alerts/{quote(id, safe='')}"


def source_path(id: str) -> str:
    """The page of a source."""
    return f"/sources/{quote(id, safe='')}"
