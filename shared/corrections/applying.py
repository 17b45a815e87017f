"""An article as readers put it right: what they said goes over what the program found, field by field.

Pure functions of article, corrections and taxonomy, so that the events service, the pages and `reclassify` agree.
Applying the same corrections again changes nothing.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from shared.contracts.article import AllianceTag, Article, EventTypeTag, Phase, Role, Struct
from shared.contracts.messages import CorrectedField, Correction, EventFacts
from shared.corrections.evidence import alliance_evidence, type_evidence
from shared.taxonomy.taxonomy import Taxonomy

RULE = "correction"
PHASES: tuple[Phase, ...] = ("preview", "report", "followup", "background")
_MENTION = ":mention"


class Found(Struct, frozen=True, kw_only=True):
    """The labels of an article as the program found them, kept where readers say otherwise."""

    alliances: tuple[AllianceTag, ...]
    event_types: tuple[EventTypeTag, ...]
    phase: Phase


def found_in(article: Article) -> Found:
    """The labels an article has."""
    return Found(alliances=article.alliances, event_types=article.event_types, phase=article.phase)


def with_labels(article: Article, found: Found) -> Article:
    """The article with these labels."""
    return replace(article, alliances=found.alliances, event_types=found.event_types, phase=found.phase)


def corrected(article: Article, corrections: Iterable[Correction], taxonomy: Taxonomy) -> Article:
    """The article with the labels that readers say are right. What they left alone stays, evidence and all."""
    said = {correction.field: correction.right for correction in corrections}
    if "alliances" in said:
        article = replace(article, alliances=_alliances(article, said["alliances"], taxonomy))
    if "event_types" in said:
        types = _event_types(article, said["event_types"], taxonomy)
        article = replace(article, event_types=types, phase=article.phase if types else "background")
    if phase := next((p for p in PHASES if p in said.get("phase", ())), None):
        article = replace(article, phase=phase)
    return article


def corrected_facts(facts: EventFacts, article: Article, corrections: Iterable[Correction]) -> EventFacts:
    """What the grouping needs of the corrected article."""
    events = [correction.right for correction in corrections if correction.field == "event"]
    return replace(
        facts,
        alliances=tuple(tag.id for tag in article.alliances if tag.role == "subject"),
        event_types=tuple(tag.id for tag in article.event_types),
        phase=article.phase,
        same_as=(events[-1][1] if len(events[-1]) > 1 else facts.article_id) if events else None,
    )


def labels_of(article: Article, field: CorrectedField) -> tuple[str, ...]:
    """What an article has in a field, as corrections write it."""
    if field == "alliances":
        return tuple(written(tag.id, tag.role) for tag in article.alliances)
    if field == "event_types":
        return tuple(tag.id for tag in article.event_types)
    if field == "phase":
        return (article.phase,)
    return (article.event.id,) if article.event else ()


def written(alliance: str, role: Role) -> str:
    """An alliance in its role, as corrections write it."""
    return alliance if role == "subject" else f"{alliance}{_MENTION}"


def role_of(label: str) -> tuple[str, Role]:
    """An alliance and its role from what `written` gave."""
    return (label.removesuffix(_MENTION), "mention") if label.endswith(_MENTION) else (label, "subject")


def _alliances(article: Article, right: Iterable[str], taxonomy: Taxonomy) -> tuple[AllianceTag, ...]:
    known = {tag.id: tag for tag in article.alliances}
    tags = []
    for id, role in dict(map(role_of, right)).items():
        tag = known.get(id)
        if tag is None:
            body = taxonomy.alliances.get(id)
            evidence = alliance_evidence(article, body, taxonomy.folder) if body else ()
            tag = AllianceTag(
                id=id, name=body.name if body else id, role=role, confidence=1.0, rule=RULE, evidence=evidence
            )
        elif tag.role != role:
            tag = replace(tag, role=role, confidence=1.0, rule=RULE)
        tags.append(tag)
    return tuple(sorted(tags, key=lambda tag: tag.role != "subject"))


def _event_types(article: Article, right: Iterable[str], taxonomy: Taxonomy) -> tuple[EventTypeTag, ...]:
    known = {tag.id: tag for tag in article.event_types}
    return tuple(
        known.get(id)
        or EventTypeTag(
            id=id,
            confidence=1.0,
            rule=RULE,
            evidence=type_evidence(article, taxonomy.event_types.get(id), taxonomy.folder),
        )
        for id in dict.fromkeys(right)
    )
