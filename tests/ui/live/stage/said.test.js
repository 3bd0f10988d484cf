// What is shown and said of people: at the door, aloud, to a screen reader; and the size of the pictures sent.

import assert from "node:assert/strict";
import {test} from "node:test";

import {drawingOf, paintDoor} from "../../../../ui/live/stage/door.js";
import {inView} from "../../../../ui/live/stage/panel.js";
import {sentSize} from "../../../../ui/live/stage/pictures.js";
import {Voice} from "../../../../ui/live/stage/voice.js";

class FakeElement {
  textContent = "";
  lang = "";
  /** @type {Record<string, string>} */
  dataset = {};
  /** @type {Record<string, string>} */
  style = {};
  /** @type {Record<string, FakeElement>} */
  inside = {};
  /** @param {string} selector */
  querySelector(selector) { return (this.inside[selector] ??= new FakeElement()); }
}
Object.assign(globalThis, {HTMLElement: FakeElement});

/** @param {string} words */
const plate = (words) => ({words, icon: "✓", colour: "#0072B2", ink: "#ffffff"});
const ENGLISH = {plates: {properly: plate("Mask on. Thank you!"), waiting: plate("Please step in front")}, tag: "en-US"};
const GERMAN = {plates: {properly: plate("Maske sitzt. Danke!")}, tag: "de-DE"};

test("a door shows an answer, and says whether it is another than before", () => {
  const fake = new FakeElement();
  const door = /** @type {HTMLElement} */ (/** @type {unknown} */ (fake));
  assert.equal(paintDoor(door, "properly", ENGLISH), true);
  assert.equal(paintDoor(door, "properly", ENGLISH), false);
  assert.equal(fake.inside[".mw-door-words"].textContent, "Mask on. Thank you!");
  assert.deepEqual([fake.lang, fake.style], ["en-US", {background: "#0072B2", color: "#ffffff"}]);
});

test("another language is painted at once, and is no other answer", () => {
  const fake = new FakeElement();
  const door = /** @type {HTMLElement} */ (/** @type {unknown} */ (fake));
  paintDoor(door, "properly", ENGLISH);
  assert.equal(paintDoor(door, "properly", GERMAN), false);
  assert.equal(fake.inside[".mw-door-words"].textContent, "Maske sitzt. Danke!");
});

test("the same answer is said again after six seconds, another one at once", () => {
  const voice = new Voice();
  const heard = [["not", 0], ["not", 5999], ["not", 6000], ["properly", 6001], ["not", 6002]]
    .filter(([answer, now]) => voice.isDue(String(answer), Number(now)));
  assert.deepEqual(heard, [["not", 0], ["not", 6000], ["properly", 6001], ["not", 6002]]);
});

test("nothing is said to nobody, nor while the answer is open", () => {
  const voice = new Voice();
  for (const answer of ["waiting", "reading", "low_margin"]) assert.equal(voice.isDue(answer, 0), false);
});

test("a screen reader hears how many people there are and what is true of them", () => {
  assert.equal(inView([]), "Nobody in view.");
  assert.equal(inView([{words: "No mask"}, {words: "Mask on"}]), "2 in view: Mask on, No mask.");
});

test("large pictures are made smaller, small ones are sent as they are", () => {
  assert.deepEqual(sentSize({videoWidth: 1920, videoHeight: 1080}), [1280, 720]);
  assert.deepEqual(sentSize({videoWidth: 1080, videoHeight: 1920}), [720, 1280]);
  assert.deepEqual(sentSize({videoWidth: 320, videoHeight: 240}), [320, 240]);
});

test("what is to change is said of those in view, each once", () => {
  const nose = {words: "Worn incorrectly", detail: "The nose is out. Pull the mask up over it."};
  assert.equal(inView([nose, nose, {words: "Mask on", detail: ""}]),
    "3 in view: Mask on, Worn incorrectly, Worn incorrectly. The nose is out. Pull the mask up over it.");
});

test("a drawing tells what to change, for each way of wearing, and none where nothing is to change", () => {
  const drawn = ["nose_out", "mouth_out", "below_mouth", "under_chin", "elsewhere", "wrongly", "not", "not_properly"].map((a) => drawingOf(a, "!"));
  for (const svg of drawn) assert.match(svg, /^<svg .*<\/svg>$/);
  assert.equal(new Set(drawn.slice(0, 5)).size, 5);
  for (const answer of ["properly", "waiting", "low_margin", "constructor"]) assert.equal(drawingOf(answer, "!"), "");
});
