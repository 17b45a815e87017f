"""Towns of the gazetteer: names that something beside them says are places."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import pytest

from services.parser.lexicon import Hit
from services.parser.towns import TownFinder
from shared.contracts.article import TextField
from shared.taxonomy.towns import Towns, load_towns
from tests.shipped import shipped_classifier, shipped_taxonomy


@cache
def _towns() -> Towns:
    return load_towns(shipped_taxonomy().towns, shipped_taxonomy().folder)


@cache
def _finder() -> TownFinder:
    return TownFinder(_towns(), shipped_taxonomy().place_words, shipped_taxonomy().folder)


def _found(language: str, text: str, title: str = "", hits: tuple[Hit, ...] = ()) -> dict[str, list[str]]:
    folder = shipped_taxonomy().folder
    fields: Mapping[TextField, str] = {"title": title, "text": text}
    others: dict[TextField, tuple[Hit, ...]] = {"title": (), "text": hits}
    found = _finder().find({field: folder.fold(words) for field, words in fields.items()}, others, language)
    return {
        field: [_finder().of(hit.value, set()).name for hit in found[field]] for field in ("title", "text")
    }


@pytest.mark.parametrize(
    ("language", "text", "town"),
    [
        ("en", "The council met in Kuching on Monday.", "Kuching"),
        ("en", "The council met in Kuching. President Ana Lund spoke.", "Kuching"),
        ("en", "KUCHING, Oct 3 — Delegates arrived.", "Kuching"),
        ("en", "The mill stands near Ghent and turns again.", "Gent"),
        ("fr", "Les maires se retrouvent à Bourges.", "Bourges"),
        ("es", "La reunión se celebró en Cusco.", "Cusco"),
        ("pt", "O encontro ocorre em Maputo.", "Maputo"),
        ("it", "La mostra apre a Ravenna.", "Ravenna"),
        ("de", "Die Tagung findet in Weimar statt.", "Weimar"),
        ("nl", "De vergadering was in Arnhem.", "Arnhem"),
        ("pl", "Kongres odbył się w Marrakeszu.", "Marrakesh"),
        ("ru", "Музей открылся в Иркутске.", "Irkutsk"),
        ("uk", "Зустріч відбулася у Харкові.", "Kharkiv"),
        ("el", "Η συνάντηση έγινε στην Πάτρα.", "Pátra"),
        ("tr", "Toplantı Edirne'de yapıldı.", "Edirne"),
        ("hy", "Հանդիպումը կայացավ Գյումրիում։", "Gyumri"),
        ("ar", "عقد الاجتماع في نزوى.", "Nizwá"),
        ("fa", "نشست در تبریز برگزار شد.", "Tabriz"),
        ("hi", "बैठक पुणे में हुई।", "Pune"),
        ("id", "Rapat diadakan di Semarang.", "Semarang"),
        ("vi", "Hội nghị diễn ra tại Hải Phòng.", "Haiphong"),
        ("zh", "会议在法兰克福举行。", "Frankfurt am Main"),
        ("zh", "奈良市政府昨日宣布。", "Nara"),
        ("ja", "委員会は岡山で開かれた。", "Okayama"),
        ("ja", "ウルムチへ巡回する。", "Ürümqi"),
        ("ko", "회의는 수원에서 열렸다.", "Suwon"),
        ("th", "เครื่องบินออกจากเมืองบาเซิลแล้ว", "Basel"),
        ("km", "កិច្ចប្រជុំនៅភ្នំពេញបានបញ្ចប់", "Phnom Penh"),
    ],
)
def test_town_beside_a_word_of_place(language: str, text: str, town: str) -> None:
    assert town in _found(language, text)["text"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Marcus Lincoln praised the masons."),
        ("en", "Reading the charter took an hour."),
        ("en", "The meeting is in March."),
        ("de", "Das Fest ist im Mai."),
        ("en", "A nice day for a bath, they said."),
        ("id", "Hotel itu berdiri di Kota Lama."),
        ("en", "Herders in Bayan-Ölgii were asked."),
        ("ja", "シルクロードに関する会議。"),
        ("ja", "会長のカマウ氏が述べた。"),
        ("ar", "وقالت في بيان إن العمل مستمر."),
        ("en", "Brick walls, a roof and a hearth: all were mended."),
    ],
)
def test_name_or_word_is_no_town(language: str, text: str) -> None:
    assert _found(language, text)["text"] == []


def test_town_that_is_sure_once_counts_everywhere() -> None:
    assert _found("en", "Rooms are scarce in Kuching.", title="Kuching fills up")["title"] == ["Kuching"]


def test_title_alone_is_not_sure() -> None:
    assert _found("en", "Rooms are scarce.", title="Kuching fills up")["title"] == []


def test_country_behind_the_name_makes_it_a_town() -> None:
    text = "They came from Goris, Armenia."
    at = text.index("Armenia")
    country = Hit("place", "AM", "country", "text", at, at + 7)
    assert _found("en", text, hits=(country,))["text"] == ["Goris"]


def test_of_counts_for_large_towns_and_where_the_country_is_named() -> None:
    text = "The streets of Agadez are quiet in Niger."
    at = text.index("Niger")
    country = Hit("place", "NE", "country", "text", at, at + 5)
    assert _found("en", text)["text"] == []
    assert _found("en", text, hits=(country,))["text"] == ["Agadez"]
    assert _found("en", "The streets of Antananarivo are quiet.")["text"] == ["Antananarivo"]


def test_country_named_tells_towns_of_one_name_apart() -> None:
    assert _finder().of("cordoba", frozenset(("ES",))).country == "ES"
    assert _finder().of("cordoba", frozenset()).country == "AR"


def test_places_of_an_article_hold_the_town_with_its_words() -> None:
    text = "The society's council met in Kuching, Malaysia. It will repair the museum there."
    found = shipped_classifier().classify("Council meets", text, language="en", published=date(2026, 3, 1))
    town = next(place for place in found.places if place.name == "Kuching")
    assert town.country == "MY"
    assert [text[e.start : e.end] for e in town.evidence] == ["Kuching"]


def test_place_of_our_own_list_keeps_its_name() -> None:
    found = shipped_classifier().classify("", "Se reúnen en Marrakesh.", language="es", published=None)
    assert [place.name for place in found.places] == ["Marrakech"]


def test_gazetteer_is_largest_first() -> None:
    towns = _towns().towns
    assert len(towns) > 30_000
    assert [t.people for t in towns] == sorted((t.people for t in towns), reverse=True)
