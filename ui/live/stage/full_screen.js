// The stage over the whole screen. It stays lit then, and at a door; at a door its controls hide until they are wanted.

const QUIET_AFTER_MS = 3000;

export class FullScreen {
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} button
   */
  constructor(root, button) {
    this.root = root;
    this.button = button;
    /** @type {WakeLockSentinel | null | undefined} */
    this.lock = null;
    this.door = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.onChange = () => this.show();
    this.onUse = () => this.quieten(QUIET_AFTER_MS);
    this.onVisible = () => this.stayLit(); // a lock ends whenever the page is hidden
    this.button.onclick = () => this.toggle();
    document.addEventListener("fullscreenchange", this.onChange);
    document.addEventListener("visibilitychange", this.onVisible);
    for (const use of ["pointermove", "pointerdown", "keydown"]) document.addEventListener(use, this.onUse);
  }

  get isFull() { return Boolean(document.fullscreenElement) || this.root.classList.contains("mw-filled"); }

  async toggle() {
    if (this.isFull) {
      this.root.classList.remove("mw-filled");
      if (document.fullscreenElement) await document.exitFullscreen();
    } else {
      try { await this.root.requestFullscreen(); } catch { this.root.classList.add("mw-filled"); } // iPhones have none
    }
    this.show();
  }

  /** Over the whole page, which needs no click as a full screen does; without controls from the start. */
  fill() {
    this.root.classList.add("mw-filled");
    this.show();
    this.quieten(0);
  }

  /** @param {boolean} door whether somebody is watched at a door now */
  watch(door) {
    if (door === this.door) return;
    this.door = door;
    this.quieten(QUIET_AFTER_MS);
    this.stayLit();
  }

  /** @param {number} after ms */
  quieten(after) {
    clearTimeout(this.timer);
    this.root.classList.remove("mw-quiet");
    const hide = () => this.root.classList.toggle("mw-quiet", this.door && this.isFull);
    if (after) this.timer = setTimeout(hide, after);
    else hide();
  }

  async stayLit() {
    if (!this.isFull && !this.door) { this.lock?.release(); this.lock = null; return; }
    if (document.hidden || (this.lock && !this.lock.released)) return;
    this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  show() {
    this.button.textContent = this.isFull ? "Leave full screen" : "Full screen";
    this.quieten(QUIET_AFTER_MS);
    this.stayLit();
  }

  close() {
    clearTimeout(this.timer);
    document.removeEventListener("fullscreenchange", this.onChange);
    document.removeEventListener("visibilitychange", this.onVisible);
    for (const use of ["pointermove", "pointerdown", "keydown"]) document.removeEventListener(use, this.onUse);
    this.lock?.release();
  }
}
