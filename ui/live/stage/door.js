// The one big answer at a door, with a drawing of what to change.

import {find} from "./dom.js";

/** @typedef {{words: string, icon: string, colour: string, ink: string}} Plate */

/** Top and height of the mask on the face, then which way it has to go: -1 up, 1 down; of a face 120 high.
 * @type {Record<string, [number, number, number]>} */
const MASKS = {nose_out: [72, 34, -1], mouth_out: [44, 28, 1], below_mouth: [90, 22, -1], under_chin: [104, 14, -1],
  wrongly: [90, 22, -1], not_properly: [104, 14, -1], elsewhere: [-1, 0, -1], not: [-1, 0, -1]};
const RIGHT = [60, 44]; // top and height of a mask worn properly

/** @param {string} part class @param {number} top @param {number} height */
function mask(part, top, height) {
  return `<path class="${part}" d="M28 ${top} Q60 ${top - 8} 92 ${top} L86 ${top + 0.7 * height} Q60 ${top + 1.15 * height} 34 ${top + 0.7 * height} Z"/>`;
}

/**
 * An SVG of a face: the mask as it is, or dashed where one is wanted, and an arrow. Empty where nothing is to change.
 * @param {string} answer
 * @param {string} icon that is drawn beside it
 */
export function drawingOf(answer, icon) {
  if (!Object.hasOwn(MASKS, answer)) return "";
  const [top, height, way] = MASKS[answer], [from, to] = way < 0 ? [100, 62] : [62, 100];
  const worn = top < 0 ? mask("mw-wanted", RIGHT[0], RIGHT[1]) : mask("mw-cloth", top, height);
  return `<svg viewBox="-30 0 180 124"><ellipse cx="60" cy="62" rx="38" ry="50"/><path d="M43 48h8M69 48h8M60 52l-5 16h9M48 84q12 7 24 0"/>`
    + `${worn}<path d="M122 ${from}V${to}M112 ${to - 10 * way}L122 ${to}L132 ${to - 10 * way}"/><text class="mw-mark" x="-26" y="76">${icon}</text></svg>`;
}

/**
 * Whether the answer is another one than the panel showed.
 * @param {HTMLElement} panel
 * @param {string} answer
 * @param {{plates: Record<string, Plate>, tag: string}} language
 */
export function paintDoor(panel, answer, {plates, tag}) {
  const changed = panel.dataset.answer !== answer;
  if (!changed && panel.lang === tag) return false;
  const plate = plates[answer];
  panel.dataset.answer = answer;
  panel.lang = tag;
  panel.style.background = plate.colour;
  panel.style.color = plate.ink;
  find(panel, ".mw-door-picture", HTMLElement).innerHTML = drawingOf(answer, plate.icon);
  find(panel, ".mw-door-icon", HTMLElement).textContent = plate.icon;
  find(panel, ".mw-door-words", HTMLElement).textContent = plate.words;
  return changed;
}
