// SPDX-License-Identifier: Apache-2.0
// The point map: one instance for each mounted component, called again by Streamlit at every rerun.

const instances = new WeakMap(); // the mount's root -> its instance
const REACH = 10; // pixels from the pointer within which a point is hit
const STEP = 40; // pixels an arrow key pans
// Camera and selection by key: they outlive a remount (a page left and entered again), as they do on the server.
const memory = (globalThis.workbenchScatterMemory ??= new Map());

/** Read the payload of encoding.py. */
function unpack(bytes) {
  const whole = bytes.byteOffset % 8 ? bytes.slice() : bytes;
  const at = whole.byteOffset;
  const size = new DataView(whole.buffer, at, 8).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(whole.subarray(8, 8 + size)));
  const types = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array, utf8: Uint8Array };
  const blocks = {};
  for (const [name, type, offset, count] of header.blocks) {
    blocks[name] = new types[type](whole.buffer, at + 8 + size + offset, count);
  }
  if (header.frame.dimensions === 3) {
    const { low, step } = header.frame;
    ["x", "y", "z"].forEach((name, axis) => {
      blocks[name] = Float64Array.from(blocks[name], (value) => low[axis] + value * step);
    });
  }
  return { header, blocks };
}

class PointMap {
  constructor(root) {
    this.root = root;
    this.raster = new Raster();
    this.cleanups = [];
    this.pointers = new Map();
    this.frames = 0;
    this.build();
  }

  // ------------------------------------------------------------------ elements

