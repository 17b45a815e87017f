"""Mistakes and faults that a beginner meets on the cluster's servers, as settings, and what has to be said of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.guarded_kafka import ELSEWHERE, GUEST, LONER, GuardedKafka
from tests.secured_elasticsearch import OUTSIDER, Secured

PREFIX = f"test-{uuid4().hex[:12]}"
Variables = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """The good servers, the guarded ones, and the strangers."""

    kafka: str
    elasticsearch: str
    guarded: GuardedKafka
    secured: Secured
    others: Mapping[str, str]
    folder: Path

    def good(self, prefix: str = PREFIX) -> Variables:
        """Settings with which everything works."""
        return {
            "BUS": f"kafka://{self.kafka}",
            "INDEX": self.elasticsearch,
            "DATA": str(self.folder / "data"),
            "PREFIX": prefix,
        }

    def user(self, user: tuple[str, str], password: str | None = None) -> Variables:
        """Settings of one who comes by the door of passwords, with another one if given."""
        return {
            "BUS": f"kafka://{self.guarded.passwords}",
            "KAFKA_MECHANISM": "PLAIN",
            "KAFKA_USERNAME": user[0],
            "KAFKA_PASSWORD": password or user[1],
        }

    def elastic_user(self, user: str) -> Variables:
        """Settings of one of the secured Elasticsearch's users."""
        return {
            "INDEX": self.secured.address(user),
            "ELASTICSEARCH_CA": str(self.secured.security.ca_file),
            "PREFIX": "wire",
        }

    def key(self, key: str) -> Variables:
        """Settings of one with an API key."""
        return {
            "INDEX": self.secured.server.address,
            "ELASTICSEARCH_CA": str(self.secured.security.ca_file),
            "ELASTICSEARCH_API_KEY": key,
        }


Wrong = tuple[Callable[[Places], Variables], str]
TLS = {"KAFKA_TLS": "true"}

