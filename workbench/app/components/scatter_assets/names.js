// SPDX-License-Identifier: Apache-2.0
// Names of single points, beside them where there is room: earlier rows first, or only the selected ones.

const MOST_NAMES = 150; // on the map at once
const NAME_HEIGHT = 15; // pixels
const NAME_CELL = 5; // pixels of a side of the cells in which room is kept account of

class NamedStage extends LabelledStage {
  fillNames() {
    super.fillNames(); // takes all elements away
    [this.pointNames, this.tags, this.tagWidths] = [null, [], new Map()];
  }

  placeNames() {
    const taken = super.placeNames();
    const { blocks, points, kept, width, height } = this;
    let used = 0;
    if (blocks?.names && points) {
      this.pointNames ??= JSON.parse(new TextDecoder().decode(blocks.names)).map(shortName);
      const room = new Room(width, height, taken);
      const flags = this.chosenCount > 0 ? kept.chosen.flags : null;
      const drawn = this.drawnCodes();
      const away = Math.max(3, this.radius) + 3;
      points.walk(kept.camera, kept.share, (count, rows, across, up) => {
        for (let at = 0; at < count && used < MOST_NAMES; at++) {
          const row = rows[at];
          const name = this.pointNames[row];
          if (!name || (flags && !flags[row]) || !drawn(row)) continue;
          const [x, y] = kept.camera.toStage(across[at], up[at], width, height);
          if (x < 0 || y < 0 || x > width || y > height) continue;
          const wide = this.widthOf(row, name);
          const top = y - NAME_HEIGHT / 2;
          const left = [x + away, x - away - wide].find((start) => room.take(start, top, start + wide, top + NAME_HEIGHT));
          if (left !== undefined) this.writeName(used++, name, left, top);
        }
      });
    }
    for (const tag of this.tags.slice(used)) tag.style.visibility = "hidden";
    this.stage.dataset.names = used;
    return taken;
  }

  writeName(place, name, left, top) {
    let tag = this.tags[place];
    if (!tag) {
      tag = this.tags[place] = make("span", "wb-place wb-tag");
      this.names.append(tag);
    }
    if (tag.textContent !== name) tag.textContent = name;
    tag.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
    tag.style.visibility = "visible";
  }

  widthOf(row, name) {
    let wide = this.tagWidths.get(row);
    if (wide === undefined) {
      this.ruler ??= make("canvas").getContext("2d");
      this.ruler.font = `500 11px ${this.font}`;
      wide = this.ruler.measureText(name).width + 2;
      this.tagWidths.set(row, wide);
    }
    return wide;
  }
}

/** Which cells of the stage are taken. */
class Room {
  constructor(width, height, boxes) {
    [this.width, this.height] = [width, height];
    this.columns = Math.ceil(width / NAME_CELL) + 1;
    this.cells = new Uint8Array(this.columns * (Math.ceil(height / NAME_CELL) + 1));
    for (const [left, top, right, bottom] of boxes) this.mark(this.within(left, top, right, bottom));
  }

  within(left, top, right, bottom) {
    return [left, top, right, bottom].map((value) => Math.floor(value / NAME_CELL));
  }

  /** Take a box that lies on the stage and is free; tell whether it was. */
  take(left, top, right, bottom) {
    if (left < 0 || top < 0 || right > this.width || bottom > this.height) return false;
    const box = this.within(left, top, right, bottom);
    for (let row = box[1]; row <= box[3]; row++)
      for (let column = box[0]; column <= box[2]; column++) if (this.cells[row * this.columns + column]) return false;
    this.mark(box);
    return true;
  }

  mark([left, top, right, bottom]) {
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++) this.cells[row * this.columns + column] = 1;
  }
}

function shortName(name) {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
