"""PDFs: reading order, what is taken away, titles and dates, and what cannot be read."""

import subprocess
import sys
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.pdf.document import read_pdf
from services.parser.pdf.pages import MOST_PAGES, NoText
from services.parser.pdf.paragraphs import joined
from services.parser.read import ReadDocument, read_document
from services.parser.refusals import NotAnArticle
from shared.contracts.messages import FeedEntry
from shared.errors import BadMessage
from tests.unit.pdf_samples import Text, column, pdf

URL = "https://museum.example/press/gate.pdf"
FETCHED = datetime(2026, 3, 1, tzinfo=UTC)
GATE = [
    "The council of the harbour museum met on Mon-",
    "day and agreed to restore the northern gate of the",
    "town wall, which has been closed for eleven years.",
]
WORK = [
    "Work is to begin in spring and to take two years,",
    "the director said. The region pays for most of it.",
]
END = ["Visitors will be able to follow the work from a", "platform that is built beside the gate."]


def read(body: bytes, entry: FeedEntry | None = None, media_type: str = "application/pdf") -> ReadDocument:
    return read_document(body, media_type=media_type, charset=None, url=URL, entry=entry, fetched_at=FETCHED)


def release(title: str = "Northern gate to be restored", info: dict[str, str] | None = None) -> bytes:
    return pdf([[Text(72, 760, title, 20), *column(72, 720, [*GATE, "", *WORK])]], info)


def text_of(page: Sequence[Text], *more: Sequence[Text]) -> str:
    return "\n".join(line.text for line in read_pdf(pdf([page, *more]), URL).lines)


def test_a_press_release() -> None:
    document = read(release(info={"Author": "Ann Lee", "CreationDate": "D:20260227101500+01'00'"}))
    assert document.title == "Northern gate to be restored"
    assert document.text == (
        "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall, "
        "which has been closed for eleven years.\n\n"
        "Work is to begin in spring and to take two years, the director said. The region pays for most of it."
    )
    assert (document.language, document.authors) == ("en", ("Ann Lee",))
    assert (document.published_at, document.published_from) == (datetime(2026, 2, 27, tzinfo=UTC), "pdf")


def test_a_date_in_the_text_says_more_than_when_the_file_was_made() -> None:
    lines = [
        "OSLO, 20 February 2026 - The gate of the town will",
        "be restored, the office of the mayor said today.",
    ]
    body = pdf(
        [[Text(72, 760, "Gate to be restored", 20), *column(72, 720, [*lines, "", *WORK])]],
        {"CreationDate": "D:20260227"},
    )
    assert read(body).published_at == datetime(2026, 2, 20, tzinfo=UTC)


def test_what_the_feed_calls_it_is_its_title() -> None:
    assert read(release(), FeedEntry(title="The gate opens again")).title == "The gate opens again"


def test_a_pdf_sent_as_something_else_is_read() -> None:
    assert read(release(), media_type="text/html").title == "Northern gate to be restored"
    assert read(b"\r\n\x00" + release()).title == "Northern gate to be restored"


@pytest.mark.parametrize(
    ("info", "title"),
    [
        ("Northern gate to be restored", "Northern gate to be restored"),
        ("Microsoft Word - release_final.docx", "Northern gate to be restored"),
        ("Notice of the annual dinner", "Northern gate to be restored"),
        ("Restore the northern gate of the town wall", "Restore the northern gate of the town wall"),
        ("", "Northern gate to be restored"),
    ],
)
def test_the_title_is_what_the_document_shows(info: str, title: str) -> None:
    assert read_pdf(release(info={"Title": info}), URL).title == title


def test_a_title_of_two_lines_is_one() -> None:
    page = [
        Text(72, 760, "Northern gate of the town", 20),
        Text(72, 736, "wall to be restored", 20),
        *column(72, 700, GATE),
    ]
    assert read_pdf(pdf([page]), URL).title == "Northern gate of the town wall to be restored"


