"""How often a host may be asked, what "not now" means, and what robots.txt allows."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from services.crawler.manners import Manners, max_age, retry_after
from services.crawler.robots import LARGEST, Outcome, RobotsRecord, origin_of, record_of, rules_of
from services.crawler.visiting import BadRedirect, redirected, status_words, validator
from shared.contracts.messages import FetchRequest, Source
from shared.outgoing.addresses import Networks
from shared.outgoing.answer import Answer, Headers

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORIGIN = "https://desk.example"


def waits(manners: Manners, host: str = "desk.example") -> float:
    return (manners.free_at(host) - NOW).total_seconds()


@pytest.mark.parametrize(
    ("delay", "crawl_delay", "address", "seconds"),
    [
        (None, 0.0, "93.184.216.34", 5.0),
        (0.0, 0.0, "93.184.216.34", 5.0),
        (0.0, 0.0, "", 5.0),
        (20.0, 0.0, "93.184.216.34", 20.0),
        (None, 30.0, "93.184.216.34", 30.0),
        (20.0, 30.0, "93.184.216.34", 30.0),
        (0.0, 0.0, "10.1.2.3", 0.0),
        (0.5, 2.0, "10.1.2.3", 2.0),
        (None, 0.0, "10.1.2.3", 5.0),
        (0.0, 0.0, "10.1.2.3%eth0", 0.0),
        (0.0, 0.0, "nonsense", 5.0),
        (None, 1e9, "93.184.216.34", 3600.0),
    ],
)
def test_the_wait_between_two_requests(
    delay: float | None, crawl_delay: float, address: str, seconds: float
) -> None:
    manners = Manners(Networks.parse("10.0.0.0/8"))
    manners.asked("desk.example", NOW, delay=delay, crawl_delay=crawl_delay, address=address)
    assert waits(manners) == seconds


def test_an_unknown_host_may_be_asked_and_a_longer_wait_stays() -> None:
    manners = Manners(Networks())
    assert waits(manners) < 0
    manners.hold("desk.example", NOW + timedelta(hours=1))
    manners.asked("desk.example", NOW, delay=None)
    assert waits(manners) == 3600


def test_a_host_inside_stays_one_when_a_request_fails() -> None:
    manners = Manners(Networks.parse("10.0.0.0/8"))
    manners.asked("inner.example", NOW, delay=0.0, address="10.0.0.1")
    manners.asked("inner.example", NOW, delay=0.0)
    assert waits(manners, "inner.example") == 0


@pytest.mark.parametrize(
    ("status", "told", "seconds"),
    [
        (200, "60", 0),
        (429, None, 30),
        (429, "5", 30),
        (429, "120", 120),
        (503, None, 60),
        (503, "7", 7),
        (503, "99999999", 86400),
        (429, "soon", 30),
        (429, "-5", 30),
        (429, format_datetime(NOW + timedelta(minutes=10), usegmt=True), 600),
        (429, format_datetime(NOW - timedelta(minutes=10), usegmt=True), 30),
        (503, "Mon, 02 Mar 2026 09:02:00", 120),
        (503, "１２", 60),
        (503, "9" * 400, 60),
    ],
)
def test_retry_after(status: int, told: str | None, seconds: float) -> None:
    headers = Headers([("Retry-After", told)] if told else [])
    assert retry_after(status, headers, NOW) == seconds


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("max-age=600", 600),
        ("public, Max-Age=60", 60),
        ("no-cache, max-age=60", 0),
        ("max-age=x", 0),
        ("", 0),
    ],
)
def test_max_age(told: str, seconds: float) -> None:
    assert max_age(Headers([("cache-control", told)])) == seconds


# robots.txt


def record(status: int, body: bytes = b"", earlier: RobotsRecord | None = None, **more: Any) -> RobotsRecord:
    return record_of(ORIGIN, Outcome(status, body, **more), earlier, NOW)


def test_rules_hold_for_a_day_and_for_our_name() -> None:
    body = b"User-agent: *\nDisallow: /a\n\nUser-agent: HeritageWire\nDisallow: /b\nCrawl-delay: 7\nRequest-rate: 1/20s"
    found = record(200, body)
    assert found.expires_at == NOW + timedelta(days=1)
    rules = rules_of(found)
    assert rules.allows(f"{ORIGIN}/a")
    assert not rules.allows(f"{ORIGIN}/b/c")
    assert rules.crawl_delay == 20.0
    assert rules.wait_until is None


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410])
def test_where_there_is_none_everything_is_allowed(status: int) -> None:
    rules = rules_of(record(status, b"User-agent: *\nDisallow: /"))
    assert rules.allows(f"{ORIGIN}/a")
    assert rules.crawl_delay == 0


def test_where_it_cannot_be_read_nothing_is_allowed_and_the_waits_grow() -> None:
    first = record(0, says="it answers 503", address="192.0.2.1")
    rules = rules_of(first)
    assert not rules.allows(f"{ORIGIN}/a")
    assert rules.wait_until == first.expires_at == NOW + timedelta(minutes=5)
    second = record(0, earlier=first, address="192.0.2.1")
    assert second.expires_at == NOW + timedelta(minutes=10)
    assert (second.failing_since, second.failures) == (NOW, 2)
    assert record(0, says="nobody there").expires_at == NOW + timedelta(seconds=10)
    assert record(
        0, earlier=RobotsRecord(origin=ORIGIN, state="unreachable", expires_at=NOW, failures=99)
    ).expires_at == (NOW + timedelta(hours=6))


def test_rules_read_before_hold_on_while_it_cannot_be_read() -> None:
    known = record(200, b"User-agent: *\nDisallow: /a")
    rules = rules_of(record(0, earlier=known))
    assert rules.wait_until is None
    assert (rules.allows(f"{ORIGIN}/b"), rules.allows(f"{ORIGIN}/a")) == (True, False)


def test_after_thirty_days_of_errors_there_is_none() -> None:
    old = RobotsRecord(
        origin=ORIGIN, state="unreachable", expires_at=NOW, failures=9, failing_since=NOW - timedelta(days=31)
    )
    assert record(0, earlier=old).state == "absent"
    assert (
        record(0, earlier=RobotsRecord(origin=ORIGIN, state="unreachable", expires_at=NOW)).state
        == "unreachable"
    )


def test_no_more_than_500_kib_are_read_and_no_encoding_breaks_it() -> None:
    body = b"User-agent: *\nDisallow: /\xff\xfe\n" + b"#" * LARGEST + b"\nDisallow: /late"
    assert rules_of(record(200, body)).allows(f"{ORIGIN}/late")
    for noise in (
        b"\x00" * 100,
        b"<html>not found</html>",
        b"Disallow /",
        b"User-agent\n:::",
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x",
    ):
        rules_of(record(200, noise)).allows(f"{ORIGIN}/a")
    assert not rules_of(record(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /x")).allows(f"{ORIGIN}/x")


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://desk.example:8443/a?b#c") == "https://desk.example:8443"


# Redirects


def answer(target: str) -> Answer:
    return Answer("https://a.example/1", 302, Headers(), b"", "192.0.2.1", 1.0, redirect=target)


def request(url: str = "https://a.example/1", *chain: str) -> FetchRequest:
    return FetchRequest(kind="page", source=Source(id="s"), url=url, chain=chain, requested_at=NOW)


def test_a_redirect_carries_its_chain() -> None:
    onward = redirected(request(), answer("https://b.example/2"))
    assert (onward.url, onward.chain) == ("https://b.example/2", ("https://a.example/1",))


@pytest.mark.parametrize(
    ("asked", "target", "words"),
    [
        (request(), "https://a.example/1", "circle"),
        (request("https://b.example/2", "https://a.example/1"), "https://a.example/1", "circle"),
        (request("https://a.example/1", *(f"https://a.example/{n}" for n in range(2, 12))), "https://a.example/z", "10 times"),
        (request(), "ftp://a.example/1", "no web address"),
        (request(), "javascript:alert(1)", "no web address"),
        (request(), "file:///etc/passwd", "no web address"),
        (request(), "https://", "no web address"),
    ],
)  # fmt: skip
def test_redirects_that_lead_nowhere_say_how(asked: FetchRequest, target: str, words: str) -> None:
    with pytest.raises(BadRedirect, match=words):
        redirected(asked, answer(target))


def test_statuses_in_words() -> None:
    assert (status_words(404), status_words(799)) == ("404 (not found)", "799")


@pytest.mark.parametrize(
    ("told", "kept"),
    [('"a"', '"a"'), ("", None), ("x" * 501, None), ("\x85", None), ("\u00e9", None), ("a\tb", None)],
)
def test_validators_that_cannot_be_sent_back_are_not_kept(told: str, kept: str | None) -> None:
    assert validator(Answer("u", 200, Headers([("ETag", told)]), b"", "a", 1.0), "etag") == kept
