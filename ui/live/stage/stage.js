// The live page's video: camera to server, answers to the screen. Streamlit calls the function at the end on every rerun.

import {closeCamera, listCameras, openCamera} from "./camera.js";
import {find, penOf} from "./dom.js";
import {paintDoor} from "./door.js";
import {Figures} from "./figures.js";
import {FullScreen} from "./full_screen.js";
import {earlierVisit, keepPlaying, wasPlaying} from "./kept.js";
import {Link, retryAfter} from "./link.js";
import {drawOverlay} from "./overlay.js";
import {Panel} from "./panel.js";
import {Peer} from "./peer.js";
import {Pictures} from "./pictures.js";
import {RECOVER_MS, isAsleep, loadAnew, mayPass} from "./recovery.js";
import {Voice} from "./voice.js";

/** @import {Problem} from "./camera.js" */
/** @import {Plate} from "./door.js" */
/** @import {Counts, Second, State} from "./link.js" */

/**
 * What Python says, in component.py.
 * @typedef {{transport: "direct" | "webrtc", iceServers: RTCIceServer[], token: string, path: string, door: boolean,
 *   speak: boolean, plates: Record<string, Plate>, tag: string, alert: string, sound: boolean, autostart: number,
 *   start: boolean, figures: Counts, history: Second[], inkOnPrimary: string, driftMs: number, staleMs: number, historySeconds: number}} Data
 */

/** Tells Python a value by its name. @typedef {(name: string, value: unknown) => void} Tell */

const ASK_EVERY_MS = 200; // for the state, while WebRTC carries the pictures
const WEBRTC_PATIENCE_MS = 10000; // without a picture, after which WebRTC is given up

export class Stage {
  /** @param {HTMLElement} root @param {Data} data @param {Tell} tell @param {Tell} trigger */
  constructor(root, data, tell, trigger) {
    this.root = root; this.data = data;
    this.tell = tell; this.trigger = trigger;
    this.video = find(root, "video", HTMLVideoElement);
    this.canvas = find(root, "canvas", HTMLCanvasElement);
    this.door = find(root, ".mw-door", HTMLElement);
    this.panel = new Panel(root);
    this.full = new FullScreen(root, find(root, ".mw-full", HTMLButtonElement));
    this.figures = new Figures(find(/** @type {HTMLElement} */ (root.parentElement), ".mw-figures", HTMLElement));
    this.voice = new Voice();
    this.pictures = new Pictures(this.video);
    this.round = 0; // of starting: what an earlier one still awaits is no longer wanted
    this.playing = false;
    /** @type {MediaStream | null} */
    this.stream = null;
    /** @type {Link | null} */
    this.link = null;
    /** @type {Peer | null} */
    this.peer = null;
    /** @type {State | null} */
    this.state = null;
    /** @type {number | null} */
    this.seen = null; // pictures that the server has had by WebRTC
    this.crowded = false;
    this.captured = this.aliveAt = 0; // ms: the picture that was answered last, the last picture by WebRTC
    this.answeredAt = 0; // ms
    this.latency = NaN;
    this.earlier = earlierVisit(data.token);
    const {starter, stopper, camera, size, mirror} = this.panel;
    starter.onclick = () => { this.voice.wake(); this.start(); };
    stopper.onclick = () => this.stop();
    camera.onchange = () => { mirror.checked = camera.value !== "environment"; this.restart(); };
    size.onchange = () => this.restart();
    mirror.onchange = () => { this.showMirror(); this.report(); };
    // A worker's clock goes on in a hidden tab, where a page's own is slowed to a beat a minute.
    const clock = URL.createObjectURL(new Blob([`setInterval(() => postMessage(0), ${ASK_EVERY_MS})`]));
    this.ticker = new Worker(clock);
    URL.revokeObjectURL(clock);
    this.ticker.onmessage = () => this.tick();
  }

  get direct() { return this.data.transport === "direct"; }

