// One photo large: zoomed and moved, its faces framed and linked with their cards. Streamlit calls the function at the end.

import {card, frame} from "./cards.js";
import {made} from "./made.js";
import {STEP, bounded, fitWidth, scrolledTo, zoomOnto} from "./zoom.js";

/** @import {Face} from "./cards.js" */
/** @import {Tell} from "./made.js" */

/**
 * What Python says, in viewer.py. `full` is the whole picture, once it was asked for.
 * @typedef {{key: string, name: string, alt: string, src: string, full: string, width: number, height: number, place: string,
 *   first: boolean, last: boolean, boxes: boolean, lines: string[], problem: string, faces: Face[]}} Data
 */

const LEAST_HEIGHT = 320; // CSS pixels of the photo's box
const SHARE = 0.72; // of the window's height, at most

export class Viewer {
  /** @param {HTMLElement} root @param {Tell} trigger */
  constructor(root, trigger) {
    this.root = root; this.trigger = trigger;
    this.said = ""; this.key = "";
    this.faces = ""; // as they are shown: made anew only when they differ, so that focus and what is picked stay
    /** @type {Data | null} */
    this.data = null;
    this.zoom = 1;
    this.fullOf = ""; // key of the photo whose whole picture was asked for
    const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(`.mw-${name}`));
    this.look = part("look"); this.sheet = part("sheet"); this.part = part;
    this.image = /** @type {HTMLImageElement} */ (root.querySelector(".mw-sheet img"));
    root.addEventListener("click", (event) => this.clicked(/** @type {Element} */ (event.target)));
    // What the pointer leaves stays lit while it has the focus, and the reverse: focus may scroll it away.
    for (const [type, lit] of /** @type {const} */ ([["pointerover", "*"], ["pointerout", ":focus-within"], ["focusin", "*"], ["focusout", ":hover"]])) {
      root.addEventListener(type, (event) => this.light(/** @type {Element} */ (event.target), lit));
    }
    root.addEventListener("keydown", (event) => this.pressed(event));
    this.look.addEventListener("dblclick", (event) => this.zoomTo(this.zoom > 1 ? 1 : 2.5, event));
    this.look.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return; // which a touch pad's pinch has too; else the page scrolls
      event.preventDefault();
      this.zoomTo(this.zoom * Math.exp(-event.deltaY / 100), event);
    }, {passive: false});
    this.look.addEventListener("pointerdown", (event) => this.drag(event));
    this.watch = new ResizeObserver(() => this.layOut());
    this.watch.observe(root);
  }

  /** @param {Data} data */
  update(data) {
    const said = JSON.stringify(data);
    if (said === this.said) return;
    const other = data.key !== this.key;
    this.said = said; this.data = data; this.key = data.key;
    if (other) this.zoom = 1;
    this.part("title").textContent = data.name;
    this.part("place").textContent = data.place;
    for (const [name, none] of /** @type {const} */ ([["previous", data.first], ["next", data.last]])) {
      /** @type {HTMLButtonElement} */ (this.part(name)).disabled = none;
    }
    for (const name of ["all", "previous", "next"]) this.part(name).hidden = data.place === "";
    for (const button of this.root.querySelectorAll("[data-zoom]")) /** @type {HTMLElement} */ (button).hidden = Boolean(data.problem);
    this.part("problem").hidden = !data.problem;
    this.part("problem").textContent = data.problem;
    this.part("desk").hidden = Boolean(data.problem);
    this.part("desk").classList.toggle("mw-wide", data.faces.length > 4 || data.width > 2 * data.height);
    this.part("lines").replaceChildren(...data.lines.map((line, i) => made("p", {class: i ? "" : "mw-sentence"}, line)));
    const faces = JSON.stringify([data.key, data.faces]);
    if (faces !== this.faces) {
      this.part("cards").replaceChildren(...data.faces.map(card));
      this.sheet.replaceChildren(this.image, ...data.faces.map(frame));
    }
    this.faces = faces;
    this.sheet.classList.toggle("mw-bare", !data.boxes);
    this.image.alt = data.alt;
    this.showPicture(other);
    this.layOut();
    if (other) {
      this.look.scrollTo(0, 0);
      this.root.focus({preventScroll: true});
      this.root.scrollIntoView({block: "nearest"});
    }
  }

  /** @param {boolean} other whether it is another photo than before */
  showPicture(other) {
    const {src, full} = /** @type {Data} */ (this.data);
    if (other || !full) this.image.src = src;
    if (!full || this.image.src.endsWith(full)) return;
    const whole = new Image(), key = this.key;
    whole.onload = () => { if (key === this.key) this.image.src = full; };
    whole.src = full;
  }

  get box() {
    return {width: this.part("room").clientWidth, height: Math.max(LEAST_HEIGHT, SHARE * window.innerHeight)};
  }

  layOut() {
    if (!this.data || this.data.problem) return;
    const box = this.box, fit = fitWidth(this.data, box);
    this.zoom = bounded(this.zoom, this.data.width, fit);
    this.look.style.maxHeight = `${box.height}px`;
    this.sheet.style.width = `${Math.floor(fit * this.zoom)}px`;
    this.look.classList.toggle("mw-zoomed", this.zoom > 1);
    this.part("scale").textContent = `${Math.round(100 * this.zoom)}%`;
    const shown = fit * this.zoom * window.devicePixelRatio;
    const loaded = this.image.naturalWidth || Infinity;
    if (shown > 1.1 * loaded && loaded < this.data.width && this.fullOf !== this.key && !this.data.full) {
      this.fullOf = this.key;
      this.act("full");
    }
  }

  /** @param {number} zoom @param {{clientX: number, clientY: number} | null} [at] what stays where it is, else the middle */
  zoomTo(zoom, at = null) {
    if (!this.data) return;
    const before = this.zoom, seen = this.look.getBoundingClientRect(), {scrollLeft, scrollTop} = this.look;
    const [x, y] = at ? [at.clientX - seen.left, at.clientY - seen.top] : [seen.width / 2, seen.height / 2];
    this.zoom = zoom;
    this.layOut();
    const ratio = this.zoom / before;
    this.look.scrollTo(scrolledTo(scrollLeft, x, ratio), scrolledTo(scrollTop, y, ratio));
  }

  /** @param {Face} face */
  showFace(face) {
    if (!this.data) return;
    const box = this.box, fit = fitWidth(this.data, box);
    this.zoomTo(zoomOnto(face.box, fit, this.data, box));
    const [left, top, width, height] = face.box;
    this.look.scrollTo((left + width / 2) * this.sheet.clientWidth - this.look.clientWidth / 2,
      (top + height / 2) * this.sheet.clientHeight - this.look.clientHeight / 2);
  }

  /** @param {Element} target @param {string} lit selector of a part by which all parts of the face are lit */
  light(target, lit) {
    const number = /** @type {HTMLElement | null} */ (target.closest("[data-face]"))?.dataset.face;
    if (!number) return;
    const parts = [...this.root.querySelectorAll(`[data-face="${number}"]`)];
    const on = parts.some((part) => part.matches(lit));
    for (const part of parts) part.classList.toggle("mw-on", on);
  }

  /** @param {Element} target */
  clicked(target) {
    const button = target.closest("button"), holder = /** @type {HTMLElement | null} */ (target.closest("[data-face]"));
    const face = this.data?.faces.find(({number}) => String(number) === holder?.dataset.face);
    if (button?.dataset.act) return this.act(button.dataset.act, face?.number);
    if (button?.dataset.zoom) return this.zoomTo(button.dataset.zoom === "fit" ? 1 : this.zoom * (button.dataset.zoom === "in" ? STEP : 1 / STEP));
    if (!face || !button) return;
    for (const part of this.root.querySelectorAll("[data-face]")) part.classList.toggle("mw-picked", /** @type {HTMLElement} */ (part).dataset.face === String(face.number));
    if (button.classList.contains("mw-pick")) this.showFace(face);
    else this.root.querySelector(`.mw-card[data-face="${face.number}"]`)?.scrollIntoView({block: "nearest"});
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.data) return;
    const moves = this.zoom > 1 && event.target === this.look; // then arrows move the photo
    /** @type {Record<string, () => void>} */
    const keys = {"+": () => this.zoomTo(this.zoom * STEP), "=": () => this.zoomTo(this.zoom * STEP), "-": () => this.zoomTo(this.zoom / STEP), "0": () => this.zoomTo(1)};
    if (this.data.place) keys.Escape = () => this.act("all");
    if (!moves && !this.data.first) keys.ArrowLeft = () => this.act("previous");
    if (!moves && !this.data.last) keys.ArrowRight = () => this.act("next");
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (event.pointerType !== "mouse" || event.button || this.zoom === 1 || /** @type {Element} */ (event.target).closest("button")) return;
    const {look} = this, {scrollLeft, scrollTop} = look, end = new AbortController();
    event.preventDefault();
    look.focus({preventScroll: true});
    window.addEventListener("pointermove", ({clientX, clientY}) => look.scrollTo(scrollLeft + event.clientX - clientX, scrollTop + event.clientY - clientY), {signal: end.signal});
    window.addEventListener("pointerup", () => end.abort(), {signal: end.signal});
  }

  /** @param {string} what @param {number | null} [face] */
  act(what, face = null) { this.trigger("act", {what, key: this.key, face}); }
}

/** @param {{parentElement: ParentNode, data: Data, setTriggerValue: Tell}} page */
export default function ({parentElement, data, setTriggerValue}) {
  /** @type {(HTMLElement & {viewer?: Viewer | null}) | null} */
  const root = parentElement.querySelector(".mw-viewer");
  if (!root) return;
  root.viewer ??= new Viewer(root, setTriggerValue);
  root.viewer.trigger = setTriggerValue;
  root.viewer.update(data);
  return () => { root.viewer?.watch.disconnect(); root.viewer = null; };
}
