"""Web addresses, against a server of the test's own."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from toolkit.errors import PageblocksError, PrivateAddress
from toolkit.readers import read_pages, web
from toolkit.readers.web import _is_public, fetch_page


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answers: dict[str, tuple[int, dict[str, str], bytes]] = {
            "/page": (200, {"Content-Type": "text/html; charset=windows-1252"}, "<p>Øya".encode("cp1252")),
            "/text": (200, {"Content-Type": "text/plain"}, b"<p>no markup"),
            "/gzip": (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(b"<p>packed")),
            "/bomb": (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(bytes(40_000_000))),
            "/there": (302, {"Location": "/page"}, b""),
            "/loop": (302, {"Location": "/loop"}, b""),
            "/file": (302, {"Location": "file:///etc/passwd"}, b""),
            "/pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF-"),
            "/caf%C3%A9?q=a%20b": (200, {"Content-Type": "text/html"}, b"<p>quoted"),
            "/large": (200, {"Content-Type": "text/html"}, b"x" * 300_000),
            "/cut": (200, {"Content-Type": "text/html", "Content-Length": "100"}, b"<p>half"),
        }
        if self.path.startswith("/hop"):  # /hop/PORT leads to another address, /hops/PORT there by way of the first
            kind, port = self.path[1:].split("/")
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.2:{port}/page" if kind == "hop" else f"/hop/{port}")
            self.end_headers()
            return
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)
            return
        if self.path == "/drip":
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
                for _ in range(600):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass
            return
        status, headers, body = answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_a_page_and_its_charset(server: str) -> None:
    page = fetch_page(f"{server}/page", private=True)
    assert (page.content, page.format, page.encoding) == ("<p>Øya".encode("cp1252"), "html", "windows-1252")
    assert page.url == page.source == f"{server}/page"


def test_redirects_are_followed(server: str) -> None:
    page = fetch_page(f"{server}/there", private=True)
    assert (page.source, page.url) == (f"{server}/there", f"{server}/page")


@pytest.mark.parametrize(
    ("path", "content"), [("/text", b"<p>no markup"), ("/gzip", b"<p>packed"), ("/café?q=a b", b"<p>quoted")]
)
def test_more_pages(server: str, path: str, content: bytes) -> None:
    page = fetch_page(server + path, private=True)
    assert page.content == content
    assert page.format == ("text" if path == "/text" else "html")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/none", "404"), ("/loop", "redirects"), ("/file", "not an http"), ("/pdf", "application/pdf"), ("/bomb",
        "larger than"),
        ("/cut", "broke off"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_said_in_one_line(server: str, path: str, why: str) -> None:
    with pytest.raises(PageblocksError, match=rf"^[^\n]*{why}[^\n]*$"):
        fetch_page(server + path, private=True)


def test_size_and_time_are_bounded(server: str) -> None:
    with pytest.raises(PageblocksError, match="larger than 100,000 bytes"):
        fetch_page(f"{server}/large", private=True, largest=100_000)
    with pytest.raises(PageblocksError, match="seconds"):
        fetch_page(f"{server}/slow", private=True, seconds=0.5)


def test_headers_that_never_end_are_cut_off(server: str) -> None:
    with pytest.raises(PageblocksError, match="no whole answer within 0.5 seconds"):
        fetch_page(f"{server}/drip", private=True, seconds=0.5)


def test_a_redirect_to_a_private_address_is_refused_at_every_hop(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 stands for the network outside, the only thing that is changed here; 127.0.0.2 is what it redirects
    to.
    """
    monkeypatch.setattr(web, "_is_public", lambda address: address == "127.0.0.1")
    port = server.rpartition(":")[2]
    assert fetch_page(f"{server}/there").url == f"{server}/page"
    for path in ("/hop", "/hops"):
        with pytest.raises(PageblocksError, match=rf"^http://127.0.0.2:{port}/page: 127.0.0.2 is on a private network"):
            fetch_page(f"{server}{path}/{port}")


def test_private_networks_are_refused_unless_allowed(server: str) -> None:
    errors: list[str] = []
    assert list(read_pages([f"{server}/page"], lambda error: errors.append(str(error)))) == []
    assert "private network" in errors[0]
    assert len(list(read_pages([f"{server}/page"], private=True))) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0",
    "fc00::1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "224.0.0.1", "100.64.0.1",
     "64:ff9b::a9fe:a9fe", "64:ff9b::127.0.0.1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:7f00::1", "::10.0.0.1",
     "::ffff:0:10.0.0.1",
     "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2606:2800:21f:cb07:0:5efe:10.0.0.1",
     "fe80::5efe:10.0.0.1",
     "2606:2800:21f:cb07:200:5efe:192.168.0.1", "fec0::1", "ff02::1", "2001:db8::1", "100::1", "4000::1", "::", "::2"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not _is_public(address)


def test_public_addresses() -> None:
    assert _is_public("93.184.215.14")
    assert _is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    for wrapped in (
        "64:ff9b::93.184.215.14",
        "::ffff:93.184.215.14",
        "2002:5db8:d70e::1",
        "2606:2800:21f:cb07:0:5efe:93.184.215.14",
    ):
        assert _is_public(wrapped)


def test_nobody_there() -> None:
    with pytest.raises(PageblocksError, match="cannot be fetched"):
        fetch_page("http://127.0.0.1:9/", private=True, seconds=5)


@pytest.mark.parametrize(("secure", "port", "said"), [
    (False, 80, "quay.example"), (False, 8080, "quay.example:8080"), (False, 443, "quay.example:443"),
    (True, 443, "quay.example"), (True, 8443, "quay.example:8443"), (True, 80, "quay.example:80"),
])  # fmt: skip
def test_the_host_header_names_a_port_only_where_it_is_not_the_schemes_own(secure: bool, port: int, said: str) -> None:
    ours, theirs = socket.socketpair()
    connection = web._Connection("quay.example", port, [], time.monotonic() + 9, secure)
    connection.sock = ours
    connection.request("GET", "/")
    sent = theirs.recv(4096).decode()
    assert f"\r\nHost: {said}\r\n" in sent
    ours.close()
    theirs.close()


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def looked_up(host: object, port: object, *more: object, **others: object) -> list[tuple[object, ...]]:
        found = addresses if host == "quay.example" else (str(host),)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


@pytest.mark.parametrize("dead", [["::1"], ["127.0.0.3", "127.0.0.4"], ["127.0.0.3", "127.0.0.3"], ["240.0.0.1"]])
def test_all_addresses_of_a_name_are_tried(server: str, monkeypatch: pytest.MonkeyPatch, dead: list[str]) -> None:
    """Nobody listens at the first ones. Only what the name resolves to is changed here."""
    answers(monkeypatch, *dead, "127.0.0.1")
    port = server.rpartition(":")[2]
    assert fetch_page(f"http://quay.example:{port}/text", private=True, seconds=8).content == b"<p>no markup"


def test_one_private_address_among_those_of_a_name_refuses_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.215.14", "64:ff9b::10.0.0.1")
    with pytest.raises(PrivateAddress):
        fetch_page("http://quay.example/")


def test_the_type_of_the_answer_goes_with_the_page(server: str) -> None:
    assert [fetch_page(server + path, private=True).type for path in ("/page", "/text")] == ["text/html", "text/plain"]
