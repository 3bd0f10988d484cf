// The controls under the video, and what is said in words: state, problem, people in view, alert.

import {PROBLEMS} from "./camera.js";
import {find} from "./dom.js";

/** @import {Problem} from "./camera.js" */
/** @import {State} from "./link.js" */

const TELL_EVERY_MS = 2000; // a screen reader must be able to keep up

/**
 * What is said of the people in view, and what they can change.
 * @param {{words: string, detail?: string}[]} people
 */
export function inView(people) {
  if (!people.length) return "Nobody in view.";
  const details = [...new Set(people.map(({detail}) => detail))].filter(Boolean).sort();
  return [`${people.length} in view: ${people.map((p) => p.words).sort().join(", ")}.`, ...details].join(" ");
}

export class Panel {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.begin = find(root, ".mw-begin", HTMLElement);
    this.starter = find(root, ".mw-start", HTMLButtonElement);
    this.stopper = find(root, ".mw-stop", HTMLButtonElement);
    this.camera = find(root, ".mw-camera", HTMLSelectElement);
    this.size = find(root, ".mw-size", HTMLSelectElement);
    this.mirror = find(root, ".mw-mirror", HTMLInputElement);
    this.empty = find(root, ".mw-empty", HTMLElement);
    this.status = find(root, ".mw-status", HTMLElement);
    this.heard = find(root, ".mw-heard", HTMLElement);
    this.problem = find(root, ".mw-problem", HTMLElement);
    this.alert = find(root, ".mw-alert", HTMLElement);
    this.toldAt = -Infinity;
    /** @type {number | null} */
    this.alerts = null;
  }

  get state() { return this.root.dataset.state; }

  /**
   * @param {"loading" | "ready" | "asking" | "live" | "failed"} state
   * @param {string} words
   * @param {boolean} playing
   */
  show(state, words, playing) {
    this.root.dataset.state = state;
    this.say(words);
    this.starter.disabled = state === "loading";
    this.begin.hidden = playing;
    this.stopper.hidden = !playing;
    if (state === "failed") this.empty.textContent = "No video. Press Start to try again.";
    this.heard.textContent = words;
  }

  /** @param {string} words */
  say(words) { if (this.status.textContent !== words) this.status.textContent = words; }

  /** @param {Problem} code */
  showProblem(code) {
    this.problem.textContent = PROBLEMS[code];
    this.problem.dataset.code = code;
    this.problem.hidden = false;
  }

  /** Shown with the boxes, so that both say the same; heard now and then. @param {State} state */
  tellPeople({people, error}) {
    const words = error ?? inView(people);
    this.say(words);
    const now = performance.now();
    if (now - this.toldAt < TELL_EVERY_MS || this.heard.textContent === words) return;
    this.toldAt = now;
    this.heard.textContent = words;
  }

  /**
   * Whether it is one that was not shown yet.
   * @param {State["alert"]} alert
   * @param {string} words
   */
  showAlert({number, shown}, words) {
    this.alert.hidden = !shown;
    this.alert.textContent = shown ? `! ${words}` : "";
    const another = this.alerts !== null && number > this.alerts;
    this.alerts = number;
    return another;
  }
}
