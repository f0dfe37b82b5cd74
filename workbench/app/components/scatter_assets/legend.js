// SPDX-License-Identifier: Apache-2.0
// The legend: categories that can be hidden, a bar of values with two handles, and what sizes mean.

const STEPS = 200; // of a handle along the bar
const MOST_CODE = 65534; // the code of the highest value

/** One row a category: click hides or shows it, with Shift or Alt it is added to or taken from the selection. */
function fillCategories(legend, colour, hidden, toggle, choose) {
  const list = make("div", "wb-categories");
  colour.categories.forEach((category, code) => {
    const row = make("button", "wb-category");
    row.type = "button";
    row.setAttribute("aria-pressed", String(!hidden.has(code)));
    row.title = `${category.name}\nClick: hide or show. Shift+click: add to the selection. Alt+click: take away.`;
    row.append(
      makeMark(category.shape, category.colour),
      make("span", "wb-name", category.name),
      make("span", "wb-amount", category.count.toLocaleString("en")),
    );
    row.addEventListener("click", (event) => {
      if (event.shiftKey || event.altKey) choose(code, event.altKey ? "subtract" : "add");
      else row.setAttribute("aria-pressed", String(toggle(code)));
    });
    list.append(row);
  });
  legend.append(list);
}

function valueOf(code, colour) {
  return colour.low * (1 - code / MOST_CODE) + colour.high * (code / MOST_CODE);
}

/** A bar with ticks at round numbers, upright beside the stage, level below it; its handles narrow what is drawn. */
function fillColourBar(legend, colour, dark, range, narrow) {
  const bar = make("div", "wb-bar");
  const strip = make("div", "wb-strip");
  strip.style.setProperty("--ramp", colour.ramp[dark ? "dark" : "light"].join(", "));
  const scale = make("div", "wb-scale");
  const span = colour.high - colour.low;
  for (const value of niceTicks(colour.low, colour.high, 5)) {
    const tick = make("span", "wb-tick", formatNumber(value, span));
    tick.style.setProperty("--at", `${span > 0 ? ((value - colour.low) / span) * 100 : 50}%`);
    scale.append(tick);
  }
  bar.append(strip);
  if (span > 0) addHandles(strip, legend, colour, range, narrow);
  bar.append(scale);
  legend.append(bar);
  if (legend.range) legend.append(legend.range);
  if (colour.missing) {
    const row = make("div", "wb-missing");
    const amount = make("span", "wb-amount", colour.missing.toLocaleString("en"));
    row.append(makeMark("circle", colour.neutral), make("span", "wb-name", "missing"), amount);
    legend.append(row);
  }
}

/** Two range inputs over the bar. A range that is not full leaves out missing values too. */
function addHandles(strip, legend, colour, range, narrow) {
  const label = colour.label || "value";
  const handles = ["Lowest", "Highest"].map((which, at) => {
    const handle = make("input", "wb-handle");
    Object.assign(handle, { type: "range", min: 0, max: STEPS, step: 1 });
    handle.value = range ? Math.round((range[at] / MOST_CODE) * STEPS) : at * STEPS;
    handle.setAttribute("aria-label", `${which} ${label} shown`);
    return handle;
  });
  legend.range = make("div", "wb-range");
  let codes = range ?? [0, MOST_CODE];
  const show = () => {
    const parts = codes.map((code) => code / MOST_CODE);
    strip.style.setProperty("--from", parts[0]);
    strip.style.setProperty("--to", parts[1]);
    const words = codes.map((code) => formatNumber(valueOf(code, colour), (colour.high - colour.low) / 50));
    handles.forEach((handle, at) => handle.setAttribute("aria-valuetext", words[at]));
    const full = codes[0] === 0 && codes[1] === MOST_CODE;
    legend.range.textContent = full ? "" : `Only ${words[0]} to ${words[1]}`;
  };
  handles.forEach((handle, at) => {
    handle.addEventListener("input", () => {
      const [one, two] = handles.map((each) => Number(each.value));
      if (one > two) handle.value = at ? one : two; // a handle stops at the other
      codes = handles.map((each) => Math.round((Number(each.value) / STEPS) * MOST_CODE));
      show();
      narrow(codes[0] === 0 && codes[1] === MOST_CODE ? null : codes);
    });
    strip.append(handle);
  });
  show();
}

/** Three circles: the smallest, the middle and the largest value. */
function fillSizes(legend, sizes, diameter) {
  const group = make("div", "wb-sizes");
  group.append(make("div", "wb-title", sizes.label ? `Size: ${sizes.label}` : "Size"));
  const row = make("div", "wb-circles");
  const span = sizes.high - sizes.low;
  const parts = span > 0 ? [0, 0.5, 1] : [128 / 255];
  for (const part of parts) {
    const across = Math.max(4, diameter) * (0.6 + 1.4 * part); // a legend drawn at the size of dust could not be read
    const mark = document.createElementNS(SVG, "svg");
    mark.setAttribute("aria-hidden", "true");
    mark.setAttribute("width", across);
    mark.setAttribute("height", across);
    const circle = document.createElementNS(SVG, "circle");
    for (const name of ["cx", "cy", "r"]) circle.setAttribute(name, across / 2);
    circle.setAttribute("fill", "currentColor");
    mark.append(circle);
    const item = make("span", "wb-circle");
    item.append(mark, make("span", "wb-amount", formatNumber(sizes.low + span * (span > 0 ? part : 0), span)));
    row.append(item);
  }
  group.append(row);
  legend.append(group);
}
