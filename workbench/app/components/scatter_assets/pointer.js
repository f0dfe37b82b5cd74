// SPDX-License-Identifier: Apache-2.0
// What pointer and buttons do to the stage: pan, rotate, zoom, outline, click.

class PointedStage extends HoverStage {
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

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left - this.stage.clientLeft, event.clientY - box.top - this.stage.clientTop];
  }

  press(event) {
    if (event.button > 2 || !this.header?.count) return;
    this.stage.focus({ preventScroll: true });
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    const [x, y] = this.at(event);
    this.pointers.set(event.pointerId, [x, y]);
    this.hover(-1);
    this.corner = null; // of a rectangle that keys had begun
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
      if (event.pointerType !== "touch") this.seek(x, y);
      return;
    }
    if (!this.pointers.has(event.pointerId)) return;
    if (this.action.kind === "pinch") {
      this.pinch(event.pointerId, this.pointers.get(event.pointerId), [x, y]);
      return;
    }
    const before = this.pointers.get(event.pointerId);
    this.pointers.set(event.pointerId, [x, y]);
    const { camera } = this.kept;
    const [startX, startY] = this.action.start;
    if (!this.action.moved && Math.hypot(x - startX, y - startY) < 3) return;
    this.action.moved = true;
    if (this.action.kind === "rectangle") this.outline = boxOf([startX, startY], [x, y]);
    else if (this.action.kind === "lasso") {
      const last = this.outline[this.outline.length - 1];
      if (Math.hypot(x - last[0], y - last[1]) >= 2) this.outline.push([x, y]);
    } else if (this.action.turn) camera.rotate((x - before[0]) * 0.008, (y - before[1]) * 0.008);
    else camera.pan(x - before[0], y - before[1], this.width, this.height);
    if (this.action.kind === "hand") this.stir();
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
    this.stir();
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
    else if (!action.moved) this.choose(this.at(event), action.mode);
    else if (outline) this.enclose(action.kind === "lasso" ? simplify(outline, 0.5) : outline, action.mode);
  }

  /** Select the point at a place on the stage, or ask about the place when it is empty. */
  choose([x, y], mode) {
    this.drawOverlay();
    const at = this.nearest(x, y);
    if (at >= 0) this.perform({ kind: "point", mode, index: at });
    else if (!this.points) {
      const { camera } = this.kept;
      const reach = REACH / camera.scale(this.width, this.height);
      this.perform({ kind: "near", mode, place: [...camera.toView(x, y, this.width, this.height), reach] });
    } else if (this.header.probe && mode === "replace") this.ask([x, y]);
  }

  /** Select what an outline on the stage encloses. */
  enclose(outline, mode) {
    const polygon = outline.map(([x, y]) => this.kept.camera.toView(x, y, this.width, this.height));
    this.perform({ kind: "polygon", mode, polygon });
  }

  /** Ask the page about a place of the map; null takes the question back. */
  ask(place) {
    const { kept } = this;
    kept.probe = place && kept.camera.toView(...place, this.width, this.height);
    this.drawOverlay();
    this.reports.probe({ cloud: kept.cloud, place: kept.probe });
  }

  wheel(event) {
    if (!this.header?.count) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const amount = Math.max(-120, Math.min(120, event.deltaY * lines));
    this.kept.camera.zoomAt(Math.exp(-amount * (event.ctrlKey ? 0.01 : 0.0025)), ...this.at(event), this.width, this.height);
    this.hover(-1);
    this.stir();
  }

  zoomBy(factor) {
    this.kept.camera.zoomAt(factor, this.width / 2, this.height / 2, this.width, this.height);
    this.hover(-1);
    this.stir();
  }

  goHome() {
    this.kept.camera.home();
    this.hover(-1);
    this.stir();
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
}

/** The corners of a rectangle between two places. */
function boxOf([x0, y0], [x1, y1]) {
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
}
