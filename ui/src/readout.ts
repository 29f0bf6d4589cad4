/** The read-out: every layer's value at one point. */

import { h, number, percent, reading } from "./dom";
import { classOf, decoded, type Grids, type Place } from "./grids";
import { cellsOf, coloursOf, variableOf, type View } from "./paint";
import type { Head, Layer } from "./payload";

export interface Point {
  lon: number;
  lat: number;
  row: number;
  column: number;
  building: number;
}

export function pointAt(grids: Grids, lon: number, lat: number): Point | null {
  const at = grids.pixel(lon, lat);
  return at && { lon, lat, ...at, building: grids.footprint[at.row * grids.columns + at.column]! };
}

/** Value of a variable at a point as the legend's unit has it; NaN where there is none. */
export function valueAt(grids: Grids, layer: Layer, variable: string, point: Point): number {
  if (!grids.has(variable)) return NaN;
  return decoded(layer, grids.codes(variable)[point.row * grids.columns + point.column]!);
}

/** Text of a value: the cell's name for a server, else a figure. */
export function shown(head: Head, layer: Layer, rat: string, value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (layer.kind === "cells") return cellsOf(head, rat)[value]?.cell_id ?? "–";
  return reading(value, layer.decimals, layer.scale === "log");
}

/** One line for the pointer: the layer of the view at this point. */
export function hint(head: Head, grids: Grids, layer: Layer, view: View, rats: string[], point: Point): HTMLElement | null {
  const place = point.building ? (view.place === "outdoor" ? null : view.place) : "outdoor";
  if (!place) return h("span", {}, "Building: choose an indoor place to see inside");
  const parts = rats.map((rat) => {
    const value = valueAt(grids, layer, variableOf(layer, rat, place), point);
    const label = rats.length > 1 || rat !== "ratio" ? `${head.rats[rat]} ` : "";
    return h("span", {}, swatch(head, layer, { ...view, rat }, value), label, h("b", {}, shown(head, layer, rat, value)));
  });
  return h("span", { class: "hint-line" }, ...parts, layer.unit && h("span", { class: "unit" }, layer.unit));
}

/** The card of a pinned point. */
export function card(head: Head, grids: Grids, view: View, point: Point, close: () => void, site = ""): HTMLElement {
  const places: Place[] = point.building ? ["indoor_ground", "indoor_top"] : ["outdoor"];
  const known = (layer: Layer, place: Place) =>
    layer.maps.some((variable) => variable.endsWith("_" + place) && Number.isFinite(valueAt(grids, layer, variable, point)));
  const used = places.filter((place, i) => i === 0 || head.layers.some((layer) => known(layer, place)));
  const layers = head.layers.filter((layer) => used.some((place) => known(layer, place)));
  const rats = ["lte", "nr"].filter((rat) => head.layers.some((layer) => layer.maps.some((name) => name.startsWith(rat + "_"))));
  const rows = layers.map((layer) => layerRow(head, grids, layer, view, point, used, rats));
  const nothing = h("p", { class: "note" }, "Nothing was computed here.");
  const table = layers.length ? h("table", {}, headRows(head, used, rats), h("tbody", {}, ...rows)) : nothing;
  return h(
    "section", { class: "readout", "aria-label": "Values at the chosen point", "aria-live": "polite" },
    h("header", {}, h("div", {}, h("h3", {}, point.building ? "Inside a building" : "In the open"), h("p", { class: "note" }, facts(grids, point))),
      h("button", { type: "button", class: "close", "aria-label": "Close the read-out", onclick: close }, "×")),
    siteFacts(head, site),
    h("div", { class: "scroll" }, table),
  );
}

/** What is known of the site that was clicked. */
function siteFacts(head: Head, id: string): HTMLElement | null {
  const site = head.network.sites.find((one) => one.site_id === id);
  if (!site) return null;
  const cells = new Set(head.network.cells.filter((cell) => cell.site_id === id).map((cell) => cell.cell_id)).size;
  const share = (name: string) => (typeof site[name] === "number" ? `${percent(site[name] as number)} %` : "");
  const parts = [
    cells ? `${site.status}, ${cells} ${cells === 1 ? "sector" : "sectors"}` : "candidate, not chosen",
    site["kind"] && `${String(site["kind"])}, ${number(Number(site["height_m"]))} m`,
    share("alone_share") && `covers ${share("alone_share")} by itself`,
    share("outage_share") && `${share("outage_share")} lost if it fails`,
  ];
  return h("p", { class: "site" }, h("b", {}, `Site ${String(site["name"] || id)}`), ` · ${parts.filter(Boolean).join(" · ")}`);
}

function facts(grids: Grids, point: Point): string {
  const ground = `ground ${number(grids.groundAt(point.row, point.column), 3)} m above sea level`;
  return `${place(point.lat)}, ${place(point.lon)} · ${ground}`;
}

function place(degrees: number): string {
  return degrees.toFixed(5).replace("-", "−") + "°";
}

function headRows(head: Head, places: Place[], rats: string[]): HTMLElement {
  const generations = places.flatMap(() => rats.map((rat) => h("th", { scope: "col" }, head.rats[rat]!)));
  const tops = places.map((place) => h("th", { scope: "colgroup", colspan: rats.length }, head.places[place]!));
  return h(
    "thead", {},
    places.length > 1 && h("tr", {}, h("td", {}), ...tops, h("td", {})),
    h("tr", {}, h("th", { scope: "col" }, places.length > 1 ? "" : head.places[places[0]!]!), ...generations, h("th", { scope: "col" }, "")),
  );
}

function layerRow(head: Head, grids: Grids, layer: Layer, view: View, point: Point, places: Place[], rats: string[]): HTMLElement {
  const cells = places.flatMap((place) => {
    const both = layer.maps.some((name) => name.startsWith("ratio_"));
    return (both ? ["ratio"] : rats).map((rat) => {
      const variable = variableOf(layer, rat, place);
      const value = valueAt(grids, layer, variable, point);
      return h("td", { "data-variable": variable, "data-value": Number.isFinite(value) ? value : "", colspan: both ? rats.length : 1, class: both && rats.length > 1 ? "both" : undefined },
        swatch(head, layer, { ...view, rat }, value), shown(head, layer, rat, value));
    });
  });
  return h("tr", {}, h("th", { scope: "row" }, layer.short), ...cells, h("td", { class: "unit" }, layer.unit));
}

function swatch(head: Head, layer: Layer, view: View, value: number): HTMLElement | null {
  if (!Number.isFinite(value)) return null;
  const colours = coloursOf(head, layer, view.palette);
  const index = layer.kind === "cells" ? (head.server_colours[view.rat]?.[value] ?? 0) : classOf(layer, value);
  return h("i", { class: "dot", style: `background:${colours[index % colours.length]}` });
}
