// The live page's video, controls, door and alerts. Streamlit calls the function at the end on every rerun.

const ASK_EVERY_MS = 200; // for the state, while WebRTC carries the pictures
const WEBRTC_PATIENCE_MS = 10000; // without a picture, after which WebRTC is given up
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const LONGEST_SIDE = 1280; // pixels of a picture that is sent

class Stage {
  constructor(root) {
    this.root = root;
    const one = (name) => root.querySelector(name);
    [this.video, this.canvas, this.door, this.alert, this.problem] =
      ["video", "canvas", ".mw-door", ".mw-alert", ".mw-problem"].map(one);
    [this.status, this.empty, this.button, this.full] = [".mw-status", ".mw-empty", ".mw-start", ".mw-full"].map(one);
    [this.camera, this.size, this.mirror] = [".mw-camera", ".mw-size", ".mw-mirror"].map(one);
    this.sheet = document.createElement("canvas");
    this.voice = new Voice();
    this.figures = new Figures(root.parentElement.querySelector(".mw-figures"));
    this.round = 0; // of starting: what an earlier one still awaits is no longer wanted
    this.button.onclick = () => { this.voice.wake(); this.playing ? this.stop() : this.start(); };
    this.full.onclick = () => this.toggleFull();
    this.camera.onchange = () => { this.mirror.checked = this.camera.value !== "environment"; this.restart(); };
    this.size.onchange = () => this.restart();
    this.mirror.onchange = () => { this.showMirror(); this.report(); };
    // A worker's clock goes on in a hidden tab, where a page's own is slowed to a beat a minute.
    const clock = URL.createObjectURL(new Blob([`setInterval(() => postMessage(0), ${ASK_EVERY_MS})`]));
    this.ticker = new Worker(clock);
    URL.revokeObjectURL(clock);
    this.ticker.onmessage = () => this.tick();
    document.addEventListener("fullscreenchange", this.onFull = () => this.showFull());
  }

  // --- what Python says

  update(data, tell, ask) {
    const before = this.data;
    [this.data, this.tell, this.trigger] = [data, tell, ask];
    this.root.dataset.transport = data.transport;
    this.root.style.setProperty("--mw-ink-on-primary", data.inkOnPrimary);
    this.root.classList.toggle("mw-has-door", data.door);
    if (before && before.transport !== data.transport && this.playing) this.stop();
    if (this.root.dataset.state === "loading") this.show("ready", ""); // Python mounts it once the model is warm
    if (before && before.autostart !== data.autostart) this.start();
    this.showDoor(this.state?.door ?? "waiting");
  }

  // --- start and stop

  async start() {
    if (this.playing) return;
    const round = ++this.round;
    this.playing = true;
    this.problem.hidden = true;
    this.show("asking", "Asking for the camera…");
    let stream;
    try {
      stream = await openCamera({camera: this.camera.value, size: this.size.value});
    } catch (problem) {
      if (round === this.round) this.fail(problem.code ?? "busy");
      return;
    }
    if (round !== this.round) return closeCamera(stream);
    listCameras(this.camera);
    this.stream = stream;
    stream.getVideoTracks()[0].onended = () => this.fail("unplugged");
    if (this.data.transport === "webrtc") this.aliveAt = performance.now();
    else { this.play(stream); this.follow(round); }
    this.connect(round, 0);
    this.report();
  }

  connect(round, tries) {
    this.link?.close();
    this.latency = NaN;
    this.link = new Link({
      path: this.data.path,
      token: this.data.token,
      onOpen: () => { if (round === this.round && this.data.transport === "webrtc") this.call(round); },
      onState: (state) => { if (round === this.round) { tries = 0; this.answer(state); } },
      onEnd: (code) => {
        if (round !== this.round) return;
        if (code === "full" || code === "protocol" || tries >= RETRY_MS.length) return this.fail(code);
        this.say("The connection to the server was lost. Trying again…");
        setTimeout(() => { if (round === this.round) this.connect(round, tries + 1); }, RETRY_MS[tries]);
      },
    });
  }

  async call(round) {
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

  // Video of many viewers costs the server more than their answers do: half the pictures are enough for each.
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

  play(stream) {
    this.video.srcObject = stream;
    this.showMirror();
    this.video.play().catch(() => {});
  }

  stop() { this.end(); this.show("ready", "Stopped."); this.report(); }

  fail(code) {
    this.end();
    this.show("failed", "");
    this.problem.textContent = PROBLEMS[code];
    this.problem.dataset.code = code;
    this.problem.hidden = false;
    this.report(code);
  }

  end() {
    this.figures.update(this.state, false);
    this.round++;
    this.playing = false;
    this.link?.close();
    this.peer?.close();
    closeCamera(this.stream);
    this.link = this.peer = this.stream = this.state = null;
    this.video.srcObject = null;
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.alert.hidden = true;
    this.showDoor("waiting");
  }

  restart() { if (this.playing) { this.end(); this.start(); } }

  report(problem = null) {
    this.tell("report", {playing: Boolean(this.playing), mirror: this.mirror.checked, problem});
  }

  // --- pictures out, answers in

  follow(round) {
    const next = this.video.requestVideoFrameCallback ? (f) => this.video.requestVideoFrameCallback(f) : requestAnimationFrame;
    this.frames = 0;
    const onFrame = (now) => {
      if (round !== this.round) return;
      this.frames++;
      this.shownAt = now;
      this.pump();
      this.draw();
      next(onFrame);
    };
    next(onFrame);
  }

  pump() {
    if (!this.link?.ready || !this.frames || !this.video.videoWidth) return;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(this.video.videoWidth, this.video.videoHeight));
    fitCanvas(this.sheet, Math.round(this.video.videoWidth * scale), Math.round(this.video.videoHeight * scale));
    this.ink ??= this.sheet.getContext("2d", {willReadFrequently: true});
    this.ink.drawImage(this.video, 0, 0, this.sheet.width, this.sheet.height);
    const frames = this.frames;
    this.frames = 0;
    this.link.sendPicture(this.sheet, this.shownAt, this.latency, frames);
  }

