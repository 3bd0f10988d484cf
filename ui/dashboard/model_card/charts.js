// The charts of a model card's file. Their theme follows the reader's, also when it changes while the file is open.

/** @typedef {{data: object[], layout: object}} Chart */

/** @param {Element | null | undefined} script with JSON in it */
const read = (script) => JSON.parse(script?.textContent ?? "null");

const templates = read(document.getElementById("templates")), dark = matchMedia("(prefers-color-scheme: dark)");
/** @type {(Chart & {place: Element | null})[]} */
const charts = [...document.querySelectorAll("figure")].map(
  (figure) => ({place: figure.querySelector("div"), ...read(figure.lastElementChild)}));

function draw() {
  const {Plotly} = /** @type {any} */ (window); // its own script stands before this one
  const template = templates[dark.matches ? "dark" : "light"];
  for (const {place, data, layout} of charts)
    Plotly.react(place, data, {...layout, template}, {displaylogo: false, responsive: true});
}
dark.addEventListener("change", draw);
draw();
