"""Languages: the script overrules the model, and a hint counts only where it can be right."""

import pytest

from services.parser.language import detect, language_parts, normalise

SENTENCES = {
    "en": "The old harbour gate will be restored with stone from the same quarry, the council said on Monday.",
    "fr": "La vieille porte du port sera restaurée avec des pierres de la même carrière, a annoncé le conseil lundi.",
    "es": "La antigua puerta del puerto será restaurada con piedra de la misma cantera, anunció el ayuntamiento.",
    "de": "Das alte Hafentor wird mit Steinen aus demselben Steinbruch restauriert, teilte der Rat am Montag mit.",
    "ru": "Старые портовые ворота отреставрируют камнем из той же каменоломни, сообщил совет в понедельник.",
    "ar": "أعلن المجلس يوم الاثنين أن بوابة الميناء القديمة سترمم بحجارة من المحجر نفسه الذي بنيت منه.",
    "fa": "شورای شهر روز دوشنبه اعلام کرد که دروازه قدیمی بندر با سنگ‌های همان معدن بازسازی می‌شود.",
    "zh": "市议会周一宣布,古老的港口城门将用同一采石场的石料进行修缮,工程明年春天开始。",
    "zh-Hant": "市議會週一宣布,古老的港口城門將用同一採石場的石料進行修繕,工程明年春天開始。",
    "ja": "市議会は月曜日、古い港の門を同じ採石場の石で修復すると発表した。",
    "ko": "시의회는 월요일 오래된 항구의 문을 같은 채석장의 돌로 복원한다고 밝혔다.",
    "th": "สภาเมืองประกาศเมื่อวันจันทร์ว่าจะบูรณะประตูท่าเรือเก่าด้วยหินจากเหมืองเดิม",
    "el": "Το συμβούλιο ανακοίνωσε τη Δευτέρα ότι η παλιά πύλη του λιμανιού θα αναστηλωθεί.",
    "hi": "परिषद ने सोमवार को घोषणा की कि बंदरगाह के पुराने द्वार का जीर्णोद्धार किया जाएगा।",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_told(language: str) -> None:
    assert detect(SENTENCES[language], None) == language


@pytest.mark.parametrize("language", [x for x in SENTENCES if x not in ("zh", "zh-Hant")])
def test_a_hint_in_another_script_is_ignored(language: str) -> None:
    hint = "zh" if language != "ja" else "ru"
    assert detect(SENTENCES[language], hint) == language


def test_a_wrong_hint_does_not_beat_a_sure_model() -> None:
    assert detect(SENTENCES["fr"] * 3, "en-US") == "fr"


def test_a_hint_decides_what_is_too_short_to_tell() -> None:
    assert detect("Museum", "de-AT") == "de"
    assert detect("1234", "de") == "de"
    assert detect("1234", None) == "und"


def test_a_hint_names_a_language_the_model_does_not_know() -> None:
    assert detect("Shahar muzeyi yangi ko‘rgazmani ochdi va barcha mehmonlarni taklif qildi.", "uz") == "uz"


def test_the_body_decides_where_a_page_is_in_two_languages() -> None:
    assert detect(SENTENCES["zh-Hant"] * 3 + SENTENCES["en"], "en") == "zh-Hant"
    assert detect(SENTENCES["en"] * 4 + SENTENCES["zh"], "zh") == "en"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en-US", "en"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-CN", "zh"),
        ("fil", "tl"),
        ("iw", "he"),
        ("in", "id"),
        ("pt_BR", "pt"),
        ("und", None),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_tags_are_written_one_way(tag: str | None, expected: str | None) -> None:
    assert normalise(tag) == expected


MESSAGE = (
    "Dear friends, on this day I send my warmest greetings to all of you who have worked for many years so that the "
    "gate, the wall and the towers of this town may stand for those who come after us. I wish the meeting success."
)


def test_a_message_quoted_in_another_language_is_a_part() -> None:
    paragraphs = [SENTENCES["fr"] * 2, SENTENCES["fr"] * 2, MESSAGE, SENTENCES["fr"] * 2]
    parts = language_parts("\n\n".join(paragraphs), "fr")
    assert [(part.language, part.script) for part in parts] == [("fr", "Latn"), ("en", "Latn")]
    assert 0.15 < parts[1].share < 0.4
    assert sum(part.share for part in parts) == pytest.approx(1, abs=0.02)


def test_a_text_in_two_scripts_has_the_language_of_its_lead() -> None:
    text = "\n\n".join((SENTENCES["zh"] * 3, MESSAGE, MESSAGE, MESSAGE))
    assert detect(f"古老的城门将修缮\n{SENTENCES['zh'] * 12}\n{MESSAGE}", None) == "zh"
    parts = language_parts(text, "zh")
    assert {part.language: part.script for part in parts} == {"en": "Latn", "zh": "Hans"}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_text_in_one_language_has_no_parts(language: str) -> None:
    assert language_parts("\n\n".join([SENTENCES[language] * 3] * 4), language) == ()
    assert language_parts("", language) == ()


def test_serbian_is_told_by_its_script() -> None:
    latin = "Gradsko veće je u ponedeljak saopštilo da će stara lučka kapija biti obnovljena kamenom iz istog kamenoloma."
    cyrillic = "Градско веће је у понедељак саопштило да ће стара лучка капија бити обновљена каменом из истог каменолома."
    assert detect(latin * 2, "sr") == "sr-Latn"
    assert detect(cyrillic * 2, "sr-Cyrl-RS") == "sr"