KAFKA: dict[str, Wrong] = {
    "the server is down": (
        lambda p: {"BUS": f"kafka://{p.others['nobody']}"},
        r"Kafka at 127\.0\.0\.1:\d+ cannot be reached \(Connection refused\): start it, or set HERITAGE_WIRE_BUS",
    ),
    "a name that nobody has": (
        lambda p: {"BUS": "kafka://broker.invalid:9092"},
        r"Kafka at broker\.invalid:9092 cannot be reached \(.*not known.*HERITAGE_WIRE_BUS",
    ),
    "no port": (
        lambda p: {"BUS": "kafka://localhost"},
        r"'localhost': HERITAGE_WIRE_BUS is written kafka://host:port",
    ),
    "another scheme": (
        lambda p: {"BUS": f"http://{p.kafka}"},
        r"HERITAGE_WIRE_BUS=http://\S+: expected 'local' or kafka://host:port",
    ),
    "a password in the address": (
        lambda p: {"BUS": f"kafka://wire:s3cret@{p.kafka}"},
        r"no user and password stand in HERITAGE_WIRE_BUS: set HERITAGE_WIRE_KAFKA_MECHANISM",
    ),
    "the address of Elasticsearch": (
        lambda p: {"BUS": f"kafka://{p.elasticsearch.removeprefix('http://')}"},
        r"Kafka at \S+ answers as a web server does: set HERITAGE_WIRE_BUS",
    ),
    "still starting": (
        lambda p: {"BUS": f"kafka://{p.others['silent']}"},
        r"Kafka at \S+ gives no answer within 10 s: wait if it is starting, else check that HERITAGE_WIRE_BUS",
    ),
    "a machine that is off": (
        lambda p: {"BUS": f"kafka://{p.others['off']}"},
        r"Kafka at \S+ gives no answer within 10 s: .*firewall",
    ),
    "an old server": (
        lambda p: {"BUS": f"kafka://{p.others['old kafka']}"},
        r"Kafka at \S+ is older than Kafka 2\.4.*upgrade it",
    ),
    "TLS is asked for and not spoken": (
        lambda p: {"BUS": f"kafka://{p.guarded.tls}"},
        r"Kafka at \S+ asks for TLS: set HERITAGE_WIRE_KAFKA_TLS=true",
    ),
    "TLS is spoken and not understood": (
        lambda p: {"BUS": f"kafka://{p.kafka}", **TLS},
        r"Kafka at \S+ speaks no TLS .*unset HERITAGE_WIRE_KAFKA_TLS",
    ),
    "a certificate nobody vouches for": (
        lambda p: {"BUS": f"kafka://{p.guarded.tls}", **TLS},
        r"Kafka at \S+ shows a certificate that is not to be trusted .*set HERITAGE_WIRE_KAFKA_CA",
    ),
    "a certificate for another name": (
        lambda p: {
            "BUS": f"kafka://{p.guarded.tls.replace('127.0.0.1', 'localhost')}",
            "KAFKA_CA": str(p.guarded.ca),
            **TLS,
        },
        r"Kafka at localhost:\d+ shows a certificate for another name .*HERITAGE_WIRE_BUS",
    ),
    "a certificate of ours is asked for": (
        lambda p: {"BUS": f"kafka://{p.guarded.mutual}", "KAFKA_CA": str(p.guarded.ca), **TLS},
        r"Kafka at \S+ asks for a certificate of ours .*set HERITAGE_WIRE_KAFKA_CERTIFICATE and HERITAGE_WIRE_KAFKA_KEY",
    ),
    "a CA file that is none": (
        lambda p: {"BUS": f"kafka://{p.guarded.tls}", "KAFKA_CA": str(p.folder / "notes.txt"), **TLS},
        r"HERITAGE_WIRE_KAFKA_CA=\S+notes\.txt: holds no certificate",
    ),
    "a CA file that is not there": (
        lambda p: {"BUS": f"kafka://{p.guarded.tls}", "KAFKA_CA": "/no/such.pem", **TLS},
        r"HERITAGE_WIRE_KAFKA_CA=/no/such\.pem: No such file",
    ),
    "a CA and no TLS": (
        lambda p: {"BUS": f"kafka://{p.guarded.tls}", "KAFKA_CA": str(p.guarded.ca)},
        r"HERITAGE_WIRE_KAFKA_TLS is off .*set it to true",
    ),
    "a password is asked for": (
        lambda p: {"BUS": f"kafka://{p.guarded.passwords}"},
        r"Kafka at \S+ asks for a user and a password \(PLAIN\): set HERITAGE_WIRE_KAFKA_MECHANISM",
    ),
    "a password is not asked for": (
        lambda p: {**p.user(GUEST), "BUS": f"kafka://{p.kafka}"},
        r"Kafka at \S+ asks for no user and password: unset HERITAGE_WIRE_KAFKA_MECHANISM",
    ),
    "half a password": (
        lambda p: {"KAFKA_USERNAME": "wire"},
        r"HERITAGE_WIRE_KAFKA_PASSWORD .*belong together: set all three, or none",
    ),
    "a wrong password": (
        lambda p: p.user(GUEST, "guess"),
        r"Kafka at \S+ does not take the user 'guest' with this password .*check HERITAGE_WIRE_KAFKA_USERNAME",
    ),
    "another way of giving a password": (
        lambda p: {**p.user(GUEST), "KAFKA_MECHANISM": "SCRAM-SHA-512"},
        r"Kafka at \S+ takes no passwords by SCRAM-SHA-512: set HERITAGE_WIRE_KAFKA_MECHANISM to PLAIN",
    ),
    "no rights": (
        lambda p: p.user(GUEST),
        r"Kafka at \S+ does not let the user 'guest' use the topic '\S+': give it rights to what begins with '",
    ),
    "no rights to groups": (
        lambda p: p.user(LONER),
        r"Kafka at \S+ does not let the user 'loner' use the group '\S+': give it rights to what begins with '",
    ),
    "an address that is not known here": (
        lambda p: {"BUS": f"kafka://{p.guarded.elsewhere}"},
        rf"Kafka at \S+ answers and sends its clients on to {ELSEWHERE}, which cannot be reached .*: set "
        r"advertised\.listeners",
    ),
}
ELASTICSEARCH: dict[str, Wrong] = {
    "the server is down": (
        lambda p: {"INDEX": f"http://{p.others['nobody']}"},
        r"http://\S+: cannot be reached \(Connection refused\); check the address in HERITAGE_WIRE_INDEX",
    ),
    "a name that nobody has": (
        lambda p: {"INDEX": "http://search.invalid:9200"},
        r"http://search\.invalid:9200: cannot be reached \(.*not known.*HERITAGE_WIRE_INDEX",
    ),
    "no scheme": (
        lambda p: {"INDEX": p.elasticsearch.removeprefix("http://")},
        r"HERITAGE_WIRE_INDEX=127\.0\.0\.1:\d+: .*is written http://host:port",
    ),
    "another scheme": (
        lambda p: {"INDEX": f"kafka://{p.kafka}"},
        r"HERITAGE_WIRE_INDEX=kafka://\S+: .*is written http://host:port",
    ),
    "no scheme and a password": (
        lambda p: {"INDEX": "wire:s3cret@search:9200"},
        r"HERITAGE_WIRE_INDEX=search:9200: .*is written http://host:port",
    ),
    "the address of Kafka": (
        lambda p: {"INDEX": f"http://{p.kafka}"},
        r"http://\S+: cannot be reached \(it hangs up.*check the address in HERITAGE_WIRE_INDEX",
    ),
    "a web site": (
        lambda p: {"INDEX": p.others["web site"]},
        r"http://\S+: answers, but is not an Elasticsearch; check the address in HERITAGE_WIRE_INDEX",
    ),
    "a server that speaks otherwise": (
        lambda p: {"INDEX": f"http://{p.others['old kafka']}"},
        r"http://\S+: cannot be reached .*check the address in HERITAGE_WIRE_INDEX",
    ),
    "a proxy whose server is down": (
        lambda p: {"INDEX": p.others["proxy"]},
        r"http://\S+: is not ready \(HTTP 502.*wait if it is starting",
    ),
    "still starting": (
        lambda p: {"INDEX": p.others["starting"]},
        r"http://\S+: is not ready \(cluster_block_exception.*not recovered.*wait if it is starting",
    ),
    "it says nothing": (
        lambda p: {"INDEX": f"http://{p.others['silent']}"},
        r"http://\S+: gave no answer within 9 s; check the address in HERITAGE_WIRE_INDEX",
    ),
    "a machine that is off": (
        lambda p: {"INDEX": f"http://{p.others['off']}"},
        r"http://\S+: cannot be reached \(.*timed out.*check the address in HERITAGE_WIRE_INDEX",
    ),
    "an old server": (
        lambda p: {"INDEX": p.others["version 8"]},
        r"http://\S+: is an Elasticsearch of another major version .*upgrade the server",
    ),
    "TLS is asked for and not spoken": (
        lambda p: {"INDEX": p.secured.server.address.replace("https", "http")},
        r"http://\S+: cannot be reached .*if it asks for TLS write https://",
    ),
    "TLS is spoken and not understood": (
        lambda p: {"INDEX": p.elasticsearch.replace("http", "https")},
        r"https://\S+: speaks no TLS .*write http://",
    ),
    "a certificate nobody vouches for": (
        lambda p: {"INDEX": p.secured.address("wire")},
        r"https://\S+: is not trusted \(self-signed certificate\); set HERITAGE_WIRE_ELASTICSEARCH_CA",
    ),
    "a certificate for another name": (
        lambda p: {
            **p.elastic_user("wire"),
            "INDEX": p.secured.server.address.replace("127.0.0.1", "localhost"),
        },
        r"https://localhost:\d+: is not trusted \(.*not valid for 'localhost'\); write the address in HERITAGE_WIRE_INDEX",
    ),
    "a CA file that is not there": (
        lambda p: {"INDEX": p.secured.address("wire"), "ELASTICSEARCH_CA": "/no/such.pem"},
        r"CA file /no/such\.pem \(HERITAGE_WIRE_ELASTICSEARCH_CA\): No such file",
    ),
    "a CA and no TLS": (
        lambda p: {"ELASTICSEARCH_CA": str(p.guarded.ca)},
        r"HERITAGE_WIRE_INDEX=http://\S+: HERITAGE_WIRE_ELASTICSEARCH_CA is set .*write it https://",
    ),
    "no password": (
        lambda p: {**p.elastic_user("wire"), "INDEX": p.secured.server.address},
        r"https://\S+: does not know us \(.*missing authentication credentials\); set HERITAGE_WIRE_ELASTICSEARCH_API_KEY",
    ),
    "a wrong password": (
        lambda p: {
            **p.elastic_user("wire"),
            "INDEX": p.secured.server.address.replace("://", "://wire:guess@"),
        },
        r"https://127\S+: does not know us \(.*authenticate user \[wire\]\); set .*password in HERITAGE_WIRE_INDEX",
    ),
    "a wrong API key": (
        lambda p: p.key("d3Jvbmc6d3Jvbmc="),
        r"https://\S+: does not know us \(.*\); set HERITAGE_WIRE_ELASTICSEARCH_API_KEY to an API key that is valid",
    ),
    "an API key that is none": (
        lambda p: p.key("der Schlüssel"),
        r"HERITAGE_WIRE_ELASTICSEARCH_API_KEY holds what no API key holds",
    ),
    "no rights": (
        lambda p: p.elastic_user(OUTSIDER),
        r"https://\S+: does not let 'outsider' do what we need \(missing: .*on wire-\*\); give it ",
    ),
}
