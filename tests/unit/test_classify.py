"""Classification piece by piece: evidence, roles, dates, places, editions, outcomes, and what never happens."""

import json
import time
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.classify import Classification, Classifier
from services.parser.told_dates import DateFinder
from shared.contracts.article import AllianceTag, EventTypeTag, Evidence
from shared.taxonomy.calendars import from_jalali
from tests.shipped import shipped_classifier, shipped_taxonomy

PUBLISHED = date(2025, 11, 28)
ASSEMBLY = (
    "CHONGQING, Nov. 28 (Xinhua) -- The 2nd General Assembly of the Alliance for Cultural Heritage in Asia (ACHA) "
    "was held here from November 26 to 29. The members adopted the Chongqing Consensus and signed the Host Country "
    "Agreement with the Chinese government.\nA visitor at the Dazu carvings on May 3, 2019. (Photo by Li Wei)\n"
    "The alliance was launched in Beijing in October 2021. Applications for the fund close on 15 January 2026."
)


@cache
def classifier() -> Classifier:
    return shipped_classifier()


def classify(
    title: str, text: str, language: str = "en", published: date | None = PUBLISHED
) -> Classification:
    return classifier().classify(title, text, language=language, published=published)


def evidence_of(found: Classification) -> list[Evidence]:
    groups = (
        found.alliances,
        found.event_types,
        found.places,
        found.organisations,
        found.dates,
        found.outcomes,
    )
    return [each for group in groups for item in group for each in item.evidence]


def subjects(found: Classification) -> list[str]:
    return [tag.id for tag in found.alliances if tag.role == "subject"]


def types(found: Classification) -> list[str]:
    return [tag.id for tag in found.event_types]


PIECES = st.sampled_from(
    [
        "The General Assembly of the Alliance for Cultural Heritage in Asia (ACHA) opened in Xi’an on 25 April 2023.",
        "亞洲文化遺產(chǎn)保護聯(lián)盟大會4月24日至26日在西安舉行,通過了《西安宣言》。",
        "UNESCO\u00a0World  Heritage site",
        "اجتماع مجلس تحالف التراث الثقافي في آسيا في ١٩ يونيو",
        "a­b\u200bc ﬁ ß ½ 𝒳 🏛️ e\u0301",
        "\n\n(Photo by A. Nobody)\n",
        "국가유산청은 제48차 세계유산위원회 준비기획단을 출범했다.",
        "31 February 2025, 5-8 Azar 1404, 99/99/2020",
        "Museum of Fine Arts signs Memorandum of Understanding",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=8),
    st.text(max_size=60),
    st.sampled_from(["en", "zh", "ar"]),
)
def test_evidence_is_always_an_exact_slice(pieces: list[str], title: str, language: str) -> None:
    text = " ".join(pieces)
    found = classify(title, text, language)
    for each in evidence_of(found):
        field = title if each.field == "title" else text
        assert field[each.start : each.end] == each.text
        assert 0 < len(each.text) <= 200
    assert found == classify(title, text, language)


def test_every_tag_says_why() -> None:
    found = classify("", ASSEMBLY)
    tags: tuple[AllianceTag | EventTypeTag, ...] = (*found.alliances, *found.event_types)
    for tag in tags:
        assert tag.rule
        assert 0 < tag.confidence <= 1
        assert tag.evidence


def test_nothing_comes_of_nothing() -> None:
    found = classify("", "")
    assert not any((found.alliances, found.event_types, found.dates, found.places))
    assert found.phase == "background"


def test_the_event_has_its_own_date_alone() -> None:
    found = classify("", ASSEMBLY)
    by_role = {role: [(d.start, d.end) for d in found.dates if d.role == role] for role in ("event", "other")}
    assert by_role["event"] == [("2025-11-26", "2025-11-29")]
    assert ("2019-05-03", "2019-05-03") in by_role["other"]
    assert ("2026-01-15", "2026-01-15") in by_role["other"]


