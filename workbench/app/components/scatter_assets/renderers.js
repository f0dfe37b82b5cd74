// SPDX-License-Identifier: Apache-2.0
// Which back end draws.

// A graphics card that is only imitated takes some 600 ms for a million points, pixels set here take 50.
const IMITATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const PIXEL_LIMIT = 2000000;

/** Tell what draws WebGL 2 here: "card", "imitated" or "none"; found out once a page. */
function probeWebgl() {
  if (globalThis.workbenchScatterWebgl) return globalThis.workbenchScatterWebgl;
  const gl = document.createElement("canvas").getContext("webgl2");
  let found = "none";
  if (gl) {
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    found = IMITATED.test(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER)) ? "imitated" : "card";
    gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return (globalThis.workbenchScatterWebgl = found);
}

/** Name the back end for a map: the one that the page wants if it can be had. */
function chooseRenderer(header) {
  const wish = header.renderer;
  if (wish === "pixels") return "pixels";
  if (wish === "server" && header.raster) return "server";
  if (wish === "webgl" && probeWebgl() !== "none") return "webgl";
  if (wish === "auto" && probeWebgl() === "card") return "webgl";
  return header.total > PIXEL_LIMIT && header.raster ? "server" : "pixels";
}
