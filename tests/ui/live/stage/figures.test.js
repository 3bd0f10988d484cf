// What the figures beside the video say, and the lines of their history.

import assert from "node:assert/strict";
import {test} from "node:test";

import {pointsOf, withSecond, wordsOf, wordsOfAlerts} from "../../../../ui/live/stage/figures.js";

/** @import {Counts, Second} from "../../../../ui/live/stage/link.js" */

/** @type {Counts} */
const COUNTS = {now: 2, so_far: 5, judged: 3, properly: 2, alerts: 0, last_alert: null, since: 1, camera_fps: 29.6, analysed_fps: 9.4, latency_ms: 51.5, skipped: 7,
  second: null, ms: {decode: 1.25, detect: 20, track: 0.1, classify: 8}};

test("figures are rounded as people read them", () => {
  assert.deepEqual(wordsOf(COUNTS, true), {
    now: "2", so_far: "5", share: "67%", judged: "2 of 3 judged", camera: "30 fps", answered: "9 fps", latency: "52 ms",
    skipped: "7", stages: "decode 1.3 ms · find faces 20.0 ms · follow 0.1 ms · judge 8.0 ms",
  });
});

test("what is not known is a dash, never a zero", () => {
  const words = wordsOf({...COUNTS, judged: 0, properly: 0, latency_ms: null, ms: {}}, true);
  assert.deepEqual([words.share, words.judged, words.latency, words.stages], ["–", "nobody judged yet", "–", ""]);
});

test("with the camera off nobody is in view and nothing comes, and the counts stay", () => {
  const words = wordsOf(COUNTS, false);
  assert.deepEqual([words.now, words.camera, words.answered, words.so_far], ["0", "–", "–", "5"]);
});

test("a second is added, or told again", () => {
  /** @type {Second[]} */
  const history = [[1, 1, 0], [2, 2, 1]];
  assert.deepEqual(withSecond(history, [3, 1, 1], 300), [[1, 1, 0], [2, 2, 1], [3, 1, 1]]);
  assert.deepEqual(withSecond(history, [2, 3, 2], 300), [[1, 1, 0], [2, 3, 2]]);
  assert.deepEqual(withSecond([], [2, 3, 2], 300), [[2, 3, 2]]);
});

test("a history is as long as it may be", () => {
  /** @type {Second[]} */
  let history = [];
  for (let second = 0; second < 10; second++) history = withSecond(history, [second, 0, 0], 4);
  assert.deepEqual(history.map(([time]) => time), [6, 7, 8, 9]);
});

test("lines go over the whole width, up to the most people", () => {
  /** @type {Second[]} */
  const history = [[10, 0, 0], [15, 4, 1], [20, 2, 2]];
  assert.equal(pointsOf(history, 1, 4), "0,80 150,4 300,42");
  assert.equal(pointsOf(history, 2, 4), "0,80 150,61 300,42");
});

test("alerts are counted, with the time of the last", () => {
  assert.equal(wordsOfAlerts({alerts: 0, last_alert: null}), "");
  assert.match(wordsOfAlerts({alerts: 1, last_alert: 1_800_000_000}), /^! 1 alert, last \d\d?:\d\d/);
  assert.match(wordsOfAlerts({alerts: 3, last_alert: 1_800_000_000}), /^! 3 alerts, last /);
});
