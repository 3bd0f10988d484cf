// The socket to the server: one message on its way at a time, so nothing piles up.

const SOCKET_PROTOCOL = "maskwise.live.1";
const CLOSED = {4003: "full", 1003: "protocol", 1009: "protocol", 4008: "protocol"};
const HEADER_BYTES = 16; // captured: float64 ms, latency: float32 ms, frames: uint32

class Link {
  // onOpen() once, onState(state) for each answer, onEnd(code of PROBLEMS) once
  constructor({path, token, onOpen, onState, onEnd}) {
    const address = new URL(path, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.busy = true;
    this.opened = false;
    this.socket = new WebSocket(address, [SOCKET_PROTOCOL, token]);
    this.socket.onopen = () => { this.opened = true; this.busy = false; onOpen(); };
    this.socket.onmessage = ({data}) => { this.busy = false; onState(JSON.parse(data)); };
    this.socket.onclose = ({code}) => { if (!this.closing) onEnd(reasonOf(code, this.opened)); };
  }
  get ready() { return !this.busy && this.open; }
  ask() { if (this.ready) { this.busy = true; this.socket.send("state"); } }
  async sendPicture(canvas, captured, latency, frames) {
    this.busy = true;
    const jpeg = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    if (!jpeg || this.socket.readyState !== WebSocket.OPEN) { this.busy = false; return; }
    const header = new DataView(new ArrayBuffer(HEADER_BYTES));
    header.setFloat64(0, captured, true);
    header.setFloat32(8, latency, true);
    header.setUint32(12, frames, true);
    this.socket.send(new Blob([header, jpeg]));
  }
  get open() { return this.socket.readyState === WebSocket.OPEN; }
  sendOffer(sdp) { this.busy = true; this.socket.send(JSON.stringify({offer: sdp})); }
  close() { this.closing = true; this.socket.close(); }
}

function reasonOf(code, opened) {
  return CLOSED[code] ?? (opened ? "lost" : "refused");
}
