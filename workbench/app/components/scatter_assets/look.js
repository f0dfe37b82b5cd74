// SPDX-License-Identifier: Apache-2.0
// How the map is looked at, as compact text: camera, hidden categories, value range, density mode, share of a morph.

const DIGITS = 9; // of each number; the camera is set to what was written, so that reading restores it exactly

function shorten(value) {
  return Number(value.toPrecision(DIGITS));
}

function writeNumber(value) {
  return String(shorten(value)).replace("e+", "e");
}

/** Set a camera to the numbers that its text holds; tell whether that moved it. */
function snapCamera(camera) {
  const before = writeExactly(camera);
  camera.zoom = shorten(camera.zoom);
  camera.centre = camera.centre.map(shorten);
  if (camera.space) camera.turn(camera.quaternion.map(shorten));
  return before !== writeExactly(camera);
}

function writeExactly(camera) {
  return [camera.zoom, ...camera.centre, ...camera.quaternion].join();
}

function writeLook(kept) {
  const { camera, hidden, range, density, share } = kept;
  const parts = [`z${writeNumber(camera.zoom)}`, `c${camera.centre.map(writeNumber).join(",")}`];
  if (camera.space) parts.push(`q${camera.quaternion.map(writeNumber).join(",")}`);
  if (hidden.size) parts.push(`h${[...hidden].sort((one, other) => one - other).join(",")}`);
  if (range) parts.push(`r${range.join(",")}`);
  if (density) parts.push("d");
  if (share) parts.push(`t${writeNumber(share)}`);
  return parts.join("_");
}

/** Set what a text says; one that is not wholly well formed changes nothing. Tells whether it was taken. */
function readLook(text, kept, header) {
  const found = {};
  for (const part of text.split("_")) {
    const numbers = part.length > 1 ? part.slice(1).split(",").map((one) => (one.trim() === one && one ? Number(one) : NaN)) : [];
    if (part[0] in found || !numbers.every(Number.isFinite)) return false;
    found[part[0]] = numbers;
  }
  const { camera } = kept;
  const { z, c, q, h, r, d, t, ...rest } = found;
  const codes = header.colour.categories?.length ?? 0;
  const within = (value, low, high) => value >= low && value <= high;
  const valid =
    !Object.keys(rest).length &&
    z?.length === 1 && within(z[0], ...camera.limits) &&
    c?.length === 2 &&
    (camera.space ? q?.length === 4 && within(Math.hypot(...q), 0.5, 2) : !q) &&
    (!h || h.every((code) => Number.isInteger(code) && within(code, 0, codes - 1))) &&
    (!r || (r.length === 2 && header.colour.kind === "value" && r.every(Number.isInteger) && 0 <= r[0] && r[0] <= r[1] && r[1] <= 65534)) &&
    (!d || !d.length) &&
    (!t || (t.length === 1 && header.morphs && within(t[0], 0, 1))); // prettier-ignore
  if (!valid) return false;
  camera.zoom = z[0];
  camera.centre = c;
  if (q) camera.turn(q);
  kept.hidden = new Set(h ?? []);
  kept.range = r ?? null;
  kept.density = Boolean(d);
  kept.share = t?.[0] ?? 0;
  return true;
}
