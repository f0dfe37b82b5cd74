// SPDX-License-Identifier: Apache-2.0
// Back end that sets pixels itself: no graphics card is needed, and it is faster than one that is only imitated.

class PixelRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.raster = new Raster();
    this.name = "pixels";
    this.cost = 0; // milliseconds of the last drawing of all points
  }

  resize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height && this.sized) return;
    this.sized = true;
    this.raster.resize(width, height);
    [this.canvas.width, this.canvas.height] = [width, height];
  }

  setPoints(points) {
    this.points = points;
  }

  setState(flags) {
    this.flags = flags;
  }

  setColours(palette) {
    this.palette = palette;
  }

  /** Draw; `scene.part` of the points, an even sample, when not all of them. */
  draw(scene) {
    const { raster, palette, points } = this;
    const began = performance.now();
    raster.clear(packColour(palette.ground));
    if (points) {
      if (points.space) (this.sorter ??= new DepthOrder()).sort(points, scene);
      // The rest fades by its colour, not only by its opacity: else a crowd would add up to full strength again.
      if (scene.some) this.layer(scene, 0, scene.opacity * 0.6, palette.faded);
      this.layer(scene, scene.some ? 1 : -1, scene.some ? scene.chosenOpacity : scene.opacity, palette.table);
    }
    raster.show(this.context);
    if (scene.part === 1) this.cost = performance.now() - began;
  }

  /** Draw the points whose flag is `wanted` (-1: all). */
  layer(scene, wanted, opacity, table) {
    const { raster, points, palette, flags } = this;
    const { camera, share, radius, part } = scene;
    const { colour, sizes } = points;
    const scale = camera.scale(scene.width, scene.height) * scene.density;
    const [startX, startY] = [(scene.width * scene.density) / 2, (scene.height * scene.density) / 2];
    const [centreX, centreY] = camera.centre;
    const { shapes, hidden, range, values } = palette;
    const strength = Math.round(256 * opacity);
    const plain = raster.stamp("circle", radius);
    const stamps = shapes?.map((shape) => raster.stamp(shape, radius));
    const one = (at, across, up, near) => {
      if (wanted >= 0 && flags[at] !== wanted) return;
      const code = colour ? colour[at] : 0;
      let packed;
      if (values) {
        if (range && !(code >= range[0] && code <= range[1])) return;
        packed = code === 65535 ? table[256] : table[code >> 8];
      } else {
        if (hidden[code]) return;
        packed = table[code];
      }
      let stamp = stamps ? stamps[code] : plain;
      let power = strength;
      if (sizes || near !== null) {
        const size = radius * (sizes ? 0.6 + (1.4 * sizes[at]) / 255 : 1) * (1 + 0.25 * (near ?? 0));
        stamp = raster.stamp(shapes ? shapes[code] : "circle", size);
        power = Math.round(strength * (1 + 0.25 * Math.min(0, near ?? 0)));
      }
      raster.draw(stamp, startX + (across - centreX) * scale, startY - (up - centreY) * scale, packed, power);
    };
    if (points.space) {
      const { order, place } = this.sorter;
      for (let index = 0; index < order.length; index++) {
        const at = order[index];
        const near = Math.min(1, Math.max(-1, place.depth[at] / 1.4));
        one(place.rows[at], place.across[at], place.up[at], near);
      }
      return;
    }
    const amount = Math.ceil(points.total * part);
    points.walk(
      camera,
      share,
      (count, rows, across, up) => {
        for (let at = 0; at < count; at++) one(rows[at], across[at], up[at], null);
      },
      { amount, stride: points.stride },
    );
  }

  destroy() {}
}
