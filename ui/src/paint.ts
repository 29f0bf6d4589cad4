/** Colours: from codes to pictures and to building colours; nothing here knows the map library. */

import { classOf, decoded, type Grids, type Place } from "./grids";
import type { Cell, Head, Layer, Tile } from "./payload";

export interface View {
  layer: string;
  rat: string;
  place: Place;
  palette: string;
}

/** Outdoor pixels keep this much of their strength while the indoors are shown. */
const FAINT = 70;

export function layerOf(head: Head, name: string): Layer {
  return head.layers.find((layer) => layer.name === name) ?? head.layers[0]!;
}

/** Which RATs a layer has maps for. */
export function ratsOf(layer: Layer): string[] {
  return [...new Set(layer.maps.map((variable) => variable.slice(0, variable.indexOf("_"))))];
}

export function variableOf(layer: Layer, rat: string, place: string): string {
  return `${rat}_${layer.name}_${place}`;
}

/** Cells of one RAT in their order; servers are counted among these. */
export function cellsOf(head: Head, rat: string): Cell[] {
  const all = head.network.cells;
  return all.some((cell) => cell["rat"]) ? all.filter((cell) => cell["rat"] === rat) : all;
}

/** Class colours of a layer in the chosen palette. */
export function coloursOf(head: Head, layer: Layer, palette: string): string[] {
  const own = layer.kind === "cells" || !layer.palette;
  const anchors = head.palettes[palette];
  if (own || !anchors || palette === layer.palette) return layer.colours;
  return spread(anchors, layer.edges.length + 1);
}

/** Red, green, blue of every code (palette of cells: code = cell number + 1). */
export function lookup(head: Head, layer: Layer, view: View): Uint8Array {
  const colours = coloursOf(head, layer, view.palette).map(rgb);
  const count = layer.kind === "cells" ? head.network.cells.length + 1 : 256;
  const table = new Uint8Array(count * 3);
  for (let code = 1; code < count; code++) {
    const number =
      layer.kind === "cells"
        ? (head.server_colours[view.rat]?.[code - 1] ?? 0)
        : classOf(layer, decoded(layer, code));
    table.set(colours[number % colours.length]!, code * 3);
  }
  return table;
}

/** Paint one tile of the view onto a canvas of one pixel per map pixel. */
export function paint(
  canvas: HTMLCanvasElement,
  tile: Tile,
  head: Head,
  grids: Grids,
  view: View,
): void {
  const layer = layerOf(head, view.layer);
  const [top, bottom] = tile.rows;
  const [left, right] = tile.columns;
  canvas.width = right - left;
  canvas.height = bottom - top;
  const context = canvas.getContext("2d")!;
  const picture = context.createImageData(canvas.width, canvas.height);
  const table = lookup(head, layer, view);
  const draw = (variable: string, alpha: number) => {
    if (!grids.has(variable)) return;
    const codes = grids.codes(variable);
    const cells = layer.kind === "cells";
    let at = 0;
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++, at += 4) {
        const i = row * grids.columns + column;
        const code = codes[i]!;
        if (code === 0) continue;
        const dim = cells && edge(codes, i, grids.columns) ? 0.72 : 1;
        for (let band = 0; band < 3; band++) picture.data[at + band] = table[code * 3 + band]! * dim;
        picture.data[at + 3] = alpha;
      }
  };
  draw(variableOf(layer, view.rat, "outdoor"), view.place === "outdoor" ? 255 : FAINT);
  if (view.place !== "outdoor") draw(variableOf(layer, view.rat, view.place), 255);
  context.putImageData(picture, 0, 0);
}

/** Whether another cell begins to the right or below. */
function edge(codes: Uint16Array, i: number, columns: number): boolean {
  const right = codes[i + 1];
  const below = codes[i + columns];
  return (!!right && right !== codes[i]) || (!!below && below !== codes[i]);
}

/** Colour of each building (by number − 1): its mean level, or the cell most of it hears best. */
export function buildingColours(head: Head, grids: Grids, view: View): (string | null)[] {
  const layer = layerOf(head, view.layer);
  const variable = variableOf(layer, view.rat, view.place);
  const colours: (string | null)[] = new Array(head.buildings.count).fill(null);
  if (view.place === "outdoor" || !grids.has(variable)) return colours;
  const codes = grids.codes(variable);
  const chosen = layer.kind === "cells" ? majority(codes, grids, colours.length) : mean(codes, grids, colours.length);
  const table = lookup(head, layer, view);
  for (let i = 0; i < colours.length; i++) {
    const code = chosen[i]!;
    if (code) colours[i] = `rgb(${table[code * 3]},${table[code * 3 + 1]},${table[code * 3 + 2]})`;
  }
  return colours;
}

function mean(codes: Uint16Array, grids: Grids, count: number): Float64Array {
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  for (let i = 0; i < codes.length; i++) {
    const building = grids.footprint[i]!;
    if (building === 0 || codes[i] === 0) continue;
    sums[building - 1]! += codes[i]!;
    counts[building - 1]! += 1;
  }
  return sums.map((sum, i) => (counts[i]! ? Math.round(sum / counts[i]!) : 0));
}

/** Boyer–Moore vote: exact where one cell has more than half of the building. */
function majority(codes: Uint16Array, grids: Grids, count: number): Float64Array {
  const leader = new Float64Array(count);
  const votes = new Int32Array(count);
  for (let i = 0; i < codes.length; i++) {
    const building = grids.footprint[i]! - 1;
    const code = codes[i]!;
    if (building < 0 || code === 0) continue;
    if (votes[building] === 0) leader[building] = code;
    votes[building]! += leader[building] === code ? 1 : -1;
  }
  return leader;
}

/** Shaded relief of the ground: light from the north-west, clear where it is flat. */
export function relief(head: Head, grids: Grids, dark: boolean, canvas: HTMLCanvasElement): HTMLCanvasElement {
  const [rows, columns] = head.ground.shape;
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d")!;
  const picture = context.createImageData(columns, rows);
  const run = head.area.pixel_m * head.ground.every * 2;
  const z = (row: number, column: number) =>
    grids.ground[
      Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column))
    ]! * head.ground.step_m;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      // slopes over five pixels: the steps of the stored heights must not show as terraces
      const east = (z(row, column + 2) - z(row, column - 2)) / (2 * run);
      const south = (z(row + 2, column) - z(row - 2, column)) / (2 * run);
      const light = -(east + south) * 3.2;
      const at = (row * columns + column) * 4;
      picture.data.fill(light > 0 ? (dark ? 150 : 255) : 0, at, at + 3);
      picture.data[at + 3] = Math.min(dark ? 90 : 70, Math.abs(light) * 160);
    }
  context.putImageData(picture, 0, 0);
  return canvas;
}

function rgb(colour: string): [number, number, number] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) as [number, number, number];
}

/** Spread a palette over another number of classes, in linear light (as `legend.interpolated`). */
function spread(colours: string[], count: number): string[] {
  if (count === colours.length) return colours;
  const linear = colours.map((colour) => rgb(colour).map((level) => (level / 255) ** 2.2));
  return Array.from({ length: count }, (_, i) => {
    const at = (i * (colours.length - 1)) / (count - 1);
    const low = Math.min(Math.floor(at), colours.length - 2);
    const levels = [0, 1, 2].map((band) => {
      const mixed = linear[low]![band]! * (low + 1 - at) + linear[low + 1]![band]! * (at - low);
      return Math.round(mixed ** (1 / 2.2) * 255);
    });
    return "#" + levels.map((level) => level.toString(16).padStart(2, "0")).join("");
  });
}
