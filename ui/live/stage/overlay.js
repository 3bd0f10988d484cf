// Boxes and words over the video, moved on with each person's speed until the next answer.

// Only when it changes: each setting of a size is a new bitmap, and browsers free the old ones late.
function fitCanvas(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function drawOverlay(canvas, video, state, captured, mirror, {driftMs, staleMs}) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  fitCanvas(canvas, width, height);
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  const age = performance.now() - captured;
  if (!state?.width || !video.videoWidth || age > staleMs) return;
  // The video is fitted into its box with bars; the same scale and margins hold for the boxes.
  const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
  const left = (width - video.videoWidth * scale) / 2, top = (height - video.videoHeight * scale) / 2;
  const perPixel = (scale * video.videoWidth) / state.width;
  const font = Math.max(14 * ratio, Math.min(width, height) / 26);
  pen.font = `600 ${font}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  for (const person of state.people) {
    const drift = (Math.min(age, driftMs) / 1000) * person.velocity[0];
    const fall = (Math.min(age, driftMs) / 1000) * person.velocity[1];
    let [x1, y1, x2, y2] = person.box;
    if (mirror) [x1, x2] = [state.width - x2 - drift, state.width - x1 - drift];
    else { x1 += drift; x2 += drift; }
    drawPerson(pen, person, [left + x1 * perPixel, top + (y1 + fall) * perPixel, (x2 - x1) * perPixel, (y2 - y1) * perPixel],
      font, ratio, width, height);
  }
}

function drawPerson(pen, person, [x, y, w, h], font, ratio, width, height) {
  const line = Math.max(2 * ratio, font / 8);
  pen.lineWidth = line + 2 * ratio; pen.strokeStyle = "#ffffff"; pen.strokeRect(x, y, w, h);
  pen.lineWidth = line; pen.strokeStyle = person.colour; pen.strokeRect(x, y, w, h);
  const words = `${person.id}  ${person.icon} ${person.words}`;
  const pad = font * 0.35, plate = pen.measureText(words).width + 2 * pad, tall = font + 2 * pad;
  const px = Math.max(0, Math.min(x, width - plate));
  const py = y - tall >= 0 ? y - tall : Math.min(y + h, height - tall);
  pen.fillStyle = person.colour;
  pen.beginPath(); pen.roundRect(px, py, plate, tall, pad); pen.fill();
  pen.fillStyle = person.ink;
  pen.fillText(words, px + pad, py + tall / 2);
}
