// The socket to the server: one message on its way at a time, so nothing piles up.

/** @import {Problem} from "./camera.js" */

/**
 * Somebody in view. Box (x1, y1, x2, y2) and velocity a second, in pixels of the analysed picture.
 * @typedef {{id: number, box: [number, number, number, number], velocity: [number, number], label: string,
 *   confidence: number | null, icon: string, words: string, detail: string, colour: string, ink: string}} Person
 */

/** When, people in view, of them with the mask worn properly. @typedef {[number, number, number]} Second */

/**
 * @typedef {{now: number, so_far: number, judged: number, properly: number, alerts: number, last_alert: number | null, since: number, camera_fps: number, analysed_fps: number,
 *   latency_ms: number | null, skipped: number, second: Second | null, ms: Record<string, number>}} Counts
 */

/**
 * What the server answers, to a picture that was `captured` then, or to an offer with the SDP `answer`. The first of a
 * connection has the `history`.
 * @typedef {{width: number, height: number, camera_frames: number, crowded: boolean, analysed: number,
 *   people: Person[], ms: Record<string, number>, figures: Counts, door: string,
 *   alert: {number: number, shown: boolean}, error: string | null, captured: number | null,
 *   answer: string | null, history?: Second[]}} State
 */

const SOCKET_PROTOCOL = "maskwise.live.1";
/** @type {Record<number, Problem>} */
const CLOSED = {4003: "full", 1003: "protocol", 1009: "protocol", 4008: "protocol"};
const HEADER_BYTES = 16; // captured: float64 ms, latency: float32 ms, frames: uint32
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

/**
 * @param {string} path
 * @param {string} page the address of this page
 */
export function addressOf(path, page) {
  const address = new URL(path, page);
  address.protocol = address.protocol.replace("http", "ws");
  return address;
}

/**
 * What goes before a picture.
 * @param {number} captured ms of the browser's clock
 * @param {number} latency ms of the last answer; NaN before the first
 * @param {number} frames of the camera since the last picture
 */
export function headerOf(captured, latency, frames) {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  header.setFloat64(0, captured, true);
  header.setFloat32(8, latency, true);
  header.setUint32(12, frames, true);
  return header;
}

/**
 * Why the socket was closed.
 * @param {number} code of the WebSocket
 * @param {boolean} opened before
 * @returns {Problem}
 */
export function reasonOf(code, opened) {
  return CLOSED[code] ?? (opened ? "lost" : "refused");
}

/**
 * Milliseconds until the next try, after so many; null where another would not help.
 * @param {Problem} reason
 * @param {number} tries
 */
export function retryAfter(reason, tries) {
  return reason === "full" || reason === "protocol" ? null : RETRY_MS[tries] ?? null;
}

export class Link {
  /**
   * `onState` is called for each answer, the others once.
   * @param {{path: string, token: string, onOpen: () => void, onState: (state: State) => void,
   *   onEnd: (reason: Problem) => void}} options
   */
  constructor({path, token, onOpen, onState, onEnd}) {
    this.busy = true;
    this.closing = false;
    let opened = false;
    this.socket = new WebSocket(addressOf(path, window.location.href), [SOCKET_PROTOCOL, token]);
    this.socket.onopen = () => { opened = true; this.busy = false; onOpen(); };
    this.socket.onmessage = ({data}) => { this.busy = false; onState(JSON.parse(data)); };
    this.socket.onclose = ({code}) => { if (!this.closing) onEnd(reasonOf(code, opened)); };
  }
  get open() { return this.socket.readyState === WebSocket.OPEN; }
  get ready() { return !this.busy && this.open; }
  ask() { if (this.ready) { this.busy = true; this.socket.send("state"); } }
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} captured
   * @param {number} latency
   * @param {number} frames
   */
  async sendPicture(canvas, captured, latency, frames) {
    this.busy = true;
    const jpeg = await new Promise((/** @type {BlobCallback} */ done) => canvas.toBlob(done, "image/jpeg", 0.8));
    if (!jpeg || !this.open) { this.busy = false; return; }
    this.socket.send(new Blob([headerOf(captured, latency, frames), jpeg]));
  }
  /** @param {string} sdp */
  sendOffer(sdp) { this.busy = true; this.socket.send(JSON.stringify({offer: sdp})); }
  close() { this.closing = true; this.socket.close(); }
}