  answer(state) {
    this.state = state;
    const now = performance.now(), direct = this.data.transport === "direct";
    if (direct && state.captured !== null) {
      this.captured = state.captured;
      this.latency = now - state.captured;
      this.draw();
      if (this.root.dataset.state === "asking") this.show("live", "");
      this.pump();
    } else if (!direct) {
      if (state.answer === "") return this.giveUpPeer(); // the server accepts no such offer
      if (state.answer) this.peer?.accept(state.answer).catch(() => this.giveUpPeer());
      if (this.seen !== null && state.camera_frames !== this.seen) {
        this.aliveAt = now;
        if (this.root.dataset.state === "asking") this.show("live", "");
      }
      this.seen = state.camera_frames;
      this.slowDown(state.crowded);
    }
    if (this.root.dataset.state === "live") this.tellPeople(state);
    this.figures.update(state, true, this.data.historySeconds);
    this.showDoor(state.door);
    this.showAlert(state.alert);
    const {analysed, people, ms, figures: {skipped}} = state;
    window.dispatchEvent(new CustomEvent("maskwise:answer",
      {detail: {captured: direct ? this.captured : null, drawn: direct ? now : null, analysed, skipped, people, ms}}));
  }

  tick() {
    if (!this.playing) return;
    if (this.data.transport === "direct") {
      if (!document.hidden) return;
      this.frames ||= 1; // no frame is announced while nothing is shown, yet an alert must still be heard
      this.shownAt = performance.now();
      return this.pump();
    }
    this.link?.ask();
    if (performance.now() - this.aliveAt > WEBRTC_PATIENCE_MS) this.giveUpPeer();
  }

  // --- what is shown

  show(state, words) {
    this.root.dataset.state = state;
    this.say(words);
    this.button.disabled = state === "loading";
    this.button.textContent = this.playing ? "Stop" : "Start";
    this.empty.hidden = Boolean(this.playing);
  }

  say(words) { if (this.status.textContent !== words) this.status.textContent = words; }

  draw() { // WebRTC's video comes with its boxes on it, and mirrored where that is wished
    if (this.stream && this.data.transport === "direct") drawOverlay(this.canvas, this.video, this.state, this.captured, this.mirror.checked, this.data);
  }

  showMirror() { this.video.classList.toggle("mw-mirrored", this.mirror.checked && this.data.transport === "direct"); }

  tellPeople({people, error}) {
    if (error) return this.say(error);
    const now = performance.now();
    if (now - (this.toldAt ?? -Infinity) < 2000) return; // a screen reader must be able to keep up
    this.toldAt = now;
    const who = people.map((p) => p.words).sort().join(", ");
    this.say(people.length ? `${people.length} in view: ${who}.` : "Nobody in view.");
  }

  showDoor(answer) {
    this.door.hidden = !this.data.door;
    if (!this.data.door) return;
    const changed = this.door.dataset.answer !== answer;
    paintDoor(this.door, answer, this.data);
    if (this.data.speak && this.playing && changed) this.voice.say(answer, this.data.plates[answer].words, this.data.tag);
  }

  showAlert({number, shown}) {
    this.alert.hidden = !shown;
    this.alert.textContent = shown ? `! ${this.data.alert}` : "";
    if (number > (this.alerts ?? number) && this.data.sound) this.voice.tone();
    this.alerts = number;
  }

  async toggleFull() {
    if (document.fullscreenElement || this.root.classList.contains("mw-filled")) {
      this.root.classList.remove("mw-filled");
      if (document.fullscreenElement) await document.exitFullscreen();
    } else {
      try { await this.root.requestFullscreen(); } catch { this.root.classList.add("mw-filled"); } // iPhones have none
    }
    this.showFull();
  }

  async showFull() {
    const full = Boolean(document.fullscreenElement) || this.root.classList.contains("mw-filled");
    this.full.textContent = full ? "Leave full screen" : "Full screen";
    if (full) this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
    else { this.lock?.release(); this.lock = null; }
  }

  close() {
    this.end();
    this.ticker.terminate();
    document.removeEventListener("fullscreenchange", this.onFull);
    this.lock?.release();
    this.voice.close();
  }
}

export default function ({parentElement, data, setStateValue, setTriggerValue}) {
  const root = parentElement.querySelector(".mw-live");
  root.stage ??= new Stage(root);
  root.stage.update(data, setStateValue, setTriggerValue);
  return () => { root.stage?.close(); root.stage = null; };
}
