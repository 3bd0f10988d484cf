// The cards beside a photo: one a face, what it wears, how sure that is, and what one can do about it.

import {made} from "./made.js";

/**
 * @typedef {{number: number, box: number[], icon: string, words: string, colour: string, ink: string, why: string, sentence: string,
 *   bars: {words: string, percent: string, share: number}[], thumb: string, todo: string, todoAlt: string, report: string}} Face
 */

/** @param {Face} face */
export function plate({icon, words, colour, ink}) {
  const shown = made("span", {class: "mw-plate"}, made("span", {"aria-hidden": "true"}, icon), ` ${words}`);
  shown.style.background = colour;
  shown.style.color = ink;
  return shown;
}

/** @param {Face} face */
function bars(face) {
  const rows = face.bars.map(({words, percent, share}) => {
    const bar = made("span", {class: "mw-bar", "aria-hidden": "true"});
    bar.style.width = `${100 * share}%`;
    return made("tr", {}, made("td", {}, words, bar), made("td", {}, percent));
  });
  return rows.length ? [made("table", {"aria-label": `How likely each answer is for face ${face.number}`}, ...rows)] : [];
}

/** @param {Face} face */
function whatToDo({todo, todoAlt}) {
  if (!todo) return [];
  return [made("details", {}, made("summary", {}, "What to do"), made("img", {src: todo, alt: todoAlt, loading: "lazy"}))];
}

/** @param {string} what @param {string} words */
function action(what, words) { return made("button", {type: "button", class: "mw-action", "data-act": what}, words); }

/** @param {Face} face */
export function card(face) {
  const pick = made("button", {type: "button", class: "mw-pick", title: "Show this face in the photo"},
    made("img", {src: face.thumb, alt: `Face ${face.number}`, loading: "lazy"}));
  const told = face.report ? [made("p", {class: "mw-report"}, face.report)] : [];
  return made("li", {class: "mw-card", "data-face": String(face.number)}, pick, made("div", {},
    made("strong", {}, `${face.number}. `), plate(face), face.why ? ` (${face.why})` : "",
    ...(face.sentence ? [made("p", {}, face.sentence)] : []), ...whatToDo(face), ...bars(face), ...told,
    made("div", {class: "mw-actions"}, action("explain", "Explain"), action("wrong", face.report ? "Change" : "This is wrong"))));
}

/** A frame around a face in the photo. @param {Face} face */
export function frame(face) {
  const [left, top, width, height] = face.box;
  const tag = made("span", {class: "mw-tag", "aria-hidden": "true"}, `${face.number} ${face.icon}`);
  const shown = made("button", {type: "button", class: "mw-frame", "data-face": String(face.number), "aria-label": `Face ${face.number}: ${face.words}`}, tag);
  Object.assign(shown.style, {left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * width}%`, height: `${100 * height}%`, borderColor: face.colour});
  Object.assign(tag.style, {background: face.colour, color: face.ink});
  return shown;
}
