// SPDX-License-Identifier: Apache-2.0
// The stage: its elements, its colours, and what is drawn on it.

class Stage {
  constructor(root) {
    this.root = root;
    this.raster = new Raster();
    this.cleanups = [];
    this.pointers = new Map();
    this.frames = 0;
    this.build();
  }

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

  /** One pixel a code (values: 256 steps, then "missing"), in full and faded to the ground. */
  readColours() {
    const { colour } = this.header;
    let shades = [readColour(this.dark ? "#33BBEE" : "#0072B2", "#888")];
    if (colour.kind === "category") shades = colour.categories.map((category) => readColour(category.colour, "#888"));
    else if (colour.kind === "value") {
      shades = [...rampTable(colour.ramp[this.dark ? "dark" : "light"]), readColour(colour.neutral, "#888")];
    }
    this.table = Uint32Array.from(shades, packColour);
    this.faded = Uint32Array.from(shades, (shade) => packColour(mixColours(shade, this.ground, 0.72)));
  }

  fillLegend() {
    const { colour } = this.header;
    const scrolled = this.legend.querySelector(".wb-categories")?.scrollTop ?? 0;
    this.legend.replaceChildren();
    this.legend.hidden = colour.kind === "none";
    if (this.legend.hidden) return;
    const title = colour.label || "colour";
    this.legend.setAttribute("aria-label", `Legend: ${title}`);
    const heading = make("div", "wb-title", title);
    if (colour.distinct > 10) heading.append(make("span", "wb-amount", ` ${colour.distinct.toLocaleString("en")} categories`));
    this.legend.append(heading);
    if (colour.kind === "value") fillColourBar(this.legend, colour, this.dark);
    else {
      const toggle = (code) => this.toggleCategory(code);
      const choose = (code, mode) => this.perform({ kind: "category", mode, index: code });
      fillCategories(this.legend, colour, this.kept.hidden, toggle, choose);
      this.legend.querySelector(".wb-categories").scrollTop = scrolled;
    }
  }

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
    // The rest fades by its colour, not only by its opacity: else a crowd would add up to full strength again.
    if (some) this.drawLayer(0, this.opacity * 0.6, this.faded);
    this.drawLayer(some ? 1 : -1, some ? Math.max(this.opacity, 0.85) : this.opacity, this.table);
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
  drawLayer(wanted, opacity, table) {
    const { raster, screenX, screenY, order, codes, blocks, kept } = this;
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
      if (values) colour = values[at] === 65535 ? table[256] : table[values[at] >> 8];
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
