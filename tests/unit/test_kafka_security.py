"""How connections to Kafka are protected: half a choice is refused, and secrets are not shown."""

from pathlib import Path

import pytest

from shared.bus.kafka import KafkaSecurity


@pytest.mark.parametrize(
    ("security", "protocol"),
    [
        (KafkaSecurity(), "PLAINTEXT"),
        (KafkaSecurity(tls=True), "SSL"),
        (KafkaSecurity(mechanism="PLAIN", username="a", password="b"), "SASL_PLAINTEXT"),
        (KafkaSecurity(tls=True, mechanism="SCRAM-SHA-512", username="a", password="b"), "SASL_SSL"),
    ],
)
def test_the_protocol_follows_from_the_choices(security: KafkaSecurity, protocol: str) -> None:
    assert security.options()["security_protocol"] == protocol


@pytest.mark.parametrize(
    "half",
    [
        {"mechanism": "PLAIN"},
        {"username": "a", "password": "b"},
        {"mechanism": "PLAIN", "username": "a"},
        {"ca_file": Path("ca.pem")},
    ],
)
def test_half_a_choice_is_refused(half: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Kafka"):
        KafkaSecurity(**half)  # type: ignore[arg-type]


def test_secrets_are_not_shown() -> None:
    shown = repr(KafkaSecurity(True, key_password="s3", mechanism="PLAIN", username="a", password="s3cret"))
    assert "s3" not in shown
