/** Reads what `packing.py` wrote: a JSON head and named byte arrays. */

export interface Legend {
  name: string;
  title: string;
  short: string;
  note: string;
  unit: string;
  edges: number[];
  colours: string[];
  palette: string;
  labels: string[];
  scale: "linear" | "log";
  origin: number;
  step: number;
  kind: "classes" | "cells";
  target: number | null;
  better: "higher" | "lower";
  factor: number;
  decimals: number;
}

export interface Shares {
  area: number[] | null;
  people: number[] | null;
  target_area?: number | null;
  target_people?: number | null;
}

export interface Layer extends Legend {
  maps: string[];
  shares: Record<string, Shares | null>;
}

export interface Grid {
  array: string;
  indoor: boolean;
  left: boolean;
  reference?: string[];
  planes?: number;
}

export interface Tile {
  rows: [number, number];
  columns: [number, number];
  corners: [number, number][];
}

export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;

export interface Site extends Row {
  site_id: string;
  status: string;
  lon: number;
  lat: number;
}

export interface Cell {
  cell_id: string;
  site_id: string;
  azimuth_deg: number;
  wedge: [number, number][];
  [name: string]: Value | [number, number][];
}

export interface Card {
  name: string;
  title: string;
  unit: string;
  note: string;
  value: Value;
}

export interface Column {
  name: string;
  title: string;
  unit: string;
  meaning: string;
  /** `share` (0 to 1, shown as per cent), `money`, `year`, or nothing. */
  format?: string;
  numeric: boolean;
}

export interface Table {
  id: string;
  title: string;
  columns: Column[];
  rows: Value[][];
}

export interface Series {
  name: string;
  x: (number | null)[];
  y: (number | null)[];
}

export interface Head {
  version: number;
  title: string;
  palette: string;
  palettes: Record<string, string[]>;
  area: {
    name: string;
    crs: string;
    attributions: string[];
    boundary: [number, number][][];
    shape: [number, number];
    pixel_m: number;
    tiles: Tile[];
  };
  buildings: { count: number; origin: [number, number]; step: number };
  streets: { count: number; names: string[] };
  /** How many times coarser than the results the stored steps and pixels are. */
  kept: { coarse: number; every: number; pixel_m: number };
  ground: { shape: [number, number]; every: number; step_m: number };
  layers: Layer[];
  grids: Record<string, Grid>;
  places: Record<string, string>;
  rats: Record<string, string>;
  server_colours: Record<string, Record<string, number>>;
  network: { sites: Site[]; cells: Cell[] };
  curves: Record<string, Series[]>;
  kpis: Card[];
  summaries: Record<string, Card[] | Value>;
  tables: Table[];
  assumptions: Table;
  sources: Table;
  provenance: Record<string, unknown>;
  /** Pages that lie beside this one. */
  pages: { title: string; file: string }[];
  arrays: Record<string, [number, number]>;
}

const VERSION = 1;

export class Payload {
  readonly head: Head;
  private readonly body: Uint8Array;

  constructor(content: ArrayBuffer) {
    const length = new DataView(content).getUint32(0, true);
    this.head = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length))) as Head;
    if (this.head.version !== VERSION) throw new Error(`payload version ${this.head.version}`);
    this.body = new Uint8Array(content, 4 + length);
  }

  bytes(name: string): Uint8Array {
    const place = this.head.arrays[name];
    if (!place) throw new Error(`the report holds no array "${name}"`);
    return this.body.subarray(place[0], place[0] + place[1]);
  }

  /** Zigzag varints, each a difference from the one before. */
  deltas(name: string): Int32Array {
    const values = this.differences(name);
    for (let i = 1; i < values.length; i++) values[i]! += values[i - 1]!;
    return values;
  }

  /** Zigzag varints as they stand. */
  differences(name: string): Int32Array {
    const bytes = this.bytes(name);
    const found = new Int32Array(bytes.length);
    let count = 0;
    for (let at = 0; at < bytes.length; ) {
      let value = 0;
      let shift = 0;
      let byte: number;
      do {
        byte = bytes[at++]!;
        value |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte & 0x80);
      found[count++] = (value >>> 1) ^ -(value & 1);
    }
    return found.slice(0, count);
  }
}
