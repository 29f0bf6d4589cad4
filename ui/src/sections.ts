/** The sections below the map: figures, speed, plan, sites, cost, and where everything came from. */

import { lines, waterfall, type Axis } from "./charts";
import { h, number } from "./dom";
import type { Card, Head, Series, Table, Value } from "./payload";
import { tableView } from "./tables";

const CARDS = 8;
const SHARE: Axis = { label: "", percent: true, from: 0, to: 1 };

export function cards(head: Head): HTMLElement {
  const first = head.kpis.slice(0, CARDS).map((card) =>
    h("li", { class: "card" }, h("p", { class: "name" }, card.title), h("p", { class: "value" }, figureOf(card.value), card.unit && h("span", { class: "unit" }, ` ${card.unit}`)), card.note && h("p", { class: "note" }, card.note)),
  );
  return h("ul", { class: "cards", "aria-label": "Key figures" }, ...first);
}

export interface Section {
  id: string;
  title: string;
  element: HTMLElement;
}

export function sections(head: Head, fly: (site: string) => void): Section[] {
  const left = new Map(head.tables.map((table) => [table.id, table]));
  const take = (word: RegExp) => {
    const found = [...left.values()].filter((table) => word.test(table.id));
    found.forEach((table) => left.delete(table.id));
    return found.map((table) => tableView(table));
  };
  const made: [string, string, (Node | null)[]][] = [
    ["speed", "Speed: 4G beside 5G", [words(head, "claim", "when"), ...speedCharts(head), facts(head, "ratio", "How much faster"), facts(head, "speed", "Speed"), ...take(/^(speed|ratio|factor)/)]],
    ["plan", "The plan", [planChart(head), facts(head, "plan", "Selection"), facts(head, "pci", "Physical cell identities"), ...take(/^(plan|pci)/)]],
    ["sites", "Sites", [tableView(siteTable(head), { heading: false, onrow: (row) => fly(String(row[0])) }), ...take(/^(site|cell)/)]],
    ["cost", "Cost: what to buy and to pay", [facts(head, "cost", "Cost"), ...take(/^(cost|bill|capex|opex)/)]],
    ["assumptions", "Assumptions", [tableView(head.assumptions, { heading: false })]],
    ["sources", "Sources", [tableView(head.sources, { heading: false }), ...take(/^source/)]],
    ["figures", "All figures", [kpiTable(head).rows.length ? tableView(kpiTable(head), { heading: false }) : null, ...otherFacts(head), ...take(/./)]],
    ["provenance", "Made from", [provenance(head)]],
  ];
  return made
    .map(([id, title, parts]) => ({ id, title, parts: parts.filter((part): part is Node => !!part) }))
    .filter(({ parts }) => parts.length)
    .map(({ id, title, parts }) => ({ id, title, element: h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), h("div", { class: "parts" }, ...parts)) }));
}

function speedCharts(head: Head): (HTMLElement | null)[] {
  const curve = (name: string) => head.curves[name];
  const cdf = (name: string, title: string, label: string, band?: Parameters<typeof lines>[4]) => {
    const series = curve(name);
    if (!series) return null;
    // long thin tails must not push the curves into a corner
    const within = (low: number, high: number) => series.flatMap((one) => one.x.filter((v, i): v is number => v !== null && v > 0 && one.y[i]! > low && one.y[i]! < high));
    const [some, most] = [within(0.001, 2), within(-1, 0.999)];
    const from = 10 ** Math.floor(Math.log10(Math.max(0.1, Math.min(...some, 1e3))));
    const to = Math.max(...most.map((x) => x * 1.3), from * 10);
    return lines(title, clipped(series, from, to), { label, log: true, from, to }, SHARE, band);
  };
  const claim = { from: 10, to: 100, label: "10 to 100 ×" };
  const percentiles = curve("ratio_percentiles");
  return [
    cdf("dl_cdf", "Download in the busy hour: share of people at or below a speed", "Mbit/s"),
    cdf("ul_cdf", "Upload in the busy hour: share of people at or below a speed", "Mbit/s"),
    cdf("ratio_cdf", "5G over 4G in the busy hour: share of people at or below a ratio", "times faster", reach(curve("ratio_cdf"), claim)),
    percentiles && !curve("ratio_cdf") ? lines("5G over 4G by percentile", percentiles, { label: "percentile" }, { label: "", log: true }) : null,
    percentileTable(percentiles),
    factors(curve("ratio_factors_dl") ?? curve("ratio_factors"), "Where the download ratio comes from"),
    factors(curve("ratio_factors_ul"), "Where the upload ratio comes from"),
  ];
}

