"""Time zones: offsets and names as pages write them, and the one zone of a country."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

LARGEST_OFFSET = 14
# Minutes east of Greenwich.
_NAMED = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "oez": 120, "msk": 180, "мск": 180, "trt": 180, "est": -300, "edt": -240, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "hst": -600, "brt": -180, "art": -180,
    "clt": -240, "cot": -300, "pet": -300, "wib": 420, "wita": 480, "wit": 540, "ict": 420, "sgt": 480, "myt": 480,
    "hkt": 480, "pht": 480, "jst": 540, "kst": 540, "pkt": 300, "npt": 345, "mmt": 390, "uzt": 300, "almt": 300,
    "azt": 240, "get": 240, "gst": 240, "irst": 210, "aft": 270, "awst": 480, "acst": 570, "aest": 600, "acdt": 630,
    "aedt": 660, "nzst": 720, "nzdt": 780, "sast": 120, "cat": 120, "eat": 180, "wat": 60, "hnec": 60, "hae": -240,
    "hne": -300, "idt": 180, "bjt": 480,
}  # fmt: skip
# Names that mean the clock of a place, summer time included.
_PLACES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "uk time": "Europe/London",
    "london time": "Europe/London",
    "heure de paris": "Europe/Paris",
    "heure francaise": "Europe/Paris",
    "hora peninsular": "Europe/Madrid",
    "beijing time": "Asia/Shanghai",
    "北京时间": "Asia/Shanghai",
    "北京時間": "Asia/Shanghai",
    "台北時間": "Asia/Taipei",
    "tokyo time": "Asia/Tokyo",
    "日本時間": "Asia/Tokyo",
    "한국시간": "Asia/Seoul",
    "по московскому времени": "Europe/Moscow",
    "по киеву": "Europe/Kyiv",
}
# Names that several parts of the world use; the country says which, and without one nobody knows.
_BY_COUNTRY: dict[str, dict[str, int]] = {
    "ist": {"IN": 330, "LK": 330, "IL": 120, "IE": 60},
    "cst": {"CN": 480, "TW": 480, "HK": 480, "MO": 480, "US": -360, "CA": -360, "MX": -360, "CR": -360, "CU": -300},
    "bst": {"GB": 60, "UK": 60, "BD": 360},
    "ast": {"SA": 180, "IQ": 180, "KW": 180, "BH": 180, "QA": 180, "YE": 180, "CA": -240, "PR": -240, "BB": -240},
    "amt": {"AM": 240, "BR": -240},
    "pst": {"PH": 480},
    "sst": {"SG": 480, "WS": -660},
    "gst": {"GU": 600},
    "wst": {"WS": 780, "AU": 480},
}  # fmt: skip
_SAID_BY_LANGUAGE = {
    "ist": {"he": 120, "hi": 330, "bn": 330, "ta": 330, "ga": 60},
    "cst": {"zh": 480},
    "amt": {"hy": 240},
}
# Where a country has several zones, the one its press writes in; others have none.
_MAIN = {
    "CN": "Asia/Shanghai",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "DE": "Europe/Berlin",
    "UA": "Europe/Kyiv",
    "NZ": "Pacific/Auckland",
    "CL": "America/Santiago",
    "EC": "America/Guayaquil",
    "PS": "Asia/Hebron",
    "KZ": "Asia/Almaty",
    "UK": "Europe/London",
    "CY": "Asia/Nicosia",
}
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+\-−])(\d{1,2})(?::?(\d{2}))?$")
ZONE = (
    r"(?:z\b|(?:utc|gmt)\s?[+\-−]\s?\d{1,2}(?::?\d{2})?\b|[+\-−]\d{2}:?\d{2}\b|"
    + "|".join(sorted(map(re.escape, [*_PLACES, *_NAMED, *_BY_COUNTRY]), key=len, reverse=True))
    + r")(?![^\W\d_])"
)


def zone_of(name: str, at: datetime, country: str | None, languages: tuple[str, ...]) -> timezone | None:
    """What a folded zone means at a naive time; None for a name whose place in the world nobody told."""
    name = name.strip(" ()")
    if match := _OFFSET.match(name):
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > LARGEST_OFFSET or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(offset if match[1] == "+" else -offset)
    if place := _PLACES.get(name):
        return _fixed(_zone(place), at)
    told = _BY_COUNTRY.get(name, {}).get(country or "")
    if told is None:
        told = next((by[each] for each in languages if each in (by := _SAID_BY_LANGUAGE.get(name, {}))), None)
    told = _NAMED.get(name) if told is None else told
    return None if told is None else timezone(timedelta(minutes=told))


@cache
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _fixed(zone: tzinfo | None, at: datetime) -> timezone | None:
    offset = at.replace(tzinfo=zone).utcoffset() if zone else None
    return None if offset is None else timezone(offset)


@cache
def _zones_in(country: str) -> tuple[tzinfo, ...]:
    if country in _MAIN:
        names = [_MAIN[country]]
    else:
        names = sorted(name for name, where in get_global("zone_territories").items() if where == country)
    return tuple(zone for name in names if (zone := _zone(name)) is not None)


def country_zone(country: str | None, at: datetime) -> timezone | None:
    """The offset of all clocks of a country at a naive time; None where its parts differ."""
    offsets = {_fixed(zone, at) for zone in _zones_in(country or "")}
    return offsets.pop() if len(offsets) == 1 else None


def local_time(country: str | None) -> Callable[[datetime], datetime]:
    """From UTC to the clock of a country, or UTC where it has none of its own."""

    def local(at: datetime) -> datetime:
        zone = country_zone(country, at.replace(tzinfo=None))
        return at.astimezone(zone) if zone else at

    return local


def written(zone: timezone) -> str:
    """`+08:00`."""
    minutes = int(zone.utcoffset(None).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
