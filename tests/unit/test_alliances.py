"""Names of bodies in their many forms, what confirms and what vetoes them, and why a body is a subject."""

from datetime import date
from functools import cache

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.classify import Classification, Classifier
from services.parser.roles import verdict
from shared.taxonomy.inflection import inflected
from shared.taxonomy.schema import Weights
from tests.shipped import shipped_classifier, shipped_taxonomy

PUBLISHED = date(2026, 4, 2)


@cache
def classifier() -> Classifier:
    return shipped_classifier()


def classify(title: str, text: str, language: str = "en") -> Classification:
    return classifier().classify(title, text, language=language, published=PUBLISHED)


def named(text: str, language: str = "en") -> set[str]:
    return {tag.id for tag in classify("", text, language).alliances}


def subjects(title: str, text: str, language: str = "en") -> set[str]:
    return {tag.id for tag in classify(title, text, language).alliances if tag.role == "subject"}


@pytest.mark.parametrize(
    ("name", "language", "form"),
    [
        ("Комітет всесвітньої спадщини", "uk", "Комітетові всесвітньої спадщини"),
        ("Блакитний щит", "uk", "Блакитного щита"),
        ("Всемирный фонд памятников", "ru", "Всемирным фондом памятников"),
        ("Centrum Światowego Dziedzictwa", "pl", "Centrum Światowego Dziedzictwa"),
        ("Międzynarodowa Rada Muzeów", "pl", "Międzynarodowej Rady Muzeów"),
        ("Ευρωπαϊκή Συμμαχία για την Κληρονομιά", "el", "Ευρωπαϊκής Συμμαχίας για την Κληρονομιά"),
        ("Dünya Miras Kentleri Örgütü", "tr", "Dünya Miras Kentleri Örgütünden"),
        ("Հին քաղաքակրթությունների ֆորում", "hy", "Հին քաղաքակրթությունների ֆորումը"),
        ("maailmanperintökomitea", "fi", "maailmanperintökomiteassa"),
        ("Internationaler Museumsrat", "de", "Internationalen Museumsrates"),
        ("세계유산 도시 기구", "ko", "세계유산도시기구"),
    ],
)
def test_a_name_is_found_in_its_inflected_form(name: str, language: str, form: str) -> None:
    folder = shipped_taxonomy().folder
    made = inflected(name, folder.key(name), language)
    assert made is not None
    assert regex.fullmatch(regex.escape(made[0]) + f"(?:{made[1]})", folder.key(form))


@pytest.mark.parametrize(
    ("name", "language"), [("World Monuments Fund", "en"), ("ИКОМОС", "ru"), ("UNESCO", "pl"), ("", "uk")]
)
def test_what_does_not_inflect_keeps_its_form(name: str, language: str) -> None:
    assert inflected(name, shipped_taxonomy().folder.key(name), language) is None


@pytest.mark.parametrize(
    ("text", "language", "body"),
    [
        ("Unescon ja ICOMOSin edustajat kävivät linnassa.", "fi", "icomos"),
        ("Эксперты ИКОМОСа осмотрели храм.", "ru", "icomos"),
        ("ԻԿՕՄՕՍ-ի փորձագետը այցելեց վանքը։", "hy", "icomos"),
        ("구시가지 복원을 블루실드 한국위원회가 지원했다.", "ko", "blue_shield"),
        ("國際藍盾譴責圖書館遭炮擊。", "zh", "blue_shield"),
        ("نمایندگان شورای بین‌المللی موزه‌ها آمدند.", "fa", "icom"),
        ("آغا خان ٹرسٹ برائے ثقافت نے قلعہ بحال کیا۔", "ur", "aktc"),
        ("វិមាននេះជួសជុលដោយមូលនិធិវិមានពិភពលោក។", "km", "wmf"),
        ("Pinondohan ng Alyansa ng Pamanang Kultural sa Timog-silangang Asya.", "tl", "seacha"),
    ],
)
def test_bodies_are_named_in_many_scripts(text: str, language: str, body: str) -> None:
    assert body in named(text, language)


def test_a_longer_acronym_is_not_a_shorter_one() -> None:
    assert named("Члены ИКОМОС осмотрели музей.", "ru") == {"icomos"}


