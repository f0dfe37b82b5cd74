// SPDX-License-Identifier: Apache-2.0
// Names of the categories at their densest places; more of them find room with zoom.

const LONGEST = 28; // letters of a name on the map

class LabelledStage extends DensityStage {
  /** One element a name, the largest category first. */
  fillNames() {
    const { header, names } = this;
    names.replaceChildren();
    const marks = header.colour.categories;
    this.named = (marks ? header.places : [])
      .map(([code, place, there]) => {
        const full = marks[code].name;
        const text = full.length > LONGEST ? `${full.slice(0, LONGEST - 1)}…` : full;
        const element = make("span", "wb-place", text);
        names.append(element);
        return { code, place, there, element, count: marks[code].count };
      })
      .sort((one, other) => other.count - one.count);
    for (const one of this.named) [one.width, one.height] = [one.element.offsetWidth, one.element.offsetHeight];
  }

  /** Put the names where their points are, each where none of a larger category stands. */
  placeNames() {
    const { kept, width, height } = this;
    const { camera, share, hidden } = kept;
    const taken = [];
    for (const { code, place, there, element, width: wide, height: tall } of this.named ?? []) {
      const at = placeBetween(place, there, share);
      element.style.visibility = "hidden";
      if (!at) continue;
      const [across, up] = camera.project(at);
      const [x, y] = camera.toStage(across, up, width, height);
      const box = [x - wide / 2 - 3, y - tall / 2 - 2, x + wide / 2 + 3, y + tall / 2 + 2];
      const inside = box[0] >= 0 && box[1] >= 0 && box[2] <= width && box[3] <= height;
      const free = taken.every((other) => box[2] <= other[0] || box[0] >= other[2] || box[3] <= other[1] || box[1] >= other[3]);
      const shown = inside && free && wide > 0 && !hidden.has(code);
      if (!shown) continue;
      element.style.visibility = "visible";
      taken.push(box);
      element.style.transform = `translate(${(x - wide / 2).toFixed(1)}px, ${(y - tall / 2).toFixed(1)}px)`;
    }
    return taken;
  }
}

/** A place on the way from one to another; none where a category is not at home on the map that counts. */
function placeBetween(place, there, share) {
  if (share === 0) return place;
  if (share === 1) return there;
  return place && there && place.map((value, axis) => value + (there[axis] - value) * share);
}
