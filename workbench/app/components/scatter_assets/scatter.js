// SPDX-License-Identifier: Apache-2.0
// The point map: one instance for each mounted component, called again by Streamlit at every rerun.

const instances = new WeakMap(); // the mount's root -> its instance
// Camera and selection by key: they outlive a remount (a page left and entered again), as they do on the server.
const memory = (globalThis.workbenchScatterMemory ??= new Map());
const TELL = 500; // milliseconds after the last movement when the look is told

class PointMap extends LinkedStage {
  update(bytes, reports) {
    this.reports = reports;
    const { header, blocks } = unpack(bytes);
    const lead = JSON.stringify(header);
    const same = this.header && this.lead === lead && sameBlocks(this.blocks, blocks);
    this.readTheme();
    if (!same) {
      [this.header, this.lead, this.blocks, this.labels, this.cardsKept] = [header, lead, blocks, null, null];
      this.join();
      this.recall();
      this.prepare();
      this.hover(-1);
      this.load();
    } else if (this.failed) this.load();
    if (!same || this.themeChanged) {
      this.readColours();
      this.fillLegend();
      this.setTool(this.kept.tool);
      this.resize();
      this.tell();
    }
  }

  /** Take up camera and selection of this key, or begin them. */
  recall() {
    const { header, blocks } = this;
    let kept = memory.get(header.key);
    if (!kept || kept.cloud !== header.cloud) {
      kept = { cloud: header.cloud, camera: new Camera(header.frame), tool: kept?.tool ?? "hand" };
      Object.assign(kept, { hidden: new Set(), range: null, density: false, share: 0, probe: null, fresh: true });
      memory.set(header.key, kept);
    }
    if (kept.base !== header.base) {
      kept.base = header.base;
      kept.chosen = new Chosen(header.total).begin(blocks.selected, blocks.selected_bits);
    }
    const { categories, label, kind, low, high } = header.colour;
    const names = JSON.stringify(categories?.map((category) => category.name) ?? [kind, label, low, high]);
    if (kept.names !== names) {
      if (kept.names !== undefined) this.tellLook(); // what was hidden is hidden no more
      [kept.names, kept.hidden, kept.range] = [names, new Set(), null];
    }
    if (kept.fresh) {
      kept.fresh = false;
      if (header.look) readLook(header.look, kept, header);
      kept.probe = header.asked ?? null;
      kept.told = writeLook(kept);
    }
    if (!header.probe) kept.probe = null;
    this.kept = kept;
    this.shareChosen();
  }

  /** What follows from the header alone: default sizes, and what is shown around the stage. */
  prepare() {
    const { header, kept } = this;
    const { diameter, opacity } = defaultMark(header.count);
    this.radius = (header.size ?? diameter) / 2;
    this.opacity = header.opacity ?? opacity;
    const marks = header.colour.categories?.length ?? 0;
    if (marks > 10 && !header.size && header.count <= 50000) this.radius = Math.max(this.radius, 2.25); // shapes must be told apart
    this.root.style.height = `${header.height}px`;
    this.morph.hidden = !header.morphs;
    if (!header.morphs) kept.share = 0;
    this.morph.show(kept.share);
    this.fillNames();
    this.showDensity();
  }

  /** Have the back end that this map wants, on a canvas of its own. */
  equip() {
    const name = chooseRenderer(this.header);
    if (this.renderer?.name === name) return;
    this.renderer?.destroy();
    const canvas = make("canvas", "wb-canvas");
    this.canvas.replaceWith(canvas);
    this.canvas = canvas;
    const redraw = () => this.redraw();
    if (name === "webgl") this.renderer = new WebglRenderer(canvas, redraw);
    else if (name === "server") this.renderer = new ServerRenderer(canvas, redraw, (text) => this.sayEmpty(text || this.nothing));
    else this.renderer = new PixelRenderer(canvas);
    this.stage.dataset.renderer = name;
    this.width = 0; // so that the canvas gets its size
  }

  /** Get the columns, at once where they are here already. */
  load() {
    const { header, blocks } = this;
    this.equip();
    if (this.renderer.name === "server") {
      this.points = null;
      this.renderer.setSource(header);
      const last = this.kept.chosen.operations.at(-1)?.id ?? null;
      if (header.answer && (header.answer.last === last || this.chosenCount === undefined)) this.chosenCount = header.answer.count;
      this.sayEmpty(this.nothing);
      return;
    }
    const turn = (this.loading = {});
    this.failed = false;
    const remote = header.remote.map((one) => [one[0], fetchColumn(one, header.token)]);
    const ready = () => {
      if (this.loading !== turn) return;
      const columns = { ...blocks };
      for (const [name, column] of remote) columns[name] = column.array;
      this.take(columns);
    };
    if (remote.every(([, column]) => column.array)) {
      ready();
      return;
    }
    this.points = null;
    this.sayEmpty(`Loading ${writeCount(header.count, "point")} …`);
    Promise.all(remote.map(([, column]) => column.promise)).then(
      () => {
        ready();
        this.resize();
        this.tell();
      },
      (error) => {
        if (this.loading !== turn) return;
        this.failed = true;
        this.sayEmpty(`The points could not be loaded. ${error.message} Run the page again.`);
      },
    );
  }

  get nothing() {
    return this.header.count ? "" : "No points to show.";
  }

  sayEmpty(text) {
    this.empty.textContent = text;
    this.empty.hidden = !text;
  }

