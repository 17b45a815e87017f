"""The outgoing guard against real servers on this machine: what never leaves, what is cut, what is told."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outgoing import (
    Answer,
    BadAnswer,
    Limits,
    Networks,
    OutgoingClient,
    OutgoingError,
    Refused,
    TimedOut,
    TooLarge,
    Unreachable,
    user_agent,
)
from shared.settings import SettingsError
from tests.integration.scripted_server import Script, ScriptedServer, answer, drip, endless

MIB = 2**20
HERE = Networks.parse("127.0.0.0/8, ::1")
SHORT = Limits(total=0.5)
SMALL = Limits(header_bytes=16_384, wire_bytes=MIB, body_bytes=MIB)


class Names:
    """A name server: each name's addresses, one list per question, the last one for ever."""

    def __init__(self, **names: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): [list(given) for given in names[name]] for name in names}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, family: int, kind: int) -> list[tuple[Any, Any, int, str, Any]]:
        self.asked.append(host)
        given = self.answers.get(host)
        if given is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = given.pop(0) if len(given) > 1 else given[0]
        return [
            (socket.AF_INET6, kind, 6, "", (ip, port, 0, 0))
            if ":" in ip
            else (socket.AF_INET, kind, 6, "", (ip, port))
            for ip in addresses
        ]


def client(networks: Networks = HERE, **options: Any) -> OutgoingClient:
    options.setdefault("resolver", Names(press_example=[["127.0.0.1"]]))
    return OutgoingClient(networks, "Test/1", **options)


PATIENT = client()


@contextmanager
def quick() -> Iterator[None]:
    """What is within ends near the deadline of `SHORT`, also on a machine with much else to do."""
    begin = time.monotonic()
    try:
        yield
    finally:
        assert 0.2 < time.monotonic() - begin < 4


def get(script: Script | bytes, limits: Limits = SMALL, **options: Any) -> Answer:
    with ScriptedServer(script, **options) as server:
        return PATIENT.get(server.url(), limits=limits)


# --- what never leaves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "①②⑦.0.0.1", "0177.0.0.1", "0", "[::ffff:127.0.0.1]", "localhost",
     "press.example", "mixed.example", "mapped.example", "nat64.example", "six.example"],
)  # fmt: skip
def test_without_leave_nobody_here_is_connected_to(host: str) -> None:
    names = Names(
        localhost=[["127.0.0.1"]],
        press_example=[["127.0.0.1"]],
        mixed_example=[["8.8.8.8", "127.0.0.1"]],
        mapped_example=[["::ffff:127.0.0.1"]],
        nat64_example=[["64:ff9b::7f00:1"]],
        six_example=[["2002:7f00:1::1", "8.8.8.8"]],
    )
    with ScriptedServer(answer(b"inside")) as server:
        guarded = client(Networks(), resolver=names)
        for ask in (guarded.get, guarded.check):
            with pytest.raises(Refused, match=r"was not asked: .*HERITAGE_WIRE_ALLOW_NETWORKS"):
                ask(server.url(host=host))
        with pytest.raises(Refused):
            guarded.post(server.url(host=host), b"{}")
        assert (server.connections, server.requests) == (0, [])
        # The same server does answer once its network is named.
        assert client(resolver=names).get(server.url()).body == b"inside"
        assert server.connections == 1


def test_one_private_address_among_public_ones_is_enough() -> None:
    names = Names(mixed_example=[["8.8.8.8", "2001:4860:4860::8888", "10.0.0.1"]])
    with pytest.raises(
        Refused, match=r"mixed.example was not asked: its address 10.0.0.1 .* is private \(10.0.0.0/8\)"
    ):
        client(resolver=names).get("http://mixed.example/")


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A name server that changes its mind: the second answer would lead elsewhere.
    names = Names(rebinding_example=[["127.0.0.1"], ["127.0.0.9"]])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("looked up a second time"))
    with ScriptedServer(answer(b"first")) as server:
        found = client(Networks.parse("127.0.0.1"), resolver=names).get(server.url(host="rebinding.example"))
        assert (found.body, found.address, names.asked) == (b"first", "127.0.0.1", ["rebinding.example"])
        assert f"Host: rebinding.example:{server.port}\r\n".encode() in server.requests[0]
        with pytest.raises(Refused, match=r"127\.0\.0\.9"):
            client(Networks.parse("127.0.0.1"), resolver=names).get(server.url(host="rebinding.example"))
        assert server.connections == 1


