// SPDX-License-Identifier: Apache-2.0
// Back end that shows pictures drawn by the server: no columns are fetched, and the server resolves clicks too.

const ASK = 120; // milliseconds the view rests before a picture of it is asked for
const WIDEST = 4096; // pixels of a side

class ServerRenderer {
  constructor(canvas, redraw, complain) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.name = "server";
    this.cost = 0;
    [this.redraw, this.complain] = [redraw, complain];
  }

  resize(width, height) {
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  }

  setSource(header) {
    this.source = header;
  }

  setColours(palette) {
    this.palette = palette;
  }

  /** The last picture, stretched to where it belongs in the present view; another is asked for when that differs. */
  draw(scene) {
    const { context, canvas, palette, picture } = this;
    context.fillStyle = `rgb(${palette.ground})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const { camera, width, height, density } = scene;
    if (picture) {
      const [left, top] = camera.toStage(picture.low[0], picture.high[1], width, height);
      const [right, bottom] = camera.toStage(picture.high[0], picture.low[1], width, height);
      context.drawImage(picture.image, left * density, top * density, (right - left) * density, (bottom - top) * density);
    }
    const question = this.question(scene);
    if (question.text === this.asked) return;
    this.asked = question.text;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(question), picture ? ASK : 0);
  }

  question({ camera, width, height, density, share, densityMode }) {
    const { palette, source } = this;
    const low = camera.toView(0, height, width, height);
    const high = camera.toView(width, 0, width, height);
    const parts = { low, high };
    parts.width = Math.min(WIDEST, Math.round(width * density));
    parts.height = Math.min(WIDEST, Math.round(height * density));
    parts.dark = luminance(palette.ground) < 0.2 ? 1 : 0;
    const hidden = palette.hidden.flatMap((out, code) => (out ? [code] : []));
    if (hidden.length) parts.hidden = hidden;
    if (palette.range) parts.between = palette.range;
    if (densityMode) parts.density = 1;
    if (camera.space) parts.matrix = camera.view();
    if (share) parts.morph = share;
    parts.version = source.version;
    const text = Object.entries(parts).map(([name, value]) => `${name}=${value}`).join("&");
    return { text, low, high };
  }

  async ask({ text, low, high }) {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    try {
      const headers = { Authorization: `Bearer ${this.source.token}` };
      const answer = await fetch(`${this.source.raster}?${text}`, { headers, signal: abort.signal });
      if (!answer.ok) throw new Error(answer.status === 404 ? "Run the page again." : await answer.text());
      const image = await createImageBitmap(await answer.blob());
      if (abort.signal.aborted) return;
      this.picture = { image, low, high };
      this.ready = true;
      this.complain("");
    } catch (error) {
      if (error.name === "AbortError") return;
      this.asked = null;
      this.complain(`The picture could not be drawn. ${error.message}`);
      return;
    }
    this.redraw();
  }

  destroy() {
    clearTimeout(this.waiting);
    this.abort?.abort();
  }
}