  /** Take up the columns, and the filter of the page. */
  take(columns) {
    this.points = new Points(this.header, columns);
    this.points.filter(columns.visible);
    this.sayEmpty(this.nothing);
    this.renderer.setPoints(this.points);
    if (this.palette) this.renderer.setColours(this.palette);
    this.selectionChanged();
  }

  /** Flags or filter changed: hand them to the drawing and count. */
  selectionChanged() {
    const { kept, points } = this;
    this.stateTurn = (this.stateTurn ?? 0) + 1;
    if (points) {
      this.chosenCount = kept.chosen.tally(points.state);
      this.renderer.setState(kept.chosen.flags);
    }
    this.redraw();
    this.tell();
  }

  invert() {
    if (this.header.count) this.perform({ kind: "invert", mode: "invert" });
  }

  /** Give up an outline that is being drawn, or else clear the selection, or else take a question back. */
  clear() {
    if (this.outline || this.corner) {
      [this.outline, this.action, this.corner] = [null, null, null];
      this.drawOverlay();
    } else if (this.chosenCount || this.kept.chosen.operations.length > 1) this.perform({ kind: "clear", mode: "clear" });
    else if (this.kept.probe) this.ask(null);
  }

  /** Apply an operation here, for drawing, and report all since the last replacement. */
  perform(told) {
    const { kept, points, header } = this;
    const operation = { id: Math.random().toString(36).slice(2), ...told };
    if (kept.hidden.size) operation.hidden = [...kept.hidden];
    if (kept.range) operation.range = kept.range;
    if (kept.share) operation.t = kept.share;
    if (header.link) operation.cloud = header.cloud;
    if (kept.camera.space) operation.view = kept.camera.view();
    if (points) {
      const hit = new Uint8Array(header.total);
      if (told.kind === "point") hit[told.index] = 1;
      else if (told.kind === "category") points.colour.forEach((code, at) => (hit[at] = code === told.index ? 1 : 0));
      else if (told.kind === "polygon") markInside(points, kept.camera, kept.share, told.polygon, hit);
      const drawn = this.drawnCodes();
      kept.chosen.apply(operation, hit, (at) => !(points.state[at] & MISSING) && drawn(at));
    }
    kept.chosen.note(operation);
    this.shareSelection();
  }

  reportSelection() {
    const { kept } = this;
    this.reports.seen({ cloud: kept.cloud, base: kept.base, list: kept.chosen.operations, renderer: this.renderer.name });
  }

  toggleCategory(code) {
    const { hidden } = this.kept;
    if (!hidden.delete(code)) hidden.add(code);
    this.hover(-1);
    this.applyColours();
    this.shareHidden();
    this.tellLook();
    this.redraw();
    return !hidden.has(code);
  }

  setRange(range) {
    this.kept.range = range;
    this.applyColours();
    this.tellLook();
    this.redraw();
  }

  setShare(share) {
    this.kept.share = share;
    this.hover(-1);
    this.stir();
  }

  /** Tell the page how the map is looked at, once it rests. */
  tellLook() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { kept } = this;
      const text = writeLook(kept);
      if (text === kept.told) return;
      kept.told = text;
      this.reports.look({ cloud: kept.cloud, text });
    }, TELL);
  }

  tell() {
    const { header, kept } = this;
    if (!header || !kept) return;
    const chosen = this.chosenCount ?? 0;
    const all = writeCount(header.count, "point");
    const parts = [header.shown === null ? all : `${header.shown.toLocaleString("en")} of ${all}`];
    if (chosen) parts.push(`${chosen.toLocaleString("en")} selected`);
    if (header.dropped) parts.push(`${header.dropped.toLocaleString("en")} without coordinates`);
    this.status.textContent = parts.join(" · ");
    const colour = header.colour.kind === "none" ? "" : `, coloured by ${header.colour.label || "value"}`;
    const dropped = header.dropped ? ` ${header.dropped.toLocaleString("en")} left out, their coordinates are missing.` : "";
    const space = kept.camera.space ? " in space; Shift and arrow keys rotate" : "";
    const cross = this.crosshair ? " Crosshair on: arrow keys move it, Enter selects, Space sets corners, X ends." : "";
    const keys = "Arrow keys pan, plus and minus zoom, L lasso, R rectangle, H hand, X crosshair, I invert, D density, Escape clear, question mark lists the keys.";
    const summary = `Point map: ${parts[0]}${space}${colour}; ${chosen ? chosen.toLocaleString("en") : "none"} selected.`;
    this.stage.setAttribute("aria-label", `${summary}${dropped}${cross} ${keys}`);
    this.stage.dataset.selected = chosen;
    this.clearer.disabled = !chosen;
    this.inverter.disabled = !header.count;
  }

  destroy() {
    cancelAnimationFrame(this.waiting);
    cancelAnimationFrame(this.seeking);
    for (const timer of [this.resting, this.telling]) clearTimeout(timer);
    this.dropCard();
    this.leave();
    this.renderer?.destroy();
    for (const cleanup of this.cleanups) cleanup();
    this.cleanups = [];
    this.root.replaceChildren();
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

export default function mount({ parentElement, data, setStateValue }) {
  const began = performance.now();
  const root = parentElement.querySelector(".wb-root");
  let map = instances.get(root);
  if (!map) {
    map = new PointMap(root);
    map.began = began;
    instances.set(root, map);
  }
  const reports = Object.fromEntries(["seen", "look", "probe"].map((name) => [name, (told) => setStateValue(name, told)]));
  map.update(data, reports);
  return () => {
    map.destroy();
    instances.delete(root);
  };
}
