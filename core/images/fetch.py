"""A picture from an untrusted URL, without lending whoever typed it this machine's network.

Every name is resolved once, every address it has must be on the public internet, and the connection goes to
the address that was checked. Python's own `http.client` on a socket of ours does that in the open: no client
on top of it that resolves again, follows a redirect, decompresses or asks the environment for a proxy. (A
proxy would resolve the name itself, which makes the check worthless. No proxy is used.)
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from core.errors import ImageError, VideoError
from core.images.decode import MAX_BYTES
from core.scheduling import checkpoint
from core.text import printable

MAX_REDIRECTS = 5  # picture services use one or two
_HEADERS = {
    "User-Agent": "Maskwise",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_REDIRECTS = {301, 302, 303, 307, 308}
_OCTET_STREAMS = {"application/octet-stream", "binary/octet-stream"}  # the second is Amazon S3's default
_PAGES = {"text/html", "application/xhtml+xml"}
_CHUNK = 2**16
_ASK_EVERY = 0.2  # seconds
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(
    r"[a-z0-9._:%-]+"
)  # names and addresses in ASCII; what they stand for is found by resolving
_KEPT_AS_TYPED = (
    "%/:?#[]@!$&'()*+,;=~"  # of a path or query: what RFC 3986 reserves, and what is quoted already
)
_INSTEAD = "Download the picture with a browser and give it as a file."

# `is_global` of the standard library leaves these out, or did in one of the Pythons supported.
_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's own services, from inside Azure
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # 6to4 relays: leads on to any IPv4 address
        "2001::/23",  # Teredo and other protocol assignments
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation, RFC 9637
    )
]
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Whether an IP address, as text, is one that anybody on the internet may connect to.

    Not so: private, loopback, link-local, carrier-grade NAT, multicast, reserved. Of IPv6 only global unicast
    is taken, which leaves out every form that hides an IPv4 address: mapped, compatible and NAT64.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _REFUSED)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system resolves it. The system also bounds how long that takes."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class FetchReach:
    """What may be connected to, and how the kinds of content begin that are taken from there.

    The default is pictures of the public web; tests put a server of their own here.
    """

    resolve: Callable[[str, int], list[str]] = resolve
    is_allowed: Callable[[str], bool] = is_public
    # Any other port is where databases, mail and administration listen, not pictures.
    ports: frozenset[int] = frozenset({80, 443})
    kinds: tuple[str, ...] = ("image/",)


PUBLIC_WEB = FetchReach()
FILMS_OF_THE_WEB = FetchReach(kinds=("video/", "image/gif", "image/webp", "application/mp4"))


def fetch_image(
    url: str, *, timeout_s: float = 10, max_bytes: int = MAX_BYTES, reach: FetchReach = PUBLIC_WEB
) -> bytes:
    """The bytes behind an http or https URL, at most `max_bytes`, unread: `read_image` judges them.
    `timeout_s` bounds the whole of it, redirects included, however slowly the server drips.
    Raises `ImageError` that starts with the URL, without its query, which may hold a secret.
    """
    deadline = time.monotonic() + timeout_s
    first = shown_url(url)
    target = _parse(url.strip(), first, reach)
    try:
        for _ in range(MAX_REDIRECTS + 1):
            found = _get(target, first, deadline, max_bytes, reach)
            if isinstance(found, bytes):
                return found
            target = _parse(found, first, reach, base=target.geturl())
    except TimeoutError:
        raise ImageError(f"{first}: did not arrive within {timeout_s:g} s. Try again. {_INSTEAD}") from None
    except ssl.SSLCertVerificationError as problem:
        reason = printable(problem.verify_message)
        raise ImageError(f"{first}: the server cannot prove who it is ({reason}). {_INSTEAD}") from None
    except (OSError, http.client.HTTPException):
        raise ImageError(
            f"{first}: the server cannot be reached, or broke off. Check the address and try again."
        ) from None
    raise ImageError(f"{first}: is redirected more than {MAX_REDIRECTS} times. {_INSTEAD}")


def fetch_film(url: str, *, timeout_s: float, max_bytes: int, reach: FetchReach = FILMS_OF_THE_WEB) -> bytes:
    """As `fetch_image`, of a film. Raises `VideoError`."""
    try:
        return fetch_image(url, timeout_s=timeout_s, max_bytes=max_bytes, reach=reach)
    except ImageError as problem:
        raise VideoError(str(problem).replace("picture", "video")) from None


def shown_url(url: str) -> str:
    """A URL as messages show it: printable, bounded, without password, query or fragment."""
    bare, mark, _ = url.strip().replace("#", "?").partition("?")
    scheme, slashes, rest = bare.rpartition("://")
    authority, slash, path = rest.partition("/")
    shown = scheme + slashes + authority.rpartition("@")[2] + slash + path
    return printable(shown + (mark and "?…"), 120)


def _parse(url: str, shown: str, reach: FetchReach, base: str = "") -> SplitResult:
    """The URL in parts, its host in ASCII and without a default port. `base` is what redirected to it."""
    try:
        parts = urlsplit(urljoin(base, url))
        port = _port(parts)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # also when the name cannot be written in ASCII
        parts, port, host = urlsplit(""), 0, ""
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise ImageError(f"{shown}: is not a web address. It must look like https://example.org/picture.jpg.")
    if "@" in parts.netloc:
        raise ImageError(f"{shown}: holds a user name or password, which is never sent. {_INSTEAD}")
    if port not in reach.ports:
        raise ImageError(f"{shown}: uses port {port}; only 80 and 443 are allowed. {_INSTEAD}")
    netloc = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=netloc if port == _DEFAULT_PORTS[parts.scheme] else f"{netloc}:{port}")


def _port(parts: SplitResult) -> int:
    return _DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port


def _get(target: SplitResult, shown: str, deadline: float, max_bytes: int, reach: FetchReach) -> bytes | str:
    """One request: the picture's bytes, or where it is said to be instead."""
    host, port = target.hostname or "", _port(target)
    accepted = ", ".join(kind + "*" if kind.endswith("/") else kind for kind in reach.kinds)
    path = quote(target.path or "/", safe=_KEPT_AS_TYPED, errors="replace")
    query = quote(target.query, safe=_KEPT_AS_TYPED, errors="replace")
    connection = http.client.HTTPConnection(host, port)
    with _connect(host, port, target.scheme == "https", shown, deadline, reach) as sock:
        connection.sock = _TimedSocket(sock, deadline)
        connection.request(
            "GET",
            path + (query and f"?{query}"),
            headers=_HEADERS | {"Host": target.netloc, "Accept": accepted},
        )
        return _body_or_redirect(connection.getresponse(), shown, max_bytes, reach.kinds)


