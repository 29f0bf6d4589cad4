/** Charts as SVG: they print, scale, and can be read out. */

import { h, number, s } from "./dom";
import type { Series } from "./payload";

export interface Axis {
  label: string;
  log?: boolean;
  from?: number;
  to?: number;
  percent?: boolean;
}

export interface Band {
  from: number;
  to: number;
  label: string;
}

const SIZE = { width: 560, height: 300, left: 62, right: 18, top: 16, bottom: 44 };
/** Series by name keep their colour on every chart; others take the next. */
const KNOWN: Record<string, string> = { "4G": "var(--lte)", "5G": "var(--nr)" };
const OTHERS = ["var(--nr)", "var(--lte)", "var(--third)", "var(--quiet)"];

/** Lines over two axes, with a rule that follows the pointer. */
export function lines(title: string, series: Series[], x: Axis, y: Axis, band?: Band, dashed = -1): HTMLElement {
  const all = series.map((one) => ({ ...one, points: points(one, x, y) }));
  const fx = scale(x, all.flatMap((one) => one.points.map((p) => p[0])), SIZE.left, SIZE.width - SIZE.right);
  const fy = scale(y, all.flatMap((one) => one.points.map((p) => p[1])), SIZE.height - SIZE.bottom, SIZE.top);
  const drawn = all.map((one, i) => {
    const path = one.points.map((p, k) => `${k ? "L" : "M"}${fx.at(p[0]).toFixed(1)} ${fy.at(p[1]).toFixed(1)}`).join("");
    const stroke = i === dashed ? "var(--quiet)" : colour(one.name, i);
    return s("path", { d: path, class: "series", stroke, "stroke-dasharray": i === dashed ? "5 4" : undefined });
  });
  const shade = band && s("g", {}, s("rect", { class: "band", x: fx.at(band.from), y: SIZE.top, width: fx.at(band.to) - fx.at(band.from), height: SIZE.height - SIZE.top - SIZE.bottom }), s("text", { class: "band-label", x: (fx.at(band.from) + fx.at(band.to)) / 2, y: SIZE.top + 14 }, band.label));
  const rule = s("line", { class: "rule", y1: SIZE.top, y2: SIZE.height - SIZE.bottom, visibility: "hidden" });
  const svg = s("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img", "aria-label": title }, shade, ...axes(fx, fy, x, y), ...drawn, rule);
  const read = h("p", { class: "chart-read", "aria-hidden": "true" }, "\u00a0");
  follow(svg, rule, read, all, fx, x, y);
  return figure(title, svg, key(series.map((one, i) => [one.name, i === dashed ? "var(--quiet)" : colour(one.name, i)])), read);
}

/** Factors of a ratio as steps on a logarithmic axis, ending in their product. */
export function waterfall(title: string, factors: { name: string; value: number }[], unit: string): HTMLElement {
  const product = factors.reduce((all, one) => all * one.value, 1);
  const load = factors.findIndex((one) => one.name === "Load");
  const alone = factors.slice(0, load).reduce((all, one) => all * one.value, 1);
  const steps = factors.map((one) => ({ ...one, total: false }));
  const last = { name: load < 0 ? "Together" : "In the busy hour", value: product, total: true };
  // what the radios do, and what the users of a cell do to each other, end in two ratios
  if (load > 0) steps.splice(load, 0, { name: "Alone in the cell", value: alone, total: true });
  steps.push(last);
  let level = 1;
  const spans = steps.map((step) => {
    const from = step.total ? 1 : level;
    level = step.total ? level : level * step.value;
    return { ...step, from, to: step.total ? step.value : level };
  });
  const height = 30 * steps.length + 58;
  const edges = spans.flatMap((span) => [span.from, span.to]);
  const fx = scale({ label: "", log: true, from: Math.min(...edges) * 0.85, to: Math.max(...edges) * 1.25 }, edges, 206, SIZE.width - 60);
  const rows = spans.map((span, i) => {
    const y = 12 + 30 * i;
    const [a, b] = [fx.at(Math.min(span.from, span.to)), fx.at(Math.max(span.from, span.to))];
    const kind = span.total ? "total" : span.value >= 1 ? "gain" : "loss";
    const next = spans[i + 1];
    return s("g", {},
      s("text", { class: span.total ? "row-label strong" : "row-label", x: 196, y: y + 14 }, span.name),
      s("rect", { class: kind, x: a, y, width: Math.max(1.5, b - a), height: 19, rx: 2 }),
      s("text", { class: "value-label", x: b + 6, y: y + 14 }, `× ${number(span.value, 2)}`),
      next && !next.total && s("line", { class: "join", x1: fx.at(span.to), x2: fx.at(span.to), y1: y + 19, y2: y + 30 }));
  });
  const bottom = height - 40;
  const ticks = fx.ticks.map((tick) => s("g", {}, s("line", { class: "grid", x1: fx.at(tick), x2: fx.at(tick), y1: 6, y2: bottom }), s("text", { class: "tick", x: fx.at(tick), y: bottom + 16, "text-anchor": "middle" }, number(tick))));
  const label = s("text", { class: "axis-label", x: (206 + SIZE.width - 60) / 2, y: height - 6, "text-anchor": "middle" }, unit);
  const told = `${title}: ${steps.map((step) => `${step.name} × ${number(step.value, 2)}`).join(", ")}.`;
  const svg = s("svg", { viewBox: `0 0 ${SIZE.width} ${height}`, role: "img", "aria-label": told }, ...ticks, ...rows, label);
  const kinds: [string, string][] = [["makes 5G faster", "var(--nr)"], ["makes it slower", "var(--lte)"], ["product", "var(--quiet)"]];
  return figure(title, svg, key(kinds), null);
}

