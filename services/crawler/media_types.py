"""What kind of document something is: by a file's name, or by what a server says and the bytes look like."""

import re
from collections.abc import Mapping
from pathlib import Path

BY_ENDING = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".rss": "application/xml",
    ".atom": "application/xml",
    ".rdf": "application/xml",
}
ARCHIVES = (".warc", ".warc.gz")
# What a server may send for an article.
READ = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "application/pdf")
HTML = ("text/html", "application/xhtml+xml")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)


def is_archive(path: Path) -> bool:
    """Whether a file is a WARC, packed or not, by its name."""
    return path.name.lower().endswith(ARCHIVES)


def media_type_of(headers: Mapping[str, str], body: bytes) -> str:
    """What HTTP says it is; what the bytes look like where HTTP is mute or says no more than "data" or "XML"."""
    told = headers.get("content-type", "").partition(";")[0].strip().lower()
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if told not in ("", "application/octet-stream", "application/xml", "text/xml"):
        return told
    if _HTML.search(head):
        return "application/xhtml+xml" if "xml" in told else "text/html"
    return told or "text/plain"


def charset_of(headers: Mapping[str, str]) -> str | None:
    """The charset that HTTP names, if it names one."""
    found = _CHARSET.search(headers.get("content-type", ""))
    return found[1] if found else None