def _connect(
    host: str, port: int, tls: bool, shown: str, deadline: float, reach: FetchReach
) -> socket.socket:
    """A socket to one of the host's addresses, after every one of them was found to be allowed."""
    try:
        addresses = reach.resolve(host, port)
    except (OSError, UnicodeError):  # UnicodeError: a label of no or too many characters
        addresses = []
    if not addresses:
        raise ImageError(f"{shown}: cannot find that server. Check the address and the connection.")
    if not all(map(reach.is_allowed, addresses)):
        # No address in the message: it would tell a visitor how the network here is laid out.
        raise ImageError(
            f"{shown}: is a private address, not on the public internet. For safety only public addresses "
            f"are fetched. {_INSTEAD}"
        )
    problem: OSError = TimeoutError()
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        try:
            sock = socket.create_connection((address, port), _remaining(deadline) / left)
        except OSError as failed:
            problem = failed
            continue
        if not tls:
            return sock
        try:
            sock.settimeout(_remaining(deadline))
            # The certificate must be for the name that was typed, though the address was dialled.
            return ssl.create_default_context().wrap_socket(sock, server_hostname=host.rstrip("."))
        except BaseException:
            sock.close()
            raise
    raise problem


def _body_or_redirect(
    response: http.client.HTTPResponse, shown: str, max_bytes: int, kinds: tuple[str, ...]
) -> bytes | str:
    location = response.getheader("Location")
    if response.status in _REDIRECTS and location:
        return quote(location, safe=_KEPT_AS_TYPED, encoding="latin-1")  # headers are bytes, read as Latin-1
    if response.status != HTTPStatus.OK:
        raise ImageError(f"{shown}: the server answered {_status(response.status)}. Check the address.")
    kind = response.headers.get_content_type()
    if "Content-Type" not in response.headers or not (kind.startswith(kinds) or kind in _OCTET_STREAMS):
        page = ", a web page" if kind in _PAGES else ""
        raise ImageError(
            f"{shown}: is not a picture but {printable(kind, 40)}{page}. "
            "Open it in a browser and copy the address of the picture itself."
        )
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise ImageError(f"{shown}: was sent compressed, which was not asked for. {_INSTEAD}")
    if (response.length or 0) > max_bytes:
        raise _too_large(shown, max_bytes)
    received = bytearray()
    while chunk := response.read1(_CHUNK):
        received += chunk
        if len(received) > max_bytes:
            raise _too_large(shown, max_bytes)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(received)


def _too_large(shown: str, max_bytes: int) -> ImageError:
    return ImageError(f"{shown}: is more than the {max_bytes / 2**20:g} MB allowed. Use a smaller copy.")


def _status(code: int) -> str:
    """In the standard's words: the server's own are untrusted."""
    return f"{code} ({HTTPStatus(code).phrase})" if code in set(HTTPStatus) else str(code)


def _remaining(deadline: float) -> float:
    """Seconds left, more than 0. Raises TimeoutError when none is."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class _TimedSocket:
    """What `http.client` needs of a socket, on which no number of slow bytes outlasts the deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_remaining(self._deadline))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def close(self) -> None:
        """Nothing: `http.client` closes its socket while the answer is still to be read."""


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while True:
            checkpoint()
            self._sock.settimeout(min(_remaining(self._deadline), _ASK_EVERY))
            try:
                return self._sock.recv_into(buffer)
            except TimeoutError:
                continue
