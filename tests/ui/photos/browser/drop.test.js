// Which dropped files the uploader takes, and what Python is told of the others. Drops are tested in a browser.

import assert from "node:assert/strict";
import {test} from "node:test";

import {batches, isTaken, refusedOf} from "../../../../ui/photos/browser/drop.js";

const LIMITS = {types: ["jpg", "heic", "zip"], maxBytes: 100};

test("a file is taken by its ending and its size", () => {
  assert.ok(isTaken("a.jpg", 100, LIMITS) && isTaken("B.HEIC", 0, LIMITS) && isTaken("photos.zip", 9, LIMITS));
  for (const [name, size] of /** @type {const} */ ([["a.jpg", 101], ["clip.mp4", 1], ["jpg", 1], ["a.jpg.exe", 1], ["", 1]])) {
    assert.ok(!isTaken(name, size, LIMITS), name);
  }
});

test("what is refused is told with its path and size, and no more than there is room for", () => {
  const file = (/** @type {string} */ name, size = 1) => ({file: /** @type {File} */ (/** @type {unknown} */ ({name, size})), path: `folder/${name}`});
  assert.deepEqual(refusedOf([file("a.jpg"), file("clip.mp4", 7), file("big.jpg", 101)], LIMITS),
    [{name: "folder/clip.mp4", size: 7}, {name: "folder/big.jpg", size: 101}]);
  assert.equal(refusedOf(Array.from({length: 2000}, () => file("notes.txt")), LIMITS).length, 1000);
  assert.equal(refusedOf([file(`${"x".repeat(500)}.txt`)], LIMITS)[0].name.length, 300);
});

test("many files come a few at a time, all of them and in their order", () => {
  assert.deepEqual(batches([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(batches([1, 2], 2), [[1, 2]]);
  assert.deepEqual(batches([], 2), []);
});
