// What is heard: a tone for an alert, a voice for the door's answer.

const SPOKEN = new Set(["properly", "wrongly", "nose_out", "mouth_out", "below_mouth",
  "under_chin", "elsewhere", "not", "not_properly", "too_small", "turned_away", "tilted", "one_by_one"]);
const SPEAK_AGAIN_MS = 6000; // the same words not again sooner; other words at once

export class Voice {
  /** @type {AudioContext | undefined} */
  audio;
  said = "";
  saidAt = -Infinity;

  wake() { // browsers let a page sound only after a click
    this.audio ??= new (window.AudioContext || /** @type {any} */ (window).webkitAudioContext)();
    this.audio?.resume();
  }
  tone() {
    if (!this.audio) return;
    const gain = this.audio.createGain(), start = this.audio.currentTime;
    gain.connect(this.audio.destination);
    gain.gain.setValueAtTime(0.25, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    for (const [frequency, after] of [[880, 0], [660, 0.2]]) {
      const tone = this.audio.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(gain);
      tone.start(start + after); tone.stop(start + after + 0.4);
    }
  }
  /**
   * Whether an answer is said aloud now; counted as said where it is.
   * @param {string} answer
   * @param {number} now ms
   */
  isDue(answer, now) {
    if (!SPOKEN.has(answer) || (answer === this.said && now - this.saidAt < SPEAK_AGAIN_MS)) return false;
    this.said = answer; this.saidAt = now;
    return true;
  }
  /**
   * @param {string} answer
   * @param {string} words
   * @param {string} language its tag, such as de-DE
   */
  say(answer, words, language) {
    if (!window.speechSynthesis || !this.isDue(answer, performance.now())) return;
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = language;
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }
  close() { this.audio?.close(); window.speechSynthesis?.cancel(); }
}
