"""The time of day in a short folded text: 15:05, 3:05 p.m., 下午3时05分, 15h05, 18 Uhr, with the zone beside it."""

import re
from dataclasses import dataclass

from services.parser.zones import ZONE
from shared.contracts.article import Precision

_BEFORE_NOON = r"am|a\.m\.?|ص|صباحا|صباحًا|ق\.ظ\.?|上午|午前|早上|凌晨|清晨|오전|sa|sang|π\.μ\.?|de\.|öö|oo|पूर्वाह्न|နံနက်|pagi"
_AFTER_NOON = r"pm|p\.m\.?|م|مساءً|مساء|ب\.ظ\.?|下午|午後|晚上|晚间|晚間|傍晚|中午|오후|ch|chieu|toi|μ\.μ\.?|du\.|ös|os|अपराह्न|ညနေ|malam|sore"
_HALF = rf"(?P<am{{0}}>{_BEFORE_NOON})|(?P<pm{{0}}>{_AFTER_NOON})"
_CLOCK = re.compile(
    rf"""(?<![\d:.,/-])(?<!\d[ ]-[ ])
    (?:(?:{_HALF.format(1)})\s{{0,2}})?
    (?P<hour>[01]?\d|2[0-4])
    (?:
        (?:[:∶]|\s?h\s?|\s?[時时点點]\s?|\s?시\s?|(?P<dot>\.))(?P<minute>[0-5]\d|(?<=:)\d(?![\d:])|(?<=시\s)\d|(?<=[시時时])\d(?=[分분]))(?!\d)(?:\s?(?:[分분](?:钟|鐘)?|min\b|น\.?))?
        (?:(?:[:∶.]|(?<=[分분])\s?)(?P<second>[0-5]\d)(?:[.,]\d{{1,9}})?\s?(?:秒|초)?(?![\d:/]))?
        |(?P<whole>\s?(?:[時时点點](?!間|间)|시(?!간)|uhr\b|h\b(?!\w)|heures\b|час\w*\b))
        |(?=\s{{0,2}}(?:[ap]m\b|[ap]\.m\.))
    )
    (?:\s{{0,2}}(?:{_HALF.format(2)})(?![^\W\d_]))?
    (?:\s{{0,2}}(?:uhr|h|น\.|hrs?|godz)\b\.?)?
    \s{{0,2}}\(?(?P<zone>{ZONE})?""",
    re.VERBOSE,
)
# 15.05 may be a day of May: it is a time only where a word says so.
_SAYS_TIME = re.compile(r"(?:klo|kl\.?|pukul|jam|pkl\.?|ore|alle|godz\.?|um|às|as|o)\s?$")
_SAYS_TIME_AFTER = re.compile(r"\s?(?:uhr|wib|wita|wit|น\.|น|h|[ap]\.?m|ch|sa)(?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `zone` is the folded words for its zone, empty where none stands there."""

    hour: int
    minute: int
    second: int
    precision: Precision
    zone: str
    start: int
    end: int


def find_clock(text: str) -> Clock | None:
    """The first time of day in a folded text; the zone may stand some spaces behind it."""
    for match in _CLOCK.finditer(text):
        if match["dot"] and not _is_dotted_time(text, match):
            continue
        hour, second = int(match["hour"]), int(match["second"] or 0)
        if hour <= 12 and (match["am1"] or match["am2"]):
            hour %= 12
        elif hour < 12 and (match["pm1"] or match["pm2"]):
            hour += 12
        if hour == 24:
            continue
        precision: Precision = "second" if match["second"] else "minute" if match["minute"] else "hour"
        minute = int(match["minute"] or 0)
        return Clock(hour, minute, second, precision, match["zone"] or "", match.start(), match.end())
    return None


def _is_dotted_time(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start("hour") - 8) : match.start("hour")]
    after = text[match.end("minute") : match.end("minute") + 8]
    return bool(
        match["zone"]
        or match["pm2"]
        or match["am2"]
        or _SAYS_TIME.search(before)
        or _SAYS_TIME_AFTER.match(after)
    )
