// The one big answer at a door, and what is heard: a tone for an alert, a voice for the answer.

const SPOKEN = new Set(["properly", "wrongly", "not", "too_small", "turned_away", "one_by_one"]);
const SPEAK_AGAIN_MS = 6000; // the same words not again sooner; other words at once

class Voice {
  wake() { // browsers let a page sound only after a click
    this.audio ??= new (window.AudioContext || window.webkitAudioContext)();
    this.audio.resume();
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
  say(answer, words, language) {
    const now = performance.now();
    if (!SPOKEN.has(answer) || !window.speechSynthesis) return;
    if (answer === this.said && now - this.saidAt < SPEAK_AGAIN_MS) return;
    this.said = answer; this.saidAt = now;
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = language;
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  }
  close() { this.audio?.close(); window.speechSynthesis?.cancel(); }
}

function paintDoor(panel, answer, {plates, tag}) {
  if (panel.dataset.answer === answer && panel.lang === tag) return;
  const plate = plates[answer];
  panel.dataset.answer = answer;
  panel.lang = tag;
  panel.style.background = plate.colour;
  panel.style.color = plate.ink;
  panel.querySelector(".mw-door-icon").textContent = plate.icon;
  panel.querySelector(".mw-door-words").textContent = plate.words;
}
