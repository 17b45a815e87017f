"""The archive under other rules: what is counted, which events would change, and that it is what grouping anew gives."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.cli.reclassify.alerts import Changed, Matching
from services.cli.reclassify.folder import whole_taxonomy
from services.cli.reclassify.grouping import NEW, EventChange, event_changes
from services.cli.reclassify.labels import LabelChange, differs, label_changes, relabelled
from services.cli.reclassify.ledger import Ledger, Row
from services.cli.reclassify.sending import (
    COLLECTION,
    ID,
    SENT_AT_ONCE,
    Run,
    Stuck,
    Waiting,
    begun,
    finished,
    send,
    wait_for,
)
from services.cli.reclassify.showing import lines
from services.cli.reclassify.tally import EXAMPLES, Tally
from services.events.cluster import cluster
from services.events.documents import ArticleDocument
from services.parser.classify import Classification
from shared.bus.port import Bus
from shared.contracts.article import AllianceTag, Article, EventTypeTag, Evidence, Person
from shared.contracts.messages import Channel, EventFacts, ParsedArticle
from shared.contracts.wire import decode
from shared.corrections.applying import Found
from shared.store.port import Store, Write
from shared.subscriptions import Subscriptions
from shared.taxonomy.taxonomy import FOLDER, TaxonomyError, load_taxonomy
from tests.contract.index_articles import BEGIN
from tests.contract.index_articles import article as indexed
from tests.shipped import shipped_taxonomy
from tests.unit.events_samples import POOL, of, span

IDS = [f"a{n}" for n in range(9)]


def row(facts: EventFacts, event: str = "", *, regroups: bool = False) -> Row:
    id = facts.article_id
    return Row(id, event, f"2025-01-0{int(id[1:]) + 1}", "v", f"Title {id}", regroups, facts, None)


def compared(
    old: Iterable[EventFacts], new: Sequence[EventFacts]
) -> tuple[list[EventChange], dict[str, str]]:
    """The changes of events, and the event each article would be in, for a store that is grouped as it should be."""
    before = {f.article_id: f for f in old}
    event = {id: f"ev-{min(part)}" for part in cluster(before.values()) for id in part}
    with TemporaryDirectory() as place, closing(Ledger(Path(place) / "l.db")) as ledger:
        ledger.add(row(f, event.get(f.article_id, ""), regroups=f != before[f.article_id]) for f in new)
        ledger.indexed()
        counted: list[int] = []
        changes = list(event_changes(ledger, counted.append))
        assert sum(counted) == ledger.count_regrouping()
        moved = {each.id: each.moved for each in ledger.changed()}
        return changes, {
            f.article_id: moved.get(f.article_id) or ""
            if f.article_id in moved
            else event.get(f.article_id, "")
            for f in new
        }


drawn = st.lists(st.sampled_from(POOL), min_size=len(IDS), max_size=len(IDS))


@given(drawn, st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(POOL)), max_size=3))
@settings(max_examples=200, deadline=None)
def test_the_events_are_those_that_grouping_everything_anew_gives(
    facts: list[EventFacts], changed: list[tuple[str, EventFacts]]
) -> None:
    old = [of(id, each) for id, each in zip(IDS, facts, strict=True)]
    after = {f.article_id: f for f in old} | {id: of(id, f) for id, f in changed}
    changes, now = compared(old, list(after.values()))
    parts: dict[str, set[str]] = {}
    for id, event in now.items():
        if event:
            parts.setdefault(event, set()).add(id)
    assert frozenset(map(frozenset, parts.values())) == cluster(after.values())
    assert all(change.before != change.after or change.articles for change in changes)
    # Events that have all their articles still keep their ids.
    was = {frozenset(part): f"ev-{min(part)}" for part in cluster(old)}
    for event, part in parts.items():
        assert was.get(frozenset(part), event) == event or event.startswith("ev-")


def test_nothing_changes_where_no_facts_do() -> None:
    facts = [of(id, each) for id, each in zip(IDS, POOL, strict=False)]
    changes, _ = compared(facts, facts)
    assert changes == []


def meeting(id: str, day: str, alliance: str = "acha") -> EventFacts:
    return EventFacts(
        article_id=id, alliances=(alliance,), event_types=("general_assembly",), dates=(span(day),), phase="report",
        language="en",
    )  # fmt: skip


def test_what_becomes_of_events_is_told_by_kind() -> None:
    old = [
        meeting("a1", "2025-03-01"),
        meeting("a2", "2025-03-01"),
        meeting("a3", "2024-06-01"),
        meeting("a4", "2023-01-01"),
    ]
    new = [
        old[0],
        replace(old[1], alliances=("icomos",)),
        replace(old[2], dates=old[0].dates),
        replace(old[3], event_types=()),
    ]
    changes, now = compared(old, new)
    assert now == {"a1": "ev-a1", "a2": f"{NEW}a2", "a3": "ev-a1", "a4": ""}
    told = {change.event: (change.kind, change.into, change.before, change.after) for change in changes}
    assert told == {
        "ev-a1": ("changed", None, 2, 2),
        "ev-a3": ("merged", "ev-a1", 1, 0),
        "ev-a4": ("ended", None, 1, 0),
        f"{NEW}a2": ("new", None, 0, 1),
    }


# Labels.


def proof(text: str) -> tuple[Evidence, ...]:
    return (Evidence(text=text, field="text", start=0, end=len(text)),)


def tag(id: str, *, mention: bool = False) -> AllianceTag:
    role = "mention" if mention else "subject"
    return AllianceTag(id=id, name=id, role=role, confidence=0.9, rule="name", evidence=proof(id))  # type: ignore[arg-type]


def kind(id: str) -> EventTypeTag:
    return EventTypeTag(id=id, confidence=0.9, rule="rule", evidence=proof(id))


BASE: Article = replace(
    indexed("art1"), alliances=(tag("acha"),), event_types=(kind("award"),), phase="report"
)
FACTS = EventFacts(article_id="art1", alliances=("acha",), event_types=("award",), phase="report")
SAME = Classification(
    alliances=BASE.alliances, event_types=BASE.event_types, phase="report", places=(), organisations=(), dates=(),
    people=(), outcomes=(), editions=(),
)  # fmt: skip


def test_labels_that_differ_are_named_with_their_words() -> None:
    after = replace(
        BASE, alliances=(tag("acha", mention=True),), event_types=(kind("exhibition"), kind("award"))
    )
    found = sorted((c.field, c.label, c.change, c.evidence) for c in label_changes(BASE, after))
    assert found == [
        ("alliance", "acha", "removed", ("acha",)),
        ("headline", "award", "removed", ("award",)),
        ("headline", "exhibition", "added", ("exhibition",)),
        ("mention", "acha", "added", ("acha",)),
        ("type", "exhibition", "added", ("exhibition",)),
    ]


def test_the_same_labels_are_no_difference_and_other_words_are() -> None:
    document = ArticleDocument(article=BASE, facts=FACTS)
    assert not differs(document, relabelled(document, SAME))
    refined = replace(SAME, alliances=(replace(tag("acha"), confidence=0.5),))
    assert differs(document, relabelled(document, refined))
    assert list(label_changes(BASE, relabelled(document, refined).article)) == []
    assert relabelled(document, replace(SAME, editions=("2",))).facts.editions == ("2",)


def test_people_and_numbers_are_read_again_like_every_other_fact() -> None:
    told = replace(BASE, text="Already 11 countries joined. Ana Lund, director of the museum, was there.")
    document = ArticleDocument(article=told, facts=replace(FACTS, numbers=("3 country",)))
    person = Person(name="Ana Lund", role="director of the museum")
    now = relabelled(document, replace(SAME, people=(person,)))
    assert now.article.people == (person,)
    assert now.facts.numbers == ("11 country",)
    assert differs(document, now)


def test_what_readers_put_right_is_left_out_of_what_is_sent() -> None:
    corrected = replace(BASE, alliances=(tag("iccrom"),))
    found = Found(alliances=BASE.alliances, event_types=BASE.event_types, phase="report")
    facts = replace(FACTS, alliances=("iccrom",), same_as="a7")
    document = ArticleDocument(article=corrected, facts=facts, found=found)
    assert not differs(document, relabelled(document, SAME))
    assert relabelled(document, SAME).article.alliances == BASE.alliances
    assert relabelled(document, SAME).facts.same_as is None


def test_counts_stay_small_and_examples_few() -> None:
    tally = Tally()
    change = LabelChange(field="type", label="award", change="added", rule="r", evidence=("prize",))
    for number in range(50):
        changes = [change] if number % 2 else []
        tally.compared(BASE, BASE, changes, differs=True)
    tally.failed(BASE, "it takes too long")
    tally.alert("s1", "Prizes", "type:award", "A prize", gained=True)
    tally.event(EventChange(kind="ended", event="ev-1", before=2, after=0, title="Gone"))
    tally.moves()
    diff = tally.diff()
    assert (diff.articles, diff.relabelled, diff.refined, diff.failed, diff.moved) == (51, 25, 25, 1, 1)
    assert len(diff.examples) == EXAMPLES
    assert diff.labels["type"]["award"].added == 25
    said = "\n".join(lines(diff, shipped_taxonomy()))
    for words in (
        "51 articles looked at",
        "award",
        "+ type:award (r): “prize”",
        "1 end",
        "Prizes",
        "+ A prize",
        "it takes too long",
    ):
        assert words in said


# The taxonomy.


def test_one_file_is_enough_and_the_digest_tells_taxonomies_apart(tmp_path: Path) -> None:
    with whole_taxonomy(shipped_taxonomy(), None) as shipped:
        assert shipped.folder == ""
    (tmp_path / "alliances.yaml").write_text((FOLDER / "alliances.yaml").read_text() + "\n# another\n")
    with whole_taxonomy(shipped_taxonomy(), tmp_path) as other:
        assert other.digest != shipped.digest
        assert load_taxonomy(Path(other.folder)).alliances == other.taxonomy.alliances
    assert not Path(other.folder).exists()


def test_a_faulty_or_empty_folder_is_told_by_its_own_name(tmp_path: Path) -> None:
    with (
        pytest.raises(TaxonomyError, match="holds no file of a taxonomy"),
        whole_taxonomy(shipped_taxonomy(), tmp_path),
    ):
        pass
    (tmp_path / "alliances.yaml").write_text("- id: x\n")
    with pytest.raises(TaxonomyError, match=str(tmp_path)), whole_taxonomy(shipped_taxonomy(), tmp_path):
        pass
    (tmp_path / "alliances.yaml").unlink()
    (tmp_path / "towns.tsv.gz").write_bytes(b"Bern")
    with pytest.raises(TaxonomyError, match=str(tmp_path)), whole_taxonomy(shipped_taxonomy(), tmp_path):
        pass


# Sending.


def changed(number: int) -> Changed:
    article = replace(BASE, id=f"art{number:03}", url=f"https://news.example/{number}")
    parsed = ParsedArticle(article=article, facts=replace(FACTS, article_id=article.id))
    return Changed(article, replace(article, phase="preview"), parsed)


def sent(bus: Bus, lane: str = "parsed-backfill") -> list[ParsedArticle]:
    ((place, (first, end)),) = bus.ends(lane).items()
    return [decode(record).message for record in bus.read(place, first, end)]


def quiet(seconds: float = 0.0) -> Waiting:
    return Waiting(lambda: None, seconds)


def test_labels_go_behind_the_news_and_a_run_that_stops_goes_on_where_it_was(bus: Bus, store: Store) -> None:
    every = [changed(number) for number in range(SENT_AT_ONCE + 5)]
    first = send(bus, store, Run(key="k", at=BEGIN), every, None, quiet())
    assert next(first) == SENT_AT_ONCE
    first.close()  # killed here
    run = begun(store, "k", BEGIN)
    assert run
    assert (run.after, run.sent) == (every[SENT_AT_ONCE - 1].before.id, SENT_AT_ONCE)
    assert begun(store, "other rules", BEGIN) is None
    assert begun(store, "k", BEGIN + timedelta(days=1)) is None
    rest = [each for each in every if each.before.id > run.after]
    assert list(send(bus, store, run, rest, None, quiet())) == [5]
    assert [p.article.id for p in sent(bus)] == [each.before.id for each in every]
    assert sent(bus, "parsed") == []
    assert {p.tell for p in sent(bus)} == {()}
    finished(store)
    assert begun(store, "k", BEGIN) is None
    store.put(Write(COLLECTION, ID, b"of another version"))
    assert begun(store, "k", BEGIN) is None


def test_those_who_would_newly_match_are_told_when_asked(bus: Bus, store: Store) -> None:
    asks = Subscriptions(bus, store, lambda: BEGIN, names=shipped_taxonomy())
    mine = asks.create("", "phase:preview", "article", [Channel(kind="feed", target="")])
    asks.create("", "phase:report", "article", [Channel(kind="feed", target="")])
    paused = asks.create("", "phase:preview", "article", [Channel(kind="feed", target="")])
    asks.update(paused.id, enabled=False)
    matching = Matching(asks.all(), BEGIN, shipped_taxonomy())
    only_moved = replace_parsed(changed(2))
    assert list(send(bus, store, Run(key="k", at=BEGIN), [changed(1), only_moved], matching, quiet())) == [1]
    assert [p.tell for p in sent(bus)] == [(mine.id,)]


def replace_parsed(of: Changed) -> Changed:
    return Changed(of.before, of.after, None)


def test_what_nobody_takes_is_given_up_in_words(bus: Bus, store: Store) -> None:
    list(send(bus, store, Run(key="k", at=BEGIN), [changed(1)], None, quiet()))
    with pytest.raises(Stuck, match="1 messages wait for 'events' and nothing has moved"):
        wait_for(bus, "events", "parsed", 0, quiet())
    wait_for(bus, "events", "parsed", 1, quiet())
