"""People named with their office."""

from functools import cache

import pytest

from services.parser.classify import Classifier
from tests.shipped import shipped_classifier


@cache
def _classifier() -> Classifier:
    return shipped_classifier()


def _people(language: str, text: str) -> list[tuple[str, str]]:
    found = _classifier().classify("", text, language=language, published=None).people
    return [(person.name, person.role) for person in found]


@pytest.mark.parametrize(
    ("language", "text", "person"),
    [
        ("en", "“We start in May,” said deputy director Lena Marsh.", ("Lena Marsh", "deputy director")),
        (
            "en",
            "Omar Saleh, director of the Old Town Museum, agreed.",
            ("Omar Saleh", "director of the Old Town Museum"),
        ),
        (
            "en",
            "The Minister of Culture and Tourism Ana Pires opened it.",
            ("Ana Pires", "Minister of Culture and Tourism"),
        ),
        ("en", "Joy Tabora was elected president by the members.", ("Joy Tabora", "president")),
        ("en", "The society’s chairwoman, Dr Ida Holm, was there.", ("Ida Holm", "chairwoman")),
        ("fr", "La ministre de la Culture Aline Roche a signé.", ("Aline Roche", "ministre de la Culture")),
        (
            "es",
            "Carla Ríos, presidenta del consejo, firmó el acta.",
            ("Carla Ríos", "presidenta del consejo"),
        ),
        ("it", "Il sindaco Marco Belli ha aperto la mostra.", ("Marco Belli", "sindaco")),
        ("de", "Die Archäologin Petra Lang leitet die Grabung.", ("Petra Lang", "Archäologin")),
        ("nl", "Volgens directeur Saskia de Boer is het klaar.", ("Saskia de Boer", "directeur")),
        ("ru", "Об этом сообщил директор музея Иван Петров.", ("Иван Петров", "директор музея")),
        ("zh", "市文物局局长李文表示，修缮已经完成。", ("李文", "市文物局局长")),
        ("zh", "联盟主席特蕾莎·莫拉出席会议。", ("特蕾莎·莫拉", "联盟主席")),
        ("ko", "김민수 국가유산청장은 협약에 서명했다.", ("김민수", "국가유산청장")),
        ("ja", "同会の委員長の山岸透氏が説明した。", ("山岸透", "委員長")),
    ],
)
def test_person_with_office(language: str, text: str, person: tuple[str, str]) -> None:
    assert person in _people(language, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The director of the National Museum spoke."),
        ("en", "They met at the World Heritage Centre on Monday."),
        ("en", "Lena Marsh and Omar Saleh walked home."),
        ("en", "The director said Paris was cold."),
        ("zh", "市文物局局长表示满意。"),
        ("de", "Der Direktor des Museums war da."),
    ],
)
def test_nobody_is_made_up(language: str, text: str) -> None:
    assert _people(language, text) == []


def test_each_person_once_with_the_fullest_office_and_its_words() -> None:
    text = "Director Lena Marsh spoke. Lena Marsh, director of the harbour archive, will retire."
    found = _classifier().classify("", text, language="en", published=None).people
    assert [(p.name, p.role) for p in found] == [("Lena Marsh", "director of the harbour archive")]
    assert text[found[0].evidence[0].start : found[0].evidence[0].end] == found[0].evidence[0].text
    assert "Lena Marsh" in found[0].evidence[0].text


def test_long_runs_of_capitals_are_read_at_once() -> None:
    text = "Director " + "Aa Bb " * 20_000
    assert len(_people("en", text)) <= 24
