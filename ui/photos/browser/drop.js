// Pictures that are pasted, or dropped anywhere on the page, go to Streamlit's uploader; what that refuses is told to Python.

/** @import {Tell} from "./made.js" */
/** @typedef {{types: string[], maxBytes: number, camera: boolean, holds: boolean}} Data what Python says, in drop.py */
/** @typedef {{file: File, path: string}} Dropped */

const INPUT = 'input[type="file"][data-testid="stFileUploaderDropzoneInput"]';
const ZONE = '[data-testid="stFileUploaderDropzone"]';
const MOST_TOLD = 1000; // files
const LONGEST = 300; // characters of a name
const PATIENCE_MS = 5000; // until an uploader is on the screen
const AT_ONCE = 40; // files: of hundreds Streamlit's uploader draws each anew at every step, and gives none before the last
const SLOWEST_MS = 600000; // of so many, after which the next ones come all the same

/**
 * Whether the uploader takes a file of that name and size.
 * @param {string} name
 * @param {number} size in bytes
 * @param {{types: string[], maxBytes: number}} limits
 */
export function isTaken(name, size, {types, maxBytes}) {
  const lower = name.toLowerCase();
  return size <= maxBytes && types.some((type) => lower.endsWith(`.${type}`));
}

/**
 * What Python is told of the files that are not taken.
 * @param {Dropped[]} files
 * @param {{types: string[], maxBytes: number}} limits
 */
export function refusedOf(files, limits) {
  return files.filter(({file}) => !isTaken(file.name, file.size, limits))
    .slice(0, MOST_TOLD).map(({file, path}) => ({name: path.slice(-LONGEST), size: file.size}));
}

/** @param {Iterable<File>} files @returns {Dropped[]} */
function named(files) {
  return [...files].map((file) => ({file, path: file.webkitRelativePath || file.name}));
}

