"""What is left of a hostile offer, and of what the server would tell."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from ui.live.reach import NetworkReach
from ui.live.sdp import MAX_CANDIDATES, screened, told

VISITOR = NetworkReach(frozenset({"192.168.1.5"}), ("192.168.1.10",))
HEAD = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
"""
VIDEO = """m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 AA:BB
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 H264/90000
a=fmtp:98 packetization-mode=1;profile-level-id=42e01f
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
"""


def candidate(address: str, kind: str = "host", port: int = 5000) -> str:
    return f"a=candidate:1 1 udp 2122260223 {address} {port} typ {kind}\n"


def hosts(sdp: str) -> list[str]:
    return [c.ip for media in SessionDescription.parse(sdp).media for c in media.ice_candidates]


def test_only_addresses_within_reach_are_left():
    strange = ("10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "a.local", "evil.example", "192.168.1.50")
    offer = HEAD + VIDEO + "".join(map(candidate, [*strange, "192.168.1.5", "::ffff:192.168.1.5"]))
    offer += candidate("10.0.0.1", "relay") + candidate("10.0.0.1", "srflx")
    assert hosts(screened(offer, VISITOR)) == ["192.168.1.5", "::ffff:192.168.1.5"]


@pytest.mark.parametrize("separator", ["\r\n", "\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_no_line_ending_smuggles_an_address_in(separator):
    smuggled = "a=ice-options:trickle" + separator + candidate("10.0.0.1").strip() + separator
    left = screened(HEAD + VIDEO + smuggled + "\n" + candidate("192.168.1.5"), VISITOR)
    assert hosts(left) == ["192.168.1.5"] and "10.0.0.1" not in left


def test_one_decoder_is_left():
    (video,) = SessionDescription.parse(screened(HEAD + VIDEO, VISITOR)).media
    assert [(c.mimeType, c.payloadType) for c in video.rtp.codecs] == [("video/VP8", 96), ("video/rtx", 97)]
    assert video.fmt == [96, 97] and video.direction == "sendrecv"
    assert (video.ice.usernameFragment, video.ice.password) == ("abcd", "abcdefghijklmnopqrstuv")


AUDIO = VIDEO.replace("m=video", "m=audio").replace("a=mid:0", "a=mid:1")
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\na=mid:1\na=sctp-port:5000\n"


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "v=x",
        "v=0\r\nm=video",
        HEAD,
        HEAD + AUDIO,
        HEAD + VIDEO + AUDIO,
        HEAD + VIDEO + DATA,
        HEAD + DATA,
        HEAD + VIDEO + VIDEO,
        HEAD + VIDEO.replace("sendrecv", "recvonly"),
        HEAD + VIDEO.replace("sendrecv", "inactive"),
        HEAD + VIDEO.replace("a=setup:actpass\n", ""),
        HEAD + VIDEO.replace("VP8", "VP9"),
        HEAD + VIDEO + candidate("192.168.1.5") * (MAX_CANDIDATES + 1),
        HEAD + VIDEO + "a=candidate:1 1 udp x 10.0.0.1 5000 typ host\n",
        HEAD + VIDEO + "a=candidate:" + "9" * 5000 + "\n",
        HEAD + VIDEO.replace("96 97 98 99", "999"),
    ],
    ids=range(17),
)
def test_what_our_page_never_offers_is_refused(offer):
    with pytest.raises(ValueError):  # noqa: PT011 - of each kind of nonsense, in other words
        screened(offer, VISITOR)


ANSWER = (
    HEAD.replace("127.0.0.1", "0.0.0.0")
    + VIDEO.replace("0.0.0.0", "172.17.0.1").replace("actpass", "active")
    + "".join(map(candidate, ("172.17.0.1", "10.8.0.3", "192.168.1.10")))
    + candidate("203.0.113.7", "srflx raddr 172.17.0.1 rport 4000")
    + candidate("2001:db8::7", "relay raddr fd00::1 rport 4000")
)


def test_the_answer_tells_no_inner_address():
    answer = told(ANSWER, VISITOR)
    assert hosts(answer) == ["192.168.1.10", "203.0.113.7", "2001:db8::7"]
    assert "c=IN IP4 192.168.1.10" in answer and "raddr 0.0.0.0 rport 9" in answer
    assert "raddr :: rport 9" in answer
    for inner in ("172.17", "10.8", "fd00"):
        assert inner not in answer


def test_from_outside_only_translated_and_relayed_addresses_are_told():
    answer = told(ANSWER, NetworkReach(VISITOR.peers, VISITOR.own, told=False))
    assert hosts(answer) == ["203.0.113.7", "2001:db8::7"] and "192.168" not in answer


def test_an_answer_without_addresses_names_nobody():
    alone = HEAD + VIDEO.replace("c=IN IP4 0.0.0.0", "c=IN IP4 172.17.0.1") + candidate("172.17.0.1")
    answer = told(alone, VISITOR)
    assert "c=IN IP4 0.0.0.0" in answer and "m=video 9 " in answer and "172.17" not in answer
