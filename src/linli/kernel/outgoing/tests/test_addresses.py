"""The house goes to public addresses only, in whatever dress another one comes."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from linli.kernel.outgoing.addresses import Allowed, is_public, may_reach

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2400:3200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_open(text: str):
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", CLOSED)
def test_everything_else_is_closed(text: str):
    assert not is_public(ip_address(text))
    assert not may_reach("x.example", ip_address(text), Allowed())


@pytest.mark.parametrize(
    ("words", "host", "address", "open_"),
    [
        (["10.1.2.0/24"], "x", "10.1.2.9", True),
        (["10.1.2.0/24"], "x", "10.1.3.9", False),
        (["10.1.2.3"], "x", "::ffff:10.1.2.3", True),
        (["127.0.0.1"], "x", "127.0.0.2", False),
        (["::1"], "x", "::1", True),
        (["[fd00::]/8"], None, "", None),
        (["fd00::/8"], "x", "fd12::1", True),
        (["Hook.City.example"], "hook.city.example.", "10.0.0.1", True),
        (["hook.city.example"], "other.city.example", "10.0.0.1", False),
        (["*.city.example"], "a.b.city.example", "10.0.0.1", True),
        (["*.city.example"], "city.example", "10.0.0.1", False),
        (["*.city.example"], "evilcity.example", "10.0.0.1", False),
        (["10.1.2.3/24"], None, "", None),
        (["*"], None, "", None),
        ([""], None, "", None),
        (["http://x"], None, "", None),
    ],
)
def test_the_operator_opens_hosts_and_nets_and_no_more(words, host, address, open_):
    if host is None:
        with pytest.raises(ValueError, match="neither a host nor a net"):
            Allowed.of(words)
    else:
        assert may_reach(host, ip_address(address), Allowed.of(words)) is open_