def test_other_ports_than_those_of_the_web_are_open_in_named_networks_only() -> None:
    names = Names(public_example=[["8.8.8.8"]])
    for port in (22, 6379):
        with pytest.raises(Refused, match=f"port {port} belongs to another service"):
            client(resolver=names).check(f"http://public.example:{port}/")
    assert client(resolver=names).check("http://Public.example:8080") == "http://public.example:8080/"
    assert client().check("http://127.1:22/") == "http://127.0.0.1:22/"


def test_no_proxy_and_no_password_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine press.example login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with ScriptedServer(answer(b"proxy")) as proxy, ScriptedServer(answer(b"host")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert client().get(server.url(host="press.example")).body == b"host"
        assert b"uthorization" not in server.requests[0]
        assert proxy.connections == 0


def test_redirects_are_returned_and_never_followed() -> None:
    with ScriptedServer(answer(b"inside")) as inside:
        for status in (301, 302, 303, 307, 308):
            found = get(answer(b"moved", f"Location: {inside.url('/a b')}", status=f"{status} Moved"))
            assert (found.status, found.redirect) == (status, inside.url("/a%20b"))
            assert found.headers["LOCATION"] == inside.url("/a b")
            with pytest.raises(Refused):
                client(Networks()).get(found.redirect)
        assert inside.connections == 0


def test_a_loop_of_redirects_is_an_answer_each() -> None:
    with ScriptedServer(answer(b"", "Location: /", status="302 Found")) as server:
        for count in (1, 2, 3):
            assert client().get(server.url()).redirect == server.url()
            assert server.connections == count


@pytest.mark.parametrize(
    ("status", "headers", "redirect"),
    [
        ("302 Found", [], ""),
        ("302 Found", ["Location: "], ""),
        ("302 Found", ["Location: http://[::1"], ""),
        ("302 Found", ["Location: https://first.example/", "Location: https://second.example/"], "https://first.example/"),
        ("200 OK", ["Location: https://other.example/"], ""),
        ("304 Not Modified", ["Location: https://other.example/"], ""),
        ("302 Found", ["Location: file:///etc/passwd"], "file:///etc/passwd"),
    ],
)  # fmt: skip
def test_odd_redirects(status: str, headers: list[str], redirect: str) -> None:
    assert get(answer(b"", *headers, status=status)).redirect == redirect


# --- what is sent and what comes back ------------------------------------------------------------------------


def test_what_a_request_looks_like() -> None:
    with ScriptedServer(answer(b"ok", "X-One: 1", "x-one: 2", "Content-Type: text/html")) as server:
        found = client().get(
            server.url("/新闻?a=b#c", host="press.example"), {"If-None-Match": '"x"', "Accept": "text/html"}
        )
        posted = client().post(server.url("/hook"), b"{}", {"Content-Type": "application/json"})
    first, second = server.requests
    head = first.decode("ascii").split("\r\n")
    assert head[0] == "GET /%E6%96%B0%E9%97%BB?a=b HTTP/1.1"
    assert sorted(head[1:-2]) == sorted(
        [f"Host: press.example:{server.port}", 'if-none-match: "x"', "accept: text/html", "user-agent: Test/1",
         "accept-encoding: gzip, deflate", "connection: close"]
    )  # fmt: skip
    assert second.startswith(b"POST /hook HTTP/1.1\r\n")
    assert second.endswith(b"\r\n\r\n{}")
    assert b"Content-Length: 2\r\n" in second
    assert b"content-type: application/json\r\n" in second
    assert posted.status == 200
    assert (found.url, found.status, found.body) == (
        f"http://press.example:{server.port}/%E6%96%B0%E9%97%BB?a=b",
        200,
        b"ok",
    )
    assert dict(found.headers) == {"x-one": "1, 2", "content-type": "text/html", "content-length": "2"}
    assert found.headers["X-ONE"] == found.headers["x-one"]
    assert "X-One" in found.headers
    assert (found.address, found.redirect, found.truncated) == ("127.0.0.1", "", False)
    assert 0 < found.ms < 10_000


@pytest.mark.parametrize(
    "header",
    [{"A": "b\r\nC: d"}, {"A": "\x00"}, {"A\r\nB": "c"}, {"A b": "c"}, {"": "c"}, {"A": "新"}, {"Host": "other.example"},
     {"content-LENGTH": "9"}, {"Transfer-Encoding": "chunked"}],
)  # fmt: skip
def test_headers_that_would_change_the_request_are_refused(header: dict[str, str]) -> None:
    with ScriptedServer(answer()) as server:
        with pytest.raises(Refused, match="cannot be sent"):
            client().get(server.url(), header)
        assert server.connections == 0


def test_over_ipv6() -> None:
    with ScriptedServer(answer(b"six"), host="::1") as server:
        found = client().get(server.url(host="[0::1]"))
        assert (found.body, found.address, found.url) == (b"six", "::1", server.url(host="[::1]"))
        assert f"Host: [::1]:{server.port}\r\n".encode() in server.requests[0]


def test_the_next_address_is_tried_when_the_first_is_dead() -> None:
    names = Names(both_example=[["::1", "127.0.0.1"]])
    with ScriptedServer(answer(b"four")) as server:
        assert client(resolver=names).get(server.url(host="both.example")).address == "127.0.0.1"


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (zlib.compress(b"news" * 9), "deflate"),
        (zlib.compress(b"news" * 9, wbits=31), "gzip"),
        (b"news" * 9, "utf-8"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_come_decompressed_however_they_are_framed(
    packed: bytes, encoding: str, chunked: bool
) -> None:
    encoded = f"Content-Encoding: {encoding}"
    if chunked:
        framed = b"".join(b"1;x=y\r\n%c\r\n" % byte for byte in packed) + b"0\r\nTrailer: x\r\n\r\n"
        script = answer(framed, encoded, "Transfer-Encoding: chunked", length=False)
    else:
        script = answer(packed, encoded, length=False)
    assert get(script).body == b"news" * 9


def test_a_status_without_a_body() -> None:
    for status in ("204 No Content", "304 Not Modified"):
        found = get(answer(b"", "Content-Encoding: gzip", status=status, length=False))
        assert (found.body, found.truncated) == (b"", False)


def test_folded_headers_and_continue() -> None:
    found = get(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: one\r\n two\r\nContent-Length: 1\r\n\r\nx"
    )
    assert (found.headers["a"], found.body) == ("one two", b"x")


def test_many_threads_share_a_client() -> None:
    shared = client()
    with ScriptedServer(answer(b"x" * 50_000)) as server, ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda n: shared.get(server.url(f"/{n}")).body, range(64)))
    assert bodies == [b"x" * 50_000] * 64
    assert len(server.requests) == 64


