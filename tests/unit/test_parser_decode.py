"""Bytes to text: the order of evidence, and repairs that leave sound text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.decode import binary_kind, decode, pinyin_noise, repair, repair_markup, without_pinyin

FRENCH = "Le musée a rouvert l’été dernier, après la restauration de la façade."
CHINESE = "亚洲的古城墙正在修缮,明年春天开放。" * 4
RUSSIAN = "Музей открыл новую экспозицию о древнем городе на берегу реки. " * 4


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_wins_over_what_http_says(encoding: str) -> None:
    assert decode(FRENCH.encode(encoding), "windows-1251", html=False).text == FRENCH


def test_valid_utf8_wins_over_a_wrong_declaration() -> None:
    page = f'<meta charset="iso-8859-1"><p>{FRENCH}</p>'
    assert FRENCH in decode(page.encode(), "iso-8859-1", html=True).text


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [(CHINESE, "gbk", "gb2312"), (RUSSIAN, "cp1251", "windows-1251"), (FRENCH, "cp1252", "ISO-8859-1")],
)
def test_http_tells_the_encoding(text: str, encoding: str, label: str) -> None:
    found = decode(text.encode(encoding), label, html=False)
    assert (found.text, found.damaged) == (text, False)


def test_the_page_tells_the_encoding_where_http_does_not() -> None:
    page = f'<html><head><meta charset="gb2312"></head><p>{CHINESE}</p></html>'
    assert CHINESE in decode(page.encode("gbk"), None, html=True).text


@pytest.mark.parametrize(("text", "encoding"), [(CHINESE, "gb18030"), (RUSSIAN, "cp1251")])
def test_an_undeclared_encoding_is_detected(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), None, html=False).text == text


def test_an_escaped_encoding_in_plain_ascii_is_honoured() -> None:
    assert decode("博物館".encode("iso2022_jp"), "iso-2022-jp", html=False).text == "博物館"


@pytest.mark.parametrize(
    "label", ["zlib", "unicode_escape", "no-such", "\x00", "idna", "hex", "undefined", ""]
)
def test_a_label_that_is_no_text_encoding_is_passed_over(label: str) -> None:
    assert decode(b"plain words", label, html=False).text == "plain words"


def test_a_cut_in_the_middle_of_a_character_is_told() -> None:
    found = decode((FRENCH * 30).encode()[:-3] + b"\xc3", "utf-8", html=False)
    assert found.damaged
    assert found.text.startswith(FRENCH)


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7 x", b"\x89PNG\r\n", b"PK\x03\x04", b"\x00\x01\x02" * 50, b"\xff\xd8\xff"]
)
def test_binary_is_told_from_text(body: bytes) -> None:
    assert binary_kind(body) is not None


@pytest.mark.parametrize("body", [FRENCH.encode(), CHINESE.encode("gbk"), FRENCH.encode("utf-16"), b"plain"])
def test_text_is_not_binary(body: bytes) -> None:
    assert binary_kind(body) is None


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ("the years 1990¨C2000", "the years 1990–2000"),
        ("one thing ¨D another", "one thing — another"),
        ("¡°Stone¡± he said", "“Stone” he said"),
        ("Itâ€™s open", "It’s open"),
        ("Le musÃ©e a rouvert", "Le musée a rouvert"),
    ],
)
def test_damage_is_undone(damaged: str, sound: str) -> None:
    assert repair(damaged) == sound


@pytest.mark.parametrize(
    "text",
    [
        "“Curly” quotes and l’apostrophe – stay — as they are…",
        "¡Qué alegría! ¿Y tú?",
        "A coat of £12, ¨ a lone diaeresis, 5 ½ ft",
        "亚洲文化遗产,“保护”《宪章》",
        "القلعة القديمة",
        "fi ligatures and ABC full width",
        "Hà Nội – Huế",
        "naïve café São Tomé",
        'The old program wrote "Ã¤" where the author had typed "ä".',
    ],
)
def test_sound_text_is_not_touched(text: str) -> None:
    assert repair(text) == text


def test_a_damaged_page_is_repaired_before_its_control_characters_are_lost() -> None:
    damaged = "<p title='musÃ©e'>It’s “open”</p><p>café</p>".replace(
        "It’s “open”", "It’s “open”".encode().decode("latin-1")
    )
    assert repair_markup(damaged) == "<p title='musée'>It’s “open”</p><p>café</p>"
    assert repair_markup("<p>café – “open”</p>") == "<p>café – “open”</p>"


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_never_repaired(text: str) -> None:
    assert repair(text) == text


@given(st.binary(max_size=400), st.text(max_size=20), st.booleans())
def test_decoding_never_fails(body: bytes, charset: str, html: bool) -> None:
    decode(body, charset, html=html)


def test_readings_left_by_a_converter_are_found_and_only_those() -> None:
    noisy = "古跡產(chǎn)業(yè)與聯(lián)合保護"
    assert pinyin_noise(noisy) == ["(chǎn)", "(yè)", "(lián)"]
    assert without_pinyin(noisy) == "古跡產業與聯合保護"
    assert pinyin_noise("会议(以下简称大会)在西安(xi'an)举行(完)") == []
