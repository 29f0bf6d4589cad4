/** The legend: classes, the target line, and the share of area and people in each class. */

import { h, percent } from "./dom";
import { classOf } from "./grids";
import { coloursOf, layerOf, variableOf, type View } from "./paint";
import type { Head, Layer, Shares } from "./payload";

interface ShareColumn {
  head: string;
  values: number[];
  target: number | null | undefined;
  rat: string;
}

export function legend(head: Head, view: View, rats: string[]): HTMLElement {
  const layer = layerOf(head, view.layer);
  const note = h("p", { class: "note" }, layer.note);
  if (layer.kind === "cells") return h("div", { class: "legend" }, heading(layer), note, servers(layer));
  const columns = shareColumns(head, layer, view, rats);
  const colours = coloursOf(head, layer, view.palette);
  const body = h("tbody");
  const order = layer.labels.map((_, i) => i).reverse();
  for (const i of order) {
    body.append(classRow(layer, i, colours[i]!, columns));
    if (targetBelow(layer, i)) body.append(targetRow(layer, columns));
  }
  const table = h("table", { class: "classes" }, h("caption", {}, "Share of each class, %"), headRow(columns), body);
  const people = view.place === "outdoor"
    ? "Area counts open ground inside the boundary; people are counted indoors, where they live."
    : "Area and residents of buildings inside the boundary.";
  return h("div", { class: "legend" }, heading(layer), table, note, h("p", { class: "note" }, people), coarser(head));
}

/** Say so where the page holds less than the results. */
function coarser(head: Head): HTMLElement | null {
  const { coarse, every, pixel_m } = head.kept;
  if (coarse === 1 && every === 1) return null;
  const parts = [
    every > 1 && `one of every ${every} × ${every} pixels (${pixel_m * every} m apart instead of ${pixel_m} m)`,
    coarse > 1 && `values in steps ${coarse} times coarser (${0.5 * coarse} dB, ${Math.round((10 ** (0.025 * coarse) - 1) * 100)} % of a speed)`,
  ];
  return h("p", { class: "note" }, `To stay small enough to mail, this page keeps ${parts.filter(Boolean).join(" and ")}. Shares are counted on the full maps, which are in results/.`);
}

function heading(layer: Layer): HTMLElement {
  return h("h3", {}, layer.title, layer.unit && h("span", { class: "unit" }, ` ${layer.unit}`));
}

function shareColumns(head: Head, layer: Layer, view: View, rats: string[]): ShareColumn[] {
  const columns: ShareColumn[] = [];
  for (const kind of ["area", "people"] as const)
    for (const rat of rats) {
      const shares: Shares | null | undefined = layer.shares[variableOf(layer, rat, view.place)];
      const values = shares?.[kind];
      if (!shares || !values) continue;
      const name = rats.length > 1 ? `${kind} ${head.rats[rat]}` : kind;
      columns.push({ head: name, values, target: shares[`target_${kind}`], rat });
    }
  return columns;
}

function headRow(columns: ShareColumn[]): HTMLElement {
  const heads = columns.map((column) => h("th", { scope: "col" }, column.head));
  return h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "swatch" }), h("th", { scope: "col" }), ...heads));
}

function classRow(layer: Layer, i: number, colour: string, columns: ShareColumn[]): HTMLElement {
  const cells = columns.map((column) => {
    const bar = h("span", { class: "bar", style: `width:${(column.values[i]! * 100).toFixed(1)}%` });
    return h("td", {}, bar, h("span", { class: "figure" }, percent(column.values[i])));
  });
  return h(
    "tr", {},
    h("td", { class: "swatch" }, h("span", { style: `background:${colour}` })),
    h("th", { scope: "row" }, layer.labels[i]!),
    ...cells,
  );
}

/** Whether the target lies at the lower edge of this class, or inside it. */
function targetBelow(layer: Layer, i: number): boolean {
  return layer.target !== null && classOf(layer, layer.target) === i;
}

function targetRow(layer: Layer, columns: ShareColumn[]): HTMLElement {
  const sign = layer.better === "lower" ? "≤" : "≥";
  const target = layer.better === "lower" ? Math.floor(layer.target!) : layer.target!;
  const text = `${sign} ${String(target).replace("-", "−")} target`;
  return h(
    "tr", { class: "target" },
    h("td", { class: "swatch" }),
    h("th", { scope: "row" }, text),
    ...columns.map((column) => h("td", {}, h("span", { class: "figure" }, percent(column.target)))),
  );
}

function servers(layer: Layer): HTMLElement {
  const swatches = layer.colours.map((colour) => h("span", { style: `background:${colour}` }));
  return h("div", { class: "swatches", "aria-hidden": "true" }, ...swatches);
}