def test_who_we_say_we_are() -> None:
    assert user_agent("").startswith("HeritageWire/0")
    assert user_agent(" desk@museum.example ").endswith(" (+desk@museum.example)")
    for contact in ("desk@museum.example\r\nX: y", "a (b)", "Büro", "two words"):
        with pytest.raises(SettingsError, match="HERITAGE_WIRE_CONTACT"):
            user_agent(contact)


# --- what is cut ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "where"),
    [
        (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "headers"),
        (drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), "headers"),
        (drip(b"HTTP/1.1 200", b""), "headers"),
        (drip(answer(b"", length=False), b"x"), "body"),
        (drip(answer(b"", "Content-Length: 1000", length=False), b"x"), "body"),
        (drip(answer(b"", "Transfer-Encoding: chunked", length=False), b"1\r\nx\r\n"), "body"),
        (drip(answer(b"", "Transfer-Encoding: chunked", length=False), b"0"), "body"),
        (drip(answer(b"", "Content-Encoding: gzip", length=False), zlib.compress(b"", wbits=31)), "body"),
    ],
)
def test_who_drips_is_cut_at_the_deadline(script: Script, where: str) -> None:
    late = pytest.raises(TimedOut, match=f"took longer than 0.5 s in all: gave up while its {where} came in")
    with late, quick():
        get(script, SHORT)


def test_a_receiver_that_reads_nothing_is_cut_at_the_deadline() -> None:
    def deaf(_sock: socket.socket, over: Any) -> None:
        over.wait(10)

    late = pytest.raises(TimedOut, match="while the request was sent")
    with ScriptedServer(deaf, greets=True) as server, late, quick():
        client().post(server.url(), bytes(32 * MIB), limits=SHORT)


