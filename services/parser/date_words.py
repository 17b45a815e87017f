"""Words of dates in many languages, most of them from Unicode CLDR through Babel, and the folding to look them up in.

Folding keeps lengths, so that places in folded text are places in the text: every character becomes one character,
lower case, without accents, digits plain, and letters that Arabic keyboards give for one another are made one.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

import regex
from babel import Locale

Calendar = Literal["gregorian", "jalali", "hijri", "buddhist", "roc"]
Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


# Where two languages mean different months by a word, the one named first has it unless the page is in the other.
LOCALES = _words(
    "en fr es pt de it nl pl ru uk el tr ar fa he id vi hi th cs sk sl hr sr sr_Latn bs mk bg be ro hu da sv no nn fi et "
    "lv lt is ga ca eu gl sq mt ms fil sw am az az_Cyrl hy ka kk ky uz uz_Cyrl tk tg mn ur ps bn pa ta te mr ne si gu kn ml "
    "my km lo ar_SY ar_MA ar_DZ de_AT so ha yo af cy ko ja zh zh_Hant"
)
_JALALI = (
    "فروردین حمل farvardin|اردیبهشت ثور ordibehesht|خرداد جوزا khordad|تیر سرطان tir|مرداد اسد mordad"
    "|شهریور سنبله shahrivar|مهر میزان mehr|آبان عقرب aban|آذر قوس azar|دی جدی dey|بهمن دلو bahman|اسفند حوت esfand"
)
_HIJRI = (
    "محرم,المحرم,muharram|صفر,safar|ربيع الأول,ربيع الاول,rabi al-awwal,rabiulawal"
    "|ربيع الآخر,ربيع الثاني,rabi al-thani,rabi al-akhir,rabiulakhir"
    "|جمادى الأولى,جمادى الاول,jumada al-awwal,jumada al-ula,jamadilawal"
    "|جمادى الآخرة,جمادى الثانية,jumada al-thani,jumada al-akhirah,jamadilakhir|رجب,rajab|شعبان,shaban,syaban"
    "|رمضان,ramadan,ramadhan|شوال,shawwal,syawal|ذو القعدة,ذي القعدة,dhu al-qadah,zulkaedah"
    "|ذو الحجة,ذي الحجة,dhu al-hijjah,zulhijah"
)
# What the press writes besides: abbreviations, older and borrowed spellings.
_MORE = {
    "sept": 9,
    "janv": 1,
    "marso": 3,
    "jänner": 1,
    "ene": 1,
    "setiembre": 9,
    "ago": 8,
    "dic": 12,
    "agt": 8,
    "agst": 8,
    "okt": 10,
    "sept.": 9,
    "maret": 3,
    "pebruari": 2,
    "nopember": 11,
    "ژانویه": 1,
    "فوریه": 2,
    "مارس": 3,
    "آوریل": 4,
    "آپریل": 4,
    "مه": 5,
    "می": 5,
    "ژوئن": 6,
    "جون": 6,
    "جوان": 6,
    "ژوئیه": 7,
    "جولای": 7,
    "اوت": 8,
    "آگوست": 8,
    "سپتامبر": 9,
    "اکتبر": 10,
    "نوامبر": 11,
    "دسامبر": 12,
    "ایار": 5,
    "abr": 4,
    "iun": 6,
    "noyabr": 11,
    "noy": 11,
    "azaroaren": 11,
    "abenduaren": 12,
    "tháng một": 1,
    "tháng hai": 2,
    "tháng ba": 3,
    "tháng tư": 4,
    "tháng năm": 5,
    "tháng sáu": 6,
    "tháng bảy": 7,
    "tháng tám": 8,
    "tháng chín": 9,
    "tháng mười": 10,
    "tháng mười một": 11,
    "tháng mười hai": 12,
}
# Days counted back from today, and by their names in the order of LOCALES' languages that the press here uses.
_DAYS_BACK = {
    0: (
        "today|aujourd'hui|aujourd’hui|hoy|hoje|heute|oggi|vandaag|dzisiaj|dziś|сегодня|сьогодні|σήμερα|bugün|اليوم|امروز"
        "|היום|今天|今日|오늘|hôm nay|आज|วันนี้|hari ini|hari ini|dnes|danas|днес|azi|astăzi|ma|i dag|idag|tänään|avui"
        "|այսօր|დღეს|бүгін|bugun|бугун|امروز|آج|আজ|ಇಂದು|ថ្ងៃនេះ|ယနေ့|ມື້ນີ້|leo|ngayon|өнөөдөр"
    ),
    1: (
        "yesterday|hier|ayer|ontem|gestern|ieri|gisteren|wczoraj|вчера|вчора|χθες|χτες|dün|أمس|امس|البارحة|دیروز|אתמול"
        "|昨天|昨日|어제|hôm qua|बीता कल|เมื่อวานนี้|เมื่อวาน|kemarin|semalam|včera|jučer|juče|tegnap|i går|igår|eilen|ahir"
        "|երեկ|გუშინ|кеше|kecha|кеча|گزشتہ روز|গতকাল|ម្សិលមិញ|မနေ့က|ມື້ວານ|jana|kahapon|өчигдөр|dünən|диروز"
    ),
    2: "前天|一昨日|おととい|그저께|vorgestern|avant-hier|anteayer|позавчера|hôm kia|przedwczoraj",
}
_ONE_AGO = {
    "minute": "a minute ago|one minute ago|1 min ago|1分钟前",
    "hour": "an hour ago|one hour ago|il y a une heure|hace una hora|vor einer stunde|un'ora fa|uma hora atrás|há uma hora"
    "|час назад|годину тому|godzinę temu|منذ ساعة|قبل ساعة|een uur geleden|bir saat önce|πριν από μία ώρα|半小时前",
    "day": "a day ago|one day ago|il y a un jour|hace un día|vor einem tag|un giorno fa|há um dia|منذ يوم|день назад",
}
_AGO = {
    # Sites say these where CLDR says something else.
    "minute": "# min ago|# mins ago|#m ago|#分前|منذ # دقيقة|منذ # دقائق|# phút trước|# menit lalu|# menit yang lalu"
    "|# минут назад|# мин назад|# perc(c)el ezelőtt|# minit lalu|# dk önce|# นาทีก่อน|# λεπτά πριν|# minutos atrás",
    "hour": "# hr ago|# hrs ago|#h ago|# hour ago|#小時前|#小时前|#個小時前|#个小时前|منذ # ساعة|منذ # ساعات|# giờ trước"
    "|# tiếng trước|# jam lalu|# jam yang lalu|# ชั่วโมงก่อน|# ώρες πριν|# horas atrás|hace # h|il y a # h|vor # std"
    "|# घंटे पहले|# ساعت قبل|# گھنٹے پہلے",
    "day": "#d ago|#天前|#日前|منذ # يوم|منذ # أيام|# hari lalu|# hari yang lalu|# วันก่อน|# ημέρες πριν|# dias atrás"
    "|# روز قبل|# दिन पहले|# دن پہلے",
    "week": "# hafta önce|#周前|#週前|#星期前|منذ # أسابيع|# minggu lalu",
    "month": "#个月前|#個月前|# bulan lalu|منذ # أشهر",
}
_UNITS: tuple[Unit, ...] = ("second", "minute", "hour", "day", "week", "month", "year")
_ABOVE_AND_BELOW = (202, 216, 220, 230, 240)
_ALIKE = {
    "ي": "ی",
    "ى": "ی",
    "ك": "ک",
    "ة": "ه",
    "ۀ": "ه",
    "ہ": "ه",
    "ے": "ی",
    "ۃ": "ه",
    "ı": "i",
    "’": "'",
    "ʻ": "'",
    "ʼ": "'",
}


class Month(NamedTuple):
    """A month by its name."""

    calendar: Calendar
    number: int


class _Folding(dict[int, int]):
    """One character for one character, worked out when first met."""

    def __missing__(self, code: int) -> int:
        folded = ord(_fold_one(chr(code)))
        self[code] = folded
        return folded


def _fold_one(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    lower = (plain if len(plain) == 1 else character).lower()[0]
    if lower.isdecimal():
        return str(unicodedata.decimal(lower))
    base, *marks = list(unicodedata.normalize("NFD", lower))
    if marks and all(unicodedata.combining(mark) in _ABOVE_AND_BELOW for mark in marks):
        lower = base
    return _ALIKE.get(lower, lower)


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text as words of dates are looked up in; of the same length."""
    return text.translate(_FOLDING)


