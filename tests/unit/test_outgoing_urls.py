"""Which URLs may be asked for, and in what form they are sent."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outgoing import Refused, checked_url
from shared.outgoing.urls import LONGEST, redirect_target, refused_port
from tests.unit.text_samples import unhurried

SENT = {
    "http://press.example": "http://press.example/",
    "HTTPS://Press.Example:443/a#top": "https://press.example/a",
    "http://press.example:80/": "http://press.example/",
    "http://press.example:/": "http://press.example/",
    "http://press.example:443/": "http://press.example:443/",
    "https://press.example:8443/a?b=c&d": "https://press.example:8443/a?b=c&d",
    "http://press.example./a": "http://press.example/a",
    "http://press_desk.example/": "http://press_desk.example/",
    "http://press.example/a%20b/%C3%A4?q=%2F": "http://press.example/a%20b/%C3%A4?q=%2F",
    "http://press.example/新闻?q=é": "http://press.example/%E6%96%B0%E9%97%BB?q=%C3%A9",
    'http://press.example/<"{|}^`>': "http://press.example/%3C%22%7B%7C%7D%5E%60%3E",
    "http://press.example/a/../b;c,d(e)'*!$@:": "http://press.example/a/../b;c,d(e)'*!$@:",
    "http://press.example?a": "http://press.example/?a",
    "http://例え.jp/": "http://xn--r8jz45g.jp/",
    "http://straße.example/": "http://xn--strae-oqa.example/",
    "http://xn--r8jz45g.jp/": "http://xn--r8jz45g.jp/",
    "http://ＰＲＥＳＳ．example/": "http://press.example/",
    "http://press。example/": "http://press.example/",
    "http://[2001:0DB8::0:1]:8080/": "http://[2001:db8::1]:8080/",
    "http://[::ffff:127.0.0.1]/": "http://[::ffff:7f00:1]/",
    # Numbers become the address that resolvers take them for.
    "http://127.1/": "http://127.0.0.1/",
    "http://0x7f.1/": "http://127.0.0.1/",
    "http://0X7F.0x0.0.0x1/": "http://127.0.0.1/",
    "http://2130706433/": "http://127.0.0.1/",
    "http://0x7f000001/": "http://127.0.0.1/",
    "http://017700000001/": "http://127.0.0.1/",
    "http://0177.0.0.1/": "http://127.0.0.1/",
    "http://127.0.0.1./": "http://127.0.0.1/",
    "http://①②⑦.0.0.1/": "http://127.0.0.1/",
    "http://１２７。０。０。１/": "http://127.0.0.1/",
    "http://0/": "http://0.0.0.0/",
}  # fmt: skip
REFUSED = [
    ("", "only http and https"),
    ("press.example/a", "only http and https"),
    ("//press.example/a", "only http and https"),
    ("ftp://press.example/", "not 'ftp'"),
    ("file:///etc/passwd", "not 'file'"),
    ("gopher://127.0.0.1:6379/_x", "not 'gopher'"),
    ("javascript:alert(1)", "not 'javascript'"),
    ("http:///a", "the host is missing"),
    ("http://?a", "the host is missing"),
    ("http://./", "the host is missing"),
    ("http://user:secret@press.example/", "name or password"),
    ("http://press.example@127.0.0.1/", "name or password"),
    ("http://@press.example/", "name or password"),
    ("http://press.example:0/", "no port 0"),
    ("http://press.example:65536/", "cannot be read"),
    ("http://press.example:8o/", "cannot be read"),
    ("http://press.example:80:80/", "cannot be read|not the name"),
    ("http://press.example/a b", r"' ' \(character 23\)"),
    (" http://press.example/", r"' ' \(character 1\)"),
    ("http://press.example/a\r\nHost: x", r"'\\r'"),
    ("http://press.example/a\tb", r"'\\t'"),
    ("http://press.example/\x00", r"'\\x00'"),
    ("http://press.example/\x85", r"'\\x85'"),
    ("http://press.example/a\u2028b", r"'\\u2028'"),
    ("http://press.example/\ud800", r"'\\ud800'"),
    ("http://press.example\\@127.0.0.1/", r"'\\\\'"),
    ("http://press..example/", "not the name of a host"),
    ("http://press.example%2f.evil.example/", "not the name of a host"),
    ("http://%31%32%37.0.0.1/", "not the name of a host"),
    (f"http://{'a' * 64}.example/", "not the name of a host"),
    (f"http://{'a.' * 130}example/", "not the name of a host"),
    ("http://pre,ss.example/", "not the name of a host"),
    ("http://☃︎\u200f.example/", "not the name of a host"),
    ("http://1.2.3.4.5/", "neither a name nor an address"),
    ("http://256.1.1.1/", "neither a name nor an address"),
    ("http://08.0.0.1/", "neither a name nor an address"),
    ("http://press.0x/", "neither a name nor an address"),
    ("http://99999999999/", "neither a name nor an address"),
    ("http://[::1/", "cannot be read"),
    ("http://[::1]x/", "cannot be read|not an IPv6"),
    ("http://[127.0.0.1]/", "cannot be read|not an IPv6"),
    ("http://[v1.a]/", "cannot be read|not an IPv6"),
    ("http://[fe80::1%25eth0]/", "names an interface"),
    ("http://[fe80::1%eth0]/", "names an interface"),
    ("http://press.example/" + "a" * LONGEST, "characters long"),
    ("http://press.example/" + "新" * 2000, "once it is escaped"),
]


@pytest.mark.parametrize(("url", "sent"), SENT.items())
def test_the_form_in_which_it_is_sent(url: str, sent: str) -> None:
    assert checked_url(url) == sent
    assert checked_url(sent) == sent


@pytest.mark.parametrize(("url", "words"), REFUSED)
def test_what_may_not_be_asked_for(url: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        checked_url(url)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


def test_a_password_never_stands_in_a_message() -> None:
    with pytest.raises(Refused) as caught:
        checked_url("http://user:secret@press.example/a b")
    assert "secret" not in str(caught.value)


@unhurried
@given(
    st.one_of(st.text(max_size=60), st.text("htps:/.?#[]@%\\0127x①ßé-_ ", max_size=40).map("http://".__add__))
)
def test_any_text_is_sent_in_one_form_or_refused(text: str) -> None:
    try:
        sent = checked_url(text)
    except Refused:
        return
    assert sent.isascii()
    assert sent.isprintable()
    assert " " not in sent
    assert checked_url(sent) == sent


@unhurried
@given(st.text("0123456789abcdefx.", min_size=1, max_size=20))
def test_what_the_resolver_reads_as_an_address_is_that_address_here(host: str) -> None:
    try:
        found = socket.getaddrinfo(host, 80, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        return
    assert checked_url(f"http://{host}/") == f"http://{found[0][4][0]}/"


@pytest.mark.parametrize("port", [80, 443, 1024, 8000, 8080, 8443, 65535])
def test_ports_of_the_web(port: int) -> None:
    assert refused_port(port) == ""


@pytest.mark.parametrize(
    "port", [1, 22, 25, 53, 79, 81, 442, 445, 1023, 2375, 3306, 5432, 6379, 9200, 11211, 27017]
)
def test_ports_of_other_services(port: int) -> None:
    assert f"port {port} belongs to another service" in refused_port(port)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://press.example/b"),
        ("b?c#d", "https://press.example/x/b?c"),
        ("//other.example/b", "https://other.example/b"),
        ("http://other.example", "http://other.example"),
        (" https://other.example/ \t", "https://other.example/"),
        ("/新闻".encode().decode("latin-1"), "https://press.example/%E6%96%B0%E9%97%BB"),
        ("/caf\xe9", "https://press.example/caf%C3%A9"),
        ("/a b", "https://press.example/a%20b"),
        ("?page=2", "https://press.example/x/y?page=2"),
        ("http://127.0.0.1:6379/", "http://127.0.0.1:6379/"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("http://[::1", ""),
    ],
)  # fmt: skip
def test_where_a_redirect_points(location: str, target: str) -> None:
    assert redirect_target("https://press.example/x/y?z", location) == target


@unhurried
@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_location_points_somewhere_or_nowhere(location: str) -> None:
    target = redirect_target("https://press.example/x", location)
    assert isinstance(target, str)
