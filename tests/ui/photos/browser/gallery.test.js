// Where the arrow keys lead among tiles. What is shown is tested in a browser.

import assert from "node:assert/strict";
import {test} from "node:test";

import {ledTo} from "../../../../ui/photos/browser/gallery.js";

test("arrows go by one and by a row, Home and End to the ends, and none beyond", () => {
  const led = (/** @type {string} */ key, at = 4) => ledTo(key, at, 10, 4);
  assert.deepEqual(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"].map((key) => led(key)), [5, 3, 8, 0, 0, 9]);
  assert.deepEqual([led("ArrowRight", 9), led("ArrowDown", 7), led("ArrowLeft", 0), led("ArrowUp", 3)], [null, null, null, null]);
  assert.deepEqual([led("a"), led("Enter"), led("Tab")], [null, null, null]);
});