def _key(name: str) -> str:
    return (
        fold(unicodedata.normalize("NFC", name))
        .replace("\u200f", "")
        .strip(" .")
        .removeprefix("d'")
        .removeprefix("de ")
    )


@cache
def _months_of(locale: str) -> dict[str, int]:
    """Folded names of months as one language writes them, January being 1."""
    found: dict[str, int] = {}
    names = Locale.parse(locale).months
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in names[context][width].items():
                key = _key(name)
                if len(key) >= 2 and not any(c.isdigit() for c in key):
                    found.setdefault(key, number)
    return found


@cache
def _all_months() -> dict[str, Month]:
    found: dict[str, Month] = {}
    for name, number in _MORE.items():
        found.setdefault(_key(name), Month("gregorian", number))
    for locale in LOCALES:
        for key, number in _months_of(locale).items():
            found.setdefault(key, Month("gregorian", number))
    for calendar, separator, table in (("jalali", " ", _JALALI), ("hijri", ",", _HIJRI)):
        for number, names in enumerate(table.split("|"), 1):
            for name in names.split(separator):
                found.setdefault(_key(name), Month("jalali" if calendar == "jalali" else "hijri", number))
    return found


_NO_SPACES = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


@cache
def _glued() -> tuple[tuple[str, Month], ...]:
    """Names of months in scripts without spaces, the longest first."""
    names = [(key, month) for key, month in _all_months().items() if len(key) > 2 and _NO_SPACES.match(key)]
    return tuple(sorted(names, key=lambda each: -len(each[0])))


