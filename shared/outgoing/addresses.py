"""Which addresses may be connected to: those of the public internet, and those the operator has named.

The ranges are written out, because `ipaddress.is_global` counts several as public that lead inside: NAT64, 6to4,
multicast, site-local and every form that carries an IPv4 address.
"""

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from shared.settings import SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SETTING = "HERITAGE_WIRE_ALLOW_NETWORKS"

# IANA's registries of special addresses (RFC 6890 and its successors), and one address of a cloud.
_IPV4 = tuple(
    (IPv4Network(cidr), what)
    for cidr, what in (
        ("0.0.0.0/8", "means this very network"),
        ("10.0.0.0/8", "is private"),
        ("100.64.0.0/10", "is shared inside a provider's network"),
        ("127.0.0.0/8", "is this machine itself"),
        ("168.63.129.16/32", "is a cloud's inner service"),
        ("169.254.0.0/16", "is link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "is private"),
        ("192.0.0.0/24", "is kept for protocols"),
        ("192.0.2.0/24", "is for documentation"),
        ("192.88.99.0/24", "is a relay of 6to4"),
        ("192.168.0.0/16", "is private"),
        ("198.18.0.0/15", "is for benchmarks inside a network"),
        ("198.51.100.0/24", "is for documentation"),
        ("203.0.113.0/24", "is for documentation"),
        ("224.0.0.0/4", "is multicast"),
        ("255.255.255.255/32", "is broadcast"),
        ("240.0.0.0/4", "is reserved"),
    )
)
_IPV6 = tuple(
    (IPv6Network(cidr), what)
    for cidr, what in (
        ("::/128", "means no address"),
        ("::1/128", "is this machine itself"),
        ("::/96", "is an IPv4 address in a form given up long ago"),
        ("::ffff:0:0:0/96", "is an IPv4 address as translators write it"),
        ("64:ff9b:1::/48", "is a translator (NAT64) of one network"),
        ("100::/64", "leads nowhere"),
        ("2001::/23", "is kept for protocols, Teredo among them"),
        ("2001:db8::/32", "is for documentation"),
        ("2002::/16", "is a 6to4 tunnel"),
        ("3fff::/20", "is for documentation"),
        ("5f00::/16", "is for routing inside a network"),
        ("fc00::/7", "is private"),
        ("fe80::/10", "is link-local"),
        ("fec0::/10", "is private (site-local)"),
        ("ff00::/8", "is multicast"),
    )
)
_PUBLIC = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
# IPv6 ranges whose last four bytes are an IPv4 address.
_IPV4_LAST = (
    _MAPPED,
    _NAT64,
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0:0/96"),
    IPv6Network("64:ff9b:1::/48"),
)
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
# The third quarter of an ISATAP address, with and without the bit that says "unique in the world".
_ISATAP = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks the operator has opened (setting `allow_networks`).

    `own` are hosts with ports that the program itself serves, such as the sample press: they alone are open as well.
    """

    allowed: tuple[Network, ...] = ()
    own: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Networks":
        """The networks of a comma-separated list of CIDRs. Raises SettingsError, naming the one that is wrong."""
        return cls(tuple(_network(part.strip()) for part in text.split(",") if part.strip()))

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self.allowed)


def _network(cidr: str) -> Network:
    try:
        found = ip_network(cidr)
    except ValueError as fault:
        try:
            meant = ip_network(cidr, strict=False)
        except ValueError:
            hint = "write it like 10.0.0.0/8 or fd00::/8, several with commas between them"
        else:
            hint = f"bits are set behind the length; write {meant}"
        raise SettingsError(f"{SETTING}: {cidr!r} is not a network: {hint}") from fault
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        # ::ffff:10.0.0.0/104 is 10.0.0.0/8: addresses are judged by the IPv4 address that they carry.
        carried = IPv4Address(int(found.network_address) & 0xFFFFFFFF)
        return IPv4Network((carried, found.prefixlen - 96))
    return found


def refusal(address: str | Address, networks: Networks) -> str:
    """Why nothing may be sent to this address; '' when it may.

    An address that carries another one (NAT64, 6to4, …) passes only when both do, each by itself or by `networks`.
    """
    try:
        ip = ip_address(str(address).partition("%")[0])
    except ValueError:
        return f"{str(address)[:60]!r} is no IP address"
    reason = "" if ip in networks else _range_of(ip)
    if reason:
        return reason
    for inner in embedded(ip):
        reason = refusal(inner, networks)
        if reason:
            return f"{ip} leads to {inner}: {reason}"
    return ""


def _range_of(ip: Address) -> str:
    ranges = _IPV4 if isinstance(ip, IPv4Address) else _IPV6
    for network, what in ranges:
        if ip in network:
            return f"{ip} {what} ({network})"
    if isinstance(ip, IPv6Address) and not any(ip in n for n in (_PUBLIC, _MAPPED, _NAT64)):
        return f"{ip} is reserved (outside {_PUBLIC})"
    return ""


def embedded(ip: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address carries and leads to."""
    if isinstance(ip, IPv4Address):
        return ()
    number = int(ip)
    if number in (0, 1):  # :: and ::1 stand for themselves
        return ()
    found: list[IPv4Address] = []
    if any(ip in network for network in _IPV4_LAST) or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    if ip in _SIX_TO_FOUR:
        found.append(IPv4Address((number >> 80) & 0xFFFFFFFF))
    if ip in _TEREDO:
        found.append(IPv4Address((number >> 64) & 0xFFFFFFFF))
        found.append(IPv4Address(~number & 0xFFFFFFFF))
    return tuple(found)
