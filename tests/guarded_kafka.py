"""A real Kafka with a door for each way of being guarded, for tests of what those meet who come to the wrong one."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)

from shared.servers.kafka import start_kafka
from shared.servers.maven import ServerUnavailable, find_java
from tests.strangers import free_address

# Users by name, with their passwords: who has the rights that docs/operator.md lists, none, and all but those to groups.
WIRE, GUEST, LONER = ("wire", "w1re"), ("guest", "gu3st"), ("loner", "l0ner")
WIRE_PREFIX = "wire."
ELSEWHERE = "kafka.invalid:9092"


@dataclass(frozen=True, slots=True)
class GuardedKafka:
    """Its addresses, `host:port` each, and the file of the certificate to trust.

    `open` asks for nothing; `tls` for TLS; `mutual` for a certificate of the client's too; `passwords` for a user; and
    `elsewhere` sends its clients on to an address that nobody has.
    """

    open: str
    tls: str
    mutual: str
    passwords: str
    elsewhere: str
    ca: Path


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key store for a broker on 127.0.0.1, with the password `changeit`, and the file that its clients trust."""
    keytool = find_java(17).with_name("keytool")
    store, ca = folder / "broker.p12", folder / "ca.pem"
    making = "-genkeypair -alias broker -keyalg RSA -dname CN=broker -ext SAN=IP:127.0.0.1 -storetype PKCS12"
    secret = ["-storepass", "changeit", "-keystore", str(store)]
    subprocess.run([keytool, *making.split(), *secret], check=True, capture_output=True)
    showing = [str(keytool), "-exportcert", "-rfc", "-alias", "broker", *secret]
    ca.write_bytes(subprocess.run(showing, check=True, capture_output=True).stdout)
    return store, ca


@contextmanager
def guarded_kafka() -> Iterator[GuardedKafka]:
    """One that runs while the block does. Skips the test where none can be had."""
    with tempfile.TemporaryDirectory(prefix="heritage-wire-guarded-") as place:
        folder = Path(place)
        names = ("PLAINTEXT", "SSL", "MUTUAL", "SASL_PLAINTEXT", "ELSEWHERE")
        doors = {name: free_address() for name in names}
        try:
            store, ca = certificate(folder)
            server = start_kafka(
                folder / "kafka", int(doors["PLAINTEXT"].rpartition(":")[2]), _settings(doors, store, ca)
            )
        except ServerUnavailable as e:
            pytest.skip(str(e))
        with server:
            _give_rights(doors["PLAINTEXT"])
            yield GuardedKafka(
                open=doors["PLAINTEXT"],
                tls=doors["SSL"],
                mutual=doors["MUTUAL"],
                passwords=doors["SASL_PLAINTEXT"],
                elsewhere=doors["ELSEWHERE"],
                ca=ca,
            )


def _settings(doors: dict[str, str], store: Path, ca: Path) -> dict[str, str]:
    controller = free_address()
    users = " ".join(f'user_{name}="{password}"' for name, password in (WIRE, GUEST, LONER))
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    protocols = {"MUTUAL": "SSL", "ELSEWHERE": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"}
    listeners = [f"{name}://{at}" for name, at in doors.items()]
    return {
        "listeners": ",".join([*listeners, f"CONTROLLER://{controller}"]),
        "advertised.listeners": ",".join([*listeners[:-1], f"ELSEWHERE://{ELSEWHERE}"]),
        "listener.security.protocol.map": ",".join(
            f"{name}:{protocols.get(name, name)}" for name in (*doors, "CONTROLLER")
        ),
        "controller.quorum.voters": f"1@{controller}",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": f"{plain} {users};",
        "listener.name.mutual.ssl.client.auth": "required",
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(store),
        "ssl.keystore.password": "changeit",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(ca),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }


def _give_rights(address: str) -> None:
    every = ResourcePattern(ResourceType.TOPIC, "*", ACLResourcePatternType.LITERAL)
    topics, groups = (
        ResourcePattern(kind, WIRE_PREFIX, ACLResourcePatternType.PREFIXED)
        for kind in (ResourceType.TOPIC, ResourceType.GROUP)
    )
    may = ACLOperation
    rights = [(LONER, may.ALL, every), (WIRE, may.DESCRIBE, groups), (WIRE, may.READ, groups)]
    rights += [
        (WIRE, right, topics)
        for right in (may.CREATE, may.DESCRIBE, may.DESCRIBE_CONFIGS, may.READ, may.WRITE)
    ]
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_acls(
        [ACL(f"User:{user[0]}", "*", right, ACLPermissionType.ALLOW, what) for user, right, what in rights]
    )
    admin.close()
