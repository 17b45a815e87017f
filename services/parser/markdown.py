"""Markdown → plain text: marks go, wrapped paragraphs are joined, the front matter becomes a title and a date line."""

import re
from collections.abc import Iterator, Sequence

import yaml

from shared.contracts.article import Removed

LONGEST_FRONT = 10_000
_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\n(.{0,10000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-{3,})\s*")
_RULE = re.compile(r"\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})")
_ITEM = re.compile(r"\s{0,12}(?:[-*+]|(\d{1,3}[.)]))\s+(.*)")
_QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+")
_DEFINITION = re.compile(r"\s{0,3}\[[^\]\n]{1,200}\]:\s*\S+.{0,300}")
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\](?:\([^()\n]{0,1000}\)|\[[^\]\n]{0,200}\])")
_LINK = re.compile(
    r"\[([^\]\n]{1,500})\](?:\([^()\n]{0,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\]\n]{0,200}\])"
)
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,500})>")
_FOOTNOTE = re.compile(r"\[\^[^\]\n]{1,40}\]:?")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,2000}?)(?<=\S)\1")
_WEAK = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]{1,1000}?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,500})\1")
_STRUCK = re.compile(r"~~(?=\S)(.{1,500}?)(?<=\S)~~")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>~|])")
_BREAK = re.compile(r"(?: {2,}|\\)$")
_TITLES = ("title", "headline")
_DATES = ("date", "published", "publishdate", "pubdate")
_AUTHORS = ("author", "authors", "byline")


def as_plain(text: str) -> tuple[str, tuple[Removed, ...]]:
    """The text as people read it, one line for each paragraph, and the pictures and marks that went."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    removed: list[Removed] = []
    told: list[str] = []
    front = _FRONT.match(text)
    if front:
        told = _told(front[1])
        text = text[front.end() :]
        removed.append(Removed(text=front[1].strip()[:LONGEST_FRONT], reason="front matter of the file"))
    blocks = [_inline(block, removed) for block in _blocks(text.split("\n"))]
    if told and blocks and told[0] == blocks[0]:
        told[:1] = [blocks.pop(0)]
    return "\n\n".join([*told, *(b for b in blocks if b)]), tuple(dict.fromkeys(removed))


def _told(front: str) -> list[str]:
    """Title, byline and date of the front matter, as a page would show them; nothing of what is broken."""
    try:
        data = yaml.load(front, Loader=yaml.BaseLoader)  # noqa: S506 makes strings, lists and mappings alone
    except (yaml.YAMLError, RecursionError):
        return []
    if not isinstance(data, dict):
        return []
    values = {str(k).strip().lower(): v for k, v in data.items()}
    title = next((v for k in _TITLES if isinstance(v := values.get(k), str) and v.strip()), "")
    date = next((v for k in _DATES if isinstance(v := values.get(k), str) and v.strip()), "")
    authors: object = next((v for k in _AUTHORS if (v := values.get(k))), [])
    names = [a for a in (authors if isinstance(authors, list) else [authors]) if isinstance(a, str)]
    lines = [title, f"By {', '.join(names)}" if names else "", f"Published: {date}" if date else ""]
    return [" ".join(line.split()) for line in lines if line]


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """Paragraphs, headings and entries of lists, each as one line; code as it stands."""
    block: list[str] = []
    fenced = False
    for line in lines:
        if _FENCE.match(line):
            fenced = not fenced
            yield from _joined(block)
            continue
        bare = line if fenced else _QUOTE.sub("", line, count=1)
        if fenced or not bare.strip() or _starts(bare):
            yield from _joined(block)
        if fenced:
            yield bare
        elif heading := _HEADING.fullmatch(bare):
            yield heading[1]
        elif block and _UNDERLINE.fullmatch(bare):
            yield from _joined(block)
        elif bare.strip() and not _RULE.fullmatch(bare) and not _DEFINITION.fullmatch(bare):
            item = _ITEM.fullmatch(bare)
            block.append(f"{item[1] or '-'} {item[2]}" if item else bare.lstrip())
            if _BREAK.search(bare):
                yield from _joined(block)
    yield from _joined(block)


def _starts(line: str) -> bool:
    """Whether a line begins something of its own, a blank one above it or not."""
    return bool(_HEADING.fullmatch(line) or _ITEM.fullmatch(line) or line.lstrip().startswith("|"))


def _joined(block: list[str]) -> Iterator[str]:
    if block:
        yield " ".join(_BREAK.sub("", line).strip() for line in block)
        block.clear()


def _inline(text: str, removed: list[Removed]) -> str:
    """A line without the marks of emphasis, links and pictures."""
    removed += [Removed(text=picture[0], reason="picture") for picture in _IMAGE.finditer(text)]
    text = _IMAGE.sub("", text)
    text = _FOOTNOTE.sub("", text)
    text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", text))
    text = _CODE.sub(r"\2", text)
    for _ in range(2):  # one within the other
        text = _WEAK.sub(r"\2", _STRONG.sub(r"\2", text))
    return _ESCAPED.sub(r"\1", _STRUCK.sub(r"\1", text)).strip()
