// SPDX-License-Identifier: Apache-2.0
// A dense layer as motion: points and a grid between the spaces of its steps, drawn without asking the server.

const moving = new WeakMap(); // the mount's root -> its instance
// Slider and scale by key: they outlive a rerun of the page.
const places = (globalThis.workbenchMotionPlaces ??= new Map());
const STEP_SECONDS = 1.6;

/** Header and frames of what Python packed: length of the header, header as JSON padded to four bytes, float32. */
function unpackMotion(bytes) {
  const raw = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const length = new DataView(raw.buffer, raw.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
  return { header, frames: new Float32Array(raw.slice(4 + length).buffer) };
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Round numbers of the form 1, 2 or 5 times a power of ten between two ends. */
function roundTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const ticks = [];
  for (let at = Math.ceil(low / step); at * step <= high + 1e-9; at++) ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}

class Motion {
  constructor(root) {
    this.root = root;
    this.canvas = element("canvas", "lm-canvas");
    this.canvas.setAttribute("role", "img");
    this.slider = element("input", "lm-slider");
    Object.assign(this.slider, { type: "range", min: 0, step: 0.005 });
    this.slider.setAttribute("aria-label", "Where the points are between one space and the next");
    this.slider.addEventListener("input", () => {
      this.stop();
      this.go(Number(this.slider.value));
    });
    this.play = element("button", "lm-button", "Play");
    this.play.type = "button";
    this.play.addEventListener("click", () => (this.running ? this.stop() : this.start()));
    this.marks = element("div", "lm-marks");
    this.told = element("div", "lm-told");
    this.told.setAttribute("aria-live", "polite");
    const scale = element("label", "lm-check");
    this.fixed = element("input");
    this.fixed.type = "checkbox";
    this.fixed.addEventListener("change", () => {
      this.kept.fixed = this.fixed.checked;
      this.draw();
    });
    scale.append(this.fixed, document.createTextNode(" Keep one scale"));
    const bar = element("div", "lm-bar");
    bar.append(this.play, this.told, scale);
    root.replaceChildren(bar, this.canvas, this.slider, this.marks);
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(root);
  }

  update(bytes) {
    const { header, frames } = unpackMotion(bytes);
    Object.assign(this, { header, frames });
    this.kept = places.get(header.key) ?? { at: 0, fixed: false };
    places.set(header.key, this.kept);
    this.fixed.checked = this.kept.fixed;
    this.last = header.stages.length - 1;
    this.slider.max = this.last;
    this.marks.replaceChildren(
      ...header.stages.map((name, at) => {
        const mark = element("button", "lm-mark", name);
        mark.type = "button";
        mark.addEventListener("click", () => this.travel(at));
        return mark;
      }),
    );
    this.bounds = this.measure();
    this.go(Math.min(this.kept.at, this.last));
  }

  /** Centre and half width of each frame's points, and of all of them. */
  measure() {
    const { count, points, frames: total } = this.header;
    const used = total - (2 - (this.last - 1));
    const found = [];
    const all = [Infinity, Infinity, -Infinity, -Infinity];
    for (let frame = 0; frame < used; frame++) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let at = 0; at < points; at++) {
        for (const axis of [0, 1]) {
          const value = this.frames[(frame * count + at) * 2 + axis];
          box[axis] = Math.min(box[axis], value);
          box[2 + axis] = Math.max(box[2 + axis], value);
        }
      }
      for (const axis of [0, 1]) {
        all[axis] = Math.min(all[axis], box[axis]);
        all[2 + axis] = Math.max(all[2 + axis], box[2 + axis]);
      }
      found.push(this.framed(box));
    }
    return { each: found, all: this.framed(all) };
  }

  framed([left, bottom, right, top]) {
    const half = Math.max(right - left, top - bottom, 1e-9) * 0.58;
    return { x: (left + right) / 2, y: (bottom + top) / 2, half };
  }

  /** The frame before a moment, and how far on to the next. */
  between(at) {
    const along = this.header.frames - 3; // last frame of the first step
    if (at <= 1) {
      const place = at * along;
      const frame = Math.min(Math.floor(place), along - 1);
      return [frame, place - frame];
    }
    const frame = Math.min(Math.floor(at), this.last - 1);
    return [along + frame - 1, at - frame];
  }

  go(at) {
    this.kept.at = at;
    this.slider.value = at;
    const stage = Math.min(Math.floor(at + 1e-9), this.last);
    const share = Math.round((at - stage) * 100);
    const { stages, verbs } = this.header;
    const words = share > 0 && stage < this.last ? `${verbs[stage]}, ${share} %` : stages[stage];
    this.told.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.canvas.setAttribute("aria-label", `${this.header.points} points and a grid: ${words}`);
    [...this.marks.children].forEach((mark, number) => {
      mark.setAttribute("aria-pressed", String(Math.abs(at - number) < 0.005));
    });
    this.draw();
  }

  start() {
    this.travel(this.last, this.kept.at >= this.last - 1e-6 ? 0 : this.kept.at);
  }

  /** Move on to a moment at an even pace. */
  travel(to, from = this.kept.at) {
    this.stop();
    const began = performance.now();
    const way = to - from;
    if (way === 0) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.go(to);
      return;
    }
    this.running = true;
    this.play.textContent = "Stop";
    const tick = (now) => {
      const gone = Math.min((now - began) / 1000 / STEP_SECONDS, Math.abs(way));
      this.go(from + Math.sign(way) * gone);
      if (gone < Math.abs(way)) this.waiting = requestAnimationFrame(tick);
      else this.stop();
    };
    this.waiting = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.waiting);
    this.running = false;
    this.play.textContent = "Play";
  }

  draw() {
    if (!this.frames) return;
    const width = Math.max(this.root.clientWidth, 200);
    const height = Math.round(Math.min(width * 0.75, 480));
    const ratio = globalThis.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const paint = this.canvas.getContext("2d");
    paint.scale(ratio, ratio);
    const style = getComputedStyle(this.root);
    const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    const ink = read("--st-text-color", "#31333f");
    const ground = read("--st-background-color", "#ffffff");
    const [frame, share] = this.between(this.kept.at);
    const view = this.kept.fixed ? this.bounds.all : this.view(frame, share);
    const pixels = Math.min(width, height) / (2 * view.half);
    const right = (x) => width / 2 + (x - view.x) * pixels;
    const down = (y) => height / 2 - (y - view.y) * pixels;
    paint.fillStyle = ground;
    paint.fillRect(0, 0, width, height);
    this.axes(paint, { width, height, view, pixels, right, down, ink });
    const { count, points, along, lines } = this.header;
    const place = (at) => {
      const one = (frame * count + at) * 2;
      const two = one + count * 2;
      const mix = (axis) => this.frames[one + axis] + (this.frames[two + axis] - this.frames[one + axis]) * share;
      return [right(mix(0)), down(mix(1))];
    };
    paint.lineWidth = 1;
    paint.strokeStyle = ink;
    paint.globalAlpha = 0.35;
    for (let line = 0; line < lines; line++) {
      paint.beginPath();
      for (let step = 0; step < along; step++) paint.lineTo(...place(points + line * along + step));
      paint.stroke();
    }
    paint.globalAlpha = 1;
    const dark = this.isDark(ground);
    const colours = dark ? this.header.colours_dark : this.header.colours;
    for (let at = 0; at < points; at++) {
      const [x, y] = place(at);
      paint.fillStyle = colours[at];
      paint.strokeStyle = ground;
      paint.lineWidth = 0.6;
      paint.beginPath();
      paint.arc(x, y, points > 500 ? 2.4 : 3.4, 0, 2 * Math.PI);
      paint.fill();
      paint.stroke();
    }
    this.canvas.dataset.at = this.kept.at.toFixed(3);
  }

  /** The scale at a moment: between those of the frames around it. */
  view(frame, share) {
    const one = this.bounds.each[frame];
    const two = this.bounds.each[Math.min(frame + 1, this.bounds.each.length - 1)];
    const mix = (name) => one[name] + (two[name] - one[name]) * share;
    return { x: mix("x"), y: mix("y"), half: one.half ** (1 - share) * two.half ** share };
  }

  axes(paint, { width, height, view, pixels, right, down, ink }) {
    paint.strokeStyle = paint.fillStyle = ink;
    paint.lineWidth = 1;
    paint.globalAlpha = 0.6;
    paint.font = "11px sans-serif";
    const wide = width / 2 / pixels;
    const high = height / 2 / pixels;
    paint.textAlign = "center";
    paint.textBaseline = "bottom";
    for (const tick of roundTicks(view.x - wide, view.x + wide, 8)) {
      paint.fillRect(right(tick), height - 5, 1, 5);
      if (right(tick) > 12 && right(tick) < width - 12) paint.fillText(String(tick), right(tick), height - 6);
    }
    paint.textAlign = "left";
    paint.textBaseline = "middle";
    for (const tick of roundTicks(view.y - high, view.y + high, 6)) {
      paint.fillRect(0, down(tick), 5, 1);
      if (down(tick) > 10 && down(tick) < height - 24) paint.fillText(String(tick), 8, down(tick));
    }
    paint.globalAlpha = 0.8;
    paint.beginPath();
    paint.moveTo(right(0), 0);
    paint.lineTo(right(0), height);
    paint.moveTo(0, down(0));
    paint.lineTo(width, down(0));
    paint.setLineDash([2, 4]);
    paint.stroke();
    paint.setLineDash([]);
    paint.globalAlpha = 1;
  }

  isDark(ground) {
    const scratch = document.createElement("canvas").getContext("2d");
    scratch.fillStyle = ground;
    scratch.fillRect(0, 0, 1, 1);
    const [red, green, blue] = scratch.getImageData(0, 0, 1, 1).data;
    return red + green + blue < 300;
  }

  destroy() {
    this.stop();
    this.watcher.disconnect();
    this.root.replaceChildren();
  }
}

export default function mount({ parentElement, data }) {
  const root = parentElement.querySelector(".lm-root");
  let one = moving.get(root);
  if (!one) {
    one = new Motion(root);
    moving.set(root, one);
  }
  one.update(data);
  return () => {
    one.destroy();
    moving.delete(root);
  };
}