/** A low–typical–high span as a small bar, all rows on one scale. */
export function range(low: number, typical: number, high: number, most: number): SVGElement {
  const x = (value: number) => 4 + (value / most) * 132;
  return s("svg", { viewBox: "0 0 140 14", class: "range", role: "img", "aria-label": `${number(low)} to ${number(high)}` },
    s("line", { x1: x(low), x2: x(high), y1: 7, y2: 7 }), s("circle", { cx: x(typical), cy: 7, r: 3.5 }));
}

interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

function scale(axis: Axis, values: number[], start: number, end: number): Scale {
  const low = axis.from ?? Math.min(...values);
  const high = axis.to ?? Math.max(...values);
  if (axis.log) {
    const [a, b] = [Math.log10(Math.max(low, 1e-3)), Math.log10(Math.max(high, 2e-3))];
    const at = (value: number) => start + ((Math.log10(Math.max(value, 10 ** a)) - a) / (b - a || 1)) * (end - start);
    return { at, ticks: decades(a, b) };
  }
  const step = nice((high - low) / 5);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-6; tick += step) ticks.push(+tick.toPrecision(10));
  return { at: (value) => start + ((value - low) / (high - low || 1)) * (end - start), ticks };
}

function decades(a: number, b: number): number[] {
  const marks = b - a > 2.2 ? [1] : b - a > 1.1 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = Math.floor(a); decade <= b; decade++)
    for (const mark of marks) {
      const tick = mark * 10 ** decade;
      if (Math.log10(tick) >= a - 1e-9 && Math.log10(tick) <= b + 1e-9) ticks.push(+tick.toPrecision(6));
    }
  return ticks;
}

function nice(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const lead = rough / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

function points(one: Series, x: Axis, y: Axis): [number, number][] {
  const found: [number, number][] = [];
  one.x.forEach((a, i) => {
    const b = one.y[i];
    if (a === null || b === null || b === undefined) return;
    if ((x.log && a <= 0) || (y.log && b <= 0)) return;
    found.push([a, b]);
  });
  return found;
}

function axes(fx: Scale, fy: Scale, x: Axis, y: Axis): SVGElement[] {
  const { width, height, left, right, top, bottom } = SIZE;
  const text = (axis: Axis, tick: number) => (axis.percent ? `${Math.round(tick * 100)} %` : number(tick));
  return [
    ...fy.ticks.map((tick) => s("g", {}, s("line", { class: "grid", x1: left, x2: width - right, y1: fy.at(tick), y2: fy.at(tick) }), s("text", { class: "tick", x: left - 7, y: fy.at(tick) + 3.5, "text-anchor": "end" }, text(y, tick)))),
    ...fx.ticks.map((tick) => s("g", {}, s("line", { class: "grid", x1: fx.at(tick), x2: fx.at(tick), y1: top, y2: height - bottom }), s("text", { class: "tick", x: fx.at(tick), y: height - bottom + 16, "text-anchor": "middle" }, text(x, tick)))),
    s("text", { class: "axis-label", x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, x.label),
  ];
}

function follow(svg: SVGElement, rule: SVGElement, read: HTMLElement, all: { name: string; points: [number, number][] }[], fx: Scale, x: Axis, y: Axis): void {
  const values = [...new Set(all.flatMap((one) => one.points.map((p) => p[0])))].sort((a, b) => a - b);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * SIZE.width;
    const near = values.reduce((best, value) => (Math.abs(fx.at(value) - px) < Math.abs(fx.at(best) - px) ? value : best), values[0]!);
    rule.setAttribute("x1", String(fx.at(near)));
    rule.setAttribute("x2", String(fx.at(near)));
    rule.setAttribute("visibility", "visible");
    const parts = all.map((one) => `${one.name} ${y.percent ? Math.round(between(one.points, near) * 100) + " %" : number(between(one.points, near))}`);
    read.textContent = `${x.percent ? Math.round(near * 100) + " %" : number(near)} ${x.label}: ${parts.join(" · ")}`;
  });
  svg.addEventListener("pointerleave", () => {
    rule.setAttribute("visibility", "hidden");
    read.textContent = "\u00a0";
  });
}

function between(points: [number, number][], x: number): number {
  const after = points.findIndex((p) => p[0] >= x);
  if (after === 0) return points[0]![1];
  if (after < 0) return points[points.length - 1]![1];
  const [a, b] = [points[after - 1]!, points[after]!];
  return a[1] + ((b[1] - a[1]) * (x - a[0])) / (b[0] - a[0] || 1);
}

function colour(name: string, i: number): string {
  return KNOWN[name] ?? OTHERS[i % OTHERS.length]!;
}

function key(names: [string, string][]): HTMLElement | null {
  if (names.length < 2) return null;
  return h("p", { class: "key" }, ...names.map(([name, stroke]) => h("span", {}, h("i", { style: `background:${stroke}` }), name)));
}

function figure(title: string, svg: SVGElement, names: HTMLElement | null, read: HTMLElement | null): HTMLElement {
  return h("figure", { class: "chart" }, h("figcaption", {}, title), names, svg as unknown as HTMLElement, read);
}
