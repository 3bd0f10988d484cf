// Boxes and words over the video, moved on with each person's speed until the next answer.

import {penOf} from "./dom.js";

/** @import {Person, State} from "./link.js" */
/** Left, top, width and height. @typedef {[number, number, number, number]} Rect */

/**
 * Only when it changes: each setting of a size is a new bitmap, and browsers free the old ones late.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function fitCanvas(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/**
 * A video is fitted into its box with bars: its scale and margins there.
 * @param {number} width of the box
 * @param {number} height of the box
 * @param {{videoWidth: number, videoHeight: number}} video
 */
export function fitVideo(width, height, {videoWidth, videoHeight}) {
  const scale = Math.min(width / videoWidth, height / videoHeight);
  return {scale, left: (width - videoWidth * scale) / 2, top: (height - videoHeight * scale) / 2};
}

/**
 * Where a face is so long after its picture, in pixels of the picture.
 * @param {Pick<Person, "box" | "velocity">} person
 * @param {number} seconds
 * @param {number | null} mirrorWidth of the picture, where it is shown mirrored
 * @returns {Rect}
 */
export function movedBox({box: [x1, y1, x2, y2], velocity: [right, down]}, seconds, mirrorWidth) {
  const x = x1 + right * seconds, width = x2 - x1;
  return [mirrorWidth === null ? x : mirrorWidth - x - width, y1 + down * seconds, width, y2 - y1];
}

/**
 * Left and top of a plate: on the box, under it where there is no room above, and never outside.
 * @param {Rect} box
 * @param {number} plate its width
 * @param {number} tall its height
 * @param {number} width of the canvas
 * @param {number} height of the canvas
 * @returns {[number, number]}
 */
export function platePlace([x, y, , h], plate, tall, width, height) {
  return [Math.max(0, Math.min(x, width - plate)), y - tall >= 0 ? y - tall : Math.min(y + h, height - tall)];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLVideoElement} video
 * @param {State | null} state
 * @param {number} captured ms of the picture that the state tells of
 * @param {boolean} mirror
 * @param {{driftMs: number, staleMs: number, door?: boolean}} limits how long a box moves on, and how long it is
 *   shown; at a door, whose picture is small, without words
 */
export function drawOverlay(canvas, video, state, captured, mirror, {driftMs, staleMs, door}) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  fitCanvas(canvas, width, height);
  const pen = penOf(canvas);
  pen.clearRect(0, 0, width, height);
  const age = performance.now() - captured;
  if (!state?.width || !video.videoWidth || age > staleMs) return;
  const {scale, left, top} = fitVideo(width, height, video);
  const perPixel = (scale * video.videoWidth) / state.width;
  const font = Math.max(14 * ratio, Math.min(width, height) / 26);
  pen.font = `600 ${font}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  const boxes = state.people.map((person) => {
    const [x, y, w, h] = movedBox(person, Math.min(age, driftMs) / 1000, mirror ? state.width : null);
    return /** @type {Rect} */ ([left + x * perPixel, top + y * perPixel, w * perPixel, h * perPixel]);
  });
  state.people.forEach((person, i) => drawBox(pen, person, boxes[i], font, ratio));
  if (door) return;
  /** @type {Rect[]} */
  const plates = [];
  state.people.forEach((person, i) => {
    const taken = [...boxes.filter((_, other) => other !== i), ...plates];
    plates.push(drawPlate(pen, person, boxes[i], font, taken));
  });
}

/**
 * Whether a plate hides none of those faces and plates.
 * @param {Rect} plate
 * @param {Rect[]} taken
 */
export function isClear([x, y, w, h], taken) {
  return taken.every(([left, top, width, height]) => x >= left + width || left >= x + w || y >= top + height || top >= y + h);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Person} person
 * @param {Rect} box
 * @param {number} font its height in pixels
 * @param {number} ratio pixels of the screen in one of the page
 */
function drawBox(pen, person, box, font, ratio) {
  const line = Math.max(2 * ratio, font / 8);
  pen.lineWidth = line + 2 * ratio; pen.strokeStyle = "#ffffff"; pen.strokeRect(...box);
  pen.lineWidth = line; pen.strokeStyle = person.colour; pen.strokeRect(...box);
}

/**
 * The lines of a plate that hides no face, the fullest that there is room for: how it is worn, and what to change.
 * @param {Pick<Person, "id" | "icon" | "words" | "detail">} person
 * @param {number} room lines that fit above the box, or under it
 */
export function linesOf({id, icon, words, detail}, room) {
  const sentences = (detail ?? "").match(/[^.]+\./g) ?? [];
  const full = [`${id}  ${icon} ${words}`, ...sentences.map((sentence) => sentence.trim())];
  return room >= full.length ? full : room >= 1 ? full.slice(0, 1) : [`${id} ${icon}`];
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Person} person
 * @param {Rect} box
 * @param {number} font its height in pixels
 * @param {Rect[]} taken by others
 * @returns {Rect} where it is drawn: with fewer words, where all of them would hide others
 */
function drawPlate(pen, person, box, font, taken) {
  const pad = font * 0.35, step = font * 1.15, {width, height} = pen.canvas;
  const room = Math.floor((Math.max(box[1], height - box[1] - box[3]) - 2 * pad) / step);
  const plates = [room, Math.min(room, 1), 0].map((fewer) => {
    const lines = linesOf(person, fewer), tall = font + (lines.length - 1) * step + 2 * pad;
    const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) + 2 * pad;
    const [x, y] = platePlace(box, wide, tall, width, height);
    return {lines, at: /** @type {Rect} */ ([x, y, wide, tall])};
  });
  const {lines, at} = plates.find((plate) => isClear(plate.at, taken)) ?? plates[2];
  const [x, y] = at;
  pen.fillStyle = person.colour;
  pen.beginPath(); pen.roundRect(...at, pad); pen.fill();
  pen.fillStyle = person.ink;
  lines.forEach((line, i) => pen.fillText(line, x + pad, y + pad + font / 2 + i * step));
  return at;
}
