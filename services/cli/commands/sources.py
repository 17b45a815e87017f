"""`heritage-wire sources`: which there are, how they are, and changing them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from services.cli.options import with_wiring
from services.cli.wiring import Wiring
from services.crawler.feed_worker import FeedWorker
from services.crawler.lists import in_opml, read_list, to_opml, to_yaml
from services.crawler.looking import Look, Looker
from services.crawler.manners import Manners
from services.crawler.robots import Robots
from services.crawler.schedule import duration, one_line
from shared.contracts.messages import Source
from shared.contracts.sources import SOURCE_STATES, SourceState, decode_source_state
from shared.identity import host_of
from shared.sources import KINDS, BadSource, Sources, UnknownSource, id_for, seconds

SHOWN_TITLES = 5
COLOURS = {
    "ok": "green",
    "failing": "yellow",
    "quarantined": "red",
    "disabled": "bright_black",
    "new": "cyan",
}


@click.group()
def sources() -> None:
    """List, add, remove, try out, import and export the sources that are watched.

    \b
    Examples:
      heritage-wire sources list
      heritage-wire sources discover https://www.example.org/
      heritage-wire sources add https://www.example.org/feed --quality official
      heritage-wire sources import reader.opml
    """


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--all", "everything", is_flag=True, help="Also those that are switched off.")
@with_wiring("list")
def list_sources(wiring: Wiring, as_json: bool, everything: bool) -> int:
    """List the sources, and say how each is doing.

    \b
    Example:
      heritage-wire sources list --all
    """
    states = {s.id: decode_source_state(s.body) for s in wiring.store().list(SOURCE_STATES)}
    table = _sources(wiring).table()
    # What a running crawler was given, though this command was not: another sources file, for example.
    running = {id: s.source for id, s in states.items() if s.source and id not in table.sources}
    there = {**table.sources, **running}
    shown = [s for s in there.values() if s.enabled or everything]
    for source in sorted(shown, key=lambda s: s.id):
        state = states.get(source.id)
        if as_json:
            origin = table.origins.get(source.id, "file")
            told = {"source": source, "origin": origin, "state": _without_source(state)}
            click.echo(msgspec.json.encode(told))
        else:
            _show(source, state)
    off = sum(not s.enabled for s in there.values())
    if not as_json:
        more = f"; {off} switched off (--all shows them)" if off and not everything else ""
        click.echo(f"{len(shown)} source{'' if len(shown) == 1 else 's'}{more}.")
    return 0


@sources.command("add")
@click.argument("url")
@click.option("--id", "id", help="A short stable name; follows from the address when absent.")
@click.option("--name", help="What readers see.")
@click.option("--kind", type=click.Choice(KINDS), help="Found out when absent.")
@click.option("--selector", help="CSS selector of the links on a listing page.")
@click.option("--query", help="The words that stand for {query} in the address of a query source.")
@click.option("--interval", help="A fixed time between two looks, such as 30m.")
@click.option("--delay", help="Time between two requests to its host, such as 10s.")
@click.option("--group", "groups", multiple=True, help="May be given several times.")
@click.option("--language", help="Code such as fr.")
@click.option("--country", help="Two letters such as FR.")
@click.option("--rights", type=click.Choice(["full", "excerpt"]), default="full", show_default=True)
@click.option(
    "--quality",
    type=click.Choice(["official", "agency", "press", "aggregator"]),
    default="press",
    show_default=True,
)
@with_wiring("add")
def add(wiring: Wiring, url: str, **told: Any) -> int:
    """Watch an address: a feed, a sitemap, or a page that lists or names its news.

    \b
    Examples:
      heritage-wire sources add https://www.example.org/feed
      heritage-wire sources add https://www.example.org/news --kind listing --selector 'h3 a'
    """
    there = _sources(wiring)
    with _said():
        told |= {name: _seconds(name, told[name]) for name in ("interval", "delay") if told[name]}
        told["id"] = told["id"] or id_for(url, there.table().sources.keys())
        added = there.add(msgspec.convert({**told, "url": url}, Source))
    click.echo(
        f"Added {added.id}. A running crawler looks at it within seconds; 'sources list' says what it finds."
    )
    return 0


@sources.command("remove")
@click.argument("id")
@with_wiring("remove")
def remove(wiring: Wiring, id: str) -> int:
    """Watch a source no longer. Its articles stay.

    \b
    Example:
      heritage-wire sources remove example.org
    """
    with _said():
        gone = _sources(wiring).remove(id)
    click.echo(f"Removed {gone.id} ({gone.url or gone.path}). Its articles stay.")
    return 0


@sources.command("on")
@click.argument("ids", nargs=-1, required=True)
@with_wiring("on")
def switch_on(wiring: Wiring, ids: Sequence[str]) -> int:
    """Switch sources on.

    \b
    Example:
      heritage-wire sources on gdelt-acha
    """
    return _switch(wiring, ids, enabled=True)


@sources.command("off")
@click.argument("ids", nargs=-1, required=True)
@with_wiring("off")
def switch_off(wiring: Wiring, ids: Sequence[str]) -> int:
    """Switch sources off; they stay in the list.

    \b
    Example:
      heritage-wire sources off chinadaily-culture
    """
    return _switch(wiring, ids, enabled=False)


def _switch(wiring: Wiring, ids: Sequence[str], *, enabled: bool) -> int:
    there = _sources(wiring)
    for id in ids:
        with _said():
            there.change(id, enabled=enabled)
        click.echo(f"{id} is switched {'on' if enabled else 'off'}.")
    return 0


@sources.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@with_wiring("import")
def import_(wiring: Wiring, file: Path) -> int:
    """Add the sources of an OPML file (from any feed reader) or of a sources file (YAML).

    \b
    Example:
      heritage-wire sources import reader.opml
    """
    there = _sources(wiring)
    added = 0
    for source in read_list(file, there.table().sources.keys()):
        try:
            there.add(source)
            added += 1
        except BadSource as e:
            click.echo(f"passed over {source.id} ({source.url or source.path}): {e}", err=True)
    click.echo(f"{added} source{'' if added == 1 else 's'} added.")
    return 0


@sources.command("export")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "as_",
    type=click.Choice(["opml", "yaml"]),
    help="By the file's ending when absent, else OPML.",
)
@with_wiring("export")
def export(wiring: Wiring, file: Path | None, as_: str | None) -> int:
    """Write the sources as OPML or as a sources file (YAML), to FILE or standard output.

    \b
    Examples:
      heritage-wire sources export sources.yaml
      heritage-wire sources export --format opml > reader.opml
    """
    chosen = as_ or ("yaml" if file and file.suffix in (".yaml", ".yml") else "opml")
    there = _sources(wiring).table().sources.values()
    written = to_yaml(there) if chosen == "yaml" else to_opml(there)
    if file is None:
        click.echo(written, nl=False)
    else:
        try:
            file.write_bytes(written)
        except OSError as e:
            raise click.ClickException(f"{file}: {e.strerror}") from e
    left_out = sum(not in_opml(s) for s in there) if chosen == "opml" else 0
    if left_out:
        what = "1 is no feed" if left_out == 1 else f"{left_out} are no feeds"
        click.echo(f"Of the sources {what}, which OPML cannot say; YAML holds them all.", err=True)
    return 0


@sources.command("check")
@click.argument("source")
@with_wiring("check")
def check(wiring: Wiring, source: str) -> int:
    """Fetch a source once, given by id or address, and say what is there. Nothing is kept.

    \b
    Examples:
      heritage-wire sources check whc-news
      heritage-wire sources check https://www.example.org/feed
    """
    known = _sources(wiring).get(source)
    if known is None and "://" not in source:
        raise click.ClickException(f"there is no source {source!r}; 'heritage-wire sources list' shows them")
    asked = known or Source(id="check", url=source)
    if asked.kind == "folder":
        files = sum(1 for p in Path(asked.path or "").rglob("*") if p.is_file())
        click.echo(f"folder    {asked.path}: {files} files")
        return 0 if files else 1
    with _looker(wiring) as look:
        seen = look(asked)
    _report(wiring, seen, asked)
    return 1 if seen.fault else 0


@sources.command("discover")
@click.argument("url")
@with_wiring("discover")
def discover(wiring: Wiring, url: str) -> int:
    """Find the feeds of a web page, and try each.

    \b
    Example:
      heritage-wire sources discover https://www.example.org/
    """
    with _looker(wiring) as look:
        page = look(Source(id="discover", url=url), every_feed=True)
        if page.fault or page.found is None:
            raise click.ClickException(one_line(page.fault) or "nothing was found")
        if not page.found.feeds:
            click.echo(f"{page.url} names no feeds; it is itself a source:")
            _report(wiring, page, Source(id="discover", url=url))
            return 0
        good = 0
        for feed in page.found.feeds:
            seen = look(Source(id="discover", url=feed, kind="feed"))
            good += not seen.fault
            what = one_line(seen.fault) or f"{len(seen.found.entries) if seen.found else 0} entries"
            title = f" · {one_line(seen.found.title)}" if seen.found and seen.found.title else ""
            click.echo(f"{'feed' if not seen.fault else 'no':<5} {feed}: {what}{title}")
    if good:
        click.echo("Watch one with: heritage-wire sources add ADDRESS")
    return 0 if good else 1


def _seconds(option: str, value: str) -> float:
    try:
        return seconds(value)
    except ValueError as e:
        raise BadSource(f"--{option}", str(e)) from e


def _sources(wiring: Wiring) -> Sources:
    return Sources(wiring.listed(), wiring.store(), wiring.clock)


@contextmanager
def _said() -> Iterator[None]:
    """What is wrong with what was asked for, as the command's error."""
    try:
        yield
    except (BadSource, UnknownSource, ValueError, msgspec.ValidationError) as e:
        raise click.ClickException(str(e)) from e


