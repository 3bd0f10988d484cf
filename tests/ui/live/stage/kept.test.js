// What a door's browser adds up over a day.

import assert from "node:assert/strict";
import {test} from "node:test";

import {countDay, totalsOf, withCounts, wordsOfDay} from "../../../../ui/live/stage/kept.js";

test("a counter that goes on is not counted twice, another one is added", () => {
  let day = withCounts(null, "2026-03-01", "a", [2, 2, 1, 0]);
  day = withCounts(day, "2026-03-01", "a", [5, 4, 3, 1]);
  day = withCounts(day, "2026-03-01", "b", [1, 1, 1, 0]); // the page was loaded anew
  assert.deepEqual(totalsOf(day), [6, 5, 4, 1]);
});

test("a new day begins at nothing, also for a counter that goes on over night", () => {
  const evening = withCounts(null, "2026-03-01", "a", [9, 9, 8, 2]);
  const night = withCounts(evening, "2026-03-02", "a", [9, 9, 8, 2]);
  assert.deepEqual(totalsOf(night), [0, 0, 0, 0]);
  assert.deepEqual(totalsOf(withCounts(night, "2026-03-02", "a", [10, 10, 9, 2])), [1, 1, 1, 0]);
});

test("totals are kept in the browser; what somebody else wrote there stops nobody", () => {
  const kept = new Map([["maskwise.door.day", "{not JSON"]]);
  Object.assign(globalThis, {window: {localStorage: {getItem: (/** @type {string} */ k) => kept.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => kept.set(k, v)}}});
  const counts = /** @type {import("../../../../ui/live/stage/link.js").Counts} */ ({since: 1, so_far: 3, judged: 2, properly: 1, alerts: 0});
  assert.deepEqual(countDay(counts), [3, 2, 1, 0]);
  assert.deepEqual(countDay({...counts, since: 2}), [6, 4, 2, 0]);
  Object.assign(globalThis, {window: {get localStorage() { throw new Error("refused"); }}});
  assert.deepEqual(countDay(counts), [3, 2, 1, 0]);
});

test("the day is told in words", () => {
  assert.match(wordsOfDay([1, 1, 1, 0]), /1 person seen, mask worn properly by 1 of 1 judged, 0 alerts/);
});
