// WebRTC's offer waits for this browser's own addresses, not for ever.

import assert from "node:assert/strict";
import {test} from "node:test";

import {Peer} from "../../../../ui/live/stage/peer.js";

class FakeConnection {
  iceGatheringState = "gathering";
  connectionState = "new";
  localDescription = {sdp: "early"};
  onicegatheringstatechange = () => {};
  onconnectionstatechange = () => {};
  addTrack() {}
  async setLocalDescription() {}
  close() {}
}
Object.assign(globalThis, {RTCPeerConnection: FakeConnection});

/** @param {() => void} [onFail] */
function called(onFail = () => assert.fail("gave up")) {
  const stream = /** @type {MediaStream} */ (/** @type {unknown} */ ({getTracks: () => []}));
  const peer = new Peer({stream, iceServers: [], onVideo: () => {}, onFail});
  return {peer, connection: /** @type {FakeConnection} */ (/** @type {unknown} */ (peer.connection))};
}

test("an offer holds the addresses that were found", async () => {
  const {peer, connection} = called();
  const offer = peer.offer();
  await Promise.resolve(); // the description is set
  connection.localDescription = {sdp: "whole"};
  connection.iceGatheringState = "complete";
  connection.onicegatheringstatechange();
  assert.equal(await offer, "whole");
});

test("a silent STUN server is waited for two seconds", async (context) => {
  context.mock.timers.enable({apis: ["setTimeout"]});
  const offer = called().peer.offer();
  let sdp = "";
  offer.then((found) => { sdp = found; });
  await Promise.resolve();
  context.mock.timers.tick(1999);
  await Promise.resolve();
  assert.equal(sdp, "");
  context.mock.timers.tick(1);
  assert.equal(await offer, "early");
});

test("a connection that breaks is given up, one that the page closes is not", () => {
  let failed = 0;
  const {peer, connection} = called(() => { failed++; });
  connection.connectionState = "connected";
  connection.onconnectionstatechange();
  assert.equal(failed, 0);
  connection.connectionState = "failed";
  connection.onconnectionstatechange();
  assert.equal(failed, 1);
  peer.close();
  assert.equal(connection.onconnectionstatechange, null);
});
