// SPDX-License-Identifier: Apache-2.0
// The point map: one instance for each mounted component, called again by Streamlit at every rerun.

const instances = new WeakMap(); // the mount's root -> its instance
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

class PointMap extends ActiveStage {
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
      kept = { cloud: header.cloud, camera: new Camera(header.frame, blocks), tool: kept?.tool ?? "hand", hidden: new Set() };
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
    const marks = header.colour.categories?.length ?? 0;
    if (marks > 10 && !header.size) this.radius = Math.max(this.radius, 2.25); // shapes must be told apart
    this.codes = header.colour.kind === "category" ? this.blocks.colour : null;
    this.empty.hidden = count > 0;
  }

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
