/** The map: one MapLibre map, and a second one beside it while two generations are compared. */

import maplibregl, { type CanvasSource, type Map as GlMap, type StyleSpecification } from "maplibre-gl";
import { buildingColours, paint, relief, type View } from "./paint";
import type { Grids } from "./grids";
import type { Head, Payload } from "./payload";
import * as scene from "./scene";

interface Tones {
  land: string;
  street: string;
  casing: string;
  roof: string;
  text: string;
  halo: string;
  boundary: string;
  outline: string;
  spot: string;
  ring: string;
  site: string;
}

const LIGHT: Tones = {
  land: "#f1f0ec", street: "#ffffff", casing: "#dcdad3", roof: "#cfcdc7",
  text: "#55606c", halo: "#ffffffd0", boundary: "#2a333d",
  outline: "#5b5e63", spot: "#ffffff", ring: "#68717b", site: "#8c0f5c",
};
const DARK: Tones = {
  land: "#161a1f", street: "#2a3038", casing: "#20252b", roof: "#3a424c",
  text: "#aab4bf", halo: "#101418d0", boundary: "#d5dbe2",
  outline: "#0b0e11", spot: "#161a1f", ring: "#98a2ad", site: "#ffb3dd",
};
const SITE = "#d01c8b";
/** Streets and relief shine through the layer this much. */
const OPACITY = 0.86;

export interface Shapes {
  buildings: ReturnType<typeof scene.buildings>;
  streets: ReturnType<typeof scene.streets>;
}

/** One map with its layer; `show` changes the view, `solid` switches between plan and relief. */
export class LayerMap {
  readonly map: GlMap;
  private readonly canvases: HTMLCanvasElement[];
  private readonly ground = document.createElement("canvas");
  private view: View;
  private readonly loaded: Promise<void>;

