"""Which URLs may be asked for, brought into the one form in which they are sent."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna

from shared.outgoing.errors import Refused

LONGEST = 8000  # what RFC 9110 wants every server to take
DEFAULT_PORTS = {"http": 80, "https": 443}

# White space of every script, C0 and C1 controls, lone surrogates, and the slash that some programs take for "/".
_FORBIDDEN = re.compile(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff\\]")
_USERINFO = re.compile(r"//[^/?#]*@")
_BRACKETED = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# ASCII that stands in a path or query as it is; `%` too, since what is escaped stays escaped.
_PLAIN = "!#$%&'()*+,-./:;=?@[]_~"

# Ports from 1024 on that no news is served on, but where a forged request does harm: mostly databases and the like,
# and those that browsers refuse as well.
_DANGEROUS = frozenset(
    {1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061}
    | {5432, 5672, 5900, 5901, 5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7001}
    | {9042, 9092, 9200, 9300, 10080, 10250, 11211, 27017, 27018, 27019, 50070}
)


def checked_url(url: str) -> str:
    """The URL in the form in which it is sent: ASCII host, escaped path, no fragment, no default port.

    A host written as a number in any way (127.1, 0x7f.1, 2130706433, ①②⑦.0.0.1) becomes the address it means. Raises
    Refused where it may not be asked for; whether its address and port may be is judged once they are known.
    """
    if len(url) > LONGEST:
        raise Refused(f"{_cut(url)} is {len(url)} characters long; {LONGEST} is the limit")
    bad = _FORBIDDEN.search(url)
    if bad:
        raise Refused(
            f"{_cut(url)} holds {bad.group()!a} (character {bad.start() + 1}), which no address may"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise Refused(f"{_cut(url)} cannot be read as an address: {fault}") from fault
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise Refused(f"{_cut(url)}: only http and https are spoken, not {scheme or 'nothing'!r}")
    if "@" in parts.netloc:
        raise Refused(
            f"{_cut(parts.netloc.rpartition('@')[2])}: an address with a name or password in it is not used"
        )
    if port == 0:
        raise Refused(f"{_cut(url)}: there is no port 0")
    host = _ascii_host(parts, url)
    netloc = host if port in (None, DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    sent = urlunsplit((scheme, netloc, _escaped(parts.path) or "/", _escaped(parts.query), ""))
    if len(sent) > LONGEST:
        raise Refused(
            f"{_cut(url)} is {len(sent)} characters long once it is escaped; {LONGEST} is the limit"
        )
    return sent


def refused_port(port: int) -> str:
    """Why nothing is sent to this port of a public host; '' when something may be."""
    if port in (80, 443):
        return ""
    if port < 1024:
        return f"port {port} belongs to another service than the web (80, 443 and from 1024 on are used)"
    return f"port {port} belongs to another service than the web" if port in _DANGEROUS else ""


def redirect_target(url: str, location: str) -> str:
    """Where a `location` header points, as an absolute address without fragment; '' when it cannot be read.

    Headers arrive as Latin-1 although servers write UTF-8, and with spaces: both are escaped. Nothing is checked here.
    """
    try:
        text = location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        text = location
    try:
        parts = urlsplit(urljoin(url, text.strip()))
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, _escaped(parts.path), _escaped(parts.query), ""))


def _ascii_host(parts: SplitResult, url: str) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        if not _BRACKETED.fullmatch(parts.netloc):
            raise Refused(f"{_cut(url)}: {_cut(parts.netloc)} is not an IPv6 address")
        return f"[{_ipv6(host, url)}]"
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as fault:
            raise Refused(f"{_cut(url)}: {_cut(host)} is not the name of a host: {fault}") from fault
    host = host.lower().removesuffix(".")
    if not host:
        raise Refused(f"{_cut(url)}: the host is missing")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused(f"{_cut(url)}: {_cut(host)} is not the name of a host")
    return _ipv4(host, url) if _NUMBER.fullmatch(labels[-1]) else host


def _ipv4(host: str, url: str) -> str:
    """A host that ends in a number is an address, as every resolver reads it."""
    try:
        return str(IPv4Address(socket.inet_aton(host)))
    except OSError as fault:
        raise Refused(f"{_cut(url)}: {_cut(host)} is neither a name nor an address") from fault


def _ipv6(host: str, url: str) -> str:
    if "%" in host:
        raise Refused(f"{_cut(url)}: an address that names an interface (after %) is not used")
    try:
        return str(IPv6Address(host))
    except ValueError as fault:
        raise Refused(f"{_cut(url)}: [{_cut(host)}] is not an IPv6 address") from fault


def _escaped(text: str) -> str:
    return quote(text, safe=_PLAIN)


def _cut(text: str) -> str:
    """For a message: short, one line, without a password and without what would change how the rest is shown."""
    short = _USERINFO.sub("//…@", text)
    short = short if len(short) <= 100 else f"{short[:99]}…"
    return short if short.isprintable() else ascii(short)[1:-1]