/** Curves without what lies beside the axis. */
function clipped(series: Series[], from: number, to: number): Series[] {
  return series.map((one) => {
    const kept = one.x.map((_, i) => i).filter((i) => (one.x[i] ?? 0) >= from && one.x[i]! <= to);
    return { ...one, x: kept.map((i) => one.x[i]!), y: kept.map((i) => one.y[i]!) };
  });
}

/** The band of the claim, cut to what the chart shows. */
function reach(series: Series[] | undefined, band: { from: number; to: number; label: string }) {
  const most = Math.max(...(series ?? []).flatMap((one) => one.x.filter((v): v is number => v !== null)), 0);
  return most > band.from * 1.3 ? { ...band, to: Math.min(band.to, most) } : undefined;
}

function percentileTable(series: Series[] | undefined): HTMLElement | null {
  const one = series?.[0];
  if (!one) return null;
  const table: Table = {
    id: "ratio_percentiles",
    title: "5G over 4G by percentile",
    columns: [
      { name: "percentile", title: "Percentile", unit: "%", meaning: "Share of users at or below", numeric: true },
      { name: "ratio", title: "5G over 4G", unit: "×", meaning: "Download speed ratio", numeric: true },
    ],
    rows: one.x.map((x, i) => [x, one.y[i] == null ? null : +one.y[i]!.toPrecision(3)]),
  };
  return tableView(table);
}

function factors(series: Series[] | undefined, title: string): HTMLElement | null {
  if (!series) return null;
  const steps = series.map((one) => ({ name: one.name, value: one.y[0] ?? NaN })).filter((one) => one.value > 0);
  return steps.length ? waterfall(title, steps, "times the 4G speed; factors multiply (geometric mean over people)") : null;
}

function planChart(head: Head): HTMLElement | null {
  const series = head.curves["coverage_by_sites"];
  return series ? lines("Covered share by number of sites, and what no plan can exceed", series, { label: "sites" }, SHARE, undefined, series.length > 1 ? series.length - 1 : -1) : null;
}

/** Sentences of the summaries, as one paragraph each. */
function words(head: Head, ...names: string[]): HTMLElement | null {
  const found = names.map((name) => head.summaries[name]).filter((text): text is string => typeof text === "string");
  return found.length ? h("div", { class: "words" }, ...found.map((text) => h("p", {}, text))) : null;
}

function facts(head: Head, name: string, title: string): HTMLElement | null {
  const found = head.summaries[name];
  if (!Array.isArray(found) || !found.length) return null;
  const rows = found.flatMap((card: Card) => [h("dt", {}, card.title), h("dd", {}, figureText(card.value), card.unit ? ` ${card.unit}` : "", card.note && card.note !== card.title ? h("span", { class: "note" }, ` ${card.note}`) : null)]);
  return h("div", { class: "facts" }, h("h3", {}, title), h("dl", {}, ...rows));
}

function otherFacts(head: Head): (HTMLElement | null)[] {
  const shown = ["headline", "claim", "when", "ratio", "speed", "plan", "pci", "cost"];
  return Object.keys(head.summaries)
    .filter((name) => !shown.includes(name))
    .map((name) => facts(head, name, name.charAt(0).toUpperCase() + name.slice(1).replace(/_/g, " ")));
}

/** Figures stand out; sentences do not. */
function figureText(value: Value): Node | string {
  const text = figureOf(value);
  return text.length > 24 ? text : h("b", {}, text);
}

function figureOf(value: Value): string {
  return typeof value === "number" ? number(value) : value === null ? "–" : String(value);
}

