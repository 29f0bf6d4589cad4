/** Tables: sorted by a click on a heading, copied as CSV by a button. */

import { range } from "./charts";
import { amount, h, number, percent } from "./dom";
import type { Column, Table, Value } from "./payload";

export interface TableOptions {
  onrow?: (row: Value[]) => void;
  heading?: boolean;
  level?: "h2" | "h3";
}

export function tableView(table: Table, options: TableOptions = {}): HTMLElement {
  const body = h("tbody");
  const spans = spanColumns(table);
  let rows = [...table.rows];
  const fill = () => body.replaceChildren(...rows.map((row) => bodyRow(table, row, spans, options)));
  const heads = table.columns.map((column, i) => {
    const button = h("button", { type: "button", title: column.meaning || undefined }, column.title, column.unit && column.format !== "share" && h("span", { class: "unit" }, ` ${column.unit}`));
    const head = h("th", { scope: "col", class: column.numeric ? "numeric" : undefined }, button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      rows = [...table.rows].sort((a, b) => (up ? 1 : -1) * compare(a[i]!, b[i]!));
      fill();
    });
    return head;
  });
  fill();
  const top = h(
    "header", {},
    options.heading !== false && h(options.level ?? "h3", {}, table.title),
    h("button", { type: "button", class: "copy", onclick: (event: Event) => copy(csv(table, rows), event.currentTarget as HTMLElement) }, "Copy as CSV"),
  );
  const head = h("thead", {}, h("tr", {}, ...heads, spans && h("th", { scope: "col" }, "Range")));
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": table.title }, h("table", {}, head, body));
  return h("div", { class: table.columns.length > 7 || spans ? "table wide" : "table", id: `table-${table.id}` }, top, table.rows.length ? scroll : h("p", { class: "note" }, "Nothing to show."));
}

export function csv(table: Table, rows: Value[][]): string {
  const cell = (value: Value) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [table.columns.map((column) => column.name), ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

async function copy(text: string, button: HTMLElement): Promise<void> {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // a page opened from disk may not be allowed the clipboard: the old way always is
    const area = h("textarea", { class: "off" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1600);
}

function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

interface Spans {
  low: number;
  typical: number;
  high: number;
  most: number;
}

/** Tables with a low, a typical and a high column get a drawn range; of several, the largest. */
function spanColumns(table: Table): Spans | null {
  const at = (name: string) => table.columns.findIndex((column) => column.numeric && column.name === name);
  const found = table.columns.flatMap(({ name }): Spans[] => {
    if (!/(^|_)low(_|$)/.test(name)) return [];
    const [low, typical, high] = ["low", "typical", "high"].map((word) => at(name.replace(/(^|_)low(_|$)/, `$1${word}$2`)));
    const most = Math.max(...table.rows.map((row) => Number(row[high!] ?? 0)));
    return low! < 0 || typical! < 0 || high! < 0 || !(most > 0) ? [] : [{ low: low!, typical: typical!, high: high!, most }];
  });
  return found.sort((a, b) => b.most - a.most)[0] ?? null;
}

/** A value as a person reads it; the copied CSV keeps the data's own figures. */
function shown(column: Column, value: Value): string {
  if (value === null || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return value;
  if (column.format === "share") return `${percent(value)} %`;
  if (column.format === "year") return String(value);
  return column.format === "money" ? amount(value) : number(value, 3, true);
}

function bodyRow(table: Table, row: Value[], spans: Spans | null, options: TableOptions): HTMLElement {
  const cells = row.map((value, i) => {
    const column = table.columns[i]!;
    return h("td", { class: column.numeric ? "numeric" : undefined }, shown(column, value));
  });
  const drawn = spans && h("td", {}, range(Number(row[spans.low] ?? 0), Number(row[spans.typical] ?? 0), Number(row[spans.high] ?? 0), spans.most));
  const element = h("tr", {}, ...cells, drawn);
  if (options.onrow) {
    element.classList.add("link");
    element.tabIndex = 0;
    element.addEventListener("click", () => options.onrow!(row));
    element.addEventListener("keydown", (event) => event.key === "Enter" && options.onrow!(row));
  }
  return element;
}