def test_an_assembly_and_what_came_of_it() -> None:
    found = classify("", ASSEMBLY)
    assert subjects(found) == ["acha"]
    assert types(found)[0] == "general_assembly"
    assert {"general_assembly", "agreement_mou"} <= set(types(found))
    assert set(types(found)) <= {"general_assembly", "declaration_consensus", "agreement_mou"}
    assert found.places[0].name == "Chongqing"
    assert found.places[0].country == "CN"
    assert found.editions == ("general_assembly:2",)
    assert {o.name: o.kind for o in found.outcomes} == {
        "Chongqing Consensus": "declaration",
        "Host Country Agreement": "agreement",
    }
    assert found.phase == "report"


def test_without_a_year_the_day_is_kept() -> None:
    text = "The 2nd General Assembly of the Alliance for Cultural Heritage in Asia opened in Chongqing on November 27."
    found = classify("", text, published=None)
    assert [(d.start, d.end, d.role) for d in found.dates] == [("--11-27", "--11-27", "event")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 26 to 29 November 2025", ("2025-11-26", "2025-11-29")),
        ("October 27 to 28, 2021", ("2021-10-27", "2021-10-28")),
        ("30 October to 2 November 2024", ("2024-10-30", "2024-11-02")),
        ("From Wednesday 27 to Thursday 28 October 2021", ("2021-10-27", "2021-10-28")),
        ("on the 5th and 6th December 2013", ("2013-12-05", "2013-12-06")),
        ("du 26 au 29 novembre 2025", ("2025-11-26", "2025-11-29")),
        ("del 24 al 27 de septiembre de 2024", ("2024-09-24", "2024-09-27")),
        ("vom 26. bis 29. November 2025", ("2025-11-26", "2025-11-29")),
        ("dal 6 al 16 luglio 2025", ("2025-07-06", "2025-07-16")),
        ("a 18 de maio de 2025", ("2025-05-18", "2025-05-18")),
        ("с 26 по 29 ноября 2025 года", ("2025-11-26", "2025-11-29")),
        ("2025年11月26日至29日", ("2025-11-26", "2025-11-29")),
        ("2025년 7월 6~16일", ("2025-07-06", "2025-07-16")),
        ("من 26 إلى 29 نوفمبر 2025", ("2025-11-26", "2025-11-29")),
        ("۵ تا ۸ آذر ۱۴۰۴", ("2025-11-26", "2025-11-29")),
        ("2023-04-26", ("2023-04-26", "2023-04-26")),
        ("June 2025", ("2025-06-01", "2025-06-30")),
        ("31 February 2025", None),
    ],
)
def test_dates_in_many_tongues(text: str, expected: tuple[str, str] | None) -> None:
    found = [(d.start, d.end) for d in classify("", text, published=None).dates]
    assert found == ([expected] if expected else [])


def test_days_of_no_year_take_the_year_of_the_news() -> None:
    text = "The council of ICOMOS met on 30 December."
    assert [d.start for d in classify("", text, published=date(2025, 1, 3)).dates] == ["2024-12-30"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The council of ICOMOS met on 18 May.", "2026-05-18"),
        ("The council of ICOMOS will meet on 18 May.", "2027-05-18"),
        ("The council of ICOMOS met on 3 December.", "2026-12-03"),
    ],
)
def test_a_day_of_no_year_is_past_unless_what_is_to_come_is_told_or_it_is_near(text: str, day: str) -> None:
    assert [d.start for d in classify("", text, published=date(2026, 11, 22)).dates] == [day]


def concepts(text: str, language: str) -> set[str]:
    clues = classifier().clues("", text, language=language, published=None)
    return {name for passage in clues.reading.telling for name in passage.concepts}


def test_a_word_that_begins_the_name_of_a_place_says_nothing() -> None:
    assert "start" in concepts("The council of ICOMOS has a new plan.", "en")
    assert "start" not in concepts("The council of ICOMOS met in New Delhi.", "en")


@pytest.mark.parametrize(("language", "counts"), [("ar", True), ("fa", False), ("und", True), ("ps", True)])
def test_words_count_in_their_language_and_help_those_without_words(language: str, counts: bool) -> None:
    assert ("discover" in concepts("عثر على تمثال", language)) is counts


