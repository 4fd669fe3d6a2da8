"""Who is let in by the gate of both servers."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bridge.wire.gate import Peer, is_path, new_path, refusal

PORT = 4711
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
ORIGIN = {
    Peer.EXTENSION: "chrome-extension://abc",
    Peer.PROGRAM: "",
    Peer.OWN_PAGE: "",
    Peer.OWN_SCRIPT: f"http://127.0.0.1:{PORT}",
}


def request(method: str = "GET", **headers: str) -> web.Request:
    """A WebSocket's handshake, with other headers as said; empty ones are left out."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    whole = {"Host": f"127.0.0.1:{PORT}", **HANDSHAKE, **given}
    return make_mocked_request(method, "/", headers={name: value for name, value in whole.items() if value})


def plain(method: str = "GET", **headers: str) -> web.Request:
    """A request for a file."""
    return request(method, **{**dict.fromkeys((name.replace("-", "_") for name in HANDSHAKE), ""), **headers})


@pytest.mark.parametrize("peer", Peer)
@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
def test_a_peer_is_let_in(peer: Peer, host: str) -> None:
    origin = ORIGIN[peer].replace(f"127.0.0.1:{PORT}", host)
    assert refusal(request(Host=host, Origin=origin), peer, PORT) is None


@pytest.mark.parametrize("peer", Peer)
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "localhost:1",
        f"[::1]:{PORT}",
        f"127.0.0.2:{PORT}",
        "example.org",
        f"example.org:{PORT}",
        f"127.0.0.1.example.org:{PORT}",
        f"example.org:1:127.0.0.1:{PORT}",
        f"127.0.0.1:{PORT}.example.org",
        f"user@127.0.0.1:{PORT}",
    ],
)
def test_another_host_is_refused(peer: Peer, host: str) -> None:
    origin = f"http://{host}" if peer is Peer.OWN_SCRIPT else ORIGIN[peer]
    assert refusal(request(Host=host, Origin=origin), peer, PORT) == "the Host is not this server"


STRANGERS = [
    "null",
    "https://example.org",
    "https://example.org/chrome-extension://x",
    f"https://127.0.0.1:{PORT}",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    f"http://localhost:{PORT}",  # another address than the Host
    f"http://127.0.0.1:{PORT}/",
]


@pytest.mark.parametrize(
    ("peer", "origin"),
    [
        *((peer, origin) for peer in Peer for origin in STRANGERS),
        (Peer.EXTENSION, ""),
        (Peer.EXTENSION, f"http://127.0.0.1:{PORT}"),
        (Peer.PROGRAM, "chrome-extension://abc"),
        (Peer.PROGRAM, f"http://127.0.0.1:{PORT}"),
        (Peer.OWN_PAGE, "chrome-extension://abc"),
        (Peer.OWN_SCRIPT, "chrome-extension://abc"),
        (Peer.OWN_SCRIPT, ""),
    ],
)
def test_another_origin_is_refused(peer: Peer, origin: str) -> None:
    assert "Origin" in (refusal(request(Origin=origin), peer, PORT) or "")


@pytest.mark.parametrize("origin", ["chrome-extension://abc", "moz-extension://1-2-3"])
def test_extensions_of_both_browsers_are_let_in(origin: str) -> None:
    assert refusal(request(Origin=origin), Peer.EXTENSION, PORT) is None


def test_the_own_page_may_name_its_origin() -> None:
    assert refusal(plain(Origin=f"http://127.0.0.1:{PORT}"), Peer.OWN_PAGE, PORT, websocket=False) is None


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_another_method_is_refused(method: str) -> None:
    assert refusal(plain(method), Peer.OWN_PAGE, PORT, websocket=False) == "the method is not GET"
    assert refusal(request(method), Peer.PROGRAM, PORT) == "the method is not GET"


@pytest.mark.parametrize(
    "headers", [{"Upgrade": "", "Connection": ""}, {"Sec_WebSocket_Key": ""}, {"Sec_WebSocket_Version": "1"}]
)
def test_what_is_no_handshake_is_refused_where_there_is_only_a_websocket(headers: dict[str, str]) -> None:
    assert refusal(request(**headers), Peer.PROGRAM, PORT) == "not a WebSocket request"
    assert refusal(request(**headers), Peer.OWN_PAGE, PORT, websocket=False) is None


def test_an_address_that_there_is_not_is_refused() -> None:
    assert refusal(request(), None, PORT) == "no such address"


def test_paths_are_long_and_each_another() -> None:
    one, other = new_path(), new_path()
    assert one != other and one[0] == "/" and len(one) >= 44
    assert is_path(one, one)
    assert not any(is_path(given, one) for given in (other, one[:-1], f"{one}x", f"{one}/", "", "/", "/é"))
