// SPDX-License-Identifier: Apache-2.0
// The stage: its elements, its colours, and what is drawn on it.

const SMOOTH = 60; // milliseconds a frame may take before an even sample of the points is drawn during a movement
const REST = 150; // milliseconds after the last movement when all are drawn again

class Stage {
  constructor(root) {
    this.root = root;
    this.cleanups = [];
    this.pointers = new Map();
    this.frames = 0;
    this.hovered = -1;
    this.moving = false;
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
    this.status = make("div", "wb-status");
    this.status.setAttribute("role", "status");
    this.inverter = makeButton("invert", "Invert the selection (I)", () => this.invert());
    this.clearer = makeButton("clear", "Clear the selection (Esc)", () => this.clear());
    this.denser = makeButton("density", "Density of the points (D)", () => this.toggleDensity());
    this.helper = makeButton("keys", "Keys (?)", () => this.toggleHelp());
    bar.append(
      makeGroup(...this.tools),
      makeGroup(
        makeButton("closer", "Zoom in (+)", () => this.zoomBy(1.4)),
        makeButton("farther", "Zoom out (-)", () => this.zoomBy(1 / 1.4)),
        makeButton("home", "Show everything (0)", () => this.goHome()),
      ),
      makeGroup(this.inverter, this.clearer),
      makeGroup(this.denser, this.helper),
      this.status,
    );
    this.stage = make("div", "wb-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.canvas = make("canvas", "wb-canvas");
    this.clouds = make("canvas", "wb-canvas wb-density");
    this.clouds.hidden = true;
    this.names = make("div", "wb-labels");
    this.names.setAttribute("aria-hidden", "true"); // the legend says the same
    this.overlay = make("canvas", "wb-canvas");
    this.card = make("div", "wb-card");
    this.card.hidden = true;
    this.hint = make("div", "wb-hint");
    this.scaleLine = make("div", "wb-scale-line");
    this.scaleLine.hidden = true;
    this.empty = make("div", "wb-empty");
    this.said = make("div", "wb-said");
    this.said.setAttribute("aria-live", "polite");
    this.stage.append(this.canvas, this.clouds, this.names, this.overlay, this.hint, this.scaleLine, this.empty, this.card, this.said);
    this.legend = make("div", "wb-legend");
    this.legend.setAttribute("role", "group");
    this.help = makeHelp(() => this.toggleHelp());
    this.morph = makeMorph((share) => this.setShare(share));
    const body = make("div", "wb-body");
    body.append(this.stage, this.legend, this.help);
    root.append(bar, this.morph, body);
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
    this.dark = luminance(this.ground) < 0.2;
  }

  /** One pixel a code (values: 256 steps, then "missing"), in full and faded to the ground. */
  readColours() {
    const { colour } = this.header;
    let shades = [readColour(this.dark ? "#33BBEE" : "#0072B2", "#888")];
    if (colour.kind === "category") shades = colour.categories.map((category) => readColour(category.colour, "#888"));
    else if (colour.kind === "value") {
      shades = [...rampTable(colour.ramp[this.dark ? "dark" : "light"]), readColour(colour.neutral, "#888")];
    }
    this.palette = {
      ground: this.ground,
      table: Uint32Array.from(shades, packColour),
      faded: Uint32Array.from(shades, (shade) => packColour(mixColours(shade, this.ground, this.dark ? 0.6 : 0.72))),
      shapes: colour.categories?.map((category) => category.shape) ?? null,
      values: colour.kind === "value",
    };
    this.applyColours();
  }

  /** Hand over what is hidden, and the range of values that is shown. */
  applyColours() {
    const { kept, palette } = this;
    palette.hidden = (palette.shapes ?? [0]).map((_, code) => kept.hidden.has(code));
    palette.range = kept.range;
    this.renderer?.setColours(palette);
  }

  fillLegend() {
    const { legend, header, kept } = this;
    const { colour } = header;
    const scrolled = legend.querySelector(".wb-categories")?.scrollTop ?? 0;
    legend.replaceChildren();
    legend.range = null;
    legend.hidden = colour.kind === "none" && !header.sizes;
    if (legend.hidden) return;
    const title = colour.kind === "none" ? "size" : colour.label || "colour";
    legend.setAttribute("aria-label", `Legend: ${title}`);
    if (colour.kind !== "none") {
      const heading = make("div", "wb-title", title);
      if (colour.distinct > 10) heading.append(make("span", "wb-amount", ` ${colour.distinct.toLocaleString("en")} categories`));
      legend.append(heading);
    }
    if (colour.kind === "value") {
      fillColourBar(legend, colour, this.dark, kept.range, (range) => this.setRange(range));
    } else if (colour.kind === "category") {
      const toggle = (code) => this.toggleCategory(code);
      const choose = (code, mode) => this.perform({ kind: "category", mode, index: code });
      fillCategories(legend, colour, kept.hidden, toggle, choose);
      legend.querySelector(".wb-categories").scrollTop = scrolled;
    }
    if (header.sizes) fillSizes(legend, header.sizes, this.radius * 2);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height || !this.header) return;
    const density = devicePixelRatio || 1;
    const [across, down] = [Math.round(width * density), Math.round(height * density)];
    this.renderer?.resize(across, down);
    if (this.overlay.width !== across || this.overlay.height !== down) [this.overlay.width, this.overlay.height] = [across, down];
    [this.width, this.height, this.density] = [width, height, density];
    // At once, not in the next frame: a resized canvas is blank, and that would flicker.
    this.draw();
  }

