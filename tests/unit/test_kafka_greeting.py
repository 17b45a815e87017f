"""What a broker may answer to the first words: nothing of it crashes, hangs or passes for Kafka."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bus.kafka import KafkaSecurity
from shared.bus.kafka.greeting import fault_of
from shared.bus.port import BusUnavailable
from tests.strangers import OLD_KAFKA, framed, free_address, saying, silent, turned_off

NONE = KafkaSecurity()
KAFKA = struct.pack(">ihihhh", 1, 0, 1, 13, 0, 4)
# What it says, what of that is told, and whether it may pass by itself.
STRANGERS = {
    "hangs up": (b"", "hangs up without a word.*KAFKA_TLS=true", True),
    "hangs up in the middle": (framed(KAFKA)[:9], "does not answer as Kafka", False),
    "a web server": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "web server", False),
    "TLS": (b"\x15\x03\x03\x00\x02\x02\x50", "asks for TLS.*KAFKA_TLS=true", False),
    "a mail server": (b"220 mail.example ESMTP\r\n", "does not answer as Kafka", False),
    "the answer to another question": (framed(b"\0\0\0\x07" + KAFKA[4:]), "does not answer as Kafka", False),
    "an answer too short": (framed(b"\0\0"), "does not answer as Kafka", False),
    "more than it holds": (framed(struct.pack(">ihi", 1, 0, 2**31 - 1)), "does not answer as Kafka", False),
    "a size below nought": (b"\xff\xff\xff\xff", "does not answer as Kafka", False),
    "an old Kafka": (framed(OLD_KAFKA), r"older than Kafka 2\.4.*upgrade", False),
    "Kafka that dies over the next question": (framed(KAFKA), "hangs up", True),
}


@pytest.mark.parametrize("what", list(STRANGERS))
def test_who_is_no_broker_is_told_by_name(what: str) -> None:
    answer, said, passing = STRANGERS[what]
    with saying(answer) as address:
        fault = fault_of(address, NONE, 5.0)
    assert fault is not None
    assert isinstance(fault, BusUnavailable) is passing
    assert "\n" not in str(fault)
    with pytest.raises(type(fault), match=f"^Kafka at {address} .*{said}"):
        raise fault


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=64), st.booleans())
def test_whatever_bytes_come_there_is_one_line_about_them(answer: bytes, is_framed: bool) -> None:
    with saying(framed(answer) if is_framed else answer) as address:
        fault = fault_of(address, NONE, 5.0)
    assert fault is not None
    assert "\n" not in str(fault)


def test_silence_ends_in_time() -> None:
    with silent() as address:
        assert "no answer within 0.2 s" in str(fault_of(address, NONE, 0.2))
    with turned_off() as address:
        assert "no answer within 0.2 s" in str(fault_of(address, NONE, 0.2))


def test_who_asks_for_tls_of_one_without_is_told() -> None:
    with saying(b"") as address:
        fault = fault_of(address, KafkaSecurity(tls=True), 5.0)
    assert "speaks no TLS" in str(fault)
    assert "unset HERITAGE_WIRE_KAFKA_TLS" in str(fault)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("localhost", "is written kafka://host:port"),
        ("", "is written kafka://host:port"),
        ("host:port", "is written kafka://host:port"),
        ("host:99999", "is written kafka://host:port"),
        ("http://host:9092", "is written kafka://host:port"),
        ("a..b:9092", "is written kafka://host:port"),
        ("user:secret@host:9092", "no user and password stand in HERITAGE_WIRE_BUS"),
    ],
)
def test_an_address_that_is_none_is_told(address: str, said: str) -> None:
    fault = str(fault_of(address, NONE, 1.0))
    assert said in fault
    assert "secret" not in fault


def test_an_address_of_nobody_is_told() -> None:
    fault = fault_of(free_address(), NONE, 5.0)
    assert isinstance(fault, BusUnavailable)
    assert "cannot be reached (Connection refused)" in str(fault)