  constructor(
    container: HTMLElement,
    private readonly payload: Payload,
    private readonly grids: Grids,
    shapes: Shapes,
    view: View,
    solid: boolean,
    camera?: { center: maplibregl.LngLatLike; zoom: number; pitch: number; bearing: number },
  ) {
    const { head } = payload;
    this.view = view;
    this.canvases = head.area.tiles.map((tile) => {
      const canvas = document.createElement("canvas");
      paint(canvas, tile, head, grids, view);
      return canvas;
    });
    this.map = new maplibregl.Map({
      container,
      style: this.style(shapes, solid),
      ...(camera ?? { bounds: frame(head), fitBoundsOptions: { padding: 24 } }),
      maxPitch: 70,
      minZoom: 10,
      maxZoom: 20,
      attributionControl: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: window.devicePixelRatio < 2, preserveDrawingBuffer: true },
    });
    this.loaded = new Promise((done) => this.map.once("load", () => done()));
    this.loaded.then(() => this.colourBuildings());
  }

  show(view: View): void {
    this.view = view;
    this.loaded.then(() => {
      this.payload.head.area.tiles.forEach((tile, i) => {
        paint(this.canvases[i]!, tile, this.payload.head, this.grids, this.view);
        const source = this.map.getSource(`layer-${i}`) as CanvasSource;
        source.play(); // a still canvas is only read again while it plays
        source.pause();
      });
      this.colourBuildings();
      this.map.triggerRepaint();
    });
  }

  solid(on: boolean): void {
    this.loaded.then(() => {
      const shown = (yes: boolean) => (yes ? "visible" : "none");
      this.map.setLayoutProperty("buildings", "visibility", shown(on));
      this.map.setLayoutProperty("footprints", "visibility", shown(!on));
      this.map.setLayoutProperty("outlines", "visibility", shown(!on));
    });
  }

  candidates(on: boolean): void {
    this.loaded.then(() => this.map.setLayoutProperty("candidates", "visibility", on ? "visible" : "none"));
  }

  select(site: string): void {
    this.loaded.then(() => this.map.setFilter("chosen", ["==", ["get", "id"], site]));
  }

  /** Put on the tones of the colour scheme that is in force now. */
  recolour(): void {
    this.loaded.then(() => {
      const dark = darkNow();
      const tone = dark ? DARK : LIGHT;
      const put: [string, string, unknown][] = [
        ["land", "background-color", tone.land],
        ["squares", "fill-color", tone.street],
        ["casings", "line-color", tone.casing],
        ["streets", "line-color", tone.street],
        ["footprints", "fill-color", tone.roof],
        ["outlines", "line-color", tone.outline],
        ["boundary-halo", "line-color", tone.halo],
        ["boundary", "line-color", tone.boundary],
        ["names", "text-color", tone.text],
        ["names", "text-halo-color", tone.halo],
        ["buildings", "fill-extrusion-color", roofs(tone)],
        ["candidates", "circle-color", tone.spot],
        ["candidates", "circle-stroke-color", tone.ring],
        ["site-names", "text-color", tone.site],
        ["site-names", "text-halo-color", tone.halo],
      ];
      for (const [layer, name, value] of put) this.map.setPaintProperty(layer, name as never, value as never);
      relief(this.payload.head, this.grids, dark, this.ground);
      const source = this.map.getSource("relief") as CanvasSource;
      source.play();
      source.pause();
      this.map.triggerRepaint();
    });
  }

  destroy(): void {
    this.map.remove();
  }

  private colourBuildings(): void {
    this.map.removeFeatureState({ source: "buildings" });
    buildingColours(this.payload.head, this.grids, this.view).forEach((colour, i) => {
      if (colour) this.map.setFeatureState({ source: "buildings", id: i + 1 }, { colour });
    });
  }

  private style(shapes: Shapes, solid: boolean): StyleSpecification {
    const { head } = this.payload;
    const dark = darkNow();
    const tone = dark ? DARK : LIGHT;
    const ground = relief(head, this.grids, dark, this.ground);
    const wide = (factor: number): maplibregl.ExpressionSpecification => [
      "interpolate", ["exponential", 2], ["zoom"],
      13, ["*", ["get", "width"], 0.09 * factor], 20, ["*", ["get", "width"], 11.5 * factor],
    ];
    const sources: StyleSpecification["sources"] = {
      relief: { type: "canvas", canvas: ground, animate: false, coordinates: corners(head) } as never,
      buildings: { type: "geojson", data: shapes.buildings, tolerance: 0.1, maxzoom: 17 },
      streets: { type: "geojson", data: shapes.streets },
      boundary: { type: "geojson", data: scene.boundary(head) },
      sectors: { type: "geojson", data: scene.sectors(head) },
      sites: { type: "geojson", data: scene.sites(head) },
    };
    head.area.tiles.forEach((tile, i) => {
      const canvas = this.canvases[i]!;
      sources[`layer-${i}`] = { type: "canvas", canvas, animate: false, coordinates: tile.corners } as never;
    });
    const seen = (yes: boolean) => ({ visibility: yes ? ("visible" as const) : ("none" as const) });
    const font = { "text-font": ["sans-serif"] };
    return {
      version: 8,
      light: { anchor: "map", position: [1.3, 315, 40], intensity: dark ? 0.28 : 0.34 },
      sources,
      layers: [
        { id: "land", type: "background", paint: { "background-color": tone.land } },
        {
          id: "relief", type: "raster", source: "relief",
          paint: { "raster-fade-duration": 0, "raster-opacity": 0.8 },
        },
        {
          id: "squares", type: "fill", source: "streets",
          filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": tone.street },
        },
        {
          id: "casings", type: "line", source: "streets",
          layout: { "line-cap": "round", "line-join": "round" },
          filter: ["==", ["geometry-type"], "LineString"],
          paint: { "line-color": tone.casing, "line-width": wide(1.35) },
        },
        {
          id: "streets", type: "line", source: "streets",
          layout: { "line-cap": "round", "line-join": "round" },
          filter: ["==", ["geometry-type"], "LineString"],
          paint: { "line-color": tone.street, "line-width": wide(1) },
        },
        {
          id: "footprints", type: "fill", source: "buildings", layout: seen(!solid),
          paint: { "fill-color": tone.roof, "fill-antialias": false },
        },
        ...head.area.tiles.map((_, i) => ({
          id: `layer-${i}`, type: "raster" as const, source: `layer-${i}`,
          paint: {
            "raster-resampling": "nearest" as const, "raster-fade-duration": 0, "raster-opacity": OPACITY,
          },
        })),
        {
          id: "outlines", type: "line", source: "buildings", layout: seen(!solid), minzoom: 14,
          paint: {
            "line-color": tone.outline,
            "line-opacity": 0.55,
            "line-width": ["interpolate", ["linear"], ["zoom"], 14, 0.25, 18, 1],
          },
        },
        {
          id: "boundary-halo", type: "line", source: "boundary",
          paint: { "line-color": tone.halo, "line-width": 4 },
        },
        {
          id: "boundary", type: "line", source: "boundary",
          paint: { "line-color": tone.boundary, "line-width": 1.4, "line-dasharray": [4, 2.5] },
        },
        {
          id: "names", type: "symbol", source: "streets", minzoom: 15.2,
          filter: ["!=", ["get", "name"], ""],
          layout: {
            "symbol-placement": "line", "text-field": ["get", "name"], "text-size": 11,
            "symbol-spacing": 340, ...font,
          },
          paint: { "text-color": tone.text, "text-halo-color": tone.halo, "text-halo-width": 1.4 },
        },
        {
          id: "buildings", type: "fill-extrusion", source: "buildings", layout: seen(solid),
          paint: {
            "fill-extrusion-color": roofs(tone), "fill-extrusion-height": ["get", "height"],
            "fill-extrusion-opacity": 0.94,
          },
        },
        {
          id: "candidates", type: "circle", source: "sites", filter: ["!", ["get", "built"]],
          paint: {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 1.8, 17, 4.5],
            "circle-color": tone.spot, "circle-opacity": 0.75, "circle-stroke-opacity": 0.8,
            "circle-stroke-color": tone.ring, "circle-stroke-width": 1,
          },
        },
        {
          id: "sectors", type: "fill", source: "sectors",
          paint: { "fill-color": SITE, "fill-opacity": 0.42 },
        },
        {
          id: "sector-edges", type: "line", source: "sectors",
          paint: { "line-color": SITE, "line-width": 1.1, "line-opacity": 0.9 },
        },
        {
          id: "sites", type: "circle", source: "sites", filter: ["get", "built"],
          paint: {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 3.6, 17, 7],
            "circle-color": SITE, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.6,
          },
        },
        {
          id: "chosen", type: "circle", source: "sites", filter: ["==", ["get", "id"], ""],
          paint: {
            "circle-radius": 14, "circle-color": "#00000000",
            "circle-stroke-color": SITE, "circle-stroke-width": 2.4,
          },
        },
        {
          id: "site-names", type: "symbol", source: "sites", minzoom: 13, filter: ["get", "built"],
          layout: {
            "text-field": ["get", "label"], "text-anchor": "bottom", "text-offset": [0, -0.7],
            "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10.5, 16, 13], "text-padding": 1, ...font,
          },
          paint: {
            "text-color": tone.site, "text-halo-color": tone.halo,
            "text-halo-width": 1.8,
          },
        },
      ],
    };
  }
}

