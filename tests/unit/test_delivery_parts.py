"""The parts of delivery that are plain functions: times, signatures, bodies, words, and what is learnt of receivers."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from services.alerter.delivery.apprise import without_secrets
from services.alerter.delivery.ledger import after, finished, opened
from services.alerter.delivery.parcel import News, Parcel, digest_parcel, parcel_of
from services.alerter.delivery.payload import MOST_BYTES, body
from services.alerter.delivery.receivers import ALONE, MOST_WAITING, PROBE, UNANSWERED, Receivers
from services.alerter.delivery.schedule import WAITS, digest_due, next_try, retry_after
from services.alerter.delivery.sending import Sent, one_line
from services.alerter.delivery.signing import signatures
from services.alerter.delivery.webhook import headers, judged
from shared.contracts.article import AllianceTag, Evidence, Place
from shared.contracts.messages import Channel
from shared.outgoing.answer import Answer, Headers
from shared.store.sqlite import open_sqlite_store
from tests.conftest import ROOT
from tests.unit.delivery_samples import NOW, SECRET, alert, article, proof

# Times.


def test_ten_tries_over_about_three_days() -> None:
    now, tries = NOW, 1
    while due := next_try("a1", tries, now):
        assert 0.8 * WAITS[tries - 1] <= due - now <= 1.2 * WAITS[tries - 1]
        now, tries = due, tries + 1
    assert tries == 10
    assert timedelta(days=2) < now - NOW < timedelta(days=4)


def test_waits_differ_between_alerts_and_are_the_same_for_one() -> None:
    dues = {next_try(f"a{n}", 3, NOW) for n in range(50)}
    assert len(dues) == 50
    assert next_try("a1", 3, NOW) == next_try("a1", 3, NOW)


def test_a_receiver_that_asks_to_wait_is_waited_for() -> None:
    asked = NOW + timedelta(hours=5)
    assert next_try("a1", 1, NOW, asked) == asked
    assert next_try("a1", 1, NOW, NOW) == next_try("a1", 1, NOW)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999", 86_400),
        ("Mon, 02 Mar 2026 09:10:00 GMT", 600),
        ("Mon, 02 Mar 2099 09:10:00 GMT", 86_400),
        ("Mon, 02 Mar 2026 08:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: int | None) -> None:
    assert retry_after(said, NOW) == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_a_digest_is_due_at_the_next_eight_oclock() -> None:
    assert digest_due(NOW) == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert digest_due(datetime(2026, 3, 2, 7, 59, 59, tzinfo=UTC)) == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert digest_due(datetime(2026, 3, 2, 8, tzinfo=UTC)) == datetime(2026, 3, 3, 8, tzinfo=UTC)


# Signatures.


def test_a_signature_is_what_the_standard_says() -> None:
    payload = '{"title": "Чжэн 重庆"}'
    at = datetime.now(UTC)
    key = b64decode(SECRET.removeprefix("whsec_"))
    signed = f"a1.{int(at.timestamp())}.{payload}".encode()
    assert (
        signatures(SECRET, "a1", at, payload)
        == "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
    )


@pytest.mark.parametrize(
    "secret", [SECRET, SECRET.removeprefix("whsec_"), "a secret in plain words", "pässwörd"]
)
def test_receivers_verify_with_the_secret_they_know(secret: str) -> None:
    parcel = parcel_of(alert(channel=Channel(kind="webhook", target="https://x.example", secret=secret)))
    payload = body(parcel)
    sent = headers(parcel, payload, datetime.now(UTC))
    assert sent["webhook-id"] == "a00001"
    if secret.isascii():
        assert Webhook(secret).verify(payload, sent)["id"] == "a00001"
    if not secret.startswith("whsec_"):
        # As its own bytes, for whoever does not take a plain word for base64.
        signed = f"a00001.{sent['webhook-timestamp']}.{payload.decode()}".encode()
        plain = b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
        assert f"v1,{plain}" in sent["webhook-signature"].split(" ")


def test_without_a_secret_nothing_is_signed() -> None:
    parcel = parcel_of(alert(channel=Channel(kind="webhook", target="https://x.example")))
    assert "webhook-signature" not in headers(parcel, b"{}", NOW)


# The body.


def read(parcel: Parcel) -> Any:
    made = body(parcel)
    assert len(made) <= MOST_BYTES
    assert body(parcel) == made
    return msgspec.json.decode(made)


def test_the_body_is_what_programs_rely_on() -> None:
    made = read(parcel_of(alert()))
    assert set(made) == {"id", "type", "timestamp", "data"}
    assert (made["id"], made["type"], made["timestamp"]) == (
        "a00001",
        "article.matched",
        "2026-03-02T09:00:00Z",
    )
    data = made["data"]
    assert data["subscription"] == {"id": "sub-1", "name": "Bridges", "query": "bridge OR arches"}
    assert data["event"] == {"id": "e1", "title": "Reopening of the bridge of Lunara"}
    assert data["article"]["id"] == "abcd"
    for found in data["matched"]:
        assert data["article"][found["field"]][found["start"] : found["end"]] == found["text"] == "bridge"


def test_rights_hold_in_the_body() -> None:
    about = article(text="The bridge is open. " + "more words " * 100 + "the vault, too", rights="excerpt")
    made = read(parcel_of(alert(article=about, matched=(proof(about, "bridge"), proof(about, "vault")))))
    assert "vault" not in msgspec.json.encode(made).decode()
    assert [found["text"] for found in made["data"]["matched"]] == ["bridge"]
    assert len(made["data"]["article"]["text"]) <= 300


def test_a_long_text_is_cut_and_the_proof_is_kept() -> None:
    about = article(text="文化遗产 bridge " * 9000 + "the last arch")
    last = proof(about, "the last arch")
    tag = AllianceTag(
        id="acha", name="A", role="subject", confidence=1, rule="r", evidence=(last, proof(about, "bridge"))
    )
    made = read(parcel_of(alert(article=msgspec.structs.replace(about, alliances=(tag,)), matched=(last,))))
    data = made["data"]
    assert data["text_cut"] is True
    assert len(body(parcel_of(alert(article=about, matched=(last,))))) > MOST_BYTES - 200
    assert data["matched"] == [
        {"text": "the last arch", "field": "text", "start": last.start, "end": last.end}
    ]
    (kept,) = data["article"]["alliances"][0]["evidence"]
    assert data["article"]["text"][kept["start"] : kept["end"]] == kept["text"] == "bridge"


SIZES = st.integers(0, 60_000)


@given(
    title=SIZES, text=SIZES, url=SIZES, name=SIZES, query=SIZES, words=SIZES, places=st.integers(0, 2000),
    letter=st.sampled_from(["a", "\x01", "é", "文", "😀", '"', "\\"]),
)  # fmt: skip
def test_no_article_makes_a_body_too_large(
    title: int, text: int, url: int, name: int, query: int, words: int, places: int, letter: str
) -> None:
    many = tuple(Place(name=letter * (words // 100), country="FR") for _ in range(places))
    proofs = (Evidence(text=letter * words, field="text", start=0, end=words),) * 40
    about = article(
        title=letter * title, text=letter * text, url="https://x.example/" + letter * url, places=many
    )
    one = alert(article=about, matched=proofs, subscription_name=letter * name, query=letter * query)
    assert read(parcel_of(one))["id"] == "a00001"


def digest(*names: str, tmp_path: Any) -> Parcel:
    with_store = open_sqlite_store(tmp_path / "store")
    entries = tuple(
        opened(with_store, alert(n, article=article(title=name, id=f"x{n}"))) for n, name in enumerate(names)
    )
    with_store.close()
    return digest_parcel("digest-1", "2026-03-03", alert(), entries, NOW)


def test_a_digest_has_the_heads_of_its_articles(tmp_path: Any) -> None:
    made = read(digest("Old bridge", "New bridge", tmp_path=tmp_path))
    assert (made["id"], made["type"], made["data"]["day"]) == ("digest-1", "article.digest", "2026-03-03")
    assert [a["article"]["title"] for a in made["data"]["articles"]] == ["Old bridge", "New bridge"]
    assert made["data"]["articles"][1]["alert"] == "a00001"
    assert made["data"]["left_out"] == 0


def test_a_large_digest_says_how_many_it_leaves_out(tmp_path: Any) -> None:
    made = read(digest(*("bridge " * 40 for _ in range(300)), tmp_path=tmp_path))
    assert 10 < len(made["data"]["articles"]) < 300
    assert len(made["data"]["articles"]) + made["data"]["left_out"] == 300


# What answers mean.


def answer(status: int, redirect: str = "", **lines: str) -> Answer:
    headers = Headers((name.replace("_", "-"), value) for name, value in lines.items())
    return Answer("https://x.example/", status, headers, b"", "203.0.113.7", 5.0, redirect)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (410, "gone"),
        (400, "again"),
        (404, "again"),
        (500, "again"),
        (304, "again"),
    ],
)
def test_what_a_status_means(status: int, result: str) -> None:
    sent = judged(answer(status), NOW)
    assert (sent.result, sent.said.startswith(f"answered {status}")) == (result, True)


def test_a_redirect_is_told_and_not_followed() -> None:
    sent = judged(answer(302, "http://10.0.0.1/inside"), NOW)
    assert sent.result == "again"
    assert "http://10.0.0.1/inside; redirects are not followed" in sent.said


def test_only_a_busy_receiver_is_obeyed() -> None:
    assert judged(answer(429, retry_after="60"), NOW).not_before == NOW + timedelta(seconds=60)
    assert judged(answer(503, retry_after="60"), NOW).not_before == NOW + timedelta(seconds=60)
    assert judged(answer(500, retry_after="60"), NOW).not_before is None


# The ledger.


def test_an_entry_goes_through_its_tries_and_is_given_up(tmp_path: Any) -> None:
    store = open_sqlite_store(tmp_path / "store")
    one = opened(store, alert())
    store.close()
    assert (one.status, one.attempts, one.target) == ("waiting", (), "https://receiver.example/…")
    now = NOW
    for _ in range(9):
        one = after(one, Sent("again", "answered 500"), now, 12.34)
        assert one.status == "waiting"
        assert one.next_try
        now = one.next_try
    one = after(one, Sent("again", "answered 500"), now, 12.34)
    assert (one.status, one.next_try, len(one.attempts)) == ("failed", None, 10)
    assert one.attempts[-1].said == "answered 500; given up after 10 tries"
    assert one.attempts[0].said == "answered 500"


def test_a_finished_entry_says_when(tmp_path: Any) -> None:
    store = open_sqlite_store(tmp_path / "store")
    one = finished(opened(store, alert()), Sent("delivered", "answered 200"), NOW)
    store.close()
    assert (one.status, one.delivered_at, one.attempts[0].ok) == ("delivered", NOW, True)


def test_the_ledger_holds_no_more_than_may_be_shown(tmp_path: Any) -> None:
    about = article(text="word " * 200 + "the hidden vault", rights="excerpt")
    store = open_sqlite_store(tmp_path / "store")
    one = opened(store, alert(article=about, matched=(proof(about, "vault"),)))
    store.close()
    assert one.matched == ()


# What is learnt of receivers.


def test_a_receiver_that_asked_to_wait_is_left_alone() -> None:
    receivers = Receivers()
    busy = NOW + timedelta(minutes=5)
    receivers.learn("t", "p", NOW, reached=True, busy_until=busy)
    assert receivers.advise("t", "p", NOW).wait_until == busy
    assert receivers.advise("other", "p", NOW).wait_until is None
    assert receivers.advise("t", "p", busy).wait_until is None


def test_a_silent_place_is_tried_by_one_at_a_time() -> None:
    receivers = Receivers()
    for _ in range(UNANSWERED):
        assert receivers.advise("t", "p", NOW).unreachable == ""
        receivers.learn("t", "p", NOW, reached=False, busy_until=None)
    soon = NOW + timedelta(seconds=12)
    assert receivers.advise("t2", "p", soon).unreachable == "not tried: nobody answered there 12 s ago"
    assert receivers.advise("t2", "elsewhere", soon).unreachable == ""
    later = NOW + ALONE
    first, second = receivers.advise("t", "p", later), receivers.advise("t2", "p", later)
    assert (first.unreachable, first.wait_until) == ("", None)
    assert second.wait_until == later + PROBE
    receivers.learn("t", "p", later, reached=True, busy_until=None)
    assert receivers.advise("t2", "p", later).wait_until is None


def test_alerts_that_wait_for_one_receiver_are_bounded() -> None:
    receivers = Receivers()
    assert all(receivers.takes_more("t", str(n)) for n in range(MOST_WAITING))
    assert not receivers.takes_more("t", "one more")
    assert receivers.takes_more("t", "5")
    assert receivers.takes_more("other", "one more")
    receivers.settled("t", "7")
    assert receivers.takes_more("t", "one more")


# Words.


def test_words_for_the_ledger_are_one_line() -> None:
    assert one_line("a\r\nb\x00\u202ec\u2028d\u00a0e") == "a b c d e"
    assert len(one_line("x" * 1000)) == 300


def test_what_apprise_says_gives_no_token_away() -> None:
    said = without_secrets(
        "Could not load tgram://123456789:AAbbCCddEEff/7654321 at 127.0.0.1",
        "tgram://123456789:AAbbCCddEEff/7654321",
    )
    assert "AAbbCCddEEff" not in said
    assert "127.0.0.1" in said


def test_an_article_without_proof_still_shows_its_beginning() -> None:
    (news,) = parcel_of(alert(matched=())).news
    assert isinstance(news, News)
    assert "".join(text for text, _ in news.passages[0]).startswith("The old bridge")


def test_what_the_documentation_says_verifies() -> None:
    page = (ROOT / "docs" / "subscriber.md").read_text()
    (told,) = [
        block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "import base64" in block
    ]
    parcel = parcel_of(alert())
    payload = body(parcel)
    for secret, genuine in ((SECRET, True), ("whsec_" + b64encode(b"another").decode(), False)):
        names: dict[str, Any] = {
            "secret": secret,
            "body": payload,
            "headers": headers(parcel, payload, NOW),
        }
        exec(told, names)
        assert names["genuine"] is genuine
