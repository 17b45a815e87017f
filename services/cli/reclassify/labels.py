"""One article under other rules: the article it would be, and how its labels differ."""

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec.structs import replace

from services.cli.reclassify.work import ToClassify
from services.events.documents import ArticleDocument
from services.events.said import as_found
from services.parser.classify import Classification
from services.parser.parse import PARSE_VERSION, labelled
from shared.contracts.article import Article, Evidence, Struct
from shared.contracts.messages import ParsedArticle

Field = Literal["alliance", "mention", "type", "headline", "phase"]
Way = Literal["added", "removed"]


class LabelChange(Struct, frozen=True, kw_only=True):
    """A label that an article gets or loses, with the words that prove it (of a lost one, that did)."""

    field: Field
    label: str
    change: Way
    rule: str = ""
    evidence: tuple[str, ...] = ()


def question(document: ArticleDocument) -> ToClassify:
    """What classification is asked of a stored article."""
    article = document.article
    published = article.published_at.date().isoformat() if article.published_at else None
    return ToClassify(title=article.title, text=article.text, language=article.language, published=published)


def relabelled(document: ArticleDocument, labels: Classification) -> ParsedArticle:
    """The article as the parser would give it with these labels; what readers put right is not in it."""
    now = labelled(as_found(document), labels)
    version = max(now.article.parse_version, PARSE_VERSION)
    return replace(now, article=replace(now.article, parse_version=version))


def differs(document: ArticleDocument, now: ParsedArticle) -> bool:
    """Whether anything but the version is another."""
    base = as_found(document)
    article = replace(now.article, parse_version=base.article.parse_version)
    return (article, now.facts) != (base.article, base.facts)


def label_changes(before: Article, after: Article) -> Iterator[LabelChange]:
    """The labels that differ; a role that changes is one lost and one got."""
    old, new = dict(_labels(before)), dict(_labels(after))
    for key in old.keys() - new.keys() | new.keys() - old.keys():
        way: Way = "added" if key in new else "removed"
        rule, evidence = (new if key in new else old)[key]
        yield LabelChange(
            field=key[0],
            label=key[1],
            change=way,
            rule=rule,
            evidence=tuple(dict.fromkeys(e.text for e in evidence[:3])),
        )


Told = Mapping[tuple[Field, str], tuple[str, tuple[Evidence, ...]]]


def _labels(article: Article) -> Iterator[tuple[tuple[Field, str], tuple[str, tuple[Evidence, ...]]]]:
    for tag in article.alliances:
        yield (("alliance" if tag.role == "subject" else "mention"), tag.id), (tag.rule, tag.evidence)
    for kind in article.event_types:
        yield ("type", kind.id), (kind.rule, kind.evidence)
    for kind in article.event_types[:1]:
        yield ("headline", kind.id), (kind.rule, kind.evidence)
    yield ("phase", article.phase), ("", ())
