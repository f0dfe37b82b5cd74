// SPDX-License-Identifier: Apache-2.0
// The points as they arrive: the payload of payload.py, columns fetched by HTTP, and a walk through all places.

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array, utf8: Uint8Array };
const FILTERED = 2; // bits of a row's state, beside 1 for selected
const MISSING = 4;
const PIECE = 8192; // points that a walk hands over at once
// Columns by address: linked maps, and a map that is left and entered again, share them.
const fetched = (globalThis.workbenchScatterColumns ??= new Map());
const FETCHED_LIMIT = 128e6; // bytes kept

/** Read the payload: its header, and the blocks that came with it. */
function unpack(bytes) {
  const whole = bytes.byteOffset % 8 ? bytes.slice() : bytes;
  const at = whole.byteOffset;
  const size = new DataView(whole.buffer, at, 8).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(whole.subarray(8, 8 + size)));
  const blocks = {};
  for (const [name, type, offset, count] of header.blocks) {
    blocks[name] = new TYPES[type](whole.buffer, at + 8 + size + offset, count);
  }
  return { header, blocks };
}

/** Fetch one column, or give the one fetched before. */
function fetchColumn([, type, count, address], token) {
  const known = fetched.get(address);
  fetched.delete(address);
  const column = known ?? { array: null };
  column.promise ??= (async () => {
    try {
      const answer = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const content = await answer.arrayBuffer();
      if (content.byteLength !== count * TYPES[type].BYTES_PER_ELEMENT) throw new Error("The answer was cut short.");
      column.array = new TYPES[type](content);
    } catch (error) {
      fetched.delete(address); // the next run asks again, with another token
      throw error;
    }
  })();
  fetched.set(address, column); // the last one used stands last
  let taken = 0;
  for (const [name, { array }] of [...fetched].reverse()) {
    taken += array?.byteLength ?? 0;
    if (taken > FETCHED_LIMIT && name !== address) fetched.delete(name);
  }
  return column;
}

/** Places of the points, and which of them are drawn. */
class Points {
  constructor(header, columns) {
    this.total = header.total;
    this.space = header.frame.dimensions === 3;
    [this.xy, this.steps, this.other] = [columns.xy, columns.steps, columns.other];
    this.colour = columns.colour ?? null;
    this.sizes = columns.sizes ?? null;
    this.low = header.frame.low;
    this.step = header.frame.step;
    this.state = new Uint8Array(this.total);
    this.markMissing();
    // Rows in steps of the golden section: no order of the data shows, and any first part is an even sample.
    this.stride = coprime(this.total);
    this.rows = new Uint32Array(PIECE);
    [this.across, this.up, this.depth] = [0, 1, 2].map(() => new Float64Array(PIECE));
  }

  markMissing() {
    const { xy, steps, other, state, total } = this;
    if (this.space) for (let at = 0; at < total; at++) state[at] = steps[4 * at + 3] ? MISSING : 0;
    else {
      for (let at = 0; at < total; at++) {
        let sum = (xy[2 * at] - xy[2 * at]) + (xy[2 * at + 1] - xy[2 * at + 1]); // NaN unless both are finite
        if (other) sum += (other[2 * at] - other[2 * at]) + (other[2 * at + 1] - other[2 * at + 1]);
        state[at] = sum === 0 ? 0 : MISSING;
      }
    }
  }

  /** Take up a filter: one bit a row that it leaves, or nothing. */
  filter(bits) {
    const { state, total } = this;
    for (let at = 0; at < total; at++) {
      const out = bits && !(bits[at >> 3] & (1 << (at & 7)));
      state[at] = out ? state[at] | FILTERED : state[at] & ~FILTERED;
    }
  }

  /** The column of places in the plane, where nothing has to be computed. */
  flat(share) {
    if (this.space) return null;
    if (!this.other || share === 0) return this.xy;
    return share === 1 ? this.other : null;
  }

  /** View coordinates of one row: across, up, depth. */
  at(row, camera, share) {
    let found = [0, 0, 0];
    this.walk(camera, share, (count, rows, across, up, depth) => (found = [across[0], up[0], depth[0]]), {
      mask: 0,
      amount: 1,
      first: row,
    });
    return found;
  }

  /**
   * Hand over view coordinates in pieces: act(count, rows, across, up, depth).
   *
   * Rows whose state has a bit of `mask` are left out. The server computes these same sums in the same order, so both
   * agree to the last bit on what lies inside an outline.
   */
  walk(camera, share, act, { mask = FILTERED | MISSING, amount = this.total, stride = 1, first = 0 } = {}) {
    const { total, state, rows, across, up, depth, xy, other, steps, low, step } = this;
    const moved = other && share > 0;
    const [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11] = this.space ? camera.view() : [];
    let at = first;
    let filled = 0;
    for (let turn = 0; turn < amount; turn++) {
      if (!(state[at] & mask)) {
        rows[filled] = at;
        if (steps) {
          const x = low[0] + steps[4 * at] * step;
          const y = low[1] + steps[4 * at + 1] * step;
          const z = low[2] + steps[4 * at + 2] * step;
          across[filled] = m0 * x + m1 * y + m2 * z + m3;
          up[filled] = m4 * x + m5 * y + m6 * z + m7;
          depth[filled] = m8 * x + m9 * y + m10 * z + m11;
        } else if (!moved) {
          across[filled] = xy[2 * at];
          up[filled] = xy[2 * at + 1];
        } else if (share === 1) {
          across[filled] = other[2 * at];
          up[filled] = other[2 * at + 1];
        } else {
          const [x, y] = [xy[2 * at], xy[2 * at + 1]];
          across[filled] = Math.fround(x + (other[2 * at] - x) * share);
          up[filled] = Math.fround(y + (other[2 * at + 1] - y) * share);
        }
        filled += 1;
        if (filled === PIECE) {
          act(filled, rows, across, up, depth);
          filled = 0;
        }
      }
      at += stride;
      if (at >= total) at -= total;
    }
    if (filled) act(filled, rows, across, up, depth);
  }
}

/** A whole number near the golden section of `count` that has no divisor in common with it. */
function coprime(count) {
  if (count < 50000) return 1; // so few are drawn in their order
  const divisor = (one, other) => (other ? divisor(other, one % other) : one);
  let stride = Math.round(count * 0.6180339887);
  while (divisor(stride, count) !== 1) stride += 1;
  return stride;
}
