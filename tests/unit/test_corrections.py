"""Corrections: what is asked is checked, kept once for each field, published, and applied to labels and grouping facts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.bus.port import Bus, BusUnavailable, NewRecord
from shared.contracts.article import AllianceTag, Article, EventTypeTag, Evidence
from shared.contracts.events import EventDocument, event_write
from shared.contracts.messages import Correction, EventFacts
from shared.contracts.wire import decode
from shared.corrections.applying import corrected, corrected_facts, labels_of, role_of, written
from shared.corrections.asked import Asked, BadCorrection, Change, changes
from shared.corrections.following import Followed
from shared.corrections.keeping import Corrections, UnknownCorrection
from shared.store.port import Store
from tests.contract.index_articles import article as indexed
from tests.shipped import shipped_taxonomy

TAXONOMY = shipped_taxonomy()
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TEXT = "Delegates of ICCROM met in Lima. 亚洲文化遗产保护联盟 sent a letter."


def tag(id: str, role: str = "subject") -> AllianceTag:
    evidence = (Evidence(text="Delegates", field="text", start=0, end=9),)
    return AllianceTag(
        id=id, name=id.upper(), role="subject" if role == "subject" else "mention", confidence=0.8, rule="name",
        evidence=evidence,
    )  # fmt: skip


def kind(id: str) -> EventTypeTag:
    return EventTypeTag(id=id, confidence=0.7, rule="rule", evidence=())


ARTICLE: Article = replace(
    indexed("art1"),
    title="A letter from Asia",
    text=TEXT,
    alliances=(tag("unesco"), tag("icomos", "mention")),
    event_types=(kind("statement_message"), kind("conference_forum")),
    phase="report",
    event=None,
)


def said(field: str, *right: str, article: str = "art1") -> Correction:
    assert field in ("alliances", "event_types", "event", "phase")
    return Correction(id=f"{article}.{field}", article=article, field=field, was=(), right=right, at=NOW)  # type: ignore[arg-type]


def topic(bus: Bus) -> list[Correction]:
    ((place, (first, _)),) = bus.ends("corrections").items()
    return [decode(record).message for record in bus.read(place, first, 100)]


# Applying.


def test_a_role_is_written_and_read_back() -> None:
    assert [role_of(written("acha", "subject")), role_of(written("acha", "mention"))] == [
        ("acha", "subject"),
        ("acha", "mention"),
    ]


def test_what_readers_leave_alone_keeps_its_evidence_and_what_they_change_says_so() -> None:
    after = corrected(ARTICLE, [said("alliances", "icomos", "unesco:mention")], TAXONOMY)
    assert [(t.id, t.role, t.rule, t.confidence) for t in after.alliances] == [
        ("icomos", "subject", "correction", 1.0),
        ("unesco", "mention", "correction", 1.0),
    ]
    assert all(t.evidence for t in after.alliances)
    stays = corrected(ARTICLE, [said("alliances", "unesco")], TAXONOMY)
    assert stays.alliances == ARTICLE.alliances[:1]


def test_an_added_body_shows_where_it_is_named_in_any_script_or_that_it_is_not() -> None:
    after = corrected(ARTICLE, [said("alliances", "acha", "iccrom:mention", "bsi")], TAXONOMY)
    evidence = {t.id: [(e.field, e.text) for e in t.evidence] for t in after.alliances}
    assert evidence == {"acha": [("text", "亚洲文化遗产保护联盟")], "iccrom": [("text", "ICCROM")], "bsi": []}
    for each in after.alliances:
        for e in each.evidence:
            assert TEXT[e.start : e.end] == e.text


def test_a_name_inside_a_longer_word_is_no_evidence() -> None:
    inside = replace(ARTICLE, text="XICCROMX and the ICCROMs.")
    (added,) = corrected(inside, [said("alliances", "iccrom")], TAXONOMY).alliances
    assert added.evidence == ()


def test_types_and_phase_are_replaced_in_the_order_given() -> None:
    after = corrected(
        ARTICLE, [said("event_types", "award", "statement_message"), said("phase", "preview")], TAXONOMY
    )
    assert [(t.id, t.rule) for t in after.event_types] == [
        ("award", "correction"),
        ("statement_message", "rule"),
    ]
    assert after.phase == "preview"
    none = corrected(ARTICLE, [said("event_types")], TAXONOMY)
    assert (none.event_types, none.phase) == ((), "background")


def test_applying_twice_is_applying_once_and_a_label_that_left_the_taxonomy_stays() -> None:
    every = [
        said("alliances", "acha", "gone_body:mention"),
        said("event_types", "award"),
        said("phase", "followup"),
    ]
    once = corrected(ARTICLE, every, TAXONOMY)
    assert corrected(once, every, TAXONOMY) == once
    assert [(t.id, t.name) for t in once.alliances][1] == ("gone_body", "gone_body")


def test_the_grouping_hears_of_it() -> None:
    facts = EventFacts(article_id="art1", alliances=("unesco",), same_as="before")
    after = corrected(
        ARTICLE, [said("alliances", "acha", "unesco:mention"), said("phase", "preview")], TAXONOMY
    )
    plain = corrected_facts(facts, after, ())
    assert (plain.alliances, plain.phase, plain.same_as) == (("acha",), "preview", None)
    assert plain.event_types == ("statement_message", "conference_forum")
    assert corrected_facts(facts, after, [said("event", "ev-x", "art7")]).same_as == "art7"
    assert corrected_facts(facts, after, [said("event")]).same_as == "art1"


# Asking.


def test_only_what_differs_becomes_a_change(store: Store) -> None:
    same = Asked(
        alliances=[("icomos", "mention"), ("unesco", "subject")],
        event_types=["statement_message", "conference_forum"],
        phase="report",
    )
    with pytest.raises(BadCorrection, match="nothing differs"):
        changes(ARTICLE, same, TAXONOMY, store)
    asked = Asked(alliances=[("unesco", "subject"), ("ACHA", "mention")], phase="preview")
    assert changes(ARTICLE, asked, TAXONOMY, store) == [
        Change("alliances", ("unesco", "icomos:mention"), ("unesco", "acha:mention")),
        Change("phase", ("report",), ("preview",)),
    ]


def test_an_event_is_named_with_an_article_that_is_in_it(store: Store) -> None:
    kept = EventDocument(id="ev-x", founded_at=NOW, founder="art7", articles=("art1", "art7", "art9"))
    store.put_many([event_write(kept), event_write(EventDocument(id="ev-y", founded_at=NOW, founder="art1"))])
    (change,) = changes(ARTICLE, Asked(event="ev-x"), TAXONOMY, store)
    assert change == Change("event", (), ("ev-x", "art7"))
    for wrong in ("ev-y", "ev-z"):
        with pytest.raises(BadCorrection, match=f"'{wrong}' is no event"):
            changes(ARTICLE, Asked(event=wrong), TAXONOMY, store)
    with pytest.raises(BadCorrection, match="nothing differs"):
        changes(ARTICLE, Asked(event="own"), TAXONOMY, store)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(alliances=[("no such body", "subject")]), "alliances"),
        (Asked(alliances=[("acha", "subject"), ("ACHA", "mention")]), "alliances"),
        (Asked(event_types=["party"]), "event_types"),
        (Asked(event_types=[f"t{n}" for n in range(60)]), "event_types"),
        (Asked(phase="tomorrow"), "phase"),
        (Asked(phase="preview", note="x" * 1001), "note"),
        (Asked(phase="preview", note="bell \x07"), "note"),
        (Asked(phase="preview", note="half \ud800"), "note"),
    ],
)
def test_what_cannot_be_is_refused_by_field(asked: Asked, field: str, store: Store) -> None:
    with pytest.raises(BadCorrection) as refused:
        changes(ARTICLE, asked, TAXONOMY, store)
    assert refused.value.field == field


# Keeping.


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def test_a_later_correction_takes_the_place_of_the_earlier_and_what_was_found_stays(
    bus: Bus, store: Store
) -> None:
    corrections = Corrections(bus, store, Clock())
    first = corrections.keep("art1", "alliances", ("unesco",), ("acha",), "It is Asia.")
    second = corrections.keep("art1", "alliances", ("acha",), ("acha", "iccrom"))
    corrections.keep("art2", "phase", ("report",), ("preview",))
    assert (second.id, second.was, second.right) == (first.id, ("unesco",), ("acha", "iccrom"))
    assert corrections.of_article("art1") == [second]
    assert [c.article for c in corrections.all()] == ["art1", "art2"]
    assert [c.right for c in topic(bus)] == [("acha",), ("acha", "iccrom"), ("preview",)]


def test_withdrawing_ends_it_and_is_published(bus: Bus, store: Store) -> None:
    corrections = Corrections(bus, store, Clock())
    made = corrections.keep("art1", "phase", ("report",), ("preview",))
    assert corrections.withdraw(made.id).withdrawn
    assert (corrections.of_article("art1"), list(corrections.all()), corrections.get(made.id)) == (
        [],
        [],
        None,
    )
    assert topic(bus)[-1].withdrawn
    for unknown in (made.id, "nobody.phase"):
        with pytest.raises(UnknownCorrection, match=unknown):
            corrections.withdraw(unknown)
    assert corrections.keep("art1", "phase", ("followup",), ("preview",)).was == ("followup",)


class Unreachable:
    """A producer that writes nothing."""

    def produce(self, records: Sequence[NewRecord]) -> None:
        raise BusUnavailable("the bus is away")

    def close(self) -> None:
        pass


def test_what_could_not_be_published_is_published_later(
    bus: Bus, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrections = Corrections(bus, store, Clock())
    with monkeypatch.context() as away:
        away.setattr(type(bus), "producer", lambda self: Unreachable())
        with pytest.raises(BusUnavailable):
            corrections.keep("art1", "phase", ("report",), ("preview",))
    assert corrections.of_article("art1")
    assert topic(bus) == []
    assert corrections.publish_pending() == 1
    assert [c.right for c in topic(bus)] == [("preview",)]
    assert corrections.publish_pending() == 0


# Following.


def test_what_holds_is_read_from_the_beginning_and_each_article_told_once(bus: Bus, store: Store) -> None:
    corrections = Corrections(bus, store, Clock())
    for number in range(3):
        corrections.keep(f"art{number}", "phase", ("report",), ("preview",))
    corrections.withdraw("art1.phase")
    followed = Followed(bus)
    followed.catch_up()
    assert [c.right for c in followed.of("art0")] == [("preview",)]
    assert followed.of("art1") == ()
    assert [followed.touched(2), followed.touched(2), followed.touched(2)] == [["art0", "art1"], ["art2"], []]
    corrections.keep("art0", "phase", ("preview",), ("followup",))
    assert followed.of("art0")[0].right == ("preview",)
    followed.catch_up()
    assert (followed.of("art0")[0].right, followed.touched(9)) == (("followup",), ["art0"])


def test_a_correction_that_cannot_be_read_stops_nobody(bus: Bus, store: Store) -> None:
    producer = bus.producer()
    producer.produce([NewRecord("corrections", "x", b"{}", {"schema": "corrections/1"})])
    producer.close()
    Corrections(bus, store, Clock()).keep("art1", "phase", ("report",), ("preview",))
    followed = Followed(bus)
    followed.catch_up()
    assert followed.touched(9) == ["art1"]


def test_labels_are_written_as_corrections_write_them() -> None:
    assert labels_of(ARTICLE, "alliances") == ("unesco", "icomos:mention")
    assert labels_of(ARTICLE, "event") == ()