  build() {
    const { root } = this;
    root.replaceChildren();
    const tool = (name, label) => makeButton(name, label, () => this.setTool(name));
    this.tools = [tool("hand", ""), tool("lasso", "Lasso (L)"), tool("rectangle", "Rectangle (R)")];
    const bar = make("div", "wb-toolbar");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Point map tools");
    const group = (...buttons) => {
      const holder = make("div", "wb-tools");
      holder.append(...buttons);
      return holder;
    };
    this.status = make("div", "wb-status");
    this.status.setAttribute("role", "status");
    this.inverter = makeButton("invert", "Invert the selection (I)", () => this.invert());
    this.clearer = makeButton("clear", "Clear the selection (Esc)", () => this.clear());
    bar.append(
      group(...this.tools),
      group(
        makeButton("closer", "Zoom in (+)", () => this.zoomBy(1.4)),
        makeButton("farther", "Zoom out (-)", () => this.zoomBy(1 / 1.4)),
        makeButton("home", "Show everything (0)", () => this.goHome()),
      ),
      group(this.inverter, this.clearer),
      this.status,
    );
    this.stage = make("div", "wb-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.canvas = make("canvas", "wb-canvas");
    this.overlay = make("canvas", "wb-canvas");
    this.card = make("div", "wb-card");
    this.card.hidden = true;
    this.hint = make("div", "wb-hint");
    this.empty = make("div", "wb-empty", "No points to show.");
    this.stage.append(this.canvas, this.overlay, this.hint, this.empty, this.card);
    this.legend = make("div", "wb-legend");
    this.legend.setAttribute("role", "group");
    const body = make("div", "wb-body");
    body.append(this.stage, this.legend);
    root.append(bar, body);
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.pen = this.overlay.getContext("2d");
    this.listen();
  }

  on(target, type, act, options) {
    target.addEventListener(type, act, options);
    this.cleanups.push(() => target.removeEventListener(type, act, options));
  }

  listen() {
    const { stage } = this;
    this.on(stage, "pointerdown", (event) => this.press(event));
    this.on(stage, "pointermove", (event) => this.move(event));
    this.on(stage, "pointerup", (event) => this.release(event));
    this.on(stage, "pointercancel", (event) => this.release(event, true));
    this.on(stage, "pointerleave", () => this.hover(-1));
    this.on(stage, "wheel", (event) => this.wheel(event), { passive: false });
    this.on(stage, "contextmenu", (event) => event.preventDefault());
    this.on(stage, "keydown", (event) => this.key(event));
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(stage);
    this.cleanups.push(() => observer.disconnect());
    const watchDensity = () => {
      const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      const act = () => {
        this.resize();
        this.unwatch();
        watchDensity();
      };
      query.addEventListener("change", act);
      this.unwatch = () => query.removeEventListener("change", act);
    };
    watchDensity();
    this.cleanups.push(() => this.unwatch());
  }

  destroy() {
    cancelAnimationFrame(this.waiting);
    for (const cleanup of this.cleanups) cleanup();
    this.cleanups = [];
    this.root.replaceChildren();
  }

  // ------------------------------------------------------------------ what Streamlit gives

  update(bytes, report) {
    this.report = report;
    const { header, blocks } = unpack(bytes);
    const lead = JSON.stringify(header);
    const before = this.header;
    const same = before && this.lead === lead && sameBlocks(this.blocks, blocks);
    this.readTheme();
    if (!same) {
      this.header = header;
      this.lead = lead;
      this.blocks = blocks;
      this.labels = null;
      this.dark = luminance(this.ground) < 0.2;
      this.recall();
      this.prepare();
      this.root.style.height = `${header.height}px`;
      this.hover(-1);
    }
    if (!same || this.themeChanged) {
      this.dark = luminance(this.ground) < 0.2;
      this.fillLegend();
      this.readColours();
      this.setTool(this.kept.tool);
      this.projected = null;
      this.resize();
      this.tell();
    }
  }

  /** Take up camera and selection of this key, or begin them. */
  recall() {
    const { header, blocks } = this;
    let kept = memory.get(header.key);
    if (!kept || kept.cloud !== header.cloud) {
      kept = { cloud: header.cloud, camera: new Camera(header.frame), tool: kept?.tool ?? "hand", hidden: new Set() };
      memory.set(header.key, kept);
    }
    if (kept.base !== header.base) {
      kept.base = header.base;
      kept.chosen = new Chosen(header.count, blocks.selected ?? []);
    }
    const names = JSON.stringify(header.colour.categories?.map((category) => category.name) ?? null);
    if (kept.names !== names) {
      kept.names = names;
      kept.hidden = new Set();
    }
    this.kept = kept;
  }

  /** What follows from the points alone: default sizes, and the marks' codes. */
  prepare() {
    const { header } = this;
    const count = header.count;
    this.radius = (header.size ?? Math.min(8, Math.max(3, 15 - 2.6 * Math.log10(Math.max(1, count))))) / 2;
    this.opacity = header.opacity ?? Math.min(0.9, Math.max(0.45, 1.35 - 0.19 * Math.log10(Math.max(1, count))));
    this.codes = header.colour.kind === "category" ? this.blocks.colour : null;
    this.empty.hidden = count > 0;
  }

  readTheme() {
    const style = getComputedStyle(this.root);
    const value = (name) => style.getPropertyValue(name).trim();
    const names = ["background-color", "text-color", "primary-color", "secondary-background-color", "border-color", "font"];
    const theme = names.map((name) => value(`--st-${name}`));
    this.themeChanged = String(theme) !== String(this.theme);
    this.theme = theme;
    this.ground = readColour(theme[0], "#ffffff");
    this.ink = readColour(theme[1], "#31333f");
    this.accent = theme[2] || "#0072b2";
    this.font = theme[5] || "sans-serif";
  }

  readColours() {
    const { colour } = this.header;
    if (colour.kind === "category") {
      this.table = Uint32Array.from(colour.categories, (category) => packColour(readColour(category.colour, "#888")));
    } else if (colour.kind === "value") {
      this.table = rampTable(colour.ramp[this.dark ? "dark" : "light"]);
      this.neutral = packColour(readColour(colour.neutral, "#888"));
    } else this.table = Uint32Array.of(packColour(readColour(this.dark ? "#33BBEE" : "#0072B2", "#888")));
  }

  fillLegend() {
    const { colour } = this.header;
    const scrolled = this.legend.querySelector(".wb-categories")?.scrollTop ?? 0;
    this.legend.replaceChildren();
    this.legend.hidden = colour.kind === "none";
    if (this.legend.hidden) return;
    const title = colour.label || "colour";
    this.legend.setAttribute("aria-label", `Legend: ${title}`);
    this.legend.append(make("div", "wb-title", title));
    if (colour.kind === "value") fillColourBar(this.legend, colour, this.dark);
    else {
      const toggle = (code) => this.toggleCategory(code);
      const choose = (code, mode) => this.perform({ kind: "category", mode, index: code });
      fillCategories(this.legend, colour, this.kept.hidden, toggle, choose);
      this.legend.querySelector(".wb-categories").scrollTop = scrolled;
    }
  }

  // ------------------------------------------------------------------ drawing

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height || !this.header) return;
    const density = devicePixelRatio || 1;
    const [across, down] = [Math.round(width * density), Math.round(height * density)];
    if (this.raster.width !== across || this.raster.height !== down) {
      this.raster.resize(across, down);
      for (const canvas of [this.canvas, this.overlay]) [canvas.width, canvas.height] = [across, down];
    }
    [this.width, this.height, this.density] = [width, height, density];
    // At once, not in the next frame: a resized canvas is blank, and that would flicker.
    this.draw();
  }

  redraw(turned = false) {
    if (turned) this.projected = null;
    this.waiting ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.waiting);
    this.waiting = null;
    if (!this.width) return;
    this.projected ??= projectPoints(this.blocks, this.kept.camera);
    this.place();
    this.raster.clear(packColour(this.ground));
    const some = this.kept.chosen.count > 0;
    if (some) this.drawLayer(0, this.opacity * 0.16);
    this.drawLayer(some ? 1 : -1, some ? Math.max(this.opacity, 0.85) : this.opacity);
    this.raster.show(this.context);
    this.drawOverlay();
    this.frames += 1;
    this.stage.dataset.frames = this.frames;
    if (this.frames === 1) {
      performance.mark("workbench-scatter-drawn");
      this.stage.dataset.drawn = Math.round(performance.now() - this.began);
    }
  }

  /** Device pixels of every point, and the order in which they are drawn: in space the farthest first. */
  place() {
    const { across, up, depth } = this.projected;
    const { camera } = this.kept;
    const count = across.length;
    const scale = camera.scale(this.width, this.height) * this.density;
    const [middleX, middleY] = [(this.width * this.density) / 2, (this.height * this.density) / 2];
    const [centreX, centreY] = camera.centre;
    if (this.screenX?.length !== count) [this.screenX, this.screenY] = [new Float64Array(count), new Float64Array(count)];
    for (let at = 0; at < count; at++) {
      this.screenX[at] = middleX + (across[at] - centreX) * scale;
      this.screenY[at] = middleY - (up[at] - centreY) * scale;
    }
    if (depth) this.order = this.projected.order ??= sortByDepth(depth);
    else this.order = null;
  }

  /** Draw the points whose flag is `wanted` (-1: all). */
  drawLayer(wanted, opacity) {
    const { raster, screenX, screenY, order, codes, table, blocks, kept } = this;
    const flags = kept.chosen.flags;
    const { sizes } = blocks;
    const depth = this.projected.depth;
    const values = this.header.colour.kind === "value" ? blocks.colour : null;
    const shapes = codes ? this.header.colour.categories.map((category) => category.shape) : null;
    const hidden = codes ? shapes.map((_, code) => kept.hidden.has(code)) : null;
    // Marks grow a little with the zoom, so that a close look is not one at dust.
    const radius = this.radius * this.density * Math.min(2.2, Math.max(0.8, kept.camera.zoom ** 0.25));
    const strength = Math.round(256 * opacity);
    const plain = raster.stamp("circle", radius);
    const stamps = shapes?.map((shape) => raster.stamp(shape, radius));
    for (let index = 0; index < screenX.length; index++) {
      const at = order ? order[index] : index;
      if (wanted >= 0 && flags[at] !== wanted) continue;
      const code = codes ? codes[at] : 0;
      if (hidden?.[code]) continue;
      let colour = table[code];
      if (values) colour = values[at] === 65535 ? this.neutral : table[values[at] >> 8];
      let stamp = stamps ? stamps[code] : plain;
      let power = strength;
      if (sizes || depth) {
        const near = depth ? Math.min(1, Math.max(-1, depth[at] / 1.4)) : 0;
        const size = radius * (sizes ? 0.6 + (1.4 * sizes[at]) / 255 : 1) * (1 + 0.25 * near);
        stamp = raster.stamp(shapes ? shapes[code] : "circle", size);
        power = Math.round(strength * (1 + 0.25 * Math.min(0, near)));
      }
      raster.draw(stamp, screenX[at], screenY[at], colour, power);
    }
  }

  drawOverlay() {
    const { pen, density } = this;
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    if (this.outline?.length > 1) {
      pen.beginPath();
      this.outline.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.closePath();
      pen.globalAlpha = 0.12;
      pen.fillStyle = this.accent;
      pen.fill();
      pen.globalAlpha = 1;
      pen.lineWidth = 1.5;
      pen.strokeStyle = this.accent;
      pen.stroke();
    }
    const ink = `rgb(${this.ink})`;
    if (this.hovered >= 0) {
      const [x, y] = [this.screenX[this.hovered] / density, this.screenY[this.hovered] / density];
      pen.lineWidth = 2;
      pen.strokeStyle = ink;
      pen.beginPath();
      pen.arc(x, y, this.radius + 4, 0, 2 * Math.PI);
      pen.stroke();
    }
    if (this.kept.camera.space && this.header.count) this.drawAxes(ink);
  }

  drawAxes(ink) {
    const { pen } = this;
    const [x0, y0, length] = [44, this.height - 44, 24];
    const turned = this.kept.camera.rotation;
    const axes = [0, 1, 2].map((axis) => ({ name: "xyz"[axis], x: turned[axis], y: turned[3 + axis], z: turned[6 + axis] }));
    pen.font = `600 11px ${this.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const axis of axes.sort((one, other) => one.z - other.z)) {
      pen.globalAlpha = 0.6 + 0.4 * Math.max(0, axis.z);
      pen.strokeStyle = pen.fillStyle = ink;
      pen.lineWidth = 1.75;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.lineTo(x0 + axis.x * length, y0 - axis.y * length);
      pen.stroke();
      const beyond = length + 9;
      pen.fillText(axis.name, x0 + axis.x * beyond, y0 - axis.y * beyond);
    }
    pen.globalAlpha = 1;
  }

  // ------------------------------------------------------------------ pointer

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  press(event) {
    if (event.button > 2 || !this.header.count) return;
    this.stage.focus({ preventScroll: true });
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    const [x, y] = this.at(event);
    this.pointers.set(event.pointerId, [x, y]);
    this.hover(-1);
    if (this.pointers.size > 1) {
      this.outline = null; // a second finger means zoom
      this.action = { kind: "pinch" };
      this.redraw();
      return;
    }
    const mode = event.altKey ? "subtract" : event.shiftKey ? "add" : "replace";
    const tool = event.button === 0 ? this.kept.tool : "hand";
    const turn = this.kept.camera.space && tool === "hand" && !event.shiftKey && event.button === 0;
    this.action = { kind: tool, turn, mode, start: [x, y], moved: false };
    if (tool !== "hand") this.outline = [[x, y]];
  }

  move(event) {
    const [x, y] = this.at(event);
    if (!this.action) {
      if (event.pointerType !== "touch") this.hover(this.nearest(x, y));
      return;
    }
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (this.action.kind === "pinch") {
      this.pinch(event.pointerId, before, [x, y]);
      return;
    }
    this.pointers.set(event.pointerId, [x, y]);
    const [startX, startY] = this.action.start;
    if (!this.action.moved && Math.hypot(x - startX, y - startY) < 4) {
      this.pointers.set(event.pointerId, before);
      return;
    }
    this.action.moved = true;
    const { camera } = this.kept;
    if (this.action.kind === "rectangle") this.outline = [[startX, startY], [x, startY], [x, y], [startX, y]];
    else if (this.action.kind === "lasso") {
      const last = this.outline[this.outline.length - 1];
      if (Math.hypot(x - last[0], y - last[1]) >= 2) this.outline.push([x, y]);
    } else if (this.action.turn) camera.rotate((x - before[0]) * 0.008, (y - before[1]) * 0.008);
    else camera.pan(x - before[0], y - before[1], this.width, this.height);
    if (this.action.kind === "hand") this.redraw(this.action.turn);
    else this.drawOverlay();
  }

  pinch(identity, before, now) {
    const other = [...this.pointers.entries()].find(([name]) => name !== identity)?.[1];
    this.pointers.set(identity, now);
    if (!other) return;
    const span = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1;
    const [x, y] = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
    const { camera } = this.kept;
    camera.zoomAt(span(now) / span(before), x, y, this.width, this.height);
    camera.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2, this.width, this.height);
    this.redraw();
  }

  release(event, cancelled = false) {
    if (!this.pointers.delete(event.pointerId) || !this.action) return;
    const { action, outline } = this;
    if (action.kind === "pinch") {
      if (!this.pointers.size) this.action = null;
      return;
    }
    this.action = null;
    this.outline = null;
    if (cancelled || event.button > 0) this.drawOverlay();
    else if (!action.moved) {
      this.drawOverlay();
      const at = this.nearest(...this.at(event));
      if (at >= 0) this.perform({ kind: "point", mode: action.mode, index: at });
    } else if (outline) {
      const thinned = action.kind === "lasso" ? simplify(outline, 0.5) : outline;
      const polygon = thinned.map(([x, y]) => this.kept.camera.toView(x, y, this.width, this.height));
      this.perform({ kind: "polygon", mode: action.mode, polygon });
    }
  }

  wheel(event) {
    if (!this.header.count) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const amount = Math.max(-120, Math.min(120, event.deltaY * lines));
    this.kept.camera.zoomAt(Math.exp(-amount * (event.ctrlKey ? 0.01 : 0.0025)), ...this.at(event), this.width, this.height);
    this.hover(-1);
    this.redraw();
  }

  /** The visible point nearest to a place, within reach; of equally near ones that drawn last. */
  nearest(x, y) {
    const { density, screenX, screenY, order, codes, kept } = this;
    if (!screenX) return -1;
    const [px, py] = [x * density, y * density];
    let best = (REACH * density) ** 2;
    let found = -1;
    for (let index = 0; index < screenX.length; index++) {
      const at = order ? order[index] : index;
      const away = (screenX[at] - px) ** 2 + (screenY[at] - py) ** 2;
      if (away <= best && !(codes && kept.hidden.has(codes[at]))) [best, found] = [away, at];
    }
    return found;
  }

  hover(at) {
    if (at === this.hovered) return;
    this.hovered = at;
    this.card.hidden = at < 0;
    if (at >= 0) {
      this.fillCard(at);
      placeCard(this.card, this.screenX[at] / this.density, this.screenY[at] / this.density, this.width, this.height);
    }
    if (this.width) this.drawOverlay();
  }

  fillCard(at) {
    const { header, blocks, card } = this;
    card.replaceChildren();
    if (blocks.labels) {
      this.labels ??= JSON.parse(new TextDecoder().decode(blocks.labels));
      card.append(make("div", "wb-label", this.labels[at]));
    }
    const { colour } = header;
    let value = null;
    if (colour.kind === "category") value = colour.categories[blocks.colour[at]].name;
    else if (colour.kind === "value") {
      const part = blocks.colour[at] / 65534;
      const span = colour.high - colour.low;
      value = blocks.colour[at] === 65535 ? "missing" : formatNumber(colour.low + part * span, span / 100);
    }
    if (value !== null) card.append(make("div", "wb-value", colour.label ? `${colour.label}: ${value}` : value));
    card.hidden = !card.childElementCount;
  }

  // ------------------------------------------------------------------ keys and buttons

  key(event) {
    if (event.ctrlKey || event.metaKey || (event.altKey && event.key !== "Escape")) return;
    const arrows = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const acts = {
      "+": () => this.zoomBy(1.25),
      "=": () => this.zoomBy(1.25),
      "-": () => this.zoomBy(0.8),
      0: () => this.goHome(),
      l: () => this.setTool("lasso"),
      r: () => this.setTool("rectangle"),
      h: () => this.setTool("hand"),
      i: () => this.invert(),
      Escape: () => this.clear(),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (arrows[event.key]) this.step(...arrows[event.key], event.shiftKey);
    else if (act) act();
    else return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own: R would run the page again
  }

  step(x, y, turn) {
    const { camera } = this.kept;
    if (turn && camera.space) camera.rotate(-x * 0.15, -y * 0.15);
    else camera.pan(x * STEP, y * STEP, this.width, this.height);
    this.hover(-1);
    this.redraw(turn);
  }

  zoomBy(factor) {
    this.kept.camera.zoomAt(factor, this.width / 2, this.height / 2, this.width, this.height);
    this.hover(-1);
    this.redraw();
  }

  goHome() {
    this.kept.camera.home();
    this.hover(-1);
    this.redraw(true);
  }

  setTool(name) {
    this.kept.tool = name;
    const hand = this.kept.camera.space ? "Rotate (H); Shift+drag pans" : "Pan (H)";
    this.tools[0].title = hand;
    this.tools[0].setAttribute("aria-label", hand);
    for (const button of this.tools) button.setAttribute("aria-pressed", String(button.dataset.action === name));
    this.stage.dataset.tool = name;
    this.hint.textContent = name === "hand" ? "" : "Shift adds, Alt takes away, Esc clears";
    this.hint.hidden = name === "hand";
  }

  toggleCategory(code) {
    const { hidden } = this.kept;
    if (!hidden.delete(code)) hidden.add(code);
    this.hover(-1);
    this.redraw();
    return !hidden.has(code);
  }

  // ------------------------------------------------------------------ selection

  invert() {
    if (this.header.count) this.perform({ kind: "invert", mode: "invert" });
  }

  /** Give up an outline that is being drawn, or else clear the selection. */
  clear() {
    if (this.outline) {
      [this.outline, this.action] = [null, null];
      this.drawOverlay();
    } else if (this.kept.chosen.count) this.perform({ kind: "clear", mode: "clear" });
  }

  /** Apply an operation here, for drawing, and report all since the last replacement. */
  perform(told) {
    const { kept, codes } = this;
    const operation = { id: Math.random().toString(36).slice(2), ...told };
    if (kept.hidden.size) operation.hidden = [...kept.hidden];
    const hit = new Uint8Array(this.header.count);
    if (told.kind === "point") hit[told.index] = 1;
    else if (told.kind === "category") codes.forEach((code, at) => (hit[at] = code === told.index ? 1 : 0));
    else if (told.kind === "polygon") {
      if (kept.camera.space) operation.view = kept.camera.view();
      markInside(this.projected.across, this.projected.up, told.polygon, hit);
    }
    kept.chosen.apply(operation, hit, (at) => !codes || !kept.hidden.has(codes[at]));
    this.draw();
    this.tell();
    this.report({ cloud: kept.cloud, base: kept.base, list: kept.chosen.operations });
  }

  tell() {
    const { header, kept } = this;
    const count = (number) => number.toLocaleString("en");
    const chosen = kept.chosen.count;
    const parts = [`${count(header.count)} ${header.count === 1 ? "point" : "points"}`];
    if (chosen) parts.push(`${count(chosen)} selected`);
    if (header.dropped) parts.push(`${count(header.dropped)} without coordinates`);
    this.status.textContent = parts.join(" · ");
    const colour = header.colour.kind === "none" ? "" : `, coloured by ${header.colour.label || "value"}`;
    const dropped = header.dropped ? ` ${count(header.dropped)} left out, their coordinates are missing.` : "";
    const space = kept.camera.space ? " in space; Shift and arrow keys rotate" : "";
    const keys = "Arrow keys pan, plus and minus zoom, L lasso, R rectangle, H hand, I invert, Escape clear.";
    const summary = `Point map: ${parts[0]}${space}${colour}; ${chosen ? count(chosen) : "none"} selected.`;
    this.stage.setAttribute("aria-label", `${summary}${dropped} ${keys}`);
    this.stage.dataset.selected = chosen;
    this.clearer.disabled = !chosen;
    this.inverter.disabled = !header.count;
  }
}

function sameBlocks(one, other) {
  return Object.keys(other).every((name) => {
    const [before, now] = [one[name], other[name]];
    if (before?.length !== now.length) return false;
    for (let at = 0; at < now.length; at++) if (before[at] !== now[at]) return false;
    return true;
  });
}

/** Rows from the farthest to the nearest, by counting over 2,048 depths. */
function sortByDepth(depth) {
  const bins = 2048;
  const starts = new Uint32Array(bins + 1);
  const bin = Uint16Array.from(depth, (value) => Math.min(bins - 1, Math.max(0, ((value + 2) / 4) * bins)));
  for (const at of bin) starts[at + 1] += 1;
  for (let at = 0; at < bins; at++) starts[at + 1] += starts[at];
  const order = new Uint32Array(depth.length);
  bin.forEach((value, at) => (order[starts[value]++] = at));
  return order;
}

export default function mount({ parentElement, data, setStateValue }) {
  const began = performance.now();
  const root = parentElement.querySelector(".wb-root");
  let map = instances.get(root);
  if (!map) {
    map = new PointMap(root);
    map.began = began;
    instances.set(root, map);
  }
  map.update(data, (seen) => setStateValue("seen", seen));
  return () => {
    map.destroy();
    instances.delete(root);
  };
}