/** @param {FileSystemEntry} entry @returns {Promise<Dropped[]>} its files, with those of its folders */
async function filesIn(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => /** @type {FileSystemFileEntry} */ (entry).file(done, fail));
    return [{file, path: entry.fullPath.replace(/^\//, "")}];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader(), found = [];
  for (;;) { // a reader gives a hundred at a time
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return found;
    for (const inner of some) found.push(...await filesIn(inner));
  }
}

/** @param {DataTransfer} given @returns {Promise<Dropped[]>} */
async function collect(given) {
  const entries = [...given.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (!entries.length) return named(given.files);
  return (await Promise.all(entries.map(filesIn))).flat();
}

/** Why this browser has no camera to give, as far as it says so unasked. @returns {Promise<string>} */
async function cameraProblem() {
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia) return "unsupported";
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => null);
  if (devices && !devices.some((device) => device.kind === "videoinput")) return "none";
  try {
    const permission = await navigator.permissions.query({name: /** @type {PermissionName} */ ("camera")});
    return permission.state === "denied" ? "denied" : "";
  } catch { return ""; } // a browser that does not tell
}

export class Drop {
  /** @param {HTMLElement} root @param {Data} data @param {Tell} tell @param {Tell} trigger */
  constructor(root, data, tell, trigger) {
    this.root = root; this.data = data; this.tell = tell; this.trigger = trigger;
    this.problem = "";
    const stop = this.end = new AbortController(), {signal} = stop;
    const over = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      root.hidden = inZone(event);
    };
    window.addEventListener("dragenter", over, {signal});
    window.addEventListener("dragover", over, {signal});
    window.addEventListener("dragleave", (event) => { if (!event.relatedTarget) root.hidden = true; }, {signal});
    window.addEventListener("drop", (event) => this.dropped(event), {signal, capture: true});
    window.addEventListener("beforeunload", (event) => { if (this.data.holds) event.preventDefault(); }, {signal}); // the browser asks
    window.addEventListener("paste", (event) => this.pasted(event), {signal});
    window.addEventListener("change", (event) => {
      const input = event.composedPath()[0];
      if (!(input instanceof HTMLInputElement && input.matches(INPUT)) || input.dataset.given) return;
      const files = named(input.files ?? []);
      input.dataset.told = "true";
      if (files.length <= AT_ONCE) return this.refuse(files);
      event.stopImmediatePropagation();
      input.value = "";
      this.bring(files);
    }, {signal, capture: true});
    // Whoever was quicker than this script has given the uploader files that nobody has looked at.
    const early = /** @type {HTMLInputElement | null} */ (document.querySelector(INPUT));
    if (early && !early.dataset.told) this.refuse(named(early.files ?? []));
    root.dataset.state = "ready";
  }

  /** @param {Data} data @param {Tell} tell @param {Tell} trigger */
  async update(data, tell, trigger) {
    [this.data, this.tell, this.trigger] = [data, tell, trigger];
    const problem = data.camera ? await cameraProblem() : "";
    if (problem !== this.problem) this.tell("camera", this.problem = problem);
  }

  /** @param {DragEvent} event */
  async dropped(event) {
    this.root.hidden = true;
    if (!event.dataTransfer?.types.includes("Files")) return;
    const own = inZone(event) && event.dataTransfer.items.length <= AT_ONCE;
    if (!own) { event.preventDefault(); event.stopPropagation(); }
    const files = await collect(event.dataTransfer);
    if (own) this.refuse(files);
    else this.bring(files);
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const files = named(event.clipboardData?.files ?? []);
    if (!files.length) return;
    event.preventDefault();
    this.bring(files);
  }

  /** Told before the only files arrive, or after the last of many: Python forgets it with the next. @param {Dropped[]} files */
  async bring(files) {
    if (files.length <= AT_ONCE) this.refuse(files);
    await this.give(files);
    if (files.length > AT_ONCE) this.refuse(files);
  }

  /** @param {Dropped[]} files */
  refuse(files) {
    const refused = refusedOf(files, this.data);
    if (refused.length) this.trigger("refused", refused);
  }

  /** Hand files to the uploader, a few at a time, so that the first are answered soon. @param {Dropped[]} files */
  async give(files) {
    const taken = files.filter(({file}) => isTaken(file.name, file.size, this.data));
    for (const some of batches(taken, AT_ONCE)) {
      const input = await this.uploader();
      if (!input || this.end.signal.aborted) return;
      const carried = new DataTransfer();
      for (const {file} of some) carried.items.add(file);
      input.dataset.given = "true"; // its files were looked at already
      input.files = carried.files;
      input.dispatchEvent(new Event("change", {bubbles: true}));
      delete input.dataset.given;
      // Python takes them and has a new uploader drawn
      if (some !== taken) await until(() => !input.isConnected || this.end.signal.aborted, SLOWEST_MS);
    }
  }

  /** The uploader on the screen; where there is none, Python is asked for it. @returns {Promise<HTMLInputElement | null>} */
  async uploader() {
    const found = () => /** @type {HTMLInputElement | null} */ (document.querySelector(INPUT));
    if (!found()) this.trigger("wanted", true);
    await until(() => found() !== null, PATIENCE_MS);
    return found();
  }
}

/** Parts of a list, each at most so long. @template T @param {T[]} list @param {number} size @returns {T[][]} */
export function batches(list, size) {
  return list.length <= size ? [list].filter((part) => part.length) : [list.slice(0, size), ...batches(list.slice(size), size)];
}

/** @param {() => boolean} isSo @param {number} patience in ms */
async function until(isSo, patience) {
  for (const began = performance.now(); !isSo() && performance.now() - began < patience;) await new Promise((done) => setTimeout(done, 50));
}

/** @param {Event} event whether it is in the uploader's own box, which takes what is dropped there by itself */
function inZone(event) {
  return event.composedPath().some((part) => part instanceof Element && part.matches(ZONE));
}

/** @param {{parentElement: ParentNode, data: Data, setStateValue: Tell, setTriggerValue: Tell}} page */
export default function ({parentElement, data, setStateValue, setTriggerValue}) {
  /** @type {(HTMLElement & {drop?: Drop | null}) | null} */
  const root = parentElement.querySelector(".mw-drop");
  if (!root) return;
  root.drop ??= new Drop(root, data, setStateValue, setTriggerValue);
  root.drop.update(data, setStateValue, setTriggerValue);
  return () => { root.drop?.end.abort(); root.drop = null; };
}
