// A picture in a box that scrolls, as large as one likes: how large, and which part of it is seen.

export const STEP = 1.5; // of a zoom by key or button

/**
 * Width at which a picture fits its box, in CSS pixels; small ones are not blown up more than twice.
 * @param {{width: number, height: number}} picture in pixels
 * @param {{width: number, height: number}} box
 */
export function fitWidth(picture, box) {
  return Math.max(1, Math.min(box.width, (box.height * picture.width) / picture.height, Math.max(160, 2 * picture.width)));
}

/**
 * A zoom within its bounds: 1 fits, and each of the picture's pixels is two on the screen at most, or it is four times as large.
 * @param {number} zoom
 * @param {number} width of the picture, in pixels
 * @param {number} fit
 */
export function bounded(zoom, width, fit) {
  return Math.min(Math.max(1, zoom), Math.max(4, (2 * width) / fit));
}

/**
 * Where to scroll so that the point that is seen at `seen` stays there.
 * @param {number} scroll
 * @param {number} seen from the box's edge, in CSS pixels
 * @param {number} ratio of the new zoom to the old
 */
export function scrolledTo(scroll, seen, ratio) { return (scroll + seen) * ratio - seen; }

/**
 * The zoom at which a face takes a third of the box.
 * @param {number[]} face left, top, width, height, as shares of the picture
 * @param {number} fit
 * @param {{width: number, height: number}} picture in pixels
 * @param {{width: number, height: number}} box
 */
export function zoomOnto([, , width, height], fit, picture, box) {
  return Math.min(box.width / (3 * width * fit), box.height / (3 * height * fit * (picture.height / picture.width)));
}
