"""Whether an article is about a body or only names it: a learned, linear decision over what stands to be seen.

The features are few and mean something to a reader: named in the title, in the lead, how often, what stands beside
the name. Their weights are learned from labelled articles (`python -m tests.quality.learn_roles`) and kept in
shared/taxonomy/role_weights.yaml. Those that spoke loudest are told in the tag's rule.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p

from services.parser.namings import Naming
from services.parser.reading import Reading
from shared.taxonomy.schema import Alliance, Weights

Features = Mapping[str, float]
_LEADING = ("title", "lead")
# Cues of acting right beside the name, or of money wherever it is.
_ACTING = frozenset(
    ("does beside", "pays beside", "pays near", "paid_by beside", "paid_by near", "by beside", "done_by beside",
     "actor beside", "organ_of beside", "undergoes beside")
)  # fmt: skip
_LATE = ("late", "only body, late", "alliance, late", "not in title or lead")
_EARLY, _MOST_TOLD = 0.2, 3
_STEM, _MOST_CALLED = 5, 5
# How much a naming counts by where it stands, to compare bodies by.
_MEANT = 5.0
_PLACE = {"title": 3.0, "lead": 1.5, "body": 0.7, "caption": 0.3}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the article as a whole says: its words of heritage by length, and how loud each body is in it."""

    domain: float
    length: int
    loudness: Mapping[str, float]
    passing: frozenset[str]
    described: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the article is about a body, how sure that is (0 to 1), and what spoke for it or against it."""

    is_subject: bool
    chance: float
    spoke: tuple[str, ...]


def scene(
    reading: Reading,
    namings: Mapping[str, Sequence[Naming]],
    described: Collection[str],
    domain: float,
    bodies: Mapping[str, Alliance],
) -> Scene:
    """Look at the whole article. `described`: bodies told by a combination of words; `domain`: its words of heritage."""
    length = len(reading.text)
    passing = frozenset(
        body for body in namings if bodies[body].often_in_passing or bodies[body].mention_only
    )
    # Who is never a subject takes nothing from those who are.
    loudness = {body: _loudness(found) for body, found in namings.items() if not bodies[body].mention_only}
    if not any(bodies[body].kind == "alliance" for body in namings):
        loudness |= dict.fromkeys(described, _MEANT)
    return Scene(1000 * domain / max(400, length), length, loudness, passing, frozenset(described))


def features(
    alliance: Alliance, namings: Sequence[Naming], whole: Scene, reading: Reading
) -> dict[str, float]:
    """What can be seen of a body in an article; 0 is left out."""
    found = _where(namings, reading) | _beside(namings) | _among(alliance, namings, whole)
    found |= _called(namings, reading)
    if alliance.id in whole.described:  # it is told of from the start
        found |= dict.fromkeys(_LATE, 0.0)
    if alliance.often_in_passing:
        found |= {f"{name}, often in passing": value for name, value in found.items()}
        found["often in passing"] = 1.0
    return {name: value for name, value in found.items() if value}


def verdict(found: Features, weights: Weights) -> Verdict:
    """The decision, by the learned weights."""
    parts = {name: value * weights.weights.get(name, 0.0) for name, value in found.items()}
    total = weights.bias + sum(parts.values())
    chance = 1 / (1 + exp(-max(-30.0, min(30.0, total))))
    is_subject = chance >= weights.cut
    sign = 1 if is_subject else -1
    loudest = sorted(parts, key=lambda name: (-sign * parts[name], name))[:_MOST_TOLD]
    return Verdict(is_subject, chance, tuple(name for name in loudest if sign * parts[name] > 0))


def _loudness(namings: Iterable[Naming]) -> float:
    return sum(_PLACE[each.passage.sentence.kind] * (0.2 if each.weak else 1.0) for each in namings)


def _lateness(namings: Sequence[Naming], length: int) -> float:
    """How far into the text the first naming stands, 0 to 1; 0 where title or lead name it."""
    if any(each.passage.sentence.kind in _LEADING for each in namings):
        return 0.0
    return min((each.hit.start for each in namings), default=0) / max(1, length)


def _where(namings: Sequence[Naming], reading: Reading) -> dict[str, float]:
    kinds = Counter(each.passage.sentence.kind for each in namings)
    strong = [each for each in namings if not each.weak]
    sentences = len({each.passage.number for each in namings})
    in_text = [each.hit.start for each in namings if each.hit.field == "text"]
    first = min(in_text, default=0) / max(1, len(reading.text))
    return {
        "in the title": float(kinds["title"] > 0),
        "in the lead": float(kinds["lead"] > 0),
        "first words of the title": float(
            any(e.opens and e.passage.sentence.kind == "title" for e in namings)
        ),
        "first words of a sentence": float(any(e.opens for e in strong)),
        "in a caption alone": float(kinds["caption"] == len(namings)),
        "late": _lateness(namings, len(reading.text)),
        "not in title or lead": float(not (kinds["title"] or kinds["lead"])),
        "early": float(bool(in_text) and first < _EARLY),
        "how often": log1p(len(namings)),
        "how often, in its own right": log1p(len(strong)),
        "share of sentences": min(0.5, sentences / max(4, len(reading.passages))),
    }


def _called(namings: Sequence[Naming], reading: Reading) -> dict[str, float]:
    """Whether what it is called ("the fund") stands elsewhere: in how many sentences, and in the title."""
    names = " ".join({each.passage.slice(each.hit.start, each.hit.end).casefold() for each in namings})
    own = {each.passage.number for each in namings}
    times, in_title = 0, False
    for passage in reading.telling:
        words = (passage.slice(*span).casefold() for span in passage.concepts.get("called", ()))
        if any(word[:_STEM] in names for word in words):
            in_title |= passage.sentence.kind == "title"
            times += passage.number not in own
    return {"called again": log1p(min(times, _MOST_CALLED)), "called in the title": float(in_title)}


def _beside(namings: Sequence[Naming]) -> dict[str, float]:
    cues = Counter(cue for each in namings for cue in each.cues)
    found = dict.fromkeys(cues, 1.0)
    found |= dict.fromkeys((f"beside {name}" for e in namings if not e.weak for name in e.undergoes), 1.0)
    found |= {f"{cue}, always": 1.0 for cue, times in cues.items() if times == len(namings)}
    heads = [each for each in namings if each.opens and each.cues & _ACTING]
    strong = [each for each in namings if not each.weak]
    acting = [each for each in strong if each.cues & _ACTING]
    return found | {
        "acts at the head of a sentence": float(bool(heads)),
        "acts at the head of a sentence, not of old": float(any(not each.old_beside for each in heads)),
        "acts in its own right": float(bool(acting)),
        "acts in its own right, not of old": float(any(not each.old_beside for each in acting)),
        "old date beside": float(any(each.old_beside for each in namings)),
        "old date beside, always": float(all(each.old_beside for each in namings)),
        "signs": float(any(each.signs and each.hit.field == "text" for each in namings)),
        "acts": float(any(each.acts and not each.weak for each in namings)),
        "undergoes": float(any(each.undergoes for each in strong)),
        "acts or undergoes up front": float(
            any(
                (e.acts or e.undergoes) and not e.weak and e.passage.sentence.kind in _LEADING
                for e in namings
            )
        ),
        "only a label": float(all(each.is_label for each in namings)),
        "only weak": float(all(each.weak for each in namings)),
        "voice": float(any(each.is_voice for each in namings)),
        "part of another's name": float(any(each.is_organs for each in namings)),
        "of long ago": float(any(each.is_old for each in namings)),
        "abbreviation introduced": float(any(each.introduces for each in namings)),
        "in a row of bodies": float(all(each.row > 1 for each in namings)),
        "in a long row of bodies": float(any(each.row > 2 for each in namings)),
    }


def _among(alliance: Alliance, namings: Sequence[Naming], whole: Scene) -> dict[str, float]:
    mine = whole.loudness.get(alliance.id, 0.0)
    others = [loud for body, loud in whole.loudness.items() if body != alliance.id]
    top = max(others, default=0.0)
    kinds = {each.hit.kind for each in namings}
    return {
        "only body": float(not others),
        "loudest body": float(bool(others) and mine > top),
        "loudness beside others": mine / (mine + top) if mine + top else 0.0,
        "bodies besides": log1p(len(others)),
        "described too": float(alliance.id in whole.described),
        "alliance, alone but for passers-by": float(
            alliance.kind == "alliance"
            and all(b in whole.passing for b in whole.loudness if b != alliance.id)
        ),
        "administration besides": float(bool(whole.passing - whole.loudness.keys())),
        "alliance": float(alliance.kind == "alliance"),
        "alliance that undergoes": float(
            alliance.kind == "alliance" and any(each.undergoes and not each.weak for each in namings)
        ),
        "alliance, late": _lateness(namings, whole.length) * (alliance.kind == "alliance"),
        "full name": float("name" in kinds),
        "organ named": float("committee" in kinds),
        "acronym alone": float(kinds <= {"acronym", "short"}),
        "programme alone": float(kinds == {"programme"}),
        "little of heritage": float(whole.domain < 2.0),
        "nothing of heritage": float(whole.domain < 0.1),
        "only body, late": float(not others) * _lateness(namings, whole.length),
        "alone but for passers-by": float(
            all(body in whole.passing for body in whole.loudness if body != alliance.id)
        ),
        "words of heritage": min(1.5, whole.domain / 10),
    }
