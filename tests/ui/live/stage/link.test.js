// The socket: its address and messages, one on its way at a time, and what is done when it ends.

import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Link, addressOf, headerOf, reasonOf, retryAfter} from "../../../../ui/live/stage/link.js";

/** Stands for the browser's: keeps what is sent, and is opened and closed by the test. */
class FakeSocket {
  static OPEN = 1;
  readyState = 0;
  /** @type {unknown[]} */
  sent = [];
  /** @type {() => void} */
  onopen = () => {};
  /** @type {(event: {data: string}) => void} */
  onmessage = () => {};
  /** @type {(event: {code: number}) => void} */
  onclose = () => {};
  /** @param {URL} address @param {string[]} protocols */
  constructor(address, protocols) { this.address = address; this.protocols = protocols; }
  /** @param {unknown} message */
  send(message) { this.sent.push(message); }
  open() { this.readyState = FakeSocket.OPEN; this.onopen(); }
  close(code = 1000) { this.readyState = 3; this.onclose({code}); }
}

Object.assign(globalThis, {WebSocket: FakeSocket, window: {location: {href: "https://masks.example/app/live"}}});

/** @type {unknown[]} */
let told = [];
beforeEach(() => { told = []; });

function linked() {
  const link = new Link({path: "/app/live_socket", token: "a-token", onOpen: () => told.push("open"),
    onState: (state) => told.push(state), onEnd: (reason) => told.push(reason)});
  return {link, socket: /** @type {FakeSocket} */ (/** @type {unknown} */ (link.socket))};
}

/** @param {Blob | null} jpeg */
const canvasOf = (jpeg) => /** @type {HTMLCanvasElement} */ (
  /** @type {unknown} */ ({toBlob: (/** @type {BlobCallback} */ done) => done(jpeg)}));

test("a secure page's socket is secure", () => {
  assert.equal(addressOf("/app/live_socket", "https://masks.example/app/live").href, "wss://masks.example/app/live_socket");
  assert.equal(addressOf("/live_socket", "http://localhost:8501/live").href, "ws://localhost:8501/live_socket");
});

test("the token goes where no log has it, not into the address", () => {
  const {socket} = linked();
  assert.deepEqual(socket.protocols, ["maskwise.live.1", "a-token"]);
  assert.doesNotMatch(String(socket.address), /token/);
});

test("a picture's header is sixteen bytes, little end first", () => {
  const header = headerOf(1234.5, NaN, 3);
  assert.equal(header.byteLength, 16);
  assert.equal(header.getFloat64(0, true), 1234.5);
  assert.ok(Number.isNaN(header.getFloat32(8, true)));
  assert.deepEqual([...new Uint8Array(header.buffer, 12)], [3, 0, 0, 0]);
});

test("nothing is asked before the socket is open, and one thing at a time", () => {
  const {link, socket} = linked();
  link.ask();
  assert.deepEqual(socket.sent, []);
  socket.open();
  link.ask();
  link.ask();
  assert.deepEqual(socket.sent, ["state"]);
  socket.onmessage({data: '{"door": "waiting"}'});
  link.ask();
  assert.deepEqual(socket.sent, ["state", "state"]);
  assert.deepEqual(told, ["open", {door: "waiting"}]);
});

test("an offer is answered before anything else is asked", () => {
  const {link, socket} = linked();
  socket.open();
  link.sendOffer("v=0");
  link.ask();
  assert.deepEqual(socket.sent, ['{"offer":"v=0"}']);
});

test("a picture follows its header", async () => {
  const {link, socket} = linked();
  socket.open();
  await link.sendPicture(canvasOf(new Blob(["jpeg"])), 5, 10, 1);
  assert.equal(link.ready, false);
  const [message] = /** @type {Blob[]} */ (socket.sent);
  assert.equal(await message.slice(16).text(), "jpeg");
});

test("a picture that the browser cannot write, or that is ready too late, is left out", async () => {
  const {link, socket} = linked();
  socket.open();
  await link.sendPicture(canvasOf(null), 5, 10, 1);
  assert.equal(link.ready, true);
  socket.readyState = 2;
  await link.sendPicture(canvasOf(new Blob(["jpeg"])), 5, 10, 1);
  assert.deepEqual(socket.sent, []);
});

test("the end is told, but not of a socket that the page itself closes", () => {
  const {socket} = linked();
  socket.open();
  socket.close(1006);
  linked().link.close();
  assert.deepEqual(told, ["open", "lost"]);
});

for (const [code, opened, reason] of /** @type {const} */ ([
  [4003, true, "full"], [1003, true, "protocol"], [1009, true, "protocol"], [4008, true, "protocol"],
  [1006, true, "lost"], [1001, true, "lost"], [1006, false, "refused"],
])) {
  test(`closed with ${code}, ${opened ? "opened before" : "never opened"}: ${reason}`, () => assert.equal(reasonOf(code, opened), reason));
}

test("tries are further apart each time, and end", () => {
  const waits = [0, 1, 2, 3, 4].map((tries) => retryAfter("lost", tries));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000]);
  assert.equal(retryAfter("lost", 5), null);
});

test("a full server and one that does not understand the page are not tried again", () => {
  assert.equal(retryAfter("full", 0), null);
  assert.equal(retryAfter("protocol", 0), null);
  assert.equal(retryAfter("refused", 0), 500);
});