@contextmanager
def _looker(wiring: Wiring) -> Iterator[Callable[..., Look]]:
    worker = FeedWorker()
    client = wiring.client()
    try:
        yield Looker(client, Robots(client, wiring.store(), wiring.clock), worker, wiring.clock).look
    finally:
        worker.close()


def _show(source: Source, state: SourceState | None) -> None:
    health = "disabled" if not source.enabled else state.health if state else "new"
    if source.kind == "folder":
        health = "ok" if source.enabled and Path(source.path or "").is_dir() else "disabled"
    label = click.style(f"{health:<11}", fg=COLOURS[health])
    kind = source.kind or (state.kind if state else None) or "?"
    click.echo(f"{label} {source.id:<28} {kind:<8} {source.url or source.path}")
    if source.kind != "folder" and source.enabled:
        click.echo(f"            {state.says if state else 'not looked at yet'}")


def _without_source(state: SourceState | None) -> SourceState | None:
    return msgspec.structs.replace(state, source=None) if state else None


def _report(wiring: Wiring, seen: Look, source: Source) -> None:
    for before in seen.chain:
        click.echo(f"redirect  {before}")
    click.echo(f"address   {seen.url}")
    if seen.robots:
        click.echo(f"robots    {seen.robots}")
    if seen.answer:
        answer = seen.answer
        kind = answer.headers.get("content-type", "no content type")
        click.echo(
            f"answer    {answer.status}, {kind}, {len(answer.body)} bytes, {answer.ms:.0f} ms, {answer.address}"
        )
    click.echo(f"manners   {_manners(wiring, seen, source)}")
    if seen.found:
        found = seen.found
        click.echo(f"kind      {found.kind}{f': {one_line(found.title)}' if found.title else ''}")
        for feed in found.feeds:
            click.echo(f"feed      {feed}")
        for child in found.children:
            click.echo(f"sitemap   {child}")
        click.echo(f"entries   {len(found.entries)}")
        for entry in found.entries[:SHOWN_TITLES]:
            at = entry.entry.published or entry.entry.updated
            click.echo(
                f"          {f'{at:%Y-%m-%d}' if at else '?':<10}  {one_line(entry.entry.title) or entry.url}"
            )
    if seen.fault:
        click.echo(f"fault     {one_line(seen.fault)}")


def _manners(wiring: Wiring, seen: Look, source: Source) -> str:
    host, now, manners = host_of(seen.url), wiring.clock(), Manners(wiring.networks())
    address = seen.answer.address if seen.answer else ""
    manners.asked(host, now, delay=source.delay, crawl_delay=seen.crawl_delay, address=address)
    wait = (manners.free_at(host) - now).total_seconds()
    between = f"{duration(wait)} between two requests to its host" if wait else "no wait between requests"
    interval = f"every {duration(source.interval)}" if source.interval else "as often as it has news"
    return f"{between}; looked at {interval}"
