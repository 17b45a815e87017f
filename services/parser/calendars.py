"""Days of other calendars as days of ours: Jalali, Hijri (Umm al-Qura), Buddhist era, years of the Republic of China."""

from datetime import UTC, date, datetime

from hijridate import Hijri

from services.parser.date_words import Calendar
from shared.taxonomy.calendars import from_jalali

BUDDHIST, ROC = 543, 1911
# Years that no page means otherwise.
BUDDHIST_YEARS = range(2450, 2650)
ISLAMIC_YEARS = range(1300, 1500)
# First year of each era, less one.
ERAS = {
    "令和": 2018,
    "平成": 1988,
    "昭和": 1925,
    "大正": 1911,
    "明治": 1867,
    "民國": ROC,
    "民国": ROC,
    "中華民國": ROC,
}
_JALALI_LANGUAGES, _JALALI_COUNTRIES = ("fa", "prs", "ps", "tg"), ("IR", "AF")
_HIJRI_LANGUAGES = ("ar", "ur", "ms", "id", "ug")


def day_of(calendar: Calendar, year: int, month: int, day: int) -> datetime | None:
    """Midnight UTC of a day in any of the calendars; None where there is no such day."""
    try:
        if calendar == "jalali":
            return _midnight(from_jalali(year, month, day))
        if calendar == "hijri":
            return _midnight(Hijri(year, month, day).to_gregorian())
        years = {"buddhist": BUDDHIST, "roc": -ROC}.get(calendar, 0)
        return datetime(year - years, month, day, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def year_near(calendar: Calendar, day: date) -> int:
    """The year of a calendar that a day of ours lies in, give or take one."""
    if calendar == "hijri":
        return round((day.year - 622) * 33 / 32)
    return {"jalali": day.year - 621, "buddhist": day.year + BUDDHIST, "roc": day.year - ROC}.get(
        calendar, day.year
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def calendar_of(year: int, country: str | None, languages: tuple[str, ...]) -> Calendar:
    """The calendar a bare year is of, by its size; 1404 is Jalali or Hijri as country and language have it."""
    if year in BUDDHIST_YEARS:
        return "buddhist"
    if year in ISLAMIC_YEARS:
        if country in _JALALI_COUNTRIES or any(each in _JALALI_LANGUAGES for each in languages):
            return "jalali"
        # Until 1423 Hijri (2002) hardly a page was dated.
        return "hijri" if any(each in _HIJRI_LANGUAGES for each in languages) or year > 1423 else "jalali"
    return "roc" if country == "TW" and 80 <= year <= 150 else "gregorian"
