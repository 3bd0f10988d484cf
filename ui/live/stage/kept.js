// What this browser keeps: for a tab which visit it was and whether a door was watched, for a door the day's totals.

/** @import {Counts} from "./link.js" */

const VISIT = "maskwise.live.visit", PLAYING = "maskwise.live.playing", DAY = "maskwise.door.day";

/** People, judged, of them properly, alerts. @typedef {[number, number, number, number]} Totals */
/** Of each counter (by when it began) its counts now, and at the beginning of the day.
 * @typedef {{day: string, now: Record<string, Totals>, before: Record<string, Totals>}} Day */

/** Browsers may refuse to keep anything. @param {() => Storage} of @param {string} key */
function read(of, key) {
  try { return of().getItem(key); } catch { return null; }
}

/** @param {() => Storage} of @param {string} key @param {string} value */
function keep(of, key, value) {
  try { of().setItem(key, value); } catch { /* then it is not kept */ }
}

const tab = () => window.sessionStorage, browser = () => window.localStorage;

/** The token of this tab's visit before the page was loaded anew, null where there was none. @param {string} token */
export function earlierVisit(token) {
  const before = read(tab, VISIT);
  keep(tab, VISIT, token);
  return before === token ? null : before;
}

export const wasPlaying = () => read(tab, PLAYING) === "1";
/** @param {boolean} playing */
export const keepPlaying = (playing) => keep(tab, PLAYING, playing ? "1" : "0");

/**
 * The day with a counter's newest counts. What a counter had counted before the day began is not of the day.
 * @param {Day | null} kept
 * @param {string} day
 * @param {string} counter
 * @param {Totals} counts
 * @returns {Day}
 */
export function withCounts(kept, day, counter, counts) {
  const {now, before} = kept?.day === day ? kept : {now: {}, before: kept?.now ?? {}};
  return {day, now: {...now, [counter]: counts}, before};
}

/** @param {Day} day @returns {Totals} */
export function totalsOf({now, before}) {
  /** @type {Totals} */
  const sum = [0, 0, 0, 0];
  for (const [counter, counts] of Object.entries(now)) {
    counts.forEach((count, i) => { sum[i] += Math.max(0, count - (before[counter]?.[i] ?? 0)); });
  }
  return sum;
}

/** @param {Totals} totals */
export function wordsOfDay([people, judged, properly, alerts]) {
  const counted = `${people} ${people === 1 ? "person" : "people"} seen, mask worn properly by ${properly} of ${judged} judged`;
  return `Today at this door: ${counted}, ${alerts} ${alerts === 1 ? "alert" : "alerts"}. Kept in this browser alone.`;
}

/** The day's totals with these counts, kept. @param {Counts} counts @returns {Totals} */
export function countDay({since, so_far, judged, properly, alerts}) {
  /** @type {Day | null} */
  let kept = null;
  try {
    kept = JSON.parse(read(browser, DAY) ?? "null");
  } catch { /* somebody else wrote there: begin anew */ }
  const day = withCounts(kept?.now && kept.before ? kept : null, new Date().toLocaleDateString("sv"), String(since),
    [so_far, judged, properly, alerts]);
  keep(browser, DAY, JSON.stringify(day));
  return totalsOf(day);
}
