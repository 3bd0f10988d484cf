// WebRTC: the camera's video goes to the server and comes back with the answers drawn on it.

const GATHER_MS = 2000; // for this browser's own addresses; a STUN server that is silent is not waited for

export class Peer {
  /**
   * `onVideo` is called when the server's video is there, `onFail` when no way was found or it broke.
   * @param {{stream: MediaStream, iceServers: RTCIceServer[], onVideo: (stream: MediaStream) => void,
   *   onFail: () => void}} options
   */
  constructor({stream, iceServers, onVideo, onFail}) {
    this.connection = new RTCPeerConnection({iceServers});
    for (const track of stream.getTracks()) this.connection.addTrack(track, stream);
    this.connection.ontrack = ({track, streams}) => onVideo(streams[0] ?? new MediaStream([track]));
    this.connection.onconnectionstatechange = () => {
      if (this.connection.connectionState === "failed") onFail();
    };
  }
  /** The SDP. */
  async offer() {
    const {connection} = this;
    await connection.setLocalDescription();
    if (connection.iceGatheringState !== "complete") {
      await new Promise((/** @type {(value?: undefined) => void} */ done) => {
        setTimeout(done, GATHER_MS);
        connection.onicegatheringstatechange = () => { if (connection.iceGatheringState === "complete") done(); };
      });
    }
    return /** @type {RTCSessionDescription} */ (connection.localDescription).sdp;
  }
  /** @param {string} sdp */
  accept(sdp) { return this.connection.setRemoteDescription({type: "answer", sdp}); }
  close() { this.connection.onconnectionstatechange = null; this.connection.close(); }
}
