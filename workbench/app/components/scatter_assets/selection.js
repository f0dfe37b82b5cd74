// SPDX-License-Identifier: Apache-2.0
// Which points are selected, for drawing at once; the server resolves the same operations by the same arithmetic.

/** Non-zero winding, border included: the twin of contains() in polygon.py. */
function markInside(across, up, polygon, hit) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of polygon) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  const corners = polygon.length;
  for (let at = 0; at < across.length; at++) {
    const px = across[at];
    const py = up[at];
    if (!(px >= left && px <= right && py >= bottom && py <= top)) continue;
    let winding = 0;
    for (let corner = 0; corner < corners; corner++) {
      const [x0, y0] = polygon[corner];
      const [x1, y1] = polygon[corner + 1 === corners ? 0 : corner + 1];
      if (py < Math.min(y0, y1) || py > Math.max(y0, y1)) continue;
      const cross = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0);
      if (cross === 0 && px >= Math.min(x0, x1) && px <= Math.max(x0, x1)) {
        winding = 1;
        break;
      }
      if (y0 < y1) {
        if (py < y1 && cross > 0) winding++;
      } else if (y1 < y0) {
        if (py < y0 && cross < 0) winding--;
      }
    }
    if (winding !== 0) hit[at] = 1;
  }
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

class Chosen {
  constructor(count, initial) {
    this.flags = new Uint8Array(count);
    for (const at of initial) this.flags[at] = 1;
    this.operations = [];
    this.tally();
  }

  tally() {
    this.count = 0;
    for (const flag of this.flags) this.count += flag;
  }

  /** Do one thing: `hit` marks the points it names, `visible(at)` the points that may change. */
  apply(operation, hit, visible) {
    const flags = this.flags;
    if (operation.kind === "clear") flags.fill(0);
    else {
      for (let at = 0; at < flags.length; at++) {
        const seen = visible(at);
        if (operation.kind === "invert") flags[at] = seen ? 1 - flags[at] : flags[at];
        else if (operation.mode === "add") flags[at] |= seen ? hit[at] : 0;
        else if (operation.mode === "subtract") flags[at] &= seen && hit[at] ? 0 : 1;
        else flags[at] = seen ? hit[at] : 0;
      }
    }
    // What came before a replacement no longer matters, so the list that is sent stays short.
    if (operation.mode === "replace" || operation.mode === "clear") this.operations = [];
    this.operations = [...this.operations, operation];
    this.tally();
  }
}
