"""Fetches one web page, with limits on size, time and the networks that redirects may lead to.

This uses plain `http.client`, so that it connects to the very address that was checked; the libraries above it do not
allow that. Each name is looked up once per hop, and every hop of a redirect is checked.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from urllib.parse import quote, urljoin, urlsplit

from ..errors import BadPage, PrivateAddress
from ..page import Page
from ..support.limits import LARGEST
from ..support.text import counted
from .base import gunzip, too_large, url_id
from .given import format_of_type

SECONDS = 30.0
_HOPS = 6
_AGENT = "pageblocks (reads single pages that a person named)"


def fetch_page(url: str, private: bool = False, seconds: float = SECONDS, *, largest: int = LARGEST) -> Page:
    """Fetch the page at an http(s) address. Its `url` is where redirects end, its id is made from the given address.

    Raises PrivateAddress for an address on a private network (unless `private`), BadPage for more than `largest` bytes,
    more than `seconds` in all, a status other than 200, and a type that is neither HTML nor text.
    """
    deadline, here = time.monotonic() + seconds, url
    try:
        for _ in range(_HOPS):
            answer, connection = _ask(here, private, deadline)
            with connection, answer:
                if answer.status in (301, 302, 303, 307, 308) and (target := answer.getheader("Location")):
                    here = urljoin(here, target)
                    continue
                return _page(answer, connection, url, here, deadline, largest)
    except TimeoutError:
        raise _late(url, seconds) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise _late(url, seconds) from None
        why = " ".join(str(error).split()) or type(error).__name__
        raise BadPage(f"{url}: cannot be fetched ({why:.200})") from error
    raise BadPage(f"{url}: more than {_HOPS - 1} redirects, the last to {here:.200}")


def _late(url: str, seconds: float) -> BadPage:
    return BadPage(f"{url}: no whole answer within {counted(seconds, 'second')}; try again later or save the page")


class _Connection(http.client.HTTPConnection):
    """A connection to the first of the (checked) addresses that answers, under the requested host name."""

    def __init__(self, host: str, port: int, addresses: list[str], deadline: float, secure: bool) -> None:
        # The Host header has a port only if it is not the default port of the scheme (RFC 9110, 7.2).
        self.default_port = http.client.HTTPS_PORT if secure else http.client.HTTP_PORT
        super().__init__(host, port)
        self.addresses, self.deadline, self.secure = addresses, deadline, secure
        self.watch: threading.Timer | None = None

    def connect(self) -> None:
        self.sock = self._first()
        if self.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        # A time-out limits one read only; a server that sends a byte now and then could keep the connection for ever.
        self.watch = threading.Timer(_left(self.deadline), _cut, (self.sock,))
        self.watch.daemon = True
        self.watch.start()
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def _first(self) -> socket.socket:
        for more in reversed(range(len(self.addresses))):
            try:  # an address that does not answer leaves time for the others
                address = self.addresses[-1 - more]
                return socket.create_connection((address, self.port), _left(self.deadline) / (more + 1))
            except OSError:
                _left(self.deadline)
                if not more:
                    raise
        raise OSError("the name has no address")

    def stop(self) -> None:
        # Not in `close`: http.client calls it before the body is read if the server sends "Connection: close".
        if self.watch is not None:
            self.watch.cancel()
        self.close()

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _ask(url: str, private: bool, deadline: float) -> tuple[http.client.HTTPResponse, _Connection]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadPage(f"{url:.200}: not an http(s) address")
    host, port = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname, parts.port
    port = port or (443 if secure else 80)
    connection = _Connection(host, port, _addresses(url, host, port, private), deadline, secure)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    )
    try:
        connection.request(
            "GET",
            path,
            headers={"User-Agent": _AGENT, "Accept": "text/html, text/plain", "Accept-Encoding": "gzip, identity"},
        )
        connection.sock.settimeout(_left(deadline))
        return connection.getresponse(), connection
    except BaseException:
        connection.stop()
        raise


def _addresses(url: str, host: str, port: int, private: bool) -> list[str]:
    """The addresses of `host`, in the order in which the system would try them (RFC 6724)."""
    found = list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if not private and (inside := [address for address in found if not _is_public(address)]):
        raise PrivateAddress(f"{url}: {inside[0]} is on a private network, which is refused unless --private allows it")
    return found


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    inner = _wrapped(ip)
    if not all(one.is_global and not one.is_multicast for one in inner):
        return False
    # 2000::/3 is all that is assigned. Outside it, only addresses that contain a public IPv4 address can be public.
    return (ip in _ASSIGNED and ip.is_global) or (bool(inner) and any(ip in net for net in _WRAPPERS))


_ASSIGNED = ipaddress.IPv6Network("2000::/3")
# NAT64 (RFC 6052), IPv4-mapped and IPv4-compatible (RFC 4291), IPv4-translated (RFC 2765): the last 32 bits are an IPv4
# address. 64:ff9b:1::/48 (RFC 8215) is a network's own NAT64; its target is unknown, so it counts as private.
_WRAPPERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::ffff:0:0/96", "::/96", "::ffff:0:0:0/96")))


def _wrapped(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that a gateway may extract from an IPv6 address and connect to."""
    number, found = int(ip), []
    isatap = (number >> 32) & 0xFDFFFFFF == 0x00005EFE  # RFC 5214, under any prefix
    if isatap or any(ip in net for net in _WRAPPERS):
        found.append(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    if ip.sixtofour:
        found.append(ip.sixtofour)
    return found  # Teredo (2001::/32) is not global at all


def _page(
    answer: http.client.HTTPResponse, connection: _Connection, url: str, here: str, deadline: float, largest: int
) -> Page:
    if answer.status != 200:
        raise BadPage(f"{here}: the server answered {answer.status} {answer.reason}")
    kind = answer.headers.get_content_type() if answer.headers.get("Content-Type") else ""
    if kind and not kind.startswith("text/") and kind != "application/xhtml+xml":
        raise BadPage(f"{here}: {kind}, not a page; give HTML or plain text")
    parts: list[bytes] = []
    size = 0
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(_left(deadline))
        part = answer.read1(65536)
        if not part:
            break
        _left(deadline)
        size += len(part)
        if size > largest:
            raise too_large(here, largest)
        parts.append(part)
    _left(deadline)  # an answer that is cut off in its headers looks like a complete, empty one
    if answer.length:
        raise BadPage(f"{here}: the answer broke off after {counted(size, 'byte')}; try again")
    content = b"".join(parts)
    if content.startswith(b"\x1f\x8b"):
        content = gunzip(content, here, largest)
    encoding = answer.headers.get_content_charset() or ""
    format, now = format_of_type(kind, content, encoding), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return Page(url_id(url), url, content, format, here, encoding, kind, now, answer.status)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
