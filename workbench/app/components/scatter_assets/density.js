// SPDX-License-Identifier: Apache-2.0
// Density mode: a smoothed histogram of the points that are shown, instead of marks.

const CELL = 3; // CSS pixels of a side of a cell
const THIN = 0.2; // below this part of the scale the selected points give way to the greys of the others
const BLUR = 2; // radius in cells; three box filters come near to a Gaussian

class DensityStage extends Stage {
  toggleDensity() {
    this.kept.density = !this.kept.density;
    this.showDensity();
    this.tellLook();
    this.redraw();
  }

  showDensity() {
    this.denser.setAttribute("aria-pressed", String(this.kept.density));
  }

  /** Draw the density; with a selection, that of the others in greys below that of the selected points. */
  drawDensity(scene) {
    const { clouds } = this;
    const [columns, rows] = [Math.ceil(this.width / CELL), Math.ceil(this.height / CELL)];
    [clouds.width, clouds.height] = [columns, rows];
    const every = this.count(scene, columns, rows, scene.some ? 0 : -1);
    const chosen = scene.some ? this.count(scene, columns, rows, 1) : null;
    const main = chosen ?? every;
    const most = largest(main);
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const ramp = this.densityRamp();
    const greys = rampOf([this.ground, mixColours(this.ground, this.ink, 0.35)]);
    const mostRest = chosen ? largest(every) : 1;
    for (let at = 0; at < pixels.length; at++) {
      // Square roots: proportional to the spread of the counts, so that thin and dense regions are told apart alike.
      const part = Math.sqrt(main[at] / (most || 1));
      const shade = ramp[Math.min(255, Math.round(255 * part))];
      if (!chosen || part >= THIN) pixels[at] = shade;
      else {
        const grey = greys[Math.min(255, Math.round(255 * Math.sqrt(every[at] / (mostRest || 1))))];
        pixels[at] = packColour(mixColours(unpackColour(grey), unpackColour(shade), part / THIN));
      }
    }
    clouds.getContext("2d").putImageData(image, 0, 0);
    const area = CELL * CELL;
    this.fillScale(most * (100 / area), chosen);
  }

  /** Points in each cell whose flag is `wanted` (-1: all), smoothed. */
  count(scene, columns, rows, wanted) {
    const { points, palette } = this;
    const counts = new Float32Array(columns * rows);
    const scale = scene.camera.scale(scene.width, scene.height) / CELL;
    const [startX, startY] = [scene.width / 2 / CELL, scene.height / 2 / CELL];
    const [centreX, centreY] = scene.camera.centre;
    const flags = this.kept.chosen.flags;
    const drawn = this.drawnCodes();
    points.walk(scene.camera, scene.share, (count, which, across, up) => {
      for (let at = 0; at < count; at++) {
        const column = Math.floor(startX + (across[at] - centreX) * scale);
        const row = Math.floor(startY - (up[at] - centreY) * scale);
        if (column < 0 || row < 0 || column >= columns || row >= rows) continue;
        if (wanted >= 0 && flags[which[at]] !== wanted) continue;
        if (drawn(which[at])) counts[row * columns + column] += 1;
      }
    });
    return blur(counts, columns, rows);
  }

  /** Tells of a row whether its category is shown, or its value within the range. */
  drawnCodes() {
    const { colour } = this.points ?? {};
    const { hidden, range } = this.kept;
    if (colour && this.palette.values && range) return (at) => colour[at] >= range[0] && colour[at] <= range[1];
    if (colour && !this.palette.values && hidden.size) return (at) => !hidden.has(colour[at]);
    return () => true;
  }

  densityRamp() {
    const stops = this.header.ramp[this.dark ? "dark" : "light"].map((stop) => readColour(stop, "#888"));
    const rising = this.dark ? stops : [...stops].reverse();
    const table = rampOf(rising);
    // The lowest tenth comes out of the ground.
    for (let at = 0; at < 26; at++) table[at] = packColour(mixColours(this.ground, unpackColour(table[26]), at / 26));
    return table;
  }

  /** The line that says what the colours stand for. */
  fillScale(most, chosen) {
    const ramp = this.densityRamp();
    const stops = [0, 0.25, 0.5, 0.75, 1].map((part) => `rgb(${unpackColour(ramp[Math.round(255 * part)])})`);
    const top = most >= 10 ? Math.round(most).toLocaleString("en") : most.toPrecision(2);
    const what = chosen ? "selected points" : "points";
    this.writeScale("0", stops, `${top} ${what} in 10 × 10 pixels, square-root scale`);
  }

  /** The same for a picture of the server, which does not tell its counts. */
  fillServedScale() {
    const { colour, ramp } = this.header;
    const stops = (colour.ramp ?? ramp)[this.dark ? "dark" : "light"];
    this.writeScale("1", this.dark ? stops : [...stops].reverse(), "most points in a pixel, logarithmic scale");
  }

  writeScale(before, stops, after) {
    const strip = make("span", "wb-scale-strip");
    strip.style.setProperty("--ramp", stops.join(", "));
    this.scaleLine.replaceChildren(before, strip, after);
  }
}

function largest(counts) {
  let most = 0;
  for (let at = 0; at < counts.length; at++) if (counts[at] > most) most = counts[at];
  return most;
}

/** Interpolate colours to 256 packed ones. */
function rampOf(anchors) {
  return Uint32Array.from({ length: 256 }, (_, step) => {
    const place = (step / 255) * (anchors.length - 1);
    const at = Math.min(anchors.length - 2, Math.floor(place));
    return packColour(mixColours(anchors[at], anchors[at + 1], place - at));
  });
}

/** Three box filters along each axis; what lies beyond the border counts as empty. */
function blur(counts, columns, rows) {
  let [from, to] = [counts, new Float32Array(counts.length)];
  for (let turn = 0; turn < 3; turn++) {
    for (const [lines, length, next, step] of [[rows, columns, columns, 1], [columns, rows, 1, columns]]) {
      for (let line = 0; line < lines; line++) {
        const start = line * next;
        let sum = 0;
        for (let at = 0; at < Math.min(BLUR, length); at++) sum += from[start + at * step];
        for (let at = 0; at < length; at++) {
          if (at + BLUR < length) sum += from[start + (at + BLUR) * step];
          if (at - BLUR - 1 >= 0) sum -= from[start + (at - BLUR - 1) * step];
          to[start + at * step] = Math.max(0, sum / (2 * BLUR + 1));
        }
      }
      [from, to] = [to, from];
    }
  }
  return from;
}
