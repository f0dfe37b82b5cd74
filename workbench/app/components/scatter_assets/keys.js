// SPDX-License-Identifier: Apache-2.0
// What keys do, with a crosshair for all that a mouse does; and the list of them.

const STEP = 40; // pixels an arrow key pans
const CROSS_STEP = 10; // pixels an arrow key moves the crosshair; with Shift four times as many

const KEYS = [
  ["Arrow keys", "pan; with Shift rotate (in space)"],
  ["+ and \u2212", "zoom in and out"],
  ["0", "show everything"],
  ["H, L, R", "hand, lasso, rectangle"],
  ["X", "crosshair on or off: arrow keys move it, with Shift farther"],
  ["Enter", "select the point nearest to the crosshair; Shift adds, Alt takes away"],
  ["Space", "corner of a rectangle at the crosshair; again: select what is in it"],
  ["P", "ask about the place at the crosshair, where the page takes questions"],
  ["I", "invert the selection"],
  ["D", "density on or off"],
  ["Escape", "give up an outline, clear the selection, take a question back"],
  ["?", "this list"],
];

/** A list of the keys, shown beside the stage. */
function makeHelp(close) {
  const help = make("div", "wb-help");
  help.hidden = true;
  help.setAttribute("role", "dialog");
  help.setAttribute("aria-label", "Keys of the point map");
  help.tabIndex = -1;
  const list = make("dl", "wb-keys");
  for (const [key, meaning] of KEYS) list.append(make("dt", "", key), make("dd", "", meaning));
  const mouse = "Drag to pan or to outline, wheel or two fingers to zoom, click to select; Shift adds, Alt takes away.";
  help.append(make("div", "wb-heading", "Keys"), list, make("p", "wb-mouse", mouse), makeButton("clear", "Close the list of keys", close));
  help.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && event.key !== "?") return;
    event.stopPropagation();
    close();
  });
  return help;
}

class KeyedStage extends PointedStage {
  toggleHelp() {
    const { help, helper, stage } = this;
    help.hidden = !help.hidden;
    helper.setAttribute("aria-expanded", String(!help.hidden));
    (help.hidden ? stage : help).focus({ preventScroll: true });
  }

  key(event) {
    const act = event.key === "Enter" || event.key === " " || event.key === "Escape";
    if (event.ctrlKey || event.metaKey || (event.altKey && !act) || !this.header) return;
    const arrows = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const mode = event.altKey ? "subtract" : event.shiftKey ? "add" : "replace";
    const acts = {
      "+": () => this.zoomBy(1.25),
      "=": () => this.zoomBy(1.25),
      "-": () => this.zoomBy(0.8),
      0: () => this.goHome(),
      l: () => this.setTool("lasso"),
      r: () => this.setTool("rectangle"),
      h: () => this.setTool("hand"),
      i: () => this.invert(),
      d: () => this.toggleDensity(),
      x: () => this.toggleCrosshair(),
      "?": () => this.toggleHelp(),
      Escape: () => this.clear(),
    };
    if (this.crosshair) {
      Object.assign(acts, {
        Enter: () => this.choose(this.crosshair, mode),
        " ": () => this.setCorner(mode),
        p: () => this.header.probe && this.ask(this.crosshair),
      });
    }
    const found = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const arrow = arrows[event.key];
    if (arrow && this.crosshair) this.moveCrosshair(...arrow, event.shiftKey);
    else if (arrow) this.step(...arrow, event.shiftKey);
    else if (found) found();
    else return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own: R would run the page again
  }

  step(x, y, turn) {
    const { camera } = this.kept;
    if (turn && camera.space) camera.rotate(-x * 0.15, -y * 0.15);
    else camera.pan(x * STEP, y * STEP, this.width, this.height);
    this.hover(-1);
    this.stir();
  }

  toggleCrosshair() {
    if (!this.header.count) return;
    this.crosshair = this.crosshair ? null : [this.width / 2, this.height / 2];
    if (!this.crosshair) {
      [this.corner, this.outline] = [null, null];
      this.hover(-1);
      this.say("Crosshair off.");
    } else this.announce("Crosshair on. ");
    this.tell();
    this.drawOverlay();
  }

  moveCrosshair(x, y, far) {
    const step = CROSS_STEP * (far ? 4 : 1);
    const within = (value, most) => Math.min(most - 1, Math.max(0, value));
    this.crosshair = [within(this.crosshair[0] - x * step, this.width), within(this.crosshair[1] - y * step, this.height)];
    if (this.corner) this.outline = boxOf(this.corner.at, this.crosshair);
    this.announce();
    this.drawOverlay();
  }

  /** Say what is at the crosshair, and show the card of the point there. */
  announce(lead = "") {
    const at = this.nearest(...this.crosshair);
    this.hover(at);
    const { label, value } = at >= 0 ? this.wordsOf(at) : {};
    const words = [label, value].filter(Boolean).join(", ") || (at >= 0 ? `row ${at}` : "no point");
    const place = this.kept.camera.toView(...this.crosshair, this.width, this.height);
    const spans = this.kept.camera.half.map((half) => half / 50);
    const numbers = place.map((number, axis) => formatNumber(number, spans[axis] || 1));
    this.say(`${lead}${words}${this.kept.camera.space ? "" : ` at ${numbers.join(", ")}`}`);
  }

  say(text) {
    this.said.textContent = text;
  }

  /** The first corner of a rectangle, or the second, which selects. */
  setCorner(mode) {
    if (!this.corner) {
      this.corner = { at: [...this.crosshair], mode };
      this.say("First corner set. Move on and press Space again.");
      return;
    }
    const { at, mode: first } = this.corner;
    [this.corner, this.outline] = [null, null];
    this.enclose(boxOf(at, this.crosshair), mode === "replace" ? first : mode);
    this.say(`${writeCount(this.chosenCount, "point")} selected.`);
  }
}
