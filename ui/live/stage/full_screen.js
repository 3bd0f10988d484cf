// The stage over the whole screen, which then stays lit.

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
    this.onChange = () => this.show();
    this.button.onclick = () => this.toggle();
    document.addEventListener("fullscreenchange", this.onChange);
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

  async show() {
    const full = this.isFull;
    this.button.textContent = full ? "Leave full screen" : "Full screen";
    if (full) this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
    else { this.lock?.release(); this.lock = null; }
  }

  close() {
    document.removeEventListener("fullscreenchange", this.onChange);
    this.lock?.release();
  }
}
