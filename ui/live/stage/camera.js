// The visitor's camera, and in plain words what is wrong when there is none.

const PROBLEMS = {
  insecure: "The browser gives a camera only to secure pages. Open this page by https://, or as localhost on the machine that runs it.",
  unsupported: "This browser offers no camera to web pages. Use a current Chrome, Edge, Firefox or Safari.",
  denied: "The browser was told not to give this page the camera. Allow it with the camera or lock sign beside the address, then press Start.",
  none: "No camera was found. Plug one in, or switch it on, then press Start.",
  busy: "The camera is in use by another program. Close what uses it (a video call, another tab), then press Start.",
  unplugged: "The camera was unplugged or switched off. Plug it in, then press Start.",
  full: "All places are taken: this server watches a set number of cameras at once. Try again in a minute, or use a snapshot below.",
  lost: "The connection to the server was lost. If it does not come back by itself, reload the page.",
  refused: "The server did not accept this page's connection. Reload the page. If that does not help, a proxy in between may not pass WebSockets on.",
  protocol: "The server ended the connection, as it did not understand this page. Reload the page.",
};

const CODES = {NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "busy", AbortError: "busy"};

class CameraError extends Error {
  constructor(code) { super(PROBLEMS[code]); this.code = code; }
}

function checkBrowser() {
  if (!window.isSecureContext) throw new CameraError("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.WebSocket) throw new CameraError("unsupported");
}

// choice: {camera: device id, "user" or "environment", size: "640x480"}
function constraintsOf({camera, size}) {
  const [width, height] = size.split("x").map(Number);
  const where = camera === "user" || camera === "environment" ? {facingMode: camera} : {deviceId: {exact: camera}};
  return {...where, width: {ideal: width}, height: {ideal: height}, frameRate: {ideal: 30}};
}

async function openCamera(choice) {
  checkBrowser();
  try {
    return await navigator.mediaDevices.getUserMedia({video: constraintsOf(choice), audio: false});
  } catch (problem) {
    throw new CameraError(CODES[problem.name] ?? "busy");
  }
}

function closeCamera(stream) {
  for (const track of stream?.getTracks() ?? []) { track.onended = null; track.stop(); }
}

// Names are told only after the visitor has allowed the camera once.
async function listCameras(select) {
  const chosen = select.value;
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput" && d.label);
  for (const old of [...select.options].filter((o) => o.dataset.device)) old.remove();
  for (const {deviceId, label} of devices) {
    const option = new Option(label, deviceId);
    option.dataset.device = "1";
    select.add(option);
  }
  if ([...select.options].some((o) => o.value === chosen)) select.value = chosen;
}
