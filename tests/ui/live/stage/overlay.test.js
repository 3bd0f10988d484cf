// Where boxes and their plates are drawn over the video.

import assert from "node:assert/strict";
import {test} from "node:test";

import {fitVideo, isClear, linesOf, movedBox, platePlace} from "../../../../ui/live/stage/overlay.js";

test("a video of the box's shape fills it", () => {
  assert.deepEqual(fitVideo(1280, 960, {videoWidth: 640, videoHeight: 480}), {scale: 2, left: 0, top: 0});
});

test("a wide video has bars above and below, a tall one on both sides", () => {
  assert.deepEqual(fitVideo(400, 400, {videoWidth: 800, videoHeight: 400}), {scale: 0.5, left: 0, top: 100});
  assert.deepEqual(fitVideo(400, 400, {videoWidth: 400, videoHeight: 800}), {scale: 0.5, left: 100, top: 0});
});

/** @type {{box: [number, number, number, number], velocity: [number, number]}} */
const WALKING = {box: [10, 20, 40, 60], velocity: [100, -10]};

test("a box moves on with its speed and keeps its size", () => {
  assert.deepEqual(movedBox(WALKING, 0, null), [10, 20, 30, 40]);
  assert.deepEqual(movedBox(WALKING, 0.5, null), [60, 15, 30, 40]);
});

test("mirrored, it moves the other way and is as far from the other edge", () => {
  assert.deepEqual(movedBox(WALKING, 0, 320), [280, 20, 30, 40]);
  assert.deepEqual(movedBox(WALKING, 0.5, 320), [230, 15, 30, 40]);
});

test("a plate stands on its box", () => {
  assert.deepEqual(platePlace([50, 60, 30, 40], 80, 20, 320, 240), [50, 40]);
});

test("without room above it hangs under the box, without room under it at the bottom", () => {
  assert.deepEqual(platePlace([50, 10, 30, 40], 80, 20, 320, 240), [50, 50]);
  assert.deepEqual(platePlace([50, 10, 30, 225], 80, 20, 320, 240), [50, 220]);
});

test("a plate never leaves the picture at its sides", () => {
  assert.equal(platePlace([300, 60, 30, 40], 80, 20, 320, 240)[0], 240);
  assert.equal(platePlace([-20, 60, 30, 40], 80, 20, 320, 240)[0], 0);
  assert.equal(platePlace([50, 60, 30, 40], 400, 20, 320, 240)[0], 0); // too long: its beginning is seen
});

test("a plate says what there is room for without hiding the face", () => {
  const person = {id: 3, icon: "!", words: "Worn incorrectly", detail: "The nose is out. Pull the mask up over it."};
  assert.deepEqual(linesOf(person, 5), ["3  ! Worn incorrectly", "The nose is out.", "Pull the mask up over it."]);
  assert.deepEqual(linesOf(person, 2), ["3  ! Worn incorrectly"]);
  assert.deepEqual(linesOf(person, 0), ["3 !"]);
});

test("a plate gives way to the faces and plates of others", () => {
  assert.equal(isClear([10, 10, 50, 20], []), true);
  assert.equal(isClear([10, 10, 50, 20], [[60, 10, 30, 30], [10, 30, 50, 40]]), true); // beside and under it
  assert.equal(isClear([10, 10, 50, 20], [[100, 100, 5, 5], [59, 29, 30, 30]]), false);
});
