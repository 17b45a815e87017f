"""What may be shown of an article: one function for every border (pages, API, feeds, mail, command).

A source is `full`, or `excerpt`: searchable in full, shown as title, excerpt and link.
"""

from msgspec.structs import replace

from shared.contracts.article import Article, Evidence

EXCERPT = 300


def shown(article: Article) -> Article:
    """The article as it may leave the house. Evidence that lies beyond the excerpt goes with the text."""
    if article.rights == "full":
        return article
    length = excerpt_end(article.text)

    def visible(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(e for e in evidence if e.field == "title" or e.end <= length)

    return replace(
        article,
        text=article.text[:length],
        removed=(),
        alliances=tuple(replace(tag, evidence=visible(tag.evidence)) for tag in article.alliances),
        event_types=tuple(replace(tag, evidence=visible(tag.evidence)) for tag in article.event_types),
        places=tuple(replace(p, evidence=visible(p.evidence)) for p in article.places),
        organisations=tuple(replace(o, evidence=visible(o.evidence)) for o in article.organisations),
        dates=tuple(replace(d, evidence=visible(d.evidence)) for d in article.dates),
        outcomes=tuple(replace(o, evidence=visible(o.evidence)) for o in article.outcomes),
    )


def excerpt_end(text: str) -> int:
    """Where the excerpt ends: at most `EXCERPT` characters, at the end of a word where there is one."""
    if len(text) <= EXCERPT:
        return len(text)
    space = text.rfind(" ", EXCERPT // 2, EXCERPT)
    return space if space > 0 else EXCERPT