@pytest.fixture
def full_house() -> Iterator[int]:
    """The port of a listener on 127.0.0.1 that lets nobody in: connecting to it hangs."""
    with ExitStack() as guests:
        listener = guests.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = listener.getsockname()[1]
        for _ in range(8):
            guest = guests.enter_context(socket.socket())
            guest.setblocking(False)
            guest.connect_ex(("127.0.0.1", port))
        yield port


def test_who_lets_nobody_in_is_cut_at_the_deadline(full_house: int) -> None:
    for limits in (SHORT, Limits(connect=0.3)):
        with quick(), pytest.raises(Unreachable, match=r"no answer in time; tried 127\.0\.0\.1"):
            client().get(f"http://127.0.0.1:{full_house}/", limits=limits)
    names = Names(two_example=[["127.0.0.1", "::ffff:127.0.0.1"]])
    with quick(), pytest.raises(TimedOut, match="while connecting"):
        client(resolver=names).get(f"http://two.example:{full_house}/", limits=SHORT)


def test_a_dead_address_leaves_time_for_the_next(full_house: int) -> None:
    names = Names(two_example=[["127.0.0.1", "127.0.0.2"]])
    with ScriptedServer(answer(b"second"), host="127.0.0.2", port=full_house) as server, quick():
        found = client(resolver=names).get(server.url(host="two.example"), limits=Limits(connect=0.6))
    assert (found.address, found.body) == ("127.0.0.2", b"second")


def test_a_slow_name_server_is_cut_at_the_deadline() -> None:
    done = threading.Event()

    def slow(*_: Any) -> Any:
        done.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    try:
        with quick(), pytest.raises(TimedOut, match="while its name was looked up"):
            client(resolver=slow).get("http://press.example/", limits=SHORT)
    finally:
        done.set()


def test_the_time_is_that_of_the_clock() -> None:
    ticks = iter(range(0, 1000, 20))
    with ScriptedServer(answer(b"x")) as server, pytest.raises(TimedOut, match="30 s"):
        client(clock=lambda: float(next(ticks))).get(server.url())


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (endless(answer(b"", length=False), b"x" * 65536), "more than 1048576 bytes"),
        (endless(answer(b"", "Transfer-Encoding: chunked", length=False), b"10000\r\n" + b"x" * 65536 + b"\r\n"), "more than"),
        (endless(answer(b"", "Transfer-Encoding: chunked", length=False), b"1;" + b"x" * 65536), "more than|chunk size line"),
        (endless(answer(b"", "Transfer-Encoding: chunked", length=False), b"0" * 65536), "more than|chunk size line"),
        (answer(b"", "Content-Length: 99999999999", length=False), "wants to send 99999999999 bytes; 1048576 are allowed"),
        (endless(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 100), "too many headers"),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"H%d: x\r\n" % n for n in range(100_000)) + b"\r\n", "too many headers"),
        (endless(b"HTTP/1.1 200 OK\r\nA: ", b"x" * 4096), "more than 16384 bytes .headers"),
        (endless(b"HTTP/1.1 200 ", b"x" * 4096), "more than 16384 bytes .headers"),
        (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "more than 16384 bytes .headers"),
    ],
)  # fmt: skip
def test_who_sends_too_much_is_cut(script: Script | bytes, words: str) -> None:
    with pytest.raises((TooLarge, BadAnswer), match=words):
        get(script)


@pytest.mark.parametrize(("bits", "encoding"), [(31, "gzip"), (15, "deflate"), (-15, "deflate")])
def test_a_bomb_is_cut_without_ever_being_inflated(bits: int, encoding: str) -> None:
    packer = zlib.compressobj(9, wbits=bits)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(50)) + packer.flush()
    assert len(bomb) < MIB / 4
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="a document of more than 1048576 bytes"):
            get(answer(bomb, f"Content-Encoding: {encoding}"))
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


def test_limits_are_met_exactly() -> None:
    body = b"x" * 1000
    whole = answer(body, "X: y")
    for script in (whole, answer(body, "X: yyyyyyyyyyyyyyyyy", length=False)):
        fits = Limits(body_bytes=1000, wire_bytes=len(whole), header_bytes=len(whole) - 1000)
        assert get(script, fits).body == body
        for tight in (Limits(body_bytes=999), Limits(wire_bytes=len(script) - 1), Limits(wire_bytes=999)):
            with pytest.raises(TooLarge):
                get(script, tight)