  /** @param {Data} data @param {Tell} tell @param {Tell} trigger */
  update(data, tell, trigger) {
    const before = this.data;
    [this.data, this.tell, this.trigger] = [data, tell, trigger];
    this.root.dataset.transport = data.transport;
    this.root.style.setProperty("--mw-ink-on-primary", data.inkOnPrimary);
    this.root.classList.toggle("mw-has-door", data.door);
    if (before.transport !== data.transport && this.playing) this.stop();
    const first = this.panel.state === "loading"; // Python mounts it once the model is warm
    if (first) { this.show("ready", ""); listCameras(this.panel.camera); }
    if (first && this.earlier) this.report();
    if (first && data.door && data.start) this.full.fill();
    if (before.autostart !== data.autostart || (first && (data.start || (data.door && wasPlaying())))) this.start();
    if (before.token !== data.token && this.playing) this.connect(this.round, 0); // the server was started anew
    this.figures.door = data.door;
    if (!this.playing) this.figures.showKept(data.figures, data.history, data.historySeconds);
    this.full.watch(data.door && this.playing);
    this.showDoor(this.state?.door ?? "waiting");
  }

  // --- start and stop

  async start() {
    if (this.playing) return;
    const round = ++this.round;
    this.playing = true;
    this.answeredAt = performance.now();
    this.full.watch(this.data.door);
    keepPlaying(true);
    this.panel.problem.hidden = true;
    this.show("asking", "Asking for the camera…");
    const opened = await openCamera(this.panel.camera.value, this.panel.size.value);
    if ("problem" in opened) {
      if (round === this.round) this.fail(opened.problem);
      return;
    }
    const {stream} = opened;
    if (round !== this.round) return closeCamera(stream);
    listCameras(this.panel.camera);
    this.stream = stream;
    stream.getVideoTracks()[0].onended = () => this.fail("unplugged");
    if (this.direct) {
      this.play(stream);
      this.pictures.follow(() => round === this.round, () => { this.pump(); this.draw(); });
    } else this.aliveAt = performance.now();
    this.connect(round, 0);
    this.report();
  }

  /** @param {number} round @param {number} tries without an answer before this one */
  connect(round, tries) {
    this.link?.close();
    this.latency = NaN;
    this.link = new Link({
      path: this.data.path,
      token: this.data.token,
      onOpen: () => { if (round === this.round && !this.direct) this.call(round); },
      onState: (state) => { if (round === this.round) { tries = 0; this.answer(state); } },
      onEnd: (reason) => {
        if (round !== this.round) return;
        const wait = retryAfter(reason, tries) ?? (this.data.door ? RECOVER_MS : null);
        if (wait === null) return this.fail(reason);
        if (this.data.door) loadAnew(tries);
        this.panel.say("The connection to the server was lost. Trying again…");
        setTimeout(() => { if (round === this.round) this.connect(round, tries + 1); }, wait);
      },
    });
  }

  /** @param {number} round */
  async call(round) {
    if (!this.stream) return;
    this.peer?.close();
    this.seen = null;
    this.crowded = false;
    this.peer = new Peer({
      stream: this.stream,
      iceServers: this.data.iceServers,
      onVideo: (stream) => { if (round === this.round) this.play(stream); },
      onFail: () => { if (round === this.round) this.giveUpPeer(); },
    });
    const sdp = await this.peer.offer();
    if (round === this.round && this.link?.open) this.link.sendOffer(sdp);
  }

  /** Video of many viewers costs the server more than their answers do. @param {boolean} crowded */
  slowDown(crowded) {
    if (crowded === this.crowded || !this.stream) return;
    this.crowded = crowded;
    const [track] = this.stream.getVideoTracks();
    track.applyConstraints({...track.getConstraints(), frameRate: {max: crowded ? 15 : 30}}).catch(() => {});
  }

  giveUpPeer() {
    this.end();
    this.show("ready", "");
    this.trigger("fallback", "webrtc");
  }

  /** @param {MediaStream} stream */
  play(stream) {
    this.video.srcObject = stream;
    this.showMirror();
    this.video.play().catch(() => {});
  }

  stop() { keepPlaying(false); this.end(); this.show("ready", "Stopped."); this.report(); }

  /** @param {Problem} code */
  fail(code) {
    this.end();
    this.show("failed", "");
    this.panel.showProblem(code);
    this.report(code);
    if (!this.data.door || !mayPass(code)) return;
    const round = this.round;
    setTimeout(() => { if (round === this.round && !this.playing) this.start(); }, RECOVER_MS);
  }

