"""Which addresses the house may connect to. Pure: names are resolved elsewhere.

Closed is everything that is not plain global unicast, by the IANA special-purpose address registries
(RFC 6890, RFC 8190 and what was registered since), written out here so that the answer does not depend on
the version of Python. An IPv4 address inside of an IPv6 one (mapped, NAT64, 6to4) is judged as what it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CLOSED_4 = [
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this host, this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, with the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
OPEN_6 = IPv6Network("2000::/3")
"""The only global unicast there is; loopback, ULA, link-local, multicast and the rest lie outside."""
CLOSED_6 = [
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator lets the house reach besides public addresses: names of hosts, and nets."""

    hosts: frozenset[str] = frozenset()
    nets: tuple[Network, ...] = ()

    @classmethod
    def of(cls, words: Collection[str]) -> Allowed:
        """Read `10.1.2.0/24`, `10.1.2.3`, `::1`, `hotline.example`, `*.city.example`. Raises ValueError."""
        hosts, nets = set(), []
        for word in (word.strip().lower().rstrip(".") for word in words):
            try:
                nets.append(ip_network(word.strip("[]")))
            except ValueError:
                plain = word.removeprefix("*.")
                if "/" in word or not plain or not _is_name(plain):
                    raise ValueError(f"neither a host nor a net: {word!r}") from None
                hosts.add(word)
        return cls(frozenset(hosts), tuple(nets))

    def host(self, name: str) -> bool:
        """Whether this name is let through whatever it resolves to. `*.x` means every name below x."""
        name = name.lower().rstrip(".")
        parts = name.split(".")
        above = {f"*.{'.'.join(parts[n:])}" for n in range(1, len(parts))}
        return bool(({name} | above) & self.hosts)

    def address(self, address: Address) -> bool:
        """Whether this address lies in an allowed net."""
        return any(address.version == net.version and address in net for net in self.nets)


def is_public(address: Address) -> bool:
    """Whether an address is global unicast, that is: nothing of the house's own surroundings."""
    inner = unwrapped(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in net for net in CLOSED_4)
    return inner in OPEN_6 and not any(inner in net for net in CLOSED_6)


def may_reach(host: str, address: Address, allowed: Allowed) -> bool:
    """Whether the house may connect to `address` when it was asked for `host`."""
    inner = unwrapped(address)
    return is_public(address) or allowed.host(host) or allowed.address(address) or allowed.address(inner)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside of a mapped, NAT64 or 6to4 address; else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        if address in _SIX_TO_FOUR:
            return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return address


def read(text: str) -> Address:
    """An address as the resolver gives it. Raises ValueError, also for one with a zone (`fe80::1%eth0`)."""
    if "%" in text:
        raise ValueError("an address with a zone is never public")
    return ip_address(text)


def _is_name(text: str) -> bool:
    return all(
        0 < len(part) <= 63 and all(letter.isalnum() or letter in "-_" for letter in part) for part in text.split(".")
    )
