// What is asked of the camera, and what is said when there is none.

import assert from "node:assert/strict";
import {test} from "node:test";

import {PROBLEMS, closeCamera, constraintsOf, openCamera, problemOf} from "../../../../ui/live/stage/camera.js";

test("a side is asked for by its name, a device by its id and no other", () => {
  assert.deepEqual(constraintsOf("user", "640x480"), {facingMode: "user", width: {ideal: 640}, height: {ideal: 480}, frameRate: {ideal: 30}});
  const device = constraintsOf("a1b2", "1280x720");
  assert.deepEqual([device.deviceId, device.facingMode, device.width], [{exact: "a1b2"}, undefined, {ideal: 1280}]);
});

/** @param {boolean} secure @param {unknown} mediaDevices */
function browser(secure, mediaDevices) {
  Object.assign(globalThis, {window: {isSecureContext: secure, WebSocket: Object}});
  Object.defineProperty(navigator, "mediaDevices", {value: mediaDevices, configurable: true});
}

test("pictures only, no sound", async () => {
  /** @type {MediaStreamConstraints[]} */
  const asked = [];
  browser(true, {getUserMedia: async (/** @type {MediaStreamConstraints} */ what) => { asked.push(what); return "a stream"; }});
  assert.deepEqual(await openCamera("user", "320x240"), {stream: "a stream"});
  assert.equal(asked[0].audio, false);
});

test("an insecure page and a browser without cameras say so before anything is asked", async () => {
  browser(false, {getUserMedia: () => assert.fail("asked")});
  assert.deepEqual(await openCamera("user", "320x240"), {problem: "insecure"});
  browser(true, undefined);
  assert.deepEqual(await openCamera("user", "320x240"), {problem: "unsupported"});
});

test("what the browser refuses is told", async () => {
  browser(true, {getUserMedia: async () => { throw new DOMException("no", "NotAllowedError"); }});
  assert.deepEqual(await openCamera("user", "320x240"), {problem: "denied"});
});

for (const [name, problem] of /** @type {const} */ ([
  ["SecurityError", "denied"], ["NotFoundError", "none"], ["OverconstrainedError", "none"], ["NotReadableError", "busy"],
  ["AbortError", "busy"], ["SomethingNew", "busy"],
])) {
  test(`${name}: ${problem}`, () => assert.equal(problemOf(new DOMException("no", name)), problem));
}

test("every problem says what to do", () => {
  for (const words of Object.values(PROBLEMS)) assert.match(words, /\. [A-Z].*\.$|: .*\. [A-Z]/);
});

test("a camera is let go, and its end is no surprise", () => {
  let stopped = 0;
  const track = {onended: () => assert.fail("told"), stop: () => { stopped++; }};
  closeCamera(/** @type {MediaStream} */ (/** @type {unknown} */ ({getTracks: () => [track]})));
  closeCamera(null);
  assert.deepEqual([stopped, track.onended], [1, null]);
});