def test_running_headers_footers_and_page_numbers_go() -> None:
    pages = [
        [
            Text(72, 805, "Harbour Museum Bulletin", 9),
            Text(72, 40, "1 Quay Road", 9),
            Text(290, 25, f"- {n} -", 9),
            Text(480, 805, f"Issue 12, page {n} of 3", 9),
            *column(72, 720, lines),
        ]
        for n, lines in enumerate((GATE, WORK, END), 1)
    ]
    found = read_pdf(pdf(pages), URL)
    assert [line.text.split()[0] for line in found.lines] == ["The", "Work", "Visitors"]
    reasons = {r.text: r.reason for r in found.removed}
    assert reasons["Harbour Museum Bulletin"] == "running header, the same on 3 of 3 pages"
    assert reasons["1 Quay Road"] == "running footer, the same on 3 of 3 pages"
    assert reasons["Issue 12, page 2 of 3"] == "running header, the same on 3 of 3 pages"
    assert reasons["- 3 -"] == "page number"


def test_text_at_the_edge_of_several_pages_stays() -> None:
    pages = [column(72, 800, [f"On day {n * n} of the dig the team", *GATE[1:], *WORK]) for n in (2, 3, 5)]
    found = read_pdf(pdf(pages), URL)
    assert found.removed == ()
    assert sum("of the dig the team" in line.text for line in found.lines) == 3


def test_a_title_that_the_header_repeats_stays() -> None:
    pages = [
        [Text(72, 790, "Declaration on town walls", 22), *column(72, 700, GATE)],
        *([Text(72, 810, "Declaration on town walls", 8), *column(72, 740, lines)] for lines in (WORK, END)),
    ]
    found = read_pdf(pdf(pages), URL)
    assert (found.title, len(found.removed)) == ("Declaration on town walls", 1)
    assert found.lines[0].text == "Declaration on town walls"


def test_columns_are_read_one_after_the_other() -> None:
    left, right = column(50, 680, [*GATE, *WORK], 9), column(320, 680, [*END, "The fair is in May."], 9)
    side_by_side = [one for pair in zip(left, [*right, *right], strict=False) for one in pair][:8]
    page = [*side_by_side, *left[3:], Text(50, 740, "Northern gate of the town wall to be restored", 20)]
    text = text_of(list(dict.fromkeys(page)))
    places = [
        text.index(words) for words in ("Northern gate", "The council", "Work is", "Visitors", "The fair")
    ]
    assert places == sorted(places)


def test_what_runs_across_the_columns_parts_them() -> None:
    upper = [*column(50, 700, GATE, 9), *column(320, 700, GATE[::-1], 9)]
    lower = [*column(50, 500, WORK + WORK, 9), *column(320, 500, END + END, 9)]
    text = text_of([*lower, Text(50, 600, "A second item begins here and goes across the page", 18), *upper])
    assert (
        text.index("The council")
        < text.index("A second item")
        < text.index("Work is")
        < text.index("Visitors")
    )


def test_a_paragraph_goes_on_over_the_page() -> None:
    text = text_of(column(72, 200, GATE[:2]), column(72, 760, [*GATE[2:], "", *WORK]))
    assert "northern gate of the town wall, which" in text


def test_headings_and_lists_stand_alone() -> None:
    lines = ["What happens next", *WORK, "- the gate in spring", "- the tower in autumn"]
    assert text_of(column(72, 700, lines)).split("\n") == [
        "What happens next",
        " ".join(WORK),
        "- the gate in spring",
        "- the tower in autumn",
    ]


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("on Mon-", "day and", "on Monday and"),
        ("a world-", "famous gate", "a world-famous gate"),
        ("the UNESCO-", "ICOMOS talks", "the UNESCO-ICOMOS talks"),
        ("Kultur-", "und Naturerbe", "Kultur- und Naturerbe"),
        ("the gate", "opens", "the gate opens"),
        ("亚洲文化遗产", "保护联盟", "亚洲文化遗产保护联盟"),
        ("문화유산", "보호", "문화유산 보호"),
        ("in 2019-", "2020 the", "in 2019-2020 the"),
    ],
)
def test_lines_are_joined_as_they_were_written(before: str, after: str, whole: str) -> None:
    assert joined(before, after, {"world-famous"}) == whole


