// The visitor's camera, and in plain words what is wrong when there is none.

/** @typedef {keyof typeof PROBLEMS} Problem */

export const PROBLEMS = {
  insecure: "The browser gives a camera only to secure pages. Open this page by https://, or as localhost on the machine that runs it.",
  unsupported: "This browser offers no camera to web pages. Use a current Chrome, Edge, Firefox or Safari.",
  denied: "Camera access is blocked for this page. Allow it with the camera or lock sign beside the address, then press Start.",
  none: "No camera was found. Plug one in, or switch it on, then press Start.",
  busy: "The camera is in use by another program. Close what uses it (a video call, another tab), then press Start.",
  unplugged: "The camera was unplugged or switched off. Plug it in, then press Start.",
  full: "All places are taken: this server watches a set number of cameras at once. Try again in a minute, or check a single picture below.",
  lost: "The connection to the server was lost. If it does not come back by itself, reload the page.",
  refused: "The server did not accept this page's connection. Reload the page. If that does not help, a proxy in between may not pass WebSockets on.",
  protocol: "The server ended the connection, as it did not understand this page. Reload the page.",
};

/** @type {Record<string, Problem>} */
const CODES = {NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "busy", AbortError: "busy"};

/**
 * @param {{name: string}} error of getUserMedia
 * @returns {Problem}
 */
export function problemOf({name}) {
  return CODES[name] ?? "busy";
}

/** What keeps this browser from having a camera at all. @returns {Problem | null} */
function missing() {
  if (!window.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia || !window.WebSocket) return "unsupported";
  return null;
}

/**
 * @param {string} camera a device's id, "user" or "environment"
 * @param {string} size such as "640x480"
 * @returns {MediaTrackConstraints}
 */
export function constraintsOf(camera, size) {
  const [width, height] = size.split("x").map(Number);
  const where = camera === "user" || camera === "environment" ? {facingMode: camera} : {deviceId: {exact: camera}};
  return {...where, width: {ideal: width}, height: {ideal: height}, frameRate: {ideal: 30}};
}

/**
 * The camera's pictures, or what is wrong.
 * @param {string} camera
 * @param {string} size
 * @returns {Promise<{stream: MediaStream} | {problem: Problem}>}
 */
export async function openCamera(camera, size) {
  const problem = missing();
  if (problem) return {problem};
  try {
    return {stream: await navigator.mediaDevices.getUserMedia({video: constraintsOf(camera, size), audio: false})};
  } catch (error) {
    return {problem: problemOf(/** @type {DOMException} */ (error))};
  }
}

/** @param {MediaStream | null} stream */
export function closeCamera(stream) {
  for (const track of stream?.getTracks() ?? []) { track.onended = null; track.stop(); }
}

/**
 * Names are told only after the visitor has allowed the camera once.
 * @param {HTMLSelectElement} select
 */
export async function listCameras(select) {
  const chosen = select.value;
  if (!window.matchMedia("(pointer: coarse)").matches) { // a desk has no rear
    for (const side of [...select.options].filter((o) => o.value === "environment")) side.remove();
    for (const side of [...select.options].filter((o) => o.value === "user")) side.textContent = "Default";
  }
  const devices = (await navigator.mediaDevices?.enumerateDevices() ?? []).filter((d) => d.kind === "videoinput" && d.label);
  for (const old of [...select.options].filter((o) => o.dataset.device)) old.remove();
  for (const {deviceId, label} of devices) {
    const option = new Option(label, deviceId);
    option.dataset.device = "1";
    select.add(option);
  }
  if ([...select.options].some((o) => o.value === chosen)) select.value = chosen;
}
