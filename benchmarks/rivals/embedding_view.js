// SPDX-License-Identifier: Apache-2.0
// EmbeddingView of embedding-atlas, fed as the workbench feeds its own map: columns fetched once, then drawn.
import { EmbeddingView } from "./node_modules/embedding-atlas/dist/component.js";

const mounted = new WeakMap();

export default function mount({ parentElement, data }) {
  const root = parentElement.querySelector(".rival");
  if (mounted.has(root)) return;
  mounted.set(root, true);
  const fetched = (address) =>
    fetch(address, { headers: { authorization: `Bearer ${data.token}` } }).then((answer) => answer.arrayBuffer());
  Promise.all([data.x, data.y, data.category].map(fetched)).then(([x, y, category]) => {
    new EmbeddingView(root, {
      data: { x: new Float32Array(x), y: new Float32Array(y), category: new Uint8Array(category) },
      categoryColors: data.colours,
      width: root.clientWidth,
      height: root.clientHeight,
      config: { mode: "points", colorScheme: "light" },
    });
    root.dataset.given = "true";
  });
}
