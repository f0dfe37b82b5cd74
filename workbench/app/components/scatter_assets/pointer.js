// SPDX-License-Identifier: Apache-2.0
// What pointer, keys and buttons do to the stage: pan, rotate, zoom, outline, hover.

const REACH = 10; // pixels from the pointer within which a point is hit
const STEP = 40; // pixels an arrow key pans

class ActiveStage extends Stage {
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
    const observer = new ResizeObserver(() => {
      if (stage.clientWidth !== this.width || stage.clientHeight !== this.height) this.resize();
    });
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

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left - this.stage.clientLeft, event.clientY - box.top - this.stage.clientTop];
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
}
