// SPDX-License-Identifier: Apache-2.0
// Small elements around the drawing: buttons and marks. Text from data goes in by textContent only.

const ICONS = {
  hand: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  lasso: "M7 16c-5-3-5-10 3-12s12 4 9 9-10 4-12 3c-2 0-2 3 0 3s1 3-1 3",
  rectangle: "M4 6h2M9 6h2M14 6h2M19 6h1v2M20 11v2M20 16v2h-1M16 18h-2M11 18h-2M6 18H4v-2M4 13v-2",
  closer: "M12 5v14M5 12h14",
  farther: "M5 12h14",
  home: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  invert: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18M12 7h5M12 11h8M12 15h7",
  clear: "M6 6l12 12M18 6L6 18",
  density: "M12 12m-1.5 0a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M12 6.5c4 0 6 2.5 6 5.5s-2 5.5-6 5.5-6-2.5-6-5.5 2-5.5 6-5.5M2.5 13c0-6 4-10 10-10s9 4 9 9-4 9-10 9",
  keys: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.01",
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

function makeGroup(...buttons) {
  const holder = make("div", "wb-tools");
  holder.append(...buttons);
  return holder;
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

function writeCount(number, word) {
  return `${number.toLocaleString("en")} ${number === 1 ? word : `${word}s`}`;
}
