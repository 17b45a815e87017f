"""Days told by the day of publication, and stretches of days."""

from datetime import date
from functools import cache

import pytest

from services.parser.classify import Classifier
from tests.shipped import shipped_classifier

# A Thursday.
PUBLISHED = date(2026, 3, 12)


@cache
def _classifier() -> Classifier:
    return shipped_classifier()


def _days(language: str, text: str, published: date | None = PUBLISHED) -> list[tuple[str, str]]:
    found = _classifier().classify("", text, language=language, published=published)
    return [(d.start[5:], d.end[5:]) for d in found.dates if d.role == "event"]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "The museum council met yesterday in the old mill.", "03-11"),
        ("en", "The agreement on the museum will be signed tomorrow.", "03-13"),
        ("fr", "Le conseil du musée s'est réuni hier au château.", "03-11"),
        ("es", "El consejo del museo se reunió ayer en el palacio.", "03-11"),
        ("pt", "O conselho do museu reuniu-se ontem no palácio.", "03-11"),
        ("it", "Il consiglio del museo si è riunito ieri nel palazzo.", "03-11"),
        ("de", "Der Rat des Museums trat vorgestern im Schloss zusammen.", "03-10"),
        ("ru", "Вчера в Риме подписано соглашение о музее.", "03-11"),
        ("ar", "وقعت أمس اتفاقية بشأن المتحف في الرباط.", "03-11"),
        ("zh", "昨日，文化遗产联盟理事会在西安召开会议。", "03-11"),
        ("ja", "文化遺産連盟の理事会がきのう奈良で開かれた。", "03-11"),
        ("ko", "문화유산 연맹 이사회가 어제 경주에서 열렸다.", "03-11"),
        ("vi", "Hôm qua, hội đồng di sản đã họp tại Huế.", "03-11"),
        ("th", "เมื่อวานนี้ สภามรดกประชุมที่กรุงเทพฯ", "03-11"),
        ("zh", "文化遗产联盟理事会周二在西安召开会议。", "03-10"),
        ("en", "The museum council met last Friday in the old mill.", "03-06"),
        ("en", "The museum council will meet next Monday in the old mill.", "03-16"),
    ],
)
def test_day_told_by_publication(language: str, text: str, day: str) -> None:
    assert _days(language, text) == [(day, day)]


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("en", "The three-day conference on museums ended on 8 March.", ("03-06", "03-08")),
        ("en", "The three-day conference on museums opened on 8 March.", ("03-08", "03-10")),
        ("es", "La conferencia de tres días sobre museos concluyó el 8 de marzo.", ("03-06", "03-08")),
        ("zh", "为期三天的文化遗产论坛3月8日在西安开幕。", ("03-08", "03-10")),
        ("zh", "为期3天的文化遗产论坛3月8日在西安闭幕。", ("03-06", "03-08")),
        ("ko", "문화유산 포럼이 3월 8일 경주에서 개막해 3일간 열린다.", ("03-08", "03-10")),
    ],
)
def test_event_told_by_one_day_and_its_length(language: str, text: str, days: tuple[str, str]) -> None:
    assert _days(language, text) == [days]


def test_last_day_told_apart_belongs_to_the_event() -> None:
    text = "The exhibition of old maps opens at the museum on 20 March and runs until 28 June."
    assert _days("en", text) == [("03-20", "03-20"), ("06-28", "06-28")]


def test_word_of_another_language_is_no_day() -> None:
    assert _days("de", "Hier trat der Rat des Museums zusammen.") == []


def test_without_publication_nothing_is_made_up() -> None:
    assert _days("en", "The museum council met yesterday.", published=None) == []


def test_words_that_tell_the_day_are_its_evidence() -> None:
    text = "The museum council met yesterday."
    found = _classifier().classify("", text, language="en", published=PUBLISHED)
    assert [e.text for d in found.dates for e in d.evidence] == ["yesterday"]


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("zh", "文化遗产联盟理事会于二〇二五年十一月二十六日在西安召开会议。", ("2025-11-26", "2025-11-26")),
        ("ja", "文化遺産連盟の理事会は令和7年11月26日に奈良で開かれた。", ("2025-11-26", "2025-11-26")),
        ("zh-Hant", "文化遺產聯盟理事會於民國114年11月26日在臺北召開。", ("2025-11-26", "2025-11-26")),
        ("th", "สภามรดกประชุมวันที่ 26 พฤศจิกายน 2568 ที่กรุงเทพฯ", ("2025-11-26", "2025-11-26")),
        ("fa", "نشست شورای میراث فرهنگی ۵ تا ۸ آذر ۱۴۰۴ در تهران برگزار شد.", ("2025-11-26", "2025-11-29")),
        ("fa", "نشست شورای میراث فرهنگی ۵ آذر در تهران برگزار شد.", ("2025-11-26", "2025-11-26")),
        ("ar", "عقد مجلس المتحف اجتماعه في 5 جمادى الآخرة 1447 في الرياض.", ("2025-11-26", "2025-11-26")),
    ],
)
def test_days_of_other_calendars(language: str, text: str, days: tuple[str, str]) -> None:
    found = _classifier().classify("", text, language=language, published=date(2025, 11, 30))
    assert days in [(d.start, d.end) for d in found.dates]


def test_day_of_a_moving_calendar_without_a_year_needs_the_publication() -> None:
    text = "نشست شورای میراث فرهنگی ۵ آذر در تهران برگزار شد."
    assert _classifier().classify("", text, language="fa", published=None).dates == ()
