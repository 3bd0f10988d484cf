// The one big answer at a door.

import {find} from "./dom.js";

/** @typedef {{words: string, icon: string, colour: string, ink: string}} Plate */

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
  find(panel, ".mw-door-icon", HTMLElement).textContent = plate.icon;
  find(panel, ".mw-door-words", HTMLElement).textContent = plate.words;
  return changed;
}
