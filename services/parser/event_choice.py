"""What the rules alone would say of an article: which event types stand, and which is the headline.

The learned weights take it as one of their features; they decide (see `event_labels`).

The boundaries between types and the order of importance are those of the taxonomy's rules: a meeting and what came
of it stand together, a statement comes before what it is about, hopes of a preview are no events.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.parser.event_types import Found, apart
from shared.contracts.article import Phase
from shared.taxonomy.schema import EventType

_ENOUGH, _LEAST = 0.6, 0.57
_AGAIN, _MOST_AGAIN = 0.08, 0.24
_TO_COME = 0.35
_MEETINGS = frozenset(("general_assembly", "council_meeting"))
# Whatever the wording, these come before the meeting, the theft or the damage they go with.
_FIRST = ("statement_message", "watchlist_publication", "inscription_nomination", "protection_designation")
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
_GATHERINGS = _MEETINGS | {"conference_forum"}
_FIRST_WORDS = 30

Groups = Mapping[str, Sequence[Found]]


def verdicts(found: Sequence[Found], phase: Phase, types: Mapping[str, EventType]) -> tuple[str, ...]:
    """The types that stand by the rules alone, most important first."""
    groups: defaultdict[str, list[Found]] = defaultdict(list)
    for each in found:
        groups[each.type.id].append(each)
    scores = {name: _score(group, phase) for name, group in groups.items()}
    standing = {name: score for name, score in scores.items() if score >= _ENOUGH} or _best_of(scores)
    _drop_excluded(standing, groups, phase)
    if "watchlist_publication" in standing and "damage_threat" not in standing:
        # Places are listed because they are in danger.
        groups["damage_threat"] = [
            replace(each, type=types["damage_threat"]) for each in groups["watchlist_publication"]
        ]
        standing["damage_threat"] = _ENOUGH
    leads = [each.passage.number for each in found if each.passage.sentence.kind == "lead"]
    order = sorted(standing, key=lambda name: _rank(name, standing, groups, max(leads, default=0)))
    return tuple(order)


def _best_of(scores: Mapping[str, float]) -> dict[str, float]:
    """Where nothing is sure, what comes nearest: an article that tells of something is rarely background."""
    name = max(scores, key=lambda each: scores[each], default="")
    return {name: scores[name]} if name and scores[name] >= _LEAST else {}


def _score(group: Sequence[Found], phase: Phase) -> float:
    """The best sentence counts, further ones add a little. Outcomes still to come do not count in a report."""
    best = max(each.score * (_TO_COME if _is_only_hoped(each, phase) else 1.0) for each in group)
    sentences = {each.passage.number for each in group}
    return min(0.99, best + min(_MOST_AGAIN, _AGAIN * (len(sentences) - 1)))


def _is_only_hoped(found: Found, phase: Phase) -> bool:
    return (
        phase != "preview"
        and not found.rule.promised
        and found.type.family != "meeting"
        and not found.in_title
        and found.is_to_come
    )


def _drop_excluded(standing: dict[str, float], groups: Groups, phase: Phase) -> None:
    """What one type excludes of another."""
    titled = {name for name, group in groups.items() if any(each.in_title for each in group)}
    if phase == "preview":
        for name in _HOPED_FOR - titled:
            standing.pop(name, None)
    if standing.keys() & _MEETINGS and not _is_meeting_of_its_own(groups, titled):
        standing.pop("conference_forum", None)
    others = standing.keys() - {"background_profile"}
    if "background_profile" in standing and others & titled:
        del standing["background_profile"]
    elif "background_profile" in standing:
        for name in others:
            del standing[name]


def _is_meeting_of_its_own(groups: Groups, titled: set[str]) -> bool:
    """Whether the title names a conference by words that are not the statutory meeting's."""
    if "conference_forum" not in titled:
        return False
    others = [each for name in _MEETINGS for each in groups.get(name, ()) if each.in_title]
    conferences = [each for each in groups["conference_forum"] if each.in_title]
    return all(
        all(
            apart(one, other) >= 0
            for one in conference.spans
            for meeting in others
            for other in meeting.spans
        )
        for conference in conferences
    )


def _rank(name: str, standing: Mapping[str, float], groups: Groups, last_lead: int) -> tuple[float, ...]:
    """What the title says first, then what the lead says; there statements before meetings before outcomes."""
    group = groups[name]
    titled = [each for each in group if each.in_title and each.score >= _ENOUGH]
    leading = _FIRST.index(name) if name in _FIRST else len(_FIRST)
    if titled:
        start = min(each.start for each in titled)
        return (
            0,
            leading,
            not _leads_title(name, start, groups),
            name not in _MEETINGS,
            start,
            -standing[name],
        )
    first = min(group, key=lambda each: (each.passage.number, each.start))
    if first.passage.number <= last_lead and first.passage.sentence.kind != "caption":
        tier = -1 if _comes_before_meeting(name, groups) else 1
        return tier, leading, 0, name not in _MEETINGS, first.passage.number, first.start
    return 2, 0, 0, name not in _MEETINGS, first.passage.number, first.start


def _leads_title(name: str, start: int, groups: Groups) -> bool:
    """A text's own title ("Yerevan Declaration of the 8th meeting") names the text, not the meeting."""
    return name == "declaration_consensus" and start <= _FIRST_WORDS


def _comes_before_meeting(name: str, groups: Groups) -> bool:
    """Whether the title names a meeting alone, and this is the news of it whatever the title's wording.

    A host is the news where the title's meeting is still to come; statements and inscriptions always are.
    """
    titled = [each for group in groups.values() for each in group if each.in_title]
    if not titled or any(each.type.id not in _GATHERINGS for each in titled):
        return False
    return name in _FIRST or (name == "host_selection" and any(each.is_to_come for each in titled))