def month_named(word: str, languages: Iterable[str]) -> Month | None:
    """The month a folded word (or two) names, as the languages of the page have it, else as any has."""
    for language in languages:
        if language in LOCALES and (number := _months_of(language).get(word)):
            return Month("gregorian", number)
    found = _all_months().get(word)
    if found is None and word[:1] == "ב":
        found = _all_months().get(word[1:])
    if found is None and _NO_SPACES.match(word) and " " not in word and not any(c.isdigit() for c in word):
        found = next((month for name, month in _glued() if name in word), None)
    return found


@cache
def weekdays() -> dict[str, int]:
    """Folded full names of weekdays, and the English short ones; Monday is 0."""
    found: dict[str, int] = {}
    for locale in LOCALES:
        for number, name in Locale.parse(locale).days["format"]["wide"].items():
            found.setdefault(_key(name), number)
    for number, name in Locale.parse("en").days["format"]["abbreviated"].items():
        found.setdefault(_key(name), number)
    return found


@cache
def days_back() -> dict[str, int]:
    """Folded words for today and the days before it, with how many days they lie back."""
    return {_key(word): back for back, words in _DAYS_BACK.items() for word in words.split("|")}


def hijri_months() -> dict[str, int]:
    """Names of the Hijri months as written, Muharram being 1."""
    months = enumerate(_HIJRI.split("|"), 1)
    return {name.strip(): number for number, names in months for name in names.split(",")}


def _patterns(fields: Any, unit: Unit) -> Iterator[str]:
    """The ways one language says "{0} hours ago"."""
    for key in (unit, f"{unit}-short", f"{unit}-narrow"):
        try:
            yield from (pattern for pattern in fields[key]["past"].values() if "{0}" in pattern)
        except KeyError:
            continue


@cache
def ago_patterns() -> tuple[tuple[str, Unit, bool], ...]:
    """Folded "# hours ago" with their unit, longest first; the flag says whether a number takes the place of `#`."""
    found: dict[str, tuple[Unit, bool]] = {}
    for unit in _UNITS:
        for pattern in _AGO.get(unit, "").split("|"):
            found.setdefault(_key(pattern), (unit, True))
        for pattern in _ONE_AGO.get(unit, "").split("|"):
            found.setdefault(_key(pattern), (unit, False))
    for locale in LOCALES:
        # Babel keeps these without a public door to a single pattern.
        fields = Locale.parse(locale)._data["date_fields"]
        for unit in _UNITS:
            for pattern in _patterns(fields, unit):
                key = _key(pattern.replace("{0}", "#"))
                # "-3 h" is how tables have it, and anything may look like that.
                if len(key.strip("# -−–")) >= 2 and key[0] not in "-−–":
                    found.setdefault(key, (unit, True))
    found.pop("", None)
    return tuple((key, *found[key]) for key in sorted(found, key=lambda key: -len(key)))
