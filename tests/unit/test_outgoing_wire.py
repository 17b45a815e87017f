"""What stands on the wire at the web's own ports, and that a connection never connects by itself."""

import socket
import time
from http.client import NotConnected

import pytest

from shared.outgoing import Limits
from shared.outgoing.connection import PlainConnection, SecureConnection, Target
from shared.outgoing.wire import Deadline, Wire


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://press.example/", "press.example"),
        ("https://press.example/", "press.example"),
        ("http://press.example:443/", "press.example:443"),
        ("https://press.example:80/", "press.example:80"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_the_host_is_named_as_in_the_url(url: str, host: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        target = Target.of(url)
        wire = Wire(ours, Deadline(target.host, 5, time.monotonic), Limits())
        connection = (SecureConnection if target.secure else PlainConnection)(target, wire)
        connection.request("GET", target.path)
        assert f"\r\nHost: {host}\r\n".encode() in theirs.recv(4096)
        connection.close()
        with pytest.raises(NotConnected):
            connection.request("GET", target.path)
