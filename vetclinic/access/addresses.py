"""From where a request comes, as far as that can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

HOUSE = 64  # bits of an IPv6 address: whoever has one of a network has them all


def address_of(request: HttpRequest | None) -> str | None:
    """The sender's address; of IPv6 its network. X-Forwarded-For is believed as far as our own proxies write it."""
    if request is None:
        return None
    written = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        written = hops[-settings.PROXY_COUNT] if len(hops) >= settings.PROXY_COUNT else written
    try:
        address = ipaddress.ip_address(written.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, HOUSE), strict=False).network_address)
    return str(address)