  end() {
    this.figures.update(this.state, false, this.data.historySeconds);
    this.round++;
    this.playing = false;
    this.link?.close();
    this.peer?.close();
    closeCamera(this.stream);
    this.link = this.peer = this.stream = this.state = null;
    this.video.srcObject = null;
    penOf(this.canvas).clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.panel.alert.hidden = true;
    this.full.watch(false);
    this.showDoor("waiting");
  }

  restart() { if (this.playing) { this.end(); this.start(); } }

  /** @param {Problem | null} problem */
  report(problem = null) {
    this.tell("report", {playing: this.playing, mirror: this.panel.mirror.checked, problem, earlier: this.earlier});
  }

  // --- pictures out, answers in

  pump() { this.pictures.send(this.link, this.latency); }

  /** @param {State} state */
  answer(state) {
    this.state = state;
    const now = this.answeredAt = performance.now();
    if (this.direct && state.captured !== null) {
      this.captured = state.captured;
      this.latency = now - state.captured;
      this.draw();
      if (this.panel.state === "asking") this.show("live", "");
      this.pump();
    } else if (!this.direct) {
      if (state.answer === "") return this.giveUpPeer(); // the server accepts no such offer
      if (state.answer) this.peer?.accept(state.answer).catch(() => this.giveUpPeer());
      if (this.seen !== null && state.camera_frames !== this.seen) {
        this.aliveAt = now;
        if (this.panel.state === "asking") this.show("live", "");
      }
      this.seen = state.camera_frames;
      this.slowDown(state.crowded);
    }
    if (this.panel.state === "live") this.panel.tellPeople(state);
    this.figures.update(state, true, this.data.historySeconds);
    this.showDoor(state.door);
    if (this.panel.showAlert(state.alert, this.data.alert) && this.data.sound) this.voice.tone();
    const {analysed, people, ms, figures: {skipped}} = state, times = this.direct ? {captured: this.captured, drawn: now} : {captured: null, drawn: null};
    window.dispatchEvent(new CustomEvent("maskwise:answer", {detail: {...times, analysed, skipped, people, ms}}));
  }

  tick() {
    if (!this.link) return;
    if (this.data.door && isAsleep(performance.now() - this.answeredAt)) return this.restart();
    if (this.direct) {
      if (!document.hidden) return;
      this.pictures.takeUnshown();
      return this.pump();
    }
    this.link.ask();
    if (performance.now() - this.aliveAt > WEBRTC_PATIENCE_MS) this.giveUpPeer();
  }

  // --- what is shown

  /** @param {"ready" | "asking" | "live" | "failed"} state @param {string} words */
  show(state, words) { this.panel.show(state, words, this.playing); }

  draw() { // WebRTC's video comes with its boxes on it, and mirrored where that is wished
    if (this.stream && this.direct) drawOverlay(this.canvas, this.video, this.state, this.captured, this.panel.mirror.checked, this.data);
  }

  showMirror() { this.video.classList.toggle("mw-mirrored", this.panel.mirror.checked && this.direct); }

  /** @param {string} answer */
  showDoor(answer) {
    this.door.hidden = !this.data.door;
    if (!this.data.door) return;
    const changed = paintDoor(this.door, answer, this.data);
    if (changed && this.data.speak && this.playing) this.voice.say(answer, this.data.plates[answer].words, this.data.tag);
  }

  close() {
    this.end();
    this.ticker.terminate();
    this.full.close();
    this.voice.close();
  }
}

/** @param {{parentElement: ParentNode, data: Data, setStateValue: Tell, setTriggerValue: Tell}} page */
export default function ({parentElement, data, setStateValue, setTriggerValue}) {
  /** @type {HTMLElement & {stage?: Stage | null}} */
  const root = find(parentElement, ".mw-live", HTMLElement);
  root.stage ??= new Stage(root, data, setStateValue, setTriggerValue);
  root.stage.update(data, setStateValue, setTriggerValue);
  return () => { root.stage?.close(); root.stage = null; };
}