def test_a_percentage_is_no_date() -> None:
    finder = DateFinder(shipped_taxonomy().day_words, shipped_taxonomy().folder)
    assert not finder.find(
        "text", shipped_taxonomy().folder.fold("3.11 per cent, 12 of 30 states, may 100 come"), "en"
    )


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (1404, 9, 5, "2025-11-26"),
        (1403, 1, 1, "2024-03-20"),
        (1399, 12, 30, "2021-03-20"),
        (1357, 11, 22, "1979-02-11"),
    ],
)
def test_jalali_days(year: int, month: int, day: int, expected: str) -> None:
    assert from_jalali(year, month, day).isoformat() == expected


def test_jalali_days_that_are_none() -> None:
    with pytest.raises(ValueError, match="no Jalali day"):
        from_jalali(1404, 7, 31)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The 47th session of the World Heritage Committee opened in Paris.", "en", "council_meeting:47"),
        ("第四十七届世界遗产委员会会议在巴黎开幕。", "zh", "council_meeting:47"),
        ("亚洲文化遗产保护联盟理事会第二次会议在青岛举行。", "zh", "council_meeting:2"),
        ("首届亚洲文化遗产保护联盟大会在西安举行。", "zh", "general_assembly:1"),
        ("제47차 유네스코 세계유산위원회가 파리에서 열렸다.", "ko", "council_meeting:47"),
        ("La deuxième réunion du Conseil de l'ICOMOS s'est tenue à Paris.", "fr", "council_meeting:2"),
        ("La vigésima primera asamblea general del ICOMOS se celebró en París.", "es", "general_assembly:21"),
        ("Die siebzehnte Generalversammlung von ICOMOS fand in Paris statt.", "de", "general_assembly:17"),
        ("Двадцать первая генеральная ассамблея ИКОМОС прошла в Париже.", "ru", "general_assembly:21"),
        (
            "Вторая Генеральная ассамблея Альянса по культурному наследию Азии открылась.",
            "ru",
            "general_assembly:2",
        ),
        ("La XVII asamblea general de la OCPM se celebró en Córdoba.", "es", "general_assembly:17"),
        ("عقد الاجتماع الثاني لمجلس تحالف التراث الثقافي في آسيا في تشينغداو.", "ar", "council_meeting:2"),
    ],
)
def test_numbered_meetings(text: str, language: str, expected: str) -> None:
    assert expected in classify("", text, language).editions


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("在重庆和西安", "zh", {"Chongqing": "CN", "Xi'an": "CN"}),
        ("في تشونغتشينغ والقاهرة", "ar", {"Chongqing": "CN", "Cairo": "EG"}),
        ("nach Seoul, Südkorea und Rom", "de", {"Seoul": "KR", "South Korea": "KR", "Rome": "IT"}),
        ("в Самарканде", "ru", {"Samarkand": "UZ"}),
        ("the petra of a mali turkey", "en", {}),
    ],
)
def test_places_in_many_scripts(text: str, language: str, names: dict[str, str]) -> None:
    assert {place.name: place.country for place in classify("", text, language).places} == names


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (
            "Old town of Bukhara, a UNESCO World Heritage site, restored",
            "Workers finished the town wall.",
            [],
        ),
        ("UNESCO condemns attack on museum", "UNESCO condemned the shelling of the museum.", ["unesco"]),
        ("Asian Cultural Heritage Alliance meets", "It met in Xi'an.", ["acha"]),
        ("Southeast Asian Cultural Heritage Alliance meets", "It met in Bangkok.", ["seacha"]),
        ("European Heritage Alliance meets", "It met in Brussels.", ["european_heritage_alliance"]),
        ("Islamic World Heritage Committee meets", "It met in Rabat.", ["icesco"]),
        ("ACHA council meets in Qingdao", "States of Asia spoke of cultural heritage.", ["acha"]),
        ("ACHA nationals open", "Hockey teams of 30 colleges meet.", []),
        ("NCHA opens museum", "China's cultural heritage body opened a museum.", []),
    ],
)
def test_who_an_article_is_about(title: str, text: str, expected: list[str]) -> None:
    assert subjects(classify(title, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The ACHA hockey finals opened beside a museum of Asian cultural heritage in Chongqing.",
        "Blue Shield, the insurer, gave money to the national committee for cultural heritage.",
        "WMF of Geislingen showed old pots at a museum of industrial heritage.",
    ],
)
def test_a_veto_outweighs_context(text: str) -> None:
    assert classify("", text).alliances == ()


