// The pictures that go to the server: the newest of the video whenever the last one is answered.

import {penOf} from "./dom.js";
import {fitCanvas} from "./overlay.js";

/** @import {Link} from "./link.js" */

const LONGEST_SIDE = 1280; // pixels of a picture that is sent

/**
 * Width and height at which a video is sent, never larger than it is.
 * @param {{videoWidth: number, videoHeight: number}} video
 */
export function sentSize({videoWidth, videoHeight}) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
  return [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
}

export class Pictures {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    this.sheet = document.createElement("canvas");
    this.pen = penOf(this.sheet, {willReadFrequently: true});
    this.frames = 0; // of the camera since the last picture sent
    this.shownAt = 0; // ms
  }

  /**
   * Calls `onFrame` for each frame of the video, as long as it is wanted.
   * @param {() => boolean} wanted
   * @param {() => void} onFrame
   */
  follow(wanted, onFrame) {
    /** @type {(callback: (now: number) => void) => void} */
    const next = this.video.requestVideoFrameCallback ? (f) => this.video.requestVideoFrameCallback(f) : requestAnimationFrame;
    this.frames = 0;
    const shown = (/** @type {number} */ now) => {
      if (!wanted()) return;
      this.frames++;
      this.shownAt = now;
      onFrame();
      next(shown);
    };
    next(shown);
  }

  /** No frame is announced while nothing is shown, yet an alert must still be heard. */
  takeUnshown() {
    this.frames ||= 1;
    this.shownAt = performance.now();
  }

  /**
   * @param {Link | null} link
   * @param {number} latency ms of the last answer
   */
  send(link, latency) {
    if (!link?.ready || !this.frames || !this.video.videoWidth) return;
    const [width, height] = sentSize(this.video);
    fitCanvas(this.sheet, width, height);
    this.pen.drawImage(this.video, 0, 0, width, height);
    const frames = this.frames;
    this.frames = 0;
    link.sendPicture(this.sheet, this.shownAt, latency, frames);
  }
}
