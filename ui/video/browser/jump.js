// Has the film's player go to a moment to the part of a second: Streamlit's own way knows whole seconds only.

/** @typedef {{at: number, asked: number}} Data seconds of the player's film, and how often a moment was asked for */

const PLAYER = "video[data-testid=stVideo], [data-testid=stVideo] video";
const PATIENCE = 5000; // milliseconds until the player has to be on the page

/**
 * @param {HTMLVideoElement} player
 * @param {number} at
 */
export function goTo(player, at) {
  const go = () => { player.currentTime = at; };
  if (player.readyState) go();
  else player.addEventListener("loadedmetadata", go, {once: true});
}

/** @param {{data: Data, parentElement: ParentNode}} given */
export default function ({data, parentElement}) {
  /** @type {HTMLElement | null} */
  const root = parentElement.querySelector(".mw-jump");
  if (!root || root.dataset.asked === `${data.asked}`) return;
  root.dataset.asked = `${data.asked}`;
  const until = performance.now() + PATIENCE;
  const look = () => {
    const player = /** @type {HTMLVideoElement | null} */ (document.querySelector(PLAYER));
    if (player) goTo(player, data.at);
    else if (performance.now() < until) requestAnimationFrame(look);
  };
  if (data.asked) look();
}
