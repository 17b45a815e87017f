"""`heritage-wire search`: the same language everywhere."""

import os

import click
import msgspec

from services.cli.options import data_is_there, with_wiring
from services.cli.wiring import Wiring
from shared.answers import answer
from shared.index.port import FACETS, Hit, Page, Search
from shared.query.parse import QueryError, parse
from shared.query.snippets import snippets
from shared.rights import shown
from shared.taxonomy.taxonomy import load_taxonomy

EXAMPLES = ("'alliance:acha'", "'\"cultural heritage\" AND type:agreement_mou'", "'亚洲文化遗产'")
MOST = 1000


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the API.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, MOST))
@click.option("--cursor", help="Go on where an earlier answer's next_cursor points.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True)
@click.option("--unit", type=click.Choice(["article", "event"]), default="article", show_default=True)
@with_wiring("search")
def search(
    wiring: Wiring,
    query: tuple[str, ...],
    as_json: bool,
    limit: int,
    cursor: str | None,
    sort: str,
    unit: str,
) -> int:
    """Search the articles.

    \b
    Examples:
      heritage-wire search 'alliance:acha type:general_assembly'
      heritage-wire search '"Chongqing Consensus" OR 重庆共识' --sort date
      heritage-wire search 'restor* place:Cairo after:30d' --json

    A query is words, "phrases", AND OR NOT -, parentheses, prefix* and field:value with the fields alliance,
    mention, event, type, phase, source, quality, country, lang, place, title, site, author, is, after, before, on.
    """
    data_is_there(wiring)
    source = " ".join(query)
    try:
        asked = parse(source, wiring.clock(), load_taxonomy()) if source.strip() != "*" else None
    except QueryError as e:
        raise click.ClickException(f"the query cannot be read:\n{e.pointed(source)}") from e
    wanted = Search(
        query=asked,
        limit=limit,
        cursor=cursor,
        sort="date" if sort == "date" else "relevance",
        unit="event" if unit == "event" else "article",
        facets=FACETS if as_json else (),
    )
    page = wiring.reader().search(wanted)
    if as_json:
        click.echo(msgspec.json.encode(answer(page)))
    else:
        _print(page, source, unit)
    return 0


def _print(page: Page, source: str, unit: str) -> None:
    what = unit if page.total == 1 else f"{unit}s"
    click.echo(f"{page.total} {what} for {source}  ({page.took_ms:.0f} ms)")
    for hit in page.hits:
        click.echo()
        _print_hit(hit)
    if page.next_cursor:
        click.echo(f"\nMore: --cursor {page.next_cursor}")
    elif not page.total:
        program = os.environ.get("HERITAGE_WIRE_PROGRAM", "heritage-wire")
        click.echo(f"Nothing matches. '{program} search \"*\"' shows everything there is.")


def _print_hit(hit: Hit) -> None:
    article = shown(hit.article)
    click.secho(article.title, bold=True)
    date = article.published_at or article.first_seen_at
    when = f"{date:%Y-%m-%d}" if article.published_at else f"seen {date:%Y-%m-%d}"
    labels = [tag.id for tag in article.alliances if tag.role == "subject"]
    labels += [tag.id for tag in article.event_types]
    line = f"{when}  {article.source.name}  [{article.language}]  {' '.join(labels)}"
    click.secho(line.rstrip(), fg="cyan")
    if article.event:
        click.echo(f"event: {article.event.title}  ({article.event.id})")
    spans = [(h.start, h.end) for h in hit.highlights if h.field == "text" and h.end <= len(article.text)]
    for snippet in snippets(article.text, spans, most=2):
        click.echo(f"  … {_marked(article.text, snippet.start, snippet.end, snippet.spans)} …")
    click.echo(f"{article.url}")


def _marked(text: str, start: int, end: int, spans: object) -> str:
    pieces, at = [], start
    for first, last in sorted(spans):  # type: ignore[call-overload]
        pieces += [text[at:first], click.style(text[first:last], underline=True)]
        at = last
    return "".join([*pieces, text[at:end]]).replace("\n", " ")
