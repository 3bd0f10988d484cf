// The photos of a visit as tiles or rows; a click opens one. Streamlit calls the function at the end on every rerun.

import {made} from "./made.js";

/** @import {Tell} from "./made.js" */

/**
 * What Python says, in gallery.py. A badge of no count shows its words.
 * @typedef {{icon: string, words: string, count: number, colour: string, ink: string}} Badge
 * @typedef {{key: string, name: string, src: string, sign: string, badges: Badge[], words: string,
 *   fresh: boolean}} Tile
 * @typedef {{tiles: Tile[], view: "grid" | "list", focus: string}} Data
 */

/**
 * Which tile a key leads to from the one at `at`, of `count` in rows of `columns`; null where it leads to none.
 * @param {string} key
 * @param {number} at
 * @param {number} count
 * @param {number} columns
 */
export function ledTo(key, at, count, columns) {
  /** @type {Record<string, number>} */
  const steps = {ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: count - 1};
  const to = steps[key];
  return to === undefined || to < 0 || to >= count ? null : to;
}

/** @param {Badge} badge */
function plate({icon, words, count, colour, ink}) {
  const [title, text] = count ? [`${words}: ${count}`, `${icon} ${count}`] : [words, `${icon} ${words}`];
  const shown = made("span", {class: "mw-plate", title}, made("span", {"aria-hidden": "true"}, text));
  shown.style.background = colour;
  shown.style.color = ink;
  return shown;
}

/** @param {Tile} tile */
function item(tile) {
  const picture = tile.src
    ? made("img", {src: tile.src, alt: "", loading: "lazy", decoding: "async"})
    : made("span", {class: "mw-no-picture", "aria-hidden": "true"}, tile.sign);
  const open = made("button", {type: "button", class: "mw-open"}, picture,
    made("span", {class: "mw-plates"}, ...tile.badges.map(plate), ...(tile.fresh ? [made("span", {class: "mw-new"}, "New")] : [])),
    made("span", {class: "mw-name"}, tile.name), made("span", {class: "mw-words"}, tile.words));
  const remove = made("button", {type: "button", class: "mw-remove", "aria-label": `Remove ${tile.name}`, title: "Remove"}, "✕");
  return made("li", {"data-key": tile.key}, open, remove);
}

export class Gallery {
  /** @param {HTMLElement} root @param {Tell} trigger */
  constructor(root, trigger) {
    this.root = root; this.trigger = trigger;
    /** @type {Map<string, {said: string, element: HTMLElement}>} */
    this.shown = new Map();
    this.focused = ""; // key of the tile that was brought into view last
    root.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button"), key = button?.closest("li")?.dataset.key;
      if (button && key) this.trigger(button.classList.contains("mw-remove") ? "remove" : "open", key);
    });
    root.addEventListener("keydown", (event) => this.pressed(event));
    root.addEventListener("focusin", (event) => this.makeTabStop(/** @type {Element} */ (event.target).closest("li")));
  }

  /** @param {Data} data */
  update({tiles, view, focus}) {
    this.root.className = `mw-gallery mw-${view}`;
    const before = this.shown;
    this.shown = new Map(tiles.map((tile) => {
      const said = JSON.stringify(tile), kept = before.get(tile.key);
      return [tile.key, kept?.said === said ? kept : {said, element: item(tile)}];
    }));
    const elements = [...this.shown.values()].map(({element}) => element);
    const same = elements.length === this.root.children.length && elements.every((element, i) => element === this.root.children[i]);
    if (!same) {
      const had = this.root.querySelector("li:focus-within");
      this.root.replaceChildren(...elements);
      if (had && document.contains(had)) /** @type {HTMLElement | null} */ (had.querySelector("button"))?.focus();
    }
    const wanted = this.shown.get(focus)?.element;
    if (wanted && this.focused !== focus) {
      wanted.scrollIntoView({block: "center"});
      wanted.querySelector("button")?.focus({preventScroll: true});
    }
    this.focused = focus;
    this.makeTabStop(wanted ?? this.root.querySelector("li:focus-within") ?? this.root.firstElementChild);
  }

  /** One stop of the Tab key; arrow keys lead on from there. @param {Element | null} item */
  makeTabStop(item) {
    for (const button of this.root.querySelectorAll("button")) button.tabIndex = button.parentElement === item ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const items = [...this.root.children], at = items.findIndex((item) => item.contains(/** @type {Node} */ (event.target)));
    if (event.key === "Delete" && at >= 0) return this.trigger("remove", /** @type {HTMLElement} */ (items[at]).dataset.key);
    const top = items[0]?.getBoundingClientRect().top;
    const columns = items.filter((item) => item.getBoundingClientRect().top === top).length || 1;
    const to = ledTo(event.key, at, items.length, columns);
    if (to === null) return;
    event.preventDefault();
    items[to].querySelector("button")?.focus();
  }
}

/** @param {{parentElement: ParentNode, data: Data, setTriggerValue: Tell}} page */
export default function ({parentElement, data, setTriggerValue}) {
  /** @type {(HTMLElement & {gallery?: Gallery}) | null} */
  const root = parentElement.querySelector(".mw-gallery");
  if (!root) return;
  root.gallery ??= new Gallery(root, setTriggerValue);
  root.gallery.trigger = setTriggerValue;
  root.gallery.update(data);
}