def test_a_full_name_outweighs_a_veto() -> None:
    text = "World Monuments Fund (WMF) restored a mill that Wikimedia volunteers had photographed."
    assert [tag.id for tag in classify("", text).alliances] == ["wmf"]


def test_a_name_glued_to_the_word_before() -> None:
    text = "Der Brief an die Versammlung derAllianz für das Kulturerbe in Asien wurde verlesen."
    assert subjects(classify("", text, "de")) == ["acha"]


def test_a_body_meant_without_its_name() -> None:
    text = "Ten Asian countries will formally establish an alliance for conserving Asian cultural heritage in Xi'an."
    found = classify("Asian countries to launch heritage alliance", text, published=None)
    assert [(tag.id, tag.role, tag.rule) for tag in found.alliances] == [
        ("acha", "subject", "meant without its name")
    ]


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        (
            "The museums reached a consensus on opening hours at their meeting in Rome.",
            "declaration_consensus",
        ),
        ("The census lists 3,230 newly discovered sites and 150 museums.", "discovery_excavation"),
        ("The alliance of museums, launched in June 2019, met in Paris on 4 May 2025.", "founding_launch"),
        ("ICOMOS discussed a memorandum with the museum in Paris.", "agreement_mou"),
        ("The declaration of the museums promises the return of looted objects.", "restitution"),
    ],
)
def test_what_is_no_event(text: str, absent: str) -> None:
    assert absent not in types(classify("", text))


def test_words_inside_a_pattern_may_be_inflected() -> None:
    title = "Беларусь внесла замок в предварительный список"
    found = classify(title, "Замок внесли в предварительный список в среду.", "ru")
    assert types(found) == ["inscription_nomination"]


def test_hopes_of_a_preview_are_no_events() -> None:
    text = (
        "The World Heritage Committee will meet in Busan from 19 July 2026. Thirty sites will be inscribed and "
        "an agreement will be signed."
    )
    found = classify("World Heritage Committee to meet in Busan", text, published=date(2026, 6, 1))
    assert types(found) == ["council_meeting"]
    assert found.phase == "preview"


def test_a_long_article_takes_milliseconds() -> None:
    """The bound is wide: shared machines are slow, and only a change of order matters here."""
    text = (ASSEMBLY + "\n" + "The museum showed an old vase to visitors of the city. " * 8) * 6
    classify("", text)
    spent = []
    for _ in range(5):
        start = time.process_time()
        classify("", text)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05 * len(text.encode()) / 5120


def test_two_seeds_on_one_event_agree(seeds: Path) -> None:
    """Same body, a common kind of event, place, and days that do not contradict."""
    found = {
        path.name[:3]: classify("", path.read_text(encoding="utf-8"), published=None)
        for path in seeds.glob("*.txt")
    }
    for one, other in (("000", "001"), ("002", "003")):
        assert subjects(found[one]) == subjects(found[other]) == ["acha"]
        assert set(types(found[one])) & set(types(found[other]))
        places = [{place.name for place in found[each].places[:2]} for each in (one, other)]
        assert places[0] & places[1]
    days = {name: {d.start[-5:] for d in each.dates if d.role == "event"} for name, each in found.items()}
    assert days["002"] == days["003"]
    assert not days["000"] & days["002"]
    assert subjects(found["004"]) == []
    assert all(not days["004"] & days[name] for name in ("000", "001", "002", "003"))


def test_seeds_have_their_labels(seeds: Path) -> None:
    """Their subjects, all of them, and a type that is right; how many are, tests/quality/floors.yaml holds."""
    for line in (seeds / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        found = classify("", (seeds / label["file"]).read_text(encoding="utf-8"), published=None)
        assert subjects(found) == label["alliances"], label["id"]
        assert set(label["event_types"]) & set(types(found)), label["id"]


def test_ids_are_told_once() -> None:
    found = classify("", ASSEMBLY)
    for ids in ([tag.id for tag in found.alliances], types(found)):
        assert len(ids) == len(set(ids))
