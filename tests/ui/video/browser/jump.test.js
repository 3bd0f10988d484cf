// A player is sent to a moment at once, or as soon as it knows its film. What is shown is tested in a browser.

import assert from "node:assert/strict";
import {test} from "node:test";

import {goTo} from "../../../../ui/video/browser/jump.js";

/** @param {number} readyState */
function player(readyState) {
  const made = new EventTarget();
  return /** @type {HTMLVideoElement} */ (Object.assign(made, {readyState, currentTime: 0}));
}

test("a player that knows its film goes to the part of a second", () => {
  const ready = player(1);
  goTo(ready, 4.37);
  assert.equal(ready.currentTime, 4.37);
});

test("one that does not yet goes there once it does, and once only", () => {
  const early = player(0);
  goTo(early, 4.37);
  assert.equal(early.currentTime, 0);
  early.dispatchEvent(new Event("loadedmetadata"));
  assert.equal(early.currentTime, 4.37);
  early.currentTime = 1;
  early.dispatchEvent(new Event("loadedmetadata"));
  assert.equal(early.currentTime, 1);
});
