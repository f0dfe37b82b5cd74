// SPDX-License-Identifier: Apache-2.0
// The elements around the drawing: toolbar, legend, hover card. Text from data goes in by textContent only.

const ICONS = {
  hand: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  lasso: "M7 16c-5-3-5-10 3-12s12 4 9 9-10 4-12 3c-2 0-2 3 0 3s1 3-1 3",
  rectangle: "M4 6h2M9 6h2M14 6h2M19 6h1v2M20 11v2M20 16v2h-1M16 18h-2M11 18h-2M6 18H4v-2M4 13v-2",
  closer: "M12 5v14M5 12h14",
  farther: "M5 12h14",
  home: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  invert: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18M12 7h5M12 11h8M12 15h7",
  clear: "M6 6l12 12M18 6L6 18",
};
const SVG = "http://www.w3.org/2000/svg";

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function makeIcon(name) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  icon.append(path);
  return icon;
}

function makeButton(name, label, press) {
  const button = make("button", "wb-button");
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.dataset.action = name;
  button.append(makeIcon(name));
  button.addEventListener("click", press);
  return button;
}

/** A marker as in the drawing, from the same test of what lies inside it. */
function makeMark(shape, colour) {
  const outlines = {
    circle: "M9 5a4 4 0 1 1-8 0 4 4 0 0 1 8 0",
    square: "M1.5 1.5h7v7h-7z",
    triangle: "M5 .8l4.6 7.6H.4z",
    diamond: "M5 0l5 5-5 5-5-5z",
    cross: "M3.8.5h2.4v3.3h3.3v2.4H6.2v3.3H3.8V6.2H.5V3.8h3.3z",
  };
  const mark = document.createElementNS(SVG, "svg");
  mark.setAttribute("viewBox", "0 0 10 10");
  mark.setAttribute("aria-hidden", "true");
  mark.setAttribute("class", "wb-mark");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", outlines[shape]);
  path.setAttribute("fill", colour);
  mark.append(path);
  return mark;
}

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

/** A bar with ticks at round numbers: upright beside the stage, level below it. */
function fillColourBar(legend, colour, dark) {
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
  bar.append(strip, scale);
  legend.append(bar);
  if (colour.missing) {
    const row = make("div", "wb-missing");
    const amount = make("span", "wb-amount", colour.missing.toLocaleString("en"));
    row.append(makeMark("circle", colour.neutral), make("span", "wb-name", "missing"), amount);
    legend.append(row);
  }
}

/** Put the hover card beside a point, inside the stage. */
function placeCard(card, x, y, width, height) {
  const [own, tall] = [card.offsetWidth, card.offsetHeight];
  const left = x + 14 + own > width ? x - 14 - own : x + 14;
  const top = y + 14 + tall > height ? y - 14 - tall : y + 14;
  card.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}
