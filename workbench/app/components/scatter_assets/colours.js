// SPDX-License-Identifier: Apache-2.0
// Colours: read from CSS or hex, and ramps turned into tables.

const scratch = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
scratch.canvas.width = scratch.canvas.height = 1;

/** Read any CSS colour as [red, green, blue], 0 to 255. */
function readColour(text, otherwise) {
  scratch.fillStyle = otherwise;
  scratch.fillStyle = text || otherwise;
  scratch.fillRect(0, 0, 1, 1);
  const [red, green, blue] = scratch.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** Pack to the little-endian pixel of an ImageData, opaque. */
function packColour([red, green, blue]) {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

function mixColours(one, other, part) {
  return one.map((value, at) => Math.round(value + (other[at] - value) * part));
}

/** Relative luminance (WCAG 2), 0 to 1. */
function luminance(colour) {
  const [red, green, blue] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Interpolate a ramp of hex colours to 256 colours. */
function rampTable(stops) {
  const anchors = stops.map((stop) => readColour(stop, "#888"));
  const table = [];
  for (let step = 0; step < 256; step++) {
    const place = (step / 255) * (anchors.length - 1);
    const at = Math.min(anchors.length - 2, Math.floor(place));
    table.push(mixColours(anchors[at], anchors[at + 1], place - at));
  }
  return table;
}

/** Round numbers of the form 1, 2 or 5 times a power of ten that cut a range into about `wanted` parts. */
function niceTicks(low, high, wanted) {
  if (!(high > low)) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) ticks.push(at * step);
  return ticks;
}

function formatNumber(value, span) {
  if (value === 0 || Math.abs(value) < span * 1e-9) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(1).replace("e+", "e");
  const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(span || size))));
  return value.toLocaleString("en", { maximumFractionDigits: digits }).replace("-", "\u2212");
}

function unpackColour(packed) {
  return [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
}
