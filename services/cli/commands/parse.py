"""`heritage-wire parse`: documents to articles, without a bus or an index."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import msgspec

from services.cli.local_files import files_under, media_type_by_content
from services.cli.options import with_wiring
from services.cli.wiring import Wiring
from services.crawler.archives import PassedOver, is_archive_content, read_archive
from services.crawler.documents import NotADocument, document, media_type_of
from services.crawler.files import documents_of
from services.crawler.media_types import is_archive
from services.crawler.reading import Read
from services.parser.bounded import PARSE, Parsed, ToParse, parser_pool
from shared.contracts.article import Article
from shared.contracts.messages import FetchedDocument, Source
from shared.errors import BadMessage, TryAgain, Unavailable
from shared.identity import normalise
from shared.workers.pool import WorkerPool

SOURCE = Source(id="local", name="Local files", kind="folder", path=".")
Found = FetchedDocument | PassedOver


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…|-")
@click.option("--url", help="The address the document was fetched from (for a single one).")
@with_wiring("parse")
def parse(wiring: Wiring, paths: tuple[str, ...], url: str | None) -> int:
    """Parse documents and print each article as a line of JSON.

    Read are HTML, text, PDF, feed files and WARC archives; - is standard input.

    \b
    Examples:
      heritage-wire parse page.html --url https://example.org/news/1
      curl -s https://example.org/news/1 | heritage-wire parse - --url https://example.org/news/1
      heritage-wire parse press/*.txt | jq .alliances

    Each line says in `input` which document it comes from. `event` is null: that takes other articles to compare
    with. A document that cannot be parsed is told on standard error, and the exit code is 1.
    """
    if url and len(paths) != 1:
        raise click.UsageError("--url goes with a single document")
    pool = parser_pool(wiring.settings.parser_workers)
    wiring.before_closing(pool.close)
    failed = False

    def parsed(item: tuple[str, Found]) -> tuple[str, list[Article | PassedOver]]:
        name, found = item
        return name, [found] if isinstance(found, PassedOver) else _parsed(pool, found)

    for name, results in pool.in_order(parsed, _documents(wiring, paths, url)):
        for article in results:
            if isinstance(article, PassedOver):
                failed = failed or article.fault
                click.echo(f"{name}: {article.why}", err=True)
            else:
                click.echo(msgspec.json.encode({"input": name, **msgspec.to_builtins(article)}))
    return 1 if failed else 0


def _parsed(pool: WorkerPool, document: FetchedDocument) -> list[Article | PassedOver]:
    """The article, or why there is none; of a page that holds several texts, each of them."""
    try:
        found = pool.call(PARSE, ToParse(document=document), Parsed, document.url)
    except (BadMessage, TryAgain) as e:
        return [PassedOver(str(e))]
    except Unavailable as e:
        raise click.ClickException(str(e)) from e
    if found.items:
        return [result for item in found.items for result in _parsed(pool, item)]
    return [found.article.article if found.article else PassedOver(found.not_an_article)]


def _documents(wiring: Wiring, paths: tuple[str, ...], url: str | None) -> Iterator[tuple[str, Found]]:
    now = wiring.clock()
    for given in paths:
        if given == "-":
            yield from ((given, found) for found in _of_content(sys.stdin.buffer.read(), url, now))
            continue
        for path in files_under([Path(given)]):
            yield from ((str(path), found) for found in _of_file(path, url, now, wiring.read_feed))


def _of_content(content: bytes, url: str | None, now: datetime) -> Iterator[Found]:
    if is_archive_content(content):
        yield from read_archive(content, SOURCE, now)
        return
    address = _address(url) or "stdin:document"
    try:
        media_type = media_type_by_content(content)
        yield document(content, url=address, media_type=media_type, source=SOURCE, now=now)
    except NotADocument as e:
        yield PassedOver(str(e))


def _of_file(path: Path, url: str | None, now: datetime, read: Read) -> Iterator[Found]:
    try:
        address = _address(url)
        if address and not is_archive(path) and media_type_of(path) != "application/xml":
            content = path.read_bytes()
            yield document(content, url=address, media_type=media_type_of(path), source=SOURCE, now=now)
            return
        yield from documents_of(path, SOURCE, now, read)
    except (NotADocument, BadMessage) as e:
        yield PassedOver(str(e))
    except OSError as e:
        yield PassedOver(f"{e.strerror}")


def _address(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return normalise(url)
    except ValueError as e:
        raise click.UsageError(f"--url: {e}") from e