function darkNow(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** A roof takes the colour of its level, or the tone of the scheme. */
function roofs(tone: Tones): maplibregl.ExpressionSpecification {
  return ["case", ["!=", ["feature-state", "colour"], null], ["to-color", ["feature-state", "colour"]], tone.roof];
}

type Corners = [[number, number], [number, number], [number, number], [number, number]];

/** The four corners of the whole grid, north-west first. */
export function corners(head: Head): Corners {
  const { tiles, shape } = head.area;
  const at = (row: number, column: number, corner: number) =>
    tiles.find((tile) => tile.rows[row ? 1 : 0] === row && tile.columns[column ? 1 : 0] === column)!
      .corners[corner]!;
  return [at(0, 0, 0), at(0, shape[1], 1), at(shape[0], shape[1], 2), at(shape[0], 0, 3)];
}

export function frame(head: Head): [[number, number], [number, number]] {
  const all = corners(head);
  const [lon, lat] = [all.map((corner) => corner[0]), all.map((corner) => corner[1])];
  return [
    [Math.min(...lon), Math.min(...lat)],
    [Math.max(...lon), Math.max(...lat)],
  ];
}

/** Keep two maps on the same camera. */
export function tie(one: GlMap, other: GlMap): () => void {
  let busy = false;
  const follow = (leader: GlMap, follower: GlMap) => () => {
    if (busy) return;
    busy = true;
    follower.jumpTo({
      center: leader.getCenter(), zoom: leader.getZoom(),
      pitch: leader.getPitch(), bearing: leader.getBearing(),
    });
    busy = false;
  };
  const [there, back] = [follow(one, other), follow(other, one)];
  one.on("move", there);
  other.on("move", back);
  return () => {
    one.off("move", there);
    other.off("move", back);
  };
}
