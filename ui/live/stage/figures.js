// Figures beside the video. They are drawn here, not by Streamlit: its redraws would stop the video each second.

const STAGES = {decode: "decode", detect: "find faces", track: "follow", classify: "judge"};

class Figures {
  constructor(root) {
    this.root = root;
    this.history = []; // [seconds, people in view, of them with the mask worn properly]
  }

  // Once a second: people read no faster
  update(state, playing, historySeconds) {
    const now = performance.now();
    if (state?.history) this.history = state.history;
    if (playing && state && now - (this.at ?? -Infinity) < 1000) return;
    this.at = now;
    if (state) this.write(state.figures, playing, historySeconds);
    this.drawHistory();
  }

  write({now, so_far, judged, properly, camera_fps, analysed_fps, latency_ms, skipped, second, ms}, playing, historySeconds) {
    const perSecond = (rate) => (playing ? `${Math.round(rate)} fps` : "–");
    const words = {
      now: playing ? now : 0,
      so_far,
      share: judged ? `${Math.round((100 * properly) / judged)} %` : "–",
      judged: judged ? `${properly} of ${judged} judged` : "nobody judged yet",
      camera: perSecond(camera_fps),
      answered: perSecond(analysed_fps),
      latency: latency_ms === null ? "–" : `${Math.round(latency_ms)} ms`,
      skipped,
      stages: Object.entries(ms).map(([stage, time]) => `${STAGES[stage]} ${time.toFixed(1)} ms`).join(" · "),
    };
    for (const [name, text] of Object.entries(words)) this.root.querySelector(`[data-figure=${name}]`).textContent = text;
    if (playing && second) {
      if (this.history.at(-1)?.[0] === second[0]) this.history.pop();
      this.history.push(second);
      while (second[0] - this.history[0][0] >= historySeconds) this.history.shift();
    }
  }

  drawHistory() {
    const figure = this.root.querySelector("figure");
    figure.hidden = this.history.length < 2;
    if (figure.hidden) return;
    const [first, last] = [this.history[0][0], this.history.at(-1)[0]];
    const most = Math.max(1, ...this.history.map(([, people]) => people));
    const line = (column) => this.history.map((second) =>
      `${((second[0] - first) / (last - first)) * 300},${80 - (second[column] / most) * 76}`).join(" ");
    figure.querySelector(".mw-in-view").setAttribute("points", line(1));
    figure.querySelector(".mw-properly").setAttribute("points", line(2));
    figure.querySelector(".mw-most").textContent = `${most} ${most === 1 ? "person" : "people"}`;
    figure.querySelector(".mw-first").textContent = `${Math.round(last - first)} s ago`;
  }
}
