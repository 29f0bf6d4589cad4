/** The grids: from stored codes to values, from a place on earth to a pixel. */

import type { Layer, Payload } from "./payload";

export type Place = "outdoor" | "indoor_ground" | "indoor_top";

export class Grids {
  readonly rows: number;
  readonly columns: number;
  /** Building number of each pixel, 0 = open. */
  readonly footprint: Int32Array;
  /** Ground above sea level, every other pixel, in steps. */
  readonly ground: Int32Array;
  private readonly kept = new Map<string, Uint16Array>();

  constructor(private readonly payload: Payload) {
    [this.rows, this.columns] = payload.head.area.shape;
    this.footprint = payload.deltas("footprint");
    this.ground = payload.differences("ground");
    const [rows, columns] = payload.head.ground.shape;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        if (column > 0) this.ground[at]! += this.ground[at - 1]!;
        else if (row > 0) this.ground[at]! += this.ground[at - columns]!;
      }
  }

  has(variable: string): boolean {
    return variable in this.payload.head.grids;
  }

  /** Codes of a variable on the whole grid; 0 = no data. */
  codes(variable: string): Uint16Array {
    const kept = this.kept.get(variable);
    if (kept) return kept;
    const grid = this.payload.head.grids[variable]!;
    const run = this.run(variable);
    const codes = new Uint16Array(this.rows * this.columns);
    let next = 0;
    for (let i = 0; i < codes.length; i++)
      if (this.footprint[i]! > 0 === grid.indoor) codes[i] = run[next++]!;
    this.kept.set(variable, codes);
    return codes;
  }

  /** Codes in row order of only those pixels the variable is about. */
  private run(variable: string): Uint16Array {
    const grid = this.payload.head.grids[variable]!;
    const bytes = this.payload.bytes(grid.array);
    const planes = grid.planes ?? 1;
    const length = bytes.length / planes;
    const values = new Uint16Array(length);
    for (let plane = 0; plane < planes; plane++) {
      let last = 0;
      for (let i = 0; i < length; i++) {
        const stored = bytes[plane * length + i]!;
        last = grid.left ? (last + stored) & 0xff : stored;
        values[i]! |= last << (8 * plane);
      }
    }
    grid.reference?.forEach((name, turn) => {
      // a second reference is taken from the first: a ratio is a difference of logarithms
      const sign = turn === 0 ? 1 : -1;
      const reference = this.run(name);
      for (let i = 0; i < length; i++) values[i] = (values[i]! + sign * reference[i]!) & 0xff;
    });
    return values;
  }

  /** Row and column of a place on earth, or null outside the map. */
  pixel(lon: number, lat: number): { row: number; column: number } | null {
    for (const tile of this.payload.head.area.tiles) {
      const at = within(tile.corners, lon, lat);
      if (!at) continue;
      const column = Math.floor(tile.columns[0] + at.u * (tile.columns[1] - tile.columns[0]));
      const row = Math.floor(tile.rows[0] + at.v * (tile.rows[1] - tile.rows[0]));
      return { row: Math.min(row, this.rows - 1), column: Math.min(column, this.columns - 1) };
    }
    return null;
  }

  groundAt(row: number, column: number): number {
    const { every, shape, step_m } = this.payload.head.ground;
    const at = Math.floor(row / every) * shape[1] + Math.floor(column / every);
    return this.ground[at]! * step_m;
  }
}

/** Value of a code in the layer's printed unit; NaN = no data. */
export function decoded(layer: Layer, code: number): number {
  if (code === 0) return NaN;
  if (layer.scale === "linear") return layer.origin + (code - 1) * layer.step;
  return code === 1 ? 0 : 10 ** (layer.origin + (code - 1) * layer.step);
}

/** Class of a value: 0 below the first edge. */
export function classOf(layer: Layer, value: number): number {
  let found = 0;
  while (found < layer.edges.length && value >= layer.edges[found]! - 1e-9) found++;
  return found;
}

/** Shares of the way east and south within four corners (bilinear, as the picture is drawn). */
function within(corners: [number, number][], lon: number, lat: number) {
  const y = mercator(lat);
  const [nw, ne, se, sw] = corners.map(([x, corner]) => [x, mercator(corner)] as const);
  let u = 0.5;
  let v = 0.5;
  for (let round = 0; round < 8; round++) {
    const at = (i: 0 | 1) =>
      (1 - v) * ((1 - u) * nw![i] + u * ne![i]) + v * ((1 - u) * sw![i] + u * se![i]);
    const du = (i: 0 | 1) => (1 - v) * (ne![i] - nw![i]) + v * (se![i] - sw![i]);
    const dv = (i: 0 | 1) => (1 - u) * (sw![i] - nw![i]) + u * (se![i] - ne![i]);
    const ex = lon - at(0);
    const ey = y - at(1);
    const det = du(0) * dv(1) - dv(0) * du(1);
    u += (ex * dv(1) - ey * dv(0)) / det;
    v += (ey * du(0) - ex * du(1)) / det;
  }
  return u >= 0 && u <= 1 && v >= 0 && v <= 1 ? { u, v } : null;
}

/** Web Mercator northing in degrees of longitude. */
export function mercator(lat: number): number {
  return (Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) * 180) / Math.PI;
}
