// SPDX-License-Identifier: Apache-2.0
// Draws points into the pixels of an ImageData: no GPU is needed, and 50,000 points take some milliseconds.

const RIM = 24; // pixels around the picture, so that marks at its border are cut and not left out
const PHASES = 4; // marks are placed to a quarter of a pixel

/** Tell whether a place lies inside a mark of radius 1 (areas are about equal, so that no shape looks larger). */
const MARKS = {
  circle: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.abs(x) <= 0.88 && Math.abs(y) <= 0.88,
  triangle: (x, y) => y <= 0.78 && y >= -1.05 + 1.75 * Math.abs(x),
  diamond: (x, y) => Math.abs(x) + Math.abs(y) <= 1.25,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 0.3 && Math.max(Math.abs(x), Math.abs(y)) <= 1.15,
};

class Raster {
  constructor() {
    this.stamps = new Map();
    this.resize(1, 1);
  }

  resize(width, height) {
    this.width = width + 2 * RIM;
    this.height = height + 2 * RIM;
    this.image = new ImageData(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.stamps.clear(); // their offsets depend on the width
  }

  /** Coverage of a mark at each of the sub-pixel phases: offsets into the pixels, and weights 0 to 256. */
  stamp(shape, radius) {
    const steps = Math.max(2, Math.round(radius * 4));
    const name = shape + steps;
    const known = this.stamps.get(name);
    if (known) return known;
    const inside = MARKS[shape];
    const size = steps / 4;
    const reach = Math.ceil(size * 1.3) + 1;
    const phases = [];
    for (let phase = 0; phase < PHASES * PHASES; phase++) {
      const shiftX = ((phase % PHASES) + 0.5) / PHASES;
      const shiftY = (Math.floor(phase / PHASES) + 0.5) / PHASES;
      const offsets = [];
      const weights = [];
      for (let row = -reach; row <= reach; row++) {
        for (let column = -reach; column <= reach; column++) {
          let hits = 0;
          for (let sub = 0; sub < 16; sub++) {
            const x = column + ((sub & 3) + 0.5) / 4 - shiftX;
            const y = row + ((sub >> 2) + 0.5) / 4 - shiftY;
            if (inside(x / size, y / size)) hits++;
          }
          if (hits) {
            offsets.push(row * this.width + column);
            weights.push(hits * 16);
          }
        }
      }
      phases.push({ offsets: Int32Array.from(offsets), weights: Uint16Array.from(weights) });
    }
    const made = { reach, phases };
    this.stamps.set(name, made);
    return made;
  }

  clear(packed) {
    this.pixels.fill(packed);
  }

  /** Blend one mark at device pixels (x, y); `strength` 0 to 256. */
  draw(stamp, x, y, packed, strength) {
    const column = Math.floor(x) + RIM;
    const row = Math.floor(y) + RIM;
    const reach = stamp.reach;
    if (column < reach || row < reach || column >= this.width - reach || row >= this.height - reach) return;
    // Rounding can make a part of a whole pixel out of almost none: the mask keeps to the phases there are.
    const across = ((x + RIM - column) * PHASES) & (PHASES - 1);
    const phase = stamp.phases[(((y + RIM - row) * PHASES) & (PHASES - 1)) * PHASES + across];
    const { offsets, weights } = phase;
    const pixels = this.pixels;
    const start = row * this.width + column;
    const redBlue = packed & 0xff00ff;
    const green = packed & 0x00ff00;
    for (let at = 0; at < offsets.length; at++) {
      const place = start + offsets[at];
      const weight = (weights[at] * strength) >> 8;
      const old = pixels[place];
      const oldRedBlue = old & 0xff00ff;
      const oldGreen = old & 0x00ff00;
      // Two channels at once; the arithmetic wraps at 32 bits and the mask takes the overflow away.
      const newRedBlue = (oldRedBlue + (Math.imul(redBlue - oldRedBlue, weight) >>> 8)) & 0xff00ff;
      const newGreen = (oldGreen + (Math.imul(green - oldGreen, weight) >>> 8)) & 0x00ff00;
      pixels[place] = 0xff000000 | newRedBlue | newGreen;
    }
  }

  show(context) {
    context.putImageData(this.image, -RIM, -RIM);
  }
}
