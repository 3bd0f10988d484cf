// How a door goes on by itself: after a lost camera or connection, a server that was started anew, a sleep.

/** @import {Problem} from "./camera.js" */

export const RECOVER_MS = 5000; // after which a door tries again what failed
const PATIENCE_MS = 20000; // without an answer, as after a computer's sleep
const LOST_TRIES = 8; // of the connection
/** @type {Problem[]} */
const HOPELESS = ["insecure", "unsupported", "denied"]; // somebody has to come

/** @param {Problem} problem */
export const mayPass = (problem) => !HOPELESS.includes(problem);

/** @param {number} silence ms since the last answer */
export const isAsleep = (silence) => silence > PATIENCE_MS;

/**
 * Loads the page anew once the server answers again but does not know it: it was started anew.
 * @param {number} tries of the connection that have failed
 */
export function loadAnew(tries) {
  if (tries < LOST_TRIES) return;
  fetch(window.location.href, {method: "HEAD"}).then(({ok}) => { if (ok) window.location.reload(); }).catch(() => {});
}