def test_an_abbreviation_in_brackets_stands_for_the_name() -> None:
    text = "Città e rovine. L'Organizzazione delle città del patrimonio mondiale (OCPAM) si riunisce.\nIl voto dell'OCPAM è a giugno."
    tag = next(tag for tag in classify("", text, "it").alliances if tag.id == "owhc")
    assert {each.text for each in tag.evidence} == {
        "Organizzazione delle città del patrimonio mondiale",
        "OCPAM",
    }


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("The museum thanked ICOM for its list of stolen antiquities and monuments.", True),
        ("Icom dealers showed a radio. ICOM shares rose in Tokyo.", False),
        ("ICOM opened a museum of amateur radio with a VHF transceiver and monuments.", False),
        ("MORE VISITORS WENT INTO THE MUSEUM AND THE OLD CASTLE OF THE NATIONAL TRUST.", False),
        ("National Trust staff went to the INTO congress in the castle.", True),
    ],
)
def test_any_one_good_word_confirms_and_a_veto_refuses(text: str, is_named: bool) -> None:
    assert bool(named(text) & {"icom", "into"}) is is_named


def test_who_tells_namesakes_apart_is_not_vetoed() -> None:
    text = (
        "Blue Shield is no insurance company. It serves the Hague Convention, has national committees and lists "
        "cultural property in armed conflict."
    )
    assert named(text) == {"blue_shield"}


def test_a_longer_name_is_another_body() -> None:
    assert named("The Canal Heritage Alliance restored a lock and a mill in England.") == set()
    assert named("In England the Heritage Alliance restored a lock and a mill.") == {"heritage_alliance_uk"}


def test_a_rule_tells_what_spoke() -> None:
    found = classify("ICOMOS elects a new president", "ICOMOS has elected a new president of its board.")
    assert found.alliances[0].rule.startswith("name, acts or undergoes: ")
    assert found.alliances[0].role == "subject"


def test_a_verdict_adds_up_and_names_the_loudest() -> None:
    weights = Weights(bias=-1.0, cut=0.5, weights={"loud": 2.0, "soft": 0.5, "against": -3.0})
    yes = verdict({"loud": 1.0, "soft": 1.0, "unknown": 9.0}, weights)
    assert (yes.is_subject, yes.spoke) == (True, ("loud", "soft"))
    assert yes.chance == pytest.approx(0.8176, abs=0.001)
    no = verdict({"loud": 1.0, "against": 1.0}, weights)
    assert (no.is_subject, no.spoke) == (False, ("against",))


FORMS = {
    "en": (
        "World Monuments Fund restores temple",
        "The World Monuments Fund has restored the temple of Angkor.",
    ),
    "zh": ("亚洲文化遗产保护联盟大会开幕", "亚洲文化遗产保护联盟第二届大会在重庆开幕，联盟通过了共识。"),
    "fa": ("مجمع عمومی اتحادیه میراث فرهنگی آسیا", "مجمع عمومی اتحادیه میراث فرهنگی آسیا در پکن برگزار شد."),
    "uk": ("Комітет всесвітньої спадщини", "Комітет всесвітньої спадщини вніс собор до списку на сесії."),
}
SPACES = ("\u00a0", "\u202f", "\u2009", "  ", " \u200b", "\u2060 ")
MARKS = ("\u200b", "\u2060", "\u00ad", "\ufeff", "\u200e")


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_change_of_form_never_loses_a_subject(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(sorted(FORMS)))
    title, text = FORMS[language]
    right = subjects(title, text, language)
    assert right
    space, mark = data.draw(st.sampled_from(SPACES)), data.draw(st.sampled_from(MARKS))
    places = data.draw(st.sets(st.integers(1, len(text) - 1), max_size=6))
    changed = "".join(mark * (number in places) + letter for number, letter in enumerate(text))
    if language == "fa":
        changed = changed.replace(" ", data.draw(st.sampled_from((" ", "\u200c"))), 3)
    if language == "zh":
        changed = _traditional(changed) if data.draw(st.booleans()) else changed.replace("产", "产(chǎn)")
    assert subjects(title, changed.replace(" ", space), language) == right


def _traditional(text: str) -> str:
    return text.translate(str.maketrans("亚遗产护联盟届庆开会过识", "亞遺產護聯盟屆慶開會過識"))


@pytest.mark.parametrize("dash", ["¨C", "–", "—", "-"])
def test_a_damaged_dash_beside_a_name_is_a_dash(dash: str) -> None:
    text = (
        f"The Asian Cultural Heritage Alliance {dash} founded in Beijing {dash} elected its council in Xi'an."
    )
    assert subjects("", text) == {"acha"}
