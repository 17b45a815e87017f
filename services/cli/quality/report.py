"""How right the program is about a set of labelled articles: figures, classes, and every error by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized

from msgspec import Struct

from services.cli.quality.cleaning import left_in, lost_from, primary
from services.cli.quality.found import Found, rightly_labelled
from services.cli.quality.labelled import LabelledSet
from services.cli.quality.learned import Learned, learned_figures
from services.cli.quality.measures import (
    Counts,
    b_cubed,
    by_class,
    compared,
    grouped,
    macro_f1,
    most,
    pairs_of,
    share,
)
from services.cli.quality.told_facts import fact_figures
from services.events.cluster import cluster
from services.events.duplicates import duplicate_groups
from shared.contracts.article import AllianceTag, Evidence

LONGEST_EVIDENCE = 200
# A type that is labelled less often says too little about how well it is told.
LEAST_OF_A_TYPE = 3
UNTOLD = "none"


class Row(Struct, frozen=True):
    """A class of labels: how often it is right, and how well it was found."""

    articles: int
    precision: float
    recall: float
    f1: float


class Error(Struct, frozen=True):
    """A difference between a label and what was found."""

    article: str
    measure: str
    says: str


class Report(Struct, frozen=True, kw_only=True):
    """The figures of one set. `measures` are shares, the more the better, but for `false alarms`, a number.

    `learned`: what the learned weights reach on what they were learned from and on what they were not.
    """

    name: str
    digest: str
    articles: int
    measures: Mapping[str, float]
    alliances: Mapping[str, Row]
    event_types: Mapping[str, Row]
    phases: Mapping[str, Row]
    languages: Mapping[str, Mapping[str, float]]
    learned: Mapping[str, Learned]
    errors: Sequence[Error]


def report(labelled: LabelledSet, found: Sequence[Found]) -> Report:
    """Count everything."""
    subjects, mentions = _each(found, _subjects), _each(found, _mentions)
    types, phases = _classes(found, _types), _phases(found)
    told = [one for one in found if one.labelled.event_types]
    languages = [_told(one) == primary(one.labelled.language) for one in found]
    alarms = [one for one in found if _alarms(one)]
    parts = cluster(one.parsed.facts for one in found if one.parsed)
    left, lost = _misses(found)
    measures = {
        **_both("subject", subjects),
        **_both("mention", mentions),
        "type micro F1": sum(types.values(), Counts()).f1,
        "type macro F1": macro_f1(most(types, LEAST_OF_A_TYPE).values()),
        "headline": share(sum(_headline_right(one) for one in told), len(told)),
        "phase macro F1": macro_f1(phases.values()),
        "language": share(sum(languages), len(languages)),
        "false alarms": len(alarms),
        **_events(found, parts),
        **_near_duplicates(found),
        **_cleaning(found, left, lost),
        **_evidence(found),
        **fact_figures(found),
    }
    return Report(
        name=labelled.name,
        digest=labelled.digest,
        articles=len(found),
        measures={name: round(value, 4) for name, value in measures.items()},
        alliances=_rows(_classes(found, _subjects)),
        event_types=_rows(types),
        phases=_rows(phases),
        languages=_languages(found),
        learned=learned_figures(),
        errors=(*_errors(found), *left, *lost, *_event_errors(found, parts)),
    )


Sets = tuple[set[str], set[str], set[str]]
"""What was found, what is right, and what may be either."""


def _tags(one: Found) -> tuple[AllianceTag, ...]:
    return one.parsed.article.alliances if one.parsed else ()


def _subjects(one: Found) -> Sets:
    labels = one.labelled
    got = {tag.id for tag in _tags(one) if tag.role == "subject"}
    return got, set(labels.alliances), set(labels.accept.alliances) - labels.alliances


def _mentions(one: Found) -> Sets:
    labels = one.labelled
    got = {tag.id for tag in _tags(one) if tag.role == "mention"}
    free = labels.alliances | labels.accept.alliances | labels.accept.mentions
    # One that is named, but is taken for a subject, is an error there and not here.
    return got, set(labels.mentions) - free, set(free | labels.not_alliances)


def _types(one: Found) -> Sets:
    labels = one.labelled
    got = {tag.id for tag in one.parsed.article.event_types} if one.parsed else set()
    return got, set(labels.event_types), set(labels.accept.event_types) - set(labels.event_types)


def _each(found: Iterable[Found], sets: Callable[[Found], Sets]) -> Counts:
    return sum((compared(*sets(one)) for one in found), Counts())


def _classes(found: Sequence[Found], sets: Callable[[Found], Sets]) -> dict[str, Counts]:
    """Counts for each label that is right or was found somewhere."""
    every = [sets(one) for one in found]
    names = sorted({name for got, right, _ in every for name in got | right})
    counts = {
        name: sum((compared(g & {name}, r & {name}, a) for g, r, a in every), Counts()) for name in names
    }
    return {name: each for name, each in counts.items() if each != Counts()}


def _both(name: str, counts: Counts) -> dict[str, float]:
    return {f"{name} precision": counts.precision, f"{name} recall": counts.recall}


def _headline_right(one: Found) -> bool:
    right = {one.labelled.event_types[0], *one.labelled.accept.headline}
    got = one.parsed.article.event_types if one.parsed else ()
    return bool(got) and got[0].id in right


def _phases(found: Iterable[Found]) -> dict[str, Counts]:
    pairs = []
    for one in found:
        if right := one.labelled.phase:
            got = one.parsed.article.phase if one.parsed else UNTOLD
            pairs.append((right, right if got in one.labelled.accept.phase else got))
    return by_class(pairs)


def _told(one: Found) -> str:
    return primary(one.parsed.article.language) if one.parsed else UNTOLD


def _alarms(one: Found) -> set[str]:
    """Bodies that only look like one, and whatever is found in an article that is foreign to the domain."""
    subjects, _, accepted = _subjects(one)
    alarms = subjects & one.labelled.not_alliances
    if one.labelled.hard_negative:
        types, _, free = _types(one)
        alarms |= (subjects - accepted) | (types - free)
    return alarms


def _events(found: Sequence[Found], parts: Iterable[frozenset[str]]) -> dict[str, float]:
    truth = {one.labelled.id: event for one in found if (event := one.labelled.event_instance)}
    if not truth:
        return {}
    precision, recall, f1 = b_cubed(parts, truth)
    # What is lost here is lost by the grouping, not by the labels it goes by.
    _, _, by_labels = b_cubed(cluster(rightly_labelled(one) for one in found if one.parsed), truth)
    return {
        "event precision": precision,
        "event recall": recall,
        "event F1": f1,
        "event F1, right labels": by_labels,
    }


def _near_duplicates(found: Sequence[Found]) -> dict[str, float]:
    right = pairs_of(grouped({one.labelled.id: one.labelled.near_dup_group for one in found}))
    groups = duplicate_groups(one.parsed.facts for one in found if one.parsed)
    return _both("near-duplicate", compared(pairs_of(groups), right))


def _misses(found: Iterable[Found]) -> tuple[list[Error], list[Error]]:
    """The furniture that is left, and what is lost of the articles."""
    left: list[Error] = []
    lost: list[Error] = []
    for one in found:
        labels, article = one.labelled, one.parsed.article if one.parsed else None
        title, text = (article.title, article.text) if article else ("", "")
        left += [Error(labels.id, "left", what) for what in left_in(text, labels.boilerplate_snippets)]
        lost += [Error(labels.id, "lost", what) for what in lost_from(title, text, labels.must_keep)]
    return left, lost


def _cleaning(found: Sequence[Found], left: Sized, lost: Sized) -> dict[str, float]:
    furniture = sum(len(one.labelled.boilerplate_snippets) for one in found)
    keep = sum(len(one.labelled.must_keep) for one in found)
    figures = {"boilerplate gone": (len(left), furniture), "must-keep kept": (len(lost), keep)}
    return {name: 1 - share(wrong, whole) for name, (wrong, whole) in figures.items() if whole}


def _proofs(one: Found) -> list[tuple[str, tuple[Evidence, ...]]]:
    bodies = [(tag.id, tag.evidence) for tag in one.raw.alliances]
    return bodies + [(tag.id, tag.evidence) for tag in one.raw.event_types]


def _evidence(found: Sequence[Found]) -> dict[str, float]:
    """The share of labels with exact words that prove them, and of marked labels whose words meet a mark."""
    proofs = [(one, *proof) for one in found for proof in _proofs(one)]
    exact = [bool(spans) and all(_is_exact(one, span) for span in spans) for one, _, spans in proofs]
    met = []
    for one, label, spans in proofs:
        marks = [mark for mark in one.labelled.evidence if mark.label == label]
        if marks:
            meets = any(
                m.field == s.field and m.start < s.end and s.start < m.end for m in marks for s in spans
            )
            met.append(meets)
    figures = {"evidence exact": share(sum(exact), len(exact))}
    return figures | ({"evidence on the mark": share(sum(met), len(met))} if met else {})


def _is_exact(one: Found, span: Evidence) -> bool:
    field = (one.labelled.title or "") if span.field == "title" else one.labelled.text
    return field[span.start : span.end] == span.text and 0 < len(span.text) <= LONGEST_EVIDENCE


def _rows(counts: Mapping[str, Counts]) -> dict[str, Row]:
    return {
        name: Row(each.hits + each.missed, *(round(x, 4) for x in (each.precision, each.recall, each.f1)))
        for name, each in sorted(counts.items())
    }


def _languages(found: Sequence[Found]) -> dict[str, dict[str, float]]:
    by_language: dict[str, list[Found]] = {}
    for one in found:
        by_language.setdefault(primary(one.labelled.language), []).append(one)
    return {
        language: {
            "articles": len(some),
            "subject F1": round(_each(some, _subjects).f1, 4),
            "type F1": round(_each(some, _types).f1, 4),
        }
        for language, some in sorted(by_language.items())
    }


def _errors(found: Sequence[Found]) -> Iterable[Error]:
    for one in found:
        id = one.labelled.id
        if one.parsed is None:
            yield Error(id, "article", one.reason)
        for name, sets in (("subject", _subjects), ("mention", _mentions), ("type", _types)):
            got, right, accepted = sets(one)
            wrong = [f"+{x}" for x in sorted(got - right - accepted)] + [f"-{x}" for x in sorted(right - got)]
            if wrong:
                yield Error(id, name, " ".join(wrong))
        if one.labelled.event_types and not _headline_right(one):
            first = one.parsed.article.event_types[:1] if one.parsed else ()
            yield Error(
                id, "headline", f"{one.labelled.event_types[0]}, found {first[0].id if first else UNTOLD}"
            )
        phase = one.parsed.article.phase if one.parsed else UNTOLD
        if one.labelled.phase and phase not in {one.labelled.phase, *one.labelled.accept.phase}:
            yield Error(id, "phase", f"{one.labelled.phase}, found {phase}")
        if alarms := _alarms(one):
            yield Error(id, "false alarm", " ".join(sorted(alarms)))


def _event_errors(found: Sequence[Found], events: Iterable[frozenset[str]]) -> Iterable[Error]:
    truth = {one.labelled.id: one.labelled.event_instance for one in found}
    parts = sorted(sorted(part) for part in events)
    for part in parts:
        told = {truth[id] for id in part}
        if len(told) > 1:
            yield Error(part[0], "event", "one of " + ", ".join(f"{id} ({truth[id]})" for id in part))
    placed = {id: n for n, part in enumerate(parts) for id in part}
    for group in grouped(truth):
        if len({placed.get(id, id) for id in group}) > 1:
            split = ", ".join(f"{id}:{placed.get(id, '-')}" for id in sorted(group))
            yield Error(min(group), "event", f"{truth[min(group)]} is split: {split}")
