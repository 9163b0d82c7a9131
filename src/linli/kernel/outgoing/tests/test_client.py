"""One request to one checked address, within one total time, and nowhere else."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linli.kernel.outgoing import Unreachable, check, client, get, post

LOCAL = ["127.0.0.0/8", "::1"]
SHORT = 0.6
PATIENCE = 5.0  # a slow machine's, far from what a hanging request would take


def refused(url: str, **options) -> str:
    with pytest.raises(Unreachable) as caught:
        post(url, b"{}", {}, **options)
    return caught.value.reason


def test_what_is_sent_arrives_whole_and_the_answer_comes_back(server):
    server.says(b"HTTP/1.1 202 Accepted\r\nContent-Length: 12\r\n\r\n taken \n  in")
    answer = post(server.url("/in?a=1"), "网格".encode(), {"webhook-id": "m1"}, allow=LOCAL)
    assert (answer.status, answer.words, answer.good) == (202, "taken in", True)
    head, body = server.requests[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /in?a=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}".encode() in head
    assert b"webhook-id: m1" in head
    assert body == "网格".encode()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "https://192.168.1.1/",
    ],
)
def test_the_surroundings_of_the_house_are_out_of_reach(url: str):
    assert refused(url, timeout=3) == "forbidden"
    with pytest.raises(Unreachable):
        get(url, size=10, timeout=3)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "http://",
        "http:///path",
        "http://user:secret@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://exa mple.com/",
        "http://example.com/\r\nX: y",
        "http://example.com\\@127.0.0.1/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://例子.example/",
    ],
)
def test_what_is_not_a_plain_address_is_not_tried(url: str):
    assert refused(url) == "address"


def test_one_closed_address_among_open_ones_is_enough_to_refuse(names, server):
    names["mixed.example"] = [["1.1.1.1", "127.0.0.1"]]
    assert refused(server.url(host="mixed.example")) == "forbidden"
    names["zoned.example"] = [["fe80::1%eth0"]]
    assert refused(server.url(host="zoned.example")) == "forbidden"
    assert server.requests == []


def test_a_name_that_changes_its_address_gains_nothing(names, server, monkeypatch):
    """The first answer is checked and used; a second one, the rebinding, is never asked for."""
    names["rebind.example"] = [["203.0.114.7"], ["127.0.0.1"]]
    tried = []

    def connect(address, timeout):
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(client.socket, "create_connection", connect)
    assert refused(server.url(host="rebind.example")) == "connection"
    assert tried == [("203.0.114.7", server.port)]
    assert names["rebind.example"] == [["127.0.0.1"]], "asked once"
    assert refused(server.url(host="rebind.example")) == "forbidden"
    assert len(tried) == 1


def test_the_connection_goes_to_the_address_and_the_request_names_the_host(names, server):
    names["hook.city.example"] = [["127.0.0.1"]]
    assert post(server.url(host="hook.city.example"), b"", {}, allow=["hook.city.example"]).status == 204
    assert f"Host: hook.city.example:{server.port}".encode() in server.requests[0]


def test_the_second_address_is_tried_when_the_first_is_closed(names, server):
    names["two.example"] = [["127.0.0.9", "127.0.0.1"]]
    assert post(server.url(host="two.example"), b"", {}, allow=LOCAL).status == 204


def test_the_operators_list_opens_a_net(server, settings):
    assert refused(server.url()) == "forbidden"
    settings.LINLI_OUTGOING_ALLOW = ["what is this?", "127.0.0.0/8"]
    assert post(server.url(), b"", {}).status == 204


def test_a_redirect_is_an_answer_and_not_followed(server):
    server.says(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
    assert post(server.url(), b"", {}, allow=LOCAL).status == 302
    assert len(server.requests) == 1


def test_proxies_of_the_environment_are_not_asked(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(server.url(), b"", {}, allow=LOCAL).status == 204


def test_a_name_nobody_knows_is_said_so(names):
    assert refused("http://nowhere.example/") == "name"
    names["empty.example"] = [[]]
    assert refused("http://empty.example/") == "name"


def test_a_port_nobody_listens_at_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}/", allow=LOCAL) == "connection"


def drip(text: bytes, server):
    def behave(peer: socket.socket, _request: bytes) -> None:
        for letter in text * 1000:
            if server.closing.wait(0.05):
                return
            peer.sendall(bytes([letter]))

    return behave


def test_a_server_that_drips_its_headers_is_left_at_the_total_time(server):
    server.behave = drip(b"HTTP/1.1 200 OK\r\nA: b\r\n", server)
    started = time.monotonic()
    assert refused(server.url(), allow=LOCAL, timeout=SHORT) == "timeout"
    assert time.monotonic() - started < PATIENCE


def test_a_server_that_drips_its_body_has_answered_all_the_same(server):
    def behave(peer: socket.socket, request: bytes) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
        drip(b"z", server)(peer, request)

    server.behave = behave
    started = time.monotonic()
    assert post(server.url(), b"", {}, allow=LOCAL, timeout=SHORT).status == 200
    with pytest.raises(Unreachable) as caught:
        get(server.url(), size=100_000, allow=LOCAL, timeout=SHORT)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - started < PATIENCE


def test_a_server_that_says_nothing_is_left_at_the_total_time(server):
    server.behave = lambda _peer, _request: server.closing.wait(30) and None
    assert refused(server.url(), allow=LOCAL, timeout=SHORT) == "timeout"


def test_a_server_that_does_not_read_is_left_at_the_total_time():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(Unreachable) as caught:
            post(url, b"x" * 50_000_000, {}, allow=LOCAL, timeout=SHORT)
    assert caught.value.reason == "timeout"


def test_a_resolver_that_hangs_is_left_at_the_total_time(monkeypatch):
    free = threading.Event()
    monkeypatch.setattr(client, "resolve", lambda _host, _port: free.wait(30) and [])
    try:
        assert refused("http://slow.example/", timeout=0.3) == "timeout"
    finally:
        free.set()


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"],
)
def test_what_is_not_an_answer_is_said_so(server, answer: bytes):
    server.says(answer)
    assert refused(server.url(), allow=LOCAL) in {"broken", "connection"}


def test_an_endless_answer_is_read_up_to_its_bound(server):
    def behave(peer: socket.socket, _request: bytes) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.closing.is_set():
            peer.sendall(b"ab cd " * 10_000)

    server.behave = behave
    answer = post(server.url(), b"", {}, allow=LOCAL)
    assert answer.status == 200
    assert len(answer.words) == client.WORDS
    with pytest.raises(Unreachable) as caught:
        get(server.url(), size=1_000_000, allow=LOCAL)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    ],
)
def test_a_picture_is_fetched_whole_or_not_at_all(server, answer: bytes):
    server.says(answer)
    found = get(server.url("/p.png"), size=5, allow=LOCAL)
    assert (found.status, found.body, found.content_type) == (200, b"hello", "image/png")
    with pytest.raises(Unreachable) as caught:
        get(server.url("/p.png"), size=4, allow=LOCAL)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
    ],
)
def test_half_a_picture_is_none(server, answer: bytes):
    server.says(answer)
    with pytest.raises(Unreachable) as caught:
        get(server.url(), size=100, allow=LOCAL)
    assert caught.value.reason == "broken"


def test_a_form_takes_plain_http_only_for_what_the_operator_allowed(names):
    names["public.example"], names["inside.example"] = [["1.1.1.1"]], [["10.1.1.1"]]
    check("https://public.example/")
    check("http://inside.example/", allow=["inside.example"])
    check("http://inside.example/", allow=["10.1.0.0/16"])
    for url, reason in {"http://public.example/": "plain", "https://inside.example/": "forbidden"}.items():
        with pytest.raises(Unreachable) as caught:
            check(url)
        assert caught.value.reason == reason


@pytest.fixture
def https(server, tmp_path, monkeypatch):
    """The server with a certificate for hook.example, from an authority that the client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "both.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(pem)
    server.wrap = lambda raw: there.wrap_socket(raw, server_side=True)
    here = ssl.create_default_context(cafile=str(pem))
    real = client._tls
    monkeypatch.setattr(client, "_tls", lambda: here)
    server.distrusting = lambda: monkeypatch.setattr(client, "_tls", real)
    return server


def test_a_certificate_is_checked_against_the_name(https, names):
    names["hook.example"] = names["other.example"] = names["127.0.0.1"] = [["127.0.0.1"]]
    assert post(https.url(host="hook.example", scheme="https"), b"", {}, allow=LOCAL).status == 204
    assert refused(https.url(host="other.example", scheme="https"), allow=LOCAL) == "certificate"
    assert refused(https.url(scheme="https"), allow=LOCAL) == "certificate"


def test_a_certificate_of_an_unknown_authority_is_refused(https, names):
    names["hook.example"] = [["127.0.0.1"]]
    https.distrusting()
    assert refused(https.url(host="hook.example", scheme="https"), allow=LOCAL) == "certificate"
    assert https.requests == []


def test_a_plain_server_at_an_https_address_is_said_so(server):
    server.behave = lambda peer, _request: None
    assert refused(server.url(scheme="https"), allow=LOCAL, timeout=SHORT) in {"broken", "timeout", "connection"}


def test_a_handshake_that_never_ends_is_left_at_the_total_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Unreachable) as caught:
            post(url, b"", {}, allow=LOCAL, timeout=SHORT)
    assert caught.value.reason == "timeout"