def test_what_cannot_be_had_whole_is_cut_where_that_is_asked_for() -> None:
    cut = Limits(total=1, body_bytes=1000, cut=True)
    found = get(answer(b"x" * 2000), cut)
    assert (found.status, found.body, found.truncated) == (200, b"x" * 1000, True)
    assert get(answer(b"x" * 1000), cut).truncated is False
    assert get(drip(answer(b"", length=False), b"x"), cut).truncated is True
    assert get(answer(b"short", "Content-Length: 9", length=False), cut).truncated is True
    with ScriptedServer(answer(b"ok", "Content-Encoding: br")) as server:
        assert client().post(server.url(), b"").truncated is True


@pytest.mark.parametrize(
    "rest",
    [answer(b"", "Content-Length: 999999999", length=False), endless(answer(b"", length=False), b"x" * 65536),
     answer(b"x", "Content-Encoding: gzip"), drip(answer(b"", length=False), b"x")],
)  # fmt: skip
def test_a_status_that_tells_enough_is_never_lost_to_its_body(rest: Script | bytes) -> None:
    """Too many requests, or gone: that is known before the body is."""

    def script(sock: Any, over: Any) -> None:
        def told(data: bytes) -> None:
            sock.sendall(data.replace(b"200 OK", b"429 Slow\r\nRetry-After: 60"))

        class Renamed:
            sendall = staticmethod(told)

        if isinstance(rest, bytes):
            told(rest)
        else:
            rest(Renamed, over)  # type: ignore[arg-type]

    found = get(script, Limits(total=1))
    assert (found.status, found.headers["retry-after"], found.truncated) == (429, "60", True)
    assert len(found.body) <= 65536


# --- what is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (b"", "closed the connection without a word"),
        (b"220 ftp.example ready\r\n", "is not HTTP"),
        (b"\x16\x03\x01\x00\x02", "is not HTTP"),
        (b"HTTP/1.1 999999 OK\r\n\r\n", "is not HTTP"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(b"x"), "answers 103"),
        (answer(b"short", "Content-Length: 9", length=False), "ended before the whole body had come"),
        (answer(b"9\r\nshort", "Transfer-Encoding: chunked", length=False), "ended before"),
        (answer(b"zz\r\nshort", "Transfer-Encoding: chunked", length=False), "chunked wrongly|ended before"),
        (answer(b"x", "Content-Length: 1, 2", length=False), "no proper answer"),
        (answer(b"x", "Content-Encoding: br"), "compressed with 'br', which nobody asked for"),
        (answer(b"<html>", "Content-Encoding: gzip"), "compressed wrongly"),
    ],
)
def test_what_is_no_answer_is_told(script: bytes, words: str) -> None:
    with pytest.raises(BadAnswer, match=rf"127.0.0.1:\d+ .*{words}") as caught:
        get(script)
    assert caught.value.host == "127.0.0.1"
    assert caught.value.may_pass


def test_a_length_that_is_too_short_ends_the_body() -> None:
    assert get(answer(b"longer than it says", "Content-Length: 6", length=False)).body == b"longer"


def test_a_connection_that_breaks_is_told() -> None:
    def breaks(sock: socket.socket, _over: Any) -> None:
        sock.sendall(answer(b"", "Content-Length: 9", length=False))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with pytest.raises(BadAnswer, match=r"connection broke|ended before"):
        get(breaks)


@given(st.lists(st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 ", b"404", b"\r\n", b"\n", b": ", b"Content-Length: ", b"5", b"-1", b"Transfer-Encoding: chunked",
     b"Content-Encoding: gzip", b"Location: //", b"Connection: keep-alive", b"\x00", b"\xff\xfe", b" ", b"9" * 5000, b"Set-Cookie: a=b", b"0\r\n\r\n"]
).map(lambda part: part) | st.binary(max_size=5), max_size=12))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_an_answer_or_an_error_of_ours(parts: list[bytes]) -> None:
    try:
        assert isinstance(get(b"".join(parts), Limits(total=2)), Answer)
    except OutgoingError as fault:
        assert len(str(fault)) < 400  # noqa: PT017 - whether it raises is not for us to say


