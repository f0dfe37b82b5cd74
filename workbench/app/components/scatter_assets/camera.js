// SPDX-License-Identifier: Apache-2.0
// From data to view coordinates (the plane that the viewer sees) and on to pixels.

const FILL = 0.9; // part of the shorter side that the points take at first

class Camera {
  constructor(frame, points) {
    this.space = frame.dimensions === 3;
    const { low, high } = frame;
    this.middle = low.map((value, at) => value / 2 + high[at] / 2);
    this.half = low.map((value, at) => high[at] / 2 - value / 2);
    const longest = Math.max(...this.half);
    this.radius = longest > 0 ? longest : 1;
    this.reach = this.space ? farthest(points, this.middle) / this.radius || 1 : 1;
    this.limits = this.space ? [0.2, 40] : [0.2, 5000];
    this.home();
  }

  /** Show everything again. */
  home() {
    this.zoom = 1;
    this.centre = this.space ? [0, 0] : [this.middle[0], this.middle[1]];
    if (this.space) {
      this.rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];
      this.rotate(-0.6, 0.45);
    }
  }

  /** Pixels per view unit for a stage of this size. */
  scale(width, height) {
    if (this.space) return ((FILL * Math.min(width, height)) / 2 / this.reach) * this.zoom;
    const halfWidth = this.half[0] || (this.half[1] ? 0 : this.radius);
    const halfHeight = this.half[1] || (this.half[0] ? 0 : this.radius);
    const across = halfWidth ? width / halfWidth : Infinity;
    const down = halfHeight ? height / halfHeight : Infinity;
    return ((FILL * Math.min(across, down)) / 2) * this.zoom;
  }

  /** Turn the view: angles in radians about the upright and the level axis of the screen. */
  rotate(about, over) {
    const [c, s, d, t] = [Math.cos(about), Math.sin(about), Math.cos(over), Math.sin(over)];
    const turn = [c, 0, s, t * s, d, -t * c, -d * s, t, d * c];
    const old = this.rotation;
    const made = new Array(9);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        made[row * 3 + column] =
          turn[row * 3] * old[column] + turn[row * 3 + 1] * old[3 + column] + turn[row * 3 + 2] * old[6 + column];
      }
    }
    this.rotation = orthonormal(made);
  }

  /** The 3 x 4 matrix from data to view coordinates, row by row. */
  view() {
    const matrix = [];
    for (let row = 0; row < 3; row++) {
      const part = [0, 1, 2].map((column) => this.rotation[row * 3 + column] / this.radius);
      const offset = part[0] * this.middle[0] + part[1] * this.middle[1] + part[2] * this.middle[2];
      matrix.push(...part, -offset);
    }
    return matrix;
  }

  /** Zoom by a factor and keep the view coordinates under a pixel where they are. */
  zoomAt(factor, x, y, width, height) {
    const before = this.scale(width, height);
    this.zoom = Math.min(this.limits[1], Math.max(this.limits[0], this.zoom * factor));
    const after = this.scale(width, height);
    const gain = 1 / before - 1 / after;
    this.centre[0] += (x - width / 2) * gain;
    this.centre[1] -= (y - height / 2) * gain;
  }

  pan(x, y, width, height) {
    const scale = this.scale(width, height);
    this.centre[0] -= x / scale;
    this.centre[1] += y / scale;
  }

  toView(x, y, width, height) {
    const scale = this.scale(width, height);
    return [(x - width / 2) / scale + this.centre[0], (height / 2 - y) / scale + this.centre[1]];
  }
}

/** Distance of the farthest point from the middle: what a turning cloud needs room for. */
function farthest(points, [x, y, z]) {
  let most = 0;
  for (let at = 0; at < points.x.length; at++) {
    most = Math.max(most, (points.x[at] - x) ** 2 + (points.y[at] - y) ** 2 + (points.z[at] - z) ** 2);
  }
  return Math.sqrt(most);
}

/** Take the rounding out of a product of rotations (Gram and Schmidt). */
function orthonormal(matrix) {
  const unit = (v) => {
    const length = Math.hypot(...v);
    return v.map((value) => value / length);
  };
  const first = unit(matrix.slice(0, 3));
  const along = first.reduce((sum, value, at) => sum + value * matrix[3 + at], 0);
  const second = unit([0, 1, 2].map((at) => matrix[3 + at] - along * first[at]));
  const third = [
    first[1] * second[2] - first[2] * second[1],
    first[2] * second[0] - first[0] * second[2],
    first[0] * second[1] - first[1] * second[0],
  ];
  return [...first, ...second, ...third];
}

/** View coordinates of every point: across, up and, in space, depth (towards the viewer is larger). */
function projectPoints(points, camera) {
  if (!camera.space) return { across: points.x, up: points.y, depth: null };
  const count = points.x.length;
  const matrix = camera.view();
  const made = [0, 1, 2].map(() => new Float64Array(count));
  for (let row = 0; row < 3; row++) {
    const [a, b, c, d] = matrix.slice(row * 4, row * 4 + 4);
    const out = made[row];
    // The server computes this same sum in the same order, so both agree to the last bit.
    for (let at = 0; at < count; at++) out[at] = a * points.x[at] + b * points.y[at] + c * points.z[at] + d;
  }
  return { across: made[0], up: made[1], depth: made[2] };
}
