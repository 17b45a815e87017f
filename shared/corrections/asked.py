"""What a reader asks to be put right, checked: which fields of an article change, and to what."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.contracts.article import Article, Phase, Role
from shared.contracts.events import current_event
from shared.contracts.messages import CorrectedField
from shared.corrections.applying import PHASES, labels_of, written
from shared.store.port import Store
from shared.taxonomy.taxonomy import Taxonomy

OWN = "own"
LONGEST_NOTE = 1000
MOST_LABELS = 50
# Everything but line feed and tab that cannot be seen, and halves of characters.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class BadCorrection(ValueError):
    """A correction that cannot be; `field` names what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to hold; None leaves a field as it is. `event` is the id of an event, or `own`."""

    alliances: Sequence[tuple[str, Role]] | None = None
    event_types: Sequence[str] | None = None
    phase: Phase | str | None = None
    event: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field, what the article has in it, and what is right."""

    field: CorrectedField
    was: tuple[str, ...]
    right: tuple[str, ...]


def changes(article: Article, asked: Asked, taxonomy: Taxonomy, store: Store) -> list[Change]:
    """The fields that are to change. Raises BadCorrection for what cannot be, and where nothing would change."""
    note(asked.note)
    found = [change for change in _wanted(article, asked, taxonomy, store) if change.right != change.was]
    if not found:
        raise BadCorrection("", "nothing differs from the labels there are: change at least one of them")
    return found


def note(text: str) -> str:
    """The note as it is kept. Raises BadCorrection."""
    if len(text) > LONGEST_NOTE:
        raise BadCorrection("note", f"at most {LONGEST_NOTE} characters, this one has {len(text)}")
    if _CONTROL.search(text.replace("\r\n", "\n")):
        raise BadCorrection("note", "holds a control character")
    return text.replace("\r\n", "\n").strip()


def _wanted(article: Article, asked: Asked, taxonomy: Taxonomy, store: Store) -> Iterator[Change]:
    if asked.alliances is not None:
        yield _change(article, "alliances", _alliances(article, asked.alliances, taxonomy))
    if asked.event_types is not None:
        yield _change(article, "event_types", _event_types(article, asked.event_types, taxonomy))
    if asked.phase is not None:
        if asked.phase not in PHASES:
            raise BadCorrection("phase", f"{asked.phase!r} is none; expected {', '.join(PHASES)}")
        yield _change(article, "phase", (asked.phase,))
    if asked.event is not None:
        right = _event(article, asked.event, store)
        stays = bool(right and article.event and article.event.id == right[0])
        was = labels_of(article, "event")
        # What is right already is no change; an event of its own may be what it has, and is to stay so.
        yield Change("event", right if stays else was, right)


def _change(article: Article, field: CorrectedField, right: tuple[str, ...]) -> Change:
    return Change(field, labels_of(article, field), right)


def _alliances(article: Article, wanted: Sequence[tuple[str, Role]], taxonomy: Taxonomy) -> tuple[str, ...]:
    known = {tag.id for tag in article.alliances}
    right: dict[str, Role] = {}
    for name, role in wanted:
        id = name if name in known else taxonomy.resolve("alliance", name)
        if id is None:
            raise BadCorrection(
                "alliances", f"{name[:100]!r} is no alliance that is known here; see /alliances"
            )
        if right.setdefault(id, role) != role:
            raise BadCorrection("alliances", f"{id} is asked for as subject and as mention: choose one")
    _few("alliances", len(right))
    # In the order they have, so that what stays is no change.
    order = {tag.id: number for number, tag in enumerate(article.alliances)}
    ids = sorted(right, key=lambda id: (right[id] != "subject", order.get(id, len(order))))
    return tuple(written(id, right[id]) for id in ids)


def _event_types(article: Article, wanted: Sequence[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    known = {tag.id for tag in article.event_types}
    right = []
    for name in wanted:
        id = name if name in known else taxonomy.resolve("type", name)
        if id is None:
            raise BadCorrection("event_types", f"{name[:100]!r} is no event type that is known here")
        right.append(id)
    _few("event_types", len(right))
    return tuple(dict.fromkeys(right))


def _few(field: str, number: int) -> None:
    if number > MOST_LABELS:
        raise BadCorrection(field, f"at most {MOST_LABELS}, these are {number}")


def _event(article: Article, wanted: str, store: Store) -> tuple[str, ...]:
    """The event and an article that is in it, its founder where that is another one; nothing for one of its own."""
    if wanted == OWN:
        return ()
    event = current_event(store, wanted)
    others = [id for id in event.articles if id != article.id] if event else []
    if event is None or not (others or article.id in event.articles):
        raise BadCorrection("event", f"{wanted[:100]!r} is no event that is known here; see /events")
    if not others:
        return (event.id, article.id)
    return (event.id, event.founder if event.founder in others else others[0])