def test_other_scripts_are_read_by_their_table_of_letters() -> None:
    chinese = ["亚洲文化遗产保护联盟大会二十六日在重庆举行,来自各国", "的代表通过了共识。"]
    text = text_of(column(72, 700, chinese, 12))
    assert text == "".join(chinese)


def test_lines_from_right_to_left_keep_their_order() -> None:
    # Fonts show the letters from the left as they stand on paper: the last one first.
    shown = [line[::-1] for line in ("افتتح المتحف يوم الاثنين معرضا", "جديدا في المدينة القديمة")]
    text = text_of([Text(300, 700, shown[0], 12), Text(370, 684, shown[1], 12)])
    assert text == "افتتح المتحف يوم الاثنين معرضا جديدا في المدينة القديمة"


def test_a_page_that_lies_on_its_side_is_turned() -> None:
    lines = [Text(100 + 15 * i, 72, line, turned=True) for i, line in enumerate(GATE)]
    assert (
        read_pdf(pdf([lines], rotate=90), URL).lines[0].text.startswith("The council of the harbour museum")
    )


def test_a_mark_across_the_page_is_no_text() -> None:
    found = read_pdf(pdf([[*column(72, 700, GATE), Text(20, 300, "DRAFT COPY", turned=True)]]), URL)
    assert "DRAFT" not in " ".join(line.text for line in found.lines)
    assert [(r.text, r.reason) for r in found.removed] == [("DRAFT COPY", "set across the page")]


def locked() -> bytes:
    key = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<00> <00>]" % (
        b"41" * 32,
        b"42" * 32,
    )
    return release().replace(b"trailer\n<<", b"trailer\n<< " + key)


def bomb() -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\n" * 2**20) for _ in range(120)) + packer.flush()
    return release() + b"\n99 0 obj\n<< /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (locked(), "locked with a password"),
        (pdf([[]]), "without text"),
        (pdf([[]] * (MOST_PAGES + 1)), f"{MOST_PAGES + 1} pages"),
        (pdf([column(72, 700, ["\ue001\ue002\ue003" * 9])]), "letters cannot be told"),
    ],
)
def test_a_pdf_without_words_says_why(body: bytes, why: str) -> None:
    with pytest.raises(NotAnArticle, match=f"{URL}: .*{why}"):
        read(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"%PDF-1.7 and nothing else", "damaged"),
        (release()[:300], "damaged"),
        (bomb(), "unpacks to more than"),
        (
            release() + b"\n99 0 obj\n<< /Filter [/FlateDecode /FlateDecode] >>\nstream\nx\nendstream",
            "packed more than once",
        ),
    ],
)
def test_a_damaged_or_hostile_pdf_is_a_bad_message(body: bytes, why: str) -> None:
    with pytest.raises(BadMessage, match=why):
        read(body)


def test_a_broken_table_of_places_is_mended() -> None:
    broken = release().replace(b"startxref\n", b"startxref\n9")
    assert "northern gate" in read(broken).text


def test_time_is_looked_at_between_pages() -> None:
    now = iter(range(0, 100, 3))
    with pytest.raises(BadMessage, match="takes too long: 1 of 3 pages"):
        read_pdf(pdf([column(72, 700, GATE)] * 3), URL, lambda: float(next(now)))


def test_letters_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.parser.pdf.pages.MOST_CHARACTERS", 100)
    with pytest.raises(NoText, match="more than 100 characters"):
        read_pdf(release(), URL)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2000), st.binary(max_size=40))
def test_no_damage_breaks_the_reader(at: int, noise: bytes) -> None:
    body = release()
    try:
        read(body[:at] + noise + body[at + len(noise) :])
    except (NotAnArticle, BadMessage):
        return


def test_reading_twice_gives_the_same() -> None:
    assert read(release()) == read(release())


def test_the_native_library_is_loaded_for_pdfs_alone() -> None:
    code = "import sys, services.parser.read; sys.exit('pypdfium2' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0