def test_names_and_hosts_that_are_not_there() -> None:
    with ScriptedServer(answer()) as server:
        dead = server.port
    names = Names(press_example=[["127.0.0.1", "::1"]], empty_example=[[]])
    cases = [
        ("https://ghost.example/", "name", "^the name ghost.example does not exist$"),
        ("https://empty.example/", "name", "^the name empty.example has no address$"),
        (
            f"https://press.example:{dead}/",
            "connection",
            f"^nothing answers at press.example:{dead} .connection refused; tried 127.0.0.1, ::1.$",
        ),
    ]
    for url, stage, words in cases:
        with pytest.raises(Unreachable, match=words) as caught:
            client(resolver=names).get(url)
        assert (caught.value.stage, caught.value.may_pass) == (stage, True)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "x"), "cannot be looked up now: the name server gives no answer"),
        (socket.gaierror(socket.EAI_NODATA, "x"), "has no address"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable"), "cannot be looked up: non-recoverable"),
        (OSError(24, "Too many open files"), "cannot be looked up: too many open files"),
        (UnicodeError("label too long"), "cannot be looked up: label too long"),
    ],
)
def test_a_look_up_that_fails_says_how(fault: Exception, words: str) -> None:
    def failing(*_: Any) -> Any:
        raise fault

    with pytest.raises(Unreachable, match=words):
        client(resolver=failing).get("http://press.example/")


def test_a_fault_of_our_own_in_a_look_up_is_not_hidden() -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        client(resolver=broken).get("http://press.example/")


# --- TLS -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for press.example and 127.0.0.1 that only itself vouches for, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is missing, which makes the certificate: install the package openssl")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "press.crt", folder / "press.key"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=press"]
    names = ["-addext", "subjectAltName=DNS:press.example,IP:127.0.0.1"]
    subprocess.run([openssl, *request, *names, "-out", made, "-keyout", key], check=True, capture_output=True)
    return made, key


def tls(certificate: tuple[Path, Path], seen: list[str | None]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _sock, name, _context: seen.append(name)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    with ScriptedServer(answer(b"secret"), context=tls(certificate, [])) as server:
        with pytest.raises(
            Unreachable, match=r"^the certificate of press.example:\d+ is not valid: self-signed"
        ) as caught:
            client().get(server.url(scheme="https", host="press.example"))
        assert caught.value.stage == "certificate"
        assert server.requests == []


def test_with_its_authority_it_is_trusted_for_its_own_names_alone(certificate: tuple[Path, Path]) -> None:
    seen: list[str | None] = []
    names = Names(press_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    trusting = client(resolver=names, ca_file=certificate[0])
    with ScriptedServer(answer(b"secret"), context=tls(certificate, seen)) as server:
        found = trusting.get(server.url("/a", scheme="https", host="press.example"))
        assert (found.body, found.address, seen) == (b"secret", "127.0.0.1", ["press.example"])
        assert f"Host: press.example:{server.port}\r\n".encode() in server.requests[0]
        assert trusting.get(server.url(scheme="https")).body == b"secret"  # by its IP address
        with pytest.raises(Unreachable, match=r"not valid: Hostname mismatch.*other\.example") as caught:
            trusting.get(server.url(scheme="https", host="other.example"))
        assert caught.value.stage == "certificate"
        assert len(server.requests) == 2


def test_limits_hold_within_tls(certificate: tuple[Path, Path]) -> None:
    trusting = client(ca_file=certificate[0])
    for script, limits, error in (
        (drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), SHORT, TimedOut),
        (endless(answer(b"", length=False), b"x" * 65536), SMALL, TooLarge),
    ):
        with ScriptedServer(script, context=tls(certificate, [])) as server, pytest.raises(error):
            trusting.get(server.url(scheme="https"), limits=limits)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (b"HTTP/1.1 400 Plain\r\n\r\n", r"no TLS with 127.0.0.1:\d+: .*"),
        (b"", r"no TLS with 127.0.0.1:\d+: .*"),
    ],
)
def test_who_speaks_no_tls_is_told(script: bytes, words: str) -> None:
    with ScriptedServer(script, greets=True) as server, pytest.raises(Unreachable, match=words) as caught:
        client().get(server.url(scheme="https"))
    assert caught.value.stage == "tls"


def test_who_drips_while_tls_is_agreed_on_is_cut_at_the_deadline() -> None:
    hello = b"\x16\x03\x03\x40\x00"  # begins a record of 16 KiB
    late = pytest.raises(TimedOut, match="while TLS was agreed on")
    with ScriptedServer(drip(hello, b"\x02"), greets=True) as server, late, quick():
        client().get(server.url(scheme="https"), limits=SHORT)