  redraw() {
    this.waiting ??= requestAnimationFrame(() => this.draw());
  }

  /** The camera moves: draw, and once it rests draw all points, and tell how the map is looked at. */
  stir() {
    this.moving = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.moving = false;
      const moved = snapCamera(this.kept.camera);
      if (moved || this.thinned || this.kept.density) this.redraw();
    }, REST);
    this.tellLook();
    this.redraw();
  }

  /** What there is to draw, from where, and how. */
  scene() {
    const { kept, header, renderer } = this;
    const { camera } = kept;
    const zoom = camera.zoom;
    // Marks grow a little with the zoom, so that a close look is not one at dust.
    const grown = Math.min(Math.max(2.2, 3.5 / this.radius), Math.max(0.8, zoom ** 0.25));
    const slow = this.moving && renderer.cost > SMOOTH;
    const part = slow ? Math.min(0.25, Math.max(1 / 16, SMOOTH / renderer.cost / 2)) : 1;
    let { opacity } = this;
    if (header.opacity === null) opacity = Math.max(opacity, Math.min(0.85, opacity * zoom ** 0.6 * part ** -0.6));
    return {
      camera,
      share: kept.share,
      width: this.width,
      height: this.height,
      density: this.density,
      radius: this.radius * this.density * grown,
      opacity,
      chosenOpacity: Math.max(opacity, this.header.count > 50000 ? Math.min(0.85, 2.5 * opacity) : 0.85),
      some: this.chosenCount > 0,
      part,
      densityMode: kept.density,
      stateTurn: this.stateTurn,
    };
  }

  draw() {
    cancelAnimationFrame(this.waiting);
    this.waiting = null;
    if (!this.width || !this.renderer || !this.kept) return;
    const scene = this.scene();
    this.thinned = scene.part < 1;
    this.clouds.hidden = this.scaleLine.hidden = !this.kept.density || !this.header.count;
    const dense = !this.clouds.hidden;
    if (dense && this.points) this.drawDensity(scene);
    else this.renderer.draw(scene);
    if (dense && !this.points) this.fillServedScale();
    this.placeNames();
    this.drawOverlay();
    this.frames += 1;
    this.stage.dataset.frames = this.frames;
    if (this.stage.dataset.drawn === undefined && (this.points || this.renderer.ready)) {
      performance.mark("workbench-scatter-drawn");
      this.stage.dataset.drawn = Math.round(performance.now() - this.began);
    }
  }

  /** Pixels on the stage of a row. */
  screenOf(row) {
    const { camera, share } = this.kept;
    const [across, up] = this.points.at(row, camera, share);
    return camera.toStage(across, up, this.width, this.height);
  }

  drawOverlay() {
    const { pen, density, kept } = this;
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
    if (this.hovered >= 0 && this.points && !(this.points.state[this.hovered] & (FILTERED | MISSING))) {
      const [x, y] = this.screenOf(this.hovered);
      pen.lineWidth = 2;
      pen.strokeStyle = ink;
      pen.beginPath();
      pen.arc(x, y, Math.max(3, this.radius) + 4, 0, 2 * Math.PI);
      pen.stroke();
    }
    if (kept.probe) this.drawCross(kept.camera.toStage(...kept.probe, this.width, this.height), 9, this.accent);
    if (this.crosshair) this.drawCross(this.crosshair, 14, ink, 4);
    if (kept.camera.space && this.header.count) this.drawAxes(ink);
  }

  /** A cross with a rim of the ground, so that it shows on any points. */
  drawCross([x, y], arm, colour, gap = 0) {
    const { pen } = this;
    for (const [width, style] of [[5, `rgb(${this.ground})`], [2, colour]]) {
      pen.lineWidth = width;
      pen.strokeStyle = style;
      pen.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        pen.moveTo(x + dx * gap, y + dy * gap);
        pen.lineTo(x + dx * arm, y + dy * arm);
      }
      pen.stroke();
    }
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

/** Diameter in CSS pixels and opacity of a mark among so many points. */
function defaultMark(count) {
  const places = Math.log10(Math.max(1, count));
  if (count <= 50000) {
    return { diameter: Math.min(8, Math.max(3, 15 - 2.6 * places)), opacity: Math.min(0.9, Math.max(0.45, 1.35 - 0.19 * places)) };
  }
  const beyond = Math.min(1, (places - Math.log10(50000)) / (6 - Math.log10(50000))); // 1 at a million
  return { diameter: 3 - 1.3 * beyond, opacity: 0.45 - 0.25 * beyond };
}
