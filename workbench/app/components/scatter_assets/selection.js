// SPDX-License-Identifier: Apache-2.0
// Which points are selected, for drawing at once; the server resolves the same operations by the same arithmetic.

const SLABS = 512; // of the height of an outline, each with the edges that cross it

/** Non-zero winding, border included: the twin of contains() in polygon.py. Marks rows by their view coordinates. */
function markInside(points, camera, share, polygon, hit) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of polygon) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  const corners = polygon.length;
  const xs = Float64Array.from(polygon, ([x]) => x);
  const ys = Float64Array.from(polygon, ([, y]) => y);
  // A higher place never lies in a lower slab, so an edge is in every slab in which it can count.
  const slab = (y) => Math.min(SLABS - 1, Math.floor(((y - bottom) / (top - bottom || 1)) * SLABS));
  const crossing = Array.from({ length: SLABS }, () => []);
  for (let corner = 0; corner < corners; corner++) {
    const ends = [slab(ys[corner]), slab(ys[(corner + 1) % corners])];
    for (let at = Math.min(...ends); at <= Math.max(...ends); at++) crossing[at].push(corner);
  }
  const inside = (px, py) => {
    let winding = 0;
    for (const corner of crossing[slab(py)]) {
      const next = corner + 1 === corners ? 0 : corner + 1;
      const [y0, y1] = [ys[corner], ys[next]];
      if ((py < y0 && py < y1) || (py > y0 && py > y1)) continue;
      const [x0, x1] = [xs[corner], xs[next]];
      const cross = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0);
      if (cross === 0 && px >= Math.min(x0, x1) && px <= Math.max(x0, x1)) return true;
      if (y0 < y1) {
        if (py < y1 && cross > 0) winding++;
      } else if (y1 < y0) {
        if (py < y0 && cross < 0) winding--;
      }
    }
    return winding !== 0;
  };
  points.walk(
    camera,
    share,
    (count, rows, across, up) => {
      for (let at = 0; at < count; at++) {
        const [px, py] = [across[at], up[at]];
        if (px >= left && px <= right && py >= bottom && py <= top && inside(px, py)) hit[rows[at]] = 1;
      }
    },
    { mask: MISSING },
  );
}

/** Leave out the vertices of an outline that lie within `tolerance` of it (Douglas and Peucker, 1973). */
function simplify(outline, tolerance) {
  if (outline.length < 4) return outline;
  const keep = new Uint8Array(outline.length);
  keep[0] = keep[outline.length - 1] = 1;
  const stack = [[0, outline.length - 1]];
  while (stack.length) {
    const [first, last] = stack.pop();
    const [x0, y0] = outline[first];
    const [dx, dy] = [outline[last][0] - x0, outline[last][1] - y0];
    const length = Math.hypot(dx, dy);
    let [worst, at] = [tolerance, -1];
    for (let index = first + 1; index < last; index++) {
      const [x, y] = [outline[index][0] - x0, outline[index][1] - y0];
      const away = length ? Math.abs(dx * y - dy * x) / length : Math.hypot(x, y);
      if (away > worst) [worst, at] = [away, index];
    }
    if (at >= 0) {
      keep[at] = 1;
      stack.push([first, at], [at, last]);
    }
  }
  return outline.filter((_, index) => keep[index]);
}

/** Flags of all rows, and the operations that led to them; linked maps share one. */
class Chosen {
  constructor(count) {
    this.flags = new Uint8Array(count);
    this.operations = [];
    this.turn = 0; // changes with the flags
  }

  /** Begin with rows, or with one bit a row. */
  begin(rows, bits) {
    if (rows) for (const at of rows) this.flags[at] = 1;
    if (bits) for (let at = 0; at < this.flags.length; at++) this.flags[at] = (bits[at >> 3] >> (at & 7)) & 1;
    return this;
  }

  /** Number selected among the rows that a filter leaves. */
  tally(state) {
    let count = 0;
    for (let at = 0; at < this.flags.length; at++) if (this.flags[at] && !(state[at] & FILTERED)) count += 1;
    return count;
  }

  /** Do one thing: `hit` marks the points it names, `eligible(at)` the points that may change. */
  apply(operation, hit, eligible) {
    const flags = this.flags;
    if (operation.kind === "clear") flags.fill(0);
    else {
      for (let at = 0; at < flags.length; at++) {
        if (operation.kind === "invert") flags[at] = eligible(at) ? 1 - flags[at] : flags[at];
        else if (operation.mode === "add") flags[at] |= hit[at] && eligible(at) ? 1 : 0;
        else if (operation.mode === "subtract") flags[at] &= hit[at] && eligible(at) ? 0 : 1;
        else flags[at] = hit[at] && eligible(at) ? 1 : 0;
      }
    }
    this.turn += 1;
  }

  /** Note what was done. What came before a replacement no longer matters, so the list that is sent stays short. */
  note(operation) {
    if (operation.mode === "replace" || operation.mode === "clear") this.operations = [];
    this.operations = [...this.operations, operation];
  }
}
