"""How connections to Kafka are protected: TLS, a certificate of our own, a user's name and password."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from shared.bus.port import BusError


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """How connections are protected. The default is none: only for a broker on the same machine or a closed network.

    `tls` encrypts and checks the broker's certificate against `ca_file`, else against the authorities this system
    trusts; a certificate and key of our own are for brokers that ask for them. `mechanism` names how the name and
    password are given.
    """

    tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for a half-made choice."""
        if (self.mechanism is None) != (self.username is None) or (self.username is None) != (
            self.password is None
        ):
            raise ValueError(
                "HERITAGE_WIRE_KAFKA_MECHANISM (PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512), HERITAGE_WIRE_KAFKA_USERNAME "
                "and HERITAGE_WIRE_KAFKA_PASSWORD (Kafka's) belong together: set all three, or none"
            )
        if not self.tls and (self.ca_file or self.certificate_file or self.key_file):
            raise ValueError(
                "HERITAGE_WIRE_KAFKA_TLS is off and certificates for Kafka are given: set it to true, or leave them out"
            )
        if self.key_file and not self.certificate_file:
            raise ValueError(
                "HERITAGE_WIRE_KAFKA_KEY is set and HERITAGE_WIRE_KAFKA_CERTIFICATE is not: Kafka wants both"
            )

    def context(self) -> ssl.SSLContext | None:
        """What TLS is made with; None without TLS. Raises BusError naming a file that cannot be used."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=_text(self.ca_file))
        except (OSError, ssl.SSLError) as fault:
            raise BusError(f"HERITAGE_WIRE_KAFKA_CA={self.ca_file}: {_why(fault)}") from fault
        if self.certificate_file is not None:
            try:
                # Without a password given, one that is needed must not be asked for on the terminal.
                context.load_cert_chain(self.certificate_file, self.key_file, lambda: self.key_password or "")
            except (OSError, ssl.SSLError) as fault:
                raise BusError(
                    f"HERITAGE_WIRE_KAFKA_CERTIFICATE={self.certificate_file} with HERITAGE_WIRE_KAFKA_KEY="
                    f"{self.key_file or self.certificate_file}: {_why(fault)}; give the right files, and "
                    "HERITAGE_WIRE_KAFKA_KEY_PASSWORD where the key has one"
                ) from fault
        return context

    def options(self) -> dict[str, Any]:
        """In kafka-python's terms."""
        return {
            "security_protocol": ("SASL_" if self.mechanism else "") + ("SSL" if self.tls else "PLAINTEXT"),
            "ssl_cafile": _text(self.ca_file),
            "ssl_certfile": _text(self.certificate_file),
            "ssl_keyfile": _text(self.key_file),
            "ssl_password": self.key_password,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


def _why(fault: OSError) -> str:
    """What is wrong with a file of certificates."""
    if isinstance(fault, ssl.SSLError):
        return "holds no certificate or key that can be read (they are PEM files)"
    return fault.strerror or str(fault)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
