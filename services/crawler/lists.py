"""Lists of sources that come and go as files: OPML, which every feed reader knows, and our own YAML."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import listparser
import msgspec
import yaml
from lxml import etree

from services.crawler.sources import SourcesError, load_sources
from shared.contracts.messages import Source
from shared.sources import id_for

LARGEST = 10 * 1024 * 1024
_NO_GROUP = re.compile(r"[^\w .-]+")


def read_list(path: Path, taken: Iterable[str] = ()) -> tuple[Source, ...]:
    """The sources of an OPML or a sources file. Ids of OPML entries follow from their addresses, `taken` ones avoided.

    Raises SourcesError.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise SourcesError(f"{path}: larger than {LARGEST // 1024**2} MiB")
        head = path.read_bytes()
    except OSError as e:
        raise SourcesError(f"{path}: {e.strerror}") from e
    if not re.search(rb"<opml[\s>]", head[:5000], re.IGNORECASE):
        return load_sources(path)
    parsed = listparser.parse(head)
    if not parsed.feeds:
        raise SourcesError(
            f"{path}: no feeds are named in this OPML: {parsed.bozo_exception or 'it is empty'}"
        )
    return tuple(_from_opml(parsed.feeds, set(taken)))


def _from_opml(feeds: Iterable[dict[str, object]], taken: set[str]) -> Iterator[Source]:
    for feed in feeds:
        url = str(feed.get("url") or "").strip()
        id = id_for(url, taken)
        taken.add(id)
        tags = feed.get("tags")
        groups = (
            " ".join(_NO_GROUP.sub(" ", str(tag)).split())[:50]
            for tag in (tags if isinstance(tags, list) else ())
        )
        yield Source(
            id=id,
            url=url,
            name=" ".join(str(feed.get("title") or "").split())[:200] or None,
            groups=tuple(dict.fromkeys(g for g in groups if g)),
        )


def to_opml(sources: Iterable[Source], title: str = "Heritage Wire") -> bytes:
    """OPML 2.0 of the sources that have an address to subscribe to; other kinds mean nothing to a feed reader."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for source in sources:
        if not in_opml(source):
            continue
        name = source.name or source.id
        outline = etree.SubElement(
            body, "outline", type="rss", text=name, title=name, xmlUrl=source.url or ""
        )
        if source.language:
            outline.set("language", source.language)
        if source.groups:
            outline.set("category", ",".join(source.groups))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def in_opml(source: Source) -> bool:
    """Whether a source can be said in OPML."""
    return source.kind in (None, "feed") and bool(source.url)


def to_yaml(sources: Iterable[Source]) -> bytes:
    """A sources file with these sources; what stands at its default is left out."""
    told = []
    for source in sources:
        values = msgspec.to_builtins(source)
        told.append({name: value for name, value in values.items() if value != _DEFAULTS.get(name)})
    text: str = yaml.safe_dump({"sources": told}, allow_unicode=True, sort_keys=False, width=110)
    return text.encode()


_DEFAULTS = {"groups": [], "rights": "full", "quality": "press", "enabled": True} | dict.fromkeys(
    ("url", "name", "kind", "path", "selector", "query", "interval", "delay", "language", "country")
)
