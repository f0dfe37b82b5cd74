// SPDX-License-Identifier: Apache-2.0
// regl-scatterplot, fed as the workbench feeds its own map: columns fetched once, then drawn; tells what a lasso took.
import createScatterplot from "regl-scatterplot";

const mounted = new WeakMap();

export default function mount({ parentElement, data }) {
  const root = parentElement.querySelector(".rival");
  if (mounted.has(root)) return;
  mounted.set(root, true);
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "width:100%;height:100%";
  root.append(canvas);
  const fetched = (address) =>
    fetch(address, { headers: { authorization: `Bearer ${data.token}` } }).then((answer) => answer.arrayBuffer());
  Promise.all([data.x, data.y, data.category].map(fetched)).then(async ([x, y, category]) => {
    const plot = createScatterplot({
      canvas,
      width: root.clientWidth,
      height: root.clientHeight,
      pointSize: 2,
      opacity: 0.4,
      colorBy: "valueA",
      pointColor: data.colours,
    });
    plot.subscribe("select", ({ points }) => (root.dataset.selected = points.length));
    const scaled = (column) => {
      const given = new Float32Array(column);
      let [low, high] = [Infinity, -Infinity];
      for (const value of given) [low, high] = [Math.min(low, value), Math.max(high, value)];
      return given.map((value) => ((value - low) / (high - low)) * 1.8 - 0.9);
    };
    await plot.draw({ x: scaled(x), y: scaled(y), valueA: Array.from(new Uint8Array(category)) });
    root.dataset.given = "true";
  });
}
