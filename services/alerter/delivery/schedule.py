"""When to try again, and when a digest is due: plain functions of id, count and time."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

# The waits between tries: ten tries over about three days.
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 21_600, 43_200, 86_400, 86_400)
)
LONGEST_RETRY_AFTER = timedelta(days=1)
DIGEST_HOUR = 8


def next_try(id: str, tries: int, now: datetime, not_before: datetime | None = None) -> datetime | None:
    """When to try again after `tries` tries, of which there was at least one; None when it is time to give up.

    Each wait is up to a fifth shorter or longer; how much follows from `id`, so that many alerts of one failure do
    not come back in one moment, and a replay has the same times.
    """
    if tries > len(WAITS):
        return None
    drawn = int.from_bytes(hashlib.sha256(f"{id}/{tries}".encode()).digest()[:4]) / 2**32
    due = now + WAITS[tries - 1] * (0.8 + 0.4 * drawn)
    return max(due, not_before) if not_before else due


def retry_after(header: str | None, now: datetime) -> datetime | None:
    """The moment a `Retry-After` header names, in seconds or as a date, at most a day ahead; None when it is none."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
        return now + wait
    try:
        named = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    named = named if named.tzinfo else named.replace(tzinfo=UTC)
    return min(named, now + LONGEST_RETRY_AFTER) if named > now else None


def digest_due(now: datetime) -> datetime:
    """The next eight o'clock UTC after `now`."""
    today = digest_of(now.astimezone(UTC).date())
    return today if today > now else today + timedelta(days=1)


def digest_of(day: date) -> datetime:
    """When the digest of a day is due: at eight o'clock UTC."""
    return datetime.combine(day, time(DIGEST_HOUR), UTC)
