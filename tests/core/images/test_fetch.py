"""Fetching from real servers on this machine, which only an explicit `FetchReach` makes reachable."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from core.errors import ImageError
from core.images import fetch
from core.images.fetch import PUBLIC_WEB, FetchReach, fetch_image, is_public, shown_url
from tests.certificates import certificate

PICTURE = bytes(range(256)) * 40
LIMIT = len(PICTURE)


class Site(BaseHTTPRequestHandler):
    """One path a behaviour."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[dict[str, str]]] = []

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int = 200, body: bytes = PICTURE, **headers: str | None) -> None:
        given = {"Content_Type": "image/png", "Content_Length": str(len(body))} | headers
        self.send_response(status)
        for name, value in given.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def chunked(self, *chunks: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in (*chunks, b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def drip(self, start: bytes) -> None:
        """A byte every 20 ms for two seconds: each read succeeds, the whole outlasts any patience."""
        self.wfile.write(start)
        for _ in range(100):
            time.sleep(0.02)
            self.wfile.write(b"x")
            self.wfile.flush()

    def do_GET(self) -> None:
        self.seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        self.close_connection = True
        port = self.server.server_address[1]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
        try:
            match self.path.split("?")[0].removeprefix("/"):
                case "ok.png" | "gr%C3%BC%C3%9Fe%20.png":
                    self.answer()
                case "octets":
                    self.answer(Content_Type="binary/octet-stream")
                case "page":
                    self.answer(Content_Type="text/html; charset=utf-8")
                case "untyped":
                    self.answer(Content_Type=None)
                case "gone":
                    self.answer(404)
                case "odd-status":
                    self.answer(799)
                case "compressed":
                    self.answer(Content_Encoding="gzip")
                case "large":
                    self.answer(body=PICTURE + b"x")
                case "large-unsaid":
                    self.answer(body=PICTURE * 50, Content_Length=None)
                case "large-chunked":
                    self.chunked(PICTURE, b"x")
                case "chunked":
                    self.chunked(PICTURE[:100], PICTURE[100:])
                case "short":
                    self.answer(body=PICTURE[:100], Content_Length=str(LIMIT))
                case "understated":
                    self.answer(Content_Length="100")
                case "nonsense":
                    self.wfile.write(b"\x00\x01 what\r\n\r\n")
                case "endless-head":
                    self.wfile.write(head + b"X: " + b"y" * 100_000 + b"\r\n\r\n")
                case "bad-chunk":
                    self.wfile.write(head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")
                case "drip-body":
                    self.drip(head + b"\r\n")
                case "drip-head":
                    self.drip(head + b"X-Slow: ")
                case "drip-chunk":
                    self.drip(head + b"Transfer-Encoding: chunked\r\n\r\n1;")
                case "silent":
                    time.sleep(1.5)
                case "relative":
                    self.answer(302, b"", Location="ok.png?from=relative")
                case "absolute":
                    self.answer(301, b"", Location=f"http://other.test:{port}/ok.png")
                case "raw-utf8":
                    self.answer(307, b"", Location="/grüße .png".encode().decode("latin-1"))
                case "loop":
                    self.answer(302, b"", Location="/loop")
                case "five":
                    left = int(self.path.partition("?")[2])
                    self.answer(302, b"", Location=f"/five?{left - 1}" if left > 1 else "/ok.png")
                case "to-loopback":
                    self.answer(302, b"", Location=f"http://inside.test:{port}/ok.png")
                case "to-literal":
                    self.answer(302, b"", Location=f"http://127.0.0.2:{port}/ok.png")
                case "to-port":
                    self.answer(302, b"", Location="http://pictures.test:22/")
                case "to-file":
                    self.answer(302, b"", Location="file:///etc/passwd")
                case "to-user":
                    self.answer(302, b"", Location=f"http://me:secret@pictures.test:{port}/ok.png")
                case "to-nowhere":
                    self.answer(302, b"", Location="http://[oops/")
                case "without-location":
                    self.answer(302, b"")
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough, as it should


def serve(tls: ssl.SSLContext | None = None) -> tuple[ThreadingHTTPServer, int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a refused handshake is what some tests are about
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server, server.server_address[1]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server, number = serve()
    yield number
    server.shutdown()
    server.server_close()


NAMES = {
    "pictures.test": ["127.0.0.1"],
    "other.test": ["127.0.0.1"],
    "inside.test": ["127.0.0.2"],
    "mixed.test": ["127.0.0.1", "192.168.0.9"],
    "mixed-last.test": ["2606:4700::1111", "127.0.0.1", "::1"],
    "nobody.test": [],
}


def reach_of(port: int, names: dict[str, list[str]] = NAMES) -> FetchReach:
    """The real rules, with one exception: this server's own address and port. Literals are not named."""
    return FetchReach(
        resolve=lambda host, _: names[host] if host in names else fetch.resolve(host, port),
        is_allowed=lambda address: address == "127.0.0.1" or is_public(address),
        ports=PUBLIC_WEB.ports | {port},
    )


def get(port: int, path: str, host: str = "pictures.test", **options: float) -> bytes:
    return fetch_image(f"http://{host}:{port}/{path}", reach=reach_of(port), **options)


READ = ["ok.png", "octets", "chunked", "relative", "absolute", "raw-utf8", "five?5", "grüße .png"]


@pytest.mark.parametrize("path", READ)
def test_a_picture_arrives_whole(port, path):
    assert get(port, path, max_bytes=LIMIT) == PICTURE


REFUSED = {  # path: words of what happened, words of the remedy
    "page": ("is not a picture but text/html", "copy the address of the picture itself"),
    "untyped": ("is not a picture", "copy the address of the picture itself"),
    "gone": ("answered 404 (Not Found)", "Check the address"),
    "odd-status": ("answered 799", "Check the address"),
    "without-location": ("answered 302 (Found)", "Check the address"),
    "compressed": ("compressed", "Download the picture"),
    "large": ("more than the 0.00976562 MB", "Use a smaller copy"),
    "large-unsaid": ("more than the 0.00976562 MB", "Use a smaller copy"),
    "large-chunked": ("more than the 0.00976562 MB", "Use a smaller copy"),
    "short": ("broke off", "try again"),
    "nonsense": ("broke off", "try again"),
    "endless-head": ("broke off", "try again"),
    "bad-chunk": ("broke off", "try again"),
    "loop": ("redirected more than 5 times", "Download the picture"),
    "five?6": ("redirected more than 5 times", "Download the picture"),
    "to-loopback": ("not on the public internet", "Download the picture"),
    "to-literal": ("not on the public internet", "Download the picture"),
    "to-port": ("port 22; only 80 and 443", "Download the picture"),
    "to-file": ("is not a web address", "must look like https://"),
    "to-user": ("user name or password", "Download the picture"),
    "to-nowhere": ("is not a web address", "must look like https://"),
}


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_no_picture_is_refused(port, path):
    happened, remedy = REFUSED[path]
    with pytest.raises(ImageError) as raised:
        get(port, path, max_bytes=LIMIT)
    message = str(raised.value)
    assert message.startswith(f"http://pictures.test:{port}/{path.partition('?')[0]}")
    assert happened in message and remedy in message
    assert "secret" not in message and "127.0.0" not in message


def test_an_understated_length_ends_the_picture_there(port):
    assert get(port, "understated") == PICTURE[:100]


@pytest.mark.parametrize("path", ["drip-body", "drip-head", "drip-chunk", "silent"])
def test_a_slow_server_is_given_up_in_time(port, path):
    start = time.monotonic()
    with pytest.raises(ImageError, match=r"did not arrive within 0.3 s. Try again"):
        get(port, path, timeout_s=0.3)
    assert 0.25 < time.monotonic() - start < 1


def test_a_server_that_accepts_and_says_nothing_in_tls_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        start = time.monotonic()
        with pytest.raises(ImageError, match=r"did not arrive within 0\.3 s"):
            fetch_image(f"https://pictures.test:{port}/", timeout_s=0.3, reach=reach_of(port))
        assert time.monotonic() - start < 1


@pytest.mark.parametrize("host", ["mixed.test", "mixed-last.test", "inside.test", "127.0.0.2"])
def test_one_private_address_among_the_answers_is_enough_to_refuse(port, host):
    Site.seen.clear()
    with pytest.raises(ImageError, match="not on the public internet"):
        get(port, "ok.png", host)
    assert not Site.seen


def test_a_name_is_resolved_once_a_request_and_that_address_is_dialled(port):
    """DNS rebinding: the second answer, never asked for, would be another machine."""
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    reach = FetchReach(rebinding, lambda a: a == "127.0.0.1" or is_public(a), frozenset({port}))
    assert fetch_image(f"http://pictures.test:{port}/ok.png", reach=reach) == PICTURE
    assert asked == ["pictures.test"]
    with pytest.raises(ImageError, match="not on the public internet"):
        fetch_image(f"http://pictures.test:{port}/ok.png", reach=reach)


def test_the_next_address_is_tried_when_one_does_not_answer(port):
    reach = FetchReach(lambda *_: ["127.0.0.3", "127.0.0.1"], lambda _: True, frozenset({port}))
    assert fetch_image(f"http://pictures.test:{port}/ok.png", reach=reach) == PICTURE


def test_nothing_of_this_machine_is_sent(port, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    Site.seen.clear()
    get(port, "ok.png?size=2")
    (request,) = Site.seen
    assert request == {
        "path": "/ok.png?size=2",
        "host": f"pictures.test:{port}",
        "user-agent": "Maskwise",
        "accept": "image/*",
        "accept-encoding": "identity",
        "connection": "close",
    }


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ImageError, match=r"cannot be reached.* Check the address and try again"):
        get(port, "ok.png")
    with pytest.raises(ImageError, match=r"cannot find that server\. Check the address"):
        get(port, "ok.png", "nobody.test")


ADDRESSES = {  # every family that a check forgets
    "public IPv4": ("93.184.215.14", True),
    "public IPv6": ("2606:4700:4700::1111", True),
    "unspecified": ("0.0.0.0", False),
    "this network": ("0.1.2.3", False),
    "private 10": ("10.1.2.3", False),
    "private 172": ("172.16.0.1", False),
    "private 192": ("192.168.1.1", False),
    "loopback": ("127.0.0.1", False),
    "other loopback": ("127.9.9.9", False),
    "link-local, cloud metadata": ("169.254.169.254", False),
    "carrier-grade NAT": ("100.64.0.1", False),
    "end of carrier-grade NAT": ("100.127.255.255", False),
    "Azure's wire server": ("168.63.129.16", False),
    "protocol assignments": ("192.0.0.8", False),
    "documentation": ("203.0.113.7", False),
    "6to4 relay": ("192.88.99.1", False),
    "benchmarking": ("198.18.0.1", False),
    "multicast": ("224.0.0.1", False),
    "global multicast": ("233.252.1.1", False),
    "reserved": ("240.0.0.1", False),
    "broadcast": ("255.255.255.255", False),
    "IPv6 unspecified": ("::", False),
    "IPv6 loopback": ("::1", False),
    "IPv4-compatible": ("::7f00:1", False),
    "IPv4-mapped private": ("::ffff:10.0.0.1", False),
    "IPv4-mapped public": ("::ffff:93.184.215.14", False),
    "IPv4-translated": ("::ffff:0:7f00:1", False),
    "NAT64": ("64:ff9b::7f00:1", False),
    "local NAT64": ("64:ff9b:1::7f00:1", False),
    "discard": ("100::1", False),
    "Teredo": ("2001:0:7f00:1::", False),
    "ORCHID": ("2001:20::1", False),
    "IPv6 documentation": ("2001:db8::1", False),
    "newer IPv6 documentation": ("3fff::1", False),
    "6to4 of loopback": ("2002:7f00:1::", False),
    "6to4 of a public address": ("2002:5db8:d70e::", False),
    "unique local": ("fd00:ec2::254", False),
    "IPv6 link-local": ("fe80::1", False),
    "IPv6 link-local with zone": ("fe80::1%eth0", False),
    "site-local": ("fec0::1", False),
    "IPv6 multicast": ("ff02::1", False),
    "IPv6 global multicast": ("ff0e::1", False),
    "not assigned": ("4000::1", False),
    "no address": ("pictures.test", False),
}


@pytest.mark.parametrize("family", ADDRESSES)
def test_which_addresses_are_public(family):
    address, public = ADDRESSES[family]
    assert is_public(address) is public


LITERALS = [  # spellings that end at an address of this machine or its network, whoever resolves them
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "１２７.0.0.1",  # noqa: RUF001 - full-width is meant
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "169.254.169.254",
    "10.0.0.1",
]


@pytest.mark.parametrize("host", LITERALS)
def test_no_spelling_of_a_private_address_gets_through(host):
    with pytest.raises(ImageError, match="not on the public internet"):
        fetch_image(f"http://{host}/latest/meta-data", timeout_s=2)


@pytest.mark.parametrize("host", ["127.0.0.1.", "localhost."])
def test_a_trailing_dot_does_not_help(host):
    with pytest.raises(ImageError, match=r"not on the public internet|cannot find that server"):
        fetch_image(f"http://{host}/", timeout_s=2)


NO_ADDRESS = {
    "": "is not a web address",
    "picture.jpg": "is not a web address",
    "//example.org/a.jpg": "is not a web address",
    "ftp://example.org/a.jpg": "is not a web address",
    "file:///etc/passwd": "is not a web address",
    "javascript:alert(1)": "is not a web address",
    "data:image/png;base64,AAAA": "is not a web address",
    "http://": "is not a web address",
    "http:///path": "is not a web address",
    "http://[::1": "is not a web address",
    "http://a..b/": "is not a web address",
    "http://a b/": "is not a web address",
    "http://exa℀mple.org/": "is not a web address",
    "http://host\udcff/": "is not a web address",
    "http://" + "a" * 5000 + ".org/": "is not a web address",
    "http://example.org:99999/": "is not a web address",
    "http://example.org:x/": "is not a web address",
    "http://me@example.org/": "user name or password",
    "http://me:secret@example.org/a?b": "user name or password",
    "http://:@example.org/": "user name or password",
    "http://example.org:8080/": "uses port 8080; only 80 and 443",
    "https://example.org:22/": "uses port 22; only 80 and 443",
}


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused_without_asking_anybody(url):
    def nobody(*_: object) -> list[str]:
        raise AssertionError("resolved")

    with pytest.raises(ImageError) as raised:
        fetch_image(url, reach=FetchReach(resolve=nobody))
    message = str(raised.value)
    assert NO_ADDRESS[url] in message and message.endswith(".")
    assert "secret" not in message and len(message) < 300


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a/b.jpg", "https://example.org/a/b.jpg"),
        ("https://example.org/b.jpg?token=secret#part", "https://example.org/b.jpg?…"),
        ("https://example.org/b.jpg#secret", "https://example.org/b.jpg?…"),
        ("https://me:secret@example.org/b.jpg", "https://example.org/b.jpg"),
        ("  http://example.org/\nb\x1b.jpg ", "http://example.org/b.jpg"),
        ("me:secret@example.org/b.jpg", "example.org/b.jpg"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url, shown):
    assert shown_url(url) == shown


def test_a_long_url_is_shown_cut():
    assert len(shown_url("https://example.org/" + "a" * 9000 + ".jpg")) == 120


@pytest.fixture(scope="module")
def secure(tmp_path_factory) -> Iterator[tuple[int, Path, list[str | None]]]:
    """A TLS server that calls itself pictures.test: its port, its certificate, the names asked for by SNI."""
    asked: list[str | None] = []
    cert, key = certificate(tmp_path_factory.mktemp("tls"), "pictures.test")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    tls.sni_callback = lambda _, name, __: asked.append(name)
    server, number = serve(tls)
    yield number, cert, asked
    server.shutdown()
    server.server_close()


def test_tls_is_verified_for_the_name_though_the_address_is_dialled(secure, monkeypatch):
    port, cert, asked = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))  # what the system trusts, for this test
    for host in ("pictures.test", "pictures.test."):
        reach = reach_of(port, {host: ["127.0.0.1"]})
        assert fetch_image(f"https://{host}:{port}/ok.png", reach=reach) == PICTURE
    assert asked == ["pictures.test", "pictures.test"]
    with pytest.raises(ImageError, match=r"cannot prove who it is.*other\.test.* Download the picture"):
        fetch_image(f"https://other.test:{port}/ok.png", reach=reach_of(port))


def test_the_default_port_is_not_said_to_the_server(secure, monkeypatch):
    port, cert, _ = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    connect = socket.create_connection
    monkeypatch.setattr(
        fetch.socket, "create_connection", lambda to, timeout: connect((to[0], port), timeout)
    )
    Site.seen.clear()
    assert fetch_image("https://PICTURES.test/ok.png", reach=reach_of(port)) == PICTURE
    assert Site.seen[0]["host"] == "pictures.test"


def test_a_certificate_that_nobody_vouches_for_is_refused(secure):
    port, _, _ = secure
    with pytest.raises(ImageError, match="cannot prove who it is"):
        fetch_image(f"https://pictures.test:{port}/ok.png", reach=reach_of(port))
