"""Signs that belong to a script: wide ones of China and Japan, joiners of Persian and India, numbers of sessions."""

from datetime import date

import pytest

from services.parser.boilerplate_rules import matching_line_rule, narrow
from services.parser.classify import Classifier
from services.parser.extract import article_text
from tests.shipped import shipped_classifier

PAGE = (
    '<html lang="{lang}"><head><title>{title}</title></head><body><nav><a href="/">x</a></nav>'
    "<article><h1>{title}</h1>{body}</article></body></html>"
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return shipped_classifier()


@pytest.mark.parametrize(
    "line",
    [
        "（责任编辑：郑一帆）",
        "来源：新华社",
        "上一篇：没有了",
        "分享到：微信　微博",
    ],
)
def test_wide_signs_are_as_good_as_narrow_ones(line: str) -> None:
    assert matching_line_rule(line)
    assert matching_line_rule(narrow(line))
    assert len(narrow(line)) == len(line)


def test_a_credit_in_wide_brackets_is_cut_out_of_its_line() -> None:
    caption = "景山万春亭上看中轴线，远处是钟鼓楼。"
    body = "".join(f"<p>{part}</p>" for part in (f"{caption}（摄影：周叙）", "城楼修好了，" * 20 + "完工。"))
    text = article_text(PAGE.format(lang="zh", title="中轴线", body=body), "http://a.example/1")
    assert caption in text
    assert "周叙" not in text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fa", "مجمع عمومی در چونگ‌کینگ برگزار شد و شرکت‌کنندگان می‌گویند همکاری بیشتر می‌شود."),
        ("hi", "क्‍या यह स्मारक बचेगा, यह सवाल शहर के लोग बार-बार पूछते हैं और उत्तर नहीं मिलता।"),
    ],
)
def test_joiners_stay_in_the_text(language: str, sentence: str) -> None:
    body = f"<p>{sentence}</p>" * 1 + "".join(f"<p>{number} {sentence}</p>" for number in range(4))
    text = article_text(PAGE.format(lang=language, title="x", body=body), "http://a.example/1")
    assert text.count(sentence) == 5
    assert not set("\u1682\u1686") & set(text)


@pytest.mark.parametrize(
    ("language", "title", "edition"),
    [
        ("hi", "विश्व धरोहर समिति का 46वाँ सत्र नई दिल्ली में संपन्न", "council_meeting:46"),
        ("th", "การประชุมคณะกรรมการมรดกโลก สมัยที่ 46 ณ กรุงนิวเดลี", "council_meeting:46"),
        ("vi", "Ủy ban Di sản Thế giới họp tại kỳ họp lần thứ 47 ở Paris", "council_meeting:47"),
        ("it", "L’assemblea generale dell’ICCROM riunita a Roma", None),
        ("fr", "L’assemblée générale de l’ICOM réunie à Prague", None),
        ("ar", "لجنة التراث العالمي تعقد اجتماعها والمجموع الذي سجلته اللجنة 841.", None),
        ("de", "Die 47. Sitzung des Welterbekomitees in Paris", "council_meeting:47"),
    ],
)
def test_numbers_of_meetings(classifier: Classifier, language: str, title: str, edition: str | None) -> None:
    found = classifier.classify(title, f"{title}\n", language=language, published=date(2024, 8, 1))
    assert found.editions == ((edition,) if edition else ())
