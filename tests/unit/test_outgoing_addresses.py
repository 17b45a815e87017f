"""Which addresses may be connected to: every range at its edges, every form that carries another address."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outgoing import Networks, refusal
from shared.settings import SettingsError
from tests.unit.text_samples import unhurried

NONE = Networks()
# Each range with the address before it and the one after it, where those are public.
RANGES = [
    ("0.0.0.0/8", "", "1.0.0.0"),
    ("10.0.0.0/8", "9.255.255.255", "11.0.0.0"),
    ("100.64.0.0/10", "100.63.255.255", "100.128.0.0"),
    ("127.0.0.0/8", "126.255.255.255", "128.0.0.0"),
    ("168.63.129.16/32", "168.63.129.15", "168.63.129.17"),
    ("169.254.0.0/16", "169.253.255.255", "169.255.0.0"),
    ("172.16.0.0/12", "172.15.255.255", "172.32.0.0"),
    ("192.0.0.0/24", "191.255.255.255", "192.0.1.0"),
    ("192.0.2.0/24", "192.0.1.255", "192.0.3.0"),
    ("192.88.99.0/24", "192.88.98.255", "192.88.100.0"),
    ("192.168.0.0/16", "192.167.255.255", "192.169.0.0"),
    ("198.18.0.0/15", "198.17.255.255", "198.20.0.0"),
    ("198.51.100.0/24", "198.51.99.255", "198.51.101.0"),
    ("203.0.113.0/24", "203.0.112.255", "203.0.114.0"),
    ("224.0.0.0/4", "223.255.255.255", ""),
    ("240.0.0.0/4", "", ""),
    ("255.255.255.255/32", "", ""),
    ("::/128", "", ""),
    ("::1/128", "", ""),
    ("::/96", "", ""),
    ("::ffff:0:0:0/96", "", ""),
    ("64:ff9b:1::/48", "", ""),
    ("100::/64", "", ""),
    ("2001::/23", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
    ("2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
    ("2002::/16", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
    ("3fff::/20", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
    ("5f00::/16", "", ""),
    ("fc00::/7", "", ""),
    ("fe80::/10", "", ""),
    ("fec0::/10", "", ""),
    ("ff00::/8", "", ""),
    # What no registry has given away yet, on both sides of what it has.
    ("200::/7", "", "2000::"),
    ("4000::/2", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
]
PRIVATE = st.sampled_from(
    ["10.0.0.5", "127.0.0.1", "169.254.169.254", "0.0.0.0", "192.168.1.1", "255.255.255.255"]
)
IPV4 = st.one_of(st.ip_addresses(v=4), PRIVATE.map(IPv4Address)).map(IPv4Address)
# A public /64, and an id that says "below me is an IPv4 address" (ISATAP).
PREFIX = int(IPv6Address("2a01:4f8::"))


def v6(high: str, low: int) -> IPv6Address:
    return IPv6Address(int(IPv6Address(high)) | low)


@pytest.mark.parametrize(("cidr", "before", "after"), RANGES)
def test_a_range_is_refused_from_its_first_to_its_last_address(cidr: str, before: str, after: str) -> None:
    network = ip_network(cidr)
    for inside in (network[0], network[-1], network[network.num_addresses // 2]):
        assert str(inside) in refusal(str(inside), NONE)
        assert refusal(inside, NONE)
    for outside in filter(None, (before, after)):
        assert ip_address(outside) not in network
        assert refusal(outside, NONE) == ""


@pytest.mark.parametrize(
    "address",
    # What `ipaddress` of Python 3.11 calls global, and the addresses where clouds keep their secrets.
    ["64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::1", "::127.0.0.1", "::8.8.8.8", "2a01:4f8::5efe:10.0.0.1",
     "2a01:4f8::200:5efe:127.0.0.1", "fec0::1", "224.0.0.1", "ff02::1", "192.88.99.1", "::ffff:127.0.0.1",
     "::ffff:0:10.0.0.1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "169.254.169.254", "fd00:ec2::254",
     "100.100.100.200", "192.0.0.192", "168.63.129.16", "fe80::1%eth0", "::1%lo", "0.0.0.0", "::"],
)  # fmt: skip
def test_what_other_guards_let_through_is_refused(address: str) -> None:
    assert refusal(address, NONE)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_pass_also_through_a_translator(address: str) -> None:
    assert refusal(address, NONE) == ""


@pytest.mark.parametrize("text", ["", "ghost", "1.2.3", "1.2.3.4.5", "::g", "127.0.0.1 ", "٣.1.1.1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert "is no IP address" in refusal(text, NONE)


@unhurried
@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_passes_that_the_standard_library_calls_special(ip: IPv4Address | IPv6Address) -> None:
    if refusal(ip, NONE) == "" and ip not in ip_network("64:ff9b::/96"):
        inner = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        judged = inner or ip
        assert judged.is_global
        special = judged.is_multicast, judged.is_reserved, judged.is_loopback, judged.is_link_local
        assert not any(special)


@unhurried
@given(IPV4)
def test_a_translated_address_is_judged_as_the_one_it_carries(carried: IPv4Address) -> None:
    opened = Networks((IPv4Network(carried),))
    for form in (v6("::ffff:0:0", int(carried)), v6("64:ff9b::", int(carried))):
        reason, own = refusal(form, NONE), refusal(carried, NONE)
        assert bool(reason) == bool(own)
        assert reason.endswith(own)
        assert refusal(form, opened) == ""


@unhurried
@given(IPV4, st.sampled_from([0x5EFE, 0x0200_5EFE]))
def test_isatap_is_judged_as_the_address_it_carries(carried: IPv4Address, mark: int) -> None:
    form = IPv6Address(PREFIX | mark << 32 | int(carried))
    assert bool(refusal(form, NONE)) == bool(refusal(carried, NONE))
    assert refusal(form, Networks((IPv4Network(carried),))) == ""


@unhurried
@given(IPV4, st.integers(0, 2**32 - 1))
def test_tunnels_are_refused_and_opened_only_with_both_their_addresses(
    carried: IPv4Address, rest: int
) -> None:
    public = int(IPv4Address("8.8.8.8"))
    for form in (
        v6("2002::", int(carried) << 80 | rest),  # 6to4
        v6("2001::", public << 64 | rest << 32 | (~int(carried) & 0xFFFFFFFF)),  # Teredo, the client
        v6("2001::", int(carried) << 64 | rest << 32 | (~public & 0xFFFFFFFF)),  # Teredo, the server
        v6("64:ff9b:1::", int(carried)),
        v6("::ffff:0:0:0", int(carried)),
        v6("::", int(carried) | 1 << 31),
    ):
        inner = IPv4Address(int(carried) | 1 << 31) if form in IPv6Network("::/96") else carried
        outer = IPv6Network(form)
        assert refusal(form, NONE)
        assert refusal(form, Networks((IPv4Network(inner),)))
        assert bool(refusal(form, Networks((outer,)))) == bool(refusal(inner, NONE))
        assert refusal(form, Networks((outer, IPv4Network(inner)))) == ""


@unhurried
@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.integers(0, 32))
def test_a_network_opens_its_own_addresses_and_no_other(ip: IPv4Address | IPv6Address, length: int) -> None:
    opened = Networks.parse("10.1.0.0/16, fd00:1::/32")
    inside = ip in IPv4Network("10.1.0.0/16") or ip in IPv6Network("fd00:1::/32")
    assert refusal(ip, opened) == ("" if inside else refusal(ip, NONE))
    around = Networks((ip_network((ip, length), strict=False),))
    if isinstance(ip, IPv4Address):
        assert refusal(ip, around) == ""


def test_scopes_do_not_count() -> None:
    opened = Networks.parse("fe80::/10")
    assert refusal("fe80::1%eth0", opened) == ""
    assert refusal("fe80::1", opened) == ""
    assert refusal("fec0::1%eth0", opened)


def test_this_machine_can_be_opened_in_either_protocol() -> None:
    assert refusal("::1", Networks.parse("::1")) == ""
    assert refusal("127.0.0.1", Networks.parse("127.0.0.0/8")) == ""
    assert refusal("::1", Networks.parse("127.0.0.0/8, ::/128"))


def test_networks_are_read_with_blanks_single_addresses_and_translated_ones() -> None:
    networks = Networks.parse(" 127.0.0.1 , 10.0.0.0/8,, ::1,::ffff:192.168.0.0/112 ")
    assert [str(n) for n in networks.allowed] == ["127.0.0.1/32", "10.0.0.0/8", "::1/128", "192.168.0.0/16"]
    assert refusal("::ffff:192.168.9.9", networks) == refusal("192.168.9.9", networks) == ""
    assert refusal("127.0.0.2", networks)
    assert Networks.parse("") == NONE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "10.0.0.0/8, 10.0.0.0/33",
            r"HERITAGE_WIRE_ALLOW_NETWORKS: '10.0.0.0/33' is not a network: write it like",
        ),
        ("intranet", "'intranet' is not a network"),
        ("10.0.0.0/8 fd00::/8", "'10.0.0.0/8 fd00::/8' is not a network.*commas"),
        ("10.1.2.3/8", "'10.1.2.3/8' is not a network: bits are set behind the length; write 10.0.0.0/8"),
        ("fd00::1/8", "write fd00::/8"),
    ],
)
def test_a_wrong_network_is_named(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Networks.parse(text)
