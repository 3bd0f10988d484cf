// When a lost connection is tried again, and when WebRTC is given up. What is shown is tested in a browser.

import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Stage} from "../../../../ui/live/stage/stage.js";

/** @type {FakeSocket[]} */
let sockets = [];

/** Stands for the browser's, and is ended by the test. */
class FakeSocket {
  static OPEN = 1;
  /** @type {(event: {data: string}) => void} */
  onmessage = () => {};
  /** @type {(event: {code: number}) => void} */
  onclose = () => {};
  onopen = () => {};
  constructor() { sockets.push(this); }
  close() {}
}

Object.assign(globalThis, {WebSocket: FakeSocket, window: {location: {href: "http://localhost:8501/live"}}});

/** @type {string[]} */
let told = [];
beforeEach(() => { sockets = []; told = []; });

/**
 * A stage without its page, which tells what it would show.
 * @param {object} changed
 * @returns {Stage}
 */
function stage(changed) {
  return Object.assign(Object.create(Stage.prototype), {
    data: {transport: "direct", path: "/live_socket", token: "t"}, link: null, round: 1, playing: true, aliveAt: 0,
    panel: {say: () => told.push("again")}, fail: (/** @type {string} */ reason) => told.push(reason),
    answer: () => told.push("answer"), giveUpPeer: () => told.push("gave up"), ...changed,
  });
}

test("a lost connection is tried again five times, ever later", (context) => {
  context.mock.timers.enable({apis: ["setTimeout"]});
  stage({}).connect(1, 0);
  for (const [tries, wait] of [500, 1000, 2000, 4000, 8000].entries()) {
    sockets[tries].onclose({code: 1006});
    context.mock.timers.tick(wait - 1);
    assert.equal(sockets.length, tries + 1);
    context.mock.timers.tick(1);
    assert.equal(sockets.length, tries + 2);
  }
  sockets[5].onclose({code: 1006});
  assert.deepEqual(told, [...Array(5).fill("again"), "refused"]);
});

test("an answer makes the tries begin anew", (context) => {
  context.mock.timers.enable({apis: ["setTimeout"]});
  stage({}).connect(1, 4);
  sockets[0].onopen();
  sockets[0].onmessage({data: "{}"});
  sockets[0].onclose({code: 1006});
  context.mock.timers.tick(500);
  assert.equal(sockets.length, 2);
  assert.deepEqual(told, ["answer", "again"]);
});

test("a full server is not tried again", () => {
  stage({}).connect(1, 0);
  sockets[0].onclose({code: 4003});
  assert.deepEqual(told, ["full"]);
});

test("a door tries again for as long as it takes", (context) => {
  context.mock.timers.enable({apis: ["setTimeout"]});
  const data = {transport: "direct", path: "/live_socket", token: "t", door: true};
  Object.assign(globalThis, {fetch: async () => ({ok: false})});
  stage({data}).connect(1, 0);
  for (let tries = 0; tries < 20; tries++) {
    sockets[tries].onclose({code: tries % 2 ? 4003 : 1006});
    context.mock.timers.tick(8000);
  }
  assert.equal(sockets.length, 21);
});

test("what a stage that was stopped still awaits is not wanted", (context) => {
  context.mock.timers.enable({apis: ["setTimeout"]});
  const stopped = stage({});
  stopped.connect(1, 0);
  sockets[0].onclose({code: 1006});
  stopped.round++;
  context.mock.timers.tick(500);
  sockets[0].onclose({code: 4003});
  assert.deepEqual([sockets.length, told], [1, ["again"]]);
});

test("WebRTC without a picture is given up after ten seconds, but not while the camera is asked for", (context) => {
  const link = {ask: () => told.push("asked")};
  const waiting = stage({data: {transport: "webrtc"}});
  const now = context.mock.method(performance, "now", () => 60_000);
  waiting.tick();
  assert.deepEqual(told, []);
  Object.assign(waiting, {link, aliveAt: 50_000});
  waiting.tick();
  assert.deepEqual(told, ["asked"]);
  now.mock.mockImplementation(() => 60_001);
  waiting.tick();
  assert.deepEqual(told, ["asked", "asked", "gave up"]);
});
