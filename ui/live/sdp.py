"""What is read of a browser's WebRTC offer, and what it is told in answer, both SDP."""

from __future__ import annotations

from dataclasses import replace

from aiortc.rtcicetransport import RTCIceCandidate
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

from ui.live.reach import NetworkReach

MAX_CANDIDATES = 100  # a machine with ten addresses offers some 40
_NOBODY, _DISCARD = {4: "0.0.0.0", 6: "::"}, 9  # noqa: S104 - SDP's for an address and a port not told


def screened(offer: str, reach: NetworkReach) -> str:
    """An offer as our page makes it: one video, in VP8, from an address within reach. Others are left out,
    names too, as looking them up would ask the network. Raises `ValueError`.
    """
    try:
        said = SessionDescription.parse(offer)
    except Exception as problem:  # of a strange one aiortc raises whatever comes
        raise ValueError("the offer is no SDP") from problem
    if [media.kind for media in said.media] != ["video"]:
        raise ValueError("the offer is not of one video")
    (video,) = said.media
    if video.direction not in ("sendrecv", "sendonly") or video.dtls is None:
        raise ValueError("the offer sends no video")
    if len(video.ice_candidates) > MAX_CANDIDATES:
        raise ValueError("the offer has too many addresses")
    video.ice_candidates = [c for c in video.ice_candidates if reach.includes(c.ip)]
    video.rtp.codecs = _vp8(video.rtp.codecs)
    video.fmt = [codec.payloadType for codec in video.rtp.codecs]
    if not video.fmt:
        raise ValueError("the offer has no VP8")
    return str(said)


def _vp8(codecs: list[RTCRtpCodecParameters]) -> list[RTCRtpCodecParameters]:
    """The one codec that all browsers have, retransmission included: one decoder meets untrusted video."""
    first = next((codec for codec in codecs if codec.name.lower() == "vp8"), None)
    if first is None:
        return []
    return [first, *(c for c in codecs if c.parameters.get("apt") == first.payloadType)]


def told(answer: str, reach: NetworkReach) -> str:
    """An answer without addresses of this machine that the visitor did not come to."""
    said = SessionDescription.parse(answer)
    for media in said.media:
        media.ice_candidates = [
            _without_origin(c)
            for c in media.ice_candidates
            if c.type != "host" or (reach.told and c.ip in reach.own)
        ]
        _set_default(media)
    return str(said)


def _without_origin(candidate: RTCIceCandidate) -> RTCIceCandidate:
    """Behind which inner address a translated or relayed one lies is nobody's business."""
    if candidate.relatedAddress is None:
        return candidate
    nobody = _NOBODY[6 if ":" in candidate.ip else 4]
    return replace(candidate, relatedAddress=nobody, relatedPort=_DISCARD)


def _set_default(media: MediaDescription) -> None:
    first = media.ice_candidates[0] if media.ice_candidates else None
    media.host, media.port = (first.ip, first.port) if first else (_NOBODY[4], _DISCARD)
    media.rtcp_host = _NOBODY[4]
