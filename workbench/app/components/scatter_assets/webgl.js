// SPDX-License-Identifier: Apache-2.0
// Back end that draws with the graphics card (WebGL 2): one vertex a point, the columns as they came.

const MARK_NUMBERS = { circle: 0, square: 1, triangle: 2, diamond: 3, cross: 4 };
const PALETTE_WIDTH = 257; // 256 steps of a ramp and "missing"; categories take fewer

class WebglRenderer {
  constructor(canvas, redraw) {
    this.canvas = canvas;
    this.name = "webgl";
    this.cost = 0;
    this.measured = 0;
    // Kept after drawing, so that the map can be photographed.
    const wishes = { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true, powerPreference: "high-performance" };
    this.gl = canvas.getContext("webgl2", wishes);
    if (!this.gl) throw new Error("WebGL 2 is not there.");
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // else it would never come back
      this.lost = true;
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.lost = false;
      this.program = null;
      if (this.points) this.setPoints(this.points);
      if (this.flags) this.setState(this.flags);
      if (this.palette) this.setColours(this.palette);
      redraw();
    });
  }

  resize(width, height) {
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  }

  build(space) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertexShader(space)], [gl.FRAGMENT_SHADER, FRAGMENT_SHADER]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(gl.getShaderInfoLog(shader));
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
    this.places = new Map();
    [this.program, this.space] = [program, space];
    gl.useProgram(program);
    this.buffers = {};
    this.elements = gl.createBuffer();
    this.sorter = null;
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    for (const name of ["TEXTURE_MIN_FILTER", "TEXTURE_MAG_FILTER"]) gl.texParameteri(gl.TEXTURE_2D, gl[name], gl.NEAREST);
    for (const name of ["TEXTURE_WRAP_S", "TEXTURE_WRAP_T"]) gl.texParameteri(gl.TEXTURE_2D, gl[name], gl.CLAMP_TO_EDGE);
  }

  at(name) {
    if (!this.places.has(name)) this.places.set(name, this.gl.getUniformLocation(this.program, name));
    return this.places.get(name);
  }

  /** Put a column into the memory of the card, or a constant in its stead. */
  column(location, array, fill, constant) {
    const { gl, buffers } = this;
    if (!array) {
      gl.disableVertexAttribArray(location);
      constant();
      return;
    }
    const kept = (buffers[location] ??= { buffer: gl.createBuffer(), array: null });
    gl.bindBuffer(gl.ARRAY_BUFFER, kept.buffer);
    if (kept.array !== array) gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
    kept.array = array;
    gl.enableVertexAttribArray(location);
    fill();
  }

  setPoints(points) {
    const { gl } = this;
    this.points = points;
    if (gl.isContextLost()) return;
    if (!this.program || this.space !== points.space) this.build(points.space);
    if (points.space) this.column(0, points.steps, () => gl.vertexAttribPointer(0, 4, gl.UNSIGNED_SHORT, false, 8, 0));
    else {
      this.column(0, points.xy, () => gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 8, 0));
      this.column(1, points.other, () => gl.vertexAttribPointer(1, 2, gl.FLOAT, false, 8, 0), () => gl.vertexAttrib2f(1, 0, 0));
    }
    const kind = points.colour instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE;
    this.column(2, points.colour, () => gl.vertexAttribIPointer(2, 1, kind, 0, 0), () => gl.vertexAttribI4ui(2, 0, 0, 0, 0));
    // Without sizes all marks have the plain radius: 0.6 + 1.4 s = 1.
    this.column(3, points.sizes, () => gl.vertexAttribPointer(3, 1, gl.UNSIGNED_BYTE, true, 0, 0), () => gl.vertexAttrib1f(3, 0.4 / 1.4));
    this.order = null;
    if (points.stride > 1 && !points.space) {
      const order = new Uint32Array(points.total);
      for (let turn = 0, row = 0; turn < order.length; turn++) {
        order[turn] = row;
        row += points.stride;
        if (row >= order.length) row -= order.length;
      }
      this.setOrder(order);
    }
  }

  setOrder(rows) {
    const { gl } = this;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.elements);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, rows, gl.DYNAMIC_DRAW);
    this.order = { count: rows.length };
  }

  setState(flags) {
    const { gl, points } = this;
    this.flags = flags;
    if (gl.isContextLost()) return;
    const state = new Uint8Array(points.total);
    for (let at = 0; at < state.length; at++) state[at] = flags[at] | points.state[at];
    this.column(4, state, () => gl.vertexAttribIPointer(4, 1, gl.UNSIGNED_BYTE, 0, 0));
  }

  setColours(palette) {
    const { gl } = this;
    this.palette = palette;
    if (!this.program || gl.isContextLost()) return;
    const pixels = new Uint8Array(PALETTE_WIDTH * 2 * 4);
    [palette.table, palette.faded].forEach((table, line) => {
      table.forEach((packed, code) => {
        const alpha = !palette.values && palette.hidden[code] ? 0 : 255;
        pixels.set([...unpackColour(packed), alpha], (line * PALETTE_WIDTH + code) * 4);
      });
    });
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, PALETTE_WIDTH, 2, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    const marks = new Float32Array(48);
    palette.shapes?.forEach((shape, code) => (marks[code] = MARK_NUMBERS[shape]));
    gl.uniform1fv(this.at("shapes"), marks);
    gl.uniform1i(this.at("valued"), palette.values ? 1 : 0);
    const [low, high] = palette.range ?? [0, 65535];
    gl.uniform2ui(this.at("limits"), low, high);
  }

  draw(scene) {
    const { gl, points, palette } = this;
    if (this.lost || gl.isContextLost()) return;
    const began = performance.now();
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(...palette.ground.map((part) => part / 255), 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!points?.total) return;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this.aim(scene);
    gl.uniform1f(this.at("radius"), scene.radius);
    if (scene.some) this.layer(scene, 0, scene.opacity * 0.6);
    this.layer(scene, scene.some ? 1 : -1, scene.some ? scene.chosenOpacity : scene.opacity);
    if (scene.part < 1 || (this.measured > 2 && this.cost < SMOOTH)) return;
    // Reading one pixel waits for the card: so it is known whether all points can be drawn at every movement.
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    this.cost = performance.now() - began;
    this.measured += 1;
  }

  /** The camera, and in space the order: the farthest first. */
  aim(scene) {
    const { gl, points } = this;
    const { camera } = scene;
    const pixels = camera.scale(scene.width, scene.height);
    gl.uniform2f(this.at("scale"), (2 * pixels) / scene.width, (2 * pixels) / scene.height);
    const [x, y] = camera.centre;
    if (!points.space) {
      gl.uniform2f(this.at("centreHigh"), x, y);
      gl.uniform2f(this.at("centreLow"), x - Math.fround(x), y - Math.fround(y));
      gl.uniform1f(this.at("share"), scene.share);
      return;
    }
    const view = camera.view();
    const { low, step } = points;
    const rows = [0, 4, 8].flatMap((row, axis) => {
      const offset = view[row] * low[0] + view[row + 1] * low[1] + view[row + 2] * low[2] + view[row + 3];
      return [view[row] * step, view[row + 1] * step, view[row + 2] * step, offset - (camera.centre[axis] ?? 0)];
    });
    gl.uniform4fv(this.at("rows"), rows);
    this.sorter ??= new DepthOrder();
    if (this.sorter.sort(points, scene)) this.setOrder(this.sorter.rows);
  }

  layer(scene, wanted, opacity) {
    const { gl, points, order } = this;
    gl.uniform1i(this.at("wanted"), wanted);
    gl.uniform1i(this.at("fading"), wanted === 0 ? 1 : 0);
    gl.uniform1f(this.at("opacity"), Math.min(1, opacity));
    if (!order) gl.drawArrays(gl.POINTS, 0, points.total);
    else gl.drawElements(gl.POINTS, points.space ? order.count : Math.ceil(order.count * scene.part), gl.UNSIGNED_INT, 0);
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
