"""Every row of the date table, read as a page; and plain texts, and last changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.parser.read import ReadDocument, read_document
from shared.contracts.messages import Source
from tests.unit.parser_date_cases import CASES, URL, Case, json_ld, meta

FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
TITLE = "Northern gate of the harbour wall to be restored"
BODY = (
    "The council of the harbour museum met on Monday and agreed to restore the northern gate of the town wall.",
    "Work on the gate is to begin in spring and will take about two years, the director of the museum said.",
)


def document(case: Case) -> ReadDocument:
    """The case as a page, read."""
    paragraphs = "".join(f"<p>{text}</p>" for text in (case.opens + BODY[0], BODY[1]))
    stamp = f"<p>{case.told}</p>" if case.told else ""
    lang = f" lang='{case.language}'" if case.language else ""
    page = (
        f"<!doctype html><html{lang}><head><title>{TITLE} | Town News</title><meta charset='utf-8'>{case.head}</head><body>"
        f"{case.above}<article><h1>{TITLE}</h1>{stamp}{case.markup}{paragraphs}</article>{case.below}</body></html>"
    )
    source = Source(id="town-news", country=case.country, language=case.language)
    more: dict[str, Any] = {"charset": None, "url": case.url, "entry": case.entry, "fetched_at": FETCHED}
    return read_document(page.encode(), media_type="text/html", told=source, **more)


def found(read: ReadDocument) -> str:
    """As the cases tell it: "2025-11-26 07:05 minute page +08:00 told"."""
    if read.published_at is None:
        return "none"
    at = read.published_at.strftime("%Y-%m-%d" if read.published_precision == "day" else "%Y-%m-%d %H:%M:%S")
    zone = f" {read.published_zone} {read.published_zone_from}" if read.published_zone else ""
    return f"{at.removesuffix(':00')} {read.published_precision} {read.published_from}{zone}"


def name(case: Case) -> str:
    said = case.told or case.head or case.markup or case.opens or case.below or case.url
    return f"{said[:60]} {case.language or ''} {case.country or ''}".strip()


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_publication_of(case: Case) -> None:
    assert found(document(case)) == case.expected


def plain(text: str, url: str = URL) -> ReadDocument:
    return read_document(
        text.encode(), media_type="text/plain", charset="utf-8", url=url, entry=None, fetched_at=FETCHED
    )


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        (f" date 2025-11-26 {BODY[0]}\n\n{BODY[1]}", URL, "2025-11-26 day page"),
        (f" date 2025-11-28 {TITLE}\n\nOSLO, Nov. 26 (Agency) -- {BODY[0]}\n{BODY[1]}", URL, "2025-11-26 day dateline"),
        (f"{TITLE}\n\nUPDATED :2025-11-26\n\n{BODY[0]}", URL, "2025-11-26 day page"),
        (f"Friday, November 28, 2025\n{TITLE}\n{BODY[0]}", URL, "none"),
        (f"{TITLE}\n{BODY[0]}\n\n2001-2025 © Town News", URL, "none"),
        (f"{TITLE}\n{BODY[0]}\n- 2026年01月25日 13:01:50\n- 2026年01月24日 22:00:25", "https://e.example/2025/11-26/9.shtml", "2025-11-26 day url"),
        (f"{TITLE}\n2025-11-26 15:05:30 来源: 示例网 评论:0\n{BODY[0]}", URL, "2025-11-26 15:05:30 second page"),
    ],
)  # fmt: skip
def test_the_publication_of_a_plain_text(text: str, url: str, expected: str) -> None:
    assert found(plain(text, url)) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (Case("Published 26 November 2025, updated 28 November 2025", ""), "2025-11-28"),
        (Case("", "", head=json_ld("2025-11-26") + meta("article:modified_time", "2025-11-28T10:00:00Z")), "2025-11-28"),
        (Case("", "", head=json_ld("2025-11-26") + meta("article:modified_time", "2025-11-20T10:00:00Z")), None),
        (Case("", "", head=json_ld("2025-11-26") + meta("article:modified_time", "2031-11-20T10:00:00Z")), None),
        (Case("", "", head=json_ld("2025-11-26") + meta("og:updated_time", "1764320400")), "2025-11-28"),
        (Case("Обновлено: 28.11.2025", "", "ru", head=json_ld("2025-11-26")), "2025-11-28"),
        (Case("更新時間：2025-11-28", "", "zh", head=json_ld("2025-11-26")), "2025-11-28"),
    ],
    ids=str,
)  # fmt: skip
def test_the_last_change_of(case: Case, expected: str | None) -> None:
    changed = document(case).modified_at
    assert (changed.date().isoformat() if changed else None) == expected


def test_there_is_a_case_for_everything() -> None:
    assert len(CASES) >= 250
    assert len(set(CASES)) == len(CASES)
