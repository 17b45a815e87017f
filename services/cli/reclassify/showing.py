"""What would change, in words."""

from collections.abc import Iterator

from services.cli.reclassify.labels import LabelChange
from services.cli.reclassify.tally import Diff
from shared.taxonomy.taxonomy import Taxonomy

HEADINGS = {
    "alliance": "About an alliance",
    "mention": "An alliance named",
    "type": "What happened",
    "headline": "What happened, the main thing",
    "phase": "Seen as",
}
KINDS = {"new": "begin", "ended": "end", "merged": "go into another", "changed": "get or lose articles"}
LONGEST_TITLE = 90
MOST_EXAMPLES, MOST_SUBSCRIPTIONS = 20, 30


def lines(diff: Diff, taxonomy: Taxonomy) -> Iterator[str]:
    """The counts, then examples."""
    yield (
        f"{_many(diff.articles, 'article')} looked at: {diff.relabelled} would get or lose a label, "
        f"{diff.refined} only other words, facts or figures."
    )
    if diff.failed:
        yield f"{_many(diff.failed, 'article')} could not be classified and stay as they are:"
        yield from (f"  {fault}" for fault in diff.faults)
    for field, counts in diff.labels.items():
        yield ""
        yield f"  {HEADINGS[field]:<44}{'new':>8}{'gone':>8}"
        for label, each in counts.items():
            yield f"  {_name(field, label, taxonomy):<44}{each.added:>8}{each.removed:>8}"
    yield from _events(diff)
    yield from _alerts(diff)
    if diff.examples:
        yield ""
        yield "For example"
    for example in diff.examples[:MOST_EXAMPLES]:
        yield f"  {_cut(example.title)}"
        yield f"    {example.url}"
        yield from (f"    {_change(change)}" for change in example.changes)
    if len(diff.examples) > MOST_EXAMPLES:
        yield f"  … and {len(diff.examples) - MOST_EXAMPLES} more with --json"


def _events(diff: Diff) -> Iterator[str]:
    if not diff.events:
        return
    told = ", ".join(f"{number} {KINDS[kind]}" for kind, number in diff.events.items())
    yield ""
    yield f"Events: {told}; {_many(diff.moved, 'article')} would be in another event, in one at all, or in none."
    for change in diff.event_examples:
        into = f" into {change.into}" if change.into else ""
        yield (
            f"  {change.kind:<8} {change.event}{into}, {change.before} → {_many(change.after, 'article')}: "
            f"{_cut(change.title)}"
        )


def _alerts(diff: Diff) -> Iterator[str]:
    if not diff.alerts:
        return
    yield ""
    yield f"  {'Subscriptions':<44}{'newly':>8}{'no more':>8}   (articles that match)"
    for change in diff.alerts[:MOST_SUBSCRIPTIONS]:
        yield f"  {_cut(change.name, 42):<44}{change.gained:>8}{change.lost:>8}"
        yield from (f"      {_cut(title)}" for title in change.examples)
    if len(diff.alerts) > MOST_SUBSCRIPTIONS:
        yield f"  … and {len(diff.alerts) - MOST_SUBSCRIPTIONS} more with --json"


def _change(change: LabelChange) -> str:
    sign = "+" if change.change == "added" else "-"
    words = " | ".join(f"“{' '.join(text.split())}”" for text in change.evidence)
    rule = f" ({change.rule})" if change.rule else ""
    return f"{sign} {change.field}:{change.label}{rule}{f': {words}' if words else ''}"


def _name(field: str, label: str, taxonomy: Taxonomy) -> str:
    """The id, for it is what queries and files name."""
    known = taxonomy.alliances if field in ("alliance", "mention") else taxonomy.event_types
    return label if field == "phase" or label in known else f"{label} (no longer known)"


def _cut(text: str, longest: int = LONGEST_TITLE) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else f'{noun}s'}"
