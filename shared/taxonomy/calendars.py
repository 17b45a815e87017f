"""Month and weekday names as they are written in dates, from Unicode CLDR through Babel, and the Jalali calendar."""

from datetime import date, timedelta

from babel import Locale

from shared.taxonomy.folding import Folder

_LANGUAGES = (
    "en",
    "fr",
    "es",
    "it",
    "pt",
    "de",
    "nl",
    "ru",
    "uk",
    "pl",
    "ar",
    "ar_SY",
    "id",
    "tr",
    "el",
    "hy",
    "ro",
    "hi",
    "ur",
    "th",
)
# Whose months are told by number, or not told in ours, but whose weekdays are.
_WEEKDAY_LANGUAGES = (
    *_LANGUAGES,
    *[
        "zh",
        "zh_Hant",
        "ja",
        "ko",
        "vi",
        "km",
        "ms",
        "fil",
        "fa",
        "sv",
        "da",
        "nb",
        "bn",
        "he",
        "cs",
        "hu",
        "fi",
        "bg",
        "sr",
        "ka",
        "my",
        "lo",
        "sw",
    ],
)
_EASTERN_WEEK = "一二三四五六日"
# What the press writes besides.
_MORE_MONTHS = {
    "sept": 9,
    "جوان": 6,
    "آوریل": 4,
    "مه": 5,
    "ژوئن": 6,
    "ژوئیه": 7,
    "اوت": 8,
    "سپتامبر": 9,
    "اکتبر": 10,
}
_JALALI = (
    ("فروردین", "farvardin"),
    ("اردیبهشت", "ordibehesht"),
    ("خرداد", "khordad"),
    ("تیر", "tir"),
    ("مرداد", "mordad"),
    ("شهریور", "shahrivar"),
    ("مهر", "mehr"),
    ("آبان", "aban"),
    ("آذر", "azar"),
    ("دی", "dey"),
    ("بهمن", "bahman"),
    ("اسفند", "esfand"),
)
_SHORTEST = 3


def months(folder: Folder) -> dict[str, int]:
    """Folded month names and abbreviations of many languages, January being 1."""
    found = {folder.key(name): number for name, number in _MORE_MONTHS.items()}
    for language in _LANGUAGES:
        calendar = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in calendar[context][width].items():
                    key = folder.key(name).rstrip(".")
                    if (
                        len(key) >= _SHORTEST
                        and not any("一" <= letter <= "龥" for letter in key)
                        and key[0].isalpha()
                    ):
                        found.setdefault(key, number)
    return found


def weekdays(folder: Folder) -> dict[str, int]:
    """Folded full weekday names of many languages, Monday being 0."""
    found: dict[str, int] = {}
    for language in _WEEKDAY_LANGUAGES:
        for number, name in Locale.parse(language).days["format"]["wide"].items():
            found.setdefault(folder.key(name), number)
    for number, digit in enumerate(_EASTERN_WEEK):
        found.update({folder.key(f"{week}{digit}"): number for week in ("周", "週", "礼拜")})
    return found


def jalali_months(folder: Folder) -> dict[str, int]:
    """Folded names of the Jalali months, Farvardin being 1."""
    return {folder.key(name): number for number, names in enumerate(_JALALI, 1) for name in names}


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian day of a Jalali one, by the 33-year rule (right for 1244 to 1472, that is 1865 to 2093).

    Raises ValueError when there is no such day.
    """
    if not (1244 <= year <= 1472 and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        raise ValueError(f"{year}-{month}-{day} is no Jalali day between 1244 and 1472")
    past = year - 1244
    # Leap years within each cycle of 33, counted from 1 Farvardin 1244 (21 March 1865).
    leaps = sum(1 for each in range(1244, year) if each % 33 in (1, 5, 9, 13, 17, 22, 26, 30))
    in_year = (month - 1) * 31 + day - 1 if month <= 7 else 186 + (month - 7) * 30 + day - 1
    return date(1865, 3, 21) + timedelta(days=past * 365 + leaps + in_year)
