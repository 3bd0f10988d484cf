"""Where visitors find the server, printed at its start. The machine knows its addresses and asks nobody."""

from __future__ import annotations

import ipaddress

import ifaddr
from streamlit import config
from streamlit.web.server.server_util import get_url

# What a server listens at that answers at all of its machine's addresses
_EVERY = ("0.0.0.0", "::", "", None)  # noqa: S104 - to compare with


def addresses() -> list[str]:
    """The app's addresses for a browser, the best first."""
    if config.is_manually_set("browser.serverAddress"):
        return [get_url(config.get_option("browser.serverAddress"))]
    if (listens := config.get_option("server.address")) not in _EVERY:
        return [get_url(f"[{listens}]" if ":" in listens else listens)]
    return [get_url("localhost"), *map(get_url, _in_networks())]


def _in_networks() -> list[str]:
    """This machine's IPv4 addresses, without those that nobody else reaches."""
    found = (str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4)
    return [ip for ip in found if not _is_local(ipaddress.ip_address(ip))]


def _is_local(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_loopback or ip.is_link_local


def announce() -> None:
    """Print them."""
    print("\n  Maskwise is ready:", *addresses(), sep="\n  ", end="\n\n", flush=True)
