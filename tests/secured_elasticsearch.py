"""A real Elasticsearch with TLS and users, for tests of trust and rights."""

import hashlib
import shutil
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from shared.elastic import ElasticSecurity
from shared.servers.elasticsearch import ElasticsearchServer, start_elasticsearch
from shared.servers.maven import ServerUnavailable

PASSWORD = "correct horse/battery@staple"
SECURE = {
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.certificate": "http.crt",
    "xpack.security.http.ssl.key": "http.key",
}
# The first are the rights that docs/decisions/0008-elasticsearch.md asks for.
ROLES = b"""
wire:
  cluster: [manage_index_templates]
  indices: [{names: ["wire-*"], privileges: [all]}]
reading:
  indices: [{names: ["wire-*"], privileges: [read, view_index_metadata]}]
"""
OUTSIDER = "outsider"  # who knows only how to log in


@dataclass(frozen=True, slots=True)
class Secured:
    """The server, which knows a user per role, and the file of the CA that signed its certificate: itself."""

    server: ElasticsearchServer
    security: ElasticSecurity

    def address(self, user: str) -> str:
        """Its address, with the user's name and password."""
        return self.server.address.replace("://", f"://{user}:{quote(PASSWORD, safe='')}@")


def users() -> dict[str, bytes]:
    """Files of users and roles; passwords as Elasticsearch's `{PBKDF2}` wants them."""
    salt = b"salt" * 8
    made = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 10_000, 32)
    coded = f"{{PBKDF2}}10000${b64encode(salt).decode()}${b64encode(made).decode()}"
    return {
        "roles.yml": ROLES,
        "users": "".join(f"{name}:{coded}\n" for name in ("wire", "reading", OUTSIDER)).encode(),
        "users_roles": b"wire:wire\nreading:reading\n",
    }


def certificate(folder: Path) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is missing, which makes the certificate: install the package openssl")
    made, key = folder / "http.crt", folder / "http.key"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=wire"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *request, *names, "-out", made, "-keyout", key], check=True, capture_output=True)
    return made, key


@contextmanager
def secured_elasticsearch() -> Iterator[Secured]:
    """One that runs while the block does. Skips the test where none can be had."""
    with tempfile.TemporaryDirectory(prefix="heritage-wire-secured-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        made, key = certificate(folder)
        files = {path.name: path.read_bytes() for path in (made, key)} | users()
        try:
            server = start_elasticsearch(folder / "server", settings=SECURE, files=files)
        except ServerUnavailable as e:
            pytest.skip(str(e))
        with server:
            yield Secured(server, ElasticSecurity(ca_file=made))
