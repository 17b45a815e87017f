"""Decides the event types and the phase of an article by the learned weights.

Three questions, each with weights of its own: which types does the article report (one yes or no each), which is the
headline, and which phase is it in. What holds by definition comes after them: an article of background reports nothing
else, and one that has nothing of the domain reports nothing.
"""

from collections.abc import Mapping
from typing import cast

from services.parser.event_evidence import evidence
from services.parser.event_features import Clues, features
from services.parser.weights import Weights, probability, shares
from shared.contracts.article import EventTypeTag, Evidence, Phase

# What a meeting to come is hoped to bring is no event yet.
_MEETINGS = frozenset(("general_assembly", "council_meeting", "conference_forum"))
_HOPED_FOR = frozenset(
    (
        "inscription_nomination",
        "membership_change",
        "agreement_mou",
        "declaration_consensus",
        "funding_grant",
        "governance_change",
    )
)
# A named organ of the body an article is about meets, whatever it decides there.
_ORGAN_IN_TITLE = ("verdict.council_meeting", "title.council", "title.SUBJECT")
# A conference that the title names and the lead tells of is news too where the next host is.
_CLOSING = ("verdict.first.conference_forum", "title.conference", "lead.held")
# All its days lie long back: what was once is retold, and no new thing is told of.
_LONG_AGO = ("verdict.background", "date.old")
BACKGROUND = "background_profile"
NOTHING = "none"
# Where no type is likely enough, the likeliest if it comes so near.
_NEARLY = 0.65
# What only a promise or a deadline speaks for must be as likely as this.
_SURE = 0.5
# So likely it reports nothing of the domain: where it is about a body of ours, where its words alone are of the domain,
# and where they are not.
_FOREIGN_BODY, _FOREIGN_WORDS, _FOREIGN = 0.3, 0.25, 0.15


def label(clues: Clues, weights: Weights) -> tuple[tuple[EventTypeTag, ...], Phase]:
    """The event types, most important first, each with its evidence, and the phase."""
    made = features(clues)
    scores = weights.scores(made.values)
    chosen, when = decided(made.values, scores, weights, is_ours=clues.is_ours)
    tags = []
    for name in chosen:
        why, spans = evidence(f"type:{name}", clues, made, weights)
        sure = round(probability(scores[f"type:{name}"]), 2)
        if spans and not (sure < _SURE and all(_is_promise(clues, span) for span in spans)):
            tags.append(EventTypeTag(id=name, confidence=max(0.01, sure), rule=why, evidence=spans))
    return tuple(tags), when if tags else "background"


def _is_promise(clues: Clues, span: Evidence) -> bool:
    """Whether words stand in a sentence of promises or deadlines, outside the title."""
    passage = clues.reading.passage_at(span.field, span.start)
    return (
        passage is not None
        and passage.sentence.kind != "title"
        and (passage.has("pledge") or passage.has("deadline"))
    )


def decided(
    values: Mapping[str, float], scores: Mapping[str, float], weights: Weights, *, is_ours: bool
) -> tuple[tuple[str, ...], Phase]:
    """The types of an article, the headline first, and its phase, by its features and their scores."""
    ours = _FOREIGN_BODY if values.get("subject.any") else _FOREIGN_WORDS
    chosen = choose(scores, weights.thresholds, ours if is_ours else _FOREIGN)
    if not chosen:
        return (), "background"
    if "council_meeting" not in chosen and BACKGROUND not in chosen and all(map(values.get, _ORGAN_IN_TITLE)):
        chosen = (*chosen, "council_meeting")
    when = phase(chosen[0], scores, weights)
    if when in ("report", "followup") and all(map(values.get, _LONG_AGO)):
        when = "background"
    if "host_selection" in chosen and when == "report" and all(map(values.get, _CLOSING)):
        chosen = tuple(dict.fromkeys((*chosen, "conference_forum")))
    if when == "preview" and _MEETINGS & set(chosen):
        chosen = tuple(name for at, name in enumerate(chosen) if not at or name not in _HOPED_FOR)
    return chosen, when


def choose(scores: Mapping[str, float], thresholds: Mapping[str, float], foreign: float) -> tuple[str, ...]:
    """The types of an article by their scores, the headline first; none where it is so likely of no domain of ours."""
    likely = {name: probability(scores[f"type:{name}"]) / least for name, least in thresholds.items()}
    heads = shares(_of(scores, "first"))
    if heads[NOTHING] >= foreign:
        return ()
    chosen = {name for name, each in likely.items() if each >= 1}
    nearest = max(likely, key=lambda name: likely[name])
    if not chosen and likely[nearest] >= _NEARLY:
        chosen = {nearest}
    if BACKGROUND in chosen and len(chosen) > 1:
        events = chosen - {BACKGROUND}
        chosen = events if max(likely[name] for name in events) >= likely[BACKGROUND] else {BACKGROUND}
    return tuple(sorted(chosen, key=lambda name: (-heads[name], name)))


def phase(head: str, scores: Mapping[str, float], weights: Weights) -> Phase:
    """The phase of the headline event."""
    if head == BACKGROUND:
        return "background"
    (told,) = headline_feature(head)
    phases = {
        name: each + weights.weight(told, f"phase:{name}") for name, each in _of(scores, "phase").items()
    }
    return cast(Phase, max(phases, key=lambda name: phases[name]))


def headline_feature(head: str) -> dict[str, float]:
    """What tells the phase of which event is asked."""
    return {f"headline.{head}": 1.0}


def _of(scores: Mapping[str, float], question: str) -> dict[str, float]:
    """The scores of one question's columns, by what follows the colon."""
    return {name.partition(":")[2]: each for name, each in scores.items() if name.startswith(question + ":")}
