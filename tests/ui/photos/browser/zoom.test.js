// How large a photo is shown, and what stays where it is.

import assert from "node:assert/strict";
import {test} from "node:test";

import {bounded, fitWidth, scrolledTo, zoomOnto} from "../../../../ui/photos/browser/zoom.js";

const BOX = {width: 800, height: 600};

test("a photo fits its box on both sides, and a tiny one is not blown up", () => {
  assert.equal(fitWidth({width: 4000, height: 3000}, BOX), 800);
  assert.equal(fitWidth({width: 3000, height: 4000}, BOX), 450);
  assert.equal(fitWidth({width: 12000, height: 1500}, BOX), 800);
  assert.equal(fitWidth({width: 300, height: 300}, BOX), 600);
  assert.equal(fitWidth({width: 1, height: 1}, BOX), 160);
});

test("zoom ends where each pixel is two on the screen, and lets small photos grow fourfold", () => {
  assert.equal(bounded(100, 12000, 800), 30);
  assert.equal(bounded(100, 400, 800), 4);
  assert.equal(bounded(.2, 4000, 800), 1);
});

test("the point under the pointer stays there", () => {
  const scroll = scrolledTo(100, 50, 2); // the point lay 150 from the edge, and now 300
  assert.equal(300 - scroll, 50);
});

test("a face that is asked for takes a third of the box", () => {
  const zoom = zoomOnto([.5, .5, .01, .08], 800, {width: 12000, height: 1500}, BOX);
  assert.ok(Math.abs(zoom * .01 * 800 - 800 / 3) < 1e-9 || Math.abs(zoom * .08 * 800 * 1500 / 12000 - 200) < 1e-9);
  assert.ok(zoom * .08 * 100 <= 200 + 1e-9 && zoom * .01 * 800 <= 800 / 3 + 1e-9);
});
