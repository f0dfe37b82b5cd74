// SPDX-License-Identifier: Apache-2.0
// From data to view coordinates (the plane that the viewer sees) and on to pixels.

const FILL = 0.9; // part of the shorter side that the points take at first

class Camera {
  constructor(frame) {
    this.space = frame.dimensions === 3;
    const { low, high } = frame;
    this.middle = low.map((value, at) => value / 2 + high[at] / 2);
    this.half = low.map((value, at) => high[at] / 2 - value / 2);
    const longest = Math.max(...this.half);
    this.radius = longest > 0 ? longest : 1;
    this.reach = this.space ? frame.reach / this.radius || 1 : 1;
    this.limits = this.space ? [0.2, 40] : [0.2, 5000];
    this.home();
  }

  /** Show everything again. */
  home() {
    this.zoom = 1;
    this.centre = this.space ? [0, 0] : [this.middle[0], this.middle[1]];
    this.turn([1, 0, 0, 0]);
    if (this.space) this.rotate(-0.6, 0.45);
    snapCamera(this);
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
    const upright = [Math.cos(about / 2), 0, Math.sin(about / 2), 0];
    const level = [Math.cos(over / 2), Math.sin(over / 2), 0, 0];
    const turned = product(product(level, upright), this.quaternion);
    const length = Math.hypot(...turned);
    this.turn(turned.map((part) => part / length));
  }

  /** Take a quaternion for the rotation; its matrix follows, row by row. */
  turn(quaternion) {
    this.quaternion = quaternion;
    const [w, x, y, z] = quaternion;
    const s = 2 / (w * w + x * x + y * y + z * z); // so that a quaternion of another length makes no other matrix
    this.rotation = [
      1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y),
      s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x),
      s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y),
    ]; // prettier-ignore
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

  /** View coordinates of a place in data coordinates. */
  project(place) {
    if (!this.space) return [place[0], place[1], 0];
    const m = this.view();
    return [0, 4, 8].map((row) => m[row] * place[0] + m[row + 1] * place[1] + m[row + 2] * place[2] + m[row + 3]);
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

  toStage(across, up, width, height) {
    const scale = this.scale(width, height);
    return [width / 2 + (across - this.centre[0]) * scale, height / 2 - (up - this.centre[1]) * scale];
  }
}

/** Product of two quaternions: first the right one turns, then the left one. */
function product([a, b, c, d], [e, f, g, h]) {
  return [
    a * e - b * f - c * g - d * h,
    a * f + b * e + c * h - d * g,
    a * g - b * h + c * e + d * f,
    a * h + b * g - c * f + d * e,
  ];
}
