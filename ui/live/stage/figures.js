// Figures beside the video. They are drawn here, not by Streamlit: its redraws would stop the video each second.

import {find} from "./dom.js";
import {countDay, wordsOfDay} from "./kept.js";

/** @import {Counts, Second, State} from "./link.js" */

/** @type {Record<string, string>} */
const STAGES = {decode: "decode", detect: "find faces", track: "follow", classify: "judge"};
const EVERY_MS = 1000; // people read no faster
const WIDTH = 300, BOTTOM = 80, TALL = 76; // of the lines, in units of the SVG of stage.html

/**
 * What each figure says, by its name in stage.html.
 * @param {Counts} counts
 * @param {boolean} playing
 * @returns {Record<string, string>}
 */
export function wordsOf({now, so_far, judged, properly, camera_fps, analysed_fps, latency_ms, skipped, ms}, playing) {
  const perSecond = (/** @type {number} */ rate) => (playing ? `${Math.round(rate)} fps` : "–");
  return {
    now: String(playing ? now : 0),
    so_far: String(so_far),
    share: judged ? `${Math.round((100 * properly) / judged)}%` : "–",
    judged: judged ? `${properly} of ${judged} judged` : "nobody judged yet",
    camera: perSecond(camera_fps),
    answered: perSecond(analysed_fps),
    latency: latency_ms === null ? "–" : `${Math.round(latency_ms)} ms`,
    skipped: String(skipped),
    stages: Object.entries(ms).map(([stage, time]) => `${STAGES[stage]} ${time.toFixed(1)} ms`).join(" · "),
  };
}

/**
 * How many alerts there were, and when the last was.
 * @param {Pick<Counts, "alerts" | "last_alert">} counts
 */
export function wordsOfAlerts({alerts, last_alert}) {
  if (!alerts || last_alert === null) return "";
  const at = new Date(1000 * last_alert).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
  return `! ${alerts} ${alerts === 1 ? "alert" : "alerts"}, last ${at}`;
}

/**
 * Another second at the end of a history; a second told again takes the place of what was told before.
 * @param {Second[]} history
 * @param {Second} second
 * @param {number} longest seconds that a history goes back
 */
export function withSecond(history, second, longest) {
  const before = history.at(-1)?.[0] === second[0] ? history.slice(0, -1) : history;
  return [...before.filter(([time]) => second[0] - time < longest), second];
}

/**
 * A line of the history, as an SVG polyline wants it.
 * @param {Second[]} history of two seconds or more
 * @param {1 | 2} column people in view, or of them with the mask worn properly
 * @param {number} most people that the height stands for
 */
export function pointsOf(history, column, most) {
  const first = history[0][0], last = history[history.length - 1][0];
  return history.map((second) =>
    `${((second[0] - first) / (last - first)) * WIDTH},${BOTTOM - (second[column] / most) * TALL}`).join(" ");
}

export class Figures {
  /** @param {ParentNode} root */
  constructor(root) {
    this.root = root;
    this.figure = find(root, "figure", HTMLElement);
    /** @type {Second[]} */
    this.history = [];
    this.at = -Infinity;
    this.door = false; // whether the day's totals are kept and shown
  }

  /**
   * @param {State | null} state
   * @param {boolean} playing
   * @param {number} longest seconds of history
   */
  update(state, playing, longest) {
    const now = performance.now();
    if (state?.history) this.history = state.history;
    if (playing && now - this.at < EVERY_MS) return;
    this.at = now;
    if (state) this.write(state.figures, playing, longest);
    this.drawHistory();
  }

  /**
   * What the visit has counted so far, before there is video, or after it.
   * @param {Counts} counts
   * @param {Second[]} history
   * @param {number} longest
   */
  showKept(counts, history, longest) {
    if (history.length) this.history = history;
    this.write(counts, false, longest);
    this.drawHistory();
  }

  /**
   * @param {Counts} counts
   * @param {boolean} playing
   * @param {number} longest
   */
  write(counts, playing, longest) {
    for (const [name, text] of Object.entries(wordsOf(counts, playing))) this.say(`[data-figure=${name}]`, text);
    this.say("[data-figure=alerts]", wordsOfAlerts(counts));
    find(this.root, "[data-figure=today]", HTMLElement).hidden = !this.door;
    if (this.door) this.say("[data-figure=today]", wordsOfDay(countDay(counts)));
    if (playing && counts.second) this.history = withSecond(this.history, counts.second, longest);
  }

  drawHistory() {
    this.figure.hidden = this.history.length < 2;
    if (this.figure.hidden) return;
    const most = Math.max(1, ...this.history.map(([, people]) => people));
    find(this.figure, ".mw-in-view", SVGElement).setAttribute("points", pointsOf(this.history, 1, most));
    find(this.figure, ".mw-properly", SVGElement).setAttribute("points", pointsOf(this.history, 2, most));
    this.say(".mw-most", `${most} ${most === 1 ? "person" : "people"}`);
    this.say(".mw-first", `${Math.round(this.history[this.history.length - 1][0] - this.history[0][0])} s ago`);
  }

  /**
   * @param {string} selector
   * @param {string} words
   */
  say(selector, words) { find(this.root, selector, HTMLElement).textContent = words; }
}