function kpiTable(head: Head): Table {
  const column = (name: string, title: string, numeric = false) => ({ name, title, unit: "", meaning: "", numeric });
  return {
    id: "kpis",
    title: "All figures",
    columns: [column("figure", "Figure"), column("value", "Value"), column("unit", "Unit"), column("note", "Note")],
    rows: head.kpis.filter((card) => !card.name.startsWith("card_")).map((card) => [card.title, card.value === null ? null : figureOf(card.value), card.unit, card.note]),
  };
}

/** Sites that carry cells, with what is set on their sectors. */
function siteTable(head: Head): Table {
  const column = (name: string, title: string, unit = "", numeric = false, meaning = "") => ({ name, title, unit, meaning, numeric, format: name.endsWith("_share") ? "share" : "" });
  const rows = head.network.sites.flatMap((site): Value[][] => {
    const mine = head.network.cells.filter((cell) => cell.site_id === site.site_id);
    if (!mine.length) return [];
    const list = (name: string) => [...new Set(mine.map((cell) => cell[name]))].filter((value) => value !== null && value !== undefined).join(" / ");
    const tilts = [...new Set(mine.map((cell) => Number(cell["mechanical_tilt_deg"] ?? 0) + Number(cell["electrical_tilt_deg"] ?? 0)))].map((tilt) => +tilt.toFixed(1)).join(" / ");
    return [[site.site_id, site["name"] === site.site_id ? "" : (site["name"] ?? ""), site.status, site["kind"] ?? "", site["height_m"] ?? null, new Set(mine.map((cell) => cell.cell_id)).size, list("azimuth_deg"), tilts, generations(head, mine), share(site["alone_share"]), share(site["outage_share"]), ...["nr", "lte"].map((rat) => mine.filter((cell) => (cell["rat"] ?? "nr") === rat).map((cell) => cell["pci"] ?? -1).filter((pci) => pci !== -1).join(" / "))]];
  });
  const columns = [
    column("site_id", "Site"), column("name", "Name"), column("status", "Status"), column("kind", "Kind"),
    column("height_m", "Antenna height", "m", true, "Above ground"), column("cells", "Sectors", "", true),
    column("azimuth_deg", "Azimuths", "°", false, "Clockwise from grid north"), column("tilt_deg", "Tilts", "°", false, "Mechanical plus electrical, positive downwards"),
    column("carrier", "Networks"), column("alone_share", "Covers by itself", "", true, "Share of the demand this site alone would cover"), column("outage_share", "Lost if it fails", "", true, "Share of the demand that loses coverage if this site fails"), column("pci_nr", "PCI, 5G", "", false, "Physical cell identities"), column("pci_lte", "PCI, 4G", "", false, "Physical cell identities"),
  ];
  return dropEmpty({ id: "sites", title: "Sites", columns, rows });
}

function generations(head: Head, cells: Head["network"]["cells"]): string {
  return [...new Set(cells.map((cell) => head.rats[String(cell["rat"])] ?? String(cell["carrier"] ?? "")))].sort().join(", ");
}

function share(value: Value | undefined): number | null {
  return typeof value === "number" ? value : null;
}

/** Leave out columns that say nothing in any row. */
function dropEmpty(table: Table): Table {
  const kept = table.columns.map((_, i) => table.rows.some((row) => row[i] !== null && row[i] !== "" && row[i] !== "-1"));
  const pick = <T>(row: T[]) => row.filter((_, i) => kept[i]);
  return { ...table, columns: pick(table.columns), rows: table.rows.map(pick) };
}

function provenance(head: Head): HTMLElement {
  const list = (value: Record<string, unknown>): HTMLElement =>
    h("dl", {}, ...Object.entries(value).flatMap(([name, item]) => {
      const nested = item !== null && typeof item === "object" && !Array.isArray(item);
      const text = Array.isArray(item) ? item.join(", ") : typeof item === "number" ? number(item, 4) : String(item ?? "–");
      return [h("dt", {}, name.replace(/_/g, " ")), h("dd", {}, nested ? list(item as Record<string, unknown>) : text)];
    }));
  return h("div", { class: "facts provenance" }, list(head.provenance));
}
