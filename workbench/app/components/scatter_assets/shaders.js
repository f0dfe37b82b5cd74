// SPDX-License-Identifier: Apache-2.0
// The programs of the graphics card: where a point is, and how much of a pixel its mark covers.

const PLACE_FLAT = `
layout(location = 0) in vec2 place;
layout(location = 1) in vec2 other;
uniform vec2 centreHigh; // the centre in two parts: float32 alone would tremble when zoomed in far
uniform vec2 centreLow;
uniform float share;
vec3 viewed() {
  vec2 at = share == 0.0 ? place : share == 1.0 ? other : place + (other - place) * share;
  return vec3((at - centreHigh) - centreLow, 0.0);
}`;

const PLACE_SPACE = `
layout(location = 0) in vec4 place;
uniform vec4 rows[3]; // from steps of the cube to view coordinates, the centre taken away
vec3 viewed() {
  vec4 at = vec4(place.xyz, 1.0);
  return vec3(dot(rows[0], at), dot(rows[1], at), dot(rows[2], at));
}`;

const vertexShader = (space) => `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
${space ? PLACE_SPACE : PLACE_FLAT}
layout(location = 2) in uint code;
layout(location = 3) in float size;
layout(location = 4) in uint state;
uniform sampler2D palette; // colours by code: in full, faded; transparent where hidden
uniform vec2 scale; // from view coordinates to the clip square
uniform float radius; // device pixels
uniform float opacity;
uniform int wanted; // 1: the selected points, 0: the others, -1: all
uniform int fading;
uniform bool valued;
uniform uvec2 limits;
uniform float shapes[48];
flat out vec4 tone;
flat out float reach;
flat out float shape;
flat out float extent;
void main() {
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0); // outside: not drawn
  gl_PointSize = 1.0;
  bool narrowed = valued && (code < limits.x || code > limits.y);
  if ((state & 6u) != 0u || (wanted >= 0 && int(state & 1u) != wanted) || narrowed) return;
  int entry = valued ? (code == 65535u ? 256 : int(code >> 8)) : int(code);
  tone = texelFetch(palette, ivec2(entry, fading), 0);
  if (tone.a == 0.0) return;
  vec3 at = viewed();
  float near = ${space ? "clamp(at.z / 1.4, -1.0, 1.0)" : "0.0"};
  tone.a = opacity * (1.0 + 0.25 * min(0.0, near));
  reach = radius * (0.6 + 1.4 * size) * (1.0 + 0.25 * near);
  shape = valued ? 0.0 : shapes[entry];
  extent = 2.0 * (1.3 * reach + 1.0);
  gl_PointSize = extent;
  gl_Position = vec4(at.xy * scale, 0.0, 1.0);
}`;

// The same outlines as in raster.js, as distances to their border in pixels.
const FRAGMENT_SHADER = `#version 300 es
precision highp float;
flat in vec4 tone;
flat in float reach;
flat in float shape;
flat in float extent;
out vec4 colour;
void main() {
  vec2 at = (gl_PointCoord - 0.5) * extent;
  vec2 away = abs(at);
  float beyond;
  if (shape < 0.5) beyond = length(at) - reach;
  else if (shape < 1.5) beyond = max(away.x, away.y) - 0.88 * reach;
  else if (shape < 2.5) beyond = max(at.y - 0.78 * reach, (1.75 * away.x - at.y - 1.05 * reach) / 2.0156);
  else if (shape < 3.5) beyond = (away.x + away.y - 1.25 * reach) / 1.4142;
  else beyond = max(min(away.x, away.y) - 0.3 * reach, max(away.x, away.y) - 1.15 * reach);
  float cover = clamp(0.5 - beyond, 0.0, 1.0) * tone.a;
  if (cover <= 0.0) discard;
  colour = vec4(tone.rgb, cover);
}`;
