"""PDFs, archives and newsletters through the command and the whole pipeline, with processes of their own."""

import json
from pathlib import Path

from tests.integration.test_commands import heritage
from tests.unit.parser_pages import SUBJECTS, listing, page
from tests.unit.pdf_samples import Text, column, pdf
from tests.unit.test_crawler_archives import SITE, packed, record

GATE = ["The council of the harbour museum met on Mon-", "day and agreed to restore the northern gate."]
# The first is a note of one line among the others.
TEXTS = (
    "The council agreed on Monday to restore the northern gate of the town.",
    "A bakery in the old town gave up its floor this week, and beneath it a fisherman drew in his net again.",
    "After ninety years of flour the granary by the river will lend books, the mayor told the press on Friday.",
)
# A drawing that draws itself, twice: PDFium follows it until its process is ended.
DRAWS_ITSELF = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Count 1 /Kids [3 0 R] >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>
endobj
4 0 obj
<< /Length 11 >>
stream
/X Do /X Do
endstream
endobj
5 0 obj
<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length 11 >>
stream
/X Do /X Do
endstream
endobj
trailer
<< /Size 6 /Root 1 0 R >>
%%EOF
"""


def newsletter() -> str:
    body = "".join(f"<h2>{SUBJECTS[n]}</h2><p>{text}</p>" for n, text in enumerate(TEXTS))
    return page(f"<h1>Museum Newsletter no. 8, July 2024</h1>{body}", "Museum Newsletter no. 8, July 2024")


def test_parse_reads_every_kind_and_says_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(
        pdf([[Text(72, 760, "Northern gate to be restored", 20), *column(72, 720, GATE)]])
    )
    recorded = page(f"<h1>Gate</h1><p>{TEXTS[0]}</p>", "Gate")
    (tmp_path / "b.warc.gz").write_bytes(
        packed(record(recorded.encode()), record(b"", http="HTTP/1.1 404 Not Found"))
    )
    (tmp_path / "c.html").write_text(newsletter())
    (tmp_path / "d.html").write_text(listing(8))
    (tmp_path / "e.pdf").write_bytes(DRAWS_ITSELF)
    (tmp_path / "f.md").write_text(f"# {SUBJECTS[0]}\n\n**{TEXTS[0]}**\n")
    done = heritage("parse", tmp_path)
    articles = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(Path(a["input"]).name, a["title"]) for a in articles] == [
        ("a.pdf", "Northern gate to be restored"),
        ("b.warc.gz", "Gate"),
        *(("c.html", title) for title in SUBJECTS[:3]),
        ("f.md", SUBJECTS[0]),
    ]
    assert "met on Monday and agreed" in articles[0]["text"]
    assert (articles[1]["url"], articles[1]["fetched_at"]) == (f"{SITE}/gate", "2024-05-06T07:08:09Z")
    assert articles[3]["url"].endswith("c.html#2")
    assert "b.warc.gz: 1 records are no documents: 1 × answer 404" in done.stderr
    assert "d.html: " in done.stderr
    assert "a list of other pages: 8 titles" in done.stderr
    assert "e.pdf: " in done.stderr
    assert done.returncode == 1


def test_ingest_waits_for_the_items_of_a_newsletter(tmp_path: Path) -> None:
    (tmp_path / "letter.html").write_text(newsletter())
    data = tmp_path / "data"
    done = heritage("ingest", tmp_path / "letter.html", data=data)
    assert done.returncode == 0, done.stderr
    assert "letter.html: split into 3 items" in done.stdout
    assert done.stdout.splitlines()[-1] == "4 documents: 1 ended, 3 indexed."
    found = json.loads(heritage("search", "fisherman", "--json", data=data).stdout)
    assert found["total"] >= 1
    assert all("letter.html#" in a["url"] for a in found["results"])
    journey = heritage("journey", tmp_path / "letter.html", data=data)
    assert "split into 3 items" in journey.stdout
