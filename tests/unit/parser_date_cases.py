"""Publication dates: every format, language, calendar and trap, as the rows of `test_parser_date_table`.

A case is a document as it would be fetched on 1 March 2026 at noon UTC, and what is to be known of its publication:
the time (UTC), how exactly it is known, where it was found, and the zone its clock was read at.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from shared.contracts.messages import FeedEntry

URL = "https://www.town-news.example/news/gate"
NOON = datetime(2025, 11, 26, tzinfo=UTC)


class Case(NamedTuple):
    """`stamp` stands below the headline, `above` over it, `below` under the text; `head` is markup."""

    told: str
    expected: str
    language: str | None = None
    country: str | None = None
    head: str = ""
    above: str = ""
    below: str = ""
    url: str = URL
    entry: FeedEntry | None = None
    opens: str = ""
    markup: str = ""


DAY = "2025-11-26 day page"


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def json_ld(date: str) -> str:
    return (
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{date}"}}</script>'
    )


PUBLISHED = "article:published_time"
# What machines are told.
DECLARED = [
    Case("", "2025-11-26 07:05:30 second json-ld +08:00 told", head=json_ld("2025-11-26T15:05:30+08:00")),
    Case("", "2025-11-26 15:05 second json-ld +00:00 told", head=json_ld("2025-11-26T15:05:00Z")),
    Case("", "2025-11-26 15:05:30 second json-ld +00:00 told", head=json_ld("2025-11-26T15:05:30.123456Z")),
    Case("", "2025-11-26 15:05 minute json-ld +00:00 told", head=json_ld("2025-11-26T15:05+0000")),
    Case("", "2025-11-26 day json-ld", head=json_ld("2025-11-26")),
    Case("", "2025-11-26 day json-ld", head=json_ld("2025-11-26T00:00:00+08:00")),
    Case("", "2025-11-01 00:00 month json-ld", head=json_ld("2025-11")),
    Case("", "2025-01-01 00:00 year json-ld", head=json_ld("2025")),
    Case("", "2025-11-26 11:35 second json-ld +03:30 country", head=json_ld("2025-11-26T15:05:00"), country="IR"),
    Case("", "2025-11-26 15:05 second json-ld", head=json_ld("2025-11-26T15:05:00")),
    Case("", "2025-11-26 15:05 second json-ld", head=json_ld("2025-11-26T15:05:00"), country="US"),
    Case("", "2025-11-26 11:35 second json-ld +03:30 told", head=json_ld("1404-09-05T15:05:00+03:30"), country="IR"),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta(PUBLISHED, "2025-11-26T15:05:00+00:00")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta(PUBLISHED, "Wed, 26 Nov 2025 15:05:00 GMT")),
    Case("", "2025-11-26 20:05 second meta -05:00 told", head=meta(PUBLISHED, "Wed, 26 Nov 2025 15:05:00 -0500")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta("pubdate", "Wednesday, 26-Nov-25 15:05:00 GMT")),
    Case("", "2025-11-26 14:05 second meta +01:00 told", head=meta("pubdate", "Wed Nov 26 15:05:00 CET 2025")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta("publish_date", "1764169500")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta("publish_date", "1764169500000")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta("sailthru.date", "/Date(1764169500000+0200)/")),
    Case("", "2025-11-26 day meta", head=meta("dcterms.issued", "20251126")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta("dcterms.created", "20251126T150500Z")),
    Case("", "2025-11-26 07:05 second meta +08:00 country", head=meta("apub:time", "20251126150500"), country="CN"),
    Case("", "2025-11-26 day meta", head=meta("dc.date.issued", "2025-W48-3")),
    Case("", "2025-11-26 15:05 second meta +00:00 told", head=meta(PUBLISHED, "2025-11-26 15:05:00.000 +0000 UTC")),
    Case("", "2025-11-01 00:00 month meta", head=meta("citation_publication_date", "2025/11")),
    Case("", "2025-11-01 00:00 month meta", head=meta("citation_publication_date", "November 2025")),
    Case("", "2025-11-26 15:05 second feed", entry=FeedEntry(published=datetime(2025, 11, 26, 15, 5, tzinfo=UTC))),
    Case("", "2025-11-26 day feed", entry=FeedEntry(published=NOON)),
    Case("", "2025-11-26 day feed", entry=FeedEntry(updated=NOON), head=json_ld("2025-11-20")),
    Case("", "2025-11-26 14:05 minute page +01:00 told", markup="<time datetime='2025-11-26T15:05+01:00'>then</time>"),
    Case("", DAY, markup="<time>26 November 2025</time>"),
    Case("", DAY, markup="<span itemprop='datePublished' content='2025-11-26'>Wed</span>"),
    Case("", DAY, markup="<abbr class='published' title='2025-11-26'>26 Nov 2025</abbr>"),
    Case("", "2025-11-26 14:05 minute page +01:00 country", markup="<div class='post-date'>26.11.2025 15:05</div>", country="DE"),
    Case("", DAY, markup="<div class='entry-meta'>Wednesday 26 November 2025 | Town News</div>"),
]  # fmt: skip

# Days as languages write them: (stamp, language).
WRITTEN = [
    ("26 November 2025", "en"), ("November 26, 2025", "en"), ("Nov. 26th, 2025", "en"), ("Wed, 26 Nov 2025", "en"),
    ("26 NOVEMBER 2025", "en"), ("the 26th of November, 2025", "en"), ("2025 November 26", "en"), ("26-Nov-25", "en"),
    ("26 novembre 2025", "fr"), ("mercredi 26 nov. 2025", "fr"), ("26 de noviembre de 2025", "es"),
    ("26 nov 2025", "es"), ("26 de novembro de 2025", "pt"), ("26. November 2025", "de"), ("26. Nov. 2025", "de"),
    ("26 novembre 2025", "it"), ("26 november 2025", "nl"), ("26 listopada 2025 r.", "pl"), ("26 ноября 2025 г.", "ru"),
    ("26 нояб. 2025", "ru"), ("26 листопада 2025 року", "uk"), ("26 Νοεμβρίου 2025", "el"), ("26 ΝΟΕΜΒΡΙΟΥ 2025", "el"),
    ("26 Kasım 2025", "tr"), ("26 KASIM 2025", "tr"), ("26 نوفمبر 2025", "ar"), ("٢٦ نوفمبر ٢٠٢٥", "ar"),
    ("26 تشرين الثاني 2025", "ar"), ("26 نوفمبر/تشرين الثاني 2025", "ar"), ("26 نونبر 2025", "ar"),
    ("۲۶ نوامبر ۲۰۲۵", "fa"), ("26 בנובמבר 2025", "he"), ("26 नवंबर 2025", "hi"), ("२६ नवंबर २०२५", "hi"),
    ("২৬ নভেম্বর ২০২৫", "bn"), ("26 نومبر 2025", "ur"), ("26 พฤศจิกายน 2025", "th"), ("26 November 2025", "id"),
    ("Rabu, 26 Nopember 2025", "id"), ("ngày 26 tháng 11 năm 2025", "vi"), ("26 tháng 11, 2025", "vi"),
    ("ថ្ងៃទី២៦ ខែវិច្ឆិកា ឆ្នាំ២០២៥", "km"), ("နိုဝင်ဘာ ၂၆၊ ၂၀၂၅", "my"), ("၂၀၂၅ ခုနှစ် နိုဝင်ဘာလ ၂၆ ရက်", "my"),
    ("26 noyabr 2025", "az"), ("2025-yil 26-noyabr", "uz"), ("26-noyabr, 2025-yil", "uz"), ("26 նոյեմբերի, 2025", "hy"),
    ("26 ნოემბერი, 2025", "ka"), ("26. новембар 2025.", "sr"), ("26. novembar 2025.", "sr"), ("26 қараша 2025", "kk"),
    ("2025 оны 11-р сарын 26", "mn"), ("26. listopadu 2025", "cs"), ("26. studenoga 2025.", "hr"),
    ("26. novembra 2025", "sk"), ("26 ноември 2025", "bg"), ("26 noiembrie 2025", "ro"), ("2025. november 26.", "hu"),
    ("26. november 2025", "da"), ("26 november 2025", "sv"), ("26. marraskuuta 2025", "fi"), ("26. november 2025", "et"),
    ("2025 m. lapkričio 26 d.", "lt"), ("2025. gada 26. novembris", "lv"), ("26 de novembre de 2025", "ca"),
    ("2025eko azaroaren 26a", "eu"), ("26 nëntor 2025", "sq"), ("Nobyembre 26, 2025", "fil"), ("26 Novemba 2025", "sw"),
    ("2025年11月26日", "zh"), ("2025 年 11 月 26 日", "zh"), ("二〇二五年十一月二十六日", "zh"), ("2025年11月26日(水)", "ja"),
    ("2025년 11월 26일", "ko"), ("2025. 11. 26.", "ko"), ("2025/11/26", "ja"), ("2025.11.26", "zh"), ("2025-11-26", "en"),
    ("26.11.2025", "ru"), ("26. 11. 2025", "cs"), ("26/11/2025", "fr"), ("26-11-2025", "nl"), ("26.11.25", "de"),
]  # fmt: skip

# Other calendars.
CALENDARS = [
    Case("۵ آذر ۱۴۰۴", DAY, "fa", "IR"), Case("چهارشنبه ۵ آذر ماه ۱۴۰۴", DAY, "fa", "IR"), Case("1404/09/05", DAY, "fa", "IR"),
    Case("۱۴۰۴-۰۹-۰۵", DAY, "fa"), Case("5 Azar 1404", DAY, "en", "IR"), Case("۵ قوس ۱۴۰۴", DAY, "fa", "AF"),
    Case("5 جمادى الآخرة 1447 هـ", DAY, "ar", "SA"), Case("1447/06/05", DAY, "ar", "SA"), Case("٥/٦/١٤٤٧", DAY, "ar", "SA"),
    Case("الأربعاء 5 جمادى الآخرة 1447هـ الموافق 26 نوفمبر 2025م", DAY, "ar", "SA"),
    Case("26 พฤศจิกายน 2568", DAY, "th", "TH"), Case("26 พ.ย. 2568", DAY, "th", "TH"), Case("26 พ.ย. 68", DAY, "th", "TH"),
    Case("26/11/2568", DAY, "th", "TH"), Case("๒๖ พฤศจิกายน ๒๕๖๘", DAY, "th", "TH"),
    Case("令和7年11月26日", DAY, "ja", "JP"), Case("民國114年11月26日", DAY, "zh-Hant", "TW"), Case("114/11/26", DAY, "zh-Hant", "TW"),
    Case("平成31年4月30日", "2019-04-30 day page", "ja", "JP"), Case("令和元年5月1日", "2019-05-01 day page", "ja", "JP"),
]  # fmt: skip

# Times of day and zones, all at 15:05 or so on the clock of the place.
AT = "2025-11-26"
CLOCKS = [
    Case("26 November 2025 15:05 GMT", f"{AT} 15:05 minute page +00:00 told"),
    Case("November 26, 2025, 3:05 p.m. EST", f"{AT} 20:05 minute page -05:00 told"),
    Case("July 26, 2025 3:05 PM ET", "2025-07-26 19:05 minute page -04:00 told"),
    Case("November 26, 2025 at 3 p.m. UTC", f"{AT} 15:00 hour page +00:00 told"),
    Case("November 26, 2025 12:30 AM UTC", f"{AT} 00:30 minute page +00:00 told"),
    Case("15:05, November 26, 2025", f"{AT} 07:05 minute page +08:00 country", "en", "CN"),
    Case("2025-11-26 15:05", f"{AT} 15:05 minute page", "zh"),
    Case("2025-11-26 15:05", f"{AT} 07:05 minute page +08:00 country", "zh", "CN"),
    Case("2025年11月26日 下午3:05", f"{AT} 07:05 minute page +08:00 country", "zh", "CN"),
    Case("2025年11月26日上午9时05分", f"{AT} 01:05 minute page +08:00 country", "zh", "CN"),
    Case("2025-11-26 15:05 北京时间", f"{AT} 07:05 minute page +08:00 told", "zh", "US"),
    Case("2025年11月26日 午後3時5分", f"{AT} 06:05 minute page +09:00 country", "ja", "JP"),
    Case("2025년 11월 26일 오후 3:05", f"{AT} 06:05 minute page +09:00 country", "ko", "KR"),
    Case("2025.11.26. 오전 9시 5분", f"{AT} 00:05 minute page +09:00 country", "ko", "KR"),
    Case("le 26 novembre 2025 à 15h05", f"{AT} 14:05 minute page +01:00 country", "fr", "FR"),
    Case("26/07/2025 à 15h", "2025-07-26 13:00 hour page +02:00 country", "fr", "FR"),
    Case("Mittwoch, 26. November 2025, 15.05 Uhr", f"{AT} 14:05 minute page +01:00 country", "de", "DE"),
    Case("26.11.2025 klo 15.05", f"{AT} 13:05 minute page +02:00 country", "fi", "FI"),
    Case("26/11/2025 15:05 GMT+7", f"{AT} 08:05 minute page +07:00 told", "vi", "VN"),
    Case("15:05 | 26/11/2025", f"{AT} 08:05 minute page +07:00 country", "vi", "VN"),
    Case("Rabu, 26 November 2025, 15:05 WIB", f"{AT} 08:05 minute page +07:00 told", "id", "ID"),
    Case("26 พฤศจิกายน 2568 15:05 น.", f"{AT} 08:05 minute page +07:00 country", "th", "TH"),
    Case("26 نوفمبر 2025 - 03:05 م", f"{AT} 12:05 minute page +03:00 country", "ar", "SA"),
    Case("۵ آذر ۱۴۰۴ - ۱۵:۰۵", f"{AT} 11:35 minute page +03:30 country", "fa", "IR"),
    Case("26 Νοεμβρίου 2025, 3:05 μ.μ.", f"{AT} 13:05 minute page +02:00 country", "el", "GR"),
    Case("26 ноября 2025, 15:05 (МСК)", f"{AT} 12:05 minute page +03:00 told", "ru", "RU"),
    Case("26 Nov 2025 15:05 IST", f"{AT} 09:35 minute page +05:30 told", "en", "IN"),
    Case("26 Nov 2025 15:05 IST", f"{AT} 13:05 minute page +02:00 told", "en", "IL"),
    Case("26 Nov 2025 15:05 IST", f"{AT} 15:05 minute page", "en"),
    Case("26 Nov 2025 15:05 CST", f"{AT} 07:05 minute page +08:00 told", "en", "CN"),
    Case("26 Nov 2025 15:05 CST", f"{AT} 21:05 minute page -06:00 told", "en", "US"),
    Case("26 Jul 2025 15:05 CEST", "2025-07-26 13:05 minute page +02:00 told", "en"),
    Case("26 Jul 2025 15:05 BST", "2025-07-26 14:05 minute page +01:00 told", "en", "GB"),
    Case("26 Nov 2025 15:05:30 (UTC-03:00)", f"{AT} 18:05:30 second page -03:00 told", "en"),
    Case("26 Nov 2025 15:05 NPT", f"{AT} 09:20 minute page +05:45 told", "en", "NP"),
    Case("26 Jul 2025 15:05", "2025-07-26 14:05 minute page +01:00 country", "en", "GB"),
    Case("26 Jul 2025 15:05", "2025-07-26 15:05 minute page", "en-GB"),
    Case("2025-11-26 15:05", f"{AT} 15:05 minute page", "zh-CN"),
]  # fmt: skip

# Stamps as the press sets them.
STRAPS = [
    Case("Wed 26 Nov 2025 15.05 GMT", f"{AT} 15:05 minute page +00:00 told", "en", "GB"),
    Case("Posted On: 26 NOV 2025 3:05PM by the press office", f"{AT} 09:35 minute page +05:30 country", "en", "IN"),
    Case("Published - November 26, 2025 03:05 pm IST", f"{AT} 09:35 minute page +05:30 told", "en", "IN"),
    Case("Nov 26, 2025 15:05 pm IST", f"{AT} 09:35 minute page +05:30 told", "en", "IN"),
    Case("Published Nov 26, 2025, 03:05 PM Updated Nov 27, 2025, 10:00 AM", f"{AT} 07:05 minute page +08:00 country", "en", "SG"),
    Case("Source: Xinhua | 2025-11-26 15:05:30 | Editor: ann", f"{AT} 07:05:30 second page +08:00 country", "en", "CN"),
    Case("(Xinhua) 09:51, July 17, 2021", "2021-07-17 01:51 minute page +08:00 country", "en", "CN"),
    Case("Updated 15:05, 26-Nov-2025", f"{AT} 07:05 minute page +08:00 country", "en", "CN"),
    Case("November 26, 2025 - 15:5", f"{AT} 11:35 minute page +03:30 country", "en", "IR"),
    Case("5 Azar 1404, 15:05", f"{AT} 11:35 minute page +03:30 country", "en", "IR"),
    Case("26 November 2025•Update: 27 November 2025", DAY, "en", "TR"),
    Case("Nov 26, 2025 - 3:05 pm GMT+3", f"{AT} 12:05 minute page +03:00 told", "en", "TR"),
    Case("Published : Nov. 26, 2025 - 15:05:30", f"{AT} 06:05:30 second page +09:00 country", "en", "KR"),
    Case("26 nov 2025 - 15:05 CET", f"{AT} 14:05 minute page +01:00 told", "es", "ES"),
    Case("26 Novembre 2025 alle 15:05", f"{AT} 14:05 minute page +01:00 country", "it", "IT"),
    Case("26.nov.2025 às 15h05", f"{AT} 15:05 minute page", "pt", "BR"),
    Case("26/11/2025 15h05 Atualizado há 2 horas", f"{AT} 15:05 minute page", "pt", "BR"),
    Case("15:05 26.11.2025 (обновлено: 16:10 27.11.2025)", f"{AT} 15:05 minute page", "ru", "RU"),
    Case("Thứ tư, 26/11/2025, 15:05 (GMT+7)", f"{AT} 08:05 minute page +07:00 told", "vi", "VN"),
    Case("26.11.25, 15:05", f"{AT} 13:05 minute page +02:00 country", "he", "IL"),
    Case("2025-10-17 21:30 Last Updated At:10-18 16:07", "2025-10-17 13:30 minute page +08:00 country", "en", "SG"),
    Case("بروزرسانی: ۵ آذر ۱۴۰۴ ساعت ۱۵:۰۵", f"{AT} 11:35 minute page +03:30 country", "fa", "IR"),
    Case("کد خبر: 85678901 - ۵ آذر ۱۴۰۴ - ۱۵:۰۵", f"{AT} 11:35 minute page +03:30 country", "fa", "IR"),
    Case("승인 2025.11.26 15:05", f"{AT} 06:05 minute page +09:00 country", "ko", "KR"),
    Case("2025年11月26日15:05 | 来源：示例网", f"{AT} 07:05 minute page +08:00 country", "zh", "CN"),
    Case("浏览次数：1234 发布日期：2025-11-26", DAY, "zh", "CN"),
    Case("วันพุธที่ 26 พฤศจิกายน พ.ศ. 2568", DAY, "th", "TH"),
    Case("26 Kas 2025 Çarşamba 15:05", f"{AT} 12:05 minute page +03:00 country", "tr", "TR"),
    Case("11:05, 26 Նոյեմբեր, 2025", f"{AT} 07:05 minute page +04:00 country", "hy", "AM"),
    Case("２０２５年１１月２６日", DAY, "ja", "JP"),
    Case("２０２５．１１．２６", DAY, "ja", "JP"),
    Case("R7.11.26", DAY, "ja", "JP"),
]  # fmt: skip

# Days that count from the fetch, 1 March 2026 (a Sunday) at noon UTC.
COUNTED = [
    Case("3 hours ago", "2026-03-01 09:00 hour page"), Case("an hour ago", "2026-03-01 11:00 hour page"),
    Case("25 minutes ago", "2026-03-01 11:35 minute page"), Case("2 days ago", "2026-02-27 day page"),
    Case("2 weeks ago", "2026-02-01 00:00 month page"), Case("3 months ago", "2025-12-01 00:00 month page"),
    Case("2天前", "2026-02-27 day page", "zh", "CN"), Case("3小时前", "2026-03-01 09:00 hour page", "zh", "CN"),
    Case("昨天 08:20", "2026-02-28 00:20 minute page +08:00 country", "zh", "CN"), Case("hier", "2026-02-28 day page", "fr"),
    Case("Hier à 15h05", "2026-02-28 14:05 minute page +01:00 country", "fr", "FR"),
    Case("il y a 2 jours", "2026-02-27 day page", "fr"), Case("vor 3 Stunden", "2026-03-01 09:00 hour page", "de"),
    Case("gestern, 15:05 Uhr", "2026-02-28 14:05 minute page +01:00 country", "de", "DE"),
    Case("hace 3 horas", "2026-03-01 09:00 hour page", "es"), Case("há 2 dias", "2026-02-27 day page", "pt"),
    Case("3 ore fa", "2026-03-01 09:00 hour page", "it"), Case("3 часа назад", "2026-03-01 09:00 hour page", "ru"),
    Case("Вчера, 15:05", "2026-02-28 15:05 minute page", "ru"), Case("منذ 5 ساعات", "2026-03-01 07:00 hour page", "ar"),
    Case("۳ ساعت پیش", "2026-03-01 09:00 hour page", "fa"), Case("2 saat önce", "2026-03-01 10:00 hour page", "tr"),
    Case("3시간 전", "2026-03-01 09:00 hour page", "ko"), Case("5時間前", "2026-03-01 07:00 hour page", "ja"),
    Case("4 दिन पहले", "2026-02-25 day page", "hi"), Case("3 giờ trước", "2026-03-01 09:00 hour page", "vi"),
    Case("3 ชั่วโมงที่ผ่านมา", "2026-03-01 09:00 hour page", "th"), Case("3 jam yang lalu", "2026-03-01 09:00 hour page", "id"),
    Case("Published Friday", "2026-02-27 day page", "en"), Case("Published: Nov 20", "2025-11-20 day page", "en"),
    Case("Published: 26 Feb, 15:05 GMT", "2026-02-26 15:05 minute page +00:00 told", "en"),
    Case("02-26 15:05", "2026-02-26 07:05 minute page +08:00 country", "zh", "CN"),
]  # fmt: skip

# 4/5/2025 and what tells it apart.
ORDERS = [
    Case("4/5/2025", "none"),
    Case("4/5/2025", "none", "en"),
    Case("4/5/2025", "2025-04-05 day page", "en", "US"),
    Case("4/5/2025", "2025-05-04 day page", "en", "GB"),
    Case("4/5/2025", "2025-04-05 day page", "en-US"),
    Case("4/5/2025", "2025-05-04 day page", "en-AU"),
    Case("4/5/2025", "2025-05-04 day page", "es"),
    Case("4/5/2025", "2025-04-05 day page", "en", "PH"),
    Case("4/5/2025", "2025-05-04 day page", "en", below="<p>Read also, from 26/11/2024: the wall fell down.</p>", markup="<p>26/11/2024 is when the wall of the harbour museum fell down at last.</p>"),
    Case("12/01/2026", "2026-01-12 day page", "en"),
    Case("Friday 04/04/2025", "2025-04-04 day page", "en"),
    Case("Sunday 04/05/2025", "2025-05-04 day page", "en"),
    Case("4.5.2025", "2025-05-04 day page", "en"),
    Case("11/26/2025", DAY, "en"),
    Case("26/11/25", DAY, "en", "GB"),
    Case("11/26/25", DAY, "en", "US"),
    Case("25.11.26", DAY, "ko", "KR"),
]  # fmt: skip

# Labels.
LABELLED = [
    Case("Published: 26 November 2025", DAY), Case("First published 26 November 2025, last updated 28 November 2025", DAY),
    Case("Last updated 28 November 2025 | Published 26 November 2025", DAY), Case("Updated: 26 November 2025", DAY),
    Case("Publié le 26 novembre 2025, mis à jour le 28 novembre 2025", DAY, "fr"), Case("Veröffentlicht am 26.11.2025", DAY, "de"),
    Case("Publicado el 26 de noviembre de 2025", DAY, "es"), Case("Опубликовано 26.11.2025", DAY, "ru"),
    Case("Yayınlanma Tarihi: 26 Kasım 2025 Güncelleme: 28 Kasım 2025", DAY, "tr"), Case("تاريخ النشر: 26 نوفمبر 2025", DAY, "ar"),
    Case("تاریخ انتشار: ۵ آذر ۱۴۰۴", DAY, "fa", "IR"), Case("发布时间：2025-11-26 来源：示例网", DAY, "zh"),
    Case("入力 2025.11.26", DAY, "ja"), Case("입력 2025.11.26 수정 2025.11.28", DAY, "ko"), Case("公開日：2025年11月26日", DAY, "ja"),
    Case("Ngày đăng: 26/11/2025", DAY, "vi"), Case("เผยแพร่: 26 พ.ย. 2568", DAY, "th"), Case("Terbit: 26 November 2025", DAY, "id"),
    Case("By ANN LEE in Oslo | Town News | Updated: 2025-11-26 15:05", f"{AT} 15:05 minute page"),
    Case("Published: November 2025", "2025-11-01 00:00 month page"), Case("Press release, 26 November 2025", DAY),
    Case("Pakistan · 26 November 2025 · 3 min", DAY),
]  # fmt: skip

# Addresses and datelines.
ELSEWHERE = [
    Case("", "2025-11-26 day url", url="https://e.example/2025/11/26/gate"),
    Case("", "2025-11-26 day url", url="https://e.example/n3/2025/1126/c90000-2009.html"),
    Case("", "2025-11-26 day url", url="https://e.example/202511/26/WS640938b4a3.html"),
    Case("", "2025-11-26 day url", url="https://e.example/t20251126_4094453.html"),
    Case("", "2025-11-26 day url", url="https://e.example/view?no=20251126163721"),
    Case("", "2025-11-26 day url", url="https://e.example/world/2025/nov/26/gate-reopens"),
    Case("", "2025-11-26 day url", url="https://e.example/2025-11/26/c_881844.htm"),
    Case("", "2025-11-26 day url", url="https://e.example/news/26-11-2025/gate"),
    Case("", "2025-11-26 day url", url="https://e.example/news/1404/09/05/gate", country="IR"),
    Case("", "none", url="https://e.example/news/1404/09/05/gate"),
    Case("", "2025-11-01 00:00 month url", url="https://e.example/page/202511/1289540.shtml"),
    Case("", "none", url="https://e.example/p/20251399.html"),
    Case("", "2025-11-26 day dateline", opens="OSLO, 26 November 2025 (Agency) - "),
    Case("", "2025-11-26 day dateline", opens="BERGEN, Norway, Nov. 26, 2025 /PRNewswire/ -- "),
    Case("", "2025-11-26 day dateline", opens="示例社北京2025年11月26日电 "),
    Case("", "2025-11-26 day dateline", opens="OSLO, Nov. 26 (Agency) -- ", url="https://e.example/202511/gate.html"),
    Case("", "2025-11-26 day dateline", opens="(SeaPRwire) – أوسلو، النرويج، 26 نوفمبر 2025 – "),
    Case("", "none", opens="OSLO, November 26 (Agency) -- "),
]  # fmt: skip

HEADER = "<header><div class='date'>Sunday, March 1, 2026</div></header>"
# What must not be taken.
TRAPS = [
    Case("", "none", below="<footer>© 2019-2025 Town News. All rights reserved.</footer>"),
    Case("", "none", below="<p>Copyright 26 November 2025 Town News</p>"),
    Case("© 26 November 2025 Town News", "none"),
    Case("", "none", above=HEADER),
    Case("", "2025-11-26 day url", above=HEADER, url="https://e.example/2025/11/26/gate"),
    Case("26 November 2025", DAY, above=HEADER),
    Case("", "2025-11-26 day url", head=meta("date", "2026-03-01"), url="https://e.example/2025/11/26/gate"),
    Case("", "2025-11-26 day url", head=json_ld("2026-03-01T12:00:30Z"), url="https://e.example/2025/11/26/gate"),
    Case("", "2026-02-28 23:30 second json-ld +00:00 told", head=json_ld("2026-02-28T23:30:00Z"), url="https://e.example/2026/03/01/gate"),
    Case("", DAY, head=json_ld("2031-01-01"), markup="<p>26 November 2025</p>"),
    Case("", DAY, head=json_ld("0001-01-01T00:00:00Z"), markup="<p>26 November 2025</p>"),
    Case("", DAY, head=json_ld("1970-01-01T00:00:00Z"), markup="<p>26 November 2025</p>"),
    Case("", DAY, head=json_ld("2025"), markup="<p>26 November 2025</p>"),
    Case("", DAY, head=json_ld("yesterday or so"), markup="<p>26 November 2025</p>"),
    Case("26-29 November 2025", "none"),
    Case("March 27-28, 2022", "none"),
    Case("30 February 2025", "none"),
    Case("Deadline: 26 November 2025", "none"),
    Case("Photo taken on 26 November 2025", "none"),
    Case("Founded 26 November 1999", "none"),
    Case("version 1.2.2022b", "none"),
    Case("192.168.10.25", "none"),
    Case("Tel. +47 22 11 20 25", "none"),
    Case("", "none", below="<aside class='related'><time datetime='2025-11-20'>20 November 2025</time> Another gate</aside>"),
    Case("", "none", below="<div class='comments'><div class='comment-date'>20 November 2025</div></div>"),
    Case("", "2025-11-26 day url", markup="<time datetime='2026-03-01'>today</time>", url="https://e.example/2025/11/26/gate"),
    Case("13/13/2025", "none"),
    Case("00/00/0000", "none"),
    Case("26 November 2025 00:00", DAY, "en", "CN"),
    Case("26 November 2025 25:61", DAY),
]  # fmt: skip

CASES = [
    *DECLARED,
    *(Case(stamp, DAY, language) for stamp, language in WRITTEN),
    *CALENDARS,
    *CLOCKS,
    *STRAPS,
    *COUNTED,
    *ORDERS,
    *LABELLED,
    *ELSEWHERE,
    *TRAPS,
]
