// SPDX-License-Identifier: Apache-2.0
// In space the farthest points are drawn first.

class DepthOrder {
  /** Sort the rows that are drawn by depth; tells whether there was anything to do. */
  sort(points, scene) {
    const amount = Math.ceil(points.total * scene.part);
    const name = `${scene.camera.view()} ${amount} ${scene.stateTurn}`;
    if (this.name === name && this.points === points) return false;
    if (this.points !== points || !this.place || this.place.rows.length < amount) {
      const [across, up, depth] = [0, 1, 2].map(() => new Float32Array(amount));
      this.place = { across, up, depth, rows: new Uint32Array(amount) };
    }
    const { place } = this;
    let filled = 0;
    const take = (count, rows, across, up, depth) => {
      place.rows.set(rows.subarray(0, count), filled);
      place.across.set(across.subarray(0, count), filled);
      place.up.set(up.subarray(0, count), filled);
      place.depth.set(depth.subarray(0, count), filled);
      filled += count;
    };
    points.walk(scene.camera, 0, take, { amount, stride: points.stride });
    [this.name, this.points] = [name, points];
    this.order = sortByDepth(place.depth.subarray(0, filled));
    return true;
  }

  /** Row positions, the farthest first. */
  get rows() {
    return this.order.map((at) => this.place.rows[at]);
  }
}

/** Positions from the farthest to the nearest, by counting over 2,048 depths. */
function sortByDepth(depth) {
  const bins = 2048;
  const starts = new Uint32Array(bins + 1);
  const bin = new Uint16Array(depth.length);
  for (let at = 0; at < depth.length; at++) {
    bin[at] = Math.min(bins - 1, Math.max(0, ((depth[at] + 2) / 4) * bins));
    starts[bin[at] + 1] += 1;
  }
  for (let at = 0; at < bins; at++) starts[at + 1] += starts[at];
  const order = new Uint32Array(depth.length);
  for (let at = 0; at < depth.length; at++) order[starts[bin[at]]++] = at;
  return order;
}
